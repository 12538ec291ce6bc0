//! A server with two names: a signing through one counts as an earlier signing for the other.

use super::*;
use crate::commands::review::Caution;

fn named(world: &World, host: &str) -> ConnectionForm {
    let server = world.standin.url().replace("127.0.0.1", host);
    ConnectionForm { server, ..world.connection() }
}

/// Uses another name of the server, with a token for it.
async fn use_name(world: &World, host: &str) {
    world.save(named(world, host)).await.unwrap();
    world.desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
}

#[tokio::test]
async fn a_server_under_another_name_is_known_by_its_certificate() {
    let world = World::connected().await;
    assert_eq!(world.desk.sign(world.signing("a", 301)).await.unwrap().ending.outcome, Outcome::Signed);

    // Nothing was ever sent to this name: only the handshake tells.
    use_name(&world, "localhost").await;
    let found = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!((found.ending.outcome, found.ending.code), (Outcome::NotSent, ErrorCode::SentMeanwhile));
    assert_eq!(found.earlier, [1]);
    assert_eq!(found.before[0].other_address.as_deref(), Some(world.standin.url().trim_end_matches('/')));
    assert_eq!(world.standin.sign_posts(), 1);

    // From now on the history tells, before anything is begun.
    let review = world.desk.review(review::Request { form: world.form(301) }).await.unwrap();
    assert_eq!(review.earlier, [1]);
    assert!(review.cautions.contains(&Caution::SentBefore));
    assert!(review.before[0].words().contains("another address of this server"), "{:?}", review.before);
    let found = world.desk.sign(world.signing("c", 301)).await.unwrap();
    assert_eq!((found.ending.code, found.entry), (ErrorCode::AlreadyOnRecord, None));
    // With a reason it leaves, and another CSR does in any case.
    let again = sign::Request { again: Some("lost".to_owned()), ..world.signing("d", 301) };
    assert_eq!(world.desk.sign(again).await.unwrap().ending.outcome, Outcome::Signed);
    assert_eq!(world.desk.sign(world.signing("e", 302)).await.unwrap().ending.outcome, Outcome::Signed);
    assert_eq!(world.standin.sign_posts(), 3);
}

#[tokio::test]
async fn two_servers_are_not_taken_for_one() {
    let (first, second) = (World::connected().await, World::connected().await);
    assert_eq!(first.desk.sign(first.signing("a", 301)).await.unwrap().ending.outcome, Outcome::Signed);
    // The other server, in the same history.
    first.save(second.connection()).await.unwrap();
    first.desk.dispatch("provide_token", json!({ "token": second.standin.token() })).await.unwrap();
    let form = second.form(301);
    let request = sign::Request { form, ..first.signing("b", 301) };
    assert_eq!(first.desk.sign(request).await.unwrap().ending.outcome, Outcome::Signed);
}
