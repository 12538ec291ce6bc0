//! The token's field. Its text lives in the input alone: no signal, no state, no copy.

use domain::Field;
use leptos::html::Input;
use leptos::prelude::*;

use super::Attempt;
use crate::ui::button::Button;
use crate::ui::field::{FieldFrame, described_by};
use crate::words::connection;

/// The field, and the way to forget what is held.
#[component]
pub(super) fn TokenField(attempt: Attempt, node: NodeRef<Input>) -> impl IntoView {
    let field = Field::Token;
    let problem = attempt.problems.of(field);
    let held =
        Memo::new(move |_| attempt.state.status.with(|it| it.as_ref().is_some_and(|it| it.token_held)));
    view! {
        <section class="card" aria-labelledby="group-token">
            <h2 id="group-token">{connection::GROUP_TOKEN}</h2>
            <div class="fields">
                <FieldFrame field problem wide=true>
                    <input
                        type="password"
                        id=field.id()
                        node_ref=node
                        class="input--code"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        placeholder=move || held.get().then_some(connection::TOKEN_PLACEHOLDER_HELD)
                        aria-invalid=move || problem.get().is_some().then_some("true")
                        aria-describedby=move || described_by(field, problem.get(), false)
                        on:input=move |_| attempt.problems.touched(field)
                    />
                </FieldFrame>
            </div>
            {move || held.get().then(|| view! { <Held attempt /> })}
        </section>
    }
}

#[component]
fn Held(attempt: Attempt) -> impl IntoView {
    view! {
        <div class="row">
            <p class="actions-reason">{connection::TOKEN_HELD}</p>
            <Button on_click=Callback::new(move |()| attempt.forget_token()) test_id="button-forget-token">
                {connection::TOKEN_FORGET}
            </Button>
        </div>
    }
}
