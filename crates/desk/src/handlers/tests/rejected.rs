//! What a server said about a token stands beside that token, and beside no other.

use secrets::keychain::test_stores::Memory;

use super::connections::{MINUTE, Place, desk, provide, save};
use super::*;
use crate::commands::{connections, look_for};

/// When the token in use was rejected, as the status and the list of connections say.
async fn rejected(desk: &Desk) -> Option<Timestamp> {
    let status = desk.status(status::Request {}).await.unwrap();
    let listed = desk.connections(connections::Request {}).await.unwrap();
    let same = listed.connections.iter().find(|it| Some(&it.id) == listed.in_use.as_ref()).unwrap();
    assert_eq!(same.token.and_then(|it| it.rejected), status.token_rejected(), "list and status agree");
    status.token_rejected()
}

async fn test(desk: &Desk) -> bool {
    desk.test_connection(test_connection::Request::default()).await.unwrap().good()
}

#[tokio::test]
async fn a_rejected_token_is_called_so_until_another_one_is_entered_or_it_is_accepted() {
    let world = World::connected().await;
    let desk = &world.desk;
    assert!(test(desk).await);
    assert_eq!(rejected(desk).await, None);

    provide(desk, "WRONG", false).await;
    assert_eq!(rejected(desk).await, None, "the server has said nothing about this one");
    assert!(!test(desk).await);
    assert_eq!(rejected(desk).await, Some(Frozen.now()));
    // At the same moment of the clock.
    provide(desk, "WRONG-TOO", false).await;
    assert_eq!(rejected(desk).await, None);

    // A signing and a search say it as well, and so does their success.
    let unknown = world.signing("u", Fault::SignThen500.csr_id());
    provide(desk, world.standin.token(), false).await;
    let unknown = desk.sign(unknown).await.unwrap().entry.unwrap();
    world.standin.fault_next(Fault::TokenExpired, 1);
    let refused = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(refused.ending.code, ErrorCode::NotAuthorized);
    assert_eq!(rejected(desk).await, Some(Frozen.now()));
    desk.look_for(look_for::Request { entry: unknown, intent: None }).await.unwrap();
    assert_eq!(rejected(desk).await, None, "the same token was accepted");
    provide(desk, "WRONG", false).await;
    let failure = desk.look_for(look_for::Request { entry: unknown, intent: None }).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NotAuthorized);
    assert_eq!(rejected(desk).await, Some(Frozen.now()));
    provide(desk, world.standin.token(), false).await;
    world.standin.fault_next(Fault::TokenExpired, 1);
    desk.sign(world.signing("b", 301)).await.unwrap();
    assert!(rejected(desk).await.is_some());
    let signed = desk.sign(world.signing("c", 301)).await.unwrap();
    assert_eq!((signed.ending.outcome, rejected(desk).await), (Outcome::Signed, None));
}

#[tokio::test]
async fn a_refused_organization_is_no_rejected_token() {
    let world = World::connected().await;
    world
        .save(ConnectionForm { organization: "No such organization".into(), ..world.connection() })
        .await
        .unwrap();
    assert!(!test(&world.desk).await);
    assert_eq!(rejected(&world.desk).await, None);
}

#[tokio::test]
async fn a_rejected_token_in_the_keychain_is_called_so_by_the_next_program_and_after_a_lock() {
    let world = World::connected().await;
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let first = desk(&place, &folder);
    save(&first, None, world.connection()).await;
    provide(&first, "WRONG", true).await;
    assert!(!test(&first).await);
    let since = rejected(&first).await;
    assert!(since.is_some());
    first.lock(crate::commands::lock::Request {}).await.unwrap();
    assert_eq!(rejected(&first).await, since);

    let next = desk(&place, &folder);
    assert_eq!(rejected(&next).await, since);
    let stored = std::fs::read_to_string(folder.path().join("connections.json")).unwrap();
    assert!(stored.contains("token_rejected") && !stored.contains("WRONG"), "{stored}");
    // A token that came with the environment goes before it, and was not rejected.
    place.later(MINUTE);
    let with_another = desk(&place, &folder);
    with_another.adopt(None, Some(AuthToken::parse(world.standin.token().to_owned().into()).unwrap()));
    assert_eq!(rejected(&with_another).await, None);
    assert!(test(&with_another).await);
    assert_eq!(
        rejected(&desk(&place, &folder)).await,
        since,
        "that one says nothing about the one in the keychain"
    );

    provide(&next, world.standin.token(), true).await;
    assert_eq!(rejected(&next).await, None);
    assert_eq!(rejected(&desk(&place, &folder)).await, None);
}

/// A program that was stopped within a change of the file keeps its lock.
#[tokio::test]
async fn a_signing_is_answered_while_another_program_has_locked_the_connections() {
    let world = World::connected().await;
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    save(&desk, None, world.connection()).await;
    provide(&desk, world.standin.token(), true).await;
    let locked = || {
        let lock = std::fs::File::options().write(true).open(folder.path().join("connections.lock")).unwrap();
        lock.lock().unwrap();
        lock
    };
    let stored = || {
        std::fs::read_to_string(folder.path().join("connections.json")).unwrap().contains("token_rejected")
    };
    let refused = async |intent: &str| {
        world.standin.fault_next(Fault::TokenExpired, 1);
        desk.sign(world.signing(intent, 301)).await.unwrap().ending.code
    };

    let lock = locked();
    assert_eq!(refused("a").await, ErrorCode::NotAuthorized);
    assert!(!stored());
    assert!(rejected(&desk).await.is_some(), "the file does not know it yet");
    drop(lock);
    desk.idle().await;
    assert!(stored());

    // The newest answer is stored, whichever of them finds the file free first.
    let lock = locked();
    assert_eq!(refused("b").await, ErrorCode::NotAuthorized);
    let signed = desk.sign(world.signing("c", 301)).await.unwrap();
    assert_eq!((signed.ending.outcome, rejected(&desk).await), (Outcome::Signed, None));
    drop(lock);
    desk.idle().await;
    assert!(!stored());
    assert_eq!(rejected(&desk).await, None);
}

/// The answer to a test that began with a token says nothing about the one that was entered meanwhile.
#[tokio::test]
async fn an_answer_about_a_token_that_was_replaced_is_dropped() {
    let world = World::connected().await;
    let held = world.desk.session().current().cloned().unwrap();
    let before = world.desk.token(&held).await.unwrap();
    provide(&world.desk, "ANOTHER", false).await;
    world.desk.token_answered(&held, &before, false).await;
    assert_eq!(rejected(&world.desk).await, None);
}
