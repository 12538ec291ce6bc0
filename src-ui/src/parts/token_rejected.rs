//! Beside what uses the token: that the server rejected it, and when. Nothing is forbidden: the server may accept it again.

use domain::Field;
use leptos::prelude::*;

use crate::parts::time::Moment;
use crate::state::DeskState;
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::session;

/// The sentence; nothing while the server has not rejected the token of the connection in use.
#[component]
pub(crate) fn TokenRejected() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let rejected = Memo::new(move |_| {
        // A token that is not held has words of its own.
        state.status.with(|it| it.as_ref().filter(|it| it.token_held())?.token_rejected())
    });
    move || {
        rejected.get().map(|at| {
            view! {
                <p class="field-problem" data-testid="rejected-here">
                    <Glyph icon=Icon::Warning />
                    <span>
                        {session::TOKEN_REJECTED_AT} <Moment at /> {session::TOKEN_REJECTED_NEXT}
                        <a href=move || state.token_href() on:click=|_| focus::on_arrival(Field::Token.id())>
                            {session::TOKEN_REJECTED_LINK}
                        </a>
                    </span>
                </p>
            }
        })
    }
}
