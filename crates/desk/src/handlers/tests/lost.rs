//! Files of the journal that are gone when the outcome is to be recorded.

use std::fs;
use std::path::PathBuf;

use secrets::Keychain;

use super::connections::provide;
use super::*;
use crate::handlers::host::Moment;

/// Puts a folder in the place of the journal's log once the answer is here: SQLite has the log open and would commit into a
/// file that no other program finds.
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
async fn an_outcome_whose_files_are_gone_is_not_said_to_be_recorded() {
    let world = World::connected().await;
    let data_dir = world.desk.data_dir().to_owned();
    let desk = Desk::new(LosesItsLog(data_dir.join("journal.sqlite3-wal")), data_dir.clone());
    provide(&desk, world.standin.token(), false).await;
    desk.sign_once();
    let response = desk.sign(world.signing("a", 301)).await.unwrap();
    assert_eq!(response.ending.outcome, Outcome::Signed);
    assert!(!response.recorded && !response.may_be_lost, "{response:?}");
    // The history shows what it knows: the request left, and nobody waits for its answer any more.
    let entries = world.history().await;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].answered_at, entries[0].ending.code), (None, ErrorCode::Interrupted));
    assert_eq!(world.standin.sign_posts(), 1);
}
