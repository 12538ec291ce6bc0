//! Copies of the record that can be checked elsewhere: one JSON object per line.
//!
//! Owns that form: a first line that names the format and the key, one line per event, a last line with the signed head,
//! so that a copy that was cut off is noticed. Refuses to interpret events. Writes what is there, damaged or not.

use std::io::{BufRead, Read, Write};

use domain::text::{self, Encoding};
use domain::{Bad, HeadState, Listing, Remark, Verification, Why};
use serde::{Deserialize, Serialize};

use crate::canonical::{Format, hex, unhex};
use crate::chain::{self, Raw};
use crate::head::HeadText;
use crate::signing::shown;
use crate::walk::Walk;
use crate::{Journal, JournalError, schema};

/// The longest line that is read: more than an event may hold, bounded all the same.
const MAX_LINE: u64 = 32 * 1024 * 1024;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    csrdesk_record: i64,
    public_key: String,
}

/// The line of an event.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: i64,
    kind: String,
    entry: i64,
    at: i64,
    /// The body as text, not as JSON, so that its bytes stay what was hashed.
    body: String,
    hash: String,
    signature: String,
    /// Only in version 3.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// Only in version 3.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    author: Option<String>,
}

/// A field that may be left out, and is a text where it is there.
fn text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(Some)
}

/// The last line.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Last {
    events: u64,
    head: Option<HeadText>,
}

impl Journal {
    /// Writes the whole record as JSON Lines. Gives the number of events. Signings may go on meanwhile.
    ///
    /// # Errors
    /// The record cannot be read, or the copy cannot be written.
    pub fn export(&self, to: &mut dyn Write) -> Result<u64, JournalError> {
        let connection = self.new_reader()?;
        let snapshot = connection.unchecked_transaction()?;
        let keys = chain::keys(&snapshot)?;
        let public_key = keys.last().map(|it| hex(it)).unwrap_or_default();
        // That of the last event: a journal of version 2 that cannot be written is exported as it is.
        let format = chain::last(&snapshot)?.map_or(schema::VERSION, |it| it.format().number());
        put(to, &First { csrdesk_record: format, public_key })?;
        let mut statement = snapshot.prepare(&Raw::select(&snapshot, "ORDER BY seq")?)?;
        let mut rows = statement.query([])?;
        let (mut events, mut head) = (0, None);
        while let Some(row) = rows.next()? {
            let raw = Raw::of(row)?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let of_3 = |bytes: &[u8]| (raw.format() == Format::Three).then(|| text(bytes));
            let line = Line {
                seq: raw.seq,
                kind: text(&raw.kind),
                entry: raw.entry,
                at: raw.at,
                body: text(&raw.body),
                hash: hex(&raw.hash),
                signature: hex(&raw.signature),
                origin: of_3(&raw.origin),
                author: of_3(&raw.author),
            };
            put(to, &line)?;
            events += 1;
            head = raw.link().map(|link| HeadText::new(&link, raw.at));
        }
        put(to, &Last { events, head })?;
        to.flush().map_err(JournalError::Copy)?;
        Ok(events)
    }
}

fn put(to: &mut dyn Write, line: &impl Serialize) -> Result<(), JournalError> {
    let mut text = serde_json::to_string(line).map_err(JournalError::Unwritable)?;
    text.push('\n');
    to.write_all(text.as_bytes()).map_err(JournalError::Copy)
}

/// Checks an exported copy, with nothing but the copy. `own_key` is the public key it should be signed with; without it
/// only the copy's own word says whose key that was. Every line has to be what an export writes there: the first and the
/// closing line are compared with the events, and nothing may stand after the closing line.
///
/// # Errors
/// The copy cannot be read, or is not an export of this format. What is wrong inside it is the answer.
pub fn verify_export(
    from: &mut dyn BufRead,
    own_key: Option<&[u8; 32]>,
) -> Result<Verification, JournalError> {
    let mut lines = Lines::new(from)?;
    let first = lines.next()?.and_then(|it| object::<First>(&it));
    let first = first.ok_or(JournalError::NotACopy)?;
    if first.csrdesk_record > schema::VERSION {
        return Err(JournalError::Newer(first.csrdesk_record));
    }
    let mut walk = Walk::new();
    let mut whole = true;
    // What the closing line has to say about the lines before it.
    let mut expected = Last { events: 0, head: None };
    let mut closing = None;
    let mut after_closing = 0;
    while let Some(text) = lines.next()? {
        if closing.is_some() {
            after_closing += 1;
        } else if let Some(raw) = object::<Line>(&text).and_then(Line::raw) {
            expected.events += 1;
            expected.head = raw.link().map(|link| HeadText::new(&link, raw.at));
            whole = whole && walk.step(&raw);
        } else if let Some(line) = object::<Last>(&text) {
            closing = Some(line);
        } else if whole {
            whole = walk.stop(walk.end().seq + 1, 0, Why::Unreadable);
        }
    }
    if whole {
        walk.finish();
    }
    let head = closing.map_or(HeadState::NoClosingLine, |last| end_of(&last, &expected, &mut walk));
    let mut notes = walk.remarks();
    let signer = walk.keys.last();
    match own_key {
        None => notes.push(Remark::KeyNotGiven),
        Some(own) if signer.is_some_and(|it| it != own) => notes.push(Remark::OtherKey),
        Some(_) => {}
    }
    let public_key = signer.map(|it| hex(it)).unwrap_or_default();
    if first.csrdesk_record != walk.format() {
        notes.push(Remark::FormatDiffers { named: first.csrdesk_record });
    }
    if first.public_key != public_key {
        notes.push(Remark::KeyDiffers);
    }
    if after_closing > 0 {
        notes.push(Remark::AfterClosingLine { lines: after_closing });
    }
    Ok(Verification {
        events: expected.events,
        entries: walk.entries,
        first_bad: walk.bad.take(),
        head,
        listing: Listing::NotCompared,
        public_key,
        notes,
    })
}

/// A line with its fields by their names: serde takes a list of the values as well, which no export writes.
fn object<T: serde::de::DeserializeOwned>(line: &[u8]) -> Option<T> {
    line.trim_ascii_start().starts_with(b"{").then(|| serde_json::from_slice(line).ok())?
}

/// Whether the closing line is the one that an export writes after these lines.
fn end_of(closing: &Last, expected: &Last, walk: &mut Walk) -> HeadState {
    let end = walk.end();
    let Some(head) = closing.head.as_ref().filter(|it| it.is_signed(&walk.keys)) else {
        return HeadState::Unreadable;
    };
    if walk.bad.is_none() && closing == expected {
        return HeadState::ClosingLine;
    }
    if walk.bad.is_none() {
        let (seq, why) = if head.seq > end.seq {
            (shown(end.seq) + 1, Why::Truncated)
        } else {
            (shown(head.seq), Why::Rewritten)
        };
        walk.bad = Some(Bad { seq, entry: None, why });
    }
    HeadState::Contradicts
}

impl Line {
    /// The event; none when the line has one of the fields of version 3 and not the other, or has them without an origin:
    /// no export writes that.
    fn raw(self) -> Option<Raw> {
        let (origin, author) = match (self.origin, self.author) {
            (None, None) => Default::default(),
            (Some(origin), Some(author)) if !origin.is_empty() => (origin, author),
            _ => return None,
        };
        // What is no hexadecimal of the right length becomes empty, which no hash is.
        Some(Raw {
            seq: self.seq,
            kind: self.kind.into_bytes(),
            entry: self.entry,
            at: self.at,
            body: self.body.into_bytes(),
            hash: unhex::<32>(&self.hash).map(Vec::from).unwrap_or_default(),
            signature: unhex::<64>(&self.signature).map(Vec::from).unwrap_or_default(),
            origin: origin.into_bytes(),
            author: author.into_bytes(),
        })
    }
}

/// Lines of a bounded length, whatever their bytes. A copy that a shell or an editor wrote again may be in another
/// encoding, with other line ends and with empty lines: nothing of that changes an event.
struct Lines<'a> {
    from: &'a mut dyn BufRead,
    encoding: Encoding,
}

impl<'a> Lines<'a> {
    fn new(from: &'a mut dyn BufRead) -> Result<Self, JournalError> {
        let (encoding, mark) = text::encoding(from.fill_buf().map_err(JournalError::Copy)?);
        from.consume(mark);
        Ok(Self { from, encoding })
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, JournalError> {
        loop {
            let line = self.raw()?;
            if line.is_empty() {
                return Ok(None);
            }
            let line = match self.encoding.unit() {
                1 => line,
                _ => text::decode_as(self.encoding, &line).0.into_bytes(),
            };
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    /// The bytes of one line with its end; none at the end of the copy.
    fn raw(&mut self) -> Result<Vec<u8>, JournalError> {
        let unit = self.encoding.unit();
        let mut line = Vec::new();
        loop {
            let before = line.len();
            let room = MAX_LINE.saturating_sub(before as u64);
            (&mut *self.from).take(room).read_until(b'\n', &mut line).map_err(JournalError::Copy)?;
            // The byte of a line end may be a part of another character, and the first of several.
            let rest = line.len().next_multiple_of(unit) - line.len();
            (&mut *self.from).take(rest as u64).read_to_end(&mut line).map_err(JournalError::Copy)?;
            if line.len() as u64 >= MAX_LINE {
                return Err(JournalError::TooLarge(line.len()));
            }
            let last = line.len().checked_sub(unit).and_then(|at| line.get(at..)).unwrap_or_default();
            if line.len() == before || unit == 1 || text::decode_as(self.encoding, last).0 == "\n" {
                return Ok(line);
            }
        }
    }
}
