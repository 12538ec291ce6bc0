//! A gateway to attack, and requests down to the byte.

use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::{Desk, Host, Surroundings};
use domain::{ConnectionForm, ErrorCode, Timestamp};
use gateway::{Builder, Coding, Gateway, Limits, Place};
use secrets::Keychain;
use secrets::keychain::test_stores::Failing;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long an answer may take on a busy machine before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway that runs, seen from both sides.
pub(crate) struct Target {
    pub(crate) desk: Desk,
    pub(crate) port: u16,
    /// The path of the first launch link.
    pub(crate) launch: String,
    /// Milliseconds by which the clock of desk and gateway was moved.
    pub(crate) clock_ahead: Arc<AtomicI64>,
    /// Asks the gateway to stop.
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) running: JoinHandle<()>,
    told: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

/// The two secrets of a session.
#[derive(Clone)]
pub(crate) struct Session {
    /// `name=value`.
    pub(crate) cookie: String,
    pub(crate) key: String,
}

/// A clock that only a test moves, and nobody's keychain.
struct Alone {
    ahead: Arc<AtomicI64>,
}

impl Host for Alone {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_507_200_000 + self.ahead.load(Ordering::SeqCst)) // 2026-11-24 08:00 UTC
    }

    fn keychain(&self) -> Keychain {
        Keychain::over(Failing(ErrorCode::KeychainAbsent))
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings::given(standin::UNRELATED_ROOT).unwrap()
    }
}

impl Target {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::at(Place::loopback(0), limits).await
    }

    pub(crate) async fn at(place: Place, limits: Limits) -> Self {
        Self::made(place, limits, |it| it).await
    }

    /// With a page of the test's own.
    pub(crate) async fn showing(
        files: impl Fn(&str, Option<Coding>) -> Option<Cow<'static, [u8]>> + Send + Sync + 'static,
    ) -> Self {
        Self::made(Place::loopback(0), Limits::default(), |it| it.files(files)).await
    }

    async fn made(place: Place, limits: Limits, settings: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock_ahead = Arc::new(AtomicI64::new(0));
        let desk = Desk::new(Alone { ahead: Arc::clone(&clock_ahead) }, folder.path().to_owned());
        let form = ConnectionForm { server: "https://127.0.0.1:1".to_owned(), ..ConnectionForm::default() };
        desk.adopt(Some(form.check().unwrap()), None);
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let builder = Gateway::builder(desk.clone(), place, move |link| {
            telling.lock().unwrap().push(path_of(link));
        })
        .limits(limits);
        let gateway = settings(builder).bind().await.unwrap();
        let port = gateway.local_addr().unwrap().port();
        let launch = path_of(gateway.launch_url());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(gateway.run(async {
            let _ = stopped.await;
        }));
        Self { desk, port, launch, clock_ahead, stop: Some(stop), running, told, _folder: folder }
    }

    /// The paths of the links that were told at the terminal after the first.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends bytes and reads what comes back until the gateway closes the connection.
    pub(crate) async fn raw(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect().await;
        // It may be closed before all of it was taken; what was answered is read all the same.
        let _ = stream.write_all(bytes.as_ref()).await;
        Answer::from(&mut stream).await
    }

    pub(crate) async fn send(&self, request: &Request) -> Answer {
        self.raw(request.bytes()).await
    }

    /// A person's way to a page.
    pub(crate) fn visit(&self, path: &str) -> Request {
        Request::new("GET", path).with("host", self.host())
    }

    /// Opens the first link.
    pub(crate) async fn opened(&self) -> Session {
        self.open(&self.launch).await
    }

    pub(crate) async fn open(&self, launch: &str) -> Session {
        let answer = self.send(&self.visit(launch)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.session()
    }

    /// What our own page sends to hand a token over.
    pub(crate) fn call(&self, session: &Session) -> Request {
        Request::new("POST", "/api/provide_token")
            .with("host", self.host())
            .with("origin", format!("http://{}", self.host()))
            .with("sec-fetch-site", "same-origin")
            .with("content-type", "application/json")
            .with("x-csrdesk", &session.key)
            .with("cookie", &session.cookie)
            .body(r#"{"token":"of-the-attacker"}"#)
    }

    /// Whether any attack got a command through.
    pub(crate) async fn holds_a_token(&self) -> bool {
        self.desk.dispatch("status", json!({})).await.unwrap()["connection"]["token"] != Value::Null
    }

    /// Sends what must be turned away with a status, having run nothing.
    pub(crate) async fn turns_away(&self, request: &Request, status: u16) -> Answer {
        let answer = self.send(request).await;
        assert_eq!(answer.status, status, "{request:?} {answer:?}");
        assert!(!self.holds_a_token().await, "{request:?} ran a command");
        answer
    }

    /// Shows that the attacks of a test would have been seen: what the page itself sends gets through.
    pub(crate) async fn lets_in(&self, session: &Session) {
        let answer = self.send(&self.call(session)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(self.holds_a_token().await);
    }

    /// Waits until everything that was sent before was looked at: connections are taken in order.
    pub(crate) async fn settle(&self) {
        self.send(&self.visit("/icon.svg")).await;
    }
}

/// Lets time pass for the gateway's clocks.
pub(crate) async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn path_of(link: &str) -> String {
    let (_, secret) = link.split_once("/launch/").unwrap();
    format!("/launch/{secret}")
}

/// A request of HTTP/1.1.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    /// With a header, instead of those of this name.
    pub(crate) fn with(self, name: &str, value: impl AsRef<str>) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more header, whatever there is.
    pub(crate) fn and(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(it, _)| it != name);
        self
    }

    pub(crate) fn method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self
    }

    pub(crate) fn target(mut self, target: &str) -> Self {
        self.target = target.to_owned();
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.body = body.to_owned();
        self
    }

    /// As bytes, with the body's length unless a header speaks of it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        let speaks = |name: &str| self.headers.iter().any(|(it, _)| it == name);
        if !self.body.is_empty() && !speaks("content-length") && !speaks("transfer-encoding") {
            text += &format!("content-length: {}\r\n", self.body.len());
        }
        (text + "\r\n" + &self.body).into_bytes()
    }
}

/// What came back before the connection was closed.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 when nothing came back.
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn from(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let reading = async {
            // A connection that is reset ends like one that is closed.
            while matches!(stream.read_buf(&mut bytes).await, Ok(read) if read > 0) {}
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("the gateway closes the connection");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(": ").filter(|(it, _)| *it == name)).map(|it| it.1)
    }

    /// What the launch page hands over.
    pub(crate) fn session(&self) -> Session {
        let cookie = self.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let cookie = cookie.replacen("__host-", "__Host-", 1);
        let (_, rest) = self.body.split_once("/#key=").unwrap();
        let key = rest.split('"').next().unwrap().to_owned();
        Session { cookie, key }
    }

    /// How many answers came, beside "go on": more than one would be a second request on one connection.
    pub(crate) fn count(&self) -> usize {
        usize::from(self.status != 0 && self.status != 100) + self.body.matches("HTTP/1.1 ").count()
    }
}
