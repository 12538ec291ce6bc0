//! The journal as this desk has it open: without its key while it is only read, with the key as soon as an event is to be
//! recorded.
//!
//! Owns when the key is read, and what opening found. Reading waits for a keychain only in the cases that
//! [`Journal::open_to_read`] names: then each caller that finds no open journal waits, and asks again after a failure.
//! The lock of the open journal is never locked while a keychain or the disk is waited for, so a task may look at it.

use std::sync::{Arc, Mutex, Weak};

use journal::{Caller, Journal, JournalError, Opened};
use tokio::time::timeout;

use super::status::KEYCHAIN_PATIENCE;
use super::{Desk, blocking, locked, record};

/// The open journal, and what a person should know about it.
#[derive(Default)]
pub(super) struct OpenedJournal {
    journal: Mutex<Option<Arc<Journal>>>,
    /// One whose files were changed in place, for as long as a task still uses it.
    former: Mutex<Weak<Journal>>,
    /// What opening it found, a sentence each.
    notes: Mutex<Vec<String>>,
    /// What is good to know about it, in a sentence.
    remark: Mutex<Option<String>>,
    /// Why it could not be opened when something was to be recorded last.
    problem: Mutex<Option<String>>,
    /// Locked while one caller opens it for reading, so that the others use what it opened.
    opening: Mutex<()>,
    /// Locked while one caller reads the key, so that the others use its answer.
    asking: Mutex<()>,
    /// Locked while a status waits for the key.
    question: Arc<tokio::sync::Mutex<()>>,
}

impl OpenedJournal {
    /// Closes it: the next use opens it again.
    pub(super) fn close(&self) {
        let former = locked(&self.journal).take();
        // Closing the files takes the disk: without the lock.
        drop(former);
    }

    /// Closes one whose files were replaced or changed. To be called before the files that are there now are opened: within one
    /// program SQLite shares what it knows of a file, so the old one would explain the new one.
    ///
    /// # Errors
    /// [`JournalError::Replaced`] while a task, such as a signing, still has the same file open.
    fn close_if_replaced(&self) -> Result<(), JournalError> {
        let former = locked(&self.journal).take_if(|it| !it.is_in_place());
        if let Some(former) = &former {
            tracing::warn!(file = %former.path().display(), "the history's file was replaced while it was open");
        }
        let mut slot = locked(&self.former);
        if let Some(former) = former.as_ref().filter(|it| it.is_changed_in_place()) {
            *slot = Arc::downgrade(former);
        }
        drop(former);
        if slot.strong_count() > 0 { Err(JournalError::Replaced) } else { Ok(()) }
    }

    /// What opening it found, a sentence each.
    pub(super) fn notes(&self) -> Vec<String> {
        locked(&self.notes).clone()
    }

    /// What is good to know about it.
    pub(super) fn remark(&self) -> Option<String> {
        locked(&self.remark).clone()
    }

    /// Why it could not be opened when something was to be recorded last; none once it is open so that it can be. Whoever
    /// opened it, with a key file also a reader, the cause is gone.
    pub(super) fn problem(&self) -> Option<String> {
        if self.with_key().is_some() {
            return None;
        }
        locked(&self.problem).clone()
    }

    /// The open one, if events can be appended to it.
    fn with_key(&self) -> Option<Arc<Journal>> {
        locked(&self.journal).as_ref().filter(|it| can_record(it) && it.is_in_place()).cloned()
    }

    /// The open one, if opening it again for reading would find no more.
    fn to_read(&self) -> Option<Arc<Journal>> {
        locked(&self.journal)
            .as_ref()
            .filter(|it| it.is_writable() && it.is_begun() && it.is_in_place())
            .cloned()
    }

    /// Takes what was opened, unless another caller opened it with its key meanwhile. What either of them found is said: one of
    /// the two may have made the journal, which the other one does not find out. Gives the open journal.
    pub(super) fn take(&self, opened: Opened) -> Arc<Journal> {
        let mut slot = locked(&self.journal);
        if let Some(file) = &opened.set_aside {
            tracing::warn!(renamed_to = %file.display(), "the history was damaged, and a new one was begun");
        }
        if let Some(bad) = &opened.found {
            tracing::warn!(event = bad.seq, why = ?bad.why, "the history is not sound");
        }
        let notes = record::notes_on(&opened);
        if let Some(taken) = slot.as_ref().filter(|it| can_record(it) && it.is_in_place()) {
            let mut all = locked(&self.notes);
            let new: Vec<_> = notes.into_iter().filter(|it| !all.contains(it)).collect();
            all.extend(new);
            if let Some(remark) = record::remark_on(&opened) {
                *locked(&self.remark) = Some(remark);
            }
            return Arc::clone(taken);
        }
        // Only opening with the key can have made one.
        if opened.journal.has_asked_for_key() {
            *locked(&self.remark) = record::remark_on(&opened);
        }
        *locked(&self.notes) = notes;
        let journal = Arc::new(opened.journal);
        let former = slot.replace(Arc::clone(&journal));
        drop(slot);
        // Closing the files takes the disk: without the lock.
        drop(former);
        journal
    }
}

/// Whether events can be appended to an open journal.
fn can_record(journal: &Journal) -> bool {
    journal.has_asked_for_key() && journal.read_only().is_none()
}

impl Desk {
    /// What opening the record found or did, a sentence each; empty before it was opened.
    #[must_use]
    pub fn journal_notes(&self) -> Vec<String> {
        let mut notes = self.shared.journal.notes();
        notes.extend(self.shared.journal.remark());
        notes
    }

    /// Who opens a journal now. The origin is the same for each event of this program but for the token.
    pub(super) fn caller(&self) -> Caller {
        let origin = self.shared.origin.get_or_init(|| self.shared.host.origin());
        Caller { at: self.shared.host.now(), origin: origin.clone() }
    }

    /// The journal for reading. It is opened when it is first needed, and again after a failure, where it cannot be written
    /// and where there was none: the cause may be gone. No keychain is asked, except in the cases that
    /// [`Journal::open_to_read`] names.
    pub(super) fn journal(&self) -> Result<Arc<Journal>, JournalError> {
        let opened = &self.shared.journal;
        if let Some(journal) = opened.to_read() {
            return Ok(journal);
        }
        let _opening = locked(&opened.opening);
        if let Some(journal) = opened.to_read() {
            return Ok(journal);
        }
        opened.close_if_replaced()?;
        let keeper = self.silent_keeper();
        let found = Journal::open_to_read(&self.shared.data_dir, self.caller(), &keeper)?;
        Ok(opened.take(found))
    }

    /// The journal with its key, for a caller that appends an event. The key is read once, and again after that failed: the
    /// cause may be gone.
    ///
    /// # Errors
    /// As [`Journal::open_keeping`]; [`JournalError::KeyUnreachable`] or [`JournalError::ReadOnly`] when it can be read and
    /// nothing can be recorded.
    pub(super) fn journal_to_record(&self) -> Result<Arc<Journal>, JournalError> {
        let journal = self.journal_with_key()?;
        journal.require_key()?;
        Ok(journal)
    }

    fn journal_with_key(&self) -> Result<Arc<Journal>, JournalError> {
        let opened = &self.shared.journal;
        let _asking = locked(&opened.asking);
        if let Some(journal) = opened.with_key() {
            return Ok(journal);
        }
        opened.close_if_replaced()?;
        // Readers go on with the journal that is open.
        let keeper = self.silent_keeper();
        let found = Journal::open_keeping(&self.shared.data_dir, self.caller(), &keeper);
        *locked(&opened.problem) = found.as_ref().err().map(ToString::to_string);
        Ok(opened.take(found?))
    }

    /// Reads the key of the journal if it was not read yet, or if that failed, and waits a moment for it, so that a status
    /// reports why nothing can be recorded before a person signs. Begins a journal where there is none: whether one can be
    /// made is known only when it is made. The read goes on when the wait is over; the next status has its result.
    pub(super) async fn key_answer(&self) {
        let opened = &self.shared.journal;
        if opened.with_key().is_some() {
            return;
        }
        // One read at a time, however often a status is asked for.
        let Ok(question) = Arc::clone(&opened.question).try_lock_owned() else { return };
        let desk = self.clone();
        let asking = tokio::spawn(async move {
            // Its result is in the notes, or in the problem.
            let _ = blocking(move || desk.journal_with_key().map(drop)).await;
            drop(question);
        });
        let _ = timeout(KEYCHAIN_PATIENCE, asking).await;
    }
}
