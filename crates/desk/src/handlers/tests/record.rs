//! The journal behind the history: signing again, notes, exports, the rebuilt list and verification.

use domain::{ErrorCode, HistoryFilter, Outcome};
use serde_json::json;

use super::World;
use super::world::Frozen;
use crate::commands::{annotate, export, history, sign, verify_journal};
use crate::{COLUMNS, Desk};

#[tokio::test]
async fn signing_again_takes_a_reason_that_is_recorded() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let refused = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!(
        (refused.ending.code, refused.earlier, refused.entry),
        (ErrorCode::AlreadyOnRecord, vec![1], None)
    );
    assert_eq!(world.standin.sign_posts(), 1);
    let again = sign::Request { again: Some("the first one was lost".into()), ..world.signing("c", 301) };
    assert_eq!(world.desk.sign(again).await.unwrap().ending.outcome, Outcome::Signed);
    let entries = world.history().await;
    assert_eq!(entries[0].again.as_ref().unwrap().reason, "the first one was lost");
    // Another issuer is another signing.
    let mut other = world.signing("d", 301);
    other.form.root_common_name = world.standin.roots()[1].common_name.clone();
    other.form.root_serial_number = world.standin.roots()[1].serial_number.clone();
    assert_eq!(world.desk.sign(other).await.unwrap().ending.outcome, Outcome::Signed);
}

#[tokio::test]
async fn two_decisions_for_one_csr_at_once_are_one_post() {
    let world = World::connected().await;
    let (one, two) =
        tokio::join!(world.desk.sign(world.signing("a", 301)), world.desk.sign(world.signing("b", 301)));
    let codes = [one.unwrap().ending.code, two.unwrap().ending.code];
    assert!(codes.contains(&ErrorCode::Signed), "{codes:?}");
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn notes_stay_beside_a_signing_and_are_found() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let note = annotate::Request {
        entry: 1,
        note: "for the shop".into(),
        ticket: "OPS-12".into(),
        seen: None,
        intent: None,
    };
    world.desk.annotate(note).await.unwrap();
    let filter = HistoryFilter { text: "ops-12".into(), ..Default::default() };
    let page = world.desk.history(history::Request { filter, ..Default::default() }).await.unwrap();
    assert_eq!((page.total, page.entries[0].note.as_str()), (1, "for the shop"));
}

#[tokio::test]
async fn a_spreadsheet_runs_nothing_of_an_export() {
    let world = World::connected().await;
    let mut request = world.signing("a", 301);
    request.form.root_common_name = "=HYPERLINK(\"http://x\",\"y\")".into();
    world.desk.sign(request).await.unwrap();
    let filter = HistoryFilter::default();
    let written = world.desk.export(export::Request::Csv { filter: filter.clone() }).await.unwrap();
    let text = std::fs::read_to_string(&written.path).unwrap();
    assert!(text.starts_with("\u{feff}entry,outcome,code,message"), "{text}");
    assert!(text.contains("\"'=HYPERLINK(\"\"http://x"), "{text}");
    assert!(text.lines().count() == 2 && text.ends_with("\r\n"), "RFC 4180: {text:?}");
    let written = world.desk.export(export::Request::JsonLines { filter }).await.unwrap();
    let row: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&written.path).unwrap()).unwrap();
    assert_eq!((&row["entry"], row.as_object().unwrap().len()), (&json!(1), COLUMNS.len()));
}

#[tokio::test]
async fn serial_numbers_of_every_kind_stay_text_in_a_spreadsheet() {
    let world = World::connected().await;
    let serials = include_str!("cases/19-csv-serial-in-a-spreadsheet/serials.txt");
    for (place, serial) in serials.lines().enumerate() {
        let mut request = world.signing(&format!("a{place}"), 301);
        request.form.root_serial_number = serial.into();
        // Most of them are refused: the stand-in has no such root. The history lists them too.
        world.desk.sign(request).await.unwrap();
    }
    let filter = HistoryFilter { ascending: true, ..Default::default() };
    let written = world.desk.export(export::Request::Csv { filter }).await.unwrap();
    let text = std::fs::read_to_string(&written.path).unwrap();
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let place = COLUMNS.iter().position(|it| *it == "root_serial_number").unwrap();
    let cells: Vec<String> = rows.records().map(|row| row.unwrap()[place].to_owned()).collect();
    assert_eq!(cells.len(), serials.lines().count());
    for cell in cells {
        assert!(
            cell.starts_with('\'')
                || cell.contains(':') && cell.contains(|it: char| it.is_ascii_alphabetic()),
            "{cell}"
        );
    }
}

#[tokio::test]
async fn the_list_is_rebuilt_from_sound_events_alone() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    world.desk.sign(world.signing("b", 302)).await.unwrap();
    assert_eq!(world.desk.rebuild_list().await.unwrap(), 2);
    let file = world.folder.path().join("desk").join(journal::FILE_NAME);
    let other = rusqlite::Connection::open(&file).unwrap();
    other
        .execute_batch("DELETE FROM signing WHERE entry = 1; UPDATE signing SET outcome = 'refused';")
        .unwrap();
    assert_eq!(world.history().await.len(), 1);
    // Another program that writes keeps it from being done.
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let failure = world.desk.rebuild_list().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::RecordLocked);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(world.desk.rebuild_list().await.unwrap(), 2);
    assert_eq!(world.history().await.len(), 2);
    assert_eq!(world.history().await[1].outcome(), Outcome::Signed);

    other.execute_batch("DROP TRIGGER event_stays; UPDATE event SET at = at + 1 WHERE seq = 3;").unwrap();
    let failure = world.desk.rebuild_list().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ListNotRebuilt);
}

#[tokio::test]
async fn a_sound_record_is_verified() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let response = world.desk.verify_journal(verify_journal::Request {}).await.unwrap();
    assert!(response.holds && !response.says.is_empty(), "{response:?}");
    let verification = response.verification.clone().unwrap();
    assert!(verification.events >= 4, "opened, connection, intent, sent, outcome: {response:?}");
}

#[tokio::test]
async fn an_altered_schema_blocks_signing_or_is_mended_and_is_said_either_way() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let folder = world.desk.data_dir().to_owned();
    let alter = |sql: &str| {
        rusqlite::Connection::open(folder.join(journal::FILE_NAME)).unwrap().execute_batch(sql).unwrap();
    };
    let again = async || {
        let desk = Desk::new(Frozen, folder.clone());
        desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
        desk
    };
    alter("DROP INDEX signing_by_csr");
    let desk = again().await;
    desk.open_record().await.unwrap();
    let notes = desk.journal_notes().join(" ");
    assert!(
        notes.contains("signing_by_csr is missing") && notes.contains("made from the events again"),
        "{notes}"
    );
    drop(desk);

    alter("DROP TRIGGER event_kept");
    let desk = again().await;
    let response = desk.sign(world.signing("b", 302)).await.unwrap();
    assert_eq!(response.ending.code, ErrorCode::JournalUnavailable);
    assert!(response.ending.detail.unwrap().contains("event_kept is missing"));
    assert_eq!(world.standin.sign_posts(), 1);
    let checked = desk.verify_journal(verify_journal::Request {}).await.unwrap_err();
    assert!(checked.detail.unwrap().contains("event_kept is missing"));
    let history =
        desk.history(history::Request { filter: HistoryFilter::default(), after: None, limit: None });
    assert_eq!(history.await.unwrap().entries.len(), 1, "it can be read");
    let notes = desk.journal_notes().join(" ");
    assert!(notes.contains("nothing is recorded") && notes.contains("event_kept is missing"), "{notes}");
}
