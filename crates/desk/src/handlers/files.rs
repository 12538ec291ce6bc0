//! Writing files that people named.
//!
//! Owns that a file which was sound stays sound: what is written goes to a new file beside it, which takes its place when
//! it is complete and on the disk.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where an export goes.
pub enum Destination {
    /// A file, written as [`write_file`] writes it.
    File(PathBuf),
    /// What the host has open already, such as the standard output of a terminal program.
    Stream {
        /// What a failure calls it.
        name: &'static str,
        /// Written to from the start of the export to its end; what was written stays when the export fails.
        out: Box<dyn Write + Send>,
    },
}

impl Destination {
    /// What a failure or a report calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stream { name, .. } => (*name).to_owned(),
        }
    }

    /// Writes a whole export.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::File(path) => write_file(&path, write),
            Self::Stream { out, .. } => {
                let mut out = BufWriter::with_capacity(64 * 1024, out);
                write(&mut out)?;
                out.flush()
            }
        }
    }
}

impl From<PathBuf> for Destination {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// Writes a file so that a failure or a crash leaves the old one or the new one, readable by its owner alone. A link is
/// followed; what is not a file (a device, a pipe) is written to as it is.
///
/// # Errors
/// What the system says. The file is then what it was before.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = match fs::metadata(path) {
        // Replacing a device such as /dev/stdout with a file would damage the computer.
        Ok(there) if !there.is_file() && !there.is_dir() => {
            let mut out = BufWriter::new(File::options().write(true).open(path)?);
            write(&mut out)?;
            return out.flush();
        }
        Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if there.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
        // The file that a link leads to is the one that is meant.
        Ok(_) => fs::canonicalize(path)?,
        Err(_) => path.to_owned(),
    };
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Under a random name: whatever else is in the folder is somebody's. It is removed when anything below fails.
    let fresh = tempfile::NamedTempFile::with_prefix_in(".csrdesk-", folder)
        // Its own words name the random file, which nobody asked for.
        .map_err(|error| {
            let words = format!("the folder {} cannot be written ({})", folder.display(), error.kind());
            io::Error::new(error.kind(), words)
        })?;
    let mut out = BufWriter::new(fresh);
    write(&mut out)?;
    let fresh = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    fresh.as_file().sync_all()?;
    fresh.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<std::ffi::OsString> {
        fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name()).collect()
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.csv");
        write_file(&path, |out| out.write_all(b"good")).unwrap();
        let failed = write_file(&path, |out| {
            out.write_all(&[b'x'; 100_000])?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"good");
        assert_eq!(names(folder.path()), ["history.csv"]);
        assert!(write_file(folder.path(), |_| Ok(())).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_a_device_stays_a_device() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        write_file(&link, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        // A full disk that every Linux has.
        let full = Path::new("/dev/full");
        if full.exists() {
            let error = write_file(full, |out| out.write_all(b"x")).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert!(full.metadata().unwrap().file_type().is_char_device());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_write_protected_is_not_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.csv");
        fs::write(&path, "kept").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        let error = write_file(&path, |out| out.write_all(b"x")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read(&path).unwrap(), b"kept");
    }
}
