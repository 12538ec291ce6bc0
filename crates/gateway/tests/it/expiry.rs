//! Sessions and links that end by themselves, and the way back.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::target::{Target, later};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    let target = Target::new().await;
    let session = target.opened().await;
    later(8 * HOUR).await;
    let answer = target.turns_away(&target.call(&session), 401).await;
    assert!(answer.body.contains("session-ended"), "{answer:?}");
    let page = target.turns_away(&target.visit("/").with("cookie", &session.cookie), 401).await;
    assert!(page.body.contains("No session") && page.body.contains("terminal"), "{page:?}");
    // The way back: one link, told where the program runs.
    let told = target.told();
    assert_eq!(told.len(), 1);
    assert!(!format!("{answer:?}{page:?}").contains(&told[0]));
    let session = target.open(&told[0]).await;
    target.lets_in(&session).await;
}

#[tokio::test]
async fn use_keeps_a_session_and_not_for_ever() {
    let target = Target::new().await;
    let session = target.opened().await;
    let history = target.call(&session).target("/api/history").body("{}");
    for _ in 0..3 {
        later(7 * HOUR + HOUR / 2).await;
        assert_eq!(target.send(&history).await.status, 200);
    }
    later(2 * HOUR).await;
    target.turns_away(&target.call(&session), 401).await;
}

/// An open page asks every few seconds how things stand; that means nobody is there.
#[tokio::test]
async fn what_a_page_asks_by_itself_is_no_use() {
    let target = Target::new().await;
    let session = target.opened().await;
    for _ in 0..2 {
        later(4 * HOUR - HOUR / 60).await;
        for command in ["/api/status", "/api/connections"] {
            assert_eq!(target.send(&target.call(&session).target(command).body("{}")).await.status, 200);
        }
        // Read again because a signing ended.
        let again = target.call(&session).target("/api/history").body("{}");
        assert_eq!(target.send(&again.with("x-csrdesk-automatic", "1")).await.status, 200);
    }
    later(HOUR / 30).await;
    target.turns_away(&target.call(&session), 401).await;
}

/// Otherwise a thief with the cookie alone could keep a session alive.
#[tokio::test]
async fn loading_the_page_is_no_use() {
    let target = Target::new().await;
    let session = target.opened().await;
    for _ in 0..2 {
        later(4 * HOUR).await;
        target.send(&target.visit("/icon.svg").with("cookie", &session.cookie)).await;
        target.send(&target.call(&session).without("x-csrdesk")).await;
    }
    target.turns_away(&target.call(&session), 401).await;
}

/// The steady clock stands still while a laptop sleeps.
#[tokio::test]
async fn a_night_in_a_bag_counts() {
    let target = Target::new().await;
    let session = target.opened().await;
    target.clock_ahead.store(9 * 3_600_000, Ordering::SeqCst);
    target.turns_away(&target.call(&session), 401).await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_session_younger() {
    let target = Target::new().await;
    let session = target.opened().await;
    target.clock_ahead.store(-48 * 3_600_000, Ordering::SeqCst);
    later(8 * HOUR).await;
    target.turns_away(&target.call(&session), 401).await;
}

#[tokio::test]
async fn a_link_that_nobody_opened_dies() {
    let target = Target::new().await;
    later(HOUR).await;
    let answer = target.turns_away(&target.visit(&target.launch), 403).await;
    assert_eq!(answer.header("set-cookie"), None);
    let told = target.told();
    assert_eq!(told.len(), 1);
    let session = target.open(&told[0]).await;
    target.lets_in(&session).await;
}
