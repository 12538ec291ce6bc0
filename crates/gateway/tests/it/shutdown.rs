//! Being asked to stop: half a request keeps nobody, and a whole one is answered.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::target::{Answer, Target, later};

#[tokio::test]
async fn half_a_request_does_not_keep_the_program_from_ending() {
    let mut target = Target::new().await;
    let session = target.opened().await;
    let bytes = target.call(&session).bytes();
    let mut half_a_body = target.connect().await;
    half_a_body.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    let mut half_a_head = target.connect().await;
    half_a_head.write_all(&bytes[..20]).await.unwrap();
    let _idle = target.connect().await;
    target.settle().await;
    target.stop.take().unwrap().send(()).unwrap();
    noticed().await;
    later(Duration::from_secs(4)).await;
    (&mut target.running).await.unwrap();
    assert!(!target.holds_a_token().await);
}

#[tokio::test]
async fn a_call_under_way_is_answered() {
    let mut target = Target::new().await;
    let session = target.opened().await;
    let bytes = target.call(&session).bytes();
    let mut stream = target.connect().await;
    stream.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    target.settle().await;
    target.stop.take().unwrap().send(()).unwrap();
    noticed().await;
    assert!(TcpStream::connect(("127.0.0.1", target.port)).await.is_err(), "nobody new is let in");
    stream.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
    assert_eq!(Answer::from(&mut stream).await.status, 200);
    (&mut target.running).await.unwrap();
    assert!(target.holds_a_token().await);
}

/// Gives the gateway, which shares this thread, its turns.
async fn noticed() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}
