//! What verifies the server: this computer's list, a file where the program runs, a file chosen here and read in the page,
//! or the fingerprint of one exact certificate.

use domain::{CaChoice, ConnectionForm, Field, Problem};
use leptos::prelude::*;

use super::attempt::Attempt;
use super::ca_facts::{CaFacts, CaFileControl};
use super::fields::FormField;
use crate::ui::choice::{CheckBox, Ways};
use crate::ui::field::{FieldProblem, Kind, described_by, part_id};
use crate::ui::file;
use crate::words::connection;

/// A CA file is larger than this only by mistake; the desk has the same limit.
const MAX_BYTES: f64 = 1_048_576.0;

/// The group.
#[component]
pub(super) fn TrustChoice(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let way = Memo::new(move |_| {
        form.with(|it| match it.ca {
            CaChoice::System => 0,
            CaChoice::File { .. } => 1,
            CaChoice::Pem { .. } => 2,
            CaChoice::Exact { .. } => 3,
        })
    });
    let choose = Callback::new(move |index| {
        attempt.problems.touched(Field::CaFile);
        attempt.problems.touched(Field::ExactCertificate);
        form.update(|form| {
            form.ca = match index {
                0 => CaChoice::System,
                1 => CaChoice::File { path: String::new() },
                2 => CaChoice::Pem { name: String::new(), text: String::new() },
                _ => CaChoice::Exact { sha256: String::new() },
            };
        });
    });
    view! {
        <section class="card" aria-labelledby="group-trust">
            <h2 id="group-trust">{connection::GROUP_TRUST}</h2>
            <p class="field-meaning">{connection::TRUST_LEAD}</p>
            <Ways group="trust" label_id="group-trust" ways=connection::TRUST_WAYS chosen=way on_choose=choose />
            {move || match way.get() {
                0 => ().into_any(),
                1 => {
                    view! {
                        <div class="fields">
                            <FormField attempt field=Field::CaFile text=path kind=Kind::Code wide=true />
                        </div>
                    }
                        .into_any()
                }
                2 => view! { <PemField attempt /> }.into_any(),
                _ => {
                    view! {
                        <div class="fields">
                            <FormField
                                attempt
                                field=Field::ExactCertificate
                                text=exact
                                kind=Kind::Code
                                wide=true
                            />
                        </div>
                    }
                        .into_any()
                }
            }}
            {move || {
                matches!(way.get(), 1 | 2)
                    .then(|| {
                        view! {
                            <CheckBox
                                id="system-too"
                                label=connection::SYSTEM_TOO
                                checked=Signal::derive(move || form.with(|it| it.system_too))
                                on_change=Callback::new(move |on| form.update(|it| it.system_too = on))
                            />
                        }
                    })
            }}
        </section>
    }
}

fn path(form: &mut ConnectionForm) -> Option<&mut String> {
    match &mut form.ca {
        CaChoice::File { path } => Some(path),
        CaChoice::Pem { .. } | CaChoice::Exact { .. } | CaChoice::System => None,
    }
}

fn exact(form: &mut ConnectionForm) -> Option<&mut String> {
    match &mut form.ca {
        CaChoice::Exact { sha256 } => Some(sha256),
        CaChoice::File { .. } | CaChoice::Pem { .. } | CaChoice::System => None,
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
    let chosen = move |input: web_sys::HtmlInputElement| {
        attempt.problems.touched(field);
        file::read(&input, MAX_BYTES, move |file| match file {
            Ok((name, text)) => form.update(|it| it.ca = CaChoice::Pem { name, text }),
            Err(code) => attempt.problems.tell(vec![Problem::new(field, code)]),
        });
    };
    view! {
        <div class="field field--alone" class:field--problem=move || problem.get().is_some()>
            <div class="field-head">
                <span class="label-alone">{field.label()}</span>
            </div>
            <div class="field-body">
                <CaFileControl
                    name
                    invalid=Signal::derive(move || problem.with(Option::is_some))
                    described_by=Signal::derive(move || described_by(field, problem.with(Option::is_some), false))
                    on_choose=Callback::new(chosen)
                />
                <FieldProblem field problem />
                <p class="field-meaning" id=part_id(field, "meaning")>
                    <span class="field-limits">{field.limits()}"."</span>
                </p>
                <CaFacts attempt />
            </div>
        </div>
    }
}
