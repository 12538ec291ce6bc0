//! What a check of the record found.

use desk::commands::verify_journal::Response;
use leptos::prelude::*;

use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// The verdict, and every finding.
#[component]
pub(crate) fn VerificationNotice(response: Response) -> impl IntoView {
    let holds = response.holds;
    let (tone, title) =
        if holds { (Tone::Good, history::HOLDS) } else { (Tone::Bad, history::DOES_NOT_HOLD) };
    view! {
        <div data-testid="verification" data-holds=if holds { "true" } else { "false" }>
            <Notice tone title>
                <ul>{response.says.into_iter().map(|it| view! { <li>{it}</li> }).collect_view()}</ul>
            </Notice>
        </div>
    }
}
