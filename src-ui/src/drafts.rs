//! What was typed and is neither recorded nor saved yet. It stays while another page, entry or connection is open, and is
//! forgotten once it is stored or again what is stored. What was typed about an entry also stays when the page is loaded
//! again (`stored_drafts`).

use std::collections::BTreeMap;

use desk::commands::look_for::Candidate;
use domain::{ConnectionId, Decision};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::form_draft::FormDraft;
use crate::stored_drafts::{self, Stored};

/// What a person chose as the outcome of a signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Choice {
    /// The candidate of this place.
    ThisOne(usize),
    /// A certificate that is not among the candidates, by its serial number.
    Another,
    /// No certificate was issued.
    NotThere,
}

/// A decision about a signing that is not recorded yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DecisionDraft {
    /// How the person knows, as typed.
    pub(crate) reason: String,
    /// The serial number of another certificate, as typed.
    pub(crate) serial: String,
    /// Whether the person said to have looked in PAM360's console. That was so then: the box itself is not ticked again when
    /// the entry is opened again, and the page says so.
    pub(crate) looked_in_console: bool,
    /// The choice, and the candidates among which it was made.
    chosen: Option<(Choice, Vec<Candidate>)>,
    /// The recorded decision that the person saw; none when there was none.
    over: Option<Decision>,
}

impl DecisionDraft {
    /// The choice among these candidates. One that was made among others does not count: the person has not seen these.
    pub(crate) fn choice(&self, among: &[Candidate]) -> Option<Choice> {
        self.chosen.as_ref().filter(|(_, then)| then == among).map(|(choice, _)| *choice)
    }

    /// Whether an answer was chosen.
    pub(crate) fn is_answered(&self) -> bool {
        self.chosen.is_some()
    }

    /// Chooses.
    pub(crate) fn choose(&mut self, choice: Choice, among: &[Candidate]) {
        self.chosen = Some((choice, among.to_vec()));
    }

    /// The person changes the draft and sees this decision.
    pub(crate) fn change_over(&mut self, recorded: Option<&Decision>, change: impl FnOnce(&mut Self)) {
        change(self);
        self.over = recorded.cloned();
        if *self == (Self { over: recorded.cloned(), ..Self::default() }) {
            *self = Self::default();
        }
    }

    /// This decision is recorded. If the draft was made over another one, what was found out no longer counts and the texts
    /// stay; true then.
    pub(crate) fn recorded(&mut self, recorded: Option<&Decision>) -> bool {
        let outdated = *self != Self::default() && self.over.as_ref() != recorded;
        if outdated {
            self.change_over(recorded, Self::drop_finding);
        }
        outdated
    }

    fn drop_finding(&mut self) {
        (self.looked_in_console, self.chosen) = (false, None);
    }
}

/// A text that differs from the stored one; none when it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TextDraft(Option<Typed>);

/// A typed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Typed {
    text: String,
    /// The stored text that it is to replace.
    over: String,
}

impl TextDraft {
    /// Notes what is typed.
    pub(crate) fn typed(&mut self, text: String, stored: &str) {
        let before = self.0.take();
        self.0 = (text != stored)
            .then(|| Typed { text, over: before.map_or_else(|| stored.to_owned(), |it| it.over) });
    }

    /// What the field shows.
    pub(crate) fn or(&self, stored: &str) -> String {
        self.0.as_ref().map_or(stored, |it| &it.text).to_owned()
    }

    /// The stored text that the person saw when they typed.
    pub(crate) fn seen(&self, stored: &str) -> String {
        self.0.as_ref().map_or(stored, |it| &it.over).to_owned()
    }

    /// What is typed, if another text was stored since the person began to type.
    pub(crate) fn conflict(&self, stored: &str) -> Option<String> {
        let other = |it: &&Typed| it.over != stored && it.text != stored;
        self.0.as_ref().filter(other).map(|it| it.text.clone())
    }

    /// The person has seen what is stored now, and what is typed is to replace it.
    pub(crate) fn keep_over(&mut self, stored: &str) {
        if let Some(it) = &mut self.0 {
            stored.clone_into(&mut it.over);
        }
    }

    /// What is typed is given up.
    pub(crate) fn drop_typed(&mut self) {
        self.0 = None;
    }

    /// Whether there is something to save.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.0.is_some()
    }

    /// The typed text `sent` was saved, and the journal stored it as `stored`, without the spaces around it. What was typed
    /// since stays, over the stored text.
    pub(crate) fn saved(&mut self, sent: &str, stored: &str) {
        match &mut self.0 {
            Some(it) if it.text != sent && it.text != stored => stored.clone_into(&mut it.over),
            _ => self.0 = None,
        }
    }

    /// This text is stored. A draft of the same text, whoever saved it, is over.
    pub(crate) fn read(&mut self, stored: &str) {
        if self.0.as_ref().is_some_and(|it| it.text.trim() == stored) {
            self.0 = None;
        }
    }
}

/// What was typed about one entry of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct EntryDraft {
    /// Its note.
    pub(crate) note: TextDraft,
    /// Its ticket.
    pub(crate) ticket: TextDraft,
    /// How the signing ended.
    pub(crate) decision: DecisionDraft,
}

impl EntryDraft {
    /// What the person typed.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        fn typed(it: &TextDraft) -> Option<&str> {
            it.0.as_ref().map(|it| it.text.as_str())
        }
        let decision = [self.decision.reason.as_str(), &self.decision.serial];
        [typed(&self.note), typed(&self.ticket)].into_iter().flatten().chain(decision)
    }
}

/// All drafts.
#[derive(Clone, Copy)]
pub(crate) struct Drafts {
    /// By the number of the entry.
    entries: RwSignal<BTreeMap<u64, EntryDraft>>,
    /// The intent of each entry that was opened: the numbers begin again with another journal.
    intents: StoredValue<BTreeMap<u64, String>>,
    /// By the connection; none is a new one. Without the form that is open.
    forms: StoredValue<Vec<(Option<ConnectionId>, FormDraft)>>,
}

impl Drafts {
    /// Those that were there before the page was loaded again.
    pub(crate) fn new() -> Self {
        let (mut entries, mut intents) = (BTreeMap::new(), BTreeMap::new());
        for Stored { entry, intent, draft } in stored_drafts::read() {
            entries.insert(entry, draft);
            intents.insert(entry, intent);
        }
        let (entries, intents) = (RwSignal::new(entries), StoredValue::new(intents));
        Self { entries, intents, forms: StoredValue::new(Vec::new()) }
    }

    /// For the case that the page is loaded again.
    fn store_entries(self) {
        let stored = self.entries.with_untracked(|entries| {
            let of = |(entry, draft): (&u64, &EntryDraft)| {
                let intent = self.intents.with_value(|it| it.get(entry).cloned())?;
                Some(Stored { entry: *entry, intent, draft: draft.clone() })
            };
            entries.iter().filter_map(of).collect::<Vec<_>>()
        });
        stored_drafts::write(stored);
    }

    /// An entry was read. What was typed about another one of its number does not belong to it and is dropped; true if the
    /// entry is another one.
    pub(crate) fn opened(self, entry: u64, intent: &str) -> bool {
        let mut another = false;
        self.intents.update_value(|it| {
            let before = it.insert(entry, intent.to_owned());
            another = before.is_some_and(|it| it != intent);
        });
        if another {
            self.change(entry, |it| *it = EntryDraft::default());
        }
        another
    }

    /// Reads the draft of an entry, and follows it.
    pub(crate) fn of<T>(self, entry: u64, read: impl FnOnce(&EntryDraft) -> T) -> T {
        self.entries.with(|it| match it.get(&entry) {
            Some(draft) => read(draft),
            None => read(&EntryDraft::default()),
        })
    }

    /// Changes the draft of an entry.
    pub(crate) fn change(self, entry: u64, change: impl FnOnce(&mut EntryDraft)) {
        let mut draft = untrack(|| self.of(entry, Clone::clone));
        change(&mut draft);
        self.entries.update(|it| {
            if draft == EntryDraft::default() {
                it.remove(&entry);
            } else {
                it.insert(entry, draft);
            }
        });
        self.store_entries();
    }

    /// Keeps the form of a connection that is closed, if something was typed into it.
    pub(crate) fn keep_form(self, of: Option<ConnectionId>, draft: FormDraft) {
        self.forms.update_value(|forms| {
            forms.retain(|(known, _)| *known != of);
            if draft.is_unsaved() {
                forms.push((of, draft));
            }
        });
    }

    /// Takes out the form of a connection, if something was typed into it.
    pub(crate) fn take_form(self, of: Option<&ConnectionId>) -> Option<FormDraft> {
        let mut found = None;
        self.forms.update_value(|forms| {
            let place = forms.iter().position(|(known, _)| known.as_ref() == of);
            found = place.map(|it| forms.swap_remove(it).1);
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use domain::ConnectionForm;

    use super::*;

    #[test]
    fn a_typed_text_is_unsaved_until_it_is_stored_or_again_what_is_stored() {
        let mut note = TextDraft::default();
        assert_eq!((note.or("stored"), note.is_unsaved()), ("stored".to_owned(), false));
        note.typed("typed".to_owned(), "stored");
        assert_eq!((note.or("stored"), note.is_unsaved()), ("typed".to_owned(), true));
        note.typed("stored".to_owned(), "stored");
        assert!(!note.is_unsaved());
        note.typed(String::new(), "stored");
        assert_eq!((note.or("stored"), note.is_unsaved()), (String::new(), true), "it was emptied");
        note.typed("more".to_owned(), "stored");
        note.saved("mor", "mor");
        assert!(note.is_unsaved(), "one more letter was typed while it was saved");
        assert_eq!((note.seen("mor"), note.conflict("mor")), ("mor".to_owned(), None));
        note.saved("more", "more");
        assert!(!note.is_unsaved());
        note.typed(" spaces ".to_owned(), "more");
        note.saved(" spaces ", "spaces");
        assert_eq!((note.is_unsaved(), note.or("spaces")), (false, "spaces".to_owned()));
    }

    #[test]
    fn a_draft_of_the_text_that_somebody_else_stored_is_over() {
        let mut note = TextDraft::default();
        note.typed("the same ".to_owned(), "before");
        note.read("another");
        assert_eq!(note.conflict("another").as_deref(), Some("the same "));
        note.read("the same");
        assert_eq!((note.is_unsaved(), note.seen("the same")), (false, "the same".to_owned()));
    }

    #[test]
    fn a_choice_that_was_made_over_another_decision_does_not_count() {
        let decision = |at| Decision {
            at: domain::Timestamp::from_millis(at),
            verdict: domain::Verdict::NotThere,
            reason: "theirs".to_owned(),
            basis: None,
        };
        let mut draft = DecisionDraft::default();
        assert!(!draft.recorded(Some(&decision(1))), "nothing was typed");
        draft.change_over(None, |it| {
            it.choose(Choice::NotThere, &[]);
            it.reason = "mine".to_owned();
        });
        assert!(!draft.recorded(None));
        assert_eq!(draft.choice(&[]), Some(Choice::NotThere));
        assert!(draft.recorded(Some(&decision(1))));
        assert_eq!((draft.choice(&[]), draft.reason.as_str()), (None, "mine"));
        assert!(!draft.recorded(Some(&decision(1))), "the person knows it now");
        draft.change_over(Some(&decision(1)), |it| it.choose(Choice::NotThere, &[]));
        assert!(draft.recorded(Some(&decision(2))));
        draft.change_over(Some(&decision(2)), |it| it.reason.clear());
        assert_eq!(draft, DecisionDraft::default(), "nothing is left of it");
    }

    #[test]
    fn a_text_that_was_stored_elsewhere_meanwhile_is_a_conflict_until_the_person_chooses() {
        let mut note = TextDraft::default();
        assert_eq!(note.conflict("theirs"), None, "nothing was typed");
        note.typed("mi".to_owned(), "stored");
        assert_eq!(note.conflict("stored"), None);
        note.typed("mine".to_owned(), "theirs");
        assert_eq!((note.conflict("theirs"), note.seen("theirs")), (Some("mine".into()), "stored".into()));
        assert_eq!(note.conflict("mine"), None, "both are the same");
        let mut kept = note.clone();
        kept.keep_over("theirs");
        assert_eq!((kept.conflict("theirs"), kept.seen("theirs")), (None, "theirs".into()));
        assert_eq!(kept.conflict("a third one"), Some("mine".into()));
        note.drop_typed();
        assert_eq!((note.conflict("theirs"), note.or("theirs")), (None, "theirs".into()));
    }

    #[test]
    fn what_is_kept_over_a_reload_is_read_as_it_was_written() {
        let mut draft = EntryDraft::default();
        draft.note.typed("mine".to_owned(), "stored");
        draft.decision.choose(Choice::NotThere, &[]);
        draft.decision.looked_in_console = true;
        let text = serde_json::to_string(&draft).unwrap();
        assert_eq!(serde_json::from_str::<EntryDraft>(&text).unwrap(), draft);
        let earlier = r#"{"note":null}"#;
        assert_eq!(serde_json::from_str::<EntryDraft>(earlier).unwrap(), EntryDraft::default());
    }

    #[test]
    fn drafts_are_kept_for_each_entry_and_forgotten_when_nothing_is_left_of_them() {
        let owner = Owner::new();
        let drafts = owner.with(Drafts::new);
        drafts.change(1, |it| it.note.typed("one".to_owned(), ""));
        drafts.change(2, |it| it.decision.reason = "two".to_owned());
        assert_eq!(drafts.of(1, |it| it.note.or("")), "one");
        assert_eq!(
            drafts.of(2, |it| (it.note.or(""), it.decision.reason.clone())),
            (String::new(), "two".to_owned())
        );
        assert_eq!(drafts.of(3, Clone::clone), EntryDraft::default());
        drafts.change(1, |it| it.note.saved("one", "one"));
        drafts.change(2, |it| it.decision = DecisionDraft::default());
        assert!(drafts.entries.with_untracked(BTreeMap::is_empty));
    }

    #[test]
    fn what_was_typed_about_an_entry_of_another_journal_is_dropped() {
        let owner = Owner::new();
        let drafts = owner.with(Drafts::new);
        assert!(!drafts.opened(1, "a"));
        drafts.change(1, |it| it.decision.reason = "not there".to_owned());
        assert!(!drafts.opened(1, "a"));
        assert_eq!(drafts.of(1, |it| it.decision.reason.clone()), "not there");
        assert!(drafts.opened(1, "b"));
        assert_eq!(drafts.of(1, Clone::clone), EntryDraft::default());
    }

    #[test]
    fn a_choice_counts_only_among_the_candidates_that_were_seen() {
        use desk::commands::look_for::Standing;
        let candidate = |serial: &str| Candidate {
            certificate: domain::Certificate { serial_number: Some(serial.to_owned()), ..Default::default() },
            names: Vec::new(),
            issuer: None,
            not_before: None,
            seconds_after_sending: None,
            not_after: None,
            standing: Standing::Possible,
            evidence: Vec::new(),
            is_ca: None,
            may_belong_to: Vec::new(),
            not_compared_with: Vec::new(),
        };
        let mut draft = DecisionDraft::default();
        draft.choose(Choice::ThisOne(0), &[candidate("0a")]);
        assert_eq!(draft.choice(&[candidate("0a")]), Some(Choice::ThisOne(0)));
        assert_eq!(draft.choice(&[candidate("0b")]), None, "another certificate has its place");
        draft.choose(Choice::NotThere, &[]);
        assert_eq!(draft.choice(&[candidate("0a")]), None, "a later search found one");
        draft.choose(Choice::NotThere, &[]);
        draft.reason = "typed".to_owned();
        draft.drop_finding();
        assert_eq!((draft.choice(&[]), draft.reason.as_str()), (None, "typed"));
    }

    #[test]
    fn a_form_is_kept_for_its_connection_when_something_was_typed_into_it() {
        let owner = Owner::new();
        let drafts = owner.with(Drafts::new);
        let named = |name: &str| ConnectionForm { name: name.to_owned(), ..ConnectionForm::default() };
        let (id, typed) = (
            ConnectionId::from_number(1),
            FormDraft { form: named("B"), ..FormDraft::untouched(named("A")) },
        );
        drafts.keep_form(Some(id.clone()), typed.clone());
        drafts.keep_form(None, FormDraft::untouched(named("C")));
        assert_eq!(drafts.take_form(None), None, "nothing was typed");
        assert_eq!(drafts.take_form(Some(&id)), Some(typed));
        assert_eq!(drafts.take_form(Some(&id)), None);
    }
}
