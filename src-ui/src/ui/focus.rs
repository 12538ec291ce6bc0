//! Moving the focus to what is new on the page.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

thread_local! {
    /// The id of what is to take the focus instead of the heading of the screen that comes up next.
    static WANTED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Focuses the first element that matches, once the page has been drawn with it.
pub(crate) fn soon(selector: impl Into<String>) {
    let selector = selector.into();
    request_animation_frame(move || now(&selector));
}

/// Focuses the element with this id, on this screen or on the one that comes up next.
pub(crate) fn on_arrival(id: &str) {
    WANTED.set(Some(id.to_owned()));
    request_animation_frame(|| {
        let wanted = WANTED.take();
        if !focus_wanted(wanted.as_deref()) {
            WANTED.set(wanted);
        }
    });
}

/// Whether nobody has put the focus anywhere yet; the heading that takes it on arrival leaves it free.
pub(crate) fn is_free() -> bool {
    document().active_element().is_none_or(|it| it.matches("body, #main, #main h1").unwrap_or(true))
}

/// A screen has come up: focuses what was wanted of it, and says whether something on it has the focus.
pub(crate) fn arrived() -> bool {
    let focused = document().active_element();
    let inside = || focused.is_some_and(|it| it.closest("#main *").ok().flatten().is_some());
    focus_wanted(WANTED.take().as_deref()) || inside()
}

fn focus_wanted(id: Option<&str>) -> bool {
    let element = id.and_then(|id| document().get_element_by_id(id));
    if let Some(element) = &element {
        focus(element);
    }
    element.is_some()
}

/// Focuses the element with this id now.
pub(crate) fn id(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        focus(&element);
    }
}

/// Whether nothing else has taken the focus since an action started there.
pub(crate) fn is_still(started_at: Option<&web_sys::Element>) -> bool {
    let now = document().active_element();
    let nowhere = now.as_ref().is_none_or(|it| it.tag_name() == "BODY");
    nowhere || now.as_ref() == started_at
}

/// Focuses what says how an action ended, once the page has been drawn with it, and brings what belongs to it into view.
pub(crate) fn show(selector: &'static str, detail: &'static str) {
    request_animation_frame(move || {
        now(selector);
        scroll_to(detail, web_sys::ScrollLogicalPosition::Nearest);
    });
}

/// Brings what is new below the fold into view, once the page has been drawn with it. The focus stays where it is.
pub(crate) fn into_view(selector: &'static str) {
    request_animation_frame(move || scroll_to(selector, web_sys::ScrollLogicalPosition::Nearest));
}

fn scroll_to(selector: &str, block: web_sys::ScrollLogicalPosition) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(block);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn now(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector) {
        focus(&element);
    }
}

fn focus(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}
