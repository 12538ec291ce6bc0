//! A note of a person who saw an older one.

use super::*;
use crate::commands::annotate;

#[tokio::test]
async fn a_note_over_one_that_changed_meanwhile_is_refused_with_a_code_of_its_own() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let note = |text: &str, seen: Option<&str>| annotate::Request {
        entry: 1,
        note: text.into(),
        ticket: String::new(),
        seen: seen.map(|it| annotate::Seen { note: it.into(), ticket: String::new() }),
    };
    world.desk.annotate(note("mine", Some(""))).await.unwrap();
    world.desk.annotate(note("theirs", None)).await.unwrap();
    let refused = world.desk.annotate(note("mine too", Some("mine"))).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoteChanged);
    assert_eq!(world.history().await[0].note, "theirs");
    assert_eq!(world.desk.annotate(note("mine too", Some("theirs"))).await.unwrap().entry.note, "mine too");
}
