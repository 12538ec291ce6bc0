//! Paths that climb, and spellings of paths that guards could overlook.

use crate::target::Target;

const FILES: [&str; 30] = [
    "/../Cargo.toml",
    "/../../Cargo.toml",
    "/%2e%2e/Cargo.toml",
    "/%2e%2e%2fCargo.toml",
    "/..%2f..%2fCargo.toml",
    "/%252e%252e%252fCargo.toml",
    "/..%252fCargo.toml",
    "/..\\Cargo.toml",
    "/..%5cCargo.toml",
    "/%c0%ae%c0%ae/Cargo.toml",
    "/.%00./Cargo.toml",
    "/index.html%00.png",
    "/index.html/../../Cargo.toml",
    "/./../Cargo.toml",
    "/....//Cargo.toml",
    "/..;/Cargo.toml",
    "//etc/passwd",
    "///etc/passwd",
    "/%2fetc%2fpasswd",
    "/etc/passwd",
    "/C:/Windows/win.ini",
    "/C:%5cWindows%5cwin.ini",
    "/%5c%5cserver%5cshare",
    "/file:///etc/passwd",
    "/.git/config",
    "/Cargo.toml",
    "/snippets/../../Cargo.toml",
    "/styles/..%2f..%2fCargo.toml",
    "/nul",
    "/con.txt",
];

#[tokio::test]
async fn only_the_page_s_own_files_are_found() {
    let target = Target::new().await;
    let session = target.opened().await;
    for path in FILES {
        let answer = target.send(&target.visit(path).with("cookie", &session.cookie)).await;
        assert!([400, 404].contains(&answer.status), "{path} {answer:?}");
        for inside in ["[package]", "[workspace]", "root:", "[core]"] {
            assert!(!answer.body.contains(inside), "{path} {answer:?}");
        }
    }
    // Bytes that are no address at all.
    for path in ["/\0", "/\x01", "/a b", "../Cargo.toml", "*", "", "\\..\\Cargo.toml", "/\u{202e}"] {
        let answer = target.send(&target.visit(path).with("cookie", &session.cookie)).await;
        assert!([0, 400, 404, 421].contains(&answer.status), "{path:?} {answer:?}");
    }
}

#[tokio::test]
async fn without_the_cookie_no_spelling_finds_anything() {
    let target = Target::new().await;
    target.opened().await;
    for path in FILES.into_iter().chain(["/", "/index.html", "/index.html?x", "/icon.svg", "//", "/./"]) {
        let answer = target.send(&target.visit(path)).await;
        assert!([400, 401].contains(&answer.status), "{path} {answer:?}");
    }
}

#[tokio::test]
async fn no_spelling_of_a_call_gets_around_its_guards() {
    let target = Target::new().await;
    let session = target.opened().await;
    let call = target.call(&session);
    for path in [
        "//api/provide_token",
        "/api//provide_token",
        "/api/provide_token/",
        "/API/provide_token",
        "/api/PROVIDE_TOKEN",
        "/api/./provide_token",
        "/./api/provide_token",
        "/x/../api/provide_token",
        "/api/..%2fapi%2fprovide_token",
        "/api%2fprovide_token",
        "/%61pi/provide_token",
        "/api/provide_token%00",
        "/api/provide_token%20",
        "/api/provide_token;x",
        "/launch/../api/provide_token",
        "/index.html/../api/provide_token",
        "/api/provide%5ftoken",
    ] {
        let stolen = call.clone().without("x-csrdesk").target(path);
        let answer = target.send(&stolen).await;
        assert!([400, 401, 403, 404, 405].contains(&answer.status), "{path} {answer:?}");
        assert!(!target.holds_a_token().await, "{path}");
        let foreign = call.clone().with("origin", "http://attacker.example").target(path);
        assert_ne!(target.send(&foreign).await.status, 200, "{path}");
        assert!(!target.holds_a_token().await, "{path}");
    }
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_named_in_words_that_quote_nothing() {
    let target = Target::new().await;
    let session = target.opened().await;
    for name in ["format_disk", "plugin:fs|read_file", "__proto__", "%3Cscript%3E", "dispatch"] {
        let answer = target.turns_away(&target.call(&session).target(&format!("/api/{name}")), 404).await;
        assert!(answer.body.contains("unknown-command"), "{answer:?}");
        assert!(!answer.body.contains(name) && !answer.body.contains("<script>"), "{answer:?}");
    }
}
