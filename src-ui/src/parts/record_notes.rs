//! What is wrong with the record, or was done about it: above every page.

use leptos::prelude::*;

use crate::route::Page;
use crate::state::DeskState;
use crate::ui::button::Button;
use crate::ui::notice::{Notice, Tone};
use crate::words::{shell, sign};

/// The sentences, if there are any: all of them on the record's own page, the way there on the others, so that what does
/// not change from day to day does not stand before the work of each.
#[component]
pub(crate) fn RecordNotes(page: Memo<Page>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let told = Memo::new(move |_| {
        state.status.with(|it| {
            it.as_ref()
                .map(|it| (it.journal_problem.clone(), it.journal_notes.clone(), it.journal_remark.clone()))
                .unwrap_or_default()
        })
    });
    move || {
        let (problem, notes, remark) = told.get();
        // What is only good to know stands on the record's own page and before no other work.
        let remark = remark.filter(|_| page.get() == Page::History);
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
                                        view! { <ul>{notes.collect_view()}</ul> }.into_any()
                                    } else {
                                        view! {
                                            <p>
                                                <a href=Page::History.href()>{shell::RECORD_NOTES_LINK}</a>
                                            </p>
                                        }
                                            .into_any()
                                    }}
                                </Notice>
                            }
                        })}
                    {remark
                        .map(|it| {
                            view! {
                                <Notice tone=Tone::Info title=shell::RECORD_NOTES>
                                    <p>{domain::visible(&it)}</p>
                                </Notice>
                            }
                        })}
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
