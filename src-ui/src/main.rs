//! The page of CSR Desk: what a person sees of the command list, in a window or in a browser.
//!
//! Owns what is shown and typed. Refuses to own rules and words of the field (they are `domain`'s), the token (it goes
//! straight from its input to the host), and any knowledge of the host outside of `host`.

#![allow(unreachable_pub, reason = "the component macro writes pub items into private modules")]

mod app;
mod clock;
mod cure;
mod drafts;
mod end_date;
#[cfg(test)]
mod fixtures;
mod form_draft;
mod host;
mod pages;
mod parts;
mod resolved;
mod route;
mod running;
mod session;
mod shell;
mod sign_form;
mod signing;
mod signing_place;
mod state;
mod stored_drafts;
mod stored_form;
mod switcher;
mod tab_storage;
mod tested;
mod theme;
mod turns;
mod ui;
mod words;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Where the page is drawn, in `index.html`.
const ROOT: &str = "app";
/// What `index.html` shows when the page cannot go on.
const CRASH: &str = "crash";

fn main() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show_crash();
    }));
    host::start();
    let root = document().get_element_by_id(ROOT).and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok());
    let Some(root) = root else {
        show_crash();
        return;
    };
    // What the page said while it was starting.
    root.set_text_content(None);
    theme::Theme::remembered().apply();
    mount_to(root, app::App).forget();
    if let Some(body) = document().body() {
        // The mark that tests and `boot.js` wait for.
        let _ = body.set_attribute("data-ready", "true");
    }
}

/// A page that has panicked can do nothing more: it steps aside for a panel that says so and offers a reload.
fn show_crash() {
    let Some(document) = web_sys::window().and_then(|it| it.document()) else { return };
    for (id, hidden) in [(ROOT, true), (CRASH, false)] {
        if let Some(element) = document.get_element_by_id(id) {
            let _ =
                if hidden { element.set_attribute("hidden", "") } else { element.remove_attribute("hidden") };
        }
    }
}
