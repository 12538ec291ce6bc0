//! The cheap checks of every start: the head file against the end of the record, the last event, the lists.
//!
//! Owns what they see. Refuses to write: [`crate::open`] does, once it holds the lock.

use domain::{Bad, Why};
use rusqlite::Connection;

use crate::bodies::{GapBody, GapWhy};
use crate::canonical::{Format, Link};
use crate::chain::{self, Raw};
use crate::head::{HeadFile, HeadText};
use crate::signing::shown;
use crate::{JournalError, listing, schema};

/// What the cheap checks see.
pub(crate) struct Looked {
    pub(crate) empty: bool,
    /// The last event is of version 2, or the file lacks what version 3 adds.
    pub(crate) version_2: bool,
    pub(crate) other_key: bool,
    pub(crate) listing: bool,
    pub(crate) words: bool,
    pub(crate) event_indexes: bool,
    pub(crate) gap: Option<GapBody>,
    /// The first event that a gap says is missing or another one.
    pub(crate) gap_seq: u64,
    pub(crate) bad: Option<Bad>,
}

impl Looked {
    /// Looks with the public key that is to sign; without it, nothing is said about the record's being another one's.
    pub(crate) fn at(
        connection: &Connection,
        own_key: Option<[u8; 32]>,
        file: &HeadFile,
    ) -> Result<Self, JournalError> {
        let last = chain::last(connection)?;
        let mut keys = chain::keys(connection)?;
        let other_key = own_key.is_some_and(|own| keys.last().is_some_and(|it| *it != own));
        keys.extend(own_key);
        let head = file.latest(&keys);
        let present = schema::present(connection)?;
        let (gap, gap_seq) = gap(connection, last.as_ref(), file, head)?;
        Ok(Self {
            empty: last.is_none(),
            version_2: schema::version(connection)? != schema::VERSION
                || last.as_ref().is_some_and(|it| it.format() == Format::Two),
            other_key,
            listing: listing::reaches_the_end(connection)? && schema::altered(connection)?.lists.is_none(),
            words: present.words,
            event_indexes: present.event_indexes,
            gap: gap.map(|why| GapBody { why, head: head.cloned() }),
            gap_seq: shown(gap_seq),
            bad: last.map(|it| last_is_bad(connection, &it, &keys)).transpose()?.flatten(),
        })
    }

    /// What the gap means for the record; none where it proves nothing.
    pub(crate) fn gap_as_bad(&self) -> Option<Bad> {
        let why = gap_is_bad(self.gap.as_ref()?.why)?;
        Some(Bad { seq: self.gap_seq, entry: None, why })
    }

    pub(crate) fn needs_writing(&self) -> bool {
        self.empty
            || self.version_2
            || self.other_key
            || !self.listing
            || !self.words
            || !self.event_indexes
            || self.gap.is_some()
    }
}

/// Whether the head file fits the record.
fn gap(
    connection: &Connection,
    last: Option<&Raw>,
    file: &HeadFile,
    head: Option<&HeadText>,
) -> Result<(Option<GapWhy>, i64), JournalError> {
    let end = last.map_or(0, |it| it.seq);
    let Some(head) = head else {
        // A program that was ended right after it made the record leaves no head, and nothing that could be missing.
        let nothing_yet = end <= 1 && *file == HeadFile::Missing;
        return Ok((if nothing_yet { None } else { Some(GapWhy::HeadMissing) }, end + 1));
    };
    if head.seq > end {
        return Ok((Some(GapWhy::Truncated), end + 1));
    }
    let rewritten = chain::hash_of(connection, head.seq)? != head.hash();
    Ok((rewritten.then_some(GapWhy::Rewritten), head.seq))
}

/// What a recorded gap means for the record.
pub(crate) fn gap_is_bad(why: GapWhy) -> Option<Why> {
    match why {
        GapWhy::HeadMissing => None,
        GapWhy::Truncated => Some(Why::Truncated),
        GapWhy::Rewritten => Some(Why::Rewritten),
    }
}

/// The last event's own hash and signature.
fn last_is_bad(connection: &Connection, last: &Raw, keys: &[[u8; 32]]) -> Result<Option<Bad>, JournalError> {
    let bad = |why| {
        Some(Bad { seq: shown(last.seq), entry: u64::try_from(last.entry).ok().filter(|it| *it > 0), why })
    };
    let previous = match chain::at(connection, last.seq - 1)? {
        Some(raw) => raw.link(),
        None => (last.seq == 1).then_some(Link::START),
    };
    let (Some(previous), Some(link)) = (previous, last.link()) else { return Ok(bad(Why::Changed)) };
    let bound = match last.format() {
        Format::Two => None,
        Format::Three => Some(chain::bound(connection, last.seq, last.entry)?),
    };
    if last.content().hash(&previous, bound.as_ref()) != link.hash {
        return Ok(bad(Why::Changed));
    }
    let signed = keys.iter().rev().any(|it| link.is_signed(last.format(), it));
    Ok(if signed { None } else { bad(Why::Signature) })
}
