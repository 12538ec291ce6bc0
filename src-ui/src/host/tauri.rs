//! The desktop window's way to the program: Tauri's own `invoke`, without its JavaScript package.

use desk::Failure;
use domain::ErrorCode;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Asked;

const INTERNALS: &str = "__TAURI_INTERNALS__";

/// `window.__TAURI_INTERNALS__.invoke`; none in a browser.
pub(super) fn invoke_function() -> Option<Function> {
    let internals = Reflect::get(&js_sys::global(), &INTERNALS.into()).ok()?;
    Reflect::get(&internals, &"invoke".into()).ok()?.dyn_into().ok()
}

/// Takes what the window left for the page before it was loaded, as JSON text; none in a browser.
pub(super) fn known_at_start() -> Option<String> {
    let (global, name) = (js_sys::global(), JsValue::from(desk::KNOWN_AT_START));
    let known = json(&Reflect::get(&global, &name).ok()?)?;
    // True now, and not for long.
    Reflect::delete_property(&global, &name).ok()?;
    Some(known)
}

/// `invoke(name, { request, automatic })`; JSON text in, JSON text out.
pub(super) async fn send(invoke: &Function, name: &str, body: &str, asked: Asked) -> Result<String, Failure> {
    let arguments = Object::new();
    let request = JSON::parse(body).map_err(|e| failure(&e))?;
    Reflect::set(&arguments, &"request".into(), &request).map_err(|e| failure(&e))?;
    let automatic = JsValue::from_bool(asked == Asked::ByThePage);
    Reflect::set(&arguments, &"automatic".into(), &automatic).map_err(|e| failure(&e))?;
    let promise: Promise = invoke
        .call2(&JsValue::UNDEFINED, &name.into(), &arguments)
        .and_then(JsCast::dyn_into)
        .map_err(|e| failure(&e))?;
    let answer = JsFuture::from(promise).await.map_err(|e| failure(&e))?;
    json(&answer).ok_or_else(|| Failure::new(ErrorCode::Internal))
}

/// A rejected call is a `Failure` when a handler refused, and anything at all when Tauri itself did.
fn failure(error: &JsValue) -> Failure {
    json(error).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| {
        let detail = error.as_string().or_else(|| json(error)).unwrap_or_default();
        Failure::because(ErrorCode::Internal, detail)
    })
}

fn json(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.as_string()
}
