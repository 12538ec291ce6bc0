//! One window on a data folder.
//!
//! Owns the lock that says so, and the knock with which a second start brings the first window to the front. A knock
//! carries nothing: what the second start was told on its command line or in its environment is dropped, never run.
//! Windows on different folders know nothing of each other.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

const LOCK: &str = "window.lock";
#[cfg(unix)]
const DOOR: &str = "window.door";

/// The right to be the window on a folder. The system takes the lock back when the process ends, however it ends.
pub(crate) struct Claim {
    _lock: File,
    #[cfg(unix)]
    door: Option<std::os::unix::net::UnixListener>,
}

/// Claims a folder; none when a window has it already, which is then asked to come to the front.
///
/// # Errors
/// The folder cannot be made or written.
pub(crate) fn claim(folder: &Path) -> io::Result<Option<Claim>> {
    private_folder(folder)?;
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            #[cfg(unix)]
            knock(folder);
            return Ok(None);
        }
        // A file system without locks. The record has its own guard; a window without this one is better than none.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(Some(Claim {
        _lock: lock,
        #[cfg(unix)]
        door: door(folder),
    }))
}

impl Claim {
    /// Calls `knocked` for every second start, for as long as the process lives.
    #[cfg(unix)]
    pub(crate) fn answer(&mut self, knocked: impl Fn() + Send + 'static) {
        let Some(door) = self.door.take() else { return };
        std::thread::spawn(move || {
            // Nothing is read: who knocks says nothing.
            for _ in door.incoming().map_while(Result::ok) {
                knocked();
            }
        });
    }

    /// Elsewhere the first window stays where it is.
    #[cfg(not(unix))]
    pub(crate) fn answer(&mut self, _: impl Fn() + Send + 'static) {}
}

/// Readable by this user alone, like everything in it.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Where second starts knock; none where the path is too long for a socket.
#[cfg(unix)]
fn door(folder: &Path) -> Option<std::os::unix::net::UnixListener> {
    let path = folder.join(DOOR);
    // One that a killed window left behind: this process has the lock, so nobody listens there.
    let _ = std::fs::remove_file(&path);
    std::os::unix::net::UnixListener::bind(&path).ok()
}

#[cfg(unix)]
fn knock(folder: &Path) {
    // A window that cannot hear is still the one that is open.
    let _ = std::os::unix::net::UnixStream::connect(folder.join(DOOR));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_window_until_it_ends_and_another_folder_its_own() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = claim(one.path()).unwrap();
        assert!(first.is_some());
        assert!(claim(one.path()).unwrap().is_none());
        assert!(claim(two.path()).unwrap().is_some());
        drop(first);
        assert!(claim(one.path()).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_second_start_knocks_at_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = claim(folder.path()).unwrap().unwrap();
        let (heard, knocks) = std::sync::mpsc::channel();
        first.answer(move || heard.send(()).unwrap());
        for _ in 0..2 {
            assert!(claim(folder.path()).unwrap().is_none());
            knocks.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_a_killed_window_left_behind_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(LOCK), "").unwrap();
        std::fs::write(folder.path().join(DOOR), "").unwrap();
        assert!(claim(folder.path()).unwrap().is_some_and(|it| it.door.is_some()));
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_this_user_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("a/b");
        claim(&inside).unwrap();
        assert_eq!(std::fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
