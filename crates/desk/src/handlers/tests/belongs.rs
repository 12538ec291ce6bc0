//! What belongs to which connection: tests, trust, places, and what saving leaves alone.

use domain::{CaChoice, ConnectionForm, ErrorCode};
use secrets::keychain::test_stores::Memory;

use super::World;
use super::connections::{Place, all, desk, form, save};
use crate::commands::test_connection::{self, Stage, State, Verdict};
use crate::commands::{
    ca_certificates, connections, duplicate_connection, remove_connection, restore_connection,
    save_connection, trust_ca,
};

const NOWHERE: &str = "https://127.0.0.1:1";

fn request(form: ConnectionForm) -> save_connection::Request {
    save_connection::Request { id: None, form, use_it: false }
}

#[tokio::test]
async fn saving_and_testing_change_nothing_about_which_one_is_in_use() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    // The first one is in use, as there is nothing to choose.
    let first = desk.save_connection(request(form("Live", NOWHERE))).await.unwrap().shown;
    assert_eq!(desk.in_use().unwrap().id, first.id);
    let second = desk.save_connection(request(form("Lab", "https://127.0.0.1:2"))).await.unwrap().shown;
    let id = Some(second.id.clone());
    desk.save_connection(save_connection::Request { id, form: form("Lab", NOWHERE), use_it: false })
        .await
        .unwrap();
    let tested = test_connection::Request { connection: Some(second.id.clone()) };
    let tested = desk.test_connection(tested).await.unwrap();
    assert_eq!(tested.connection, second.id);
    assert_eq!(tested.verdict(), Verdict::Failed(Stage::Tcp, ErrorCode::ConnectRefused));
    assert_eq!(desk.in_use().unwrap().id, first.id);
    // One that is not there is not taken for the one in use.
    desk.remove_connection(remove_connection::Request { id: second.id.clone() }).await.unwrap();
    let gone = test_connection::Request { connection: Some(second.id) };
    assert_eq!(desk.test_connection(gone).await.unwrap_err().code, ErrorCode::NoSuchConnection);
}

#[tokio::test]
async fn a_second_try_without_a_name_is_not_saved_beside_the_first() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let first = desk.save_connection(request(form("", NOWHERE))).await.unwrap().shown;
    let again = desk.save_connection(request(form("", NOWHERE))).await.unwrap_err();
    assert_eq!(again.problems[0].code, ErrorCode::ConnectionNameTaken);
    assert_eq!(all(&desk).await.len(), 1);
    let same = save_connection::Request { id: Some(first.id), form: form("", NOWHERE), use_it: false };
    assert_eq!(desk.save_connection(same).await.unwrap().shown.connection.name, "127.0.0.1:1");
    // With a name, a second one for the same server is meant.
    desk.save_connection(request(form("Other", NOWHERE))).await.unwrap();
    assert_eq!(all(&desk).await.len(), 2);
}

#[tokio::test]
async fn a_ca_is_trusted_for_the_connection_that_was_tested_and_for_no_other() {
    let world = World::connected().await;
    let untrusted = ConnectionForm { ca: CaChoice::System, name: "A".into(), ..world.connection() };
    let a = save(&world.desk, None, untrusted.clone()).await.shown.id;
    let b = save(&world.desk, None, ConnectionForm { name: "B".into(), ..untrusted }).await.shown.id;
    let tested = test_connection::Request { connection: Some(a.clone()) };
    let tested = world.desk.test_connection(tested).await.unwrap();
    let diagnosis = tested.diagnosis.unwrap();
    let shown = diagnosis.chain[diagnosis.candidate.unwrap()].sha256;
    let trust = async |connection| {
        let request = trust_ca::Request { connection, shown, told: shown.hex() };
        world.desk.trust_ca(request).await
    };
    assert_eq!(trust(b.clone()).await.unwrap_err().code, ErrorCode::NothingToTrust);
    // B is in use all the while.
    assert_eq!(world.desk.in_use().unwrap().id, b);
    trust(a.clone()).await.unwrap();
    let list = all(&world.desk).await;
    let ca = |id| list.iter().find(|it| it.id == id).unwrap().connection.ca.clone();
    assert!(matches!(ca(a), CaChoice::Pem { .. }));
    assert_eq!(ca(b), CaChoice::System);
}

#[tokio::test]
async fn a_chosen_ca_file_says_what_it_holds_before_and_after_it_is_saved() {
    let world = World::connected().await;
    let text = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    let chosen = |text: String| CaChoice::Pem { name: "ca.pem".into(), text };
    let read = async |connection, ca| {
        let request = ca_certificates::Request { connection, ca };
        world.desk.ca_certificates(request).await.map(|it| it.certificates)
    };
    let before = read(None, chosen(text.clone())).await.unwrap();
    assert!(before[0].is_ca && before[0].not_after.is_some(), "{before:?}");
    let id = world.save(ConnectionForm { ca: chosen(text), ..world.connection() }).await.unwrap().shown.id;
    // The page has the name alone.
    assert_eq!(read(Some(id), chosen(String::new())).await.unwrap(), before);
    assert_eq!(read(None, CaChoice::System).await.unwrap(), []);
    let refused = read(None, chosen("no certificate".into())).await.unwrap_err();
    assert_eq!(refused.problems[0].field, domain::Field::CaFile);
}

#[tokio::test]
async fn a_removed_connection_comes_back_to_its_place() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let mut ids = Vec::new();
    for name in ["A", "B", "C", "D"] {
        ids.push(save(&desk, None, form(name, NOWHERE)).await.shown.id);
    }
    let names = async || {
        let answer = desk.connections(connections::Request {}).await.unwrap();
        answer.connections.into_iter().map(|it| it.connection.name).collect::<Vec<_>>().join("")
    };
    for place in [1, 2, 0] {
        desk.remove_connection(remove_connection::Request { id: ids[place].clone() }).await.unwrap();
    }
    assert_eq!(names().await, "D");
    save(&desk, None, form("E", NOWHERE)).await;
    // In another order than they went.
    for (place, expected) in [(2, "CDE"), (1, "BCDE"), (0, "ABCDE")] {
        desk.restore_connection(restore_connection::Request { id: ids[place].clone() }).await.unwrap();
        assert_eq!(names().await, expected);
    }
    save(&desk, Some(ids[1].clone()), form("B", "https://127.0.0.1:2")).await;
    assert_eq!(names().await, "ABCDE");
}

#[tokio::test]
async fn a_copy_has_no_token_and_no_day_on_which_it_expires() {
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    let with_day = ConnectionForm { token_expires: "2027-03-04".into(), ..form("A", NOWHERE) };
    let id = save(&desk, None, with_day).await.shown.id;
    let copy = desk.duplicate_connection(duplicate_connection::Request { id }).await.unwrap().shown;
    assert_eq!((copy.token, copy.connection.token_expires), (None, None));
}

#[tokio::test]
async fn without_a_token_a_connection_is_not_ready() {
    let world = World::connected().await;
    world.desk.forget_token(crate::commands::forget_token::Request::default()).await.unwrap();
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    assert_eq!(tested.verdict(), Verdict::NoToken);
    assert!(!tested.good());
    let not_tried: Vec<_> = tested.not_tried().collect();
    assert_eq!(not_tried, [Stage::Http, Stage::Token, Stage::Organization]);
}

#[tokio::test]
async fn a_refused_organization_is_not_told_as_a_refused_token() {
    let world = World::connected().await;
    let other = ConnectionForm { organization: "No such organization".into(), ..world.connection() };
    world.save(other).await.unwrap();
    let tested = world.desk.test_connection(test_connection::Request::default()).await.unwrap();
    assert_eq!(tested.verdict(), Verdict::Failed(Stage::Organization, ErrorCode::OrganizationRefused));
    let state = |stage| tested.steps.iter().find(|it| it.stage == stage).unwrap().state.clone();
    assert!(matches!(state(Stage::Http), State::Answered { .. }));
    assert_eq!(state(Stage::Token), State::Skipped);
    assert!(
        matches!(state(Stage::Organization), State::Failed { detail, .. } if detail.contains("not available"))
    );
}
