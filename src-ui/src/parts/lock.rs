//! The lock: what it means while it holds, and the way out.

use leptos::prelude::*;

use crate::state::{DeskState, FormNote};
use crate::ui::button::{Button, Weight};
use crate::ui::icon::{Glyph, Icon};
use crate::words::session;

/// Above every page while the desk is locked.
#[component]
pub(crate) fn LockNotice() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let locked = Memo::new(move |_| state.locked());
    move || {
        locked.get().then(|| {
            view! {
                <div id="locked" class="notice notice--info banner" role="alert" data-testid="locked">
                    <Glyph icon=Icon::Lock />
                    <div class="notice-body">
                        <p class="notice-title">{session::LOCKED_TITLE}</p>
                        <p>
                            {session::LOCKED_TEXT}
                            {move || {
                                let ca_off = state.form_note.with(|it| *it == Some(FormNote::CaOff));
                                ca_off.then_some(session::LOCKED_CA_OFF)
                            }}
                        </p>
                        <div class="row">
                            <UnlockButton />
                        </div>
                    </div>
                </div>
            }
        })
    }
}

#[component]
fn UnlockButton() -> impl IntoView {
    let state = expect_context::<DeskState>();
    view! {
        <Button
            weight=Weight::Primary
            busy=state.acting
            test_id="button-unlock"
            on_click=Callback::new(move |()| state.unlock())
        >
            {session::UNLOCK}
        </Button>
    }
}
