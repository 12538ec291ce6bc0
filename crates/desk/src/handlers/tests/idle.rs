//! The lock after a time in which nobody did anything: what counts as somebody doing something.

use secrets::keychain::test_stores::Memory;

use super::connections::{MINUTE, NOWHERE, Place, desk, form, held, provide, save, would_send};
use super::*;
use crate::commands::unlock;

#[tokio::test]
async fn idle_time_locks_and_unlocking_reads_the_keychain_again() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    save(&desk, None, form("One", NOWHERE)).await;
    provide(&desk, "CANARY", true).await;
    place.later(29 * MINUTE);
    assert!(held(&desk).await, "asking how things stand does not put off the lock");
    place.later(MINUTE);
    let status = desk.status(status::Request {}).await.unwrap();
    assert!(status.locked && !status.token_held());
    assert_eq!(would_send(&desk).await, ErrorCode::Locked);
    assert!(desk.unlock(unlock::Request {}).await.unwrap().token_held);
    assert_eq!(would_send(&desk).await, ErrorCode::ConnectRefused);

    place.later(29 * MINUTE);
    desk.touch("history", false);
    place.later(29 * MINUTE);
    assert!(held(&desk).await);
    // What the page reads again because a signing ended, nobody asked for.
    desk.dispatch_for("history", json!({}), true).await.unwrap();
    let _ = desk.dispatch_for("entry", json!({ "entry": 1 }), true).await;
    place.later(MINUTE);
    // A call that comes too late finds the lock closed, also an automatic one.
    desk.dispatch_for("history", json!({}), true).await.unwrap();
    assert!(desk.session().locked);
    assert!(desk.unlock(unlock::Request {}).await.unwrap().token_held);
    desk.dispatch("history", json!({})).await.unwrap();
    place.later(29 * MINUTE);
    assert!(held(&desk).await);
    desk.dispatch("set_preferences", json!({ "preferences": { "lock_after_minutes": 0 } })).await.unwrap();
    place.later(1_000_000 * MINUTE);
    assert!(held(&desk).await, "0 is never");
}
