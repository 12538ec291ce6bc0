//! An export: a file on the person's own computer. In a browser it is a download, in the window a file with its path.

use desk::Failure;
use desk::commands::export::{Export, Request, Response};
use leptos::prelude::*;

use crate::host;
use crate::ui::copy::CopyButton;
use crate::ui::file;
use crate::ui::notice::{Notice, Tone};
use crate::words::history;

/// Exports, and starts the download where it is one.
pub(crate) async fn export(request: &Request) -> Result<Response, Failure> {
    let response = host::call::<Export>(request).await?;
    if let Some(address) = &response.download {
        file::download(&response.file_name, address);
    }
    Ok(response)
}

/// What to say of it: where the file is.
pub(crate) fn title(response: &Response) -> &'static str {
    if response.download.is_some() { history::DOWNLOADED } else { history::EXPORTED }
}

/// Where it is, and how much it holds.
#[component]
pub(crate) fn ExportNotice(response: Response, #[prop(optional)] evidence: bool) -> impl IntoView {
    let title = title(&response);
    let Response { path, file_name, count, download } = response;
    let name = domain::visible(&file_name);
    view! {
        <Notice tone=Tone::Good title>
            {match download {
                Some(_) => {
                    view! {
                        <p>
                            <code data-testid="export-name">{name}</code>
                        </p>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p>
                            <code data-testid="export-path">{domain::visible(&path)}</code>
                            " "
                            <CopyButton text=path what=history::EXPORT_PATH />
                        </p>
                    }
                        .into_any()
                }
            }}
            <p>{history::exported(count, evidence)}</p>
        </Notice>
    }
}
