//! What can be done with all connections: add one, hand them out as a file, take such a file in.

use desk::commands::export_connections::ExportConnections;
use desk::commands::import_connections::{self, ImportConnections};
use domain::ErrorCode;
use leptos::html::Input;
use leptos::prelude::*;

use super::attempt::Attempt;
use crate::host;
use crate::parts::note::Note;
use crate::route::{NEW, form_href};
use crate::session::NOTHING;
use crate::ui::button::Button;
use crate::ui::copy::CopyButton;
use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::file;
use crate::ui::notice::{Notice, Tone};
use crate::words::connection;

/// A file of connections with a large CA file in each is far smaller.
const MAX_BYTES: f64 = 16_777_216.0;

/// The buttons, and the file that was handed out.
#[component]
pub(super) fn Tools(attempt: Attempt) -> impl IntoView {
    let state = attempt.state;
    let input = NodeRef::<Input>::new();
    let exported = RwSignal::new(None::<(String, String)>);
    let export = Callback::new(move |()| {
        exported.set(None);
        state.act::<ExportConnections>(Ok(NOTHING.to_owned()), move |done| {
            file::hand_out(&done.file_name, &done.text);
            attempt.announcer.say(connection::EXPORTED);
            let _ = exported.try_set(Some((done.file_name, done.text)));
        });
    });
    let import = move |input: web_sys::HtmlInputElement| {
        file::read(&input, MAX_BYTES, move |file| match file {
            Ok((_, text)) => {
                let body = host::write(&import_connections::Request { text });
                state.act::<ImportConnections>(body, move |done| {
                    let count = done.added.len() + done.known.len() + done.refused.len();
                    let words = connection::imported(done.added.len(), count);
                    attempt.announcer.say_or_warn(done.refused.is_empty(), &words);
                    crate::ui::focus::soon("[data-testid='button-import']");
                });
            }
            Err(_) => state.notes.set(vec![Note::warning(ErrorCode::ConnectionsUnreadable)]),
        });
    };
    view! {
        <div class="row">
            <a
                class="button button--primary"
                href=form_href(NEW)
                data-testid="button-add"
                on:click=move |_| state.close_form()
            >
                {connection::ADD}
            </a>
            <Button test_id="button-export" busy=state.acting on_click=export>
                {connection::EXPORT}
            </Button>
            <Button
                test_id="button-import"
                busy=state.acting
                on_click=Callback::new(move |()| {
                    if let Some(it) = input.get_untracked() {
                        it.click();
                    }
                })
            >
                {connection::IMPORT}
            </Button>
            <input
                type="file"
                hidden
                id="import-file"
                accept=".json,application/json"
                aria-label=connection::IMPORT
                node_ref=input
                on:change:target=move |event| import(event.target())
            />
        </div>
        {move || {
            exported
                .get()
                .map(|(name, text)| {
                    view! {
                        <Notice tone=Tone::Good title=connection::exported(&name) test_id="exported">
                            <p>{connection::EXPORTED_TEXT} " " <CopyButton text=text.clone() what=connection::FILE_TEXT /></p>
                            <Disclosure summary=connection::FILE_TEXT>
                                <Verbatim text label=connection::FILE_TEXT test_id="export-text" />
                            </Disclosure>
                        </Notice>
                    }
                })
        }}
    }
}
