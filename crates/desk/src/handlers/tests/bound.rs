//! A secret goes where it was entered for and nowhere else, and not at all once somebody locked, whatever happens meanwhile.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use domain::ConnectionForm;
use secrets::KeychainError;
use secrets::keychain::test_stores::{Failing, Memory};
use secrets::keychain::{Asking, Store};
use serde_json::json;
use zeroize::Zeroizing;

use super::connections::{MINUTE, Place, all, desk, form, held, provide, save, would_send};
use super::*;
use crate::commands::{connections, lock, remove_connection, restore_connection, unlock, use_connection};
use crate::handlers::account::Kept;
use crate::handlers::host::Moment;

/// A keychain that gives a token when it is told to, and says that it was asked.
struct Slow {
    asked: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Store for Slow {
    fn read(&self, account: &str, _: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        only_tokens(account)?;
        let _ = self.asked.send(());
        let _ = self.go_on.lock().unwrap().recv();
        Ok(Some(Zeroizing::new("OF-THE-FIRST".to_owned())))
    }

    fn write(&self, account: &str, _: &str) -> Result<(), KeychainError> {
        only_tokens(account)
    }

    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        Ok(())
    }

    fn probe(&self) -> Result<(), KeychainError> {
        Ok(())
    }
}

/// The record's key is not what these tests are about.
fn only_tokens(account: &str) -> Result<(), KeychainError> {
    let is_token = account.starts_with("token ");
    if is_token { Ok(()) } else { Err(KeychainError::new(ErrorCode::KeychainAbsent, "tokens only")) }
}

fn slow() -> (Place, Receiver<()>, Sender<()>) {
    let ((asked, was_asked), (give, go_on)) = (channel(), channel());
    (Place::with(Slow { asked, go_on: Mutex::new(go_on) }), was_asked, give)
}

/// A desk whose token is in the slow keychain and not in memory, and a signing that waits for it.
async fn waiting_for_the_keychain(
    world: &World,
    place: &Place,
    folder: &tempfile::TempDir,
    asked: Receiver<()>,
) -> (Desk, tokio::task::JoinHandle<sign::Response>) {
    let first = desk(place, folder);
    save(&first, None, world.connection()).await;
    provide(&first, "OF-THE-FIRST", true).await;
    let desk = desk(place, folder);
    let signing = tokio::spawn({
        let (desk, request) = (desk.clone(), world.signing("slow", 301));
        async move { desk.sign(request).await.unwrap() }
    });
    tokio::task::spawn_blocking(move || asked.recv().unwrap()).await.unwrap();
    (desk, signing)
}

#[tokio::test]
async fn a_token_in_memory_does_not_follow_an_address_that_another_program_changed() {
    let world = World::connected().await;
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(ErrorCode::KeychainAbsent)));
    let (here, there) = (desk(&place, &folder), desk(&place, &folder));
    let shown = save(&here, None, form("One", "https://other.example")).await.shown;
    provide(&here, world.standin.token(), false).await;
    save(&there, Some(shown.id), ConnectionForm { name: "One".into(), ..world.connection() }).await;
    assert_eq!(all(&here).await[0].connection.server.to_string(), world.standin.url());
    let response = here.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!((response.ending.code, world.standin.sign_posts()), (ErrorCode::NoToken, 0));
    assert!(!held(&here).await);
}

#[tokio::test]
async fn a_change_that_cannot_be_saved_stays_for_the_session_and_so_does_its_token() {
    let world = World::connected().await;
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(ErrorCode::KeychainAbsent)));
    let desk = desk(&place, &folder);
    let shown = save(&desk, None, form("One", "https://old.example")).await.shown;
    // From now on the file can be read and not be written.
    let newer = std::fs::read_to_string(folder.path().join("connections.json")).unwrap();
    closed(&folder);
    let saved =
        save(&desk, Some(shown.id), ConnectionForm { name: "One".into(), ..world.connection() }).await;
    assert_eq!(saved.not_saved, Some(ErrorCode::SettingsUnwritable));
    provide(&desk, world.standin.token(), false).await;
    let shorter = json!({ "preferences": { "lock_after_minutes": 1 } });
    desk.dispatch("set_preferences", shorter).await.unwrap();
    assert_eq!(all(&desk).await[0].connection.server.to_string(), world.standin.url());
    let status = desk.status(status::Request {}).await.unwrap();
    assert_eq!(status.preferences.lock_after_minutes, 1);
    assert!(status.token_held());
    assert_eq!(std::fs::read_to_string(folder.path().join("connections.json")).unwrap(), newer);
    let id = status.connection.unwrap().id;
    let used = desk.use_connection(use_connection::Request { id }).await.unwrap();
    assert_eq!(used.not_saved, Some(ErrorCode::SettingsUnwritable));
}

#[tokio::test]
async fn a_token_that_was_being_read_when_the_address_changed_goes_to_neither() {
    let world = World::connected().await;
    let folder = tempfile::tempdir().unwrap();
    let (place, asked, give) = slow();
    let (desk, signing) = waiting_for_the_keychain(&world, &place, &folder, asked).await;
    let id = desk.session().in_use.clone().unwrap();
    let change = tokio::spawn({
        let desk = desk.clone();
        async move { save(&desk, Some(id), form("One", "https://127.0.0.1:1")).await }
    });
    // The keychain takes one call at a time: the change waits for the read.
    give.send(()).unwrap();
    let first = signing.await.unwrap();
    assert_eq!(first.ending.outcome, Outcome::Refused, "it went to the server it was read for: {first:?}");
    change.await.unwrap();
    assert_eq!(would_send(&desk).await, ErrorCode::NoToken);
}

#[tokio::test]
async fn a_test_under_way_does_not_take_the_token_of_the_corrected_address() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(ErrorCode::KeychainAbsent)));
    let desk = desk(&place, &folder);
    let shown = save(&desk, None, form("One", "https://mistyped.example")).await.shown;
    let as_it_was = desk.session().current().cloned().unwrap();
    save(&desk, Some(shown.id), form("One", "https://right.example")).await;
    provide(&desk, "FOR-THE-RIGHT-ONE", false).await;
    assert_eq!(desk.token(&as_it_was).await.unwrap_err().code, ErrorCode::NoToken);
    let now = desk.session().current().cloned().unwrap();
    assert_eq!(desk.token(&now).await.unwrap().expose(), "FOR-THE-RIGHT-ONE");
}

#[tokio::test]
async fn a_token_that_was_typed_for_another_server_than_is_set_now_is_not_held() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Failing(ErrorCode::KeychainAbsent)));
    let desk = desk(&place, &folder);
    save(&desk, None, form("One", "https://now.example")).await;
    for command in ["provide_token", "provide_secret"] {
        let request = json!({
            "token": "T", "secret": "T", "kind": "proxy_password", "server": "https://seen.example",
        });
        assert_eq!(desk.dispatch(command, request).await.unwrap_err().code, ErrorCode::ConnectionMoved);
    }
    assert!(!held(&desk).await);
    let nobody = json!({ "token": "T", "connection": "nobody" });
    assert_eq!(desk.dispatch("provide_token", nobody).await.unwrap_err().code, ErrorCode::NoSuchConnection);
}

#[tokio::test]
async fn what_is_read_while_somebody_locks_is_not_held_and_not_sent() {
    let world = World::connected().await;
    let folder = tempfile::tempdir().unwrap();
    let (place, asked, give) = slow();
    let (desk, signing) = waiting_for_the_keychain(&world, &place, &folder, asked).await;
    desk.lock(lock::Request {}).await.unwrap();
    let unlocking = tokio::spawn({
        let desk = desk.clone();
        async move { desk.unlock(unlock::Request {}).await }
    });
    give.send(()).unwrap();
    assert_eq!(signing.await.unwrap().ending.code, ErrorCode::Locked);
    assert_eq!(world.standin.sign_posts(), 0);
    assert!(!desk.session().secrets.any());
    // An unlocking that somebody locks again ends nothing either.
    tokio::task::yield_now().await;
    desk.lock(lock::Request {}).await.unwrap();
    give.send(()).unwrap();
    let unlocked = unlocking.await.unwrap();
    let status = desk.status(status::Request {}).await.unwrap();
    assert!(status.locked && !status.token_held(), "{unlocked:?}");
}

#[tokio::test]
async fn a_locked_desk_takes_no_password_and_a_page_that_asks_by_itself_is_nobody() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    save(&desk, None, form("One", "https://127.0.0.1:1")).await;
    provide(&desk, "CANARY", true).await;
    // Exactly what an open page asks, for as long as it takes.
    for _ in 0..90 {
        place.later(MINUTE / 3);
        desk.dispatch("status", json!({})).await.unwrap();
        desk.dispatch("connections", json!({})).await.unwrap();
    }
    assert!(desk.status(status::Request {}).await.unwrap().locked);
    let secret = json!({ "kind": "proxy_password", "secret": "CANARY" });
    assert_eq!(desk.dispatch("provide_secret", secret).await.unwrap_err().code, ErrorCode::Locked);
    assert!(!desk.session().secrets.any());
}

#[tokio::test]
async fn a_token_without_a_connection_leaves_by_idle_time_too() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    provide(&desk, "CANARY", false).await;
    place.later(30 * MINUTE);
    assert!(desk.status(status::Request {}).await.unwrap().locked);
    assert!(!desk.session().secrets.any());
}

#[tokio::test]
async fn a_removed_connection_is_forgotten_by_time_alone() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let shown = save(&desk, None, form("One", "https://127.0.0.1:1")).await.shown;
    provide(&desk, "CANARY", true).await;
    desk.remove_connection(remove_connection::Request { id: shown.id.clone() }).await.unwrap();
    place.later(15 * MINUTE);
    let failure = desk.restore_connection(restore_connection::Request { id: shown.id }).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoSuchConnection);
    assert!(desk.connections(connections::Request {}).await.unwrap().removed.is_empty());
}

#[tokio::test]
async fn a_token_that_the_keychain_lost_is_no_success_of_a_test() {
    use crate::commands::test_connection::Stage;
    let world = World::connected().await;
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    save(&desk(&place, &folder), None, world.connection()).await;
    provide(&desk(&place, &folder), world.standin.token(), true).await;
    let elsewhere = Place::with(Memory::default());
    let tested =
        desk(&elsewhere, &folder).test_connection(test_connection::Request::default()).await.unwrap();
    let failed = tested
        .steps
        .iter()
        .find(|it| matches!(it.state, test_connection::State::Failed { code: ErrorCode::NoToken, .. }));
    assert_eq!(failed.map(|it| it.stage), Some(Stage::Token), "{tested:?}");
}

#[tokio::test]
async fn a_signing_goes_with_the_connection_of_its_review() {
    let world = World::connected().await;
    let review = world.desk.review(review::Request { form: world.form(301) }).await.unwrap();
    let form = ConnectionForm { name: "As somebody else".into(), ..world.connection() };
    world.desk.save_connection(save_connection::Request { id: None, form, use_it: true }).await.unwrap();
    world.desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    let request = |connection| sign::Request { connection, ..world.signing("a", 301) };
    let response = world.desk.sign(request(Some(review.connection))).await.unwrap();
    assert_eq!((response.ending.code, world.standin.sign_posts()), (ErrorCode::ServerChanged, 0));
    let again = world.desk.review(review::Request { form: world.form(301) }).await.unwrap();
    let response = world.desk.sign(request(Some(again.connection))).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::Signed);
}

/// From now on the file of connections can be read and not be written.
fn closed(folder: &tempfile::TempDir) {
    std::fs::create_dir(folder.path().join("connections.json.new")).unwrap();
}

#[tokio::test]
async fn what_could_not_be_saved_destroys_nothing_of_what_is_saved() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let first = desk(&place, &folder);
    let shown = save(&first, None, form("One", "https://127.0.0.1:1")).await.shown;
    provide(&first, "CANARY", true).await;
    closed(&folder);
    let moved = save(&first, Some(shown.id.clone()), form("One", "https://127.0.0.1:2")).await;
    assert!(moved.token_forgotten && moved.not_saved.is_some());
    let removed = first.remove_connection(remove_connection::Request { id: shown.id }).await.unwrap_err();
    assert_eq!(removed.code, ErrorCode::SettingsUnwritable);
    assert_eq!(all(&first).await.len(), 1);
    // The next start finds what is saved, and its token.
    assert_eq!(would_send(&desk(&place, &folder)).await, ErrorCode::ConnectRefused);
}

#[tokio::test]
async fn a_token_is_not_kept_for_an_address_that_was_left_meanwhile() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let here = desk(&place, &folder);
    let shown = save(&here, None, form("One", "https://127.0.0.1:1")).await.shown;
    let as_it_was = here.session().current().cloned().unwrap();
    save(&desk(&place, &folder), Some(shown.id), form("One", "https://127.0.0.1:2")).await;
    // As if the keychain had asked the person in between.
    let text = Zeroizing::new("CANARY".to_owned());
    let kept =
        here.keep_or_not(&as_it_was, Kept::Token, text, true, Timestamp::from_millis(1)).await.unwrap();
    assert_eq!(kept, Some(ErrorCode::ConnectionMoved));
    let next = desk(&place, &folder);
    assert!(all(&next).await[0].token.is_none());
    let (keychain, account) = (place.keychain(), as_it_was.account(Kept::Token));
    let left = tokio::task::spawn_blocking(move || keychain.read(account.as_str()).unwrap());
    assert!(left.await.unwrap().is_none(), "nothing stays where nobody finds it");
}

#[tokio::test]
async fn forgetting_the_token_stops_a_signing_that_has_not_left() {
    use std::sync::Arc;
    /// Tells when a signing has recorded its intent, and lets it go on when told.
    struct Stopping(Mutex<Sender<()>>, Arc<Mutex<Receiver<()>>>);
    impl Host for Stopping {
        fn now(&self) -> Timestamp {
            Frozen.now()
        }

        fn keychain(&self) -> Keychain {
            Frozen.keychain()
        }

        fn surroundings(&self) -> Surroundings {
            Frozen.surroundings()
        }

        fn reached(&self, moment: Moment) {
            if moment == Moment::AfterIntent {
                self.0.lock().unwrap().send(()).unwrap();
                self.1.lock().unwrap().recv().unwrap();
            }
        }
    }
    let world = World::connected().await;
    let ((told, is_there), (go, go_on)) = (channel(), channel());
    let host = Stopping(Mutex::new(told), Arc::new(Mutex::new(go_on)));
    let desk = Desk::new(host, world.desk.data_dir().to_owned());
    provide(&desk, world.standin.token(), false).await;
    let (runs, request) = (desk.clone(), world.signing("a", 301));
    let signing = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(runs.sign(request)).unwrap()
    });
    tokio::task::spawn_blocking(move || is_there.recv().unwrap()).await.unwrap();
    desk.forget_token(forget_token::Request::default()).await.unwrap();
    go.send(()).unwrap();
    let response = tokio::task::spawn_blocking(move || signing.join().unwrap()).await.unwrap();
    assert_eq!((response.ending.code, world.standin.sign_posts()), (ErrorCode::Locked, 0));
}

#[tokio::test]
async fn a_clock_that_steps_back_ends_no_undo() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let id = save(&desk, None, form("One", "https://127.0.0.1:1")).await.shown.id;
    desk.remove_connection(remove_connection::Request { id: id.clone() }).await.unwrap();
    place.later(-MINUTE);
    assert_eq!(desk.connections(connections::Request {}).await.unwrap().removed.len(), 1);
    desk.restore_connection(restore_connection::Request { id }).await.unwrap();
}

#[tokio::test]
async fn idle_time_locks_before_anything_was_read_too() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    save(&desk(&place, &folder), None, form("One", "https://127.0.0.1:1")).await;
    provide(&desk(&place, &folder), "CANARY", true).await;
    let next = desk(&place, &folder);
    place.later(30 * MINUTE);
    assert!(next.status(status::Request {}).await.unwrap().locked);
    assert!(next.unlock(unlock::Request {}).await.unwrap().token_held);
}
