//! The data folder: the user's alone, and locked while files in it are made, taken over or moved away.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::{FILE_NAME, HEAD_FILE_NAME, JournalError};

/// Locked while files are made, taken over or moved away, so that two starts do not do it twice.
const LOCK_FILE_NAME: &str = "journal.lock";
/// What reading a journal takes.
pub(crate) const TO_READ: &[&str] = &[FILE_NAME, "journal.sqlite3-wal"];
/// What opening a journal takes.
const TO_OPEN: &[&str] = &[FILE_NAME, "journal.sqlite3-wal", "journal.sqlite3-shm", HEAD_FILE_NAME];

/// Makes the folder if it is not there.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the journal's files the user's alone, those that are there and the one that SQLite is about to make: SQLite gives its
/// log the mode of the file. Nothing on a system without Unix modes, where a profile's folder is private.
pub(crate) fn make_files_private(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        begin_private(&folder.join(FILE_NAME))?;
        for ending in ["", "-wal", "-shm"] {
            tighten(&folder.join(format!("{FILE_NAME}{ending}")));
        }
        tighten(&folder.join(HEAD_FILE_NAME));
        fn tighten(path: &Path) {
            let Ok(there) = std::fs::metadata(path) else { return };
            if there.permissions().mode() & 0o077 != 0 {
                // What belongs to another user is for that user to protect.
                let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
            }
        }
    }
    Ok(())
}

/// Refuses files that this user may not read: SQLite says no more than "unable to open", and a head that cannot be read
/// would pass for a damaged one, which every start then records as a finding. A file that is not there is not refused.
///
/// # Errors
/// [`JournalError::File`].
pub(crate) fn may_be_opened(folder: &Path) -> Result<(), JournalError> {
    may_be_read(folder, TO_OPEN)
}

/// The same for some of the files.
///
/// # Errors
/// [`JournalError::File`].
pub(crate) fn may_be_read(folder: &Path, names: &[&str]) -> Result<(), JournalError> {
    for name in names {
        let path = folder.join(name);
        match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                return Err(JournalError::File { path, error });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a file that is about to be opened, where there is none: the user's alone from its first byte. One that is there stays
/// as it is.
pub(crate) fn begin_private(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Refuses a folder in which another user can replace the journal's files. A sticky folder, such as /tmp, lets nobody replace
/// what is another's.
///
/// # Errors
/// [`JournalError::FolderOfOthers`].
pub(crate) fn is_ours(folder: &Path) -> Result<(), JournalError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let Ok(there) = std::fs::metadata(folder) else { return Ok(()) };
        let mode = there.permissions().mode();
        if mode & 0o022 != 0 && mode & 0o1000 == 0 {
            return Err(JournalError::FolderOfOthers(folder.to_owned()));
        }
    }
    Ok(())
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
