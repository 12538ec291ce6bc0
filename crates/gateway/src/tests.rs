use bytes::Bytes;
use desk::{Host, SystemHost};
use domain::{ErrorCode, Timestamp};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use secrets::Keychain;
use secrets::keychain::test_stores::Failing;
use tokio::net::TcpStream;

use super::*;

/// The real clock, and no keychain.
struct Hermetic;

impl Host for Hermetic {
    fn now(&self) -> Timestamp {
        SystemHost.now()
    }

    fn keychain(&self) -> Keychain {
        Keychain::over(Failing(ErrorCode::KeychainAbsent))
    }
}

/// A gateway that runs, and what is needed to call it.
struct Running {
    port: u16,
    launch_path: String,
    _folder: tempfile::TempDir,
}

async fn running() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(Hermetic, folder.path().to_owned());
    let gateway = Gateway::bind(desk, 0).await.unwrap();
    let port = gateway.listener.local_addr().unwrap().port();
    let launch_path = gateway.launch_url().split_once(&port.to_string()).unwrap().1.to_owned();
    tokio::spawn(gateway.run(std::future::pending()));
    Running { port, launch_path, _folder: folder }
}

struct Call<'a> {
    method: &'a str,
    path: &'a str,
    headers: Vec<(&'static str, String)>,
    body: &'a str,
}

impl Running {
    async fn send(&self, call: Call<'_>) -> (u16, http::HeaderMap, String) {
        let tcp = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(call.method).uri(call.path);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(call.body.to_owned()))).unwrap();
        let response: Response<_> = sender.send_request(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, headers, String::from_utf8_lossy(&body).into_owned())
    }

    fn host(&self) -> (&'static str, String) {
        ("host", format!("127.0.0.1:{}", self.port))
    }

    async fn cookie(&self) -> String {
        let launch = Call { method: "GET", path: &self.launch_path, headers: vec![self.host()], body: "" };
        let (status, headers, _) = self.send(launch).await;
        assert_eq!(status, 200);
        let cookie = headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The headers of a call that our page makes.
    fn of_our_page(&self, cookie: &str) -> Vec<(&'static str, String)> {
        vec![
            self.host(),
            ("origin", format!("http://127.0.0.1:{}", self.port)),
            ("sec-fetch-site", "same-origin".into()),
            ("content-type", "application/json".into()),
            ("x-csrdesk", "1".into()),
            ("cookie", cookie.into()),
        ]
    }

    async fn status(&self, headers: Vec<(&'static str, String)>) -> u16 {
        self.send(Call { method: "POST", path: "/api/status", headers, body: "{}" }).await.0
    }
}

#[tokio::test]
async fn the_launch_link_opens_one_session_once() {
    let gateway = running().await;
    let cookie = gateway.cookie().await;
    let again = Call { method: "GET", path: &gateway.launch_path, headers: vec![gateway.host()], body: "" };
    let (status, headers, body) = gateway.send(again).await;
    assert_eq!(status, 403, "{body}");
    assert!(!headers.contains_key("set-cookie"));
    assert_eq!(gateway.status(gateway.of_our_page(&cookie)).await, 200);
}

#[tokio::test]
async fn a_wrong_secret_opens_nothing_and_does_not_use_up_the_link() {
    let gateway = running().await;
    let wrong = Call { method: "GET", path: "/launch/guess", headers: vec![gateway.host()], body: "" };
    assert_eq!(gateway.send(wrong).await.0, 403);
    gateway.cookie().await;
}

#[tokio::test]
async fn every_guard_alone_keeps_a_call_out() {
    let gateway = running().await;
    let cookie = gateway.cookie().await;
    let good = gateway.of_our_page(&cookie);
    let with = |name: &'static str, value: Option<&str>| {
        let mut headers: Vec<_> = good.iter().filter(|(it, _)| *it != name).cloned().collect();
        headers.extend(value.map(|value| (name, value.to_owned())));
        headers
    };
    assert_eq!(gateway.status(with("host", Some("attacker.example:80"))).await, 421);
    assert_eq!(gateway.status(with("origin", Some("http://attacker.example"))).await, 403);
    assert_eq!(gateway.status(with("origin", None)).await, 403);
    assert_eq!(gateway.status(with("origin", Some("null"))).await, 403);
    assert_eq!(gateway.status(with("sec-fetch-site", Some("same-site"))).await, 403);
    assert_eq!(gateway.status(with("content-type", Some("text/plain"))).await, 403);
    assert_eq!(gateway.status(with("x-csrdesk", None)).await, 403);
    assert_eq!(gateway.status(with("cookie", None)).await, 401);
    assert_eq!(gateway.status(with("cookie", Some(&format!("csrdesk_{}=guess", gateway.port)))).await, 401);
    assert_eq!(gateway.status(good.clone()).await, 200);
}

#[tokio::test]
async fn the_page_is_for_the_session_and_every_answer_is_protected() {
    let gateway = running().await;
    let page = Call { method: "GET", path: "/", headers: vec![gateway.host()], body: "" };
    let (status, headers, _) = gateway.send(page).await;
    assert_eq!(status, 401);
    assert_eq!(headers["content-security-policy"], CONTENT_SECURITY_POLICY);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(!headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn paths_that_climb_find_nothing() {
    let gateway = running().await;
    let cookie = gateway.cookie().await;
    for path in ["/../Cargo.toml", "/..%2f..%2fCargo.toml", "//etc/passwd", "/%2e%2e/Cargo.toml"] {
        let headers = vec![gateway.host(), ("cookie", cookie.clone())];
        assert_eq!(gateway.send(Call { method: "GET", path, headers, body: "" }).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn bad_calls_end_in_words_that_quote_nothing() {
    let gateway = running().await;
    let cookie = gateway.cookie().await;
    let call = |path: &'static str, body: &'static str| {
        let headers = gateway.of_our_page(&cookie);
        gateway.send(Call { method: "POST", path, headers, body })
    };
    let (status, _, body) = call("/api/provide_token", r#"{"token":["CANARY"]}"#).await;
    assert_eq!(status, 400);
    assert!(body.contains("malformed-call") && !body.contains("CANARY"), "{body}");
    assert_eq!(call("/api/provide_token", "{\"token\":\"CANARY").await.0, 400);
    assert_eq!(call("/api/format_disk", "{}").await.0, 404);
    let (status, _, body) = call("/api/sign", r#"{"intent":"00000000-0000","form":{"sign_type":"","root_common_name":"","root_serial_number":"","validity_days":"","intermediate":false,"csr_id":"","organization":""}}"#).await;
    assert_eq!(status, 422);
    assert!(body.contains("csr-id-missing"), "{body}");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_off() {
    let gateway = running().await;
    let cookie = gateway.cookie().await;
    let headers = gateway.of_our_page(&cookie);
    let body = "x".repeat(MAX_BODY + 1);
    assert_eq!(gateway.send(Call { method: "POST", path: "/api/status", headers, body: &body }).await.0, 413);
}
