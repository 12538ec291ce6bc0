//! Reading the record, handing parts of it out, and checking it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use domain::{Entry, ErrorCode, HistoryFilter, Verification};
use journal::{JournalError, Opened, Page, Plain};

use super::evidence::Fetched;
use super::{Desk, blocking, evidence, table};
use crate::Failure;
use crate::commands::{entry, export, history, verify_journal};

/// How many entries a page of the record has at most.
const MAX_PAGE: u32 = 1_000;
const DEFAULT_PAGE: u32 = 100;
/// Below the data folder, where exports go.
const EXPORT_FOLDER: &str = "exports";

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
            let filter = desk.with_running(&journal, request.filter)?;
            let mut page = journal.page(&filter, request.after, limit)?;
            page.entries = desk.all_with_progress(&journal, page.entries)?;
            Ok((page, journal.count(&filter)?))
        });
        let (page, total) = read.await?.map_err(refused)?;
        let Page { entries, damaged, last, more } = page;
        Ok(history::Response { entries, damaged, total, last, more })
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
        // Beside the record, not through it: a check changes nothing, not even what opening would put right.
        let desk = self.clone();
        let checked = blocking(move || {
            let folder = &desk.shared.data_dir;
            let own_key = journal::kept_public_key(folder, &desk.silent_keeper());
            journal::verify_folder(folder, own_key.as_ref(), &mut |_| {})
        })
        .await?;
        Ok(told(checked.map_err(refused)?))
    }

    /// Writes a part of the record to a file below the data folder, and records that it was handed out.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::ExportFailed`] or [`ErrorCode::RecordUnreadable`].
    pub async fn export(&self, request: export::Request) -> Result<export::Response, Failure> {
        let file_name = self.file_name(&request);
        let path = self.shared.data_dir.join(EXPORT_FOLDER).join(&file_name);
        let count = self.export_to(request, path.clone()).await?;
        Ok(export::Response { path: path.display().to_string(), file_name, count, download: None })
    }

    /// Writes a part of the record to a file that a person named. Returns how many entries or events it holds.
    ///
    /// # Errors
    /// As [`Self::export`].
    pub async fn export_to(&self, request: export::Request, path: PathBuf) -> Result<u64, Failure> {
        let fetched = match &request {
            export::Request::Evidence { entry } => self.fetch_for_evidence(*entry).await,
            _ => Fetched::default(),
        };
        let (desk, at) = (self.clone(), self.shared.host.now());
        blocking(move || {
            let count = desk.write_export(&request, &fetched, &path)?;
            let body = serde_json::json!({ "what": request, "count": count });
            desk.journal().and_then(|it| it.record(Plain::Export, at, &body)).map_err(refused)?;
            Ok(count)
        })
        .await?
    }

    fn write_export(
        &self,
        request: &export::Request,
        fetched: &Fetched,
        path: &Path,
    ) -> Result<u64, Failure> {
        let unwritable = |error: io::Error| {
            Failure::because(ErrorCode::ExportFailed, format!("{}: {error}", path.display()))
        };
        match request {
            export::Request::Csv { filter } => {
                let entries = self.all(filter)?;
                write_file(path, |out| out.write_all(&table::csv(&entries))).map_err(unwritable)?;
                Ok(entries.len() as u64)
            }
            export::Request::JsonLines { filter } => {
                let entries = self.all(filter)?;
                write_file(path, |out| {
                    entries.iter().try_for_each(|it| {
                        serde_json::to_writer(&mut *out, &table::row(it))?;
                        out.write_all(b"\n")
                    })
                })
                .map_err(unwritable)?;
                Ok(entries.len() as u64)
            }
            export::Request::Evidence { entry } => {
                let proof = self.journal().and_then(|it| it.proof(*entry)).map_err(refused)?;
                let proof = proof.ok_or_else(|| Failure::new(ErrorCode::NoSuchEntry))?;
                let bundle = evidence::bundle(&proof, fetched)?;
                write_file(path, |out| out.write_all(&bundle)).map_err(unwritable)?;
                Ok(proof.events.len() as u64)
            }
            export::Request::Journal => {
                let journal = self.journal().map_err(refused)?;
                let mut count = 0;
                write_file(path, |out| {
                    count = journal.export(out).map_err(io::Error::other)?;
                    Ok(())
                })
                .map_err(unwritable)?;
                Ok(count)
            }
        }
    }

    /// All entries of a filter, page by page.
    fn all(&self, filter: &HistoryFilter) -> Result<Vec<Entry>, Failure> {
        let journal = self.journal().map_err(refused)?;
        let filter = self.with_running(&journal, filter.clone()).map_err(refused)?;
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let page = journal.page(&filter, after, MAX_PAGE).map_err(refused)?;
            entries.extend(self.all_with_progress(&journal, page.entries).map_err(refused)?);
            after = page.last;
            if !page.more {
                return Ok(entries);
            }
        }
    }

    fn file_name(&self, request: &export::Request) -> String {
        let moment = self.shared.host.now().rfc3339().replace([':', '.'], "-");
        match request {
            export::Request::Csv { .. } => format!("history-{moment}.csv"),
            export::Request::JsonLines { .. } => format!("history-{moment}.jsonl"),
            export::Request::Evidence { entry } => format!("evidence-{entry}-{moment}.zip"),
            export::Request::Journal => format!("journal-{moment}.jsonl"),
        }
    }
}

/// What opening the record found, a sentence each.
pub(super) fn notes_on(opened: &Opened) -> Vec<String> {
    let set_aside = opened.set_aside.as_ref().map(|path| {
        format!("The record could not be read and was set aside as {}; a new one was begun.", path.display())
    });
    let found = opened
        .found
        .as_ref()
        .map(|bad| format!("Event {} of the record does not hold. {}", bad.seq, bad.why.says()));
    let read_only = opened.journal.read_only().map(|why| {
        format!(
            "The record can be read, and nothing can be recorded: the key that signs it cannot be had. {why}"
        )
    });
    [set_aside, found, read_only].into_iter().flatten().collect()
}

/// What is good to know about a record, and no reason to wait: where a new one's key was put.
pub(super) fn remark_on(opened: &Opened) -> Option<String> {
    let why = opened.not_in_keychain.as_ref()?;
    let says = opened.journal.key_kind().says();
    Some(format!(
        "{says} csrdesk record-key --to keychain moves it there later. It was not put there now: {why}"
    ))
}

/// Checks a file that [`export::Request::Journal`] wrote, with nothing but the file.
///
/// # Errors
/// [`ErrorCode::RecordUnreadable`]; what does not hold is part of the answer.
pub fn check_exported_journal(path: &Path) -> Result<verify_journal::Response, Failure> {
    let file = File::open(path).map_err(|error| Failure::because(ErrorCode::RecordUnreadable, error))?;
    let verification = journal::verify_export(&mut io::BufReader::new(file), None).map_err(refused)?;
    Ok(told(verification))
}

fn told(verification: Verification) -> verify_journal::Response {
    verify_journal::Response {
        holds: verification.holds(),
        says: verification.says(),
        verification: Some(verification),
    }
}

/// What the record's refusal means for a caller.
pub(super) fn refused(error: JournalError) -> Failure {
    let code = match error {
        JournalError::KeyUnreachable(_) => ErrorCode::RecordKeyUnreachable,
        JournalError::NoEntry(_) => ErrorCode::NoSuchEntry,
        JournalError::OutOfOrder { .. } => ErrorCode::NotUnknown,
        JournalError::ReasonMissing => ErrorCode::ReasonMissing,
        _ => ErrorCode::RecordUnreadable,
    };
    Failure::because(code, error)
}

/// Writes a file so that a crash leaves the old one or the new one, readable by its owner alone.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_added_extension("new");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = (|| {
        let mut out = BufWriter::new(options.open(&fresh)?);
        write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&fresh, path)
    })();
    if written.is_err() {
        // Half a file helps nobody; the failure that is told is the one that matters.
        let _ = fs::remove_file(fresh);
    }
    written
}
