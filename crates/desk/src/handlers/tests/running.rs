//! Signings in progress: as this program shows them, as another one does, and where no lock can be had.

use domain::{ConnectionId, ErrorCode, IntentId, State, Timestamp, Verdict};
use secrets::Keychain;
use serde_json::json;
use standin::Fault;

use super::resolving::{decision, found};
use super::{Frozen, World};
use crate::Surroundings;
use crate::commands::{entry, look_for, review, status};
use crate::handlers::running::Mark;
use crate::{Desk, Host};

/// The clock of the other tests, so many milliseconds later.
struct Later(i64);

impl Host for Later {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(Frozen.now().millis() + self.0)
    }

    fn keychain(&self) -> Keychain {
        Frozen.keychain()
    }

    fn surroundings(&self) -> Surroundings {
        Frozen.surroundings()
    }
}

/// Starts a signing whose answer never comes, and waits until the server has the request.
pub(super) async fn hanging(world: &World, intent: &str) {
    let before = world.standin.sign_posts();
    let (desk, request) = (world.desk.clone(), world.signing(intent, Fault::SignThenHang.csr_id()));
    tokio::spawn(async move { desk.sign(request).await });
    while world.standin.sign_posts() == before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_running_signing_is_in_progress_here_and_in_another_program() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("b", 302)).await.unwrap();
    hanging(&world, "a").await;
    let other = Desk::new(Frozen, world.desk.data_dir().to_owned());
    for desk in [&world.desk, &other] {
        let numbers = async |filter: serde_json::Value| {
            let request = serde_json::from_value(json!({ "filter": filter })).unwrap();
            let page = desk.history(request).await.unwrap();
            let numbers: Vec<u64> = page.entries.iter().map(|it| it.entry).collect();
            assert_eq!(page.total, numbers.len() as u64);
            numbers
        };
        let entry = desk.entry(entry::Request { entry: 2 }).await.unwrap().entry;
        assert_eq!((entry.state(), entry.code()), (State::InProgress, ErrorCode::InProgress));
        assert_eq!(crate::row(&entry)["outcome"], "in_progress");
        assert_eq!(numbers(json!({ "in_progress": true })).await, [2]);
        assert_eq!(numbers(json!({ "outcome": "unknown" })).await, [1]);
        assert_eq!(numbers(json!({ "unsettled": true })).await, [1]);
        assert_eq!(numbers(json!({})).await, [2, 1]);
        let status = desk.status(status::Request {}).await.unwrap();
        let in_use = status.connection.unwrap().id;
        let [running] = status.running.as_slice() else { panic!("{:?}", status.running) };
        assert_eq!((running.entry, status.unsettled), (2, 1));
        assert_eq!((running.intent.as_str(), running.server.as_str()), ("intent-a", world.standin.url()));
        assert_eq!((running.connection.as_ref(), running.at), (Some(&in_use), Frozen.now()));
        for verdict in [Verdict::NotThere, found("b7")] {
            let failure = desk.decide(decision(2, verdict)).await.unwrap_err();
            assert_eq!(failure.code, ErrorCode::StillUnderWay);
        }
        let failure = desk.look_for(look_for::Request { entry: 2, intent: None }).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::StillUnderWay);
    }
}

#[tokio::test]
async fn without_a_lock_a_signing_may_be_in_progress_until_the_longest_time_out_is_over() {
    let world = World::connected().await;
    hanging(&world, "a").await;
    // As on a folder where no lock can be had: the mark is not there.
    std::fs::remove_file(world.desk.data_dir().join("running/intent-a")).unwrap();
    let shown = async |host: Later| {
        let other = Desk::new(host, world.desk.data_dir().to_owned());
        let unsettled = other.status(status::Request {}).await.unwrap().unsettled;
        (other.entry(entry::Request { entry: 1 }).await.unwrap().entry.code(), unsettled)
    };
    assert_eq!(shown(Later(0)).await, (ErrorCode::MayBeInProgress, 0));
    assert_eq!(shown(Later(609_000)).await, (ErrorCode::MayBeInProgress, 0));
    assert_eq!(shown(Later(611_000)).await, (ErrorCode::Interrupted, 1));
}

#[tokio::test]
async fn a_review_lists_a_signing_in_progress_whose_intent_alone_is_recorded() {
    let world = World::connected().await;
    let form = world.form(301);
    let request = form.check(Frozen.now()).unwrap();
    let intent = IntentId::parse("intent-a").unwrap();
    let server = world.standin.url();
    let begin =
        |id| journal::Intent { id, at: Frozen.now(), server, request: &request, again: None, token: None };
    let journal = world.desk.journal_to_record().unwrap();
    let _ = journal.begin(&begin("intent-a")).unwrap();
    let review = async || world.desk.review(review::Request { form: form.clone() }).await.unwrap();
    let numbers = |it: &review::Response| it.before.iter().map(|it| it.entry).collect::<Vec<_>>();
    let mark = Mark::make(world.desk.data_dir(), &intent, &ConnectionId::from_number(7)).unwrap();
    let during = review().await;
    assert_eq!((during.earlier.as_slice(), numbers(&during)), (&[1][..], vec![1]));
    assert!(during.cautions.contains(&review::Caution::SentBefore));
    // Its program is gone before it sent anything.
    drop(mark);
    let after = review().await;
    assert_eq!((after.earlier.as_slice(), numbers(&after)), (&[][..], vec![]));
}

#[tokio::test]
async fn a_mark_leaves_with_the_answer() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let refused = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!(refused.ending.code, ErrorCode::AlreadyOnRecord);
    let left = std::fs::read_dir(world.desk.data_dir().join("running")).unwrap().count();
    assert_eq!(left, 0);
}
