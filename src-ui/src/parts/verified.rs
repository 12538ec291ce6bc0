//! What a check of the record found.

use desk::commands::verify_journal::Response;
use domain::Soundness;
use leptos::prelude::*;

use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// The verdict, and every finding.
#[component]
pub(crate) fn VerificationNotice(response: Response) -> impl IntoView {
    let holds = response.holds;
    let (tone, title) = match response.verdict {
        Soundness::Sound => (Tone::Good, history::HOLDS),
        Soundness::NotProven => (Tone::Warning, history::NOT_PROVEN),
        Soundness::Unsound => (Tone::Bad, history::DOES_NOT_HOLD),
    };
    view! {
        <div data-testid="verification" data-holds=if holds { "true" } else { "false" }>
            <Notice tone title>
                <ul>{response.says.into_iter().map(|it| view! { <li>{it}</li> }).collect_view()}</ul>
            </Notice>
        </div>
    }
}
