//! Whom to trust: this computer's list, a file where the program runs, or a file chosen here and read in the page.

use domain::{CaChoice, ErrorCode, Field, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use super::Attempt;
use crate::ui::choice::ChoiceCard;
use crate::ui::field::{FieldProblem, TextField, described_by, part_id};
use crate::words::connection;

/// A CA file is larger than this only by mistake; the desk has the same limit.
const MAX_BYTES: f64 = 1_048_576.0;
const GROUP: &str = "trust";

/// The three ways, of which the page shows one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    System,
    File,
    Pem,
}

impl Way {
    fn of(ca: &CaChoice) -> Self {
        match ca {
            CaChoice::System => Self::System,
            CaChoice::File { .. } => Self::File,
            CaChoice::Pem { .. } => Self::Pem,
        }
    }

    fn start(self) -> CaChoice {
        match self {
            Self::System => CaChoice::System,
            Self::File => CaChoice::File { path: String::new() },
            Self::Pem => CaChoice::Pem { name: String::new(), text: String::new() },
        }
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::System => ("trust-system", connection::TRUST_SYSTEM, ""),
            Self::File => ("trust-file", connection::TRUST_FILE, connection::TRUST_FILE_NOTE),
            Self::Pem => ("trust-pem", connection::TRUST_PEM, connection::TRUST_PEM_NOTE),
        }
    }
}

/// The group.
#[component]
pub(super) fn TrustChoice(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let way = Memo::new(move |_| form.with(|it| Way::of(&it.ca)));
    let card = move |it: Way| {
        let (id, title, text) = it.words();
        let choose = Callback::new(move |()| {
            attempt.problems.touched(Field::CaFile);
            form.update(|form| form.ca = it.start());
        });
        view! {
            <ChoiceCard
                group=GROUP
                id=id.to_owned()
                title
                text
                chosen=Signal::derive(move || way.get() == it)
                on_choose=choose
            />
        }
    };
    view! {
        <section class="card" aria-labelledby="group-trust">
            <h2 id="group-trust">{connection::GROUP_TRUST}</h2>
            <p class="field-meaning" id=part_id(Field::CaFile, "group")>
                {connection::TRUST_LEAD}
            </p>
            <div
                class="choices choices--three"
                role="radiogroup"
                aria-labelledby="group-trust"
                aria-describedby=part_id(Field::CaFile, "group")
            >
                {[Way::System, Way::File, Way::Pem].map(card).collect_view()}
            </div>
            {move || match way.get() {
                Way::System => ().into_any(),
                Way::File => view! { <PathField attempt /> }.into_any(),
                Way::Pem => view! { <PemField attempt /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn PathField(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let path = Signal::derive(move || {
        form.with(|it| match &it.ca {
            CaChoice::File { path } => path.clone(),
            CaChoice::Pem { .. } | CaChoice::System => String::new(),
        })
    });
    let write = Callback::new(move |path| {
        attempt.problems.touched(Field::CaFile);
        form.update(|form| form.ca = CaChoice::File { path });
    });
    view! {
        <div class="fields">
            <TextField
                field=Field::CaFile
                value=path
                on_input=write
                on_blur=attempt.problems.left()
                problem=attempt.problems.of(Field::CaFile)
                kind=crate::ui::field::Kind::Code
                wide=true
            />
        </div>
    }
}

#[component]
fn PemField(attempt: Attempt) -> impl IntoView {
    let field = Field::CaFile;
    let form = attempt.state.connection_form;
    let problem = attempt.problems.of(field);
    let name = Memo::new(move |_| {
        form.with(|it| match &it.ca {
            CaChoice::Pem { name, .. } if !name.is_empty() => Some(domain::visible(name)),
            _ => None,
        })
    });
    view! {
            <div class="field field--alone" class:field--problem=move || problem.get().is_some()>
                <div class="field-head">
                    <label for=field.id()>{field.label()}</label>
                </div>
    <div class="field-body">            <input
                    type="file"
                    id=field.id()
                    accept=".pem,.crt,.cer,.txt,application/x-pem-file"
                    aria-invalid=move || problem.get().is_some().then_some("true")
                    aria-describedby=move || described_by(field, problem.get(), false)
                    on:change:target=move |event| read(attempt, &event.target())
                />
                <FieldProblem field problem />
                <p class="field-meaning" id=part_id(field, "meaning")>
                    <span class="field-limits">{field.limits()}"."</span>
                    {move || {
                        name.get()
                            .map(|name| {
                                view! {
                                    " "
                                    {connection::PEM_IN_USE}
                                    <strong data-testid="ca-name">
                                        <bdi>{name}</bdi>
                                    </strong>
                                    ". "
                                    {connection::PEM_REPLACE}
                                }
                            })
                    }}
                </p>
    </div>        </div>
        }
}

/// Reads the chosen file into the form.
fn read(attempt: Attempt, input: &HtmlInputElement) {
    let Some(file) = input.files().and_then(|it| it.get(0)) else { return };
    attempt.problems.touched(Field::CaFile);
    if file.size() > MAX_BYTES {
        attempt.problems.tell(vec![Problem::new(Field::CaFile, ErrorCode::CaFileTooLarge)]);
        return;
    }
    spawn_local(async move {
        let text = JsFuture::from(file.text()).await.ok().and_then(|it| it.as_string());
        match text {
            Some(text) => {
                attempt.state.connection_form.update(|it| it.ca = CaChoice::Pem { name: file.name(), text });
            }
            None => attempt.problems.tell(vec![Problem::new(Field::CaFile, ErrorCode::CaFileUnreadable)]),
        }
    });
}
