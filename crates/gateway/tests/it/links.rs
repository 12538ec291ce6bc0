//! Launch links: used again, guessed, looked at by machines, opened by somebody else.

use std::time::Duration;

use gateway::Limits;

use crate::target::{Target, later};

#[tokio::test]
async fn a_link_works_once() {
    let target = Target::new().await;
    let session = target.opened().await;
    let answer = target.turns_away(&target.visit(&target.launch), 403).await;
    assert_eq!(answer.header("set-cookie"), None);
    assert!(!answer.body.contains("#key="), "{answer:?}");
    target.lets_in(&session).await;
}

#[tokio::test]
async fn who_comes_too_late_is_told_at_the_terminal_and_ends_the_other_session() {
    let target = Target::new().await;
    let thief = target.opened().await;
    // The owner finds the link used.
    let answer = target.send(&target.visit(&target.launch)).await;
    let told = target.told();
    assert_eq!(told.len(), 1);
    assert!(!format!("{answer:?}").contains(&told[0]), "a link is never told over HTTP");
    let owner = target.open(&told[0]).await;
    target.turns_away(&target.call(&thief), 401).await;
    // Half of the one and half of the other are no session.
    let mixed = target.call(&owner).with("cookie", &thief.cookie);
    target.turns_away(&mixed, 401).await;
    target.lets_in(&owner).await;
}

#[tokio::test]
async fn however_often_somebody_knocks_one_link_waits() {
    let target = Target::new().await;
    target.send(&target.visit("/")).await;
    assert_eq!(target.told(), [""; 0], "the first one waits still");
    let session = target.opened().await;
    for _ in 0..20 {
        target.send(&target.visit("/")).await;
        target.send(&target.visit("/launch/guess")).await;
        target.send(&target.call(&session).without("x-csrdesk")).await;
    }
    assert_eq!(target.told().len(), 1);
    // Files that a browser fetches by itself are nobody at the door.
    target.open(&target.told()[0]).await;
    target.send(&target.visit("/favicon.ico")).await;
    assert_eq!(target.told().len(), 1);
}

/// A page whose key was lost loads still; its person needs a link all the same.
#[tokio::test]
async fn a_call_without_a_key_is_somebody_at_the_door() {
    let target = Target::new().await;
    let session = target.opened().await;
    target.turns_away(&target.call(&session).without("x-csrdesk"), 401).await;
    assert_eq!(target.told().len(), 1);
}

#[tokio::test]
async fn guessing_is_refused_for_a_while_and_never_keeps_the_owner_out() {
    let limits = Limits { wrong_links: 3, pause: Duration::from_secs(60), ..Limits::default() };
    let target = Target::with(limits).await;
    let guess = target.visit("/launch/0123456789abcdef");
    for _ in 0..3 {
        target.turns_away(&guess, 403).await;
    }
    let answer = target.turns_away(&guess, 429).await;
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    // What comes meanwhile does not make it longer.
    later(Duration::from_secs(40)).await;
    target.turns_away(&guess, 429).await;
    later(Duration::from_secs(21)).await;
    target.turns_away(&guess, 403).await;
    // And the right link opens in the midst of it.
    for _ in 0..5 {
        target.send(&guess).await;
    }
    assert_eq!(target.send(&guess).await.status, 429);
    let session = target.opened().await;
    target.lets_in(&session).await;
}

#[tokio::test]
async fn every_link_is_another_and_none_can_be_guessed_from_the_last() {
    let target = Target::new().await;
    let mut seen = vec![target.launch.clone()];
    let mut secrets = Vec::new();
    for round in 0..4 {
        let session = target.open(&seen[round]).await;
        secrets.extend([session.cookie.clone(), session.key.clone()]);
        target.send(&target.visit("/")).await;
        seen.push(target.told()[round].clone());
    }
    secrets.extend(seen);
    let all = secrets.len();
    assert!(secrets.iter().all(|it| it.len() >= 64), "{secrets:?}");
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), all);
}

#[tokio::test]
async fn what_looks_at_a_link_before_the_person_does_not_use_it_up() {
    let target = Target::new().await;
    target.turns_away(&target.visit(&target.launch).method("HEAD"), 405).await;
    target.turns_away(&target.visit(&target.launch).method("POST"), 405).await;
    for (site, mode, dest) in [
        ("cross-site", "no-cors", "image"),
        ("cross-site", "navigate", "iframe"),
        ("same-site", "cors", "empty"),
    ] {
        let part = target
            .visit(&target.launch)
            .with("sec-fetch-site", site)
            .with("sec-fetch-mode", mode)
            .with("sec-fetch-dest", dest);
        target.turns_away(&part, 403).await;
    }
    // A click in a chat.
    let click = target
        .visit(&target.launch)
        .with("sec-fetch-site", "cross-site")
        .with("sec-fetch-mode", "navigate")
        .with("sec-fetch-dest", "document");
    let session = target.send(&click).await.session();
    target.lets_in(&session).await;
}

#[tokio::test]
async fn shapes_of_a_link_that_are_not_the_link() {
    let target = Target::new().await;
    let secret = target.launch.trim_start_matches("/launch/").to_owned();
    for path in [
        "/launch/".to_owned(),
        "/launch".to_owned(),
        format!("/launch/{}", secret.to_uppercase().replace(char::is_numeric, "A")),
        format!("/launch/{secret}0"),
        format!("/launch/{secret}%00"),
        format!("/launch/{}", &secret[..63]),
        format!("/launch/{secret}/x"),
        format!("//launch/{secret}"),
        format!("/Launch/{secret}"),
        "/launch/%ff%fe".to_owned(),
    ] {
        let answer = target.send(&target.visit(&path)).await;
        assert!([400, 401, 403, 404].contains(&answer.status), "{path} {answer:?}");
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
    target.opened().await;
}
