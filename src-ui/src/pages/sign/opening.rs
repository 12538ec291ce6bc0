//! A signing's address after a reload: the desk says how far the signing is. Nothing is sent.

use desk::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::parts::failure::FailureNotice;
use crate::state::DeskState;
use crate::ui::button::Button;
use crate::ui::heading::Heading;
use crate::ui::live::Announcer;
use crate::words::{outcome, shell};

/// The step.
#[component]
pub(super) fn OpeningStep(intent: String) -> impl IntoView {
    let (state, announcer) = (expect_context::<DeskState>(), Announcer::here());
    let failure = RwSignal::new(None::<Failure>);
    let find = Callback::new(move |()| {
        let intent = intent.clone();
        let _ = failure.try_set(None);
        spawn_local(async move {
            if let Err(it) = state.find_signing(announcer, intent).await {
                // The person may have left by now.
                let _ = failure.try_set(Some(it));
            }
        });
    });
    find.run(());
    view! {
        <div class="screen" data-testid="screen-opening">
            <Heading text=outcome::OPENING lead=outcome::OPENING_LEAD />
            {move || {
                failure
                    .get()
                    .map(|failure| {
                        view! {
                            <FailureNotice failure>
                                <p>
                                    <Button on_click=find>{shell::TRY_AGAIN}</Button>
                                </p>
                            </FailureNotice>
                        }
                    })
            }}
        </div>
    }
}
