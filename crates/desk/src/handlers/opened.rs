//! The record as this desk has it open: without its key as long as it is only read, with it from the first event on that is
//! to be recorded.
//!
//! Owns when the key is asked for, and what opening found. Reading never waits for a keychain: it holds no lock while one is
//! asked.

use std::sync::{Arc, Mutex};

use journal::{Journal, JournalError, Opened};
use tokio::time::timeout;

use super::status::KEYCHAIN_PATIENCE;
use super::{Desk, blocking, locked, record};

/// The open record, and what is to be said about it.
#[derive(Default)]
pub(super) struct OpenedJournal {
    journal: Mutex<Option<Arc<Journal>>>,
    /// What opening it found, a sentence each.
    notes: Mutex<Vec<String>>,
    /// What is good to know about it, in a sentence.
    remark: Mutex<Option<String>>,
    /// Words about a record that this session set aside, until somebody was told.
    set_aside: Mutex<Option<String>>,
    /// Why it could not be opened when something was to be recorded last.
    problem: Mutex<Option<String>>,
    /// Held by the caller who asks for the key, so that others take over the answer.
    asking: Mutex<()>,
    /// Held while a status has the key asked for.
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

    /// Words about a record that was set aside; the caller tells them.
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

    fn keep(&self, slot: &mut Option<Arc<Journal>>, opened: Opened) -> Arc<Journal> {
        let notes = record::notes_on(&opened);
        if opened.set_aside.is_some() {
            *locked(&self.set_aside) = notes.first().cloned();
        }
        // Only who asks for the key can make one.
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

    /// The record for reading. Opened when it is first needed, and again after a failure, where it cannot be written and
    /// where there was none: the cause may have been mended. No keychain is asked, but for what
    /// [`Journal::open_to_read`] names.
    pub(super) fn journal(&self) -> Result<Arc<Journal>, JournalError> {
        let opened = &self.shared.journal;
        let mut slot = locked(&opened.journal);
        if let Some(journal) = slot.as_ref().filter(|it| it.is_writable() && it.is_begun()) {
            return Ok(Arc::clone(journal));
        }
        let keeper = self.silent_keeper();
        let found = Journal::open_to_read(&self.shared.data_dir, self.shared.host.now(), &keeper)?;
        Ok(opened.keep(&mut slot, found))
    }

    /// The record with its key, for whoever appends an event. The key is asked for once, and again after it could not be
    /// had: the cause may have been mended.
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
        // Without the slot: whoever reads goes on with what is there.
        let keeper = self.silent_keeper();
        let found = Journal::open_keeping(&self.shared.data_dir, self.shared.host.now(), &keeper);
        *locked(&opened.problem) = found.as_ref().err().map(ToString::to_string);
        Ok(opened.keep(&mut locked(&opened.journal), found?))
    }

    /// Asks for the key of the record if nobody has, or if it could not be had, and waits a moment for the answer, so that a
    /// status says beforehand why nothing can be recorded. The question goes on when the wait is over; the next status
    /// has its answer.
    pub(super) async fn key_answer(&self) {
        let opened = &self.shared.journal;
        if opened.with_key().is_some() {
            return;
        }
        // One question at a time, however often the status is asked for.
        let Ok(question) = Arc::clone(&opened.question).try_lock_owned() else { return };
        let desk = self.clone();
        let asking = tokio::spawn(async move {
            // What it says is in the notes, or the problem.
            let _ = blocking(move || desk.journal_with_key().map(drop)).await;
            drop(question);
        });
        let _ = timeout(KEYCHAIN_PATIENCE, asking).await;
    }
}
