//! A server that takes HTTP/2 and then requires HTTP/1.1, as Apache and IIS do where a client certificate is wanted for
//! one path (case 15): nothing is sent twice by itself, and the next connection is over HTTP/1.1.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{BaseUrl, CaChoice, Ending, ErrorCode, Outcome, SignForm, Timestamp};
use h2::Reason;
use pam360::{Endpoint, HttpOffer, Looked, Proxy, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::listener::{Tls, config};
use crate::pki;
use crate::support::{PATIENT, token};

/// What the server does over HTTP/2.
#[derive(Clone, Copy, Debug)]
enum Over2 {
    /// Resets each stream.
    Reset(Reason),
    /// Reads a request, and ends the connection.
    GoAwayAfter(Reason),
    /// Ends the connection before a request can come.
    GoAwayAtOnce(Reason),
}

struct Server {
    endpoint: Endpoint,
    http: HttpOffer,
    over1: Arc<AtomicUsize>,
    over2: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Server {
    async fn start(manner: Over2) -> Self {
        let root = pki::root("Test Root");
        let own = pki::own(&root, |_| {});
        let acceptor = TlsAcceptor::from(Arc::new(config(&Tls::new(vec![own.der.clone()], own.key.clone()))));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (over1, over2) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counters = (Arc::clone(&over1), Arc::clone(&over2));
        let mut task = JoinSet::new();
        task.spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let Ok(tls) = acceptor.accept(tcp).await else { continue };
                if tls.get_ref().1.alpn_protocol() == Some(b"h2") {
                    speak2(tls, manner, &counters.1).await;
                } else {
                    speak1(tls, &counters.0).await;
                }
            }
        });
        let ca = CaChoice::Pem { name: "ca".into(), text: pki::as_pem(root.der()) };
        let trust = pki::timed(Trust::of_ca(&ca).unwrap());
        let http = HttpOffer::both();
        let server = BaseUrl::parse(&format!("https://127.0.0.1:{port}")).unwrap();
        let endpoint = Endpoint::new(server, trust, Proxy::none()).offering(http.clone());
        Self { endpoint, http, over1, over2, _task: task }
    }

    /// Requests that came over HTTP/1.1 and over HTTP/2.
    fn requests(&self) -> (usize, usize) {
        (self.over1.load(Ordering::SeqCst), self.over2.load(Ordering::SeqCst))
    }

    async fn sign(&self) -> Ending {
        let form = SignForm {
            sign_type: "MSCA".into(),
            validity_days: "1".into(),
            csr_id: "1".into(),
            ..SignForm::default()
        };
        let request = form.check(Timestamp::from_millis(0)).unwrap();
        let session = self.endpoint.connect(PATIENT).await.unwrap();
        session.sign(&token("TOKEN"), &request, PATIENT).await
    }

    async fn look(&self) -> Result<Looked, ErrorCode> {
        let token = token("TOKEN");
        self.endpoint.ask(PATIENT, |it| it.look(&token, None, PATIENT)).await.map_err(|it| it.code)
    }
}

async fn speak2(tls: TlsStream<TcpStream>, manner: Over2, requests: &AtomicUsize) {
    let mut connection = h2::server::handshake(tls).await.unwrap();
    if let Over2::GoAwayAtOnce(reason) = manner {
        connection.abrupt_shutdown(reason);
    }
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        requests.fetch_add(1, Ordering::SeqCst);
        match manner {
            Over2::Reset(reason) => respond.send_reset(reason),
            Over2::GoAwayAfter(reason) | Over2::GoAwayAtOnce(reason) => connection.abrupt_shutdown(reason),
        }
    }
}

async fn speak1(mut tls: TlsStream<TcpStream>, requests: &AtomicUsize) {
    let mut head = Vec::new();
    while !head.windows(4).any(|it| it == b"\r\n\r\n") {
        match tls.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let body = r#"{"result":{"status":"Success","message":"m"},"details":[{"serialNumber":"b7d5fcb7"}]}"#;
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let _ = tls.write_all(answer.as_bytes()).await;
    let _ = tls.shutdown().await;
}

const REQUIRED: Reason = Reason::HTTP_1_1_REQUIRED;

#[tokio::test]
async fn a_signing_is_unknown_and_the_next_one_is_over_http1() {
    for manner in [Over2::Reset(REQUIRED), Over2::GoAwayAfter(REQUIRED)] {
        let server = Server::start(manner).await;
        let ending = server.sign().await;
        assert_eq!(
            (ending.outcome, ending.code),
            (Outcome::Unknown, ErrorCode::Http11Required),
            "{manner:?} {ending:?}"
        );
        assert_eq!(server.requests(), (0, 1), "nothing is sent again by itself");
        assert!(server.http.is_http11_only());
        assert_eq!(server.sign().await.outcome, Outcome::Signed, "{manner:?}");
        assert_eq!(server.requests(), (1, 1));
    }
}

#[tokio::test]
async fn a_connection_that_ends_before_the_request_left_is_not_sent_and_the_next_one_is_over_http1() {
    let server = Server::start(Over2::GoAwayAtOnce(REQUIRED)).await;
    let ending = server.sign().await;
    // Whether the request was on its way when the end came is a race; what is told is true either way.
    assert_eq!(server.requests(), (0, 0));
    assert!(matches!(ending.outcome, Outcome::NotSent | Outcome::Unknown), "{ending:?}");
    assert!(server.http.is_http11_only(), "{ending:?}");
    assert_eq!(server.sign().await.outcome, Outcome::Signed);
}

#[tokio::test]
async fn a_question_that_changes_nothing_falls_back_by_itself() {
    let server = Server::start(Over2::Reset(REQUIRED)).await;
    assert_eq!(server.look().await.unwrap().status, 200);
    assert_eq!(server.requests(), (1, 1));
    assert_eq!(server.look().await.unwrap().status, 200);
    assert_eq!(server.requests(), (2, 1), "HTTP/2 is not tried again");
}

#[tokio::test]
async fn another_reset_is_no_reason_for_http1_and_nothing_is_sent_again() {
    let server = Server::start(Over2::Reset(Reason::REFUSED_STREAM)).await;
    let ending = server.sign().await;
    assert_eq!((ending.outcome, ending.code), (Outcome::Unknown, ErrorCode::ConnectionLost), "{ending:?}");
    assert_eq!(server.look().await, Err(ErrorCode::NoAnswer));
    assert_eq!((server.requests(), server.http.is_http11_only()), ((0, 2), false));
}

#[tokio::test]
async fn a_connection_may_offer_http1_alone_from_the_start() {
    let server = Server::start(Over2::Reset(REQUIRED)).await;
    let endpoint = server.endpoint.clone().offering(HttpOffer::http11_only());
    let session = endpoint.connect(PATIENT).await.unwrap();
    assert_eq!(session.facts().protocol, "http/1.1");
}
