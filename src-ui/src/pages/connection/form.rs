//! The fields of the connection.

use domain::{ConnectionForm, DEFAULT_TIMEOUT_SECONDS, Field};
use leptos::html::Input;
use leptos::prelude::*;

use super::token::TokenField;
use super::trust::TrustChoice;
use super::{Attempt, Phase};
use crate::parts::problems::ProblemSummary;
use crate::ui::button::{Button, Weight};
use crate::ui::field::{Kind, TextField};
use crate::words::connection;

const ORDER: &[Field] = &[Field::Server, Field::Organization, Field::Timeout, Field::Token, Field::CaFile];

/// The form.
#[component]
pub(super) fn ConnectionFields(attempt: Attempt) -> impl IntoView {
    let token = NodeRef::<Input>::new();
    let submit = move || attempt.save_and_test(token.get_untracked());
    view! {
        <form
            class="stack"
            novalidate
            autocomplete="off"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
            on:keydown=move |event| {
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    submit();
                }
            }
        >
            <ProblemSummary problems=attempt.problems handed_in=attempt.handed_in.into() order=ORDER />
            <ServerGroup attempt />
            <TokenField attempt node=token />
            <TrustChoice attempt />
            <div class="row">
                <Button
                    weight=Weight::Primary
                    submit=true
                    test_id="button-save-connection"
                    disabled=Signal::derive(move || attempt.busy())
                    reason_id="save-note"
                >
                    {move || match attempt.phase.get() {
                        Phase::Idle => connection::SAVE,
                        Phase::Saving => connection::SAVING,
                        Phase::Testing => connection::TESTING,
                    }}
                </Button>
                <p class="actions-reason" id="save-note">
                    {connection::CHANGES_NOTHING}
                </p>
            </div>
        </form>
    }
}

#[component]
fn ServerGroup(attempt: Attempt) -> impl IntoView {
    let problems = attempt.problems;
    let (server, set_server) = bind(attempt, Field::Server, |form| &mut form.server);
    let (organization, set_organization) = bind(attempt, Field::Organization, |form| &mut form.organization);
    let (timeout, set_timeout) = bind(attempt, Field::Timeout, |form| &mut form.timeout_seconds);
    view! {
        <section class="card" aria-labelledby="group-server">
            <h2 id="group-server">{connection::GROUP_SERVER}</h2>
            <div class="fields">
                <TextField
                    field=Field::Server
                    value=server
                    on_input=set_server
                    on_blur=problems.left()
                    problem=problems.of(Field::Server)
                    kind=Kind::Code
                    wide=true
                    placeholder=connection::SERVER_EXAMPLE
                />
                <TextField
                    field=Field::Organization
                    value=organization
                    on_input=set_organization
                    on_blur=problems.left()
                    problem=problems.of(Field::Organization)
                    optional=true
                />
                <TextField
                    field=Field::Timeout
                    value=timeout
                    on_input=set_timeout
                    on_blur=problems.left()
                    problem=problems.of(Field::Timeout)
                    optional=true
                    kind=Kind::Digits
                >
                    {connection::TIMEOUT_DEFAULT}
                    {DEFAULT_TIMEOUT_SECONDS.to_string()}
                    "."
                </TextField>
            </div>
        </section>
    }
}

fn bind(
    attempt: Attempt,
    field: Field,
    slot: fn(&mut ConnectionForm) -> &mut String,
) -> (Signal<String>, Callback<String>) {
    let form = attempt.state.connection_form;
    let value = Signal::derive(move || form.with(|form| slot(&mut form.clone()).clone()));
    let write = Callback::new(move |text| {
        attempt.problems.touched(field);
        form.update(|form| *slot(form) = text);
    });
    (value, write)
}
