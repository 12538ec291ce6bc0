//! The record of every signing: the intent is durable before a request leaves, the ending follows.
//!
//! Owns one SQLite file in the data folder, shared by all hosts, append-only by triggers. Refuses to own what a
//! signing means, the clock, and the decision to send: a caller that gets no [`Begun::New`] must not send
//! (invariant 2). An intent without an ending reads as `unknown`, whatever happened to the process (invariant 4).

mod error;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::{CsrId, Ending, Entry, ErrorCode, Outcome, SignRequest, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

pub use error::JournalError;

/// The file's name in the data folder.
pub const FILE_NAME: &str = "journal.sqlite3";

/// How long to wait for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An open record.
#[derive(Debug)]
pub struct Journal {
    connection: Mutex<Connection>,
    path: PathBuf,
}

/// A decision to sign, before anything is sent.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// The caller's id of the decision; the same id is the same decision.
    pub id: &'a str,
    /// When it was made.
    pub at: Timestamp,
    /// The server's address.
    pub server: &'a str,
    /// What is asked.
    pub request: &'a SignRequest,
}

/// What became of recording an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The decision is on record already: nothing may be sent for it again.
    Known(Box<Entry>),
    /// It is durable under this number; the request may leave.
    New(u64),
}

impl Journal {
    /// Opens the record in a data folder, making both when they are not there. On Unix the folder is the user's alone.
    ///
    /// # Errors
    /// The folder or file cannot be used, is not ours, or comes from a newer version.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        make_private_folder(folder)
            .map_err(|error| JournalError::Folder { folder: folder.to_owned(), error })?;
        let path = folder.join(FILE_NAME);
        let mut connection = Connection::open(&path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        schema::prepare(&mut connection)?;
        Ok(Self { connection: Mutex::new(connection), path })
    }

    /// Where the record is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes an intent durable. When this returns [`Begun::New`], it is on the disk.
    ///
    /// # Errors
    /// It could not be made durable: nothing may be sent.
    pub fn begin(&self, intent: &Intent<'_>) -> Result<Begun, JournalError> {
        let request = serde_json::to_string(intent.request).map_err(JournalError::Unwritable)?;
        let mut connection = self.lock();
        // Immediate: two processes with the same intent cannot both find it absent.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = transaction
            .query_row(&format!("{SELECT} WHERE intent_id = ?1"), [intent.id], Raw::of)
            .optional()?;
        if let Some(raw) = known {
            return Ok(Begun::Known(Box::new(raw.entry()?)));
        }
        transaction.execute(
            "INSERT INTO intent (intent_id, at, server, csr_id, request) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![intent.id, intent.at.millis(), intent.server, intent.request.csr_id.to_string(), request],
        )?;
        let entry = transaction.last_insert_rowid();
        transaction.commit()?;
        u64::try_from(entry).map(Begun::New).map_err(|_| JournalError::Damaged(0))
    }

    /// Adds the ending of an intent. It can be written once.
    ///
    /// # Errors
    /// It could not be made durable; the record goes on to show the signing as `unknown`.
    pub fn finish(&self, entry: u64, at: Timestamp, ending: &Ending) -> Result<(), JournalError> {
        let body = serde_json::to_string(ending).map_err(JournalError::Unwritable)?;
        let number = i64::try_from(entry).map_err(|_| JournalError::Damaged(entry))?;
        self.lock().execute(
            "INSERT INTO ending (entry, at, outcome, body) VALUES (?1, ?2, ?3, ?4)",
            params![number, at.millis(), ending.outcome.as_str(), body],
        )?;
        Ok(())
    }

    /// Entries, newest first: those older than `before` if it is given, at most `limit`.
    ///
    /// # Errors
    /// The record cannot be read, or an entry in it is damaged.
    pub fn page(&self, before: Option<u64>, limit: u32) -> Result<Vec<Entry>, JournalError> {
        let before = before.and_then(|it| i64::try_from(it).ok()).unwrap_or(i64::MAX);
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!(
            "{SELECT} WHERE intent.entry < ?1 ORDER BY intent.entry DESC LIMIT ?2"
        ))?;
        let rows = statement.query_map(params![before, limit], Raw::of)?;
        rows.map(|raw| raw?.entry()).collect()
    }

    /// The entries of a CSR id on a server after which a certificate exists or may exist, oldest first.
    ///
    /// # Errors
    /// The record cannot be read.
    pub fn earlier(&self, server: &str, csr_id: CsrId) -> Result<Vec<u64>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT intent.entry FROM intent LEFT JOIN ending USING (entry)
             WHERE server = ?1 AND csr_id = ?2 AND coalesce(outcome, 'unknown') IN (?3, ?4) ORDER BY intent.entry",
        )?;
        let signed = Outcome::Signed.as_str();
        let unknown = Outcome::Unknown.as_str();
        let rows = statement
            .query_map(params![server, csr_id.to_string(), signed, unknown], |row| row.get::<_, i64>(0))?;
        rows.map(|number| Ok(u64::try_from(number?).unwrap_or(0))).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Connection> {
        // A panic between two statements leaves SQLite's own state sound: an open transaction rolls back on drop.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SELECT: &str = "SELECT intent.entry, intent_id, intent.at, server, request, ending.at, body
     FROM intent LEFT JOIN ending USING (entry)";

/// A row before its texts are read.
struct Raw {
    number: i64,
    intent: String,
    at: i64,
    server: String,
    request: String,
    answered_at: Option<i64>,
    ending: Option<String>,
}

impl Raw {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            intent: row.get(1)?,
            at: row.get(2)?,
            server: row.get(3)?,
            request: row.get(4)?,
            answered_at: row.get(5)?,
            ending: row.get(6)?,
        })
    }

    fn entry(self) -> Result<Entry, JournalError> {
        let entry = u64::try_from(self.number).unwrap_or(0);
        let damaged = |_| JournalError::Damaged(entry);
        let ending = match &self.ending {
            Some(body) => serde_json::from_str(body).map_err(damaged)?,
            None => Ending::new(ErrorCode::Interrupted),
        };
        Ok(Entry {
            entry,
            intent: self.intent,
            at: Timestamp::from_millis(self.at),
            answered_at: self.answered_at.map(Timestamp::from_millis),
            server: self.server,
            request: serde_json::from_str(&self.request).map_err(damaged)?,
            ending,
        })
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests;
