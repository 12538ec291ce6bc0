//! Exports as downloads: whoever is not the page that asked gets nothing, and the page gets it once.

use std::time::Duration;

use gateway::Limits;
use serde_json::Value;

use crate::target::{Answer, Request, Session, Target, later};

/// What our own page sends to export the history.
fn export(target: &Target, session: &Session) -> Request {
    target.call(session).target("/api/export").body(r#"{"what":"csv","filter":{}}"#)
}

/// Exports, and tells where the download is.
async fn exported(target: &Target, session: &Session) -> String {
    let answer = target.send(&export(target, session)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    told["download"].as_str().unwrap().to_owned()
}

/// What a browser sends for a link of our page.
fn follow(target: &Target, session: &Session, path: &str) -> Request {
    target.visit(path).with("cookie", &session.cookie).with("sec-fetch-site", "same-origin")
}

fn is_the_file(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.body.starts_with("\u{feff}entry,outcome,code"), "{answer:?}");
}

#[tokio::test]
async fn an_export_is_served_once_with_headers_that_keep_it_from_being_shown() {
    let target = Target::new().await;
    let session = target.opened().await;
    let path = exported(&target, &session).await;
    assert!(path.strip_prefix("/download/").is_some_and(|it| it.len() == 64), "{path}");
    let left = std::fs::read_dir(target.desk.data_dir().join("exports")).unwrap().count();
    assert_eq!(left, 0, "nothing is left where the program runs");

    let answer = target.send(&follow(&target, &session, &path)).await;
    is_the_file(&answer);
    let disposition = answer.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"history-") && disposition.ends_with(".csv\""));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{answer:?}");
    }
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    let again = target.send(&follow(&target, &session, &path)).await;
    assert_eq!(again.status, 404, "{again:?}");
}

#[tokio::test]
async fn the_answer_names_no_path_of_this_computer() {
    let target = Target::new().await;
    let session = target.opened().await;
    let answer = target.send(&export(&target, &session)).await;
    let folder = target.desk.data_dir().display().to_string();
    assert!(!answer.body.contains(&folder) && !answer.body.contains("exports"), "{answer:?}");
}

#[tokio::test]
async fn others_get_nothing_and_do_not_use_it_up() {
    let target = Target::new().await;
    let session = target.opened().await;
    let path = exported(&target, &session).await;
    let right = follow(&target, &session, &path);
    let wrong_cookie = format!("{}x", session.cookie);
    for (attack, status) in [
        (right.clone().without("cookie"), 401),
        (right.clone().with("cookie", &wrong_cookie), 401),
        (right.clone().with("sec-fetch-site", "cross-site"), 403),
        (right.clone().with("sec-fetch-site", "same-site"), 403),
        (right.clone().with("sec-fetch-site", "none"), 403),
        (
            right
                .clone()
                .with("sec-fetch-site", "cross-site")
                .with("sec-fetch-mode", "navigate")
                .with("sec-fetch-dest", "document"),
            403,
        ),
        (right.clone().and("sec-fetch-site", "same-origin"), 403),
        (right.clone().with("host", "attacker.example"), 421),
        (right.clone().method("HEAD"), 405),
        (right.clone().method("POST"), 405),
        (right.clone().method("DELETE"), 405),
    ] {
        let answer = target.send(&attack).await;
        assert_eq!(answer.status, status, "{attack:?} {answer:?}");
        assert!(!answer.body.contains("entry,outcome"), "{attack:?} {answer:?}");
    }
    is_the_file(&target.send(&right).await);
}

#[tokio::test]
async fn no_other_spelling_of_the_address_finds_it() {
    let target = Target::new().await;
    let session = target.opened().await;
    let path = exported(&target, &session).await;
    let secret = path.trim_start_matches("/download/").to_owned();
    for spelling in [
        "/download/".to_owned(),
        format!("/download/{}", secret.to_uppercase()),
        format!("/download/{}", &secret[1..]),
        format!("/download/{secret}x"),
        format!("/download/{secret}/"),
        format!("/download//{secret}"),
        format!("/DOWNLOAD/{secret}"),
        format!("/download/..%2f{secret}"),
        format!("/download/{secret}%00"),
        format!("/download/{}", "0".repeat(64)),
        format!("/download?{secret}"),
        format!("/{secret}"),
        "/download/../exports/".to_owned(),
        "/download/..%2f..%2fjournal.key".to_owned(),
    ] {
        let answer = target.send(&follow(&target, &session, &spelling)).await;
        assert!([400, 404].contains(&answer.status), "{spelling} {answer:?}");
    }
    is_the_file(&target.send(&follow(&target, &session, &path)).await);
}

#[tokio::test]
async fn of_two_at_once_one_gets_it() {
    let target = Target::new().await;
    let session = target.opened().await;
    let path = exported(&target, &session).await;
    let request = follow(&target, &session, &path);
    let (one, two) = tokio::join!(target.send(&request), target.send(&request));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

#[tokio::test]
async fn it_dies_of_age_with_its_session_and_when_too_many_wait() {
    let target = Target::with(Limits { download: Duration::from_secs(60), ..Limits::default() }).await;
    let session = target.opened().await;
    let old = exported(&target, &session).await;
    later(Duration::from_secs(60)).await;
    assert_eq!(target.send(&follow(&target, &session, &old)).await.status, 404);

    let first = exported(&target, &session).await;
    for _ in 0..4 {
        exported(&target, &session).await;
    }
    assert_eq!(target.send(&follow(&target, &session, &first)).await.status, 404);

    let last = exported(&target, &session).await;
    // Somebody knocks without a session, and the person opens the new link.
    target.send(&target.visit("/")).await;
    let next = target.open(&target.told().pop().unwrap()).await;
    assert_eq!(target.send(&follow(&target, &next, &last)).await.status, 404);
    assert_eq!(target.send(&follow(&target, &session, &last)).await.status, 401);
}

#[tokio::test]
async fn an_export_without_both_secrets_writes_nothing() {
    let target = Target::new().await;
    let session = target.opened().await;
    let right = export(&target, &session);
    for attack in [right.clone().without("x-csrdesk"), right.without("cookie")] {
        assert_eq!(target.send(&attack).await.status, 401);
    }
    assert!(!target.desk.data_dir().join("exports").exists());
}
