//! Resolving an entry: what a search on the server finds, and what a person decides.

use domain::{Basis, Certificate, ConnectionForm, ErrorCode, Outcome, State, Verdict};
use serde_json::json;
use standin::Fault;

use super::{Frozen, World};
use crate::commands::look_for::{Evidence, Standing};
use crate::commands::review::Caution;
use crate::commands::{decide, entry, look_for, sign, status};
use crate::{Desk, Host};

pub(super) fn found(serial: &str) -> Verdict {
    let certificate = Certificate { serial_number: Some(serial.to_owned()), ..Certificate::default() };
    Verdict::ItIsThisOne { certificate }
}

pub(super) fn decision(entry: u64, verdict: Verdict) -> decide::Request {
    decide::Request {
        entry,
        verdict,
        reason: "looked".into(),
        basis: Basis::Search,
        seen: None,
        intent: None,
    }
}

#[tokio::test]
async fn an_unknown_signing_is_found_by_its_key_and_settled_by_a_person() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    assert_eq!(world.desk.status(status::Request {}).await.unwrap().unsettled, 1);

    let found = world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap();
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
    // A decision can be wrong, so a search is possible after it too.
    let again = world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap();
    assert_eq!(again.proven(), Some(0));
    let signed = world.desk.sign(world.signing("c", 301)).await.unwrap().entry.unwrap();
    let clear = world.desk.look_for(look_for::Request { entry: signed, intent: None }).await.unwrap_err();
    assert_eq!(clear.code, ErrorCode::NotUnknown);
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
    let found = world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap();
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
            "signing of 2026-11-24 08:00:00 UTC with “{}”. A person recorded that it issued no certificate (2026-11-24 08:00:00 UTC).",
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
    let review = world.desk.review(request).await.unwrap();
    // A person's word against another one: a certificate may exist, so signing again takes the reason.
    assert_eq!((&review.earlier[..], &review.cautions[..]), (&[1][..], &[Caution::SentBefore][..]));
    let named = &review.not_issued[0];
    assert_eq!((named.named_before.as_deref(), named.found_possible), (Some("0a0b"), false));
    let stopped = world.desk.sign(world.signing("c", 302)).await.unwrap();
    assert_eq!((stopped.ending.code, &stopped.earlier[..]), (ErrorCode::AlreadyOnRecord, &[1][..]));
    assert!(
        stopped.before[0].words().starts_with("resolved by a person as not issued, signing of 2026-11-24")
    );
    let again = sign::Request { again: Some("the CA has none".into()), ..world.signing("d", 302) };
    assert_eq!(world.desk.sign(again).await.unwrap().ending.outcome, Outcome::Signed);
    let fifth = world.desk.sign(world.signing("e", 302)).await.unwrap();
    let signed = fifth.before.last().unwrap();
    assert_eq!((fifth.earlier, signed.state), (vec![1, 2], State::Signed));
    assert!(signed.words().contains(", serial number "), "{}", signed.words());
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
    let found = world.desk.look_for(look_for::Request { entry: 2, intent: None }).await.unwrap();
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
    world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap();
    let searched = world.desk.decide(decision(1, Verdict::NotThere)).await.unwrap().entry;
    assert_eq!(searched.decision.unwrap().basis, Some(Basis::Search));
    let word = decide::Request { basis: Basis::Console, ..decision(2, Verdict::NotThere) };
    let entry = world.desk.decide(word).await.unwrap().entry;
    assert_eq!((entry.code(), entry.decision.unwrap().basis), (ErrorCode::NotThere, Some(Basis::Console)));
    let events = world.desk.entry(entry::Request { entry: 2 }).await.unwrap().events;
    assert!(events.last().unwrap().body.contains(r#""basis":"console""#), "{events:?}");
}

/// A CSR of case 27: two requests with one key.
pub(super) fn same_key(name: &str) -> Vec<u8> {
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
    let found = world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap();
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
    let found = world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap();
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
    let found = world.desk.look_for(look_for::Request { entry: 2, intent: None }).await.unwrap();
    assert!(found.candidates[0].evidence.contains(&Evidence::OnRecord { entry: 1 }), "{found:?}");
}

#[tokio::test]
async fn another_servers_list_proves_nothing() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let elsewhere = ConnectionForm { server: "https://127.0.0.1:1".into(), ..world.connection() };
    world.desk.adopt(Some(elsewhere.check().unwrap()), None);
    let failure = world.desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::OtherServer);
    assert_eq!(
        world.desk.look_for(look_for::Request { entry: 9, intent: None }).await.unwrap_err().code,
        ErrorCode::NoSuchEntry
    );
}
