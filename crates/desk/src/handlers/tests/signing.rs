//! How far a signing is, and what the review says about earlier ones.

use domain::{State, Verdict};

use super::*;
use crate::commands::review::Caution;
use crate::commands::{decide, entry, signing};

async fn found(world: &World, intent: &str, wait: bool) -> Option<signing::Found> {
    let request = signing::Request { intent: format!("intent-{intent}"), wait };
    world.desk.signing(request).await.unwrap().found
}

#[tokio::test]
async fn a_signing_is_found_by_its_intent_while_it_runs_and_when_it_is_over() {
    let world = World::connected().await;
    assert_eq!(found(&world, "a", true).await, None, "nothing was sent for it");
    world.standin.fault_next(Fault::SlowBody, 1);
    let answer = world.desk.sign(world.signing("a", 301));
    tokio::pin!(answer);
    assert!(futures_poll(&mut answer).await, "it runs");
    let running = found(&world, "a", false).await.unwrap();
    assert_eq!((running.answer, running.server.as_str()), (None, world.standin.url()));
    assert_eq!(running.request, world.form(301).check(Frozen.now()).unwrap());
    // Whoever reviews the CSR meanwhile sees that it is in progress.
    let before = loop {
        let review = world.desk.review(review::Request { form: world.form(301) }).await.unwrap();
        // Its intent is recorded while the server is being reached.
        if !review.before.is_empty() {
            break review.before;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(before.iter().map(|it| it.state).collect::<Vec<_>>(), [State::InProgress]);
    let (answer, waited) = tokio::join!(answer, found(&world, "a", true));
    let (answer, waited) = (answer.unwrap(), waited.unwrap());
    assert_eq!(waited.answer.as_ref().unwrap().ending, answer.ending);
    let over = found(&world, "a", true).await.unwrap();
    assert_eq!(over.answer.as_ref().unwrap().entry, Some(1));
    assert_eq!(over.answer.unwrap().ending, answer.ending);
    assert_eq!(world.standin.sign_posts(), 1, "asking sends nothing");
}

/// Polls a future once; whether it is still pending.
async fn futures_poll<F: Future>(future: &mut std::pin::Pin<&mut F>) -> bool {
    std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn a_resolved_signing_says_so() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", Fault::SignThen500.csr_id())).await.unwrap();
    assert!(!found(&world, "a", false).await.unwrap().see_entry);
    let request = decide::Request {
        entry: 1,
        verdict: Verdict::NotThere,
        reason: "seen".into(),
        basis: domain::Basis::Console,
        seen: None,
        intent: None,
    };
    world.desk.decide(request).await.unwrap();
    assert!(found(&world, "a", false).await.unwrap().see_entry);
}

#[tokio::test]
async fn a_signing_of_a_program_that_is_gone_ended_as_the_history_shows_it() {
    let world = World::connected().await;
    let (journal, request) = (world.desk.journal().unwrap(), world.form(301).check(Frozen.now()).unwrap());
    let begin = |id: &str| {
        let (at, server) = (Frozen.now(), world.standin.url());
        let intent =
            journal::Intent { id, at, server, request: &request, again: Some("needed"), token: None };
        let journal::Begun::New(entry) = journal.begin(&intent).unwrap() else { panic!("not begun") };
        entry
    };
    // Without a file, another program may be waiting, and about to send it.
    begin("intent-a");
    let running = found(&world, "a", false).await.unwrap();
    assert!(running.in_progress && running.see_entry);
    assert_eq!(running.answer.unwrap().ending.code, ErrorCode::Interrupted);

    // A file that nobody holds is of a program that is gone.
    std::fs::create_dir_all(world.desk.data_dir().join("running")).unwrap();
    for (id, sent, code) in
        [("b", false, ErrorCode::InterruptedBeforeSending), ("c", true, ErrorCode::Interrupted)]
    {
        let intent = format!("intent-{id}");
        std::fs::write(world.desk.data_dir().join("running").join(&intent), "").unwrap();
        let entry = begin(&intent);
        if sent {
            assert_eq!(journal.sent(entry, Frozen.now()).unwrap(), journal::Sent::Marked);
        }
        let gone = found(&world, id, false).await.unwrap();
        let shown = world.desk.entry(entry::Request { entry }).await.unwrap().entry;
        let ending = gone.answer.unwrap().ending;
        assert_eq!((ending.code, ending.outcome), (code, shown.outcome()), "{id}");
        assert!(!gone.in_progress && !gone.see_entry, "{id}");
    }
}

#[tokio::test]
async fn a_review_names_earlier_signings_of_the_csr_by_any_issuer() {
    let world = World::connected().await;
    let first = world.desk.sign(world.signing("a", 301)).await.unwrap();
    let serial = first.ending.certificates[0].serial_number.clone();
    // There is no such root: only a fault that comes before the order is read leaves the outcome open.
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    let other = SignForm { root_common_name: "Other Root".into(), ..world.form(301) };
    let again = sign::Request { form: other.clone(), ..world.signing("b", 301) };
    assert_eq!(world.desk.sign(again).await.unwrap().ending.outcome, Outcome::Unknown);

    let review = |form| world.desk.review(review::Request { form });
    let same = review(world.form(301)).await.unwrap();
    assert_eq!(same.earlier, [1]);
    let told: Vec<_> = same.before.iter().map(|it| (it.entry, it.same_issuer, it.state)).collect();
    assert_eq!(told, [(2, false, State::Unknown), (1, true, State::Signed)]);
    assert_eq!((same.before[1].serial_number.clone(), same.before_more), (serial, 0));
    assert!(same.cautions.contains(&Caution::SentBefore));
    assert!(same.cautions.contains(&Caution::SignedByAnotherIssuer));

    // A third issuer is warned, and needs no reason: the guard is about one issuer.
    let third = SignForm { root_common_name: "Third Root".into(), ..other };
    let third = review(third).await.unwrap();
    assert_eq!((third.earlier.len(), third.before.len()), (0, 2));
    assert!(!third.cautions.contains(&Caution::SentBefore));
    assert!(third.cautions.contains(&Caution::SignedByAnotherIssuer));

    let none = review(world.form(302)).await.unwrap();
    assert_eq!((none.before.len(), none.cautions.len()), (0, 0));
}

#[tokio::test]
async fn a_review_names_no_more_earlier_signings_than_a_person_reads() {
    let world = World::connected().await;
    let journal = world.desk.journal().unwrap();
    let request = world.form(301).check(Frozen.now()).unwrap();
    for number in 0..review::MAX_BEFORE + 3 {
        let id = format!("intent-{number}");
        let (at, server) = (Frozen.now(), world.standin.url());
        let intent =
            journal::Intent { id: &id, at, server, request: &request, again: Some("needed"), token: None };
        let journal::Begun::New(entry) = journal.begin(&intent).unwrap() else { panic!("not begun") };
        journal.finish(entry, at, &domain::Ending::new(ErrorCode::Signed)).unwrap();
    }
    let review = world.desk.review(review::Request { form: world.form(301) }).await.unwrap();
    assert_eq!((review.before.len(), review.before_more), (review::MAX_BEFORE, 3));
    assert_eq!(review.before[0].entry, 23, "the latest first");
}

#[tokio::test]
async fn the_folder_of_exports_opens_after_an_export_and_where_there_is_a_desktop() {
    use crate::commands::{export, open_export_folder};
    static OPENED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let open = || world.desk.open_export_folder(open_export_folder::Request {});
    let export = || world.desk.export(export::Request::Journal);
    export().await.unwrap();
    assert_eq!(open().await.unwrap_err().code, ErrorCode::FolderNotOpened, "there is no desktop");

    let other = World::connected().await;
    other.desk.open_folders_with(|folder| {
        locked(&OPENED).push(folder.to_owned());
        if folder.is_dir() { Ok(()) } else { Err("not there".into()) }
    });
    let open = || other.desk.open_export_folder(open_export_folder::Request {});
    assert_eq!(open().await.unwrap_err().code, ErrorCode::FolderNotOpened, "nothing was exported");
    assert!(locked(&OPENED).is_empty());
    let exported = other.desk.export(export::Request::Journal).await.unwrap();
    open().await.unwrap();
    assert_eq!(locked(&OPENED).as_slice(), [PathBuf::from(exported.path).parent().unwrap()]);
}

#[tokio::test]
async fn an_exported_journal_of_a_newer_format_is_to_be_checked_by_a_newer_version() {
    use crate::commands::export;
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let exported = PathBuf::from(world.desk.export(export::Request::Journal).await.unwrap().path);
    let text = std::fs::read_to_string(&exported).unwrap();
    std::fs::write(&exported, text.replacen("\"csrdesk_record\":3", "\"csrdesk_record\":99", 1)).unwrap();
    let refused = check_exported_journal(&exported, None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::JournalFileNewer);
    assert!(!refused.code.next().contains("Export"), "exporting it again changes nothing");
}

#[tokio::test]
async fn a_page_that_follows_a_signing_does_not_put_off_the_lock() {
    use super::connections::{MINUTE, Place, desk, form, held, provide, save};
    use secrets::keychain::test_stores::Memory;
    let (folder, place) = (tempfile::tempdir().unwrap(), Place::with(Memory::default()));
    let desk = desk(&place, &folder);
    save(&desk, None, form("One", "https://127.0.0.1:1")).await;
    provide(&desk, "CANARY", true).await;
    place.later(20 * MINUTE);
    // A script that signs every minute must not keep an open page unlocked.
    for command in ["status", "connections", "signing"] {
        let _ = desk.dispatch(command, json!({ "intent": "intent-1" })).await;
    }
    assert!(held(&desk).await);
    place.later(10 * MINUTE);
    assert!(!held(&desk).await);
}
