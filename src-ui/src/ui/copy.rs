//! A button that copies a text.

use js_sys::{Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::ui::icon::{Glyph, Icon};
use crate::ui::live::Announcer;
use crate::words::shell;

/// Copies `text`; `what` names it for those who do not see it beside the button.
#[component]
pub(crate) fn CopyButton(#[prop(into)] text: String, what: &'static str) -> impl IntoView {
    let announcer = Announcer::here();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let done = to_clipboard(&text).await;
            announcer.say_or_warn(done, if done { shell::COPIED } else { shell::COPY_FAILED });
            // The button may be gone by now.
            let _ = copied.try_set(done);
        });
    };
    view! {
        <button type="button" class="button button--copy" aria-label=shell::copy_label(what) on:click=copy>
            {move || view! { <Glyph icon=if copied.get() { Icon::Check } else { Icon::Copy } /> }}
            <span>{move || if copied.get() { shell::COPIED } else { shell::COPY }}</span>
        </button>
    }
}

/// Whether the text is on the clipboard now. A page outside a secure context has no clipboard at all.
async fn to_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    let write = Reflect::get(&navigator, &"clipboard".into()).and_then(|clipboard| {
        let write: js_sys::Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
        write.call1(&clipboard, &text.into())?.dyn_into::<Promise>()
    });
    match write {
        Ok(promise) => JsFuture::from(promise).await.is_ok(),
        Err(_) => false,
    }
}
