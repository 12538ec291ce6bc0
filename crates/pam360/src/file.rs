//! Files that a person named: read whole, and never more than is allowed.

use std::fs::File;
use std::io::{self, Read};

use zeroize::Zeroizing;

/// Why a file was not read.
pub(crate) enum Unread {
    /// There is none.
    Missing,
    /// It is there and cannot be read.
    Failed(io::Error),
    /// It holds more than is allowed.
    TooLarge,
}

/// The content of a file of at most `limit` bytes; overwritten in memory when dropped, for it may be a key.
pub(crate) fn read(path: &str, limit: u64) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let path = path.trim();
    let unread = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Failed(error),
    };
    // Opening a pipe waits for whoever writes into it.
    if !std::fs::metadata(path).map_err(unread)?.is_file() {
        return Err(Unread::Failed(io::Error::other("this is not a file")));
    }
    let file = File::open(path).map_err(unread)?;
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let length = file.metadata().map_or(0, |it| it.len()).min(limit) + 1;
    let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default()));
    file.take(limit + 1).read_to_end(&mut content).map_err(Unread::Failed)?;
    if content.len() as u64 > limit { Err(Unread::TooLarge) } else { Ok(content) }
}

/// What the system says of a file that cannot be read, as a sentence.
pub(crate) fn words(error: &io::Error) -> String {
    format!("The system says: {}.", domain::visible(&error.to_string()).trim_end_matches('.'))
}
