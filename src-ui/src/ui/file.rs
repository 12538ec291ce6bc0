//! Files: reading one that a person chose, and handing one out.

use domain::ErrorCode;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlInputElement};

/// Reads the chosen file's name and text, if it has no more than so many bytes. The input is empty afterwards, so that the
/// same file can be chosen again.
pub(crate) fn read(
    input: &HtmlInputElement,
    most: f64,
    then: impl FnOnce(Result<(String, String), ErrorCode>) + 'static,
) {
    let Some(file) = input.files().and_then(|it| it.get(0)) else { return };
    if file.size() > most {
        then(Err(ErrorCode::CaFileTooLarge));
        return;
    }
    let (name, content) = (file.name(), JsFuture::from(file.array_buffer()));
    input.set_value("");
    spawn_local(async move {
        let text = content.await.ok().and_then(|it| as_text(&js_sys::Uint8Array::new(&it).to_vec()));
        then(text.map(|it| (name, it)).ok_or(ErrorCode::CaFileUnreadable));
    });
}

/// A file's content as a text, whatever its encoding; as base64 when it is no text: DER, PKCS#12 and Java keystores,
/// which the program behind the page tells apart.
fn as_text(content: &[u8]) -> Option<String> {
    let binary = match content {
        [0x30, length, ..] => *length >= 0x80,
        _ => content.starts_with(&[0xFE, 0xED, 0xFE, 0xED]) || content.starts_with(&[0xCE, 0xCE, 0xCE, 0xCE]),
    };
    if binary {
        let characters: String = content.iter().copied().map(char::from).collect();
        return web_sys::window()?.btoa(&characters).ok();
    }
    Some(domain::text::decode(content).0)
}

/// Hands a text out as a file, as the browser does that.
pub(crate) fn hand_out(name: &str, text: &str) {
    let text = String::from(js_sys::encode_uri_component(text));
    download(name, &["data:application/json;charset=utf-8,", &text].concat());
}

/// Has the browser download what is at an address.
pub(crate) fn download(name: &str, address: &str) {
    let link = document().create_element("a").ok().and_then(|it| it.dyn_into::<HtmlElement>().ok());
    if let Some(link) = link {
        let _ = link.set_attribute("href", address).and_then(|()| link.set_attribute("download", name));
        link.click();
    }
}
