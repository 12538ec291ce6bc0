//! Accepting one exact certificate: for a server whose certificate is self-signed and not a CA.

use domain::{Fingerprint, PinDifference, Problem};
use standin::ServerIdentity;

use super::*;
use crate::commands::trust_certificate;

/// A desk with a connection to a stand-in that presents what a fresh installation presents, trusting this computer's CAs.
async fn fresh_installation() -> World {
    presenting(ServerIdentity::SelfSigned).await
}

async fn presenting(identity: ServerIdentity) -> World {
    let folder = tempfile::tempdir().unwrap();
    let standin = standin_in(&folder).server_identity(identity).start().await.unwrap();
    let desk = Desk::new(Frozen, folder.path().join("desk"));
    let world = World { standin, desk, folder };
    world.save(ConnectionForm { ca: CaChoice::System, ..world.connection() }).await.unwrap();
    world.desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    world
}

async fn tested(world: &World) -> test_connection::Response {
    world.desk.test_connection(test_connection::Request::default()).await.unwrap()
}

/// What the server's owner reads to the person: the fingerprint of the file on the server.
fn told_by_the_owner(world: &World) -> Fingerprint {
    let output = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(world.standin.ca_file())
        .output()
        .unwrap();
    Fingerprint::parse(&String::from_utf8(output.stdout).unwrap()).unwrap()
}

#[tokio::test]
async fn a_fresh_installation_can_be_signed_with_once_its_fingerprint_was_typed() {
    let world = fresh_installation().await;
    let id = world.desk.session().in_use.clone().unwrap();
    let trust = async |sha256: String| {
        let request = trust_certificate::Request { connection: id.clone(), sha256 };
        world.desk.trust_certificate(request).await
    };
    let owner_says = told_by_the_owner(&world);
    let refused = trust(owner_says.hex()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoCertificateToTrust, "nothing was tested yet");

    let diagnosis = tested(&world).await.diagnosis.unwrap();
    assert_eq!((diagnosis.code, diagnosis.candidate), (ErrorCode::TlsSelfSigned, None));
    assert!(diagnosis.exact_candidate);
    let refused = trust("yes".into()).await.unwrap_err();
    assert_eq!(refused.problems[0], Problem::new(Field::ExactCertificate, ErrorCode::FingerprintMalformed));
    let refused = trust("0".repeat(64)).await.unwrap_err();
    assert_eq!(refused.problems[0].code, ErrorCode::CertificateFingerprintDiffers);
    // One wrong try ends it: a fingerprint that was found out in between opens nothing before the next test.
    assert!(!serde_json::to_string(&refused).unwrap().contains(&owner_says.hex()));
    assert_eq!(trust(owner_says.hex()).await.unwrap_err().code, ErrorCode::NoCertificateToTrust);
    let diagnosis = tested(&world).await.diagnosis.unwrap();
    assert!(diagnosis.exact_candidate, "a test opens it again");
    let signed = world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!((signed.ending.outcome, world.standin.sign_posts()), (Outcome::NotSent, 0));

    let shown = trust(owner_says.colons()).await.unwrap().shown;
    assert_eq!(shown.connection.ca, CaChoice::Exact { sha256: owner_says.hex() });
    assert!(shown.token.is_some(), "the server is the same");
    let after = tested(&world).await;
    assert!(after.good(), "{after:?}");
    assert!(format!("{:?}", after.steps).contains("exact certificate"), "{:?}", after.steps);
    assert_eq!(trust(owner_says.hex()).await.unwrap_err().code, ErrorCode::NoCertificateToTrust);
    let signed = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!(signed.ending.outcome, Outcome::Signed);

    // The journal says what was accepted, and how.
    let exported = world.desk.export(crate::commands::export::Request::Journal).await.unwrap();
    let journal = std::fs::read_to_string(exported.path).unwrap();
    assert!(journal.contains("certificate_trusted") && journal.contains(&owner_says.hex()), "{journal}");
    let failed = journal.lines().find(|it| it.contains("certificate_differs")).unwrap();
    assert!(failed.contains(&owner_says.hex()) && failed.contains(&"0".repeat(64)), "{failed}");
}

#[tokio::test]
async fn a_renewed_certificate_is_told_apart_and_nothing_is_sent() {
    let world = fresh_installation().await;
    let accepted = Fingerprint::from_bytes([7; 32]);
    let exact = CaChoice::Exact { sha256: accepted.colons() };
    world.save(ConnectionForm { ca: exact, ..world.connection() }).await.unwrap();
    let diagnosis = tested(&world).await.diagnosis.unwrap();
    let presented = told_by_the_owner(&world);
    assert_eq!(diagnosis.code, ErrorCode::TlsOtherCertificate);
    assert_eq!(diagnosis.other_certificate, Some(PinDifference { expected: accepted, presented }));
    let signed = world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!((signed.ending.code, world.standin.sign_posts()), (ErrorCode::TlsOtherCertificate, 0));
}

#[tokio::test]
async fn what_one_connection_was_shown_is_not_accepted_for_another() {
    let world = fresh_installation().await;
    tested(&world).await;
    let form = ConnectionForm {
        name: "Other".into(),
        server: "https://other.example.test".into(),
        ..ConnectionForm::default()
    };
    let other = save_connection::Request { id: None, form, use_it: false };
    let other = world.desk.save_connection(other).await.unwrap().shown.id;
    let request = trust_certificate::Request { connection: other, sha256: told_by_the_owner(&world).hex() };
    let refused = world.desk.trust_certificate(request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoCertificateToTrust);
}

/// A mix-up is called one. It counts as the one comparison of its test, and nothing that the server sent is shown.
#[tokio::test]
async fn the_fingerprint_of_the_ca_in_place_of_the_certificates_is_called_a_mix_up() {
    let world = presenting(ServerIdentity::WrongName).await;
    let diagnosis = tested(&world).await.diagnosis.unwrap();
    assert!(diagnosis.exact_candidate, "{diagnosis:?}");
    let connection = world.desk.session().in_use.clone().unwrap();
    let trust = async |sha256: String| {
        let request = trust_certificate::Request { connection: connection.clone(), sha256 };
        world.desk.trust_certificate(request).await.unwrap_err()
    };
    let of_the_ca = told_by_the_owner(&world);
    let refused = trust(of_the_ca.hex()).await;
    assert_eq!(refused.problems, [Problem::new(Field::ExactCertificate, ErrorCode::FingerprintOfCa)]);
    assert!(!serde_json::to_string(&refused).unwrap().contains(&diagnosis.chain[0].sha256.hex()));
    assert_eq!(trust(of_the_ca.hex()).await.code, ErrorCode::NoCertificateToTrust);

    // Typed into the form, it is called so by the test.
    let exact = CaChoice::Exact { sha256: of_the_ca.hex() };
    world.save(ConnectionForm { ca: exact, ..world.connection() }).await.unwrap();
    let diagnosis = tested(&world).await.diagnosis.unwrap();
    assert_eq!(diagnosis.code, ErrorCode::TlsFingerprintOfCa);
    assert_eq!(diagnosis.shown_fingerprint(&diagnosis.chain[0]), None);
}
