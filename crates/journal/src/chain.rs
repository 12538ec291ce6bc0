//! Writing events: the one place that appends to the chain.
//!
//! Owns the order of things: lock, read the last event, hash, sign, insert, keep the listing in step, commit, write the
//! head. Refuses to own what an event means. A transaction that holds the write lock from its start makes one chain of
//! what many processes append.

use std::cell::{Cell, RefCell};

use domain::{EventKind, Origin, Timestamp};
use rusqlite::{
    Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params, params_from_iter,
};
use serde::Serialize;

use crate::bodies::KeyBody;
use crate::canonical::{self, Bound, Content, Format, Hash, Link, Signature, unhex};
use crate::head::{self, HeadText, Lines};
use crate::in_place::{self, FilesInPlace};
use crate::key::HeadKey;
use crate::{JournalError, listing, schema};

/// An event as it stands in the file, whatever stands there.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) seq: i64,
    pub(crate) kind: Vec<u8>,
    pub(crate) entry: i64,
    pub(crate) at: i64,
    pub(crate) body: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// Empty in version 2.
    pub(crate) origin: Vec<u8>,
    /// Empty in version 2.
    pub(crate) author: Vec<u8>,
}

impl Raw {
    /// A question for events that [`Raw::of`] reads, with what follows the name of the table. A file of version 2 that was
    /// opened without its key lacks the later columns.
    pub(crate) fn select(connection: &Connection, which: &str) -> Result<String, JournalError> {
        let later = if schema::has_origin(connection)? { "origin, author" } else { "'', ''" };
        Ok(format!("SELECT seq, kind, entry, at, body, hash, signature, {later} FROM event {which}"))
    }

    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        // As bytes: a damaged text may not be UTF-8, and must be readable all the same.
        let bytes = |index: usize| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_bytes()?.to_vec());
        Ok(Self {
            seq: row.get(0)?,
            kind: bytes(1)?,
            entry: row.get(2)?,
            at: row.get(3)?,
            body: bytes(4)?,
            hash: bytes(5)?,
            signature: bytes(6)?,
            origin: bytes(7)?,
            author: bytes(8)?,
        })
    }

    pub(crate) fn content(&self) -> Content<'_> {
        Content {
            seq: self.seq,
            kind: &self.kind,
            entry: self.entry,
            at: self.at,
            body: &self.body,
            origin: &self.origin,
            author: &self.author,
        }
    }

    /// The version that it claims: an event of version 3 has an origin. A check does not rely on that, see [`crate::walk`].
    pub(crate) fn format(&self) -> Format {
        if self.origin.is_empty() { Format::Two } else { Format::Three }
    }

    /// The link to the next event; none when its hash or signature has not the right length.
    pub(crate) fn link(&self) -> Option<Link> {
        let hash = Hash::try_from(self.hash.as_slice()).ok()?;
        let signature = Signature::try_from(self.signature.as_slice()).ok()?;
        Some(Link { seq: self.seq, hash, signature })
    }

    pub(crate) fn kind(&self) -> Option<EventKind> {
        EventKind::parse(std::str::from_utf8(&self.kind).ok()?)
    }
}

/// The last event in the file.
pub(crate) fn last(connection: &Connection) -> Result<Option<Raw>, JournalError> {
    let sql = Raw::select(connection, "ORDER BY seq DESC LIMIT 1")?;
    Ok(connection.prepare_cached(&sql)?.query_row([], Raw::of).optional()?)
}

/// The event of a number.
pub(crate) fn at(connection: &Connection, seq: i64) -> Result<Option<Raw>, JournalError> {
    let sql = Raw::select(connection, "WHERE seq = ?1")?;
    Ok(connection.prepare_cached(&sql)?.query_row([seq], Raw::of).optional()?)
}

/// The stored hash of an event; none when there is no such event, or no hash.
pub(crate) fn hash_of(connection: &Connection, seq: i64) -> Result<Option<Hash>, JournalError> {
    one_hash(connection, "SELECT hash FROM event WHERE seq = ?1", &[seq])
}

fn one_hash(connection: &Connection, sql: &str, values: &[i64]) -> Result<Option<Hash>, JournalError> {
    let mut statement = connection.prepare_cached(sql)?;
    let hash = statement.query_row(params_from_iter(values), |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()));
    Ok(hash.optional()?.and_then(|it| it.try_into().ok()))
}

/// What an event of version 3 at a place is bound to. A hash that was tampered with is built on as zeros: the check names
/// that event, not what follows.
pub(crate) fn bound(connection: &Connection, seq: i64, entry: i64) -> Result<Bound, JournalError> {
    let journal = if seq > 1 { hash_of(connection, 1)? } else { None };
    let of_entry = one_hash(
        connection,
        "SELECT hash FROM event WHERE entry = ?1 AND entry > 0 AND seq < ?2 ORDER BY seq DESC LIMIT 1",
        &[entry, seq],
    )?;
    Ok(Bound { journal: journal.unwrap_or_default(), of_entry: of_entry.unwrap_or_default() })
}

/// The public keys that the record names, the one that signs the next event last.
pub(crate) fn keys(connection: &Connection) -> Result<Vec<[u8; 32]>, JournalError> {
    let mut statement = connection
        .prepare_cached("SELECT body FROM event WHERE kind IN ('opened', 'key_changed') ORDER BY seq")?;
    let rows = statement.query_map([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()))?;
    let mut keys = Vec::new();
    for body in rows {
        let named = serde_json::from_slice::<KeyBody>(&body?).ok();
        keys.extend(named.and_then(|it| unhex::<32>(&it.public_key)));
    }
    Ok(keys)
}

/// Where the record says that its key is kept: the text of a [`crate::KeyKind`]; none when it names no key.
pub(crate) fn place(connection: &Connection) -> Result<Option<String>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM event WHERE kind IN ('opened', 'key_changed') ORDER BY seq DESC LIMIT 1",
    )?;
    let body = statement.query_row([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec())).optional()?;
    Ok(body.and_then(|body| serde_json::from_slice::<KeyBody>(&body).ok()).map(|it| it.key))
}

/// How long a commit waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durable {
    /// Until the disk has it.
    Now,
    /// Until the system has it: it survives the end of this program, and the next commit of kind [`Durable::Now`],
    /// by whichever process, takes it along to the disk.
    WithTheNext,
    /// Until the disk has it, and the journal's file with it: for the last commit of a program. Copying the log waits for
    /// it in any case, so the commit need not.
    WithTheCopy,
}

/// The connection that writes, and the key that signs.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    /// None while nobody asked for it: what needs no signature can be written.
    pub(crate) key: Option<Box<dyn HeadKey>>,
    pub(crate) folder: std::path::PathBuf,
    /// Both lines of the head file are out of date, and writing them has not succeeded yet.
    both_heads: bool,
    pub(crate) files: FilesInPlace,
    /// Who causes what is appended.
    pub(crate) origin: Origin,
}

impl Writer {
    pub(crate) fn new(
        connection: Connection,
        key: Option<Box<dyn HeadKey>>,
        folder: std::path::PathBuf,
        origin: Origin,
    ) -> Self {
        let files = FilesInPlace::of(&folder);
        Self { connection, key, folder, both_heads: false, files, origin }
    }

    /// Does work that may append, as one transaction.
    pub(crate) fn write<T>(
        &mut self,
        durable: Durable,
        work: impl FnOnce(&Pen<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        // In write-ahead mode NORMAL leaves out the sync of the log at a commit: <https://sqlite.org/wal.html>,
        // section 2.3.
        let mode = if durable == Durable::Now { "FULL" } else { "NORMAL" };
        self.connection.pragma_update(None, "synchronous", mode)?;
        // Immediate: what was looked up before an append cannot change until it is committed.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // With the lock, so SQLite has the log open: what is written into other files than these is in no journal.
        self.files.check(&self.folder)?;
        let pen = Pen {
            transaction: &transaction,
            folder: &self.folder,
            key: self.key.as_deref(),
            origin: &self.origin,
            changed: Cell::new(false),
            head: RefCell::new(None),
            both_heads: Cell::new(false),
            leaves: Cell::new(false),
        };
        let done = work(&pen)?;
        let (changed, head, both_heads) = (pen.changed.get(), pen.head.take(), pen.both_heads.get());
        let leaves = pen.leaves.get();
        if !changed {
            return Ok(done);
        }
        transaction.commit()?;
        self.both_heads |= both_heads;
        if durable == Durable::WithTheCopy {
            let durable = crate::wal::make_durable(&mut self.connection, &self.folder);
            durable.map_err(|error| JournalError::NotDurable(Box::new(error)))?;
        }
        // The head never names what the disk may not have: after a power failure that would look like a removed end.
        if let (Durable::Now | Durable::WithTheCopy, Some(head)) = (durable, head) {
            let named = self.write_head(&head, leaves);
            // A failure leaves an older head, which a check then says. The events are durable, and to report a durable
            // signing as failed would be untrue. Only what has not left yet can stay here.
            if leaves {
                named?;
            }
        }
        Ok(done)
    }

    /// Leaves the record as one file that is complete, see [`crate::wal`]; files that were replaced, as they are.
    pub(crate) fn leave(&mut self) {
        if !self.files.holds(&self.folder) {
            let _ = crate::wal::copy_nothing_at_close(&self.connection);
            return;
        }
        // A failure leaves the log in use, which belongs to the record and is taken up by the next program.
        let _ = crate::wal::empty(&mut self.connection, &self.folder);
    }

    /// Writes the head; with `leaves`, makes sure after it that the head file names this chain, and that the chain's file is
    /// the one in the folder. Whoever puts another file there after that look finds the head ahead of it, and so does every
    /// program that opens it; before it, nothing leaves.
    fn write_head(&mut self, head: &HeadText, leaves: bool) -> Result<(), JournalError> {
        // The write lock again, so that a slower process cannot put its older head over a newer one.
        let lock = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let lines = if self.both_heads { Lines::Both } else { Lines::Next };
        // The head of a file that is not the journal any more would stand against the one that is.
        self.files.check(&self.folder)?;
        let own_key = self.key.as_ref().map(|it| it.public_key());
        if lines == Lines::Both || head::read(&self.folder).is_behind(head.seq, own_key) {
            head::write(&self.folder, head, lines)
                .map_err(|error| JournalError::from_io(&self.folder, error))?;
            self.both_heads = false;
        }
        if leaves {
            // Again, after the head: see above.
            in_place::head_names(&lock, &self.folder, own_key)?;
            self.files.check(&self.folder)?;
        }
        Ok(())
    }
}

/// Appends events within a transaction.
pub(crate) struct Pen<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    folder: &'a std::path::Path,
    key: Option<&'a dyn HeadKey>,
    origin: &'a Origin,
    changed: Cell<bool>,
    /// The head after the last event that was appended.
    head: RefCell<Option<HeadText>>,
    both_heads: Cell<bool>,
    /// A request leaves after this.
    leaves: Cell<bool>,
}

impl Pen<'_> {
    /// The key that signs.
    ///
    /// # Errors
    /// [`JournalError::KeyNotAskedFor`].
    pub(crate) fn key(&self) -> Result<&dyn HeadKey, JournalError> {
        self.key.ok_or(JournalError::KeyNotAskedFor)
    }

    /// Appends one event; `entry` is 0 when it belongs to no signing. Gives its number.
    pub(crate) fn append(
        &self,
        kind: EventKind,
        entry: i64,
        at: Timestamp,
        body: &impl Serialize,
    ) -> Result<i64, JournalError> {
        self.append_with_token(kind, entry, at, body, None)
    }

    /// The same for an act that used a token, with the token's fingerprint.
    pub(crate) fn append_with_token(
        &self,
        kind: EventKind,
        entry: i64,
        at: Timestamp,
        body: &impl Serialize,
        token: Option<&str>,
    ) -> Result<i64, JournalError> {
        let key = self.key()?;
        self.check_key(key)?;
        let origin = Origin { token: token.map(str::to_owned), ..self.origin.clone() };
        self.put(key, (kind, entry, at), body, &origin)
    }

    /// Names the key of the pen as the one that signs from here on: confirmed by the former one when it is at hand,
    /// otherwise signed by itself.
    pub(crate) fn change_key(&self, former: Option<&dyn HeadKey>, at: Timestamp) -> Result<(), JournalError> {
        let key = self.key()?;
        let signer = former.unwrap_or(key);
        self.put(signer, (EventKind::KeyChanged, 0, at), &KeyBody::of(key), self.origin).map(|_| ())
    }

    fn put(
        &self,
        signer: &dyn HeadKey,
        (kind, entry, at): (EventKind, i64, Timestamp),
        body: &impl Serialize,
        origin: &Origin,
    ) -> Result<i64, JournalError> {
        let body = canonical::json(body)?;
        // A last event whose hash was tampered with is built on as it stands: the check names it, not what follows.
        let (previous, former) = match last(self.transaction)? {
            None => (Link::START, None),
            Some(raw) => {
                let tampered = Link { seq: raw.seq, hash: [0; 32], signature: [0; 64] };
                (raw.link().unwrap_or(tampered), Some(raw.format()))
            }
        };
        let seq = previous.seq.checked_add(1).ok_or(JournalError::Full)?;
        // Version 2 goes on until the event that ends it.
        let format = match (kind, former) {
            (EventKind::FormatChanged, _) | (_, None) => Format::Three,
            (_, Some(former)) => former,
        };
        let bound = match format {
            Format::Two => None,
            Format::Three => Some(bound(self.transaction, seq, entry)?),
        };
        let origin = if format == Format::Two { String::new() } else { canonical::json(origin)? };
        let (kind, at, author) = (kind.as_str(), at.millis(), "");
        let content = Content {
            seq,
            kind: kind.as_bytes(),
            entry,
            at,
            body: body.as_bytes(),
            origin: origin.as_bytes(),
            author: author.as_bytes(),
        };
        let hash = content.hash(&previous, bound.as_ref());
        let signature = signer.sign(&Link::signed_bytes(format, seq, &hash))?;
        self.transaction
            .prepare_cached(
                "INSERT INTO event (seq, kind, entry, at, body, hash, signature, origin, author)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![seq, kind, entry, at, body, hash, signature, origin, author])?;
        self.changed.set(true);
        self.head.replace(Some(HeadText::new(&Link { seq, hash, signature }, at)));
        if entry > 0 {
            listing::update(self.transaction, entry)?;
        }
        Ok(seq)
    }

    /// Makes sure that the chain is the one that the head file tells of.
    ///
    /// # Errors
    /// [`JournalError::Replaced`].
    pub(crate) fn head_fits(&self) -> Result<(), JournalError> {
        in_place::head_fits(self.transaction, self.folder, self.key.map(|it| it.public_key()))
    }

    /// A request leaves once this is durable: the head file has to name what is appended before.
    pub(crate) fn leaves_after(&self) {
        self.leaves.set(true);
    }

    /// Both lines of the head file are to be written: what stands there is out of date whatever its number.
    pub(crate) fn write_both_heads(&self) {
        self.both_heads.set(true);
    }

    /// Something other than an event was written, and is to be committed.
    pub(crate) fn note_change(&self) {
        self.changed.set(true);
    }

    /// Another process may have changed the key: what this one signed from here on would not hold.
    fn check_key(&self, key: &dyn HeadKey) -> Result<(), JournalError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT body FROM event WHERE kind IN ('opened', 'key_changed') ORDER BY seq DESC LIMIT 1",
        )?;
        let body = statement.query_row([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec())).optional()?;
        let named = body.and_then(|body| serde_json::from_slice::<KeyBody>(&body).ok());
        // A beginning that cannot be read is for the check to name; it must not stop the work.
        match named.and_then(|it| unhex::<32>(&it.public_key)) {
            Some(public) if public != key.public_key() => Err(JournalError::KeyChanged),
            _ => Ok(()),
        }
    }
}
