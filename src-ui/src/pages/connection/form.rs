//! The form of a connection: its name and server first, then its token, whom to trust, and what few need.

use domain::{ConnectionForm, DEFAULT_TIMEOUT_SECONDS, Environment, Field};
use leptos::prelude::*;

use super::advanced::Advanced;
use super::attempt::{Attempt, Phase};
use super::fields::FormField;
use super::secrets::TokenGroup;
use super::trust::TrustChoice;
use crate::parts::problems::ProblemSummary;
use crate::parts::unsaved::NotSaved;
use crate::ui::button::{Button, Weight};
use crate::ui::choice::Ways;
use crate::ui::field::Kind;
use crate::ui::notice::{Notice, Tone};
use crate::words::connection;

const ORDER: &[Field] = &[
    Field::ConnectionName,
    Field::Server,
    Field::Organization,
    Field::Timeout,
    Field::Token,
    Field::TokenExpires,
    Field::CaFile,
    Field::Pin,
    Field::ClientCertificate,
    Field::ClientKey,
    Field::ClientPassphrase,
    Field::ProxyAddress,
    Field::ProxyUser,
    Field::ProxyPassword,
    Field::CsrList,
];

/// The form's id, by which its button beside it hands it in.
const FORM: &str = "connection-form";

/// The form.
#[component]
pub(super) fn ConnectionFields(attempt: Attempt) -> impl IntoView {
    view! {
        <form
            class="stack"
            novalidate
            autocomplete="off"
            id=FORM
            data-testid="connection-form"
            on:submit=move |event| {
                event.prevent_default();
                attempt.save_and_test();
            }
            on:keydown=move |event| {
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    attempt.save_and_test();
                }
            }
        >
            <Changed attempt />
            <ProblemSummary problems=attempt.problems handed_in=attempt.handed_in.into() order=ORDER />
            <ServerGroup attempt />
            <TokenGroup attempt />
            <TrustChoice attempt />
            <Advanced attempt />
        </form>
    }
}

/// Another connection is stored than the one that was typed over.
#[component]
fn Changed(attempt: Attempt) -> impl IntoView {
    let changed = attempt.state.form_changed;
    move || {
        changed.get().then(|| {
            view! {
                <Notice tone=Tone::Warning title=connection::CHANGED alert=true test_id="form-changed">
                    <p>{connection::CHANGED_TEXT}</p>
                </Notice>
            }
        })
    }
}

/// The button, beside the form.
#[component]
pub(super) fn SaveAction(attempt: Attempt) -> impl IntoView {
    let unsaved = Memo::new(move |_| attempt.is_unsaved());
    view! {
        <div class="actions">
            <Button
                weight=Weight::Primary
                submit=true
                form=FORM
                test_id="button-save-connection"
                busy=Signal::derive(move || attempt.busy())
                reason_id="save-note"
            >
                {move || match attempt.phase.get() {
                    Phase::Idle => connection::SAVE,
                    Phase::Saving => connection::SAVING,
                    Phase::Testing => connection::TESTING,
                }}
            </Button>
            {move || unsaved.get().then(|| view! { <Unsaved attempt /> })}
            <p class="actions-reason" id="save-note">
                {connection::SAVE_NOTE}
                {move || {
                    let other = attempt.state.in_use().filter(|it| Some(&it.id) != attempt.subject.get().as_ref());
                    other.map(|it| view! { " " {connection::stays_in_use(&it.connection.name)} })
                }}
            </p>
        </div>
    }
}

/// What is typed is not saved; and the way back to what is.
#[component]
fn Unsaved(attempt: Attempt) -> impl IntoView {
    view! {
        <div class="row">
            <NotSaved test_id="form-unsaved" />
            <Button
                weight=Weight::Quiet
                test_id="button-discard"
                busy=Signal::derive(move || attempt.busy())
                on_click=Callback::new(move |()| attempt.discard())
            >
                {connection::DISCARD}
            </Button>
        </div>
    }
}

#[component]
fn ServerGroup(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let environment = Signal::derive(move || {
        let it = form.with(|it| it.environment);
        Environment::ALL.iter().position(|environment| *environment == it).unwrap_or_default()
    });
    let choose = Callback::new(move |index| {
        if let Some(it) = Environment::ALL.get(index) {
            form.update(|form| form.environment = *it);
        }
    });
    let timeout = [connection::TIMEOUT_DEFAULT, &DEFAULT_TIMEOUT_SECONDS.to_string(), "."].concat();
    view! {
        <section class="card" aria-labelledby="group-server">
            <h2 id="group-server">{connection::GROUP_SERVER}</h2>
            <div class="fields">
                <FormField attempt field=Field::Server text=server kind=Kind::Code wide=true placeholder=connection::SERVER_EXAMPLE />
                <FormField attempt field=Field::ConnectionName text=name optional=true />
                <FormField attempt field=Field::Organization text=organization optional=true />
                <FormField
                    attempt
                    field=Field::Timeout
                    text=timeout_seconds
                    kind=Kind::Digits
                    optional=true
                    note=Signal::stored(timeout)
                />
            </div>
            <div class="stack stack--tight">
                <h3 id="environment">{Field::Environment.label()}</h3>
                <p class="field-meaning">{Field::Environment.meaning()}</p>
                <Ways
                    group="environment"
                    label_id="environment"
                    ways=connection::ENVIRONMENTS
                    chosen=environment
                    on_choose=choose
                />
            </div>
        </section>
    }
}

fn name(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.name)
}

fn server(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.server)
}

fn organization(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.organization)
}

fn timeout_seconds(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.timeout_seconds)
}
