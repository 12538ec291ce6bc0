//! The CA file of a connection: the control that chooses one, and what the chosen one holds, before and after saving.

use desk::Failure;
use desk::commands::ca_certificates::{self, CaCertificates};
use domain::{CaChoice, Field, PresentedCertificate, visible};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlInputElement;

use super::attempt::Attempt;
use crate::host;
use crate::ui::facts::{Fact, Facts};
use crate::words::{connection, doctor};

/// So many of a file's certificates are shown in full.
const SHOWN: usize = 5;

/// What a CA file may be called.
const ACCEPT: &str = ".pem,.crt,.cer,.ca-bundle,.der,.p7b,.p7c,.txt,application/x-pem-file";

/// A button that opens the system's file dialog, and the chosen file's name. The native control behind it forgets the name
/// of a file that was read, and says that none is chosen.
#[component]
pub(super) fn CaFileControl(
    #[prop(into)] name: Signal<Option<String>>,
    #[prop(into)] invalid: Signal<bool>,
    #[prop(into)] described_by: Signal<String>,
    on_choose: Callback<HtmlInputElement>,
) -> impl IntoView {
    let field = Field::CaFile;
    let input = NodeRef::<Input>::new();
    view! {
        <div class="row">
            <button
                type="button"
                class="button"
                id=field.id()
                aria-invalid=move || invalid.get().then_some("true")
                aria-describedby=move || described_by.get()
                on:click=move |_| {
                    if let Some(it) = input.get_untracked() {
                        it.click();
                    }
                }
            >
                {move || if name.with(Option::is_some) { connection::CA_FILE_REPLACE } else { connection::CA_FILE_CHOOSE }}
            </button>
            {move || name.get().map(|name| view! { <strong data-testid="ca-name"><bdi>{name}</bdi></strong> })}
            <input
                type="file"
                hidden
                id="ca-file-input"
                accept=ACCEPT
                aria-label=field.label()
                node_ref=input
                on:change:target=move |event| on_choose.run(event.target())
            />
        </div>
    }
}

/// What the desk reads of the chosen file: of a file that was just chosen, and of the one that is saved.
#[component]
pub(super) fn CaFacts(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let asked = Memo::new(move |_| {
        form.with(|it| match &it.ca {
            ca @ CaChoice::Pem { name, .. } if !name.is_empty() => Some(ca.clone()),
            _ => None,
        })
    });
    let answer = RwSignal::new(None::<Result<ca_certificates::Response, Failure>>);
    Effect::new(move |_| {
        answer.set(None);
        let Some(ca) = asked.get() else { return };
        let request = ca_certificates::Request {
            connection: attempt.state.form_of.get_untracked().flatten(),
            ca: ca.clone(),
        };
        spawn_local(async move {
            let read = host::call::<CaCertificates>(&request).await;
            // Another file may be chosen by now, or the page be gone.
            if asked.try_get_untracked().flatten().as_ref() == Some(&ca) {
                let _ = answer.try_set(Some(read));
            }
        });
    });
    move || {
        answer.get().map(|answer| match answer {
            Ok(it) => view! { <Certificates certificates=it.certificates /> }.into_any(),
            Err(failure) => {
                let words =
                    failure.problems.first().map_or_else(|| failure.code.what().to_owned(), |it| it.words());
                view! { <p class="field-problem" data-testid="ca-facts-problem">{words}</p> }.into_any()
            }
        })
    }
}

#[component]
fn Certificates(certificates: Vec<PresentedCertificate>) -> impl IntoView {
    let more = certificates.len().saturating_sub(SHOWN);
    let row = |it: PresentedCertificate| {
        let expires = it.not_after.map_or_else(|| doctor::NOT_TOLD.to_owned(), |it| it.date_time());
        view! {
            <li class="chain-link">
                <Facts>
                    <Fact name=doctor::SUBJECT value=visible(&it.subject) test_id="ca-subject" />
                    <Fact name=doctor::SHA256 value=it.sha256.colons() code=true test_id="ca-sha256" />
                    <Fact name=connection::CA_EXPIRES value=expires test_id="ca-expires" />
                </Facts>
            </li>
        }
    };
    view! {
        <ol class="chain" data-testid="ca-facts" aria-label=connection::CA_FILE_HOLDS>
            {certificates.into_iter().take(SHOWN).map(row).collect_view()}
        </ol>
        {(more > 0).then(|| view! { <p class="muted">{connection::more_certificates(more)}</p> })}
    }
}
