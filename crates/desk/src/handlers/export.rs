//! Handing out parts of the history: as a table, as lines of JSON, as evidence, or whole.
//!
//! Owns that an export is recorded, and that memory holds one page of it. Refuses to own the formats: those are `table.rs`,
//! `evidence.rs` and the journal's.

use std::io;
use std::sync::atomic::Ordering;

use domain::{Entry, ErrorCode, HistoryFilter};
use journal::{Journal, JournalError, Plain};

use super::evidence::{Closing, Fetched};
use super::files::Destination;
use super::reconcile::is_the_one;
use super::record::refused;
use super::table::CsvTable;
use super::{Desk, blocking, evidence, table};
use crate::Failure;
use crate::commands::entry;
use crate::commands::export::{self, Lacks};

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many entries or events it holds.
    pub count: u64,
    /// What evidence lacks; none where it has all that it can have.
    pub lacks: Option<Lacks>,
}

/// How many entries are read at a time where all of them are handed out.
const EXPORT_PAGE: u32 = 256;
/// Below the data folder, where exports go.
pub(super) const EXPORT_FOLDER: &str = "exports";

impl Desk {
    /// Writes a part of the record to a file below the data folder, and records that it was handed out.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchEntry`], [`ErrorCode::ExportFailed`] or [`ErrorCode::RecordUnreadable`].
    pub async fn export(&self, request: export::Request) -> Result<export::Response, Failure> {
        let file_name = self.file_name(&request);
        let path = self.shared.data_dir.join(EXPORT_FOLDER).join(&file_name);
        let Exported { count, lacks } = self.export_to(request, path.clone()).await?;
        self.shared.exported.store(true, Ordering::SeqCst);
        Ok(export::Response { path: path.display().to_string(), file_name, count, lacks, download: None })
    }

    /// Writes the entries of a filter as CSV to where a person wants them, the newest `limit` of them if there is one. Gives
    /// how many it wrote. This reads the history, as the other lists of a terminal do: nothing is recorded, and no keychain is asked.
    ///
    /// # Errors
    /// [`ErrorCode::ExportFailed`] or [`ErrorCode::RecordUnreadable`].
    pub async fn list_as_csv(
        &self,
        filter: HistoryFilter,
        limit: Option<u64>,
        to: impl Into<Destination>,
    ) -> Result<u64, Failure> {
        let (desk, to) = (self.clone(), to.into());
        blocking(move || desk.write_csv(&filter, limit, to)).await?
    }

    /// Writes a part of the record to where a person wants it.
    ///
    /// # Errors
    /// As [`Self::export`].
    pub async fn export_to(
        &self,
        request: export::Request,
        to: impl Into<Destination>,
    ) -> Result<Exported, Failure> {
        let to = to.into();
        let fetched = match &request {
            export::Request::Evidence { entry, intent } => {
                // Of an entry that cannot be read there is evidence too.
                if let Ok(now) = self.entry(entry::Request { entry: *entry }).await {
                    is_the_one(&now.entry, intent.as_deref())?;
                }
                self.fetch_for_evidence(*entry).await
            }
            _ => Fetched::default(),
        };
        let (desk, at) = (self.clone(), self.shared.host.now());
        blocking(move || {
            // First, because recording begins a journal where there is none, and asks a keychain for its key.
            if let export::Request::Evidence { entry, .. } = &request
                && desk.journal().and_then(|it| it.events(*entry)).map_err(refused)?.is_empty()
            {
                return Err(Failure::new(ErrorCode::NoSuchEntry));
            }
            // Before the file is written: an export that cannot be recorded is not made.
            let journal = match desk.journal_to_record() {
                Ok(journal) => Some(journal),
                // A backup on a read-only medium can be read and handed out; its owner's journal is elsewhere.
                Err(JournalError::ReadOnly) => None,
                Err(error) => return Err(refused(error)),
            };
            if let export::Request::Evidence { entry, intent } = request {
                // PAM360 had its time to answer.
                if let Ok(Some(now)) = desk.journal().and_then(|it| it.entry(entry)) {
                    is_the_one(&now, intent.as_deref())?;
                }
                return desk.write_evidence(entry, journal.as_deref(), fetched, to);
            }
            let count = desk.write_export(&request, to)?;
            let body = serde_json::json!({ "what": request, "count": count });
            match journal.map(|it| it.record(Plain::Export, at, &body)) {
                None | Some(Ok(_) | Err(JournalError::ReadOnly)) => Ok(Exported { count, lacks: None }),
                Some(Err(error)) => Err(refused(error)),
            }
        })
        .await?
    }

    /// Writes evidence. The event that binds the certificate and the CSR is a part of it, so it is recorded first. Where the
    /// journal cannot be written, there is no such event, and neither is enclosed.
    fn write_evidence(
        &self,
        entry: u64,
        journal: Option<&Journal>,
        mut fetched: Fetched,
        to: Destination,
    ) -> Result<Exported, Failure> {
        let name = to.name();
        let at = self.shared.host.now();
        let record = |journal: &Journal| {
            let token = fetched.token.as_ref().and_then(|it| journal.token_fingerprint(it.expose()));
            journal.record_evidence(entry, at, &Closing::of(&fetched), token.as_deref())
        };
        let last = match journal.map(record) {
            Some(Ok(last)) => Some(last),
            None | Some(Err(JournalError::ReadOnly)) => {
                let left_out = fetched.left_out(ErrorCode::RecordReadOnly);
                let lacks = left_out.or(fetched.lacks);
                fetched = Fetched { lacks, ..Fetched::default() };
                None
            }
            Some(Err(error)) => return Err(refused(error)),
        };
        let proof = self.journal().and_then(|it| it.proof(entry, last)).map_err(refused)?;
        let proof = proof.ok_or_else(|| Failure::new(ErrorCode::NoSuchEntry))?;
        let bundle = evidence::bundle(&proof, &fetched)?;
        to.write(|out| out.write_all(&bundle)).map_err(|error| unwritable(&name, error))?;
        Ok(Exported { count: proof.len() as u64, lacks: fetched.lacks })
    }

    fn write_export(&self, request: &export::Request, to: Destination) -> Result<u64, Failure> {
        let name = to.name();
        let unwritable = |error| unwritable(&name, error);
        match request {
            export::Request::Csv { filter } => self.write_csv(filter, None, to),
            export::Request::JsonLines { filter } => {
                let mut count = 0;
                let written = to.write(|out| {
                    count = self.each(filter, None, &mut |entry| {
                        serde_json::to_writer(&mut *out, &table::row(entry))?;
                        out.write_all(b"\n")
                    })?;
                    Ok(())
                });
                written.map_err(unwritable)?;
                Ok(count)
            }
            // Written by [`Self::write_evidence`], which records more.
            export::Request::Evidence { .. } => Err(Failure::new(ErrorCode::Internal)),
            export::Request::Journal => {
                let journal = self.journal().map_err(refused)?;
                let mut count = 0;
                to.write(|out| {
                    count = journal.export(out).map_err(io::Error::other)?;
                    Ok(())
                })
                .map_err(unwritable)?;
                Ok(count)
            }
        }
    }

    fn write_csv(&self, filter: &HistoryFilter, limit: Option<u64>, to: Destination) -> Result<u64, Failure> {
        let (name, mut count) = (to.name(), 0);
        let written = to.write(|out| {
            let mut rows = CsvTable::begin(out)?;
            count = self.each(filter, limit, &mut |entry| rows.add(entry))?;
            rows.end()
        });
        written.map_err(|error| unwritable(&name, error))?;
        Ok(count)
    }

    /// Hands over the entries of a filter, one at a time and at most `limit`: memory holds one page, however many there are.
    /// Gives how many there were.
    fn each(
        &self,
        filter: &HistoryFilter,
        limit: Option<u64>,
        take: &mut dyn FnMut(&Entry) -> io::Result<()>,
    ) -> io::Result<u64> {
        let journal = self.journal().map_err(io::Error::other)?;
        let filter = self.with_running(&journal, filter.clone()).map_err(io::Error::other)?;
        let (mut count, mut after) = (0, None);
        loop {
            let wanted = limit.map_or(EXPORT_PAGE, |limit| {
                u32::try_from(limit.saturating_sub(count)).unwrap_or(EXPORT_PAGE).min(EXPORT_PAGE)
            });
            if wanted == 0 {
                return Ok(count);
            }
            let page = journal.page(&filter, after, wanted).map_err(io::Error::other)?;
            let entries = self.all_with_progress(&journal, page.entries).map_err(io::Error::other)?;
            entries.iter().try_for_each(&mut *take)?;
            count += entries.len() as u64;
            after = page.last;
            if !page.more {
                return Ok(count);
            }
        }
    }

    fn file_name(&self, request: &export::Request) -> String {
        let moment = self.shared.host.now().rfc3339().replace([':', '.'], "-");
        match request {
            export::Request::Csv { .. } => format!("history-{moment}.csv"),
            export::Request::JsonLines { .. } => format!("history-{moment}.jsonl"),
            export::Request::Evidence { entry, .. } => format!("evidence-{entry}-{moment}.zip"),
            export::Request::Journal => format!("journal-{moment}.jsonl"),
        }
    }
}

/// A file that could not be written, or a history that could not be read while it was.
fn unwritable(name: &str, error: io::Error) -> Failure {
    match error.downcast::<JournalError>() {
        Ok(JournalError::Copy(error)) | Err(error) => {
            Failure::because(ErrorCode::ExportFailed, format!("{name}: {error}"))
        }
        Ok(error) => refused(error),
    }
}
