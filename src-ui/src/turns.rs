//! Answers in the order of their questions: two calls overlap, and the earlier one may be answered last.

use leptos::prelude::*;

/// The questions of one kind.
#[derive(Clone, Copy)]
pub(crate) struct Turns(StoredValue<Taken>);

#[derive(Clone, Copy, Default)]
struct Taken {
    /// How many were asked.
    asked: u64,
    /// The latest one whose answer was taken.
    taken: u64,
}

/// One question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn(u64);

impl Turns {
    /// None asked yet.
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(Taken::default()))
    }

    /// Itself, unless what asks is gone from the page by now.
    pub(crate) fn if_there(self) -> Option<Self> {
        self.0.try_get_value().map(|_| self)
    }

    /// A question is asked.
    pub(crate) fn ask(self) -> Turn {
        self.0.update_value(|it| it.asked = it.asked.saturating_add(1));
        Turn(self.0.get_value().asked)
    }

    /// It was answered: whether the answer counts. It does not after the answer to a later question.
    #[must_use]
    pub(crate) fn take(self, turn: Turn) -> bool {
        let counts = turn.0 > self.0.get_value().taken;
        if counts {
            self.0.update_value(|it| it.taken = turn.0);
        }
        counts
    }

    /// Something was changed: answers to the questions that are asked by now do not count, for they may be older.
    pub(crate) fn drop_asked(self) {
        self.0.update_value(|it| it.taken = it.asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_after_a_later_one_does_not_count() {
        let owner = Owner::new();
        let turns = owner.with(Turns::new);
        let (first, second, third) = (turns.ask(), turns.ask(), turns.ask());
        assert!(turns.take(second));
        assert!(!turns.take(first));
        assert!(turns.take(third));
        let before_a_change = turns.ask();
        turns.drop_asked();
        assert!(!turns.take(before_a_change));
        assert!(turns.take(turns.ask()));
    }
}
