//! Through a proxy: what it sees, how it can fail, and that TLS reaches through it to the server itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{BaseUrl, ErrorCode, Outcome, ProxyChoice};
use pam360::{ConnectFailure, Endpoint, Proxy, ProxyVariables, Session, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::pki;
use crate::support::{PATIENT, World};

/// What the proxy does with a CONNECT.
#[derive(Clone)]
enum Manner {
    /// Opens the way to this port of 127.0.0.1, whatever host was asked for.
    Opens(u16),
    /// Answers with these bytes and closes.
    Says(&'static [u8]),
    Hangs,
}

/// A proxy that remembers the request heads it was sent.
struct TestProxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl TestProxy {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let mut task = JoinSet::new();
        let seen = Arc::clone(&heads);
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                connections.spawn(serve(tcp, manner.clone(), Arc::clone(&seen)));
            }
        });
        Self { port, heads, _task: task }
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn manual(&self, user: &str, password: Option<&str>, server: &BaseUrl) -> Proxy {
        let choice = ProxyChoice::Manual { address: self.address(), user: user.to_owned() };
        Proxy::find_in(&ProxyVariables::default(), &choice, password, server)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(mut tcp: TcpStream, manner: Manner, heads: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = tcp.read_u8().await else { return };
        head.push(byte);
    }
    heads.lock().unwrap().push(String::from_utf8(head).unwrap());
    match manner {
        Manner::Opens(port) => {
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tcp.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let _ = copy_bidirectional(&mut tcp, &mut server).await;
        }
        Manner::Says(words) => {
            let _ = tcp.write_all(words).await;
            let _ = tcp.shutdown().await;
            let mut rest = Vec::new();
            let _ = tcp.read_to_end(&mut rest).await;
            assert!(rest.is_empty(), "after a no, the client says nothing more");
        }
        Manner::Hangs => {
            let mut rest = Vec::new();
            let _ = tcp.read_to_end(&mut rest).await;
        }
    }
}

fn endpoint(world: &World, proxy: Proxy) -> Endpoint {
    let ca = domain::CaChoice::File { path: world.standin.ca_file().display().to_string() };
    Endpoint::new(world.address(), pki::timed(Trust::of_ca(&ca).unwrap()), proxy)
}

#[tokio::test]
async fn a_signing_goes_through_and_the_proxy_never_sees_the_token() {
    let world = World::start(|it| it).await;
    let proxy = TestProxy::start(Manner::Opens(world.standin.address().port())).await;
    let way = proxy.manual("alice", Some("pass:word"), &world.address());
    assert_eq!(way.in_force(), format!("The proxy {} is used, as set here.", proxy.address()));
    let session = endpoint(&world, way).connect(PATIENT).await.unwrap();
    let ending = session.sign(&world.token(), &world.request(302), PATIENT).await;
    assert_eq!(ending.outcome, Outcome::Signed);
    let target = world.standin.address();
    // printf 'alice:pass:word' | base64
    let expected = format!(
        "CONNECT {target} HTTP/1.1\r\nhost: {target}\r\nproxy-authorization: Basic YWxpY2U6cGFzczp3b3Jk\r\n\r\n"
    );
    assert_eq!(proxy.heads(), [expected], "and nothing else");
}

#[tokio::test]
async fn without_a_user_nothing_is_said_about_who_calls() {
    let world = World::start(|it| it).await;
    let proxy = TestProxy::start(Manner::Opens(world.standin.address().port())).await;
    endpoint(&world, proxy.manual("", None, &world.address())).connect(PATIENT).await.unwrap();
    let target = world.standin.address();
    assert_eq!(proxy.heads(), [format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n")]);
}

#[tokio::test]
async fn the_servers_certificate_is_verified_for_the_servers_name() {
    // The environment's proxy leads to the stand-in, whose certificate is for another name than the one asked for.
    let world = World::start(|it| it).await;
    let proxy = TestProxy::start(Manner::Opens(world.standin.address().port())).await;
    let server = BaseUrl::parse("https://pam.example.test:8282").unwrap();
    let address = proxy.address().replace("http://", "http://bob:s%40cret@");
    let variables = ProxyVariables::new(|name| (name == "HTTPS_PROXY").then(|| address.clone()));
    let way = Proxy::find_in(&variables, &ProxyChoice::Environment, None, &server);
    assert!(!way.in_force().contains("cret"), "{}", way.in_force());
    let ca = domain::CaChoice::File { path: world.standin.ca_file().display().to_string() };
    let endpoint = Endpoint::new(server, pki::timed(Trust::of_ca(&ca).unwrap()), way);
    let failure = endpoint.connect(PATIENT).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::TlsNameMismatch, "{}", failure.detail);
    assert_eq!(failure.diagnosis.unwrap().diagnosis().asked_name, "pam.example.test");
    assert_eq!(world.standin.received().len(), 0);
    // printf 'bob:s@cret' | base64
    assert!(
        proxy.heads()[0].contains("proxy-authorization: Basic Ym9iOnNAY3JldA==\r\n"),
        "{:?}",
        proxy.heads()
    );
    assert!(proxy.heads()[0].starts_with("CONNECT pam.example.test:8282 HTTP/1.1\r\n"));
}

async fn failure_of(manner: Manner, limit: Duration) -> ConnectFailure {
    let world = World::start(|it| it).await;
    let proxy = TestProxy::start(manner).await;
    let way = proxy.manual("alice", Some("hush"), &world.address());
    let failure = endpoint(&world, way).connect(limit).await.map(|_: Session| ()).unwrap_err();
    assert_eq!(failure.code.outcome(), Some(Outcome::NotSent));
    assert!(!failure.detail.contains("hush") && !failure.detail.contains("alice"), "{}", failure.detail);
    assert_eq!(world.standin.connections(), 0);
    assert_eq!(proxy.heads().len(), 1, "asked once");
    failure
}

#[tokio::test]
async fn each_way_in_which_a_proxy_fails_has_its_code() {
    use ErrorCode as E;
    let cases: [(&[u8], ErrorCode, &str); 10] = [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
            E::ProxyAuthRequired,
            "it takes Negotiate, Basic",
        ),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", E::ProxyRefused, "403"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>no", E::ProxyRefused, "502"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://login.test\r\n\r\n", E::ProxyRefused, "302 Found; it redirects to https://login.test"),
        (b"HTTP/1.1 429 Slow\r\nRetry-After: 30\r\n\r\n", E::ProxyRefused, "Retry-After: 30 seconds"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", E::ProxyMisspoke, ""),
        (b"HTTP/1.1 200 OK\r\n\r\nand more at once", E::ProxyMisspoke, ""),
        (b"", E::ProxyMisspoke, ""),
        (b"\x15\x03\x01\x00\x02\x02\x46", E::ProxyMisspoke, ""),
        (b"HTTP/1.1 200 OK\r\nX: ", E::ProxyMisspoke, ""),
    ];
    for (answer, code, says) in cases {
        let failure = failure_of(Manner::Says(answer), PATIENT).await;
        assert_eq!(failure.code, code, "{}: {}", String::from_utf8_lossy(answer), failure.detail);
        assert!(failure.detail.contains(says), "{}", failure.detail);
    }
    let endless: &'static [u8] = [b"HTTP/1.1 200 OK\r\nX: ".as_slice(), &[b'x'; 64 * 1024]].concat().leak();
    assert_eq!(failure_of(Manner::Says(endless), PATIENT).await.code, E::ProxyMisspoke);
    assert_eq!(failure_of(Manner::Hangs, Duration::from_millis(1_500)).await.code, E::ProxyTimedOut);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_not_the_servers_fault() {
    let world = World::start(|it| it).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for address in [format!("http://127.0.0.1:{port}"), "http://no-such-proxy.invalid:1".to_owned()] {
        let choice = ProxyChoice::Manual { address, user: String::new() };
        let way = Proxy::find_in(&ProxyVariables::default(), &choice, None, &world.address());
        assert_eq!(endpoint(&world, way).connect(PATIENT).await.unwrap_err().code, ErrorCode::ProxyFailed);
    }
    let variables = ProxyVariables::new(|name| (name == "ALL_PROXY").then(|| "socks5h://h:1080".to_owned()));
    let server = BaseUrl::parse("https://pam.example.test").unwrap();
    let way = Proxy::find_in(&variables, &ProxyChoice::System, None, &server);
    assert_eq!(endpoint(&world, way).connect(PATIENT).await.unwrap_err().code, ErrorCode::ProxyUnsupported);
    assert_eq!(world.standin.connections(), 0);
}
