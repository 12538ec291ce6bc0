//! The data folder: the user's alone, and locked while files in it are made, taken over or moved away.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::JournalError;

/// Locked while files are made, taken over or moved away, so that two starts do not do it twice.
const LOCK_FILE_NAME: &str = "journal.lock";

/// Makes the folder if it is not there.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The folder's lock, once no other program has it.
///
/// # Errors
/// Its file cannot be made.
pub(crate) fn lock(folder: &Path) -> Result<File, JournalError> {
    let file = lock_file(folder)?;
    // A file system without locks: SQLite would not work there either, and says so.
    let _ = file.lock();
    Ok(file)
}

/// The folder's lock, if no other program has it.
///
/// # Errors
/// [`JournalError::Locked`], or its file cannot be made.
pub(crate) fn try_lock(folder: &Path) -> Result<File, JournalError> {
    let file = lock_file(folder)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked),
        // As in `lock`.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn lock_file(folder: &Path) -> Result<File, JournalError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let open = options.open(folder.join(LOCK_FILE_NAME));
    open.map_err(|error| JournalError::from_io(folder, error))
}
