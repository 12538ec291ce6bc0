//! The commands from outside: each test has a stand-in and a data folder of its own.

mod belongs;
mod bound;
mod candidates;
mod connections;
mod evidence;
mod evidence_forged;
mod exact;
mod files;
mod idle;
#[cfg(unix)]
mod lost;
mod names;
mod noting;
mod reading;
mod record;
mod record_key;
mod rejected;
mod removing;
mod resolving;
mod running;
mod signing;
mod spellings;
mod trusted_ca;
mod who;
mod world;

use domain::{CaChoice, ConnectionForm, Field, Outcome, SignForm, Timestamp};
use serde_json::json;
use standin::{Fault, Standin};

use super::*;
use crate::commands::{forget_token, history, review, save_connection, sign, status, test_connection};
use crate::{COMMANDS, Failure};
use world::{Frozen, World, standin_in};

#[tokio::test]
async fn a_signing_is_sent_once_and_recorded() {
    let world = World::connected().await;
    let response = world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(
        (response.ending.outcome, response.entry, response.recorded),
        (Outcome::Signed, Some(1), true)
    );
    let again = world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!((again.repeated, &again.ending.certificates), (true, &response.ending.certificates));
    assert_eq!(world.standin.sign_posts(), 1);
    let entries = world.history().await;
    assert_eq!((entries.len(), entries[0].at), (1, Frozen.now()));
    assert_eq!(entries[0].ending.certificates, response.ending.certificates);
}

#[tokio::test]
async fn two_calls_at_once_with_one_intent_are_one_post() {
    let world = World::connected().await;
    let (one, two) =
        tokio::join!(world.desk.sign(world.signing("a", 301)), world.desk.sign(world.signing("a", 301)));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.ending.outcome, two.ending.outcome), (Outcome::Signed, Outcome::Signed));
    assert!(one.repeated != two.repeated);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn two_programs_with_one_intent_are_one_post() {
    let world = World::connected().await;
    let other = Desk::new(Frozen, world.desk.data_dir().to_owned());
    other.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    let (one, two) =
        tokio::join!(world.desk.sign(world.signing("a", 301)), other.sign(world.signing("a", 301)));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert!(one.repeated != two.repeated, "{one:?} {two:?}");
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_signing_goes_on_when_its_caller_goes_away() {
    let world = World::connected().await;
    let mut call = Box::pin(world.desk.sign(world.signing("a", 301)));
    // One poll starts it; then the page is closed.
    assert!(futures_poll_once(&mut call).await.is_none());
    drop(call);
    // The next call with this intent waits for the first one's answer.
    let response = world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!((response.ending.outcome, response.repeated), (Outcome::Signed, true));
    assert_eq!(world.standin.sign_posts(), 1);
}

async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

#[tokio::test]
async fn no_record_no_request() {
    let world = World::connected().await;
    let folder = world.folder.path().join("blocked");
    // A folder where the file should be: it cannot be opened, whoever runs this test.
    std::fs::create_dir_all(folder.join(journal::FILE_NAME)).unwrap();
    let desk = Desk::new(Frozen, folder.clone());
    desk.adopt(Some(world.connection().check().unwrap()), None);
    desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    let response = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::NotSent);
    assert_eq!(response.ending.code, ErrorCode::JournalUnavailable);
    assert_eq!((response.entry, world.standin.sign_posts()), (None, 0));
    assert!(desk.status(status::Request {}).await.unwrap().journal_problem.is_some());

    std::fs::remove_dir(folder.join(journal::FILE_NAME)).unwrap();
    let response = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::Signed, "the record is tried again");
}

#[tokio::test]
async fn what_is_not_sent_and_what_is_unknown_is_recorded_as_such() {
    let world = World::connected().await;
    let unknown = world.desk.sign(world.signing("a", Fault::SignThen500.csr_id())).await.unwrap();
    assert_eq!(unknown.ending.code, ErrorCode::ServerError);
    world.desk.adopt(
        Some(ConnectionForm { server: "https://127.0.0.1:1".into(), ..world.connection() }.check().unwrap()),
        None,
    );
    world.desk.dispatch("provide_token", json!({ "token": "OTHER" })).await.unwrap();
    let not_sent = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!(not_sent.ending.code, ErrorCode::ConnectRefused);
    let outcomes: Vec<_> = world.history().await.iter().map(|it| it.ending.outcome).collect();
    assert_eq!(outcomes, [Outcome::NotSent, Outcome::Unknown]);
}

#[tokio::test]
async fn bad_input_sends_and_records_nothing() {
    let world = World::connected().await;
    let mut request = world.signing("a", 301);
    request.form.csr_id = "x".into();
    request.form.validity_days = "0".into();
    let failure = world.desk.sign(request).await.unwrap_err();
    let fields: Vec<_> = failure.problems.iter().map(|it| it.field).collect();
    assert_eq!((failure.code, fields), (ErrorCode::InvalidInput, vec![Field::ValidityDays, Field::CsrId]));
    for intent in ["", "short", "has space in it", &"x".repeat(65)] {
        let request = sign::Request {
            intent: intent.into(),
            form: world.form(301),
            again: None,
            server: None,
            connection: None,
            as_reviewed: None,
        };
        assert_eq!(world.desk.sign(request).await.unwrap_err().code, ErrorCode::IntentMalformed, "{intent}");
    }
    assert_eq!((world.standin.received().len(), world.history().await.len()), (0, 0));
}

#[tokio::test]
async fn without_server_or_token_nothing_happens() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new(Frozen, folder.path().to_owned());
    let failure = desk.test_connection(test_connection::Request::default()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoConnection);
    let world = World::connected().await;
    world.desk.forget_token(forget_token::Request::default()).await.unwrap();
    let response = world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!((response.ending.code, response.entry), (ErrorCode::NoToken, None));
}

#[tokio::test]
async fn a_token_is_for_one_server() {
    let world = World::connected().await;
    let same = world.save(world.connection()).await.unwrap();
    assert!(!same.token_forgotten);
    let form = ConnectionForm { server: "https://elsewhere.example".into(), ..world.connection() };
    let other = world.save(form).await.unwrap();
    assert!(other.token_forgotten);
    assert!(!world.desk.status(status::Request {}).await.unwrap().token_held());
}

#[tokio::test]
async fn the_connection_is_there_at_the_next_start_and_the_token_is_not() {
    let world = World::connected().await;
    let next = Desk::new(Frozen, world.desk.data_dir().to_owned());
    let status = next.status(status::Request {}).await.unwrap();
    assert!(!status.token_held());
    assert_eq!(status.connection.unwrap().connection.server.to_string(), world.standin.url());
}

#[tokio::test]
async fn a_chosen_ca_stays_when_the_page_sends_only_its_name_back() {
    let world = World::connected().await;
    let text = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    let with = |text: String| ConnectionForm {
        ca: CaChoice::Pem { name: "ca.pem".into(), text },
        ..world.connection()
    };
    world.save(with(text)).await.unwrap();
    let status = world.desk.status(status::Request {}).await.unwrap();
    let shown = status.connection.unwrap().connection;
    assert!(matches!(&shown.ca, CaChoice::Pem { text, .. } if text.is_empty()));
    world.save(shown.into()).await.unwrap();
    let other = CaChoice::Pem { name: "other.pem".into(), text: String::new() };
    let failure = world.save(ConnectionForm { ca: other, ..world.connection() }).await.unwrap_err();
    assert_eq!(failure.problems[0].code, ErrorCode::CaFileEmpty);
}

#[tokio::test]
async fn a_review_shows_the_request_and_its_cautions_and_sends_nothing() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 303)).await.unwrap();
    let form = SignForm { intermediate: true, ..world.form(303) };
    let review = world.desk.review(review::Request { form }).await.unwrap();
    assert_eq!(review.cautions, [review::Caution::MakesACa, review::Caution::SentBefore]);
    assert_eq!((review.earlier, review.ends.date().as_str()), (vec![1], "2027-03-04"));
    assert!(
        review.http_request.contains(secrets::REDACTED)
            && !review.http_request.contains(world.standin.token())
    );
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_connection_test_stops_at_the_step_that_fails() {
    let world = World::connected().await;
    use test_connection::{Stage, State};
    // The stages that passed, and the one that failed.
    let went = async || {
        let response = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
        assert_eq!(response.steps.iter().map(|it| it.stage).collect::<Vec<_>>(), Stage::ALL);
        let failed = response.steps.iter().find_map(|it| match it.state {
            State::Failed { code, .. } => Some((it.stage, code)),
            State::Passed { .. } | State::Answered { .. } | State::Skipped => None,
        });
        let passed = response.steps.iter().filter(|it| matches!(it.state, State::Passed { .. })).count();
        (passed, failed, response.diagnosis.map(|it| it.code))
    };
    assert_eq!(went().await, (8, None, None));
    world.desk.dispatch("provide_token", json!({ "token": "WRONG" })).await.unwrap();
    // The answer is a no: it did not pass either.
    assert_eq!(went().await, (5, Some((Stage::Token, ErrorCode::NotAuthorized)), None));
    world.desk.forget_token(forget_token::Request::default()).await.unwrap();
    assert_eq!(went().await, (5, None, None));
    let wrong_ca = ConnectionForm { ca: CaChoice::System, ..world.connection() };
    world.desk.adopt(Some(wrong_ca.check().unwrap()), None);
    let code = ErrorCode::TlsUnknownIssuer;
    assert_eq!(went().await, (4, Some((Stage::Tls, code)), Some(code)));
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn every_command_of_the_list_is_reached_by_name_and_words_quote_nothing() {
    let world = World::connected().await;
    for info in COMMANDS {
        let result = world.desk.dispatch(info.name, json!("CANARY")).await;
        let failure: Failure = result.unwrap_err();
        assert_eq!(failure.code, ErrorCode::MalformedCall, "{}", info.name);
        assert!(!serde_json::to_string(&failure).unwrap().contains("CANARY"), "{failure:?}");
    }
    assert_eq!(world.desk.dispatch("other", json!({})).await.unwrap_err().code, ErrorCode::UnknownCommand);
}

#[tokio::test]
async fn the_token_is_in_no_file_and_no_answer() {
    let world = World::connected().await;
    let mut answers = String::new();
    for (name, request) in [
        ("status", json!({})),
        ("test_connection", json!({})),
        ("review", json!({ "form": world.form(301) })),
        ("sign", json!({ "intent": "intent-1", "form": world.form(301) })),
        ("sign", json!({ "intent": "intent-2", "form": world.form(Fault::HostRefused.csr_id()) })),
        ("history", json!({})),
        ("entry", json!({ "entry": 1 })),
        ("export", json!({ "what": "csv", "filter": {} })),
        ("export", json!({ "what": "evidence", "entry": 1 })),
        ("export", json!({ "what": "journal" })),
        ("verify_journal", json!({})),
    ] {
        answers += &world.desk.dispatch(name, request).await.unwrap().to_string();
    }
    assert!(!answers.contains(world.standin.token()));
    let mut pending = vec![world.desk.data_dir().to_owned()];
    let mut files = 0;
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                pending.push(entry.path());
            } else {
                files += 1;
                let content = std::fs::read(entry.path()).unwrap();
                let text = String::from_utf8_lossy(&content);
                assert!(!text.contains(world.standin.token()), "{}", entry.path().display());
            }
        }
    }
    assert!(
        files >= 2,
        "the record and the connection were looked at, below {}",
        world.folder.path().display()
    );
}

#[tokio::test]
async fn every_spelling_of_one_uuid_is_one_post() {
    for again in [None, Some("renewal".to_owned())] {
        let world = World::connected().await;
        let sign = async |spelling: &str| {
            let intent = spelling.to_owned();
            let request = sign::Request { intent, again: again.clone(), ..world.signing("a", 301) };
            world.desk.sign(request).await.unwrap()
        };
        let first = sign("0baf707d-fb13-49eb-95f9-4875f222e753").await;
        assert_eq!((first.ending.outcome, first.repeated), (Outcome::Signed, false));
        for spelling in [
            "0BAF707D-FB13-49EB-95F9-4875F222E753",
            "0baf707dfb1349eb95f94875f222e753",
            "{0BAF707D-FB13-49EB-95F9-4875F222E753}",
            "urn:uuid:0baf707d-fb13-49eb-95f9-4875f222e753",
            " \u{200E}0baf707d-fb13-49eb-95f9-4875f222e753\n",
        ] {
            let answer = sign(spelling).await;
            assert_eq!((answer.repeated, answer.entry), (true, first.entry), "{spelling}");
            assert_eq!(answer.ending, first.ending, "{spelling}");
        }
        assert_eq!((world.standin.sign_posts(), world.history().await.len()), (1, 1), "{again:?}");
    }
}

#[tokio::test]
async fn two_spellings_of_one_uuid_at_once_are_one_post() {
    let world = World::connected().await;
    let spelled = |intent: &str| sign::Request { intent: intent.into(), ..world.signing("a", 301) };
    let (one, two) = tokio::join!(
        world.desk.sign(spelled("0baf707d-fb13-49eb-95f9-4875f222e753")),
        world.desk.sign(spelled("0BAF707DFB1349EB95F94875F222E753"))
    );
    assert!(one.unwrap().repeated != two.unwrap().repeated);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn an_intent_is_one_signing_and_no_other() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let failure = world.desk.sign(world.signing("a", 302)).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::IntentOfAnother);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn what_was_reviewed_for_one_server_is_not_sent_to_another() {
    let world = World::connected().await;
    let request =
        sign::Request { server: Some("https://elsewhere.example".into()), ..world.signing("a", 301) };
    assert_eq!(world.desk.sign(request).await.unwrap().ending.code, ErrorCode::ServerChanged);
    let request = sign::Request { server: Some(world.standin.url().into()), ..world.signing("b", 301) };
    assert_eq!(world.desk.sign(request).await.unwrap().ending.outcome, Outcome::Signed);
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn a_desk_that_is_stopped_sends_nothing_new_and_waits_for_what_left() {
    let world = World::connected().await;
    let mut call = Box::pin(world.desk.sign(world.signing("a", 301)));
    assert!(futures_poll_once(&mut call).await.is_none());
    drop(call);
    assert!(world.desk.is_busy());
    world.desk.idle().await;
    assert!(!world.desk.is_busy());
    assert_eq!(world.history().await[0].ending.outcome, Outcome::Signed);
    assert!(!world.desk.status(status::Request {}).await.unwrap().stopping);
    world.desk.stop();
    assert!(world.desk.status(status::Request {}).await.unwrap().stopping, "a window says so");
    let stopped = world.desk.sign(world.signing("b", 302)).await.unwrap();
    assert_eq!((stopped.ending.code, world.standin.sign_posts()), (ErrorCode::Stopped, 1));
}

#[tokio::test]
async fn a_record_that_was_lost_is_told_before_anything_is_sent() {
    let world = World::connected().await;
    let folder = world.folder.path().join("lost");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(journal::FILE_NAME), "not a database, but long enough to look at".repeat(50))
        .unwrap();
    let desk = Desk::new(Frozen, folder);
    desk.adopt(Some(world.connection().check().unwrap()), None);
    desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    for intent in ["a", "b"] {
        let told = desk.sign(world.signing(intent, 301)).await.unwrap();
        assert_eq!((told.ending.code, world.standin.sign_posts()), (ErrorCode::HistoryIncomplete, 0));
        assert!(told.ending.detail.unwrap().contains("journal-corrupt-"));
    }
    let findings = desk.status(status::Request {}).await.unwrap().findings;
    let acknowledge = |seen: Vec<u64>| {
        desk.dispatch("acknowledge", json!({ "seen": seen, "reason": "the disk was replaced, INC-7" }))
    };
    assert_eq!(acknowledge(Vec::new()).await.unwrap_err().code, ErrorCode::OtherFindings);
    acknowledge(findings.iter().map(|it| it.seq).collect()).await.unwrap();
    assert_eq!(desk.status(status::Request {}).await.unwrap().findings, []);
    assert_eq!(desk.sign(world.signing("b", 301)).await.unwrap().ending.outcome, Outcome::Signed);
}
