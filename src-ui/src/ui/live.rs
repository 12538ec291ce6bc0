//! The status line: every action ends in words that are seen and heard.
//!
//! One polite live region, shown as a toast near the lower edge of the window; it covers no control that is about to be
//! used (`toast_place`). What is visible at its place already is only
//! heard; what an alert says already is only shown.

use std::time::Duration;

use leptos::ev;
use leptos::html::Aside;
use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast_place;
use crate::words::shell;

/// A toast stays so long, and longer while the pointer or the focus is on it. It repeats what the page shows.
const SHOWN_FOR: Duration = Duration::from_secs(12);

/// So often its place is checked: what it would cover may be drawn, or move, without an event of the window's.
const CHECKED_EVERY: Duration = Duration::from_millis(200);

/// What the line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Line {
    /// The words; empty for none.
    text: String,
    shown: Shown,
    /// Whether the live region says them.
    heard: bool,
}

/// How the words are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    /// Not at all.
    #[default]
    Not,
    /// It went well.
    Good,
    /// Something failed or needs attention.
    Warning,
}

/// Says what came of an action.
#[derive(Clone, Copy)]
pub(crate) struct Announcer {
    line: RwSignal<Line>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Announcer {
    /// For the root of the page.
    pub(crate) fn provide() -> Self {
        let announcer = Self::new();
        provide_context(announcer);
        announcer
    }

    fn new() -> Self {
        Self { line: RwSignal::new(Line::default()), timer: StoredValue::new(None) }
    }

    /// The page's announcer. Call it while a component is built, never inside a future.
    pub(crate) fn here() -> Self {
        use_context().unwrap_or_else(Self::new)
    }

    /// Shows it as good and says it. The same text twice is heard twice. What failed or leaves a doubt goes to
    /// [`Self::warn`].
    pub(crate) fn say(self, text: &str) {
        self.put(text, Shown::Good, true);
    }

    /// Shows it and says it, as good or as something that needs attention.
    pub(crate) fn say_or_warn(self, good: bool, text: &str) {
        if good { self.say(text) } else { self.warn(text) }
    }

    /// Says what the screen shows already at the place where the focus goes.
    pub(crate) fn hear(self, text: &str) {
        self.put(text, Shown::Not, true);
    }

    /// Shows it and says it, as something that needs attention.
    pub(crate) fn warn(self, text: &str) {
        self.put(text, Shown::Warning, true);
    }

    /// Shows what an alert elsewhere on the page says: the alert may be scrolled out of sight.
    pub(crate) fn show_warning(self, text: &str) {
        self.put(text, Shown::Warning, false);
    }

    /// Takes it away.
    pub(crate) fn dismiss(self) {
        self.hold();
        let _ = self.line.try_set(Line::default());
    }

    fn put(self, text: &str, shown: Shown, heard: bool) {
        let again = self.line.with_untracked(|it| it.text == text);
        let text = if again { [text, "\u{00A0}"].concat() } else { text.to_owned() };
        self.line.set(Line { text, shown, heard });
        if shown == Shown::Not { self.hold() } else { self.dismiss_later() }
    }

    fn dismiss_later(self) {
        self.hold();
        let handle = set_timeout_with_handle(move || self.dismiss_unless_used(), SHOWN_FOR).ok();
        self.timer.set_value(handle);
    }

    fn dismiss_unless_used(self) {
        let used = document().query_selector(".toast:hover, .toast:focus-within").ok().flatten();
        if used.is_some() { self.dismiss_later() } else { self.dismiss() }
    }

    fn hold(self) {
        if let Some(handle) = self.timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }
}

/// The region itself.
#[component]
pub(crate) fn LiveRegion(announcer: Announcer) -> impl IntoView {
    let line = announcer.line;
    let heard = move || line.with(|it| if it.heard { it.text.clone() } else { String::new() });
    let shown = Memo::new(move |_| line.with(|it| (it.shown != Shown::Not).then(|| it.clone())));
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {heard}
        </div>
        {move || {
            shown
                .get()
                .map(|it| {
                    let warning = it.shown == Shown::Warning;
                    let icon = if warning { Icon::Warning } else { Icon::Check };
                    let toast = NodeRef::<Aside>::new();
                    keep_in_place(toast);
                    view! {
                        <aside node_ref=toast class="toast" class:toast--warning=warning aria-label=shell::STATUS data-testid="toast">
                            // The live region and the alerts say the words; a second reader of them would repeat.
                            <p aria-hidden="true">
                                <Glyph icon />
                                <span>{it.text}</span>
                            </p>
                            <button
                                type="button"
                                class="toast-close"
                                aria-label=shell::DISMISS
                                on:click=move |_| announcer.dismiss()
                            >
                                <Glyph icon=Icon::Cross />
                            </button>
                        </aside>
                    }
                })
        }}
    }
}

/// Keeps a toast off what it must not cover, for as long as it is shown.
fn keep_in_place(toast: NodeRef<Aside>) {
    let settle = move || {
        if let Some(it) = toast.try_get_untracked().flatten() {
            toast_place::settle(&it);
        }
    };
    Effect::new(move |_| {
        toast.get();
        request_animation_frame(settle);
    });
    let focused = window_event_listener(ev::focusin, move |_| settle());
    let scrolled = window_event_listener(ev::scroll, move |_| settle());
    let resized = window_event_listener(ev::resize, move |_| settle());
    let ticking = set_interval_with_handle(settle, CHECKED_EVERY).ok();
    on_cleanup(move || {
        focused.remove();
        scrolled.remove();
        resized.remove();
        if let Some(it) = ticking {
            it.clear();
        }
    });
}
