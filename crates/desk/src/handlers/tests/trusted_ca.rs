//! Trusting a CA that a server presents, with the fingerprint of another certificate of its chain.

use domain::{Fingerprint, Problem};
use standin::ServerIdentity;

use super::*;
use crate::commands::{export, trust_ca};

/// The intermediate signed the server's certificate, and the root is the CA to trust. A person who reads the fingerprint of
/// the wrong file mixed two CAs up; an attacker is not suspected.
#[tokio::test]
async fn the_fingerprint_of_the_intermediate_in_place_of_the_roots_is_called_a_mix_up() {
    let folder = tempfile::tempdir().unwrap();
    let standin =
        standin_in(&folder).server_identity(ServerIdentity::UnderIntermediate).start().await.unwrap();
    let desk = Desk::new(Frozen, folder.path().join("desk"));
    let world = World { standin, desk, folder };
    world.save(ConnectionForm { ca: CaChoice::System, ..world.connection() }).await.unwrap();
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    let connection = tested.connection;
    let chain: Vec<Fingerprint> =
        tested.diagnosis.as_ref().unwrap().chain.iter().map(|it| it.sha256).collect();
    let [own, intermediate, root] = chain[..] else { panic!("{chain:?}") };
    assert_eq!(tested.diagnosis.unwrap().candidate, Some(2));

    let trust = async |told: Fingerprint| {
        world.desk.test_connection(test_connection::Request::default()).await.unwrap();
        let request = trust_ca::Request { connection: connection.clone(), shown: root, told: told.hex() };
        world.desk.trust_ca(request).await
    };
    for (told, code) in [
        (intermediate, ErrorCode::FingerprintOfAnotherCa),
        (own, ErrorCode::FingerprintOfServer),
        (Fingerprint::parse(&"ab".repeat(32)).unwrap(), ErrorCode::FingerprintDiffers),
    ] {
        let refused = trust(told).await.unwrap_err();
        assert_eq!(refused.problems, [Problem::new(Field::CaFingerprint, code)]);
        assert_eq!(code.is_mix_up(), told == intermediate || told == own);
        assert!(!serde_json::to_string(&refused).unwrap().contains(&root.hex()), "{refused:?}");
    }
    // Each comparison is recorded, and nothing was trusted by it.
    let exported = world.desk.export(export::Request::Journal).await.unwrap();
    let journal = std::fs::read_to_string(exported.path).unwrap();
    assert_eq!(journal.matches("ca_differs").count(), 3, "{journal}");
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    assert_eq!(tested.diagnosis.unwrap().code, ErrorCode::TlsUnknownIssuer);
    trust(root).await.unwrap();
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    assert_eq!(tested.diagnosis, None);
}
