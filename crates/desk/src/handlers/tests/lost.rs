//! An outcome that is recorded while the disk may not have it.

use std::fs;
use std::path::PathBuf;

use secrets::Keychain;

use super::connections::provide;
use super::*;
use crate::handlers::host::Moment;

/// Puts a folder in the place of the journal's log once the answer is here: SQLite has the log open and commits, and
/// nobody else can open it to wait for the disk.
struct LosesItsLog(PathBuf);

impl LosesItsLog {
    fn moved(&self) -> PathBuf {
        self.0.with_extension("moved")
    }
}

impl Host for LosesItsLog {
    fn now(&self) -> Timestamp {
        Frozen.now()
    }

    fn keychain(&self) -> Keychain {
        Frozen.keychain()
    }

    fn reached(&self, moment: Moment) {
        match moment {
            Moment::AfterAnswer => {
                fs::rename(&self.0, self.moved()).unwrap();
                fs::create_dir(&self.0).unwrap();
            }
            Moment::AfterOutcome => {
                fs::remove_dir(&self.0).unwrap();
                fs::rename(self.moved(), &self.0).unwrap();
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_outcome_that_may_be_lost_is_said_to_be_recorded_and_not_on_the_disk() {
    let world = World::connected().await;
    let data_dir = world.desk.data_dir().to_owned();
    let desk = Desk::new(LosesItsLog(data_dir.join("journal.sqlite3-wal")), data_dir.clone());
    provide(&desk, world.standin.token(), false).await;
    desk.sign_once();
    let response = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::Signed);
    assert!(response.recorded && response.may_be_lost, "{response:?}");
    // The history has it, and nothing is in progress.
    let entries = world.history().await;
    assert_eq!(entries.len(), 1);
    assert!(entries[0].answered_at.is_some(), "{entries:?}");
    assert_eq!(fs::read_dir(data_dir.join("running")).unwrap().count(), 0);
}
