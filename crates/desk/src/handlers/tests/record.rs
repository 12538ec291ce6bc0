//! Settling, handing out and checking what is on record.

use domain::{ConnectionForm, ErrorCode, Outcome};
use serde_json::json;
use standin::Fault;

use super::World;
use crate::commands::look_for::Evidence;
use crate::commands::{annotate, decide, export, history, look_for, sign, status, verify_journal};
use crate::{COLUMNS, check_evidence};

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
    for evidence in [Evidence::SameKey, Evidence::IssuerMatches, Evidence::EndsAsAsked] {
        assert!(best.evidence.contains(&evidence), "{evidence:?}: {best:?}");
    }
    assert_eq!((found.candidates.len(), found.key_unknown), (1, None));

    let verdict = domain::Verdict::ItIsThisOne { certificate: best.certificate.clone() };
    let decision = decide::Request { entry: 1, verdict, reason: "same key".into() };
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
    let decision = decide::Request { entry: 1, verdict: domain::Verdict::NotThere, reason: "looked".into() };
    assert_eq!(world.desk.decide(decision).await.unwrap().entry.code(), ErrorCode::NotThere);
    assert_eq!(world.desk.sign(world.signing("c", 302)).await.unwrap().ending.outcome, Outcome::Signed);
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
    let note = annotate::Request { entry: 1, note: "for the shop".into(), ticket: "OPS-12".into() };
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
    assert!(text.starts_with("entry,outcome,code,message"), "{text}");
    assert!(text.contains("\"'=HYPERLINK(\"\"http://x"), "{text}");
    let written = world.desk.export(export::Request::JsonLines { filter }).await.unwrap();
    let row: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&written.path).unwrap()).unwrap();
    assert_eq!((&row["entry"], row.as_object().unwrap().len()), (&json!(1), COLUMNS.len()));
}

#[tokio::test]
async fn evidence_holds_alone_and_what_is_changed_in_it_is_found() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let written = world.desk.export(export::Request::Evidence { entry: 1 }).await.unwrap();
    let bytes = std::fs::read(&written.path).unwrap();
    let check = check_evidence(std::io::Cursor::new(&bytes)).unwrap();
    assert!(check.holds, "{check:#?}");
    assert!(check.says.iter().any(|it| it.contains("certifies the key of the enclosed CSR")), "{check:#?}");

    // The same bundle with one word of the answer changed, in the file and in the proof.
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("successfully signed"));
    let mut changed = bytes.clone();
    for place in 0..changed.len() - 12 {
        if &changed[place..place + 12] == b"successfully" {
            changed[place..place + 12].copy_from_slice(b"Successfully");
        }
    }
    // Either the archive's own checksum or the proof notices.
    let noticed = check_evidence(std::io::Cursor::new(&changed)).map_or(true, |it| !it.holds);
    assert!(noticed);
    for junk in [&b""[..], b"PK", b"not a zip at all"] {
        let failure = check_evidence(std::io::Cursor::new(junk)).unwrap_err();
        assert_eq!(failure.code, ErrorCode::EvidenceUnreadable);
    }
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
async fn not_there_is_too_early_while_an_answer_may_come() {
    let world = World::connected().await;
    let mut call = Box::pin(world.desk.sign(world.signing("a", Fault::SignThenHang.csr_id())));
    let posted = async {
        while world.standin.sign_posts() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = &mut call => panic!("it never answers"),
        () = posted => {}
    }
    let decision =
        decide::Request { entry: 1, verdict: domain::Verdict::NotThere, reason: "not listed".into() };
    assert_eq!(world.desk.decide(decision).await.unwrap_err().code, ErrorCode::StillUnderWay);
}
