//! Opening: what is there is looked at, made, taken over from an older format, or set aside.
//!
//! Owns the order of a start; its cheap checks are in [`crate::looked`]. Refuses to own the thorough one (see
//! [`crate::verify`]): a start must not take longer the more there is. Whatever does not fit is told in the record itself, because the next head written would
//! otherwise wipe out the evidence. Without the key, opening for reading appends nothing and writes no head: opening for
//! recording finds the same again, before anything else is appended. A key in the folder is always read, so with it opening
//! for reading appends what it found, as opening for recording does.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::{Bad, EventKind, Origin, Timestamp};
use rusqlite::Connection;

use crate::bodies::{KeyBody, OpenedBody, SetAsideBody};
use crate::canonical;
use crate::chain::{self, Durable, Pen, Writer};
use crate::head::{self, HeadFile, HeadText};
use crate::keep::{self, KEY_ID_FILE_NAME, Kept, KeyKeeper};
use crate::key::{self, HeadKey, KeyKind};
use crate::looked::Looked;
use crate::schema::{self, Kind};
use crate::{
    Caller, FILE_NAME, Journal, JournalError, Place, aside, folder, listing, migrate, read_only, wal, words,
};

/// How long to wait for another process that is writing.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An opened record, and what opening it found.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The record.
    pub journal: Journal,
    /// Where a damaged record is now, when this start set one aside. It is never deleted.
    pub set_aside: Option<PathBuf>,
    /// What does not hold at the end of the record. It can be read and continued all the same.
    pub found: Option<Bad>,
    /// What was altered in the tables of the lists, which were then made from the events again.
    pub lists_altered: Option<String>,
    /// Why the key that this start made is not in the keychain, when one was to be used.
    pub not_in_keychain: Option<String>,
}

/// What a start needs.
pub(crate) struct Opening<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) at: Timestamp,
    pub(crate) wait: Duration,
    /// The keychain that may keep the key.
    pub(crate) keeper: Option<&'a dyn KeyKeeper>,
    /// Whether something is to be recorded. For reading, the keychain is asked only where a record has to be taken over
    /// or set aside, because that takes a signature.
    pub(crate) to_record: bool,
    /// Who opens it, and causes what is recorded from then on.
    pub(crate) origin: Origin,
}

/// What was made ready to be written to.
struct Prepared {
    writer: Writer,
    set_aside: Option<PathBuf>,
    not_in_keychain: Option<String>,
    found: Option<Bad>,
}

impl From<Writer> for Prepared {
    fn from(writer: Writer) -> Self {
        Self { writer, set_aside: None, not_in_keychain: None, found: None }
    }
}

impl<'a> Opening<'a> {
    pub(crate) fn new(folder: &'a Path, by: impl Into<Caller>, wait: Duration) -> Self {
        let Caller { at, origin } = by.into();
        Self { folder, at, wait, keeper: None, to_record: true, origin }
    }

    /// Opens with a key that a host keeps, or with the key file.
    pub(crate) fn open(&self, key: Option<Box<dyn HeadKey>>) -> Result<Opened, JournalError> {
        folder::may_be_opened(self.folder)?;
        if !self.to_record && self.is_new() {
            let journal = Journal::not_begun(self.folder, self.wait)?;
            return Ok(Opened {
                journal,
                set_aside: None,
                found: None,
                not_in_keychain: None,
                lists_altered: None,
            });
        }
        match self.try_open(key).map_err(|error| self.with_reason(error)) {
            Err(error @ JournalError::ReadOnly) => read_only::open(self.folder, error),
            Err(error @ JournalError::Altered(_)) if !self.to_record => read_only::open(self.folder, error),
            opened => opened,
        }
    }

    fn try_open(&self, key: Option<Box<dyn HeadKey>>) -> Result<Opened, JournalError> {
        folder::make_private(self.folder)
            .map_err(|error| JournalError::Folder { folder: self.folder.to_owned(), error })?;
        if self.to_record {
            folder::is_ours(self.folder)?;
            folder::make_files_private(self.folder)
                .map_err(|error| JournalError::from_io(self.folder, error))?;
        }
        let ready = match self.ready() {
            Err(error) if !matches!(error, JournalError::Corrupted(_)) => return Err(error),
            ready => ready.ok().flatten(),
        };
        let prepared = match (ready, key) {
            (Some(connection), Some(key)) => Some(self.writer(connection, Some(key))),
            (Some(connection), None) if !self.to_record => Some(self.reading(connection)?),
            (Some(connection), None) => {
                let key = self.key_of(&connection, Kept::find(self.folder, self.keeper)?)?;
                key.map(|key| self.writer(connection, Some(key)))
            }
            (None, key) => return self.opened(self.prepare(key)?),
        };
        let prepared = match prepared {
            Some(writer) => Prepared::from(writer),
            None => self.prepare(None)?,
        };
        self.opened(prepared)
    }

    fn opened(&self, prepared: Prepared) -> Result<Opened, JournalError> {
        let Prepared { mut writer, set_aside, not_in_keychain, found } = prepared;
        let lists_altered = schema::altered(&writer.connection)?.lists;
        let found = found.or(self.settle(&mut writer)?);
        let journal = Journal::over(writer, Place::Writable, self.wait);
        Ok(Opened { journal, set_aside, found, not_in_keychain, lists_altered })
    }

    /// For reading: with the key where the folder has it, else without one.
    fn reading(&self, connection: Connection) -> Result<Writer, JournalError> {
        let key = match Kept::find_without_asking(self.folder).map(|kept| self.key_of(&connection, kept)) {
            // A record without events can be read. Opening for recording reports the reason.
            None | Some(Err(JournalError::KeyUnreachable(_))) => None,
            Some(key) => key?,
        };
        Ok(self.writer(connection, key))
    }

    /// The key to go on with in a record; none when there is none and it may get one.
    fn key_of(&self, connection: &Connection, kept: Kept) -> Result<Option<Box<dyn HeadKey>>, JournalError> {
        match kept {
            Kept::Here(key) => keep::fitting(self.folder, connection, key).map(Some),
            Kept::Unreachable(why) => keep::standing_in(connection, why).map(Some),
            Kept::Nowhere if chain::place(connection)?.as_deref() == Some(KeyKind::Keychain.as_str()) => {
                let why = format!("The file {KEY_ID_FILE_NAME}, which names the key there, is missing.");
                keep::standing_in(connection, why).map(Some)
            }
            Kept::Nowhere => Ok(None),
        }
    }

    /// A connection to a record that needs no preparation; none when it does.
    fn ready(&self) -> Result<Option<Connection>, JournalError> {
        let connection = self.connect()?;
        let kind = schema::kind(&connection)?;
        // SQLite opens what it may not write for reading, and says so at the first write.
        if connection.is_readonly(rusqlite::MAIN_DB)? {
            return Err(JournalError::ReadOnly);
        }
        if !matches!(kind, Kind::Ours(schema::OLDEST_CHAIN..)) {
            return Ok(None);
        }
        schema::set_durable(&connection)?;
        if !schema::present(&connection)?.events {
            return Err(JournalError::Corrupted("its table of events is missing".to_owned()));
        }
        if let Some(what) = schema::altered(&connection)?.events {
            return Err(JournalError::Altered(what));
        }
        // The end is where everything that follows is written: if it cannot be read, nothing can be recorded.
        chain::last(&connection)?;
        wal::make_name_durable(self.folder);
        Ok(Some(connection))
    }

    /// Makes, takes over or sets aside, with no other process doing the same.
    fn prepare(&self, key: Option<Box<dyn HeadKey>>) -> Result<Prepared, JournalError> {
        let lock = folder::lock(self.folder)?;
        let mut aside = None;
        let mut opened = self.ready();
        if let Err(JournalError::Corrupted(_)) = opened {
            if key.is_none()
                && let Kept::Unreachable(why) = Kept::find(self.folder, self.keeper)?
            {
                // No record could follow the damaged one, which then would be gone without a word.
                return Err(JournalError::KeyUnreachable(why));
            }
            aside = Some(aside::rename(self.folder, self.at)?);
            opened = self.ready();
        }
        let opened = match opened? {
            // Another process has made it, or taken it over.
            Some(connection) if !self.to_record && aside.is_none() => {
                return Ok(Prepared::from(self.reading(connection)?));
            }
            opened => opened,
        };
        let mut not_in_keychain = None;
        let key = match key {
            Some(key) => key,
            None => {
                let (key, why) = self.find_or_make_key(opened.as_ref())?;
                not_in_keychain = why;
                key
            }
        };
        let (writer, found) = match opened {
            Some(connection) => (self.writer(connection, Some(key)), None),
            None => self.fill(key, aside.as_ref())?,
        };
        drop(lock);
        Ok(Prepared { writer, set_aside: aside.map(|(path, _)| path), not_in_keychain, found })
    }

    /// Whether there is no record yet. A head without a record is what is left of one.
    fn is_new(&self) -> bool {
        let nothing = match std::fs::metadata(self.folder.join(FILE_NAME)) {
            Ok(file) => file.is_file() && file.len() == 0,
            Err(error) => error.kind() == ErrorKind::NotFound,
        };
        nothing && head::read(self.folder) == HeadFile::Missing
    }

    /// The key of a record, or of a new one: looked for again, because another process may have made it while this one
    /// waited for the lock. With a new one, why it is not in the keychain.
    fn find_or_make_key(
        &self,
        record: Option<&Connection>,
    ) -> Result<(Box<dyn HeadKey>, Option<String>), JournalError> {
        let kept = Kept::find(self.folder, self.keeper)?;
        let Some(connection) = record else {
            return match kept {
                Kept::Here(key) => Ok((Box::new(key), None)),
                Kept::Unreachable(why) => Err(JournalError::KeyUnreachable(why)),
                Kept::Nowhere => {
                    let (key, why) = keep::make(self.folder, self.keeper)?;
                    Ok((Box::new(key), why))
                }
            };
        };
        if let Some(key) = self.key_of(connection, kept)? {
            return Ok((key, None));
        }
        // A record whose key file is lost goes on with another file, and tells so; one without events is new.
        let keeper = if chain::place(connection)?.is_none() { self.keeper } else { None };
        let (key, why) = keep::make(self.folder, keeper)?;
        Ok((Box::new(key), why))
    }

    /// Makes the tables in an empty file, or takes over an older format. Gives also what is missing, when a head is left of a
    /// file that is gone.
    fn fill(
        &self,
        key: Box<dyn HeadKey>,
        aside: Option<&(PathBuf, Option<HeadText>)>,
    ) -> Result<(Writer, Option<Bad>), JournalError> {
        let connection = self.connect()?;
        let kind = schema::kind(&connection)?;
        // SQLite opens what it may not write for reading, and says so at the first write.
        if connection.is_readonly(rusqlite::MAIN_DB)? {
            return Err(JournalError::ReadOnly);
        }
        schema::set_durable(&connection)?;
        // Reading makes the log. Another program sees content in it as soon as this one commits, and then relies on the
        // names: see `wal::make_name_durable`.
        schema::kind(&connection)?;
        wal::make_name_durable(self.folder);
        let mut writer = self.writer(connection, Some(key));
        // What is left of a file that was deleted: the new head would take its place.
        let left = head::read(self.folder);
        let own_key = writer.key.as_ref().map(|it| it.public_key());
        let name = |path: &PathBuf| path.file_name().map(|it| it.to_string_lossy().into_owned());
        let after = aside
            .map(|(path, head)| SetAsideBody { file: name(path).unwrap_or_default(), head: head.clone() });
        let found = writer.write(Durable::Now, |pen| {
            if kind == Kind::Ours(1) {
                migrate::rename_old_tables(pen.transaction)?;
            }
            schema::make_events(pen.transaction)?;
            schema::make_listing(pen.transaction)?;
            self.append_opened(pen, after)?;
            let looked = Looked::at(pen.transaction, own_key, &left)?;
            let found = looked.gap_as_bad();
            if let Some(gap) = looked.gap {
                pen.append(EventKind::Gap, 0, self.at, &gap)?;
            }
            pen.write_both_heads();
            if kind == Kind::Ours(1) {
                migrate::take_over(pen, self.at)?;
            }
            Ok(found)
        })?;
        // A file of an older version may have had a log with content, and other names may be new: SQLite makes none durable.
        wal::sync_names(self.folder);
        Ok((writer, found))
    }

    fn append_opened(&self, pen: &Pen<'_>, after: Option<SetAsideBody>) -> Result<(), JournalError> {
        // As random as a key; half of it is enough to tell two journals apart.
        let nonce = canonical::hex(&key::SeedKey::new_seed()?[..16]);
        let body = OpenedBody { format: schema::VERSION, key: KeyBody::of(pen.key()?), nonce, after };
        pen.append(EventKind::Opened, 0, self.at, &body).map(|_| ())
    }

    /// The cheap checks, and the events that tell what they found.
    fn settle(&self, writer: &mut Writer) -> Result<Option<Bad>, JournalError> {
        // The head before the record: another process may append in between, which makes the head older, never newer.
        let head = head::read(self.folder);
        let own_key = writer.key.as_ref().map(|it| it.public_key());
        let looked = Looked::at(&writer.connection, own_key, &head)?;
        let unreachable = writer.key.as_ref().and_then(|it| it.unreachable());
        if let Some(why) = unreachable.filter(|_| looked.empty) {
            return Err(JournalError::KeyUnreachable(why.to_owned()));
        }
        if let Some(key) = writer.key.as_deref().filter(|_| unreachable.is_none()) {
            if looked.needs_writing() {
                let former = self.former_key(&writer.connection, key)?;
                self.append_findings(writer, own_key, former.as_ref())?;
            }
        } else if !looked.listing {
            // Nothing can be appended. The lists are not a part of the chain, and reading needs them.
            writer.write(Durable::Now, |pen| {
                pen.note_change();
                listing::rebuild(pen.transaction).map(|_| ())
            })?;
        }
        let gap = looked.gap_as_bad();
        Ok(looked.bad.or(gap))
    }

    /// Appends what was found, and makes missing lists.
    fn append_findings(
        &self,
        writer: &mut Writer,
        own_key: Option<[u8; 32]>,
        former: Option<&key::SeedKey>,
    ) -> Result<(), JournalError> {
        writer.write(Durable::Now, |pen| {
            // Checked again under the lock: another process may have appended it already.
            let head = head::read(self.folder);
            let looked = Looked::at(pen.transaction, own_key, &head)?;
            if looked.version_2 {
                schema::add_origin(pen.transaction)?;
                pen.note_change();
            }
            if !looked.listing {
                listing::rebuild(pen.transaction)?;
                pen.note_change();
            } else if !looked.words {
                words::begin(pen.transaction)?;
                pen.note_change();
            }
            if !looked.event_indexes {
                schema::make_event_indexes(pen.transaction)?;
                pen.note_change();
            }
            if looked.empty {
                self.append_opened(pen, None)?;
            } else if looked.other_key {
                // Of the version so far: what comes after it is signed with this key.
                pen.change_key(former.map(|it| it as &dyn HeadKey), self.at)?;
            }
            if looked.version_2 {
                migrate::go_on_in_version_3(pen, self.at)?;
            }
            if let Some(gap) = looked.gap {
                pen.append(EventKind::Gap, 0, self.at, &gap)?;
                pen.write_both_heads();
            }
            Ok(())
        })
    }

    /// The key file's key, if it is the one that signed so far and another one is to follow: it can confirm that.
    fn former_key(
        &self,
        connection: &Connection,
        key: &dyn HeadKey,
    ) -> Result<Option<key::SeedKey>, JournalError> {
        if key.kind() == KeyKind::File {
            return Ok(None);
        }
        let current = chain::keys(connection)?.last().copied();
        // A key file that cannot be read is as good as none.
        let file = key::read_file(self.folder).ok().flatten();
        Ok(file.filter(|it| Some(it.public_key()) == current))
    }

    fn connect(&self) -> Result<Connection, JournalError> {
        let file = self.folder.join(FILE_NAME);
        // Whatever was moved away or deleted before: SQLite would make the file by the umask, and its log and index alike. Where
        // none can be made, SQLite gives the reason.
        let _ = folder::begin_private(&file);
        let connection = Connection::open(file)?;
        connection.busy_timeout(self.wait)?;
        Ok(connection)
    }

    /// "Unable to open" has no reason in SQLite; the system has one.
    fn with_reason(&self, error: JournalError) -> JournalError {
        let unable = rusqlite::ErrorCode::CannotOpen;
        match &error {
            JournalError::CutShort => JournalError::Replaced,
            JournalError::Database(sqlite) if sqlite.sqlite_error_code() == Some(unable) => {
                // The file, and a log beside it, which SQLite could not make either.
                let mut options = OpenOptions::new();
                let tried = options.append(true).open(self.folder.join(FILE_NAME));
                let tried = tried.and_then(|_| folder::begin_private(&wal::path(self.folder)));
                let tried = tried.and_then(|()| options.open(wal::path(self.folder)));
                tried.err().map_or(error, |reason| JournalError::from_io(self.folder, reason))
            }
            _ => error,
        }
    }

    fn writer(&self, connection: Connection, key: Option<Box<dyn HeadKey>>) -> Writer {
        Writer::new(connection, key, self.folder.to_owned(), self.origin.clone())
    }
}
