//! What is kept between starts: the connections and the preferences, in one file of the data folder.
//!
//! Owns the file: its format, its migration, that one process changes it at a time, and that a file which cannot be
//! read is set aside instead of written over. No secret can be in it: the types have no place for one.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use domain::{ConnectionForm, ConnectionId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::commands::{Preferences, SecretKind};

const FILE_NAME: &str = "connections.json";
/// What a version before this one wrote: a single connection.
const OLD_FILE_NAME: &str = "connection.json";
const LOCK_NAME: &str = "connections.lock";
/// How long another program may take for its change: reading and writing some megabytes on a slow disk.
const LOCK_LIMIT: Duration = Duration::from_secs(5);
/// A hundred connections, each with a chosen CA file, are far below this.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// The version of the format that this program reads and writes.
const VERSION: u32 = 1;
/// How many connections may be kept.
pub(super) const MAX_CONNECTIONS: usize = 100;

/// Everything in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Settings {
    version: u32,
    /// The connection that was in use last.
    #[serde(default)]
    pub(super) in_use: Option<ConnectionId>,
    #[serde(default)]
    pub(super) preferences: Preferences,
    #[serde(default)]
    pub(super) connections: Vec<Stored>,
    /// Removed ones that can still come back.
    #[serde(default)]
    pub(super) removed: Vec<Stored>,
}

/// A connection as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) id: ConnectionId,
    pub(super) form: ConnectionForm,
    /// Since when its token is in the keychain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token_kept: Option<Timestamp>,
    /// When its server rejected that token, if it has not accepted it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token_rejected: Option<Timestamp>,
    /// Its other secrets that are in the keychain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) secrets_kept: Vec<SecretKind>,
    /// Since when each of them is there; an earlier version did not note it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) secrets_since: BTreeMap<SecretKind, Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) removed_at: Option<Timestamp>,
    /// Whether it was the one in use when it was removed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) was_in_use: bool,
    /// Its place in the order in which the connections were made, from 1; 0 until the file gives it one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) place: u64,
    /// Whether its server said that it requires HTTP/1.1.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) http11_required: bool,
    /// How an earlier version spelled its server and its proxy: the keychain's accounts hold hashes of those spellings.
    #[serde(default, skip_serializing_if = "Spellings::is_empty")]
    pub(super) earlier: Spellings,
}

/// Addresses as an earlier version spelled them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spellings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) proxy: Option<String>,
}

impl Spellings {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(place: &u64) -> bool {
    *place == 0
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: VERSION,
            in_use: None,
            preferences: Preferences::default(),
            connections: Vec::new(),
            removed: Vec::new(),
        }
    }
}

impl Stored {
    pub(super) fn new(id: ConnectionId, form: ConnectionForm) -> Self {
        Self {
            id,
            form,
            token_kept: None,
            token_rejected: None,
            secrets_kept: Vec::new(),
            secrets_since: BTreeMap::new(),
            removed_at: None,
            was_in_use: false,
            place: 0,
            http11_required: false,
            earlier: Spellings::default(),
        }
    }
}

impl Settings {
    pub(super) fn stored(&mut self, id: &ConnectionId) -> Option<&mut Stored> {
        self.connections.iter_mut().find(|it| it.id == *id)
    }

    /// Adds or changes a connection. One that was removed comes back to its place.
    pub(super) fn put(&mut self, mut stored: Stored) {
        let removed = self.removed.iter().find(|it| it.id == stored.id).map(|it| it.place);
        self.removed.retain(|it| it.id != stored.id);
        if let Some(known) = self.stored(&stored.id) {
            stored.place = known.place;
            *known = stored;
            return;
        }
        stored.place = removed.unwrap_or_default();
        let last = self.connections.len();
        let after = |it: &Stored| stored.place != 0 && it.place > stored.place;
        let index = self.connections.iter().position(after).unwrap_or(last);
        self.connections.insert(index, stored);
    }

    /// Removes a connection so that it can come back, in the form in which it is to come back.
    pub(super) fn remove(&mut self, mut stored: Stored) {
        stored.place = self.stored(&stored.id).map(|it| it.place).unwrap_or_default();
        self.connections.retain(|it| it.id != stored.id);
        self.removed.retain(|it| it.id != stored.id);
        self.in_use.take_if(|it| *it == stored.id);
        self.removed.push(stored);
    }

    /// Gives a place to those that have none: the new ones, and all of a file of an earlier version.
    fn number(&mut self) {
        let places = self.connections.iter().chain(&self.removed).map(|it| it.place);
        let mut last = places.max().unwrap_or_default();
        for it in self.connections.iter_mut().filter(|it| it.place == 0) {
            last += 1;
            it.place = last;
        }
    }
}

/// Why the saved connections cannot be read and the next change would not make them anew; none when they can.
pub(super) fn problem(folder: &Path) -> Option<String> {
    match load(folder) {
        Err(Unreadable::Io(error)) => Some(format!("{}: {error}", folder.join(FILE_NAME).display())),
        Err(Unreadable::Newer) => {
            Some(format!("{}: a newer version wrote it", folder.join(FILE_NAME).display()))
        }
        Ok(_) | Err(Unreadable::Content) => None,
    }
}

/// What is kept: the defaults when nothing is, none when it cannot be read (the next change sets it aside).
pub(super) fn read(folder: &Path) -> Option<Settings> {
    load(folder).ok().map(Option::unwrap_or_default)
}

/// Changes what is kept: reads it anew, so that what another process changed meanwhile stays, and writes it so that a
/// crash leaves the old or the new file.
///
/// # Errors
/// The folder cannot be written, the file is of a newer version of this program, or another program does not finish its
/// change within [`LOCK_LIMIT`].
pub(super) fn change(folder: &Path, edit: impl FnOnce(&mut Settings)) -> io::Result<Settings> {
    fs::create_dir_all(folder)?;
    let lock = owners_alone().truncate(false).open(folder.join(LOCK_NAME))?;
    // Held until the file is closed.
    let _lock = lock_within(lock, LOCK_LIMIT)?;
    let mut settings = match load(folder) {
        Ok(found) => found.unwrap_or_default(),
        Err(Unreadable::Io(error)) => return Err(error),
        Err(Unreadable::Newer) => return Err(io::Error::other("a newer version wrote connections.json")),
        Err(Unreadable::Content) => {
            set_aside(folder)?;
            Settings::default()
        }
    };
    // Only then was the earlier version's file looked at.
    let taken_over = !folder.join(FILE_NAME).exists() && migrated(folder).is_some();
    settings.number();
    edit(&mut settings);
    settings.number();
    write(folder, &settings)?;
    if taken_over {
        // Everything of it is in the new file now. If it cannot be deleted, the new file is the one that counts.
        let _ = fs::remove_file(folder.join(OLD_FILE_NAME));
    }
    Ok(settings)
}

/// Locks a file, waiting for another program for so long at most: one that was stopped within a change keeps its lock.
fn lock_within(file: File, limit: Duration) -> io::Result<File> {
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::Error(error)) => return Err(error),
        Err(TryLockError::WouldBlock) => {}
    }
    // The system has no limit for this wait. A thread that is late gets the lock and gives it back.
    let (locked, answer) = mpsc::channel();
    std::thread::Builder::new().spawn(move || drop(locked.send(file.lock().map(|()| file))))?;
    answer.recv_timeout(limit).unwrap_or_else(|_| {
        let why = "another program is changing connections.json and does not finish";
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

enum Unreadable {
    Io(io::Error),
    Content,
    Newer,
}

fn load(folder: &Path) -> Result<Option<Settings>, Unreadable> {
    let Some(text) = read_bounded(&folder.join(FILE_NAME))? else {
        return Ok(migrated(folder));
    };
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let Versioned { version } = serde_json::from_slice(&text).map_err(|_| Unreadable::Content)?;
    if version > VERSION {
        return Err(Unreadable::Newer);
    }
    serde_json::from_slice(&text).map(Some).map_err(|_| Unreadable::Content)
}

fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, Unreadable> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Unreadable::Io(error)),
    };
    let mut text = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(Unreadable::Io)?;
    if text.len() as u64 > MAX_BYTES { Err(Unreadable::Content) } else { Ok(Some(text)) }
}

/// The one connection that an earlier version kept. Its id is always the same, so that it needs not be written at once.
fn migrated(folder: &Path) -> Option<Settings> {
    let text = read_bounded(&folder.join(OLD_FILE_NAME)).ok()??;
    let form: ConnectionForm = serde_json::from_slice(&text).ok()?;
    let id = ConnectionId::parse("first").ok()?;
    let connections = vec![Stored::new(id.clone(), form)];
    Some(Settings { in_use: Some(id), connections, ..Settings::default() })
}

fn write(folder: &Path, settings: &Settings) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(settings)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("the connections are too large to be kept"));
    }
    let fresh = folder.join(format!("{FILE_NAME}.new"));
    let mut file = owners_alone().truncate(true).open(&fresh)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(fresh, folder.join(FILE_NAME))
}

/// The names of servers and proxies are nobody else's business.
fn owners_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Under a name that is still free.
fn set_aside(folder: &Path) -> io::Result<()> {
    let free = |number: &u32| {
        let path: PathBuf = folder.join(format!("{FILE_NAME}.unreadable-{number}"));
        (!path.exists()).then_some(path)
    };
    let place = (1..1_000).find_map(|number| free(&number));
    let place = place.ok_or_else(|| io::Error::other("too many unreadable files are set aside already"))?;
    fs::rename(folder.join(FILE_NAME), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(folder: &Path, id: &str) -> io::Result<Settings> {
        change(folder, |it| {
            it.connections.push(Stored::new(ConnectionId::parse(id).unwrap(), ConnectionForm::default()));
        })
    }

    #[test]
    fn changes_of_two_processes_both_stay() {
        let folder = tempfile::tempdir().unwrap();
        let add = |id: String| {
            let path = folder.path().to_owned();
            std::thread::spawn(move || add(&path, &id).unwrap())
        };
        let threads: Vec<_> = (0..8).map(|it| add(format!("id-{it}"))).collect();
        threads.into_iter().for_each(|it| drop(it.join().unwrap()));
        assert_eq!(read(folder.path()).unwrap().connections.len(), 8);
    }

    #[test]
    fn a_program_that_was_stopped_within_a_change_is_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let open = || owners_alone().truncate(false).open(folder.path().join(LOCK_NAME)).unwrap();
        let stopped = open();
        stopped.lock().unwrap();
        let error = lock_within(open(), Duration::from_millis(20)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(stopped);
        lock_within(open(), LOCK_LIMIT).unwrap();
    }

    #[test]
    fn the_one_connection_of_an_earlier_version_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let old = r#"{"server":"https://h:1","organization":"","ca":"system","timeout_seconds":"60"}"#;
        fs::write(folder.path().join(OLD_FILE_NAME), old).unwrap();
        let settings = read(folder.path()).unwrap();
        assert_eq!(settings.connections[0].form.server, "https://h:1");
        assert_eq!(settings.in_use.as_ref(), Some(&settings.connections[0].id));
        let settings = add(folder.path(), "second").unwrap();
        assert_eq!(settings.connections.len(), 2);
        assert!(!folder.path().join(OLD_FILE_NAME).exists());
        assert_eq!(read(folder.path()).unwrap().connections.len(), 2);
    }

    #[test]
    fn an_earlier_versions_file_that_was_not_taken_over_stays() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), "a").unwrap();
        let old = r#"{"server":"https://h:1","organization":"","ca":"system","timeout_seconds":"60"}"#;
        fs::write(folder.path().join(OLD_FILE_NAME), old).unwrap();
        add(folder.path(), "b").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(OLD_FILE_NAME)).unwrap(), old);
        assert_eq!(read(folder.path()).unwrap().connections.len(), 2);
    }

    #[test]
    fn an_earlier_versions_file_that_cannot_be_read_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(OLD_FILE_NAME), "{").unwrap();
        add(folder.path(), "a").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(OLD_FILE_NAME)).unwrap(), "{");
    }

    #[test]
    fn what_cannot_be_read_is_set_aside_and_what_is_newer_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, "{").unwrap();
        assert!(read(folder.path()).is_none());
        add(folder.path(), "a").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("connections.json.unreadable-1")).unwrap(), "{");

        let newer = r#"{"version":2,"something":"else"}"#;
        fs::write(&path, newer).unwrap();
        add(folder.path(), "b").unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), newer);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        add(&folder.path().join("file/below"), "a").unwrap_err();
    }
}
