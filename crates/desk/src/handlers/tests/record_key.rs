//! The record's key in the keychain, through the desk: signing goes on, or nothing is sent.

use journal::Journal;
use secrets::keychain::test_stores::{Folder, Hanging, Memory};

use super::*;
use crate::commands::{KeychainState, annotate, quick_status, verify_journal};
use crate::handlers::record_key::KeyPlace;

/// The clock that stands still, and a keychain.
pub(super) struct With(pub(super) Keychain);

impl Host for With {
    fn now(&self) -> Timestamp {
        Frozen.now()
    }

    fn keychain(&self) -> Keychain {
        self.0.clone()
    }

    fn surroundings(&self) -> Surroundings {
        Frozen.surroundings()
    }
}

/// A world whose keychain is a folder: without the folder it is absent.
pub(super) async fn world() -> (World, PathBuf) {
    let mut world = World::connected().await;
    let keychain = world.folder.path().join("keychain");
    std::fs::create_dir(&keychain).unwrap();
    let store = Keychain::over(Folder(keychain.clone()));
    let desk = Desk::new(With(store), world.folder.path().join("another"));
    let form = world.connection();
    desk.save_connection(save_connection::Request { id: None, form, use_it: true }).await.unwrap();
    desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    world.desk = desk;
    (world, keychain)
}

#[tokio::test]
async fn without_the_key_nothing_is_sent_and_everything_can_be_read() {
    let (world, keychain) = world().await;
    assert_eq!(world.desk.sign(world.signing("a", 301)).await.unwrap().ending.outcome, Outcome::Signed);
    assert!(!world.desk.data_dir().join("journal.key").exists());
    assert_eq!(std::fs::read_dir(&keychain).unwrap().count(), 1);
    assert_eq!(world.desk.journal_notes(), Vec::<String>::new());

    // Another program, while the keychain is away.
    let away = keychain.with_extension("away");
    std::fs::rename(&keychain, &away).unwrap();
    let desk = Desk::new(With(Keychain::over(Folder(keychain.clone()))), world.desk.data_dir().to_owned());
    desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    let response = desk.sign(world.signing("b", 302)).await.unwrap();
    assert_eq!(
        (response.ending.outcome, response.ending.code, response.recorded),
        (Outcome::NotSent, ErrorCode::JournalUnavailable, false)
    );
    let detail = response.ending.detail.unwrap();
    for words in [ErrorCode::KeychainAbsent.what(), "csrdesk record-key --to file"] {
        assert!(detail.contains(words), "{detail}");
    }
    assert_eq!(world.standin.sign_posts(), 1);
    assert_eq!(desk.history(history::Request::default()).await.unwrap().entries.len(), 1);
    assert!(desk.journal_notes()[0].contains("nothing can be recorded"), "{:?}", desk.journal_notes());
    let found = desk.verify_journal(verify_journal::Request {}).await.unwrap();
    let (holds, soundness) = (found.holds, found.verification.unwrap().soundness());
    assert_eq!((holds, soundness), (false, domain::Soundness::NotProven), "{:?}", found.says);
    let note =
        annotate::Request { entry: 1, note: "n".into(), ticket: String::new(), seen: None, intent: None };
    let failure = desk.annotate(note.clone()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::RecordKeyUnreachable);
    assert_eq!(desk.record_key().await.unwrap_err().code, ErrorCode::KeychainAbsent);

    // It comes back, and the same program goes on.
    std::fs::rename(&away, &keychain).unwrap();
    assert_eq!(desk.sign(world.signing("b", 302)).await.unwrap().ending.outcome, Outcome::Signed);
    desk.annotate(note).await.unwrap();
    assert_eq!(desk.journal_notes(), Vec::<String>::new());
    let found = desk.verify_journal(verify_journal::Request {}).await.unwrap().verification.unwrap();
    assert!(found.holds() && found.notes.is_empty(), "{found:?}");
}

#[tokio::test]
async fn the_key_moves_and_a_lost_one_is_replaced_on_purpose_only() {
    let (world, keychain) = world().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let key = world.desk.record_key().await.unwrap();
    assert_eq!((key.place, key.moved), ("keychain", false));
    let moved = world.desk.move_record_key(KeyPlace::File).await.unwrap();
    assert_eq!((moved.place, moved.moved, &moved.public_key), ("file", true, &key.public_key));
    assert!(moved.says.contains("journal.key"), "{}", moved.says);
    assert_eq!(std::fs::read_dir(&keychain).unwrap().count(), 0);
    world.desk.sign(world.signing("b", 302)).await.unwrap();
    assert!(world.desk.move_record_key(KeyPlace::Keychain).await.unwrap().moved);
    let failure = world.desk.replace_record_key().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::RecordKeyUsable);

    for kept in std::fs::read_dir(&keychain).unwrap() {
        std::fs::remove_file(kept.unwrap().path()).unwrap();
    }
    let failure = world.desk.record_key().await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::RecordKeyUnreachable);
    let replaced = world.desk.replace_record_key().await.unwrap();
    assert_eq!((replaced.place, replaced.moved), ("file", true));
    assert_ne!(replaced.public_key, key.public_key);
    world.desk.sign(world.signing("c", 303)).await.unwrap();
    assert_eq!(world.history().await.len(), 3);
}

#[tokio::test]
async fn a_quick_status_waits_for_no_keychain_and_the_whole_one_has_its_answer() {
    let world = World::connected().await;
    // It answers after a year: who waits for it, waits for the end of the test.
    let hanging = Keychain::over(Hanging).answering_within(std::time::Duration::from_secs(365 * 86_400));
    let desk = Desk::new(With(hanging), world.desk.data_dir().to_owned());
    let quick = desk.quick_status(quick_status::Request {}).await.unwrap();
    assert_eq!(quick.keychain, KeychainState::NotAsked);
    assert_eq!(quick.connection.unwrap().connection.server.to_string(), world.standin.url());

    let desk = Desk::new(With(Keychain::over(Memory::default())), world.folder.path().join("another"));
    assert_eq!(desk.quick_status(quick_status::Request {}).await.unwrap().keychain, KeychainState::NotAsked);
    assert!(!desk.data_dir().exists(), "a quick status opens no record");
    assert_eq!(desk.status(status::Request {}).await.unwrap().keychain, KeychainState::Usable);
    assert_eq!(desk.quick_status(quick_status::Request {}).await.unwrap().keychain, KeychainState::Usable);
}

#[tokio::test]
async fn a_keychain_that_hangs_delays_a_new_record_once() {
    let world = World::connected().await;
    let hanging = Keychain::over(Hanging).answering_within(std::time::Duration::from_millis(50));
    let desk = Desk::new(With(hanging), world.folder.path().join("another"));
    let status = desk.status(status::Request {}).await.unwrap();
    assert!(status.journal_notes.is_empty(), "no reason to wait: {:?}", status.journal_notes);
    let remark = status.journal_remark.unwrap();
    assert!(remark.contains(ErrorCode::KeychainTimedOut.what()), "{remark}");
    assert!(remark.contains("journal.key"), "{remark}");
    assert_eq!(desk.journal_notes(), [remark.as_str()]);
    assert!(desk.data_dir().join("journal.key").exists());
    // A reader that opened the file just after it was made comes second, and takes nothing away.
    let made = desk.journal().unwrap();
    let second = Journal::open_to_read(desk.data_dir(), desk.caller(), &desk.silent_keeper()).unwrap();
    assert!(second.journal.has_asked_for_key() && second.not_in_keychain.is_none());
    assert!(Arc::ptr_eq(&desk.shared.journal.take(second), &made));
    assert_eq!(desk.status(status::Request {}).await.unwrap().journal_remark, Some(remark));
    assert_eq!(desk.record_key().await.unwrap().place, "file");
}
