//! Which TLS certificates are served, in curl's eyes.

use standin::{ServerIdentity, Standin};

use crate::tools::{Desk, run};

/// curl's exit code for a certificate that does not verify.
const NOT_VERIFIED: i32 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn the_trusted_identity_works_by_name_and_by_address() {
    let desk = Desk::open().await;
    assert_eq!(desk.call("getAllSSLCertificates", &[]).status, 200);
    let port = desk.standin.address().port().to_string();
    let by_name = desk.call(
        "getAllSSLCertificates",
        &["--connect-to", &format!("::127.0.0.1:{port}"), "https://localhost/"],
    );
    assert_eq!(by_name.exit, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_identity_is_served_as_it_is_named() {
    for (identity, exit) in [
        (ServerIdentity::Expired, NOT_VERIFIED),
        (ServerIdentity::WrongName, NOT_VERIFIED),
        (ServerIdentity::UnknownAuthority, NOT_VERIFIED),
        (ServerIdentity::SelfSigned, 0), // trusted, because the CA file names it
        (ServerIdentity::CaAsServer, 0), // curl minds less than rustls does
        (ServerIdentity::UnderIntermediate, 0), // right, over a longer chain
    ] {
        let desk = Desk::open_with(|builder| builder.server_identity(identity)).await;
        assert_eq!(desk.call("getAllSSLCertificates", &[]).exit, exit, "{identity:?}");
    }
}

/// A world may be opened again years later, or with a clock that was set back.
#[tokio::test(flavor = "multi_thread")]
async fn a_tls_certificate_whose_dates_no_longer_fit_is_renewed() {
    const DAY: i64 = 86_400;
    let dir = tempfile::tempdir().unwrap();
    let served = async |identity: ServerIdentity, seconds: i64| {
        let builder = Standin::builder(dir.path()).clock(move || seconds * 1_000);
        let standin = builder.server_identity(identity).start().await.unwrap();
        let ca = standin.ca_file().to_owned();
        standin.stop().await;
        let stem = if identity == ServerIdentity::Expired { "server-expired" } else { "server" };
        let certificate = dir.path().join(format!("tls/{stem}.pem"));
        let mut verify = std::process::Command::new("openssl");
        verify.args(["verify", "-attime", &seconds.to_string(), "-CAfile"]).arg(&ca).arg(&certificate);
        let text = [&ca, &certificate].map(|file| std::fs::read_to_string(file).unwrap());
        (run(&mut verify).status.success(), text)
    };
    let start = 1_800_000_000;
    let (valid, [ca, first]) = served(ServerIdentity::Trusted, start).await;
    assert!(valid);
    let (valid, same) = served(ServerIdentity::Trusted, start + 396 * DAY).await;
    assert!(valid && same == [ca.clone(), first.clone()], "what still fits stays");
    let (valid, [same_ca, second]) = served(ServerIdentity::Trusted, start + 400 * DAY).await;
    assert!(valid && same_ca == ca && second != first);
    let (valid, [later_ca, _]) = served(ServerIdentity::Trusted, start + 5_000 * DAY).await;
    assert!(valid && later_ca != ca, "the authority has ended too");
    assert!(served(ServerIdentity::Trusted, start).await.0);
    for at in [start, start - 50 * DAY, start + 500 * DAY] {
        assert!(!served(ServerIdentity::Expired, at).await.0, "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_alone_can_be_offered() {
    let desk = Desk::open_with(|builder| builder.tls12_only()).await;
    assert_eq!(desk.call("getAllSSLCertificates", &["--tls-max", "1.2"]).exit, 0);
    assert_ne!(desk.call("getAllSSLCertificates", &["--tlsv1.3"]).exit, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_beyond_loopback_and_bad_tokens_are_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let wide = Standin::builder(dir.path()).listen("0.0.0.0:0".parse().unwrap()).start().await;
    assert!(wide.err().unwrap().to_string().contains("loopback"));
    for token in ["", "two words", "line\nbreak"] {
        let bad = Standin::builder(dir.path()).token(token).start().await;
        assert!(bad.err().unwrap().to_string().contains("token"));
    }
}
