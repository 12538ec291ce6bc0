//! A screen's heading, which takes the focus when the screen comes up.

use leptos::prelude::*;

use crate::ui::focus;

/// Finds a screen's heading.
const SELECTOR: &str = "#main h1";

/// The heading of a screen, and a line below it.
#[component]
pub(crate) fn Heading(
    #[prop(into)] text: Signal<String>,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="screen-head">
            {children.map(|it| it())}
            <h1 tabindex="-1">{text}</h1>
            {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
        </header>
    }
}

/// Moves the focus to the heading of the screen that just came up, or to what was wanted of it.
pub(crate) fn take_focus() {
    request_animation_frame(|| {
        if !focus::arrived() {
            // A screen begins at its top, with what stands above its heading, wherever the one before was scrolled to.
            window().scroll_to_with_x_and_y(0.0, 0.0);
            focus::soon(SELECTOR);
        }
    });
}
