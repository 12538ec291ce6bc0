//! Files of the journal that are gone when the outcome is to be recorded.

use std::fs;
use std::path::PathBuf;

use secrets::Keychain;

use super::connections::provide;
use super::*;
use crate::handlers::host::Moment;

/// Puts a folder in the place of the journal's log once the answer is here: SQLite has the log open and would commit into a
/// file that no other program finds.
struct LosesItsLog {
    log: PathBuf,
    /// When it is gone.
    at: Moment,
}

impl LosesItsLog {
    fn moved(&self) -> PathBuf {
        self.log.with_extension("moved")
    }
}

impl Host for LosesItsLog {
    fn now(&self) -> Timestamp {
        Frozen.now()
    }

    fn keychain(&self) -> Keychain {
        Frozen.keychain()
    }

    fn surroundings(&self) -> Surroundings {
        Frozen.surroundings()
    }

    fn reached(&self, moment: Moment) {
        match moment {
            moment if moment == self.at => {
                fs::rename(&self.log, self.moved()).unwrap();
                fs::create_dir(&self.log).unwrap();
            }
            Moment::AfterOutcome => {
                fs::remove_dir(&self.log).unwrap();
                fs::rename(self.moved(), &self.log).unwrap();
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_outcome_whose_files_are_gone_is_not_said_to_be_recorded() {
    let world = World::connected().await;
    let data_dir = world.desk.data_dir().to_owned();
    let desk = Desk::new(
        LosesItsLog { log: data_dir.join("journal.sqlite3-wal"), at: Moment::AfterAnswer },
        data_dir.clone(),
    );
    provide(&desk, world.standin.token(), false).await;
    desk.sign_once();
    let response = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::Signed);
    assert!(!response.recorded && !response.may_be_lost, "{response:?}");
    // Its log is not readable now, so whether the history has the entry is not known.
    assert_eq!((response.entry, response.history_warning()), (None, Some(ErrorCode::OutcomeNotInHistory)));
    // The history shows what it knows: the request left, and nobody waits for its answer any more.
    let entries = world.history().await;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].answered_at, entries[0].ending.code), (None, ErrorCode::Interrupted));
    assert_eq!(world.standin.sign_posts(), 1);
}

#[tokio::test]
async fn nothing_is_sent_after_the_files_of_the_history_are_gone() {
    let world = World::connected().await;
    let data_dir = world.desk.data_dir().to_owned();
    let log = data_dir.join("journal.sqlite3-wal");
    let desk = Desk::new(LosesItsLog { log, at: Moment::AfterIntent }, data_dir);
    provide(&desk, world.standin.token(), false).await;
    let response = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(
        (response.ending.outcome, response.ending.code, response.recorded),
        (Outcome::NotSent, ErrorCode::HistoryReplaced, false)
    );
    assert_eq!(world.standin.sign_posts(), 0);
    // The next signing opens the files that are there.
    let again = world.desk.sign(world.signing("b", 301)).await.unwrap();
    assert_eq!((again.ending.outcome, world.standin.sign_posts()), (Outcome::Signed, 1));
}

/// Deletes the journal's file, or puts an older one in its place, while the request is on its way.
#[cfg(unix)]
struct LosesItsHistory {
    folder: PathBuf,
    older: Option<Vec<u8>>,
}

#[cfg(unix)]
impl Host for LosesItsHistory {
    fn now(&self) -> Timestamp {
        Frozen.now()
    }

    fn keychain(&self) -> Keychain {
        Frozen.keychain()
    }

    fn surroundings(&self) -> Surroundings {
        Frozen.surroundings()
    }

    fn reached(&self, moment: Moment) {
        if moment == Moment::BeforeSending {
            for ending in ["", "-wal", "-shm"] {
                fs::remove_file(self.folder.join(format!("journal.sqlite3{ending}"))).unwrap();
            }
            self.older.iter().for_each(|it| fs::write(self.folder.join("journal.sqlite3"), it).unwrap());
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_answer_names_no_entry_that_the_history_of_now_does_not_have() {
    for older in [true, false] {
        let world = World::connected().await;
        let data_dir = world.desk.data_dir().to_owned();
        assert_eq!(world.desk.sign(world.signing("a", 301)).await.unwrap().entry, Some(1));
        let World { standin, desk, folder } = world;
        drop(desk);
        let older = older.then(|| fs::read(data_dir.join("journal.sqlite3")).unwrap());
        let had = older.is_some();
        let desk = Desk::new(LosesItsHistory { folder: data_dir.clone(), older }, data_dir);
        provide(&desk, standin.token(), false).await;
        let world = World { standin, desk, folder };
        let response = world.desk.sign(world.signing("b", 302)).await.unwrap();
        assert_eq!(response.ending.outcome, Outcome::Signed);
        assert_eq!((response.entry, response.recorded), (None, false), "{response:?}");
        assert_eq!(response.history_warning(), Some(ErrorCode::OutcomeNotInHistory));
        let entries: Vec<_> = world.history().await.iter().map(|it| it.entry).collect();
        assert_eq!(entries, if had { vec![1] } else { vec![] });
        // A page that is loaded again learns that the history does not have it.
        let request =
            crate::commands::signing::Request { intent: world.signing("b", 302).intent, wait: true };
        assert_eq!(world.desk.signing(request).await.unwrap().found, None);
        assert_eq!(world.standin.sign_posts(), 2);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_history_that_was_copied_over_while_it_was_open_is_opened_again() {
    let world = World::connected().await;
    let data_dir = world.desk.data_dir().to_owned();
    let file = data_dir.join("journal.sqlite3");
    let other = Desk::new(Frozen, data_dir.clone());
    other.open_record().await.unwrap();
    assert_eq!(world.desk.sign(world.signing("a", 301)).await.unwrap().ending.outcome, Outcome::Signed);
    drop(other);
    let World { standin, desk, folder } = world;
    drop(desk);
    let old = fs::read(&file).unwrap();
    let world = World { standin, desk: Desk::new(Frozen, data_dir.clone()), folder };
    provide(&world.desk, world.standin.token(), false).await;
    assert_eq!(world.desk.sign(world.signing("b", 302)).await.unwrap().ending.outcome, Outcome::Signed);
    assert_eq!(world.history().await.len(), 2);
    // A task that still uses the file that was open.
    let busy = world.desk.journal().unwrap();
    fs::write(&file, old).unwrap();
    fs::remove_file(data_dir.join("journal.sqlite3-wal")).unwrap();
    let told = world.desk.history(history::Request::default()).await.unwrap_err();
    assert_eq!(told.code, ErrorCode::HistoryReplaced, "{told:?}");
    assert!(told.detail.as_ref().unwrap().contains("was changed while it was open"), "{told:?}");
    drop(busy);
    // Trying again opens the file that is there, and signing waits for a person.
    assert_eq!(world.history().await.len(), 1);
    let blocked = world.desk.sign(world.signing("c", 303)).await.unwrap();
    assert_eq!(blocked.ending.code, ErrorCode::HistoryIncomplete);
    let status = world.desk.status(status::Request {}).await.unwrap();
    let seen: Vec<u64> = status.findings.iter().map(|it| it.seq).collect();
    assert_eq!((seen.len(), status.acknowledged.len()), (1, 0));
    let reason = "restored from Monday, INC-7".to_owned();
    world.desk.acknowledge(crate::commands::acknowledge::Request { seen, reason }).await.unwrap();
    let after = world.desk.status(status::Request {}).await.unwrap();
    let known = after.acknowledged[0].acknowledged.as_ref().unwrap();
    assert_eq!(
        (after.findings.len(), after.acknowledged[0].finding.clone()),
        (0, status.findings[0].clone())
    );
    assert_eq!((known.at, known.reason.as_str()), (Frozen.now(), "restored from Monday, INC-7"));
    assert_eq!(world.standin.sign_posts(), 2);
}
