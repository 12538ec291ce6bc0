//! A file that was written where the program runs.

use desk::commands::export::Response;
use leptos::prelude::*;

use crate::ui::copy::CopyButton;
use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// Where it is.
#[component]
pub(crate) fn ExportNotice(response: Response, #[prop(optional)] evidence: bool) -> impl IntoView {
    let Response { path, count } = response;
    view! {
        <Notice tone=Tone::Good title=history::EXPORTED>
            <p>
                <code data-testid="export-path">{domain::visible(&path)}</code>
                " "
                <CopyButton text=path what=history::EXPORT_PATH />
            </p>
            <p>{history::exported(count, evidence)}</p>
        </Notice>
    }
}
