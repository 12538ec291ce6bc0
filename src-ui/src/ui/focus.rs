//! Moving the focus to what is new on the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Focuses the first element that matches, once the page has been drawn with it.
pub(crate) fn soon(selector: &'static str) {
    request_animation_frame(move || now(selector));
}

/// Focuses the element with this id now.
pub(crate) fn id(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        focus(&element);
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
