//! A person's note and ticket, and the evidence of the signing.

use desk::Failure;
use desk::commands::annotate::{self, Annotate};
use desk::commands::export;
use domain::{ErrorCode, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry::Opened;
use crate::drafts::{EntryDraft, TextDraft};
use crate::host;
use crate::parts::exported::{self, ExportNotice};
use crate::parts::failure::FailureNotice;
use crate::parts::unsaved::NotSaved;
use crate::state::DeskState;
use crate::ui::button::Button;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// Where the notice about the saved evidence comes up: below the fold on most screens.
const EVIDENCE_NOTICE: &str = "[data-testid='evidence-saved']";

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
    let in_conflict = Signal::derive(move || {
        stored.with(|(note, ticket)| {
            drafts.of(number, |it| it.note.conflict(note).is_some() || it.ticket.conflict(ticket).is_some())
        })
    });
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
        let seen = stored.with_untracked(|(note, ticket)| {
            let of =
                |it: &EntryDraft| annotate::Seen { note: it.note.seen(note), ticket: it.ticket.seen(ticket) };
            untrack(|| drafts.of(number, of))
        });
        let (seen, intent) = (Some(seen), opened.intent());
        let request = annotate::Request { entry: number, note, ticket, seen, intent };
        spawn_local(async move {
            let answer = host::call::<Annotate>(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    // The words beside the button say the same.
                    announcer.hear(history::NOTE_SAVED);
                    let _ = saved.try_set(true);
                    drafts.change(number, |it| {
                        it.note.saved(&request.note, &answer.entry.note);
                        it.ticket.saved(&request.ticket, &answer.entry.ticket);
                    });
                    opened.changed(answer.entry);
                }
                Err(it) => {
                    announcer.show_warning(it.code.what());
                    if matches!(it.code, ErrorCode::NoteChanged | ErrorCode::EntryReplaced) {
                        // Both versions are shown then, or the signing that has the number now.
                        opened.read();
                    }
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
            let request = export::Request::Evidence { entry: number, intent: opened.intent() };
            let answer = exported::export(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(answer) => {
                    match &answer.lacks {
                        Some(lacks) => announcer.hear(&lacks.says()),
                        None => announcer.hear(exported::title(&answer)),
                    }
                    if evidence.try_set(Some(answer)).is_none() {
                        focus::into_view(EVIDENCE_NOTICE);
                    }
                }
                Err(it) => {
                    let _ = failure.try_set(Some(it));
                }
            }
        });
    });
    let on_enter = Callback::new(move |()| {
        if !in_conflict.get_untracked() && !busy.get_untracked() {
            save.run(());
        }
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
                on_enter
            />
            <Conflict opened failure draft=note_draft stored=Signal::derive(move || stored.with(|it| it.0.clone())) what=history::NOTE_CONFLICT test_id="note-conflict" field="note" />
            <LineField
                id="ticket"
                label=history::TICKET
                value=Signal::derive(move || texts.with(|it| it.1.clone()))
                on_input=Callback::new(move |text| {
                    drafts.change(number, |it| it.ticket.typed(text, &stored.with_untracked(|it| it.1.clone())));
                    saved.set(false);
                })
                on_enter
            />
            <Conflict opened failure draft=ticket_draft stored=Signal::derive(move || stored.with(|it| it.1.clone())) what=history::TICKET_CONFLICT test_id="ticket-conflict" field="ticket" />
            <div class="row">
                <Button test_id="button-save-note" busy disabled=in_conflict on_click=save>
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
            <div data-testid="evidence-saved">
                {move || evidence.get().map(|response| view! { <ExportNotice response evidence=true /> })}
            </div>
        </section>
    }
}

fn note_draft(it: &mut EntryDraft) -> &mut TextDraft {
    &mut it.note
}

fn ticket_draft(it: &mut EntryDraft) -> &mut TextDraft {
    &mut it.ticket
}

/// What is stored now beside what is typed, and the choice between them; nothing unless another text was stored while the
/// person typed.
#[component]
fn Conflict(
    opened: Opened,
    /// Why the last saving failed: that was about what is chosen now.
    failure: RwSignal<Option<Failure>>,
    draft: fn(&mut EntryDraft) -> &mut TextDraft,
    stored: Signal<String>,
    /// The title.
    what: &'static str,
    test_id: &'static str,
    /// The id of the field.
    field: &'static str,
) -> impl IntoView {
    let (drafts, number) = (opened.drafts(), opened.number);
    let conflict = Memo::new(move |_| {
        let stored = stored.get();
        let typed = drafts.of(number, |it| draft(&mut it.clone()).conflict(&stored))?;
        Some((stored, typed))
    });
    let choose = move |change: fn(&mut TextDraft, &str)| {
        Callback::new(move |()| {
            let stored = stored.get_untracked();
            failure.set(None);
            drafts.change(number, |it| change(draft(it), &stored));
            focus::id(field);
        })
    };
    let text = |it: &str| if it.is_empty() { history::NO_TEXT.to_owned() } else { visible(it) };
    // An alert that is built again is read aloud again: while it is there, only its texts change.
    let is_there = Memo::new(move |_| conflict.with(Option::is_some));
    let stored_now = move || conflict.with(|it| it.as_ref().map(|it| text(&it.0)));
    let typed_here = move || conflict.with(|it| it.as_ref().map(|it| text(&it.1)));
    move || {
        is_there.get().then(|| {
            view! {
                <Notice tone=Tone::Warning title=what alert=true test_id>
                    <p>{history::STORED_NOW} <bdi class="strong">{stored_now}</bdi></p>
                    <p>{history::TYPED_HERE} <bdi class="strong" aria-live="off">{typed_here}</bdi></p>
                    <div class="row">
                        <Button test_id="button-use-stored" on_click=choose(|it, _| it.drop_typed())>
                            {history::USE_STORED}
                        </Button>
                        <Button test_id="button-keep-typed" on_click=choose(TextDraft::keep_over)>
                            {history::KEEP_TYPED}
                        </Button>
                    </div>
                </Notice>
            }
        })
    }
}
