//! What is wrong with the record, or was done about it: above every page.

use leptos::prelude::*;

use crate::route::Page;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::words::{shell, sign};

/// Where it is remembered which remark was dismissed.
const DISMISSED: &str = "csrdesk-remark-dismissed";
/// The id of the sentences, as the page History shows them.
const NOTES: &str = "journal-notes-told";

/// The sentences, if there are any: all of them on the record's own page, the way there on the others, so that what does
/// not change from day to day does not stand before the work of each.
#[component]
pub(crate) fn RecordNotes(page: Memo<Page>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let told = Memo::new(move |_| {
        state.status.with(|it| {
            it.as_ref()
                .map(|it| {
                    // What blocks signing leads to History already.
                    let notes = if it.findings.is_empty() || page.get() == Page::History {
                        it.journal_notes.clone()
                    } else {
                        Vec::new()
                    };
                    (it.journal_problem.clone(), notes, it.journal_remark.clone())
                })
                .unwrap_or_default()
        })
    });
    let dismissed = RwSignal::new(storage().and_then(|it| it.get_item(DISMISSED).ok().flatten()));
    move || {
        let (problem, notes, remark) = told.get();
        // What is only good to know stands on the record's own page and before no other work.
        let remark = remark.filter(|it| page.get() == Page::History && dismissed.get().as_ref() != Some(it));
        (problem.is_some() || !notes.is_empty() || remark.is_some()).then(|| {
            view! {
                <div class="stack banner" data-testid="journal-notes">
                    {problem.map(|detail| view! { <NoRecord state detail /> })}
                    {(!notes.is_empty())
                        .then(|| {
                            let here = page.get() == Page::History;
                            let notes = notes.into_iter().map(|it| view! { <li>{domain::visible(&it)}</li> });
                            view! {
                                <Notice tone=Tone::Warning title=shell::RECORD_NOTES>
                                    {if here {
                                        view! { <ul id=NOTES tabindex="-1">{notes.collect_view()}</ul> }.into_any()
                                    } else {
                                        view! {
                                            <p>
                                                <a href=Page::History.href() on:click=move |_| focus::on_arrival(NOTES)>
                                                    {shell::RECORD_NOTES_LINK}
                                                </a>
                                            </p>
                                        }
                                            .into_any()
                                    }}
                                </Notice>
                            }
                        })}
                    {remark.map(|text| view! { <Strip text dismissed /> })}
                </div>
            }
        })
    }
}

/// Signing is off while the record cannot be written.
#[component]
fn NoRecord(state: DeskState, detail: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad title=sign::NO_RECORD_TITLE>
            <p>{sign::NO_RECORD_NEXT}</p>
            <p>
                <code>{domain::visible(&detail)}</code>
            </p>
            <p>
                <Button on_click=Callback::new(move |()| state.refresh())>{shell::TRY_AGAIN}</Button>
            </p>
        </Notice>
    }
}

/// What is only good to know, on one line. Dismissed, it stays away until it says something else.
#[component]
fn Strip(text: String, dismissed: RwSignal<Option<String>>) -> impl IntoView {
    let shown = domain::visible(&text);
    let dismiss = Callback::new(move |()| {
        if let Some(storage) = storage() {
            // What the browser refuses is only the remembering.
            let _ = storage.set_item(DISMISSED, &text);
        }
        dismissed.set(Some(text.clone()));
        focus::soon("#main h1");
    });
    view! {
        <aside class="strip" aria-label=shell::RECORD_NOTES data-testid="journal-remark">
            <Glyph icon=Icon::Info />
            <details>
                <summary>{shell::RECORD_KEY_IN_FILE}</summary>
                <p>{shown}</p>
            </details>
            <Button
                weight=Weight::Quiet
                label=shell::DISMISS_REMARK.to_owned()
                test_id="button-dismiss-remark"
                on_click=dismiss
            >
                {shell::DISMISS}
            </Button>
        </aside>
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
