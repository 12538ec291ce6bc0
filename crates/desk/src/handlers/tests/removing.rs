//! Removing a connection and bringing it back: never while it signs, and to where it was.

use domain::ConnectionId;
use secrets::keychain::test_stores::Memory;

use super::connections::{Place, all, desk, form, provide, save};
use super::running::hanging;
use super::*;
use crate::commands::{connections, remove_connection, restore_connection, use_connection};

const NOWHERE: &str = "https://127.0.0.1:1";

async fn remove(desk: &Desk, id: &ConnectionId) -> Result<remove_connection::Response, Failure> {
    desk.remove_connection(remove_connection::Request { id: id.clone() }).await
}

async fn restore(desk: &Desk, id: &ConnectionId) -> crate::commands::Shown {
    desk.restore_connection(restore_connection::Request { id: id.clone() }).await.unwrap().shown
}

async fn in_use(desk: &Desk) -> Option<ConnectionId> {
    desk.connections(connections::Request {}).await.unwrap().in_use
}

#[tokio::test]
async fn a_connection_that_signs_is_not_removed_here_or_in_another_program() {
    let world = World::connected().await;
    let signs = world.desk.in_use().unwrap().id;
    // A second connection to the same server, with which nothing is signed.
    let same_server = ConnectionForm { name: "Second".into(), ..world.connection() };
    let request = save_connection::Request { id: None, form: same_server, use_it: false };
    let second = world.desk.save_connection(request).await.unwrap().shown.id;
    hanging(&world, "a").await;
    // It runs on with the connection that it was begun with.
    world.desk.use_connection(use_connection::Request { id: second.clone() }).await.unwrap();
    let other = Desk::new(Frozen, world.desk.data_dir().to_owned());
    for desk in [&world.desk, &other] {
        let failure = remove(desk, &signs).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::ConnectionIsSigning);
        assert_eq!(all(desk).await.len(), 2);
        let running = desk.status(status::Request {}).await.unwrap().running;
        assert_eq!(running.len(), 1);
        assert!(running[0].is_with(&signs, world.standin.url()));
        assert!(!running[0].is_with(&second, world.standin.url()));
    }
    remove(&other, &second).await.unwrap();

    // Where the file does not say with which connection, each one to this server may be it.
    restore(&other, &second).await;
    std::fs::remove_file(world.desk.data_dir().join("running/intent-a")).unwrap();
    assert_eq!(remove(&other, &second).await.unwrap_err().code, ErrorCode::ConnectionMayBeSigning);
    assert_eq!(remove(&world.desk, &signs).await.unwrap_err().code, ErrorCode::ConnectionIsSigning);

    world.standin.stop().await;
    world.desk.idle().await;
    remove(&world.desk, &signs).await.unwrap();
}

#[tokio::test]
async fn undo_puts_a_connection_back_at_its_place_and_in_use_with_its_stored_token() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let first = save(&desk, None, form("First", NOWHERE)).await.shown.id;
    provide(&desk, "STORED", true).await;
    let second = save(&desk, None, form("Second", NOWHERE)).await.shown.id;
    provide(&desk, "IN-MEMORY", false).await;
    desk.use_connection(use_connection::Request { id: first.clone() }).await.unwrap();

    remove(&desk, &first).await.unwrap();
    assert_eq!(in_use(&desk).await, None);
    // One that was not in use does not come into use because of an undo.
    remove(&desk, &second).await.unwrap();
    assert!(restore(&desk, &second).await.token.is_none(), "a token in memory is gone");
    assert_eq!(in_use(&desk).await, None);
    let back = restore(&desk, &first).await;
    assert!(back.token.is_some_and(|it| it.in_keychain));
    assert_eq!(in_use(&desk).await.as_ref(), Some(&first));
    let order: Vec<_> = all(&desk).await.into_iter().map(|it| it.id).collect();
    assert_eq!(order, [first.clone(), second.clone()]);

    // Whoever chose another one meanwhile keeps it.
    remove(&desk, &first).await.unwrap();
    desk.use_connection(use_connection::Request { id: second.clone() }).await.unwrap();
    restore(&desk, &first).await;
    assert_eq!(in_use(&desk).await, Some(second));
}

#[tokio::test]
async fn a_connection_stays_while_the_journal_cannot_tell_who_signs() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let id = save(&desk(&place, &folder), None, form("First", NOWHERE)).await.shown.id;
    let other = desk(&place, &folder);
    for name in ["journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    // A folder in the journal's place cannot be read, and nothing in it can be quarantined.
    std::fs::create_dir(folder.path().join("journal.sqlite3")).unwrap();
    let failure = remove(&other, &id).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::RecordUnreadable);
    assert_eq!(all(&other).await.len(), 1);
    std::fs::remove_dir(folder.path().join("journal.sqlite3")).unwrap();
    remove(&other, &id).await.unwrap();
}

#[tokio::test]
async fn nothing_is_signed_with_a_connection_that_another_program_removed_or_changed() {
    let world = World::connected().await;
    let id = world.desk.in_use().unwrap().id;
    let review = async || world.desk.review(review::Request { form: world.form(301) }).await;
    let reviewed = review().await.unwrap();
    let request = |intent: &str| sign::Request {
        server: Some(reviewed.server.clone()),
        connection: Some(reviewed.connection.clone()),
        as_reviewed: Some(reviewed.as_reviewed.clone()),
        ..world.signing(intent, 301)
    };
    let sign = async |request| {
        let answer = world.desk.sign(request).await.unwrap();
        (answer.ending.outcome, answer.ending.code, answer.entry)
    };
    let nothing = |code| (Outcome::NotSent, code, None);

    // This desk is asked nothing in between: it looks at the file itself.
    let other = Desk::new(Frozen, world.desk.data_dir().to_owned());
    let save = async |form| {
        let request = save_connection::Request { id: Some(id.clone()), form, use_it: false };
        other.save_connection(request).await.unwrap();
    };
    save(ConnectionForm { environment: domain::Environment::Production, ..world.connection() }).await;
    assert_eq!(sign(request("a")).await, nothing(ErrorCode::ConnectionChanged));
    save(ConnectionForm { ca: CaChoice::System, ..world.connection() }).await;
    assert_eq!(sign(request("b")).await, nothing(ErrorCode::ConnectionChanged));
    save(ConnectionForm { server: NOWHERE.into(), ..world.connection() }).await;
    assert_eq!(sign(request("c")).await, nothing(ErrorCode::ServerChanged));
    // A name and a time-out change nothing about the signing.
    let renamed =
        ConnectionForm { name: "Renamed".into(), timeout_seconds: "17".into(), ..world.connection() };
    save(renamed).await;
    assert_eq!(review().await.unwrap().as_reviewed, reviewed.as_reviewed);

    remove(&other, &id).await.unwrap();
    assert_eq!(sign(request("d")).await, nothing(ErrorCode::ConnectionRemoved));
    // Neither without a review.
    assert_eq!(sign(world.signing("e", 301)).await, nothing(ErrorCode::ConnectionRemoved));
    assert_eq!(review().await.unwrap_err().code, ErrorCode::ConnectionRemoved);
    assert!(world.desk.in_use().unwrap().removed);
    assert_eq!((world.standin.sign_posts(), world.history().await.len()), (0, 0));
    restore(&other, &id).await;
    world.desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    assert_eq!(sign(request("f")).await.0, Outcome::Signed);
    assert!(!world.desk.in_use().unwrap().removed);
}
