//! The page's files, built into this program, and the few plain pages that stand in for it.

use axum::response::{Html, IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{StatusCode, Uri};
use rust_embed::RustEmbed;

/// What `cargo xtask ui` made. A debug build reads the folder at run time instead, so that building the page again
/// does not mean building this again.
#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Page;

/// A file of the page. Only names that were built in exist, so there is no path to walk out of.
pub(crate) async fn file(uri: Uri) -> Response {
    let name = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    match Page::get(name) {
        Some(file) => ([(CONTENT_TYPE, media_type(name))], file.data).into_response(),
        None if name == "index.html" => (StatusCode::INTERNAL_SERVER_ERROR, not_built()).into_response(),
        None => (StatusCode::NOT_FOUND, plain("Not here", "There is no such page.", "")).into_response(),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// `key` is hexadecimal, and the one thing here that is not a text of this file.
pub(crate) fn moving_on(key: &str) -> Html<String> {
    let body = format!("<a href=\"/#key={key}\">Open CSR Desk</a>");
    let head = format!("<meta http-equiv=\"refresh\" content=\"0;url=/#key={key}\">");
    plain("CSR Desk", &body, &head)
}

pub(crate) fn link_used() -> Html<String> {
    plain(
        "This link does not open CSR Desk",
        "A link works once, and not for long. csrdesk serve has printed a new one in its terminal. If it was not you who \
         used this one, open the new one at once: that ends the other session.",
        "",
    )
}

pub(crate) fn too_many_links() -> Html<String> {
    plain(
        "Too many wrong links",
        "Wait a minute, or open the link that csrdesk serve printed last in its terminal.",
        "",
    )
}

pub(crate) fn no_session() -> Html<String> {
    plain(
        "No session",
        "The session has ended, or it is another browser's. Look in the terminal in which csrdesk serve runs: it has \
         printed a link. A link works once, in one browser, and ends the session before it.",
        "",
    )
}

pub(crate) fn wrong_name() -> Html<String> {
    plain(
        "Not under this name",
        "CSR Desk answers under the name in the link that csrdesk serve printed.",
        "",
    )
}

pub(crate) fn other_site() -> Html<String> {
    plain("Not from another site", "CSR Desk is no part of other sites' pages.", "")
}

fn not_built() -> Html<String> {
    plain("The page is missing", "This program was built without its page. Build it with: cargo xtask ui", "")
}

/// All texts are our own: nothing from outside is put into a page here.
fn plain(title: &str, body: &str, head: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">{head}<title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>{body}</p></main></body></html>"
    ))
}
