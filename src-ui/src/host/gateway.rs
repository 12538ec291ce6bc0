//! The browser page's way to the program: a POST to the gateway that served the page.
//!
//! Owns the key: the second secret of a session, beside the cookie. It comes behind the `#` of the address, goes with every
//! call, and is kept in the browser's local storage. That belongs to this host **and port**, unlike a cookie, so that no
//! program on another port gets it. Local and not session storage, because a second tab is the same person, and because a
//! tab whose session ended goes on, with all that was typed, once a new link was opened in another one. What stays behind
//! on disk is worth nothing: the key dies with its session.

use std::cell::RefCell;

use desk::Failure;
use domain::ErrorCode;
use gloo_net::http::{Request, Response};
use wasm_bindgen::JsValue;
use web_sys::{RequestCredentials, Storage};

use super::Asked;

/// The header that carries the key; no form of another site can send it.
const HEADER: &str = "x-csrdesk";
/// The header that says that nobody asked for this call.
const AUTOMATIC: &str = "x-csrdesk-automatic";
/// Where the key is kept.
const STORED: &str = "csrdesk-key";
/// How the launch page hands it over.
const FRAGMENT: &str = "#key=";

thread_local! {
    /// The key that came with the address, until the gateway has taken it once; for good where nothing can be stored.
    static BROUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Takes the key out of the address, before anything else reads the address or it gets into the history.
///
/// It replaces a stored one only when it was found to be right: any site can link here with a wrong one.
pub(super) fn take_key() {
    let Some(window) = web_sys::window() else { return };
    let hash = window.location().hash().unwrap_or_default();
    let Some(key) = hash.strip_prefix(FRAGMENT) else { return };
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/"));
    }
    BROUGHT.with(|it| it.replace(Some(key.to_owned())));
}

/// `POST /api/<command>`; JSON text in, JSON text out.
pub(super) async fn send(name: &str, body: &str, asked: Asked) -> Result<String, Failure> {
    let brought = BROUGHT.with(|it| it.borrow().clone());
    let stored = storage().and_then(|it| it.get_item(STORED).ok().flatten());
    let mut response = post(name, body, brought.as_ref().or(stored.as_ref()), asked).await?;
    if let Some(key) = brought {
        if response.status() != 401 {
            keep(&key);
        } else if stored.is_some() {
            BROUGHT.with(|it| it.take());
            // No call is made twice: this one was turned away at the door, and nothing was carried out.
            response = post(name, body, stored.as_ref(), asked).await?;
        }
    }
    let status = response.status();
    let text = response.text().await.map_err(unreachable)?;
    if status == 200 {
        return Ok(text);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| match status {
        401 => Failure::new(ErrorCode::SessionEnded),
        _ => Failure::because(ErrorCode::HostUnreachable, ["HTTP ", &status.to_string()].concat()),
    }))
}

async fn post(name: &str, body: &str, key: Option<&String>, asked: Asked) -> Result<Response, Failure> {
    let mut request = Request::post(&["/api/", name].concat())
        .header("content-type", "application/json")
        // Without one, the gateway says in its own words that the session has ended.
        .header(HEADER, key.map_or("", String::as_str));
    if asked == Asked::ByThePage {
        request = request.header(AUTOMATIC, "1");
    }
    request
        .credentials(RequestCredentials::SameOrigin)
        .body(body)
        .map_err(unreachable)?
        .send()
        .await
        .map_err(unreachable)
}

/// Stores a key that was right. Where the browser stores nothing, it stays in this tab.
fn keep(key: &str) {
    if storage().is_some_and(|it| it.set_item(STORED, key).is_ok()) {
        BROUGHT.with(|it| it.take());
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn unreachable(error: gloo_net::Error) -> Failure {
    Failure::because(ErrorCode::HostUnreachable, error)
}
