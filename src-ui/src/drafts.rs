//! What was typed and is neither recorded nor saved yet. It stays while another page, entry or connection is open, and is
//! forgotten once it is stored or again what is stored.

use std::collections::BTreeMap;

use desk::commands::look_for::Candidate;
use domain::ConnectionId;
use leptos::prelude::*;

use crate::form_draft::FormDraft;

/// What a person chose as the outcome of a signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The candidate of this place.
    ThisOne(usize),
    /// A certificate that is not among the candidates, by its serial number.
    Another,
    /// No certificate was issued.
    NotThere,
}

/// The texts of a decision about a signing that is not recorded yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DecisionDraft {
    /// How the person knows, as typed.
    pub(crate) reason: String,
    /// The serial number of another certificate, as typed.
    pub(crate) serial: String,
}

/// What a person says to have found out about the entry that is open. Not a draft: it says what is so now, so it is gone when
/// the entry is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Whether the person looked in PAM360's console.
    pub(crate) console: bool,
    /// The choice, and the candidates among which it was made.
    chosen: Option<(Choice, Vec<Candidate>)>,
}

impl Finding {
    /// The choice among these candidates. One that was made among others does not count: the person has not seen these.
    pub(crate) fn choice(&self, among: &[Candidate]) -> Option<Choice> {
        self.chosen.as_ref().filter(|(_, then)| then == among).map(|(choice, _)| *choice)
    }

    /// Chooses.
    pub(crate) fn choose(&mut self, choice: Choice, among: &[Candidate]) {
        self.chosen = Some((choice, among.to_vec()));
    }
}

/// A text that differs from the stored one; none when it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextDraft(Option<String>);

impl TextDraft {
    /// Notes what is typed.
    pub(crate) fn typed(&mut self, text: String, stored: &str) {
        self.0 = (text != stored).then_some(text);
    }

    /// What the field shows.
    pub(crate) fn or(&self, stored: &str) -> String {
        self.0.as_deref().unwrap_or(stored).to_owned()
    }

    /// Whether there is something to save.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.0.is_some()
    }

    /// This text was stored. What was typed since stays.
    pub(crate) fn saved(&mut self, text: &str) {
        if self.0.as_deref() == Some(text) {
            self.0 = None;
        }
    }
}

/// What was typed about one entry of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EntryDraft {
    /// Its note.
    pub(crate) note: TextDraft,
    /// Its ticket.
    pub(crate) ticket: TextDraft,
    /// How the signing ended.
    pub(crate) decision: DecisionDraft,
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
    /// None yet.
    pub(crate) fn new() -> Self {
        let (entries, intents) = (RwSignal::new(BTreeMap::new()), StoredValue::new(BTreeMap::new()));
        Self { entries, intents, forms: StoredValue::new(Vec::new()) }
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
        note.saved("mor");
        assert!(note.is_unsaved(), "one more letter was typed while it was saved");
        note.saved("more");
        assert!(!note.is_unsaved());
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
        drafts.change(1, |it| it.note.saved("one"));
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
        };
        let mut draft = Finding::default();
        draft.choose(Choice::ThisOne(0), &[candidate("0a")]);
        assert_eq!(draft.choice(&[candidate("0a")]), Some(Choice::ThisOne(0)));
        assert_eq!(draft.choice(&[candidate("0b")]), None, "another certificate has its place");
        draft.choose(Choice::NotThere, &[]);
        assert_eq!(draft.choice(&[candidate("0a")]), None, "a later search found one");
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
