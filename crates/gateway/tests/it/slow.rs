//! Slowloris: connections that are held with next to nothing.

use std::time::Duration;

use gateway::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::target::{Answer, Target, later};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_head_that_trickles_in_ends_at_its_time() {
    let target = Target::new().await;
    let session = target.opened().await;
    let bytes = target.call(&session).bytes();
    let mut stream = target.connect().await;
    // A byte a second: never silent for long, and never done.
    for byte in &bytes[..11] {
        let _ = stream.write_all(&[*byte]).await;
        target.settle().await;
        later(SECOND).await;
    }
    let _ = stream.write_all(&bytes[11..]).await;
    let answer = Answer::from(&mut stream).await;
    assert_ne!(answer.status, 200, "{answer:?}");
    assert!(!target.holds_a_token().await);
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_body_that_trickles_in_ends_at_its_time() {
    let target = Target::new().await;
    let session = target.opened().await;
    let bytes = target.call(&session).bytes();
    let (head, body) = bytes.split_at(bytes.len() - 20);
    let mut stream = target.connect().await;
    stream.write_all(head).await.unwrap();
    for byte in &body[..10] {
        target.settle().await;
        later(3 * SECOND + SECOND / 10).await;
        let _ = stream.write_all(&[*byte]).await;
    }
    let answer = Answer::from(&mut stream).await;
    assert_eq!(answer.status, 408, "{answer:?}");
    assert!(!target.holds_a_token().await);
    target.lets_in(&session).await;
}

#[tokio::test]
async fn a_body_without_a_session_is_not_waited_for_at_all() {
    let target = Target::new().await;
    let session = target.opened().await;
    for call in [target.call(&session).without("x-csrdesk"), target.call(&session).with("origin", "null")] {
        let call = call.with("content-length", "1000");
        let answer = target.send(&call).await;
        assert!([401, 403].contains(&answer.status), "{answer:?}");
    }
}

/// Connections that send nothing, or the begin of a request, as many as there are places.
async fn idle_in_all_places(target: &Target, limits: &Limits) -> Vec<TcpStream> {
    let mut idle = Vec::new();
    for index in 0..limits.connections {
        let mut stream = target.connect().await;
        if index % 2 == 0 {
            stream.write_all(b"POST /api/prov").await.unwrap();
        }
        idle.push(stream);
    }
    idle
}

#[tokio::test]
async fn idle_connections_in_all_places_do_not_keep_the_owner_out() {
    let limits = Limits { connections: 8, ..Limits::default() };
    let target = Target::with(limits.clone()).await;
    let session = target.opened().await;
    let mut idle = idle_in_all_places(&target, &limits).await;
    // No time passes: the oldest gives its place up.
    target.lets_in(&session).await;
    let mut oldest = idle.remove(0);
    assert_eq!(Answer::from(&mut oldest).await.status, 0, "it is closed without an answer");
    for stream in &idle {
        assert!(is_not_answered(stream).await, "only the oldest was closed");
    }
    // Those that are left still end at their time.
    later(limits.head + SECOND).await;
    for mut stream in idle {
        assert_ne!(Answer::from(&mut stream).await.status, 200);
    }
}

#[tokio::test]
async fn a_flood_of_connections_ends_no_call_of_the_owner() {
    let limits = Limits { connections: 4, ..Limits::default() };
    let target = Target::with(limits.clone()).await;
    let session = target.opened().await;
    let bytes = target.call(&session).bytes();
    // Its head is here, with the session; its body is on its way.
    let (head, rest) = bytes.split_at(bytes.len() - 20);
    let mut owner = target.connect().await;
    owner.write_all(head).await.unwrap();
    let mut others = Vec::new();
    for _ in 0..10 * limits.connections {
        others.push(target.connect().await);
        target.settle().await;
    }
    owner.write_all(rest).await.unwrap();
    assert_eq!(Answer::from(&mut owner).await.status, 200);
    assert!(target.holds_a_token().await);
}

#[tokio::test]
async fn a_seat_is_free_again_when_its_request_is_answered() {
    let target = Target::with(Limits { connections: 1, ..Limits::default() }).await;
    let session = target.opened().await;
    let bytes = target.call(&session).bytes();
    let (some, rest) = bytes.split_at(bytes.len() - 20);
    let mut first = target.connect().await;
    first.write_all(some).await.unwrap();
    // Once it has shown the session, nobody takes its place.
    assert!(is_not_answered(&first).await);
    let mut second = target.connect().await;
    second.write_all(&bytes).await.unwrap();
    assert!(is_not_answered(&second).await);
    first.write_all(rest).await.unwrap();
    assert_eq!(Answer::from(&mut first).await.status, 200);
    assert_eq!(Answer::from(&mut second).await.status, 200);
}

/// Gives the gateway, which shares this thread, every chance to answer.
async fn is_not_answered(stream: &TcpStream) -> bool {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let mut byte = [0];
    stream.try_read(&mut byte).is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_connection_that_asked_once_is_closed() {
    let target = Target::new().await;
    let session = target.opened().await;
    let status = target.call(&session).target("/api/status").body("{}").with("connection", "keep-alive");
    // `raw` reads until the end: there would be none.
    let answer = target.send(&status).await;
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
}
