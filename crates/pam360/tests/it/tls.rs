//! Each way in which a server's certificate can fail has its own code, and nothing is sent.

use domain::{BaseUrl, CaChoice, ErrorCode, Outcome, Timestamp};
use pam360::{Endpoint, Proxy, SystemCas, Trust, TrustSettings};
use standin::{Builder, ServerIdentity};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::pki;
use crate::support::{PATIENT, World};

async fn code_for(identity: ServerIdentity) -> ErrorCode {
    let world = World::start(|it| it.server_identity(identity)).await;
    let failure = world.endpoint().connect(PATIENT).await.unwrap_err();
    assert_eq!(failure.code.outcome(), Some(Outcome::NotSent));
    assert_eq!(world.standin.received().len(), 0, "nothing may be sent");
    failure.code
}

/// The CAs of a computer that is not the one that runs this test.
fn on_another_computer() -> Trust {
    let cas = SystemCas::given(standin::UNRELATED_ROOT).unwrap();
    Trust::load_on(&cas, &TrustSettings::default(), None).unwrap()
}

#[tokio::test]
async fn a_certificate_that_cannot_be_trusted_says_which_check_failed() {
    assert_eq!(code_for(ServerIdentity::Expired).await, ErrorCode::TlsExpired);
    assert_eq!(code_for(ServerIdentity::WrongName).await, ErrorCode::TlsNameMismatch);
    assert_eq!(code_for(ServerIdentity::CaAsServer).await, ErrorCode::TlsCaAsServer);
    assert_eq!(code_for(ServerIdentity::UnknownAuthority).await, ErrorCode::TlsUnknownIssuer);
}

#[tokio::test]
async fn a_self_signed_server_certificate_is_no_ca_file() {
    let world = World::start(|it| it.server_identity(ServerIdentity::SelfSigned)).await;
    let path = world.standin.ca_file().display().to_string();
    assert_eq!(Trust::of_ca(&CaChoice::File { path }).unwrap_err().code, ErrorCode::CaFileNotACa);
}

#[tokio::test]
async fn this_computers_own_list_does_not_know_the_throwaway_ca() {
    let world = World::start(|it| it).await;
    let trust = pki::timed(on_another_computer());
    let endpoint = Endpoint::new(world.address(), trust, Proxy::none());
    let failure = endpoint.connect(PATIENT).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::TlsUnknownIssuer);
    // It was presented, though, so a person who compared its fingerprint could trust it.
    let (_, pem) = failure.diagnosis.as_ref().unwrap().candidate().unwrap();
    let own_file = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    assert_eq!(pem.replace('\r', ""), own_file.replace('\r', ""));
    assert_eq!(world.standin.received().len(), 0);
}

#[tokio::test]
async fn dates_are_judged_by_the_clock_that_is_given() {
    const DAY: i64 = 86_400_000;
    let in_2049 = time::macros::datetime!(2049-12-31 23:59:59 UTC).unix_timestamp() * 1_000;
    let world = World::start(|it| it.clock(move || in_2049)).await;
    let path = world.standin.ca_file().display().to_string();
    for (clock, code) in [
        (in_2049, None),
        (in_2049 + 396 * DAY, None),
        (in_2049 + 398 * DAY, Some(ErrorCode::TlsExpired)),
        (in_2049 - DAY, Some(ErrorCode::TlsNotYetValid)),
        (pki::NOW_MILLIS, Some(ErrorCode::TlsNotYetValid)),
    ] {
        let trust = Trust::of_ca(&CaChoice::File { path: path.clone() }).unwrap();
        let trust = trust.with_clock(move || Timestamp::from_millis(clock));
        let connected = Endpoint::new(world.address(), trust, Proxy::none()).connect(PATIENT).await;
        assert_eq!(connected.err().map(|failure| failure.code), code, "{clock}");
    }
}

#[tokio::test]
async fn tls_1_2_is_enough() {
    let world = World::start(Builder::tls12_only).await;
    let session = world.endpoint().connect(PATIENT).await.unwrap();
    assert_eq!(session.facts().version, "TLSv1.2");
}

#[tokio::test]
async fn plain_http_on_the_port_is_named_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.unwrap();
        let mut hello = [0; 16];
        tcp.read_exact(&mut hello).await.unwrap();
        tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    });
    let world = World::start(|it| it).await;
    let path = world.standin.ca_file().display().to_string();
    let trust = pki::timed(Trust::of_ca(&CaChoice::File { path }).unwrap());
    let endpoint = Endpoint::new(BaseUrl::parse(&address).unwrap(), trust.clone(), Proxy::none());
    assert_eq!(endpoint.connect(PATIENT).await.unwrap_err().code, ErrorCode::TlsNotTls);

    // The listener is gone now, and so is its port.
    let endpoint = Endpoint::new(BaseUrl::parse(&address).unwrap(), trust.clone(), Proxy::none());
    assert_eq!(endpoint.connect(PATIENT).await.unwrap_err().code, ErrorCode::ConnectRefused);

    let nowhere = BaseUrl::parse("https://no-such-host.invalid").unwrap();
    assert_eq!(
        Endpoint::new(nowhere, trust, Proxy::none()).connect(PATIENT).await.unwrap_err().code,
        ErrorCode::DnsFailed
    );
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_times_out_before_anything_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = BaseUrl::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    let endpoint = Endpoint::new(address, on_another_computer(), Proxy::none());
    let failure = endpoint.connect(std::time::Duration::from_millis(300)).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ConnectTimedOut);
}
