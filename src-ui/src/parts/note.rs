//! What came of an action beyond what can be seen: shown above the page until the next one.

use domain::{Entry, ErrorCode, Outcome, Verdict, visible};
use leptos::prelude::*;

use crate::host::Done;
use crate::parts::outcome;
use crate::route::entry_href;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::notice::{Notice, Tone};
use crate::words::{connection, history, outcome as outcome_words, sign};

/// The test id of the notes about signings that ended while another screen was shown.
const SIGNING_ENDED: &str = "signing-ended";
/// The focus in one of them, and where it goes when that one is drawn again.
const FOCUSED: &str = "[data-testid='signing-ended'] :focus";
const DISMISS: &str = "[data-testid='button-dismiss-ended']";

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    tone: Tone,
    title: String,
    lines: Vec<String>,
    /// The signing that ended while another screen was shown: the note leads to its entry and can be dismissed.
    ended: Option<Ended>,
    test_id: &'static str,
}

/// The signing of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ended {
    intent: String,
    entry: Option<u64>,
    /// Whether it is unknown, and nobody resolved it as far as the page knows.
    unknown: bool,
    /// What is said in place of the way to its entry.
    without: Option<String>,
}

impl Note {
    /// With a title alone.
    pub(crate) fn new(tone: Tone, title: impl Into<String>, test_id: &'static str) -> Self {
        Self { tone, title: title.into(), lines: Vec::new(), ended: None, test_id }
    }

    /// The same with a sentence below it.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// That a signing ended while another screen was shown, in the tone of its outcome. It looks like the notice of a signing
    /// that was begun elsewhere.
    pub(crate) fn signing_ended(intent: &str, outcome: Outcome, heading: String, entry: Option<u64>) -> Self {
        let unknown = outcome == Outcome::Unknown;
        let ended = Some(Ended { intent: intent.to_owned(), entry, unknown, without: None });
        Self { ended, ..Self::new(outcome::tone(outcome), heading, SIGNING_ENDED) }
    }

    /// The same with a sentence in place of the way to its entry.
    pub(crate) fn without_entry(mut self, words: String) -> Self {
        if let Some(ended) = &mut self.ended {
            ended.without = Some(words);
        }
        self
    }

    /// The intent of the signing that it calls unknown, if it does, and the entry that it names.
    pub(crate) fn unknown_signing(&self) -> Option<(&str, Option<u64>)> {
        self.ended.as_ref().filter(|it| it.unknown).map(|it| (it.intent.as_str(), it.entry))
    }

    /// Says of the signing that it calls unknown what its entry shows now. Returns the new words, if there are any.
    pub(crate) fn follow(&mut self, entry: &Entry) -> Option<String> {
        let ended = self.ended.as_mut().filter(|it| it.unknown && it.intent == entry.intent)?;
        let of = Ended {
            entry: Some(entry.entry),
            unknown: entry.is_unsettled() || entry.is_in_progress(),
            without: None,
            ..ended.clone()
        };
        if *ended == of {
            return None;
        }
        *ended = of;
        self.tone = match entry.code() {
            // A person's word: no longer a reason to act.
            ErrorCode::NotThere => Tone::Info,
            _ => entry.state().outcome().map_or(Tone::Info, outcome::tone),
        };
        self.title = outcome_words::entry_heading(entry);
        // The title of the other decision names the person.
        let found = entry.resolution().filter(|it| matches!(it, Verdict::ItIsThisOne { .. }));
        self.lines.extend(found.map(|it| [it.words(), "."].concat()));
        Some(self.title.clone())
    }

    /// Whether it is about another signing than the entry that is open.
    fn is_of_another(&self, open: Option<u64>) -> bool {
        open.is_some() && self.ended.as_ref().is_some_and(|it| it.entry != open)
    }

    /// What a code says, as something to think about.
    pub(crate) fn warning(code: ErrorCode) -> Self {
        Self::new(Tone::Warning, code.what(), "note-warning").line(code.next())
    }

    /// Its title, if it asks for attention.
    pub(crate) fn warning_title(&self) -> Option<&str> {
        matches!(self.tone, Tone::Warning | Tone::Bad).then_some(self.title.as_str())
    }

    /// Everything an action left to say.
    pub(crate) fn all(done: &Done) -> Vec<Self> {
        let mut notes: Vec<Self> = [done.not_saved, done.not_kept, done.not_deleted]
            .into_iter()
            .flatten()
            .map(Self::warning)
            .collect();
        if done.token_forgotten {
            let note = Self::new(Tone::Warning, connection::TOKEN_FORGOTTEN, "token-forgotten");
            notes.push(note.line(connection::TOKEN_FORGOTTEN_TEXT));
        }
        let names = |names: &[String]| visible(&names.join(", "));
        let count = done.added.len() + done.known.len() + done.refused.len();
        if count > 0 {
            let tone = if done.refused.is_empty() { Tone::Good } else { Tone::Warning };
            let mut note = Self::new(tone, connection::imported(done.added.len(), count), "imported");
            for (words, list) in [(connection::ADDED, &done.added), (connection::KNOWN, &done.known)] {
                if !list.is_empty() {
                    note = note.line([words, &names(list), "."].concat());
                }
            }
            for (name, why) in &done.refused {
                note = note.line([connection::REFUSED, &visible(name), ": ", &visible(why)].concat());
            }
            if !done.added.is_empty() {
                note = note.line(connection::IMPORTED_SECRETS);
            }
            notes.push(note);
        }
        notes
    }
}

/// Shows others in their place. The focus in one that is drawn again stays there.
pub(crate) fn set(state: DeskState, notes: Vec<Note>) {
    let focused = document().query_selector(FOCUSED).ok().flatten().is_some();
    state.notes.set(notes);
    if focused {
        focus::soon(DISMISS);
    }
}

/// All of them, without those about another signing than the entry that is open.
#[component]
pub(crate) fn Notes(open: Memo<Option<u64>>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    // Drawn again only when others are shown: an alert that is drawn again is read out again.
    let shown = Memo::new(move |_| {
        let open = open.get();
        state.notes.with(|it| it.iter().filter(|it| !it.is_of_another(open)).cloned().collect::<Vec<_>>())
    });
    let view = move |note: Note| {
        let ended = note.ended.is_some();
        // How a signing ended was said when it ended.
        let alert = !ended && matches!(note.tone, Tone::Warning | Tone::Bad);
        let entry = note.ended.as_ref().and_then(|it| it.entry);
        let without = note.ended.as_ref().and_then(|it| it.without.clone());
        let dismissed = note.clone();
        let dismiss = Callback::new(move |()| {
            state.notes.update(|it| it.retain(|it| *it != dismissed));
            focus::soon("#main h1");
        });
        view! {
            <Notice tone=note.tone title=note.title alert test_id=note.test_id>
                {note.lines.into_iter().chain(without).map(|it| view! { <p>{it}</p> }).collect_view()}
                {ended
                    .then(|| {
                        let label = entry.map_or_else(|| sign::DISMISS.to_owned(), sign::dismiss);
                        view! {
                            <div class="row">
                                {entry.map(|it| view! { <a href=entry_href(it)>{history::entry_title(it)}</a> })}
                                <Button weight=Weight::Quiet on_click=dismiss test_id="button-dismiss-ended" label=label>
                                    {sign::DISMISS}
                                </Button>
                            </div>
                        }
                    })}
            </Notice>
        }
    };
    move || {
        let notes = shown.get();
        (!notes.is_empty())
            .then(|| view! { <div class="stack banner">{notes.into_iter().map(view).collect_view()}</div> })
    }
}

#[cfg(test)]
mod tests {
    use domain::{Decision, Ending, Timestamp};

    use super::*;

    fn entry(intent: &str, code: ErrorCode, verdict: Option<Verdict>) -> Entry {
        let at = Timestamp::from_millis(1);
        let form = domain::SignForm {
            sign_type: "MSCA".to_owned(),
            validity_days: "1".to_owned(),
            csr_id: "302".to_owned(),
            ..domain::SignForm::default()
        };
        let begun = Entry::begun(7, intent.to_owned(), at, "https://h:1".to_owned(), form.check(at).unwrap());
        Entry {
            sent_at: Some(at),
            answered_at: Some(at),
            ending: Ending::new(code),
            decision: verdict.map(|verdict| Decision { at, verdict, reason: "seen".to_owned(), basis: None }),
            ..begun
        }
    }

    fn unknown(entry: Option<u64>) -> Note {
        Note::signing_ended("one", Outcome::Unknown, "It is unknown".to_owned(), entry)
    }

    #[test]
    fn a_note_of_an_unknown_signing_follows_its_entry_and_no_other() {
        let lost = || entry("one", ErrorCode::ConnectionLost, None);
        let mut note = unknown(Some(7));
        assert_eq!(note.follow(&lost()), None, "nothing is new");
        let other = entry("another", ErrorCode::ConnectionLost, Some(Verdict::NotThere));
        assert_eq!(note.follow(&other), None, "an entry of another journal");
        assert_eq!((note.unknown_signing(), note.tone), (Some(("one", Some(7))), Tone::Warning));

        let resolved = entry("one", ErrorCode::ConnectionLost, Some(Verdict::NotThere));
        let words = note.follow(&resolved).unwrap();
        assert_eq!(words, "A person recorded that no certificate was issued for CSR 302");
        assert_eq!(
            (note.title.as_str(), note.tone, note.unknown_signing()),
            (words.as_str(), Tone::Info, None)
        );
        assert!(note.lines.is_empty(), "the title names the person");

        // Without the desk's answer it named no entry.
        let mut note = unknown(None).without_entry("no entry".to_owned());
        assert!(note.follow(&lost()).is_some());
        let ended = note.ended.clone().unwrap();
        assert_eq!((ended.entry, ended.without, ended.unknown), (Some(7), None, true));
        assert_eq!(note.follow(&entry("one", ErrorCode::Signed, None)).as_deref(), Some("CSR 302 is signed"));
        assert_eq!((note.tone, note.unknown_signing()), (Tone::Good, None));
    }
}
