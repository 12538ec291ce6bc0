//! Reading the record and checking it. Handing parts of it out is in `export.rs`.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::{Bad, ErrorCode, Finding, Fingerprint, HistoryFilter, OpenFinding, Verification, Why, WhyOpen};
use journal::{Journal, JournalError, Opened, Page};

use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{acknowledge, entry, history, verify_journal};

/// How many entries a page of the record has at most.
const MAX_PAGE: u32 = 1_000;
const DEFAULT_PAGE: u32 = 100;
/// How long a search may bring entries into the index of words before it looks: those of an older version's record.
const BRING_IN_FOR: Duration = Duration::from_millis(300);

impl Desk {
    /// A page of the record.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`].
    pub async fn history(&self, request: history::Request) -> Result<history::Response, Failure> {
        let limit = request.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE);
        let desk = self.clone();
        let read = blocking(move || {
            let journal = desk.journal()?;
            bring_in_words(&journal, &request.filter);
            let filter = desk.with_running(&journal, request.filter)?;
            let mut page = journal.page(&filter, request.after, limit)?;
            page.entries = desk.all_with_progress(&journal, page.entries)?;
            // Without words the list has indexes for it.
            let most = if filter.text.trim().is_empty() { u64::MAX } else { history::MOST_COUNTED };
            Ok((page, journal.count_to(&filter, most)?))
        });
        let (page, total) = read.await?.map_err(refused)?;
        let Page { entries, damaged, replaced, last, more } = page;
        Ok(history::Response { entries, damaged, replaced, total, last, more })
    }

    /// A page of the record without the number of all entries that pass the filter, which costs a pass over the list:
    /// for a caller that goes through page after page.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`].
    pub async fn history_page(&self, request: history::Request) -> Result<Page, Failure> {
        let limit = request.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE);
        let desk = self.clone();
        let read = blocking(move || {
            let journal = desk.journal()?;
            if request.after.is_none() {
                bring_in_words(&journal, &request.filter);
            }
            let filter = desk.with_running(&journal, request.filter)?;
            let mut page = journal.page(&filter, request.after, limit)?;
            page.entries = desk.all_with_progress(&journal, page.entries)?;
            Ok(page)
        });
        read.await?.map_err(refused)
    }

    /// One entry and its events.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`] or [`ErrorCode::RecordUnreadable`].
    pub async fn entry(&self, request: entry::Request) -> Result<entry::Response, Failure> {
        let desk = self.clone();
        let read = blocking(move || {
            let journal = desk.journal()?;
            let entry =
                journal.entry(request.entry)?.map(|it| desk.with_progress(&journal, it)).transpose()?;
            // The events last: they tell at least what the entry shows.
            Ok((entry, journal.events(request.entry)?))
        });
        let (entry, events) = read.await?.map_err(refused)?;
        let entry = entry.ok_or_else(|| Failure::new(ErrorCode::NoSuchEntry))?;
        Ok(entry::Response { entry, events })
    }

    /// Checks the whole record.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`]; what does not hold is part of the answer.
    pub async fn verify_journal(
        &self,
        _: verify_journal::Request,
    ) -> Result<verify_journal::Response, Failure> {
        self.verify_journal_with(None).await
    }

    /// Checks the whole record against the public key that the caller knows; without one, against this computer's own.
    ///
    /// # Errors
    /// As [`Desk::verify_journal`].
    pub async fn verify_journal_with(
        &self,
        key: Option<Fingerprint>,
    ) -> Result<verify_journal::Response, Failure> {
        // Beside the record, not through it: a check changes nothing, not even what opening would put right.
        let desk = self.clone();
        let checked = blocking(move || {
            let folder = &desk.shared.data_dir;
            let own_key = match key {
                Some(key) => Some(*key.bytes()),
                None => journal::kept_public_key(folder, &desk.silent_keeper()),
            };
            journal::verify_folder(folder, own_key.as_ref(), &mut |_| {})
        })
        .await?;
        Ok(told(checked.map_err(refused)?))
    }

    /// What was found out about the record, and a person has not acknowledged: nothing is signed until then.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`].
    pub async fn findings(&self) -> Result<Vec<OpenFinding>, Failure> {
        let desk = self.clone();
        blocking(move || desk.journal()?.open_findings()).await?.map_err(refused)
    }

    /// Everything that was found out about the record so far, oldest first, with what a person acknowledged.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`].
    pub async fn all_findings(&self) -> Result<Vec<Finding>, Failure> {
        let desk = self.clone();
        blocking(move || desk.journal()?.findings()).await?.map_err(refused)
    }

    /// Records that a person knows of the open findings.
    ///
    /// # Errors
    /// [`ErrorCode::ReasonMissing`]; [`ErrorCode::OtherFindings`] when the open ones are not those that the person saw; or the
    /// record cannot be written.
    pub async fn acknowledge(&self, request: acknowledge::Request) -> Result<acknowledge::Response, Failure> {
        let (desk, at) = (self.clone(), self.shared.host.now());
        let acknowledge::Request { seen, reason } = request;
        let done = blocking(move || desk.journal_to_record()?.acknowledge(at, &seen, &reason)).await?;
        done.map_err(refused)?;
        Ok(acknowledge::Response {})
    }

    /// Opens the record, so that what is to be said about it is known ([`Self::journal_notes`]).
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`].
    pub async fn open_record(&self) -> Result<(), Failure> {
        let desk = self.clone();
        blocking(move || desk.journal().map(|_| ())).await?.map_err(refused)
    }

    /// Makes the list that is searched from the events again. Gives the number of entries. The chain of events is
    /// verified before: a list made from altered events would hide that they were.
    ///
    /// # Errors
    /// [`ErrorCode::ListNotRebuilt`], [`ErrorCode::RecordLocked`], [`ErrorCode::RecordReadOnly`] or
    /// [`ErrorCode::RecordUnreadable`]. The list is then what it was.
    pub async fn rebuild_list(&self) -> Result<u64, Failure> {
        let before = self.verify_journal(verify_journal::Request {}).await?;
        // The list itself may be what does not hold.
        if !before.verification.is_some_and(|it| it.chain_holds()) {
            return Err(Failure::new(ErrorCode::ListNotRebuilt));
        }
        let desk = self.clone();
        blocking(move || desk.journal()?.rebuild_lists()).await?.map_err(refused)
    }
}

/// Brings some entries into the index of words, if there are many to bring in and words are looked for.
pub(super) fn bring_in_words(journal: &Journal, filter: &HistoryFilter) {
    if filter.text.trim().is_empty() {
        return;
    }
    let started = Instant::now();
    // A record that another program is writing to, or a full disk: the search takes longer, and finds the same.
    while started.elapsed() < BRING_IN_FOR && matches!(journal.has_words_to_bring_in(), Ok(true)) {
        if journal.bring_in_words().is_err() {
            return;
        }
    }
}

/// What opening the record found, a sentence each.
pub(super) fn notes_on(opened: &Opened) -> Vec<String> {
    let set_aside = opened.set_aside.as_ref().map(|path| {
        format!("The record could not be read and was set aside as {}; a new one was begun.", path.display())
    });
    let found = opened.found.as_ref().filter(|it| !is_recorded(opened, it)).map(Bad::says);
    let lists = opened.lists_altered.as_ref().map(|what| {
        format!("The list that is searched was not as this program makes it ({what}). It was made from the events again.")
    });
    let read_only = opened.journal.read_only().map(|why| {
        if !opened.journal.is_writable() && why != JournalError::ReadOnly.to_string() {
            return format!("The history can be read, and nothing is recorded: {why}.");
        }
        if !opened.journal.is_writable() {
            return "The data folder cannot be written. The history can be read, and nothing is recorded."
                .to_owned();
        }
        format!(
            "The record can be read, and nothing can be recorded: the key that signs it cannot be had. {why}"
        )
    });
    [set_aside, found, lists, read_only].into_iter().flatten().collect()
}

/// Whether an event of the journal records it: then it is said as a finding, and not once more.
fn is_recorded(opened: &Opened, bad: &Bad) -> bool {
    let is_it = |it: &OpenFinding| {
        matches!(
            (&it.why, bad.why),
            (WhyOpen::Truncated, Why::Truncated) | (WhyOpen::Rewritten, Why::Rewritten)
        )
    };
    opened.journal.open_findings().is_ok_and(|it| it.iter().any(is_it))
}

/// What is good to know about a record, and no reason to wait: where a new one's key was put.
pub(super) fn remark_on(opened: &Opened) -> Option<String> {
    let why = opened.not_in_keychain.as_ref()?;
    let says = opened.journal.key_kind()?.says();
    Some(format!(
        "{says} csrdesk record-key --to keychain moves it there later. It was not put there now: {why}"
    ))
}

/// Checks a file that [`export::Request::Journal`] wrote, with nothing but the file.
///
/// `key` is the public key that the copy should be signed with, where the caller knows it.
///
/// # Errors
/// [`ErrorCode::JournalFileUnreadable`] or [`ErrorCode::JournalFileNewer`]; what does not hold is part of the answer.
pub fn check_exported_journal(
    path: &Path,
    key: Option<Fingerprint>,
) -> Result<verify_journal::Response, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::because(ErrorCode::JournalFileUnreadable, format!("{}: {error}", path.display()))
    };
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let key = key.as_ref().map(Fingerprint::bytes);
    let verification = journal::verify_export(&mut io::BufReader::new(file), key);
    let verification = verification.map_err(|error| match error {
        // Exporting it again would write the same format.
        JournalError::Newer(_) => Failure::because(ErrorCode::JournalFileNewer, path.display()),
        error => unreadable(&error),
    })?;
    Ok(told(verification))
}

fn told(verification: Verification) -> verify_journal::Response {
    verify_journal::Response {
        holds: verification.holds(),
        verdict: verification.soundness(),
        says: verification.says(),
        verification: Some(verification),
    }
}

/// What the record's refusal means for a caller.
pub(super) fn refused(error: JournalError) -> Failure {
    let code = match error {
        JournalError::KeyUnreachable(_) => ErrorCode::RecordKeyUnreachable,
        JournalError::KeyNotAskedFor => ErrorCode::Internal,
        JournalError::NoEntry(_) => ErrorCode::NoSuchEntry,
        JournalError::OutOfOrder { .. } => ErrorCode::NotUnknown,
        JournalError::NoteChanged(_) => ErrorCode::NoteChanged,
        JournalError::DecidedMeanwhile(_) => ErrorCode::DecidedMeanwhile,
        JournalError::NotAcknowledged(_) => ErrorCode::HistoryIncomplete,
        JournalError::OtherFindings => ErrorCode::OtherFindings,
        JournalError::Replaced | JournalError::CutShort => ErrorCode::HistoryReplaced,
        JournalError::ReasonMissing => ErrorCode::ReasonMissing,
        JournalError::Locked => ErrorCode::RecordLocked,
        JournalError::ReadOnly => ErrorCode::RecordReadOnly,
        _ => ErrorCode::RecordUnreadable,
    };
    Failure::because(code, error)
}
