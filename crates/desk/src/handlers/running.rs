//! Which signings are in progress, also those of other programs.
//!
//! Owns one file for each signing that a program waits for, with the id of the connection in it: the program holds an
//! exclusive lock on it, which the system lets go however the program ends. So a file that is locked means a waiting
//! program, and one that is free means a program that is gone. Refuses to own what a signing became: that is the journal's
//! part. Where no file could be made or no lock can be had (some network folders), the longest time-out decides, and the
//! answer is "may be waiting".

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use domain::{BaseUrl, ConnectionId, CsrId, Entry, ErrorCode, HistoryFilter, IntentId, Progress, Timestamp};
use journal::{Journal, JournalError};

use super::one_connection::Held;
use super::record::refused;
use super::{Desk, blocking, locked};
use crate::Failure;
use crate::commands::RunningSigning;

/// Below the data folder, where the files are.
const FOLDER: &str = "running";
/// How long a program waits for an answer at most, in milliseconds: the longest time-out, and a little for writing the
/// answer down.
const LONGEST_WAIT_MS: i64 = (domain::MAX_TIMEOUT_SECONDS as i64 + 10) * 1_000;
/// More files than programs leave behind; the rest is not looked at.
const MAX_FILES: usize = 1_000;
/// More than any connection's id.
const MAX_ID_BYTES: u64 = 64;

/// The mark of this program on a signing that it waits for. Dropped without [`Mark::remove`], the file stays, and shows
/// that its program ended without recording an answer.
#[derive(Debug)]
pub(super) struct Mark {
    /// Held for its lock.
    _file: File,
    path: PathBuf,
    /// Whether the file was not there before.
    fresh: bool,
}

impl Mark {
    /// Makes and locks the file of an intent, before the intent is recorded. None when that is not possible, or when
    /// another program has the same intent.
    pub(super) fn make(data_dir: &Path, intent: &IntentId, connection: &ConnectionId) -> Option<Self> {
        let folder = data_dir.join(FOLDER);
        let path = folder.join(intent.as_str());
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let made = match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&folder).ok()?;
                options.open(&path)
            }
            made => made,
        };
        let fresh = made.is_ok();
        let file = match made {
            // Waits for no longer than another program takes to look at it.
            Ok(file) => file.lock().is_ok().then_some(file),
            // Left behind by an earlier run with this intent, or held by one that goes on.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                File::options().write(true).open(&path).ok().filter(|it| it.try_lock().is_ok())
            }
            Err(_) => None,
        };
        let mut file = file?;
        // Without the id, every connection to the same server counts as the one that signs.
        let _ = file.set_len(0).and_then(|()| file.write_all(connection.as_str().as_bytes()));
        Some(Self { _file: file, path, fresh })
    }

    /// The intent was in the journal before. A file of an earlier run stays: free, it says that the program of that signing
    /// is gone. It names the connection of this run by now, which nobody reads while the file is free.
    pub(super) fn undo(self, answered: bool) {
        if self.fresh || answered {
            self.remove();
        }
    }

    /// The answer is in the journal, or nothing of this intent is.
    pub(super) fn remove(self) {
        // What cannot be removed is free in a moment, and its entry has an answer by now.
        let _ = fs::remove_file(&self.path);
    }
}

/// The state of the file of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MarkState {
    /// A program holds the lock.
    Locked,
    /// The program that made it is gone.
    Free,
    /// There is no file, or this file system has no locks.
    Absent,
}

fn state_of(data_dir: &Path, intent: &str) -> MarkState {
    // An intent in a journal that was tampered with could lead to any file.
    let Ok(intent) = IntentId::parse(intent) else { return MarkState::Absent };
    let Ok(file) = File::open(data_dir.join(FOLDER).join(intent.as_str())) else { return MarkState::Absent };
    match file.try_lock_shared() {
        Ok(()) => MarkState::Free,
        Err(TryLockError::WouldBlock) => MarkState::Locked,
        Err(TryLockError::Error(_)) => MarkState::Absent,
    }
}

/// The connection that the file of an intent names. None where it names none, or cannot be read while it is locked.
fn connection_of(data_dir: &Path, intent: &IntentId) -> Option<ConnectionId> {
    let file = File::open(data_dir.join(FOLDER).join(intent.as_str())).ok()?;
    let mut text = String::new();
    file.take(MAX_ID_BYTES).read_to_string(&mut text).ok()?;
    ConnectionId::parse(&text).ok()
}

impl Desk {
    /// The entry with its progress; read again from the journal when its program has just ended.
    pub(super) fn with_progress(&self, journal: &Journal, entry: Entry) -> Result<Entry, JournalError> {
        if entry.answered_at.is_some() {
            return Ok(entry);
        }
        let intent = IntentId::parse(&entry.intent);
        if intent.is_ok_and(|it| locked(&self.shared.under_way).contains_key(&it)) {
            return Ok(Entry { progress: Progress::Waiting, ..entry });
        }
        let mark = state_of(&self.shared.data_dir, &entry.intent);
        if mark == MarkState::Locked {
            return Ok(Entry { progress: Progress::Waiting, ..entry });
        }
        // Between reading the entry and looking at its file, the answer may have been recorded and the file removed.
        let entry = journal.entry(entry.entry)?.unwrap_or(entry);
        if entry.answered_at.is_some() {
            return Ok(entry);
        }
        let recent = is_recent(entry.sent_at.unwrap_or(entry.at), self.shared.host.now());
        if mark == MarkState::Free
            && !recent
            && let Ok(intent) = IntentId::parse(&entry.intent)
        {
            let _ = fs::remove_file(self.shared.data_dir.join(FOLDER).join(intent.as_str()));
        }
        let progress =
            if mark == MarkState::Absent && recent { Progress::MayBeWaiting } else { Progress::Over };
        Ok(Entry { progress, ..entry })
    }

    /// The same for a page of entries.
    pub(super) fn all_with_progress(
        &self,
        journal: &Journal,
        entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, JournalError> {
        entries.into_iter().map(|it| self.with_progress(journal, it)).collect()
    }

    /// The signings that are in progress, by their entries.
    pub(super) fn running(&self, journal: &Journal) -> Result<Vec<u64>, JournalError> {
        Ok(self.running_entries(journal)?.into_iter().map(|it| it.entry).collect())
    }

    /// The signings that are in progress, and with which connections.
    pub(super) fn running_signings(&self, journal: &Journal) -> Result<Vec<RunningSigning>, JournalError> {
        Ok(self.running_entries(journal)?.into_iter().map(|it| self.running_signing(it)).collect())
    }

    /// The signings of a CSR on a server that are in progress.
    pub(super) fn running_with(
        &self,
        journal: &Journal,
        server: &str,
        csr_id: CsrId,
    ) -> Result<Vec<Entry>, JournalError> {
        let mut running = self.running_entries(journal)?;
        running.retain(|it| it.request.csr_id == csr_id && BaseUrl::canonical(&it.server) == server);
        Ok(running)
    }

    fn running_signing(&self, it: Entry) -> RunningSigning {
        RunningSigning {
            entry: it.entry,
            connection: IntentId::parse(&it.intent).ok().and_then(|intent| self.begun_with(&intent)),
            at: it.at,
            server: BaseUrl::canonical(&it.server),
            csr_id: it.request.csr_id.to_string(),
            issuer: it.request.issuer.map(|it| it.common_name.as_str().to_owned()),
            intent: it.intent,
        }
    }

    /// The connection of a signing that is in progress, here or in another program.
    fn begun_with(&self, intent: &IntentId) -> Option<ConnectionId> {
        let here = locked(&self.shared.under_way).get(intent).and_then(|it| it.connection.clone());
        here.or_else(|| connection_of(&self.shared.data_dir, intent))
    }

    /// Makes sure that no signing with this connection is in progress, here or in another program.
    ///
    /// # Errors
    /// [`ErrorCode::ConnectionIsSigning`]; [`ErrorCode::ConnectionMayBeSigning`] where the program of a signing cannot be
    /// asked for; what [`refused`] says when the journal cannot be read: another program may have it open, and sign.
    pub(super) async fn not_signing_with(&self, held: &Held) -> Result<(), Failure> {
        if locked(&self.shared.under_way).values().any(|it| it.connection.as_ref() == Some(&held.id)) {
            return Err(Failure::new(ErrorCode::ConnectionIsSigning));
        }
        let (desk, id, server) = (self.clone(), held.id.clone(), held.connection.server.to_string());
        let found = blocking(move || {
            let mut found = Progress::Over;
            for entry in desk.running_entries(&*desk.journal()?)? {
                let progress = entry.progress;
                if found != Progress::Waiting && desk.running_signing(entry).is_with(&id, &server) {
                    found = progress;
                }
            }
            Ok(found)
        });
        match found.await?.map_err(refused)? {
            Progress::Over => Ok(()),
            Progress::MayBeWaiting => Err(Failure::new(ErrorCode::ConnectionMayBeSigning)),
            Progress::Waiting => Err(Failure::new(ErrorCode::ConnectionIsSigning)),
        }
    }

    fn running_entries(&self, journal: &Journal) -> Result<Vec<Entry>, JournalError> {
        let now = self.shared.host.now().millis();
        let moment = |offset: i64| Timestamp::from_millis(now.saturating_add(offset));
        let mut numbers = journal.unanswered(moment(-LONGEST_WAIT_MS), moment(LONGEST_WAIT_MS))?;
        // A program that was halted, or the computer with it, may wait for longer.
        let files = fs::read_dir(self.shared.data_dir.join(FOLDER)).into_iter().flatten();
        for file in files.take(MAX_FILES).filter_map(Result::ok) {
            let name = file.file_name();
            let entry = name.to_str().map(|intent| journal.by_intent(intent)).transpose();
            match entry {
                Ok(Some(Some(entry))) if entry.answered_at.is_none() => numbers.push(entry.entry),
                Ok(_) | Err(JournalError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let mut running = Vec::new();
        for number in numbers {
            match journal.entry(number) {
                Ok(Some(entry)) => {
                    let entry = self.with_progress(journal, entry)?;
                    if entry.is_in_progress() {
                        running.push(entry);
                    }
                }
                Ok(None) | Err(JournalError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(running)
    }

    /// The filter with what only the desk knows.
    pub(super) fn with_running(
        &self,
        journal: &Journal,
        filter: HistoryFilter,
    ) -> Result<HistoryFilter, JournalError> {
        let asks = filter.in_progress || filter.unsettled || filter.outcome.is_some();
        let running = if asks { self.running(journal)? } else { Vec::new() };
        Ok(HistoryFilter { running, ..filter })
    }
}

/// Whether a moment is so near that a program may wait since then.
fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.millis().saturating_sub(at.millis()).saturating_abs() < LONGEST_WAIT_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent() -> IntentId {
        IntentId::parse("intent-1").unwrap()
    }

    fn make(folder: &Path) -> Option<Mark> {
        Mark::make(folder, &intent(), &ConnectionId::from_number(7))
    }

    #[test]
    fn a_mark_is_locked_while_its_program_waits_and_free_when_it_ended_without_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(state_of(folder.path(), "intent-1"), MarkState::Absent);
        let mark = make(folder.path()).unwrap();
        assert_eq!(state_of(folder.path(), "intent-1"), MarkState::Locked);
        assert!(make(folder.path()).is_none(), "another program has this intent");
        assert_eq!(connection_of(folder.path(), &intent()), Some(ConnectionId::from_number(7)));
        drop(mark);
        assert_eq!(state_of(folder.path(), "intent-1"), MarkState::Free);
        fs::write(folder.path().join(FOLDER).join("intent-1"), "x".repeat(100)).unwrap();
        assert_eq!(connection_of(folder.path(), &intent()), None, "not an id");
        let again = make(folder.path()).unwrap();
        assert_eq!(connection_of(folder.path(), &intent()), Some(ConnectionId::from_number(7)));
        again.remove();
        assert_eq!(state_of(folder.path(), "intent-1"), MarkState::Absent);
    }

    #[test]
    fn without_a_folder_that_can_be_written_there_is_no_mark() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FOLDER), "a file in its place").unwrap();
        assert!(make(folder.path()).is_none());
        assert_eq!(state_of(folder.path(), "intent-1"), MarkState::Absent);
        assert_eq!(state_of(folder.path(), "../journal.key"), MarkState::Absent);
    }

    #[test]
    fn the_longest_wait_counts_from_either_side_of_the_clock() {
        let at = Timestamp::from_millis;
        assert!(is_recent(at(0), at(LONGEST_WAIT_MS - 1)) && is_recent(at(5), at(0)));
        assert!(!is_recent(at(0), at(LONGEST_WAIT_MS)) && !is_recent(at(LONGEST_WAIT_MS), at(0)));
    }
}
