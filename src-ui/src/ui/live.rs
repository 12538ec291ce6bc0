//! The polite live region: what a person who does not see the page has to hear.

use leptos::prelude::*;

/// Says something once.
#[derive(Clone, Copy)]
pub(crate) struct Announcer(RwSignal<String>);

impl Announcer {
    /// For the root of the page.
    pub(crate) fn provide() -> Self {
        let announcer = Self(RwSignal::new(String::new()));
        provide_context(announcer);
        announcer
    }

    /// The page's announcer. Call it while a component is built, never inside a future.
    pub(crate) fn here() -> Self {
        use_context().unwrap_or_else(|| Self(RwSignal::new(String::new())))
    }

    /// Says it. The same text twice is heard twice.
    pub(crate) fn say(self, text: &str) {
        let again = self.0.with_untracked(|it| it == text);
        self.0.set(if again { [text, "\u{00A0}"].concat() } else { text.to_owned() });
    }
}

/// The region itself.
#[component]
pub(crate) fn LiveRegion(announcer: Announcer) -> impl IntoView {
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">
            {move || announcer.0.get()}
        </div>
    }
}
