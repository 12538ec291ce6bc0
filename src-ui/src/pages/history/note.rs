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
use crate::parts::unsaved::NotSaved;
use crate::state::DeskState;
use crate::ui::button::Button;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::words::history;

/// The fields, their button, and the button for the evidence.
#[component]
pub(super) fn NoteCard(opened: Opened) -> impl IntoView {
    let announcer = Announcer::here();
    let (drafts, number) = (expect_context::<DeskState>().drafts, opened.number);
    // What is typed stays until it is saved, also while another entry or page is open.
    let stored = Memo::new(move |_| {
        opened.entry.with(|it| it.as_ref().map(|it| (it.note.clone(), it.ticket.clone())).unwrap_or_default())
    });
    let texts = Memo::new(move |_| {
        let (note, ticket) = stored.get();
        drafts.of(number, |it| (it.note.or(&note), it.ticket.or(&ticket)))
    });
    let unsaved = Memo::new(move |_| drafts.of(number, |it| it.note.is_unsaved() || it.ticket.is_unsaved()));
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let evidence = RwSignal::new(None::<export::Response>);
    // Until something else is typed.
    let saved = RwSignal::new(false);
    let save = Callback::new(move |()| {
        busy.set(true);
        failure.set(None);
        saved.set(false);
        let (note, ticket) = texts.get_untracked();
        let request = annotate::Request { entry: number, note, ticket };
        spawn_local(async move {
            let answer = host::call::<Annotate>(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    // The words beside the button say the same.
                    announcer.hear(history::NOTE_SAVED);
                    let _ = saved.try_set(true);
                    opened.changed(answer.entry);
                    drafts.change(number, |it| {
                        it.note.saved(&request.note);
                        it.ticket.saved(&request.ticket);
                    });
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
            let request = export::Request::Evidence { entry: number };
            let answer = exported::export(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    announcer.hear(exported::title(&answer));
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
                value=Signal::derive(move || texts.with(|it| it.0.clone()))
                on_input=Callback::new(move |text| {
                    drafts.change(number, |it| it.note.typed(text, &stored.with_untracked(|it| it.0.clone())));
                    saved.set(false);
                })
            />
            <LineField
                id="ticket"
                label=history::TICKET
                value=Signal::derive(move || texts.with(|it| it.1.clone()))
                on_input=Callback::new(move |text| {
                    drafts.change(number, |it| it.ticket.typed(text, &stored.with_untracked(|it| it.1.clone())));
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
                {move || match (unsaved.get(), saved.get()) {
                    (true, _) => Some(view! { <NotSaved test_id="note-unsaved" /> }.into_any()),
                    (false, true) => Some(
                        view! {
                            <p class="saved" data-testid="note-saved">
                                <Glyph icon=Icon::Check />
                                {history::NOTE_SAVED}
                            </p>
                        }
                            .into_any(),
                    ),
                    (false, false) => None,
                }}
            </div>
            <p class="actions-reason">{history::EVIDENCE_MEANING}</p>
            {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
            {move || evidence.get().map(|response| view! { <ExportNotice response evidence=true /> })}
        </section>
    }
}
