//! A person's note and ticket, and the evidence of the signing.

use desk::Failure;
use desk::commands::annotate::{self, Annotate};
use desk::commands::export;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry::Opened;
use crate::host;
use crate::parts::exported::{self, ExportNotice};
use crate::parts::failure::FailureNotice;
use crate::ui::button::Button;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::words::history;

/// The fields, their button, and the button for the evidence.
#[component]
pub(super) fn NoteCard(opened: Opened) -> impl IntoView {
    let announcer = Announcer::here();
    let at_first = opened
        .entry
        .with_untracked(|it| it.as_ref().map(|it| (it.note.clone(), it.ticket.clone())).unwrap_or_default());
    let (note, ticket) = (RwSignal::new(at_first.0), RwSignal::new(at_first.1));
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let evidence = RwSignal::new(None::<export::Response>);
    // Until something else is typed.
    let saved = RwSignal::new(false);
    let save = Callback::new(move |()| {
        busy.set(true);
        failure.set(None);
        saved.set(false);
        let (note, ticket) = (note.get_untracked(), ticket.get_untracked());
        let request = annotate::Request { entry: opened.number, note, ticket };
        spawn_local(async move {
            let answer = host::call::<Annotate>(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    // The words beside the button say the same.
                    announcer.hear(history::NOTE_SAVED);
                    let _ = saved.try_set(true);
                    opened.changed(answer.entry);
                }
                Err(it) => {
                    let _ = failure.try_set(Some(it));
                }
            }
        });
    });
    let export = Callback::new(move |()| {
        busy.set(true);
        failure.set(None);
        evidence.set(None);
        spawn_local(async move {
            let request = export::Request::Evidence { entry: opened.number };
            let answer = exported::export(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    announcer.say(exported::title(&answer));
                    let _ = evidence.try_set(Some(answer));
                }
                Err(it) => {
                    let _ = failure.try_set(Some(it));
                }
            }
        });
    });
    view! {
        <section class="card" aria-labelledby="note-title">
            <h2 id="note-title">{history::NOTE_TITLE}</h2>
            <LineField
                id="note"
                label=history::NOTE
                meaning=history::NOTE_MEANING
                value=note
                on_input=Callback::new(move |text| {
                    note.set(text);
                    saved.set(false);
                })
            />
            <LineField
                id="ticket"
                label=history::TICKET
                value=ticket
                on_input=Callback::new(move |text| {
                    ticket.set(text);
                    saved.set(false);
                })
            />
            <div class="row">
                <Button test_id="button-save-note" busy on_click=save>
                    {history::SAVE_NOTE}
                </Button>
                <Button test_id="button-evidence" busy on_click=export>
                    {history::EVIDENCE}
                </Button>
                {move || {
                    saved
                        .get()
                        .then(|| {
                            view! {
                                <p class="saved" data-testid="note-saved">
                                    <Glyph icon=Icon::Check />
                                    {history::NOTE_SAVED}
                                </p>
                            }
                        })
                }}
            </div>
            <p class="actions-reason">{history::EVIDENCE_MEANING}</p>
            {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
            {move || evidence.get().map(|response| view! { <ExportNotice response evidence=true /> })}
        </section>
    }
}
