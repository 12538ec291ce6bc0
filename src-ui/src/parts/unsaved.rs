//! Says beside a form that something in it is not saved yet.

use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};
use crate::words::shell;

/// The words. Shown while a person types, so they are no alert.
#[component]
pub(crate) fn NotSaved(test_id: &'static str) -> impl IntoView {
    view! {
        <p class="unsaved" data-testid=test_id>
            <Glyph icon=Icon::Warning />
            {shell::NOT_SAVED}
        </p>
    }
}
