//! The data folder. Owns paths, permissions and atomic replacement; knows nothing of what the files mean.
//! Nothing is flushed to the platter: a stand-in's world must survive a restart, not a power cut, and tests start many.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::Error;

/// A folder that only its owner may enter (0700), holding files that only its owner may read (0600).
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Opens the folder, making it and its sub-folders where missing.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        let folder = Self { root: root.to_owned() };
        for path in [
            root.to_owned(),
            folder.path("tls"),
            folder.path("certificates"),
            folder.path("csrs"),
            folder.path("keys"),
        ] {
            fs::create_dir_all(&path)
                .map_err(|error| Error::io(format!("folder {}", path.display()), error))?;
            restrict(&path, 0o700)?;
        }
        Ok(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The file's text; `None` when there is no such file.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, Error> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(format!("reading {}", path.display()), error)),
        }
    }

    /// The file's text; a missing file is an error.
    pub(crate) fn need(&self, name: &str) -> Result<String, Error> {
        self.read(name)?
            .ok_or_else(|| Error::Certificate(format!("{} is missing", self.path(name).display())))
    }

    /// Replaces the file whole: a reader sees the old text or the new one, never a part.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path(name);
        let new = self.path(&format!("{name}.new"));
        let fail = |error| Error::io(format!("writing {}", path.display()), error);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new).map_err(fail)?;
        file.write_all(text.as_bytes()).map_err(fail)?;
        fs::rename(&new, &path).map_err(fail)
    }

    /// Adds to the end of the file, which is made when it is missing.
    pub(crate) fn append(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path(name);
        let fail = |error| Error::io(format!("writing {}", path.display()), error);
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(fail)
    }

    /// Removes the file if it is there.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(format!("removing {}", path.display()), error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| Error::io(format!("permissions of {}", path.display()), error))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::open(&dir.path().join("world")).unwrap();
        assert_eq!(folder.read("state.json").unwrap(), None);
        folder.write("state.json", "one").unwrap();
        folder.write("state.json", "two").unwrap();
        assert_eq!(folder.need("state.json").unwrap(), "two");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(folder.path("state.json")), 0o600);
            assert_eq!(mode(folder.path("")), 0o700);
        }
        folder.remove("state.json").unwrap();
        folder.remove("state.json").unwrap();
        assert!(folder.need("state.json").is_err());
    }
}
