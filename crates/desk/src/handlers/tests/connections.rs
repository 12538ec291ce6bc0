//! Several connections, and the secrets of each: in memory, in the keychain, locked away.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::{ClientCertificate, ConnectionForm, ConnectionId, Environment, ErrorCode, Outcome, ProxyChoice};
use secrets::keychain::Store;
use secrets::keychain::test_stores::{Failing, Memory};
use serde_json::{Value, json};

use super::*;
use crate::commands::{
    Shown, connections, duplicate_connection, export_connections, import_connections, lock,
    remove_connection, restore_connection, trust_ca, unlock, use_connection,
};
use crate::handlers::account::{Account, Kept};

const START: i64 = 1_795_507_200_000;
pub(super) const MINUTE: i64 = 60_000;

/// A clock that a test moves, and a keychain of its own.
#[derive(Clone)]
pub(super) struct Place {
    now: Arc<AtomicI64>,
    keychain: Keychain,
}

impl Place {
    pub(super) fn with(store: impl Store + 'static) -> Self {
        Self { now: Arc::new(AtomicI64::new(START)), keychain: Keychain::over(store) }
    }

    pub(super) fn later(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Host for Place {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    fn keychain(&self) -> Keychain {
        self.keychain.clone()
    }

    fn surroundings(&self) -> Surroundings {
        Frozen.surroundings()
    }
}

pub(super) fn desk(place: &Place, folder: &tempfile::TempDir) -> Desk {
    Desk::new(place.clone(), folder.path().to_owned())
}

pub(super) fn form(name: &str, server: &str) -> ConnectionForm {
    ConnectionForm { name: name.into(), server: server.into(), ..ConnectionForm::default() }
}

pub(super) async fn save(
    desk: &Desk,
    id: Option<ConnectionId>,
    form: ConnectionForm,
) -> save_connection::Response {
    desk.save_connection(save_connection::Request { id, form, use_it: true }).await.unwrap()
}

pub(super) async fn all(desk: &Desk) -> Vec<Shown> {
    desk.connections(connections::Request {}).await.unwrap().connections
}

pub(super) async fn provide(desk: &Desk, token: &str, keep: bool) -> Value {
    desk.dispatch("provide_token", json!({ "token": token, "keep": keep })).await.unwrap()
}

pub(super) async fn held(desk: &Desk) -> bool {
    desk.status(status::Request {}).await.unwrap().token_held()
}

/// What a signing would do with the token: get as far as the connection, or not.
pub(super) async fn would_send(desk: &Desk) -> ErrorCode {
    let form = SignForm {
        sign_type: "MSCA".into(),
        validity_days: "1".into(),
        csr_id: "1".into(),
        ..SignForm::default()
    };
    let intent = format!("intent-{}", uuid::Uuid::new_v4());
    let request =
        sign::Request { intent, form, again: None, server: None, connection: None, as_reviewed: None };
    desk.sign(request).await.unwrap().ending.code
}

pub(super) const NOWHERE: &str = "https://127.0.0.1:1";

#[tokio::test]
async fn several_are_kept_and_one_is_in_use() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(ErrorCode::KeychainAbsent)));
    let first = desk(&place, &folder);
    let one = save(&first, None, form("Production", "https://one.example")).await.shown;
    let two = save(&first, None, form("", "https://two.example:8443")).await.shown;
    assert_eq!(two.connection.name, "two.example:8443");
    let taken = first
        .save_connection(save_connection::Request {
            id: None,
            form: form("PRODUCTION", "https://x.example"),
            use_it: false,
        })
        .await
        .unwrap_err();
    assert_eq!(taken.problems[0].code, ErrorCode::ConnectionNameTaken);

    let next = desk(&place, &folder);
    let response = next.connections(connections::Request {}).await.unwrap();
    assert_eq!((response.connections.len(), response.in_use), (2, Some(two.id.clone())));
    next.use_connection(use_connection::Request { id: one.id.clone() }).await.unwrap();
    assert!(next.use_named("two.EXAMPLE:8443").is_ok() && next.use_named("three").is_err());
    // The other program sees what this one changed, and keeps what it uses itself.
    save(&next, Some(two.id.clone()), form("Second", "https://two.example:8443")).await;
    let names: Vec<_> = all(&first).await.into_iter().map(|it| it.connection.name).collect();
    assert_eq!(names, ["Production", "Second"]);

    // Two programs at once could give two connections one name: then the name means neither.
    let path = folder.path().join("connections.json");
    let twice = std::fs::read_to_string(&path).unwrap().replace("Second", "production");
    std::fs::write(&path, twice).unwrap();
    assert_eq!(desk(&place, &folder).use_named("Production"), Err(ErrorCode::ConnectionNameTaken));
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap().replace("production\",", "Second\","))
        .unwrap();

    let copy = next.duplicate_connection(duplicate_connection::Request { id: one.id }).await.unwrap().shown;
    assert_eq!((copy.connection.name.as_str(), copy.token), ("Production (2)", None));
}

#[tokio::test]
async fn a_removed_one_comes_back_with_its_token_and_later_is_gone_for_good() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let shown = save(&desk, None, form("One", NOWHERE)).await.shown;
    provide(&desk, "CANARY", true).await;
    desk.remove_connection(remove_connection::Request { id: shown.id.clone() }).await.unwrap();
    assert!(all(&desk).await.is_empty() && !held(&desk).await);

    let id = shown.id.clone();
    let back = desk.restore_connection(restore_connection::Request { id }).await.unwrap().shown;
    assert!(back.token.unwrap().in_keychain);
    assert_eq!(would_send(&desk).await, ErrorCode::ConnectRefused);

    desk.remove_connection(remove_connection::Request { id: shown.id.clone() }).await.unwrap();
    place.later(15 * MINUTE);
    let other = save(&desk, None, form("Other", NOWHERE)).await.shown;
    desk.remove_connection(remove_connection::Request { id: other.id }).await.unwrap();
    let failure =
        desk.restore_connection(restore_connection::Request { id: shown.id.clone() }).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoSuchConnection);
    // Nothing of it stays in the keychain either: one that is made with the same id finds no token.
    let account = Account::new(&shown.id, &shown.connection, Kept::Token);
    let keychain = place.keychain.clone();
    let left = tokio::task::spawn_blocking(move || keychain.read(account.as_str()).unwrap());
    assert!(left.await.unwrap().is_none());
}

#[tokio::test]
async fn a_token_in_the_keychain_is_there_at_the_next_start_and_for_its_server_alone() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let first = desk(&place, &folder);
    let shown = save(&first, None, form("One", NOWHERE)).await.shown;
    assert_eq!(provide(&first, "CANARY", true).await, json!({ "not_kept": null }));

    let next = desk(&place, &folder);
    assert!(held(&next).await);
    assert_eq!(would_send(&next).await, ErrorCode::ConnectRefused);

    // Whoever turns the saved address elsewhere finds no token to send there.
    let path = folder.path().join("connections.json");
    let turned = std::fs::read_to_string(&path).unwrap().replace("127.0.0.1:1", "127.0.0.1:2");
    std::fs::write(&path, turned).unwrap();
    assert_eq!(would_send(&desk(&place, &folder)).await, ErrorCode::NoToken);

    let changed = save(&next, Some(shown.id), form("One", "https://127.0.0.1:3")).await;
    assert!(changed.token_forgotten && changed.shown.token.is_none());
    assert!(!held(&next).await);
    let files = std::fs::read_to_string(&path).unwrap();
    assert!(!files.contains("CANARY"), "{files}");
}

#[tokio::test]
async fn a_keychain_that_does_not_take_a_token_says_why_and_it_is_held_for_this_session() {
    for code in [ErrorCode::KeychainAbsent, ErrorCode::KeychainLocked, ErrorCode::KeychainDenied] {
        let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(code)));
        let desk = desk(&place, &folder);
        save(&desk, None, form("One", NOWHERE)).await;
        assert_eq!(provide(&desk, "CANARY", true).await, json!({ "not_kept": code }));
        let shown = desk.status(status::Request {}).await.unwrap().connection.unwrap();
        assert!(!shown.token.unwrap().in_keychain);
        assert_eq!(would_send(&desk).await, ErrorCode::ConnectRefused);
    }
}

#[tokio::test]
async fn what_is_not_saved_keeps_nothing() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    desk.adopt(Some(form("", NOWHERE).check().unwrap()), None);
    let answer = provide(&desk, "CANARY", true).await;
    assert_eq!(answer, json!({ "not_kept": ErrorCode::ConnectionNotSaved }));
    assert!(held(&desk).await);
}

#[tokio::test]
async fn a_token_that_comes_first_goes_to_the_first_connection() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(ErrorCode::KeychainAbsent)));
    let desk = desk(&place, &folder);
    provide(&desk, "CANARY", false).await;
    assert!(!held(&desk).await);
    save(&desk, None, form("One", NOWHERE)).await;
    assert!(held(&desk).await);
    save(&desk, None, form("Two", "https://127.0.0.1:2")).await;
    assert!(!held(&desk).await, "a token is for one server");
}

#[tokio::test]
async fn a_locked_desk_forgets_what_only_the_session_held() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    save(&desk, None, form("One", NOWHERE)).await;
    provide(&desk, "CANARY", false).await;
    desk.lock(lock::Request {}).await.unwrap();
    assert_eq!(would_send(&desk).await, ErrorCode::Locked);
    assert!(!desk.unlock(unlock::Request {}).await.unwrap().token_held);
    assert_eq!(would_send(&desk).await, ErrorCode::NoToken);
}

#[tokio::test]
async fn a_replaced_secret_has_another_time_also_when_another_program_replaced_it() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let here = desk(&place, &folder);
    let proxy = ProxyChoice::Manual { address: "http://proxy.example:3128".into(), user: "me".into() };
    save(&here, None, ConnectionForm { proxy, ..form("One", NOWHERE) }).await;
    let provide = async |desk: &Desk, keep: bool| {
        let secret = json!({ "kind": "proxy_password", "secret": "CANARY", "keep": keep });
        desk.dispatch("provide_secret", secret).await.unwrap();
    };
    let since = async |desk: &Desk| {
        let all = desk.connections(connections::Request {}).await.unwrap();
        all.connections[0].secrets_since.values().map(|it| it.millis() - START).collect::<Vec<_>>()
    };
    assert_eq!(since(&here).await, [0; 0]);
    provide(&here, true).await;
    assert_eq!(since(&here).await, [0]);
    place.later(MINUTE);
    let other = desk(&place, &folder);
    assert_eq!(since(&other).await, [0]);
    provide(&other, true).await;
    assert_eq!(since(&here).await, [MINUTE]);
    // In memory alone, it replaces the one in the keychain.
    place.later(MINUTE);
    provide(&here, false).await;
    assert_eq!((since(&here).await, since(&other).await), (vec![2 * MINUTE], vec![MINUTE]));
}

#[tokio::test]
async fn connections_travel_without_secrets_and_change_nothing_that_is_there() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let from = desk(&place, &folder);
    let whole = ConnectionForm {
        environment: Environment::Production,
        organization: "Org".into(),
        pin: "0".repeat(64),
        client_certificate: ClientCertificate::None,
        proxy: ProxyChoice::Manual { address: "http://proxy.example:3128".into(), user: "me".into() },
        timeout_seconds: "61".into(),
        csr_list: "getCSRs".into(),
        token_expires: "2027-03-04".into(),
        ..form("One", NOWHERE)
    };
    save(&from, None, whole).await;
    provide(&from, "CANARY", true).await;
    let secret = json!({ "kind": "proxy_password", "secret": "CANARY-2", "keep": true });
    from.dispatch("provide_secret", secret).await.unwrap();
    let file = from.export_connections(export_connections::Request {}).await.unwrap();
    assert!(!file.text.contains("CANARY"), "{}", file.text);

    let elsewhere = tempfile::tempdir().unwrap();
    let to = desk(&Place::with(Memory::default()), &elsewhere);
    save(&to, None, form("one", "https://two.example")).await;
    let import =
        async |text: &str| to.import_connections(import_connections::Request { text: text.to_owned() }).await;
    assert_eq!(import(&file.text).await.unwrap().added, ["One (2)"]);
    let both = all(&to).await;
    assert_eq!(both[0].connection.server.to_string(), "https://two.example");
    let (sent, came) = (&all(&from).await[0].connection, &both[1].connection);
    assert_eq!(came, &Connection { name: "One (2)".into(), ..sent.clone() });
    assert_eq!((both[1].token, both[1].secrets.len()), (None, 0));

    let again = to.export_connections(export_connections::Request {}).await.unwrap();
    assert_eq!(import(&again.text).await.unwrap().known.len(), 2);
    let broken = file.text.replace(NOWHERE, "http://plain.example");
    let refused = import(&broken).await.unwrap().refused;
    assert!(refused[0].1.contains("https://"), "{refused:?}");
    for text in ["", "{}", "[1]", &file.text.replace("\"version\": 1", "\"version\": 2")] {
        assert_eq!(import(text).await.unwrap_err().code, ErrorCode::ConnectionsUnreadable, "{text}");
    }
}

#[tokio::test]
async fn a_ca_is_trusted_only_when_its_fingerprint_came_another_way() {
    let world = World::connected().await;
    let from_nowhere = ConnectionForm { ca: CaChoice::System, ..world.connection() };
    world.save(from_nowhere).await.unwrap();
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    let diagnosis = tested.diagnosis.unwrap();
    let shown = diagnosis.chain[diagnosis.candidate.unwrap()].sha256;
    let own = diagnosis.chain[0].sha256;
    let trust = async |shown: domain::Fingerprint, told: String| {
        let connection = world.desk.in_use().unwrap().id;
        world.desk.trust_ca(trust_ca::Request { connection, shown, told }).await
    };
    let refused = trust(own, own.hex()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NothingToTrust, "never the server's own certificate");
    let refused = trust(shown, "yes".into()).await.unwrap_err();
    assert_eq!(refused.problems[0].code, ErrorCode::FingerprintMalformed);
    let refused = trust(shown, own.hex()).await.unwrap_err();
    assert_eq!(refused.problems[0].code, ErrorCode::FingerprintOfServer, "mixed up");
    assert!(!serde_json::to_string(&refused).unwrap().contains(&shown.hex()));
    // Each test allows one comparison, and a failed one is on record.
    assert_eq!(trust(shown, shown.hex()).await.unwrap_err().code, ErrorCode::NothingToTrust);
    let exported = world.desk.export(crate::commands::export::Request::Journal).await.unwrap();
    let journal = std::fs::read_to_string(exported.path).unwrap();
    let failed = journal.lines().find(|it| it.contains("ca_differs")).unwrap();
    assert!(failed.contains(&shown.hex()) && failed.contains(&own.hex()), "{failed}");
    world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    let refused = trust(shown, "ab".repeat(32)).await.unwrap_err();
    assert_eq!(refused.problems[0].code, ErrorCode::FingerprintDiffers);
    assert_eq!(trust(shown, shown.hex()).await.unwrap_err().code, ErrorCode::NothingToTrust);
    world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    assert_eq!(would_send(&world.desk).await, ErrorCode::TlsUnknownIssuer);

    let trusted = trust(shown, shown.colons()).await.unwrap().shown;
    assert!(matches!(&trusted.connection.ca, CaChoice::Pem { text, .. } if text.is_empty()));
    assert!(trusted.token.is_some(), "the server is the same");
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    assert!(tested.good() && tested.diagnosis.is_none());
    // It is there at the next start, and nothing is left to trust.
    assert_eq!(trust(shown, shown.hex()).await.unwrap_err().code, ErrorCode::NothingToTrust);
    let next = Desk::new(Frozen, world.desk.data_dir().to_owned());
    next.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    assert_eq!(next.sign(world.signing("t", 301)).await.unwrap().ending.outcome, Outcome::Signed);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let desk = Desk::new(Place::with(Memory::default()), file.join("below"));
    let saved = save(&desk, None, form("One", NOWHERE)).await;
    assert_eq!(saved.not_saved, Some(ErrorCode::SettingsUnwritable));
    assert!(!saved.shown.saved);
    assert_eq!(all(&desk).await.len(), 1);
    // And nothing is signed, as nothing can be recorded.
    provide(&desk, "CANARY", false).await;
    assert_eq!(would_send(&desk).await, ErrorCode::JournalUnavailable);
    assert_eq!(ErrorCode::JournalUnavailable.outcome(), Some(Outcome::NotSent));
}

#[tokio::test]
async fn the_list_of_csrs_is_asked_for_when_its_operation_is_known() {
    use crate::commands::test_connection::{Stage, State};
    let world = World::connected().await;
    let last = async |operation: &str| {
        world.save(ConnectionForm { csr_list: operation.into(), ..world.connection() }).await.unwrap();
        let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
        tested.steps.into_iter().find(|it| it.stage == Stage::CsrList).unwrap().state
    };
    assert_eq!(last("").await, State::Skipped);
    assert!(
        matches!(last("getCSRList").await, State::Passed { detail } if detail.ends_with("CSRs are listed."))
    );
    assert!(matches!(last("noSuchThing").await, State::Failed { .. }));
}

#[tokio::test]
async fn there_are_at_most_a_hundred_connections() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    for number in 1..=100 {
        save(&desk, None, form(&number.to_string(), NOWHERE)).await;
    }
    let one_more = save_connection::Request { id: None, form: form("One more", NOWHERE), use_it: true };
    let refused = desk.save_connection(one_more).await.unwrap_err();
    assert_eq!((refused.code, all(&desk).await.len()), (ErrorCode::TooManyConnections, 100));
}
