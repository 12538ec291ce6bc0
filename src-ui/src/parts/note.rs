//! What came of an action beyond what can be seen: shown above the page until the next one.

use domain::{ErrorCode, visible};
use leptos::prelude::*;

use crate::host::Done;
use crate::state::DeskState;
use crate::ui::notice::{Notice, Tone};
use crate::words::connection;

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    tone: Tone,
    title: String,
    lines: Vec<String>,
    link: Option<(String, String)>,
    test_id: &'static str,
}

impl Note {
    /// With a title alone.
    pub(crate) fn new(tone: Tone, title: impl Into<String>, test_id: &'static str) -> Self {
        Self { tone, title: title.into(), lines: Vec::new(), link: None, test_id }
    }

    /// The same with a sentence below it.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The same with a link below it.
    pub(crate) fn link(mut self, href: String, words: String) -> Self {
        self.link = Some((href, words));
        self
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

/// All of them.
#[component]
pub(crate) fn Notes() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let view = |note: Note| {
        let alert = matches!(note.tone, Tone::Warning | Tone::Bad);
        view! {
            <Notice tone=note.tone title=note.title alert test_id=note.test_id>
                {note.lines.into_iter().map(|it| view! { <p>{it}</p> }).collect_view()}
                {note.link.map(|(href, words)| view! { <p><a href=href>{words}</a></p> })}
            </Notice>
        }
    };
    move || {
        let notes = state.notes.get();
        (!notes.is_empty())
            .then(|| view! { <div class="stack banner">{notes.into_iter().map(view).collect_view()}</div> })
    }
}
