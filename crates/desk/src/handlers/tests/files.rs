//! The files of a connection: saved before their passphrase is there, and named when they cannot be used.

use super::*;
use crate::commands::test_connection::{Stage, State};

fn case(file: &str) -> String {
    format!("{}/tests/cases/07-client-p12-no-mac/{file}", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn a_pkcs12_file_without_mac_is_saved_first_and_opened_when_its_passphrase_is_there() {
    let world = World::connected().await;
    let client_certificate = domain::ClientCertificate::Pkcs12 { path: case("client-no-mac.p12") };
    world.save(ConnectionForm { client_certificate, ..world.connection() }).await.unwrap();
    let trust = async || {
        let tested = world.desk.test_connection(test_connection::Request { connection: None }).await.unwrap();
        tested.steps.into_iter().find(|it| it.stage == Stage::Trust).unwrap().state
    };
    let State::Failed { code, .. } = trust().await else { panic!("it cannot be opened yet") };
    assert_eq!(code, ErrorCode::ClientPassphraseMissing);
    let provide = async |secret: &str| {
        let secret = json!({ "kind": "client_passphrase", "secret": secret, "keep": false });
        world.desk.dispatch("provide_secret", secret).await.unwrap();
    };
    provide("wrong").await;
    let State::Failed { code, detail } = trust().await else { panic!("the passphrase is wrong") };
    assert_eq!(code, ErrorCode::ClientPassphraseWrong);
    assert!(detail.contains("no integrity check"), "{detail}");
    let passphrase = std::fs::read_to_string(case("passphrase.txt")).unwrap();
    provide(passphrase.trim_end()).await;
    let State::Passed { detail } = trust().await else { panic!("it opens") };
    assert!(detail.contains("no integrity check"), "{detail}");
}

#[tokio::test]
async fn a_member_that_cannot_be_used_is_named_at_its_field() {
    let world = World::connected().await;
    let ca = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    let text = ca.clone() + &ca.replacen("MI", "M*", 1);
    let form = ConnectionForm { ca: CaChoice::Pem { name: "ca.pem".into(), text }, ..world.connection() };
    let failure = world.save(form).await.unwrap_err();
    let problem = failure.problems.first().unwrap();
    assert_eq!((problem.field, problem.code), (Field::CaFile, ErrorCode::CaFileDamaged));
    assert!(problem.words().contains("Block 2 of 2 in the file"), "{}", problem.words());
}

#[tokio::test]
async fn work_that_panics_is_a_failure_and_no_panic_of_its_caller() {
    let work = || -> () { panic!("asked to panic") };
    let failure = blocking(work).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::Internal);
}
