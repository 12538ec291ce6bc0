//! The headers on every response.

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// What the page may load and do. The window's policy in src-tauri/tauri.conf.json is the same but for Tauri's own
/// channel; `cargo xtask check` compares them.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// The record and the forms are for this page alone: nothing stays in a cache, but what is [`Immutable`].
const NOWHERE: &str = "no-store";
/// For a year, which is as long as caches go, and without asking again.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Marks an answer whose address means the same content for ever: a hashed file of the page, the same for everybody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Immutable;

static PAIRS: [(HeaderName, &str); 9] = [
    (HeaderName::from_static("content-security-policy"), CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "bluetooth=(), camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), \
         serial=(), usb=()",
    ),
    // The launch link must not travel on.
    (REFERRER_POLICY, "no-referrer"),
    // A process of its own in browsers that have one, away from pages of this host's other ports.
    (HeaderName::from_static("origin-agent-cluster"), "?1"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Sets them, whatever the answer is. None of `Access-Control-*` is ever among them: no other site may read anything.
/// `Strict-Transport-Security` is for whoever ends the TLS: a reverse proxy.
pub(crate) async fn protect(mut response: Response) -> Response {
    let kept = if response.extensions().get::<Immutable>().is_some() { FOR_EVER } else { NOWHERE };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    for (name, value) in &PAIRS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
