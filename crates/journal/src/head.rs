//! The head file: the last signed head, kept beside the record so that a shortened record is noticed.
//!
//! Owns the file's form: two lines of fixed length, written in turn. A line is written in place, so it needs no room on
//! a full disk, and a line that was cut off by a power failure leaves the other one. Refuses to own what a missing or
//! older head means. Not synced: the record is durable without it, and an older head costs proof, never truth.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::canonical::{Hash, Link, Signature, hex, unhex};

/// The head file's name in the data folder.
pub const HEAD_FILE_NAME: &str = "journal.head";

/// The length of a line with its line break.
const SLOT: usize = 320;

/// A signed head as text, in the file and in the events that keep one as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeadText {
    pub(crate) at: i64,
    hash: String,
    pub(crate) seq: i64,
    signature: String,
}

impl HeadText {
    pub(crate) fn new(link: &Link, at: i64) -> Self {
        Self { at, hash: hex(&link.hash), seq: link.seq, signature: hex(&link.signature) }
    }

    pub(crate) fn hash(&self) -> Option<Hash> {
        unhex(&self.hash)
    }

    /// Whether one of the keys signed it.
    pub(crate) fn is_signed(&self, keys: &[[u8; 32]]) -> bool {
        let (Some(hash), Some(signature)) =
            (self.hash(), unhex::<{ size_of::<Signature>() }>(&self.signature))
        else {
            return false;
        };
        keys.iter().any(|key| Link::is_signed_in_any(key, self.seq, &hash, &signature))
    }
}

/// What the head file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HeadFile {
    Missing,
    /// No line that can be read.
    Unreadable,
    /// The lines that can be read; whether they are signed is for the reader to check, who knows the keys.
    Lines(Vec<HeadText>),
}

impl HeadFile {
    /// The latest head that one of the keys signed.
    pub(crate) fn latest(&self, keys: &[[u8; 32]]) -> Option<&HeadText> {
        let Self::Lines(lines) = self else { return None };
        lines.iter().filter(|it| it.is_signed(keys)).max_by_key(|it| it.seq)
    }

    /// Whether it names no event as high as this one: what a writer asks, which may come late. A line that is not signed
    /// does not count; signatures are looked at only where a line has such a number.
    pub(crate) fn is_behind(&self, seq: i64, own_key: Option<[u8; 32]>) -> bool {
        let Self::Lines(lines) = self else { return true };
        lines.iter().all(|it| it.seq < seq)
            || self.latest(own_key.as_slice()).is_none_or(|head| head.seq < seq)
    }
}

/// Reads the head file. A reader may see a line while it is written: that line is not signed, the other one is.
pub(crate) fn read(folder: &Path) -> HeadFile {
    let mut text = Vec::with_capacity(2 * SLOT);
    let file = match File::open(folder.join(HEAD_FILE_NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return HeadFile::Missing,
        Err(_) => return HeadFile::Unreadable,
    };
    if file.take(2 * SLOT as u64).read_to_end(&mut text).is_err() {
        return HeadFile::Unreadable;
    }
    // A program that was ended just after it made the file.
    if text.is_empty() {
        return HeadFile::Missing;
    }
    let lines: Vec<HeadText> = text.chunks(SLOT).filter_map(|it| serde_json::from_slice(it).ok()).collect();
    if lines.is_empty() { HeadFile::Unreadable } else { HeadFile::Lines(lines) }
}

/// Which lines to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// The one whose turn it is.
    Next,
    /// Both: the other one holds a head that is out of date although its number is higher.
    Both,
}

/// Writes a head. The caller holds the database's write lock, so that heads are written in the order of the chain.
pub(crate) fn write(folder: &Path, head: &HeadText, lines: Lines) -> std::io::Result<()> {
    let mut line = serde_json::to_string(head)?;
    let padding = SLOT.saturating_sub(line.len() + 1);
    line.extend(std::iter::repeat_n(' ', padding));
    line.push('\n');
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join(HEAD_FILE_NAME))?;
    let turn = u64::from(head.seq % 2 == 0);
    for slot in [0, 1] {
        if slot == turn || lines == Lines::Both {
            file.seek(SeekFrom::Start(slot * SLOT as u64))?;
            file.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Format;
    use crate::key::{HeadKey, KeyKind, SeedKey};

    fn head(key: &SeedKey, seq: i64) -> HeadText {
        let hash = [7; 32];
        // A journal that was taken over from version 2 has both.
        let format = if seq < 3 { Format::Two } else { Format::Three };
        let signature = key.sign(&Link::signed_bytes(format, seq, &hash)).unwrap();
        HeadText::new(&Link { seq, hash, signature }, 5)
    }

    #[test]
    fn a_torn_line_leaves_the_other_one() {
        let folder = tempfile::tempdir().unwrap();
        let key = SeedKey::from_seed(&SeedKey::new_seed().unwrap(), KeyKind::File).unwrap();
        let keys = [key.public_key()];
        assert_eq!(read(folder.path()), HeadFile::Missing);
        write(folder.path(), &head(&key, 1), Lines::Both).unwrap();
        for seq in [2, 3, 4] {
            write(folder.path(), &head(&key, seq), Lines::Next).unwrap();
            assert_eq!(read(folder.path()).latest(&keys), Some(&head(&key, seq)));
        }
        let path = folder.path().join(HEAD_FILE_NAME);
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole.len(), 2 * SLOT);
        std::fs::write(&path, &whole[..SLOT + 40]).unwrap();
        assert_eq!(read(folder.path()).latest(&keys), Some(&head(&key, 3)));
        std::fs::write(&path, "nothing").unwrap();
        assert_eq!(read(folder.path()), HeadFile::Unreadable);
    }

    #[test]
    fn a_head_of_another_key_or_another_number_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let make = || SeedKey::from_seed(&SeedKey::new_seed().unwrap(), KeyKind::File).unwrap();
        let (key, other) = (make(), make());
        write(folder.path(), &head(&key, 1), Lines::Both).unwrap();
        assert_eq!(read(folder.path()).latest(&[other.public_key()]), None);
        write(folder.path(), &HeadText { seq: 9, ..head(&key, 1) }, Lines::Both).unwrap();
        assert_eq!(read(folder.path()).latest(&[key.public_key()]), None);
        write(folder.path(), &head(&key, 3), Lines::Both).unwrap();
        assert_eq!(read(folder.path()).latest(&[key.public_key()]).map(|it| it.seq), Some(3));
    }
}
