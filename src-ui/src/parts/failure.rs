//! The one place that turns a failed call into words.

use desk::Failure;
use leptos::prelude::*;

use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::notice::{Notice, Tone};
use crate::words::{shell, visible_lines};

/// What happened, what to do next, and the technical text behind it.
#[component]
pub(crate) fn FailureNotice(failure: Failure, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let Failure { code, detail, problems } = failure;
    let detail = detail.map(|it| visible_lines(&it)).filter(|it| !it.is_empty());
    let tone = if code.is_mix_up() { Tone::Warning } else { Tone::Bad };
    view! {
        <Notice tone title=code.what() alert=true test_id="failure">
            <p>{code.next()}</p>
            {(!problems.is_empty())
                .then(|| {
                    view! {
                        <ul>
                            {problems
                                .iter()
                                .map(|it| view! { <li>{it.to_string()}</li> })
                                .collect_view()}
                        </ul>
                    }
                })}
            {children.map(|it| it())}
            <Disclosure summary=shell::DETAILS>
                <p>{shell::CODE} " " <code>{code.as_str()}</code></p>
                {detail.map(|text| view! { <Verbatim text label=shell::DETAILS /> })}
            </Disclosure>
        </Notice>
    }
}
