//! What a search says when more than one signing or certificate is open.

use domain::{Basis, Outcome, Verdict};
use standin::Fault;

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
    world.desk.look_for(look_for::Request { entry }).await.unwrap()
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
    // Once the other entry is resolved, nothing else can have made it.
    let gone = decide::Request {
        entry: 1,
        verdict: Verdict::NotThere,
        reason: "looked".into(),
        basis: Basis::Console,
        seen: None,
    };
    world.desk.decide(gone).await.unwrap();
    let found = search(&world, 3).await;
    assert_eq!((found.proven(), found.candidates[0].may_belong_to.len()), (Some(0), 0));
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
