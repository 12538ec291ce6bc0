//! Above the page: that the program ends as soon as a signing that it has sent is recorded, after its window was closed.

use leptos::prelude::*;

use crate::state::DeskState;
use crate::ui::notice::{Notice, Tone};
use crate::words::session;

/// The notice; nothing while the program goes on.
#[component]
pub(crate) fn ClosingNotice() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let stopping = Memo::new(move |_| state.status.with(|it| it.as_ref().is_some_and(|it| it.stopping)));
    Effect::new(move |_| {
        if stopping.get() {
            // The notice may be scrolled out of sight.
            state.announcer.show_warning(session::CLOSING);
        }
    });
    move || {
        stopping.get().then(|| {
            view! {
                <Notice tone=Tone::Warning title=session::CLOSING alert=true test_id="closing">
                    <p>{session::CLOSING_TEXT}</p>
                </Notice>
            }
        })
    }
}
