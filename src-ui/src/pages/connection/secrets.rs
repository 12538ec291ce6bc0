//! The fields of secrets. Their texts live in the inputs alone: no signal, no state. What is read from an input is wiped
//! after its use.

use desk::commands::TokenState;
use domain::{ConnectionForm, Field};
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::attempt::{Attempt, SECRETS};
use super::fields::FormDate;
use crate::parts::expiry::days_left;
use crate::parts::time::Moment;
use crate::ui::button::Button;
use crate::ui::choice::Ways;
use crate::ui::field::{FieldFrame, Remarks, described_by, part_id};
use crate::ui::icon::{Glyph, Icon};
use crate::words::{connection, long_date};

/// A secret's field, what is held of it, and the way to forget that.
#[component]
pub(super) fn SecretField(attempt: Attempt, field: Field) -> impl IntoView {
    let index = SECRETS.iter().position(|(_, it)| *it == field).unwrap_or_default();
    let kind = SECRETS[index].0;
    let problem = attempt.problems.of(field);
    let held = Memo::new(move |_| {
        let shown = attempt.shown()?;
        match kind {
            None => shown.token.map(|it| words(it, attempt)),
            Some(kind) => shown.secrets.contains(&kind).then(|| connection::SECRET_HELD.to_owned()),
        }
    });
    // What was done to a token is said once the field was left; the text itself stays in the input. There is nothing to say
    // about the other secrets, so they are not read.
    let is_token = kind.is_none();
    let remarks = attempt.token_remarks;
    let changes = Signal::derive(move || if is_token { remarks.get() } else { Vec::new() });
    let rejected = Memo::new(move |_| attempt.shown()?.token?.rejected.filter(|_| kind.is_none()));
    let trouble = Memo::new(move |_| attempt.shown()?.token?.problem.filter(|_| kind.is_none()));
    view! {
        <FieldFrame field problem wide=true>
            <input
                type="password"
                id=field.id()
                node_ref=attempt.inputs[index]
                class="input--code"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder=move || held.get().is_some().then_some(connection::TOKEN_PLACEHOLDER_HELD)
                aria-invalid=move || problem.get().is_some().then_some("true")
                aria-describedby=move || {
                    let ids = described_by(field, problem.with(Option::is_some), held.get().is_some());
                    [&ids, " ", &part_id(field, "remarks")].concat()
                }
                on:input=move |_| {
                    attempt.secret_changed();
                    if is_token {
                        remarks.set(Vec::new());
                    }
                    attempt.problems.touched(field);
                }
                on:change=move |event| {
                    if is_token {
                        let text = Zeroizing::new(event_target_value(&event));
                        remarks.set(domain::remarks(field, &text));
                    }
                }
            />
            <Remarks id=part_id(field, "remarks") changes left=Signal::stored(true) />
            {move || {
                held.get()
                    .map(|words| {
                        let forget = Callback::new(move |()| attempt.forget(kind));
                        let test_id = if kind.is_none() { "button-forget-token" } else { "button-forget-secret" };
                        view! {
                            <div class="row held">
                                <p class="field-note" id=part_id(field, "note")>
                                    {words}
                                </p>
                                <Button on_click=forget test_id>
                                    {if kind.is_none() { connection::TOKEN_FORGET } else { connection::SECRET_FORGET }}
                                </Button>
                            </div>
                        }
                    })
            }}
            {move || {
                rejected
                    .get()
                    .map(|at| {
                        view! {
                            <p class="field-problem" data-testid="token-rejected">
                                <Glyph icon=Icon::Warning />
                                <span>
                                    {connection::TOKEN_REJECTED} <Moment at /> ". " {connection::TOKEN_REJECTED_NEXT}
                                </span>
                            </p>
                        }
                    })
            }}
            {move || trouble.get().map(|it| view! { <p class="field-problem">{it.what()} " " {it.next()}</p> })}
        </FieldFrame>
    }
}

/// Where a token is, and since when.
fn words(token: TokenState, attempt: Attempt) -> String {
    let since = token
        .since
        .zip(attempt.state.now.get())
        .map(|(since, now)| (long_date(since), days_left(since, now)));
    connection::token_held(token.in_keychain, since)
}

/// The token, where to keep it, and when it ends.
#[component]
pub(super) fn TokenGroup(attempt: Attempt) -> impl IntoView {
    let unusable = Memo::new(move |_| attempt.unusable());
    let chosen = Signal::derive(move || usize::from(!attempt.keep.get()));
    view! {
        <section class="card" aria-labelledby="group-token">
            <h2 id="group-token">{connection::GROUP_TOKEN}</h2>
            <div class="fields fields--one">
                <SecretField attempt field=Field::Token />
            </div>
            <div class="stack stack--tight">
                <h3 id="keep">{connection::KEEP}</h3>
                {move || match unusable.get() {
                    Some(code) => {
                        view! {
                            <div class="notice notice--info" data-testid="keychain-unusable">
                                <div class="notice-body">
                                    <p class="notice-title">{connection::KEEP_SESSION_ONLY}</p>
                                    <p>{code.what()} " " {code.next()}</p>
                                </div>
                            </div>
                        }
                            .into_any()
                    }
                    None => {
                        view! {
                            <Ways
                                group="keep"
                                label_id="keep"
                                ways=connection::KEEP_WAYS
                                chosen
                                on_choose=Callback::new(move |index| attempt.keep.set(index == 0))
                            />
                        }
                            .into_any()
                    }
                }}
            </div>
            <div class="fields">
                <FormDate attempt field=Field::TokenExpires text=expires />
            </div>
        </section>
    }
}

fn expires(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.token_expires)
}
