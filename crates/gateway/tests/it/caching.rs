//! Which answers a cache may keep, and in which coding the page's files are sent.

use std::borrow::Cow;

use gateway::Coding;

use crate::target::Target;

const STYLE: &str = "app-0123456789ab.css";
const FONT: &str = "fonts/plex-0123456789ab.woff2";
const FOR_EVER: &str = "public, max-age=31536000, immutable";

fn files(name: &str, coding: Option<Coding>) -> Option<Cow<'static, [u8]>> {
    let content = match (name, coding) {
        ("index.html", None) => "the page",
        // Never to be sent: only hashed files are sent in a coding.
        ("index.html", Some(_)) => "the page, compressed",
        (STYLE, None) => "as it is",
        (STYLE, Some(Coding::Brotli)) => "brotli",
        (STYLE, Some(Coding::Gzip)) => "gzip",
        (FONT, None) => "a font",
        ("icon.svg", None) => "<svg/>",
        _ => return None,
    };
    Some(Cow::Borrowed(content.as_bytes()))
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_nothing_else_is_kept() {
    let target = Target::showing(files).await;
    let session = target.opened().await;
    for (path, kept) in [
        (format!("/{STYLE}"), FOR_EVER),
        (format!("/{FONT}"), FOR_EVER),
        ("/".to_owned(), "no-store"),
        ("/index.html".to_owned(), "no-store"),
        ("/icon.svg".to_owned(), "no-store"),
        // Of the form of a hashed name, but not there: it may be there tomorrow.
        ("/app-ba9876543210.css".to_owned(), "no-store"),
    ] {
        let answer = target.send(&target.visit(&path).with("cookie", &session.cookie)).await;
        assert_eq!(answer.header("cache-control"), Some(kept), "{path} {answer:?}");
    }
    let call = target.call(&session).target("/api/status").body("{}");
    assert_eq!(target.send(&call).await.header("cache-control"), Some("no-store"));
    // Without a session nothing is handed out, and the refusal is not kept either.
    let refused = target.send(&target.visit(&format!("/{STYLE}"))).await;
    assert_eq!((refused.status, refused.header("cache-control")), (401, Some("no-store")), "{refused:?}");
}

#[tokio::test]
async fn a_file_is_sent_in_the_smallest_coding_that_the_browser_reads() {
    let target = Target::showing(files).await;
    let session = target.opened().await;
    for (accepts, coding, body) in [
        (None, None, "as it is"),
        (Some("gzip, deflate, br, zstd"), Some("br"), "brotli"),
        (Some("gzip, deflate"), Some("gzip"), "gzip"),
        (Some("br;q=0, gzip"), Some("gzip"), "gzip"),
        (Some("identity"), None, "as it is"),
    ] {
        let mut request = target.visit(&format!("/{STYLE}")).with("cookie", &session.cookie);
        if let Some(accepts) = accepts {
            request = request.with("accept-encoding", accepts);
        }
        let answer = target.send(&request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!((answer.header("content-encoding"), answer.body.as_str()), (coding, body), "{accepts:?}");
        assert_eq!(answer.header("content-length"), Some(body.len().to_string().as_str()));
        // A cache between must not hand one browser's coding to another.
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.header("content-type"), Some("text/css; charset=utf-8"));
    }
}

#[tokio::test]
async fn what_has_no_coding_is_sent_as_it_is_and_a_coding_is_no_address() {
    let target = Target::showing(files).await;
    let session = target.opened().await;
    let visit =
        |path: &str| target.visit(path).with("cookie", &session.cookie).with("accept-encoding", "gzip, br");
    let font = target.send(&visit(&format!("/{FONT}"))).await;
    assert_eq!((font.header("content-encoding"), font.body.as_str()), (None, "a font"));
    assert_eq!(font.header("content-type"), Some("font/woff2"));
    let page = target.send(&visit("/")).await;
    assert_eq!((page.header("content-encoding"), page.body.as_str()), (None, "the page"));
    for path in [format!("/{STYLE}.br"), format!("/{STYLE}.gz"), "/index.html.br".to_owned()] {
        assert_eq!(target.send(&visit(&path)).await.status, 404, "{path}");
    }
}
