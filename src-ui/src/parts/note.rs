//! What came of an action beyond what can be seen: shown above the page until the next one.

use domain::{ErrorCode, Outcome, visible};
use leptos::prelude::*;

use crate::host::Done;
use crate::parts::outcome;
use crate::route::entry_href;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::notice::{Notice, Tone};
use crate::words::{connection, history, sign};

/// The test id of the notes about signings that ended while another screen was shown.
const SIGNING_ENDED: &str = "signing-ended";

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    tone: Tone,
    title: String,
    lines: Vec<String>,
    /// The entry of a signing that ended while another screen was shown: the note leads there and can be dismissed.
    entry: Option<u64>,
    test_id: &'static str,
}

impl Note {
    /// With a title alone.
    pub(crate) fn new(tone: Tone, title: impl Into<String>, test_id: &'static str) -> Self {
        Self { tone, title: title.into(), lines: Vec::new(), entry: None, test_id }
    }

    /// The same with a sentence below it.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// That a signing ended while another screen was shown, in the tone of its outcome. It looks like the notice of a signing
    /// that was begun elsewhere.
    pub(crate) fn signing_ended(outcome: Outcome, heading: String, entry: Option<u64>) -> Self {
        Self { entry, ..Self::new(outcome::tone(outcome), heading, SIGNING_ENDED) }
    }

    /// Whether it is about another signing than the entry that is open.
    fn is_of_another(&self, open: Option<u64>) -> bool {
        self.test_id == SIGNING_ENDED && open.is_some() && open != self.entry
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
        let ended = note.test_id == SIGNING_ENDED;
        // How a signing ended was said when it ended.
        let alert = !ended && matches!(note.tone, Tone::Warning | Tone::Bad);
        let entry = note.entry;
        let dismissed = note.clone();
        let dismiss = Callback::new(move |()| {
            state.notes.update(|it| it.retain(|it| *it != dismissed));
            focus::soon("#main h1");
        });
        view! {
            <Notice tone=note.tone title=note.title alert test_id=note.test_id>
                {note.lines.into_iter().map(|it| view! { <p>{it}</p> }).collect_view()}
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
