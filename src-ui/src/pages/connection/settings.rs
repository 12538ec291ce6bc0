//! What is preferred, whatever the connection, and what helps somebody to help.

use desk::commands::diagnostics::Diagnostics;
use desk::commands::set_preferences::{self, SetPreferences};
use desk::commands::{LogLevel, Preferences};
use leptos::prelude::*;

use crate::host;
use crate::session::NOTHING;
use crate::state::DeskState;
use crate::ui::button::Button;
use crate::ui::copy::CopyButton;
use crate::ui::disclosure::Verbatim;
use crate::ui::live::Announcer;
use crate::ui::select::Select;
use crate::words::session;

/// Offered for the lock, in minutes; 0 is never.
const MINUTES: [u32; 8] = [5, 15, 30, 60, 120, 240, 480, 0];

/// The card.
#[component]
pub(super) fn Settings() -> impl IntoView {
    let (state, announcer) = (expect_context::<DeskState>(), Announcer::here());
    let preferences = Memo::new(move |_| state.status.with(|it| it.as_ref().map(|it| it.preferences)));
    let text = RwSignal::new(None::<String>);
    let set = move |change: &dyn Fn(&mut Preferences)| {
        let Some(mut preferences) = preferences.get_untracked() else { return };
        change(&mut preferences);
        state.act::<SetPreferences>(host::write(&set_preferences::Request { preferences }), move |_| {
            announcer.say(session::SETTINGS_SAVED);
        });
    };
    let show = Callback::new(move |()| {
        state.act::<Diagnostics>(Ok(NOTHING.to_owned()), move |done| {
            let _ = text.try_set(Some(done.text));
            crate::ui::focus::soon("[data-testid='diagnostics']");
        });
    });
    // Drawn once, so that the list that is changed keeps the focus.
    let known = Memo::new(move |_| preferences.with(Option::is_some));
    let chosen = move |of: fn(&Preferences) -> String| {
        Signal::derive(move || preferences.with(|it| it.as_ref().map(of).unwrap_or_default()))
    };
    move || {
        known.get();
        let now = preferences.get_untracked()?;
        let mut minutes = MINUTES.to_vec();
        if !minutes.contains(&now.lock_after_minutes) {
            minutes.insert(0, now.lock_after_minutes);
        }
        let minutes = minutes.into_iter().map(|it| (it.to_string(), session::minutes(it))).collect();
        let levels =
            LogLevel::ALL.map(|it| (it.as_str().to_owned(), session::log_level(it).to_owned())).to_vec();
        Some(view! {
            <section class="card" aria-labelledby="settings-title" data-testid="settings">
                <h2 id="settings-title">{session::SETTINGS}</h2>
                <div class="filter-fields">
                    <Select
                        id="lock-after"
                        label=session::LOCK_AFTER
                        meaning=session::LOCK_AFTER_MEANING
                        options=minutes
                        chosen=chosen(|it| it.lock_after_minutes.to_string())
                        on_choose=Callback::new(move |value: String| {
                            if let Ok(minutes) = value.parse() {
                                set(&|it| it.lock_after_minutes = minutes);
                            }
                        })
                    />
                    <Select
                        id="log-level"
                        label=session::LOG_LEVEL
                        meaning=session::LOG_LEVEL_MEANING
                        options=levels
                        chosen=chosen(|it| it.log_level.as_str().to_owned())
                        on_choose=Callback::new(move |value: String| {
                            if let Some(level) = LogLevel::ALL.into_iter().find(|it| it.as_str() == value) {
                                set(&|it| it.log_level = level);
                            }
                        })
                    />
                </div>
                <div class="row">
                    <Button test_id="button-diagnostics" busy=state.acting on_click=show>
                        {session::DIAGNOSTICS}
                    </Button>
                    <p class="actions-reason">{session::DIAGNOSTICS_TEXT}</p>
                </div>
                {move || {
                    text.get()
                        .map(|text| {
                            view! {
                                <div class="row">
                                    <CopyButton text=text.clone() what=session::DIAGNOSTICS_TITLE />
                                </div>
                                <Verbatim text label=session::DIAGNOSTICS_TITLE test_id="diagnostics" />
                            }
                        })
                }}
            </section>
        })
    }
}
