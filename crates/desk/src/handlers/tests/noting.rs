//! A note of a person who saw an older one.

use super::*;
use crate::commands::{annotate, decide, entry, export, look_for};

#[tokio::test]
async fn a_note_over_one_that_changed_meanwhile_is_refused_with_a_code_of_its_own() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let note = |text: &str, seen: Option<&str>| annotate::Request {
        entry: 1,
        note: text.into(),
        ticket: String::new(),
        seen: seen.map(|it| annotate::Seen { note: it.into(), ticket: String::new() }),
        intent: None,
    };
    world.desk.annotate(note("mine", Some(""))).await.unwrap();
    world.desk.annotate(note("theirs", None)).await.unwrap();
    let refused = world.desk.annotate(note("mine too", Some("mine"))).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoteChanged);
    assert_eq!(world.history().await[0].note, "theirs");
    assert_eq!(world.desk.annotate(note("mine too", Some("theirs"))).await.unwrap().entry.note, "mine too");
}

#[tokio::test]
async fn nothing_is_recorded_for_another_signing_that_has_the_number_now() {
    let world = World::connected().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let intent = world.history().await[0].intent.clone();
    for (seen, refused) in [(uuid::Uuid::from_u128(7).to_string(), true), (intent, false)] {
        let seen = Some(seen);
        let seen_here = seen.clone();
        let looked = look_for::Request { entry: 1, intent: seen.clone() };
        let noted = annotate::Request {
            entry: 1,
            note: "n".into(),
            ticket: String::new(),
            seen: None,
            intent: seen.clone(),
        };
        let basis = domain::Basis::Console;
        let (verdict, reason) = (domain::Verdict::NotThere, "r".to_owned());
        let decided = decide::Request { entry: 1, verdict, reason, basis, seen: None, intent: seen };
        let file = world.folder.path().join("evidence.zip");
        let evidence = export::Request::Evidence { entry: 1, intent: seen_here.clone() };
        let written = world.desk.export_to(evidence, file.clone()).await.err().map(|it| it.code);
        assert_eq!((written.is_some(), file.exists()), (refused, !refused), "{written:?}");
        let events = world.desk.entry(entry::Request { entry: 1 }).await.unwrap().events.len();
        let codes = [
            world.desk.annotate(noted).await.err(),
            world.desk.look_for(looked).await.err(),
            world.desk.decide(decided).await.err(),
        ]
        .map(|it| it.map(|it| it.code));
        let recorded = world.desk.entry(entry::Request { entry: 1 }).await.unwrap().events.len() - events;
        if refused {
            assert_eq!((codes, recorded), ([Some(ErrorCode::EntryReplaced); 3], 0));
        } else {
            // The certificate is proven, so the decision is refused for that.
            assert_eq!((codes, recorded), ([None, None, Some(ErrorCode::CertificateFound)], 2));
        }
    }
}
