//! What a search says when more than one signing or certificate is open.

use domain::{Basis, ErrorCode, Outcome, Verdict};
use standin::Fault;

use super::resolving::same_key;
use super::*;
use crate::commands::look_for::Standing;
use crate::commands::{decide, look_for, sign};

/// A signing that ends unknown.
async fn unknown(world: &World, intent: &str, csr_id: u64, fault: Fault) {
    world.standin.fault_next(fault, 1);
    let again =
        sign::Request { again: Some("the first one was lost".into()), ..world.signing(intent, csr_id) };
    assert_eq!(world.desk.sign(again).await.unwrap().ending.outcome, Outcome::Unknown);
}

async fn search(world: &World, entry: u64) -> look_for::Response {
    world.desk.look_for(look_for::Request { entry, intent: None }).await.unwrap()
}

#[tokio::test]
async fn a_certificate_that_may_belong_to_another_unresolved_entry_is_marked_and_proves_nothing() {
    let world = World::connected().await;
    unknown(&world, "a", 302, Fault::CloseBeforeHeaders).await;
    // Another CSR has another key: its entry is not meant.
    unknown(&world, "b", 301, Fault::CloseBeforeHeaders).await;
    unknown(&world, "c", 302, Fault::SignThen500).await;
    for (entry, other) in [(1, 3), (3, 1)] {
        let found = search(&world, entry).await;
        let best = &found.candidates[0];
        assert_eq!((best.may_belong_to.as_slice(), best.standing), (&[other][..], Standing::Possible));
        assert_eq!((found.proven(), found.words().as_str()), (None, "One certificate may match."));
    }
    assert!(search(&world, 2).await.candidates.iter().all(|it| it.may_belong_to.is_empty()));
    // One of the two made it: nobody says of both that they made nothing.
    for entry in [1, 3] {
        let refused = decide(&world, entry, Verdict::NotThere).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::CertificateFound);
    }
    // Once the other entry is resolved, nothing else can have made it.
    let other = domain::Certificate { serial_number: Some("0a0b".into()), ..Default::default() };
    decide(&world, 1, Verdict::ItIsThisOne { certificate: other }).await.unwrap();
    let found = search(&world, 3).await;
    assert_eq!((found.proven(), found.candidates[0].may_belong_to.len()), (Some(0), 0));
    assert!(found.count_words().contains("1 is proven"), "{}", found.count_words());
    // It was the other way round: the certificate is the result of an entry, and the other one made nothing.
    let certificate = found.candidates[0].certificate.clone();
    decide(&world, 3, Verdict::ItIsThisOne { certificate }).await.unwrap();
    decide(&world, 1, Verdict::NotThere).await.unwrap();
}

async fn decide(world: &World, entry: u64, verdict: Verdict) -> Result<decide::Response, Failure> {
    let reason = "looked".to_owned();
    let request = decide::Request { entry, verdict, reason, basis: Basis::Console, seen: None, intent: None };
    world.desk.decide(request).await
}

#[tokio::test]
async fn an_entry_whose_csr_was_not_fetched_is_named_and_takes_no_proof_away() {
    let world = World::connected().await;
    let key = rcgen::KeyPair::generate().unwrap();
    for place in 1..=7 {
        let params = rcgen::CertificateParams::new(vec![format!("h{place}.example.test")]).unwrap();
        let csr = params.serialize_request(&key).unwrap();
        let csr = world.standin.import_csr(csr.der()).unwrap();
        unknown(&world, &csr.to_string(), csr, Fault::CloseBeforeHeaders).await;
    }
    unknown(&world, "own", 302, Fault::SignThen500).await;
    let found = search(&world, 8).await;
    let best = &found.candidates[0];
    // The latest five are compared, and have other keys.
    assert_eq!((best.standing, best.may_belong_to.len()), (Standing::Proof, 0));
    assert_eq!(best.not_compared_with, [1, 2]);
    assert_eq!(
        best.not_compared_words().as_deref(),
        Some("Not compared with the CSRs of entries 1, 2, which are unresolved.")
    );
}

#[tokio::test]
async fn an_entry_in_progress_may_have_made_the_certificate_too() {
    let world = World::connected().await;
    unknown(&world, "a", 302, Fault::SignThen500).await;
    assert_eq!(search(&world, 1).await.proven(), Some(0));
    let before = world.standin.sign_posts();
    world.standin.fault_next(Fault::SignThenHang, 1);
    let again = sign::Request { again: Some("it was lost".into()), ..world.signing("b", 302) };
    let desk = world.desk.clone();
    tokio::spawn(async move { desk.sign(again).await });
    while world.standin.sign_posts() == before {
        tokio::task::yield_now().await;
    }
    let found = search(&world, 1).await;
    assert_eq!((found.proven(), found.candidates[0].may_belong_to.as_slice()), (None, &[2][..]));
}

#[tokio::test]
async fn an_entry_of_another_organization_is_not_compared() {
    let world = World::connected().await;
    let organization = world.standin.organizations().pop().unwrap();
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    let form = SignForm { organization, ..world.form(302) };
    let elsewhere = sign::Request { form, ..world.signing("a", 302) };
    assert_eq!(world.desk.sign(elsewhere).await.unwrap().ending.outcome, Outcome::Unknown);
    unknown(&world, "b", 302, Fault::SignThen500).await;
    let found = search(&world, 2).await;
    let best = &found.candidates[0];
    assert_eq!((best.standing, best.may_belong_to.len()), (Standing::Proof, 0));
    assert!(best.not_compared_with.is_empty());
}

#[tokio::test]
async fn a_search_without_the_csr_says_of_no_certificate_that_it_has_another_key() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    // The stand-in hands this CSR out to nobody.
    world.desk.sign(world.signing("b", Fault::SignThen500.csr_id())).await.unwrap();
    let found = search(&world, 2).await;
    assert!(found.key_unknown.is_some() && found.other_key == 0, "{found:?}");
    let (possible, contradicted) = found.by_contradiction();
    assert_eq!((possible.as_slice(), possible.len()), (&[0][..], found.possible()));
    assert!(!contradicted.is_empty() && contradicted.iter().all(|it| *it > 0), "{found:?}");
    let parts = found.candidates.len() as u64 + found.ruled_out + found.not_examined;
    assert_eq!((parts, found.ruled_out), (found.listed, found.self_signed));
    let words = found.count_words();
    let contradicted = contradicted.len();
    assert!(
        words.contains(&format!("1 may match, {contradicted} ")) && !words.contains("another key"),
        "{words}"
    );
    for it in found.candidates.iter().filter(|it| it.is_contradicted()) {
        assert!(!it.contradictions().is_empty(), "{it:?}");
    }
}

/// A world in which a colleague, whose history is not this one, signed another CSR with the same key. Gives the CSR whose
/// certificate is looked for.
async fn with_a_colleagues_certificate() -> (World, u64) {
    let world = World::connected().await;
    let first = world.standin.import_csr(&same_key("first.csr")).unwrap();
    let second = world.standin.import_csr(&same_key("second-same-key.csr")).unwrap();
    let colleague = Desk::new(Frozen, world.folder.path().join("colleague"));
    colleague.adopt(Some(world.connection().check().unwrap()), None);
    colleague.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    assert_eq!(colleague.sign(world.signing("a", first)).await.unwrap().ending.outcome, Outcome::Signed);
    (world, second)
}

fn contradicted(found: &look_for::Response) -> domain::Certificate {
    let mut candidates = found.candidates.iter();
    candidates.find(|it| it.standing == Standing::NoMatch).unwrap().certificate.clone()
}

async fn refusal(world: &World, certificate: &domain::Certificate, basis: Basis) -> ErrorCode {
    let verdict = Verdict::ItIsThisOne { certificate: certificate.clone() };
    let request =
        decide::Request { entry: 1, verdict, reason: "mine".into(), basis, seen: None, intent: None };
    world.desk.decide(request).await.unwrap_err().code
}

#[tokio::test]
async fn no_other_certificate_is_recorded_beside_a_proven_one() {
    let (world, csr) = with_a_colleagues_certificate().await;
    unknown(&world, "b", csr, Fault::SignThen500).await;
    let found = search(&world, 1).await;
    let made_up = domain::Certificate { serial_number: Some("deadbeef".into()), ..Default::default() };
    for certificate in [contradicted(&found), made_up] {
        for basis in [Basis::Search, Basis::Console] {
            assert_eq!(refusal(&world, &certificate, basis).await, ErrorCode::OtherCertificateFound);
        }
    }
    let certificate = found.candidates[found.proven().unwrap()].certificate.clone();
    decide(&world, 1, Verdict::ItIsThisOne { certificate }).await.unwrap();
}

#[tokio::test]
async fn a_contradicted_certificate_takes_the_word_of_a_person_who_looked_in_the_console() {
    let (world, csr) = with_a_colleagues_certificate().await;
    unknown(&world, "b", csr, Fault::CloseBeforeHeaders).await;
    let found = search(&world, 1).await;
    assert_eq!(found.proven(), None);
    let certificate = contradicted(&found);
    assert_eq!(refusal(&world, &certificate, Basis::Search).await, ErrorCode::CertificateContradicted);
    decide(&world, 1, Verdict::ItIsThisOne { certificate }).await.unwrap();
}
