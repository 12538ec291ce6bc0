//! Settling, handing out and checking what is on record.

use domain::{Basis, Certificate, ConnectionForm, ErrorCode, Outcome, State, Timestamp, Verdict};
use secrets::Keychain;
use serde_json::json;
use standin::Fault;

use super::{Frozen, World};
use crate::commands::look_for::{Evidence, Standing};
use crate::commands::{annotate, decide, entry, export, history, look_for, sign, status, verify_journal};
use crate::{COLUMNS, Desk, Host};

/// The clock of the other tests, so many milliseconds later.
struct Later(i64);

impl Host for Later {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(Frozen.now().millis() + self.0)
    }

    fn keychain(&self) -> Keychain {
        Frozen.keychain()
    }
}

fn found(serial: &str) -> Verdict {
    let certificate = Certificate { serial_number: Some(serial.to_owned()), ..Certificate::default() };
    Verdict::ItIsThisOne { certificate }
}

fn decision(entry: u64, verdict: Verdict) -> decide::Request {
    decide::Request { entry, verdict, reason: "looked".into(), basis: Basis::Search, seen: None }
}

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
async fn an_unknown_signing_is_found_by_its_key_and_settled_by_a_person() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    assert_eq!(world.desk.status(status::Request {}).await.unwrap().unsettled, 1);

    let found = world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap();
    let issued = world.standin.issued().pop().unwrap();
    let best = &found.candidates[0];
    assert_eq!(best.certificate.serial_number.as_deref(), Some(issued.serial_hex.as_str()));
    for evidence in [Evidence::SameKey, Evidence::NamesMatch, Evidence::IssuerMatches, Evidence::EndsAsAsked]
    {
        assert!(best.evidence.contains(&evidence), "{evidence:?}: {best:?}");
    }
    assert_eq!((found.candidates.len(), found.key_unknown), (1, None));

    // A certificate that is proven is not argued away, whatever a person says they looked at.
    for basis in [Basis::Search, Basis::Console] {
        let gone = decide::Request { basis, ..decision(1, Verdict::NotThere) };
        assert_eq!(world.desk.decide(gone).await.unwrap_err().code, ErrorCode::CertificateFound);
    }

    let verdict = Verdict::ItIsThisOne { certificate: best.certificate.clone() };
    let decision = decision(1, verdict);
    let no_reason = decide::Request { reason: " ".into(), ..decision.clone() };
    assert_eq!(world.desk.decide(no_reason).await.unwrap_err().code, ErrorCode::ReasonMissing);
    let entry = world.desk.decide(decision).await.unwrap().entry;
    assert_eq!((entry.outcome(), entry.code()), (Outcome::Signed, ErrorCode::FoundByPerson));
    assert_eq!(entry.ending.code, ErrorCode::ServerError, "what the program saw stays");
    assert_eq!(entry.certificates()[0].serial_number.as_deref(), Some(issued.serial_hex.as_str()));
    assert_eq!(
        world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap_err().code,
        ErrorCode::NotUnknown
    );
    assert_eq!(
        world.desk.sign(world.signing("b", 302)).await.unwrap().ending.code,
        ErrorCode::AlreadyOnRecord
    );
}

#[tokio::test]
async fn what_is_not_there_may_be_signed_again() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let found = world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap();
    assert_eq!(found.candidates, []);
    assert!(found.listed >= 2, "the roots are listed");
    assert_eq!(
        world.desk.sign(world.signing("b", 302)).await.unwrap().ending.code,
        ErrorCode::AlreadyOnRecord
    );
    assert_eq!(
        world.desk.decide(decision(1, Verdict::NotThere)).await.unwrap().entry.code(),
        ErrorCode::NotThere
    );
    let recorded = world.desk.entry(entry::Request { entry: 1 }).await.unwrap();
    let decisions = entry::decisions(&recorded.events);
    assert_eq!(decisions.last(), recorded.entry.decision.as_ref(), "read as the journal reads it");
    assert_eq!(entry::earlier_decisions(&recorded.events), []);
    // The review names it, and asks for no reason because of it.
    let review = async |csr_id| {
        world.desk.review(crate::commands::review::Request { form: world.form(csr_id) }).await.unwrap()
    };
    let response = review(302).await;
    let named: Vec<_> = response.not_issued.iter().map(|it| (it.entry, it.at, it.decided_at)).collect();
    assert_eq!(named, [(1, Frozen.now(), Frozen.now())]);
    assert_eq!(response.not_issued[0].named_before, None);
    assert!(response.earlier.is_empty() && response.before.is_empty() && response.cautions.is_empty());
    assert_eq!(
        response.not_issued[0].words(),
        format!(
            "signing of 2026-11-24 08:00:00 UTC with “{}”. A person found that no certificate was issued (recorded 2026-11-24 08:00:00 UTC).",
            world.form(302).root_common_name
        )
    );
    assert_eq!(review(301).await.not_issued, []);
    assert_eq!(world.desk.sign(world.signing("c", 302)).await.unwrap().ending.outcome, Outcome::Signed);
    let response = review(302).await;
    assert_eq!((response.earlier, response.not_issued.len()), (vec![2], 1));
}

#[tokio::test]
async fn a_decision_is_refused_after_one_that_was_not_seen_and_a_review_names_what_an_earlier_one_named() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let last = async || {
        let events = world.desk.entry(entry::Request { entry: 1 }).await.unwrap().events;
        events.last().unwrap().seq
    };
    let decide = async |verdict, seen| {
        let request = decide::Request { basis: Basis::Console, seen, ..decision(1, verdict) };
        world.desk.decide(request).await.map(|it| it.entry.code()).map_err(|it| it.code)
    };
    let before = last().await;
    // As in a terminal: nothing was shown.
    assert_eq!(decide(found("0a0b"), None).await, Ok(ErrorCode::FoundByPerson));
    assert_eq!(decide(Verdict::NotThere, Some(before)).await, Err(ErrorCode::DecidedMeanwhile));
    assert_eq!(world.history().await[0].code(), ErrorCode::FoundByPerson);
    let signed = world.desk.sign(world.signing("b", 302)).await.unwrap();
    assert_eq!(signed.ending.code, ErrorCode::AlreadyOnRecord);

    assert_eq!(decide(Verdict::NotThere, Some(last().await)).await, Ok(ErrorCode::NotThere));
    let request = crate::commands::review::Request { form: world.form(302) };
    let named = world.desk.review(request).await.unwrap().not_issued.remove(0);
    assert_eq!(named.named_before.as_deref(), Some("0a0b"));
    assert!(named.words().ends_with(" An earlier decision named the certificate 0a0b."), "{}", named.words());
}

#[tokio::test]
async fn a_verdict_that_the_history_contradicts_takes_the_word_of_a_person_or_is_refused() {
    let world = World::connected().await;
    assert_eq!(world.desk.sign(world.signing("a", 301)).await.unwrap().ending.outcome, Outcome::Signed);
    let of_another = world.standin.issued()[0].serial_hex.clone();
    // The CSR of this one cannot be fetched, so nothing proves the certificate; all that can be compared fits.
    world.desk.sign(world.signing("b", Fault::SignThen500.csr_id())).await.unwrap();
    let issued = world.standin.issued()[1].serial_hex.clone();
    let found = world.desk.look_for(look_for::Request { entry: 2 }).await.unwrap();
    assert!(found.key_unknown.is_some() && found.possible() == 1, "{found:?}");
    assert_eq!(found.words(), "One certificate may match.");

    let refused = async |verdict: Verdict, basis| {
        let request = decide::Request { basis, ..decision(2, verdict) };
        world.desk.decide(request).await.unwrap_err()
    };
    let named = |serial: &str| Verdict::ItIsThisOne {
        certificate: Certificate { serial_number: Some(serial.to_owned()), ..Certificate::default() },
    };
    assert_eq!(refused(Verdict::NotThere, Basis::Search).await.code, ErrorCode::CertificatePossible);
    for basis in [Basis::Search, Basis::Console] {
        let failure = refused(named(&of_another.to_uppercase()), basis).await;
        assert_eq!(failure.code, ErrorCode::CertificateOfAnother);
        assert_eq!(failure.detail.as_deref(), Some("entry 1"));
    }
    assert_eq!(refused(named("deadbeef"), Basis::Search).await.code, ErrorCode::CertificateNotInSearch);
    let entry = world.desk.decide(decision(2, named(&issued))).await.unwrap().entry;
    assert_eq!(entry.code(), ErrorCode::FoundByPerson);
    let looked = decide::Request { basis: Basis::Console, ..decision(2, Verdict::NotThere) };
    assert_eq!(world.desk.decide(looked).await.unwrap().entry.code(), ErrorCode::NotThere);
}

#[tokio::test]
async fn no_verdict_is_recorded_before_a_look_or_the_word_of_a_person() {
    let world = World::connected().await;
    for (entry, csr_id) in [(1, 301), (2, 302)] {
        world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
        world.desk.sign(world.signing(&csr_id.to_string(), csr_id)).await.unwrap();
        for verdict in [Verdict::NotThere, found("b7")] {
            let failure = world.desk.decide(decision(entry, verdict)).await.unwrap_err();
            assert_eq!(failure.code, ErrorCode::LookFirst);
        }
    }
    world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap();
    let searched = world.desk.decide(decision(1, Verdict::NotThere)).await.unwrap().entry;
    assert_eq!(searched.decision.unwrap().basis, Some(Basis::Search));
    let word = decide::Request { basis: Basis::Console, ..decision(2, Verdict::NotThere) };
    let entry = world.desk.decide(word).await.unwrap().entry;
    assert_eq!((entry.code(), entry.decision.unwrap().basis), (ErrorCode::NotThere, Some(Basis::Console)));
    let events = world.desk.entry(entry::Request { entry: 2 }).await.unwrap().events;
    assert!(events.last().unwrap().body.contains(r#""basis":"console""#), "{events:?}");
}

/// A CSR of case 27: two requests with one key.
fn same_key(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../pam360/tests/cases/27-reconcile-same-key/");
    std::fs::read(folder.to_owned() + name).unwrap()
}

#[tokio::test]
async fn the_certificate_of_another_request_with_the_same_key_is_no_match() {
    let world = World::connected().await;
    let first = world.standin.import_csr(&same_key("first.csr")).unwrap();
    let second = world.standin.import_csr(&same_key("second-same-key.csr")).unwrap();
    // A colleague, whose history is not this one.
    let colleague = Desk::new(Frozen, world.folder.path().join("colleague"));
    colleague.adopt(Some(world.connection().check().unwrap()), None);
    colleague.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    assert_eq!(colleague.sign(world.signing("a", first)).await.unwrap().ending.outcome, Outcome::Signed);

    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.desk.sign(world.signing("b", second)).await.unwrap();
    let found = world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap();
    assert_eq!(
        (found.candidates.len(), found.asked_names.as_slice()),
        (1, &["second.example.test".into()][..])
    );
    let candidate = &found.candidates[0];
    assert_eq!((candidate.standing, found.proven()), (Standing::NoMatch, None));
    assert!(candidate.evidence.contains(&Evidence::SameKey), "{candidate:?}");
    let words = candidate.words(Evidence::NamesDiffer);
    assert!(candidate.evidence.contains(&Evidence::NamesDiffer) && words.contains("first.example.test"));

    // The second one is signed after all: that is the match, and the first one comes after it.
    colleague.sign(world.signing("c", second)).await.unwrap();
    let found = world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap();
    let standings: Vec<_> = found.candidates.iter().map(|it| it.standing == Standing::NoMatch).collect();
    assert_eq!(standings, [false, true], "{found:?}");
    assert!(found.candidates[0].evidence.contains(&Evidence::NamesMatch));
}

#[tokio::test]
async fn a_certificate_of_another_signing_is_marked_as_such() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    let again = sign::Request { again: Some("a second one is needed".into()), ..world.signing("b", 302) };
    assert_eq!(world.desk.sign(again).await.unwrap().ending.outcome, Outcome::Unknown);
    let found = world.desk.look_for(look_for::Request { entry: 2 }).await.unwrap();
    assert!(found.candidates[0].evidence.contains(&Evidence::OnRecord { entry: 1 }), "{found:?}");
}

#[tokio::test]
async fn another_servers_list_proves_nothing() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let elsewhere = ConnectionForm { server: "https://127.0.0.1:1".into(), ..world.connection() };
    world.desk.adopt(Some(elsewhere.check().unwrap()), None);
    let failure = world.desk.look_for(look_for::Request { entry: 1 }).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::OtherServer);
    assert_eq!(
        world.desk.look_for(look_for::Request { entry: 9 }).await.unwrap_err().code,
        ErrorCode::NoSuchEntry
    );
}

#[tokio::test]
async fn notes_stay_beside_a_signing_and_are_found() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let note =
        annotate::Request { entry: 1, note: "for the shop".into(), ticket: "OPS-12".into(), seen: None };
    world.desk.annotate(note).await.unwrap();
    let filter = domain::HistoryFilter { text: "ops-12".into(), ..Default::default() };
    let page = world.desk.history(history::Request { filter, ..Default::default() }).await.unwrap();
    assert_eq!((page.total, page.entries[0].note.as_str()), (1, "for the shop"));
}

#[tokio::test]
async fn a_spreadsheet_runs_nothing_of_an_export() {
    let world = World::connected().await;
    let mut request = world.signing("a", 301);
    request.form.root_common_name = "=HYPERLINK(\"http://x\",\"y\")".into();
    world.desk.sign(request).await.unwrap();
    let filter = domain::HistoryFilter::default();
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
    let filter = domain::HistoryFilter { ascending: true, ..Default::default() };
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
        let failure = desk.look_for(look_for::Request { entry: 2 }).await.unwrap_err();
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
async fn a_mark_leaves_with_the_answer() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let refused = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!(refused.ending.code, ErrorCode::AlreadyOnRecord);
    let left = std::fs::read_dir(world.desk.data_dir().join("running")).unwrap().count();
    assert_eq!(left, 0);
}
