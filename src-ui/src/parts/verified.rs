//! What a check of the record found.

use desk::commands::verify_journal::Response;
use domain::{Soundness, Timestamp};
use leptos::prelude::*;

use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// The verdict in words.
pub(crate) fn verdict(response: &Response) -> &'static str {
    match response.verdict {
        Soundness::Sound => history::HOLDS,
        Soundness::Incomplete => history::INCOMPLETE,
        Soundness::NotProven => history::NOT_PROVEN,
        Soundness::Unsound => history::DOES_NOT_HOLD,
    }
}

/// The verdict, when the check ended, and every finding.
#[component]
pub(crate) fn VerificationNotice(at: Timestamp, response: Response) -> impl IntoView {
    let holds = response.holds;
    let title = history::checked(verdict(&response), &at.date_time());
    let tone = match response.verdict {
        Soundness::Sound => Tone::Good,
        Soundness::Incomplete | Soundness::NotProven => Tone::Warning,
        Soundness::Unsound => Tone::Bad,
    };
    view! {
        <div data-testid="verification" data-holds=if holds { "true" } else { "false" }>
            <Notice tone title>
                <ul>{response.says.into_iter().map(|it| view! { <li>{it}</li> }).collect_view()}</ul>
            </Notice>
        </div>
    }
}
