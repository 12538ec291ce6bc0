//! The page's files, built into this program, and the few plain pages that stand in for it.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, StatusCode, Uri};
use rust_embed::RustEmbed;

use crate::Shared;
use crate::coding::{self, Coding};
use crate::headers::Immutable;

/// What `cargo xtask ui` made. A debug build reads the folder at run time instead, so that building the page again
/// does not mean building this again.
#[derive(RustEmbed)]
#[folder = "../../dist"]
#[allow_missing = true]
struct Page;

/// The same files compressed, by `cargo xtask ui --release`. Beside `dist` and not in it: the window embeds all of `dist`,
/// as it is, and would carry each file several times.
#[derive(RustEmbed)]
#[folder = "../../dist-compressed"]
#[allow_missing = true]
struct Compressed;

/// Finds a file of the page by its name, as it is or in a coding.
pub(crate) type Files = dyn Fn(&str, Option<Coding>) -> Option<Cow<'static, [u8]>> + Send + Sync;

/// The files that were built in.
pub(crate) fn built_in(name: &str, coding: Option<Coding>) -> Option<Cow<'static, [u8]>> {
    let file = match coding {
        None => Page::get(name),
        Some(coding) => Compressed::get(&format!("{name}.{}", coding.ending())),
    };
    file.map(|it| it.data)
}

/// A file of the page. Only names that were built in exist, so there is no path to walk out of.
///
/// A name that carries a hash of the content means the same for ever: it is kept by every cache, and sent in the smallest
/// coding that the browser reads. Everything else is sent as it is and kept nowhere.
pub(crate) async fn file(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let name = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let find = |coding| (shared.files)(name, coding);
    let Some(content) = find(None) else {
        return match name {
            "index.html" => (StatusCode::INTERNAL_SERVER_ERROR, not_built()).into_response(),
            _ => (StatusCode::NOT_FOUND, plain("Not here", "There is no such page.", "")).into_response(),
        };
    };
    let content_type = [(CONTENT_TYPE, media_type(name))];
    if !is_hashed(name) {
        return (content_type, content).into_response();
    }
    let accepted = coding::accepted(headers.get_all(ACCEPT_ENCODING));
    let compressed = accepted.into_iter().find_map(|it| Some((it, find(Some(it))?)));
    let mut response = match compressed {
        Some((coding, smaller)) => {
            (content_type, [(CONTENT_ENCODING, coding.as_str())], smaller).into_response()
        }
        None => (content_type, content).into_response(),
    };
    response.headers_mut().insert(VARY, http::HeaderValue::from_static("accept-encoding"));
    response.extensions_mut().insert(Immutable);
    response
}

/// Whether a name has the form that `cargo xtask ui` gives to hashed files: `stem-<12 hex digits>.ending`.
fn is_hashed(name: &str) -> bool {
    let hash = name.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-')).map(|(_, hash)| hash);
    hash.is_some_and(|it| it.len() == 12 && it.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
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

pub(crate) fn no_download() -> Html<String> {
    plain("Not here", "This download was used already, or it is too old. Export again in the page.", "")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_whole_hash_is_a_hashed_one() {
        for name in ["app-65b3f7a5e0a2.css", "csrdesk_bg-c7ddc9179ddc.wasm", "fonts/a-b-0123456789ab.woff2"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in [
            "index.html",
            "icon.svg",
            "app.css",
            "app-65b3f7a5e0a.css",
            "app-65b3f7a5e0a22.css",
            "app-65B3F7A5E0A2.css",
            "app-65b3f7a5e0ag.css",
            "app-65b3f7a5e0a2",
            "65b3f7a5e0a2.css",
            "snippets/leptos-65b3f7a5e0a2/inline0.js",
            "",
            "-.",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
