//! The journal as this desk has it open: without its key while it is only read, with the key as soon as an event is to be
//! recorded.
//!
//! Owns when the key is read, and what opening found. Reading never waits for a keychain: the lock of the open journal is free
//! while one is asked.

use std::sync::{Arc, Mutex};

use journal::{Journal, JournalError, Opened};
use tokio::time::timeout;

use super::status::KEYCHAIN_PATIENCE;
use super::{Desk, blocking, locked, record};

/// The open journal, and what a person should know about it.
#[derive(Default)]
pub(super) struct OpenedJournal {
    journal: Mutex<Option<Arc<Journal>>>,
    /// What opening it found, a sentence each.
    notes: Mutex<Vec<String>>,
    /// What is good to know about it, in a sentence.
    remark: Mutex<Option<String>>,
    /// Words about a damaged journal that this session moved away, until a person has seen them.
    set_aside: Mutex<Option<String>>,
    /// Why it could not be opened when something was to be recorded last.
    problem: Mutex<Option<String>>,
    /// Locked while one caller reads the key, so that the others use its answer.
    asking: Mutex<()>,
    /// Locked while a status waits for the key.
    question: Arc<tokio::sync::Mutex<()>>,
}

impl OpenedJournal {
    /// Closes it: the next use opens it again.
    pub(super) fn close(&self) {
        *locked(&self.journal) = None;
    }

    /// What opening it found, a sentence each.
    pub(super) fn notes(&self) -> Vec<String> {
        locked(&self.notes).clone()
    }

    /// What is good to know about it.
    pub(super) fn remark(&self) -> Option<String> {
        locked(&self.remark).clone()
    }

    /// Words about a damaged journal that was moved away; the caller shows them.
    pub(super) fn take_set_aside(&self) -> Option<String> {
        locked(&self.set_aside).take()
    }

    /// Why it could not be opened when something was to be recorded last.
    pub(super) fn problem(&self) -> Option<String> {
        locked(&self.problem).clone()
    }

    /// The open one, if events can be appended to it.
    fn with_key(&self) -> Option<Arc<Journal>> {
        let can_record = |it: &&Arc<Journal>| it.has_asked_for_key() && it.read_only().is_none();
        locked(&self.journal).as_ref().filter(can_record).cloned()
    }

    fn replace(&self, slot: &mut Option<Arc<Journal>>, opened: Opened) -> Arc<Journal> {
        let notes = record::notes_on(&opened);
        if opened.set_aside.is_some() {
            *locked(&self.set_aside) = notes.first().cloned();
        }
        // Only opening with the key can have made one.
        if opened.journal.has_asked_for_key() {
            *locked(&self.remark) = record::remark_on(&opened);
        }
        *locked(&self.notes) = notes;
        let journal = Arc::new(opened.journal);
        *slot = Some(Arc::clone(&journal));
        journal
    }
}

impl Desk {
    /// What opening the record found or did, a sentence each; empty before it was opened.
    #[must_use]
    pub fn journal_notes(&self) -> Vec<String> {
        let mut notes = self.shared.journal.notes();
        notes.extend(self.shared.journal.remark());
        notes
    }

    /// The journal for reading. It is opened when it is first needed, and again after a failure, where it cannot be written
    /// and where there was none: the cause may be gone. No keychain is asked, except in the cases that
    /// [`Journal::open_to_read`] names.
    pub(super) fn journal(&self) -> Result<Arc<Journal>, JournalError> {
        let opened = &self.shared.journal;
        let mut slot = locked(&opened.journal);
        if let Some(journal) = slot.as_ref().filter(|it| it.is_writable() && it.is_begun()) {
            return Ok(Arc::clone(journal));
        }
        let keeper = self.silent_keeper();
        let found = Journal::open_to_read(&self.shared.data_dir, self.shared.host.now(), &keeper)?;
        Ok(opened.replace(&mut slot, found))
    }

    /// The journal with its key, for a caller that appends an event. The key is read once, and again after that failed: the
    /// cause may be gone.
    ///
    /// # Errors
    /// As [`Journal::open_keeping`]; [`JournalError::KeyUnreachable`] or [`JournalError::ReadOnly`] when it can be read and
    /// nothing can be recorded.
    pub(super) fn journal_to_record(&self) -> Result<Arc<Journal>, JournalError> {
        let journal = self.journal_with_key()?;
        match journal.read_only() {
            None => Ok(journal),
            Some(_) if !journal.is_writable() => Err(JournalError::ReadOnly),
            Some(why) => Err(JournalError::KeyUnreachable(why.to_owned())),
        }
    }

    fn journal_with_key(&self) -> Result<Arc<Journal>, JournalError> {
        let opened = &self.shared.journal;
        let _asking = locked(&opened.asking);
        if let Some(journal) = opened.with_key() {
            return Ok(journal);
        }
        // The slot is not locked: readers go on with the journal that is in it.
        let keeper = self.silent_keeper();
        let found = Journal::open_keeping(&self.shared.data_dir, self.shared.host.now(), &keeper);
        *locked(&opened.problem) = found.as_ref().err().map(ToString::to_string);
        Ok(opened.replace(&mut locked(&opened.journal), found?))
    }

    /// Reads the key of the journal if it was not read yet, or if that failed, and waits a moment for it, so that a status
    /// reports why nothing can be recorded before a person signs. The read goes on when the wait is over; the next status
    /// has its result.
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
