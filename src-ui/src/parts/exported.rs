//! An export: a file on the person's own computer. In a browser it is a download, in the window a file with its path.

use desk::Failure;
use desk::commands::export::{Export, Request, Response};
use desk::commands::open_export_folder::{self, OpenExportFolder};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::host;
use crate::parts::failure::FailureNotice;
use crate::ui::button::Button;
use crate::ui::copy::CopyButton;
use crate::ui::file;
use crate::ui::live::Announcer;
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
    let Response { path, file_name, count, lacks, download } = response;
    let name = domain::visible(&file_name);
    let tone = if lacks.is_some() { Tone::Warning } else { Tone::Good };
    view! {
        <Notice tone title>
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
                        {host::in_window().then(|| view! { <OpenFolder /> })}
                    }
                        .into_any()
                }
            }}
            <p>{history::exported(count, evidence)}</p>
            {lacks
                .map(|it| {
                    view! {
                        <p data-testid="evidence-lacks">
                            <strong>{it.says()}</strong>
                            " "
                            {it.takes_a_token().then_some(history::EVIDENCE_AGAIN)}
                        </p>
                    }
                })}
        </Notice>
    }
}

/// Opens the folder of the exports. Only the window can: the browser may be on another computer.
#[component]
fn OpenFolder() -> impl IntoView {
    let announcer = Announcer::here();
    let failure = RwSignal::new(None::<Failure>);
    let open = Callback::new(move |()| {
        failure.set(None);
        spawn_local(async move {
            match host::call::<OpenExportFolder>(&open_export_folder::Request {}).await {
                Ok(_) => announcer.say(history::FOLDER_OPENED),
                // The page may be gone by now.
                Err(it) => {
                    let _ = failure.try_set(Some(it));
                }
            }
        });
    });
    view! {
        <p>
            <Button on_click=open test_id="button-open-folder">
                {history::OPEN_FOLDER}
            </Button>
        </p>
        {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
    }
}
