//! One server in every spelling: its secrets, its history, its guard against duplicates, and what it said about HTTP.

use domain::{BaseUrl, ConnectionForm, ErrorCode, HistoryFilter, HttpVersion, Outcome};
use secrets::keychain::test_stores::Memory;

use super::connections::{Place, all, desk, form, provide, save, would_send};
use super::*;
use crate::handlers::account::{Account, Kept};
use crate::handlers::settings::Spellings;

/// Writes into the file what an earlier version would have written.
fn respell(folder: &tempfile::TempDir, from: &str, to: &str) {
    let path = folder.path().join("connections.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
}

#[tokio::test]
async fn a_token_that_was_kept_for_an_earlier_spelling_is_found_and_deleted() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let first = desk(&place, &folder);
    let id = save(&first, None, form("One", "https://localhost:1")).await.shown.id;
    provide(&first, "CANARY", true).await;
    // As an earlier version left it: the file and the account in its own spelling.
    let keychain = place.keychain();
    let earlier = Spellings { server: Some("https://localhost.:1".into()), proxy: None };
    let connection = form("One", "https://localhost:1").check().unwrap();
    let now = Account::new(&id, &connection, Kept::Token);
    let then = Account::earlier(&id, &connection, &earlier, Kept::Token).unwrap();
    keychain.delete(now.as_str(), secrets::keychain::SILENT_LIMIT).unwrap();
    let text = zeroize::Zeroizing::new("CANARY".to_owned());
    keychain.write(then.as_str(), &text, secrets::keychain::ASKING_LIMIT).unwrap();
    respell(&folder, "https://localhost:1", "https://localhost.:1");

    let next = desk(&place, &folder);
    assert_eq!(all(&next).await[0].connection.server.to_string(), "https://localhost:1");
    assert_eq!(would_send(&next).await, ErrorCode::ConnectRefused, "the token was found");
    // Also after the connection was saved in the new spelling.
    save(&next, Some(id), form("Renamed", "https://localhost:1")).await;
    let after = desk(&place, &folder);
    assert_eq!(would_send(&after).await, ErrorCode::ConnectRefused);
    after.dispatch("forget_token", json!({})).await.unwrap();
    assert!(keychain.read(then.as_str()).unwrap().is_none());
}

#[tokio::test]
async fn an_earlier_spelling_of_another_server_finds_no_token() {
    let connection = form("One", "https://here.example").check().unwrap();
    let id = ConnectionId::from_number(1);
    for other in
        ["https://there.example", "https://here.example:8443", "https://here.example/pam", "nonsense"]
    {
        let earlier = Spellings { server: Some(other.into()), proxy: None };
        assert_eq!(Account::earlier(&id, &connection, &earlier, Kept::Token), None, "{other}");
    }
}

#[tokio::test]
async fn the_guard_and_the_history_know_a_server_in_every_spelling() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let port = BaseUrl::parse(world.standin.url()).unwrap().port();
    let spelled = format!("127.0.0.1.:{port}/api/pki/restapi/signCSR");
    world.save(ConnectionForm { server: spelled.clone(), ..world.connection() }).await.unwrap();
    let again = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!((again.ending.code, again.earlier), (ErrorCode::AlreadyOnRecord, vec![1]));
    let filter = HistoryFilter { server: Some(spelled), ..HistoryFilter::default() };
    let page = world.desk.history(history::Request { filter, ..history::Request::default() }).await.unwrap();
    assert_eq!(page.total, 1);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_server_that_requires_http1_is_remembered_for_the_next_program() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let first = desk(&place, &folder);
    let id = save(&first, None, form("One", "https://127.0.0.1:1")).await.shown.id;
    let held = first.session().current().cloned().unwrap();
    assert!(!first.learned_http11(&held).await);
    first.http_offer(&held).remember();
    assert!(first.learned_http11(&held).await);

    let offers_http1_only = |desk: &Desk| {
        let held = desk.session().current().cloned().unwrap();
        desk.http_offer(&held).is_http11_only()
    };
    let next = desk(&place, &folder);
    assert!(offers_http1_only(&next));
    save(&next, Some(id.clone()), form("Renamed", "https://127.0.0.1:1/")).await;
    assert!(offers_http1_only(&next), "it is the same server");
    save(&next, Some(id.clone()), form("Renamed", "https://127.0.0.1:2")).await;
    assert!(!offers_http1_only(&next), "it is another server");
    let chosen =
        ConnectionForm { http_version: HttpVersion::Http11Only, ..form("Renamed", "https://127.0.0.1:2") };
    save(&next, Some(id), chosen).await;
    assert!(offers_http1_only(&next));
}

#[tokio::test]
async fn a_success_that_names_no_certificate_is_unknown_and_settled_by_a_person() {
    let world = World::connected().await;
    let response = world.desk.sign(world.signing("a", Fault::DetailsMissing.csr_id())).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::Unknown);
    assert_eq!(response.ending.code, ErrorCode::SignedWithoutDetails);
    let response = world.desk.sign(world.signing("b", Fault::FailedWithDetails.csr_id())).await.unwrap();
    assert_eq!(response.ending.code, ErrorCode::ContradictingAnswer);
    assert_eq!((response.ending.certificates.len(), response.ending.reported.len()), (0, 1));
    let entry = &world.history().await[0];
    let row = row(entry);
    assert_eq!(
        (row["certificates"].clone(), row["reported"][0]["serial_number"].is_string()),
        (json!([]), true)
    );
}
