//! The log: what the program did, for whoever looks for a fault. Never a secret, and never more than a few megabytes.
//!
//! Owns the file and the level. Refuses to own what is worth a line: that stands where it happens. The record of
//! signings is `journal`, not this: a log may be switched off, shortened or lost.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Registry, fmt, reload};

use crate::commands::LogLevel;

const FOLDER: &str = "logs";
const FILE_NAME: &str = "csrdesk.log";
/// The size at which a file is full, in bytes.
const FULL: usize = 1024 * 1024;
/// How many full files stay beside the one that is written.
const OLD_FILES: usize = 4;

static LEVEL: OnceLock<reload::Handle<LevelFilter, Registry>> = OnceLock::new();

/// Where the log of a data folder is written.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(FOLDER).join(FILE_NAME)
}

/// Names the level for one run of the program, whatever is preferred.
const VARIABLE: &str = "CSRDESK_LOG";

/// Starts the log of this process, once: the first data folder that asks gets it. The file is made with the first line.
pub(super) fn start(data_dir: &Path, preferred: LogLevel) {
    let named = std::env::var(VARIABLE).unwrap_or_default();
    let named = LogLevel::ALL.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(&named));
    let level = named.unwrap_or(preferred);
    let (filter, handle) = reload::Layer::new(filter(level));
    let lines = fmt::layer().with_ansi(false).with_writer(Lines::new(path(data_dir)));
    // Another subscriber, such as a test's, stays what it is.
    if tracing_subscriber::registry().with(filter).with(lines).try_init().is_ok() {
        let _ = LEVEL.set(handle);
    }
}

/// Changes how much is written from now on.
pub(super) fn set_level(level: LogLevel) {
    if let Some(handle) = LEVEL.get() {
        // Fails only when the subscriber is gone, and with it the log.
        let _ = handle.reload(filter(level));
    }
}

/// The last lines, at most `max` bytes of them.
pub(super) fn tail(data_dir: &Path, max: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path(data_dir))?;
        let start = file.metadata()?.len().saturating_sub(max);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(max).read_to_end(&mut bytes)?;
        if start > 0 {
            let cut = bytes.iter().position(|it| *it == b'\n').map_or(0, |it| it + 1);
            bytes.drain(..cut);
        }
        Ok(bytes)
    };
    read().map(|it| String::from_utf8_lossy(&it).into_owned()).unwrap_or_default()
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// The files, opened with the first line. What cannot be written is dropped: a log must not stop a signing.
struct Lines {
    path: PathBuf,
    files: Mutex<Option<FileRotate<AppendCount>>>,
}

impl Lines {
    fn new(path: PathBuf) -> Self {
        Self { path, files: Mutex::new(None) }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

/// One line; the formatter writes it at once.
struct Line<'a>(&'a Lines);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.is_none() {
            let Some(folder) = self.0.path.parent() else { return Ok(bytes.len()) };
            std::fs::create_dir_all(folder)?;
            *files = Some(open(&self.0.path));
        }
        if let Some(writer) = files.as_mut() {
            // The rotation asserts what another program on the same folder can break; a log must not end a signing.
            let written = catch_unwind(AssertUnwindSafe(|| writer.write_all(bytes)));
            if written.is_err() {
                *files = None;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.as_mut().map_or(Ok(()), Write::flush)
    }
}

fn open(path: &Path) -> FileRotate<AppendCount> {
    let mut options = OpenOptions::new();
    options.read(true).create(true).append(true);
    // The owner's alone: it tells which servers are used.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let limit = ContentLimit::BytesSurpassed(FULL);
    FileRotate::new(path, AppendCount::new(OLD_FILES), limit, Compression::None, Some(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_and_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let lines = Lines::new(path(folder.path()));
        assert!(!folder.path().join(FOLDER).exists(), "nothing is made before the first line");
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..(OLD_FILES + 3) * FULL / line.len() {
            lines.make_writer().write_all(line.as_bytes()).unwrap();
        }
        lines.make_writer().write_all(b"the end\n").unwrap();
        let files: Vec<_> =
            std::fs::read_dir(folder.path().join(FOLDER)).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), OLD_FILES + 1);
        let size: u64 = files.iter().map(|it| it.metadata().unwrap().len()).sum();
        assert!(size < ((OLD_FILES + 2) * FULL) as u64, "{size}");
        let tail = tail(folder.path(), 2_000);
        assert!(tail.ends_with("the end\n") && tail.len() <= 2_000 && tail.starts_with('x'), "{tail}");
        #[cfg(unix)]
        for file in files {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FOLDER), "a file where the folder would be").unwrap();
        assert!(Lines::new(path(folder.path())).make_writer().write(b"x").is_err());
        assert_eq!(tail(folder.path(), 100), "");
    }
}
