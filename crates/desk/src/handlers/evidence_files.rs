//! The files of evidence: an archive, or the folder that it was unpacked to.
//!
//! Owns which files there are. Everything is hostile: sizes are bounded, names are not used as paths. The contents count, not the
//! archive: mail gateways, Finder and Explorer pack again, and put the files into one folder. What is not part of the evidence
//! is named, so that nothing that was not compared goes with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use domain::ErrorCode;
use zip::ZipArchive;

use crate::Failure;

/// The largest archive that is opened, in bytes: its list of files is read into memory.
const MAX_ARCHIVE: u64 = 64 * 1024 * 1024;
/// The largest file that is read from evidence, in bytes after unpacking.
const MAX_FILE: u64 = 8 * 1024 * 1024;
/// More files than any evidence has, with what other programs put beside them.
const MAX_FILES: usize = 256;

/// What the last part of an archive begins with, and its length without a comment (APPNOTE.TXT of PKWARE, section 4.3.16).
const END_OF_LIST: &[u8] = b"PK\x05\x06";
const LENGTH_OF_END: usize = 22;
/// Where the length of the name and the name are in the header before a file's content (section 4.3.7).
const LENGTH_OF_NAME: std::ops::Range<usize> = 26..28;
const NAME_IN_HEADER: usize = 30;
/// The longest description of a file's sizes behind its content (section 4.3.9): of a large file, with a signature.
const LONGEST_DESCRIPTOR: u64 = 24;

/// The files that evidence can hold.
const NAMES: [&str; 8] = [
    "proof.json",
    "entry.json",
    "request.http",
    "input_data.json",
    "answer.txt",
    "certificate.pem",
    "csr.pem",
    "README.txt",
];

/// The files of evidence by their names, without the folder that they are in.
#[derive(Default)]
pub(super) struct Files {
    texts: BTreeMap<&'static str, String>,
    /// Files that do not belong to it.
    pub(super) others: Vec<String>,
    /// Files of the system, which were not read.
    pub(super) clutter: Vec<String>,
}

impl Files {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The names of the files that are there.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.texts.keys().copied()
    }

    pub(super) fn of_archive(mut file: impl Read + Seek) -> Result<Self, Failure> {
        let size = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
        if size > MAX_ARCHIVE {
            return Err(unreadable(format!("it is larger than {MAX_ARCHIVE} bytes")));
        }
        let mut bytes = Vec::new();
        file.rewind()
            .and_then(|()| file.take(MAX_ARCHIVE + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        let mut zip = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(unreadable)?;
        if zip.len() > MAX_FILES {
            return Err(unreadable(format!("it has {} files", zip.len())));
        }
        // Which one of two is shown depends on the program: nobody could say what was verified.
        if zip.has_duplicate_names() {
            return Err(unreadable("a file is in it twice"));
        }
        nothing_beside_the_files(&mut zip, &bytes)?;
        // A name that is not text is the name of no file of evidence.
        let name =
            |index| zip.name_for_index(index).and_then(Result::ok).unwrap_or_default().replace('\\', "/");
        let paths: Vec<String> = (0..zip.len()).map(name).collect();
        let root = root_of(&paths)?;
        let mut files = Self::default();
        for (index, path) in paths.iter().enumerate() {
            if is_clutter(path, root) {
                files.clutter.push(path.clone());
                continue;
            }
            if !root.is_empty() && path == root {
                continue;
            }
            let known = path.strip_prefix(root).and_then(|name| NAMES.into_iter().find(|it| *it == name));
            let Some(name) = known else {
                files.others.push(path.clone());
                continue;
            };
            let content = zip.by_index(index).map_err(|error| unreadable(format!("{name}: {error}")))?;
            if files.texts.insert(name, text(name, content)?).is_some() {
                return Err(unreadable(format!("{name} is in it twice")));
            }
        }
        Ok(files)
    }

    pub(super) fn of_folder(folder: &Path) -> Result<Self, Failure> {
        let mut files = Self::default();
        for (number, found) in fs::read_dir(folder).map_err(unreadable)?.enumerate() {
            if number >= MAX_FILES {
                return Err(unreadable(format!("it has more than {MAX_FILES} files")));
            }
            let path = found.map_err(unreadable)?.path();
            let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
            // Not a link or a pipe that was put there: what is read is in this folder.
            let is_file = fs::symlink_metadata(&path).is_ok_and(|it| it.is_file());
            if is_file && is_clutter(&name, "") {
                files.clutter.push(name);
                continue;
            }
            match NAMES.into_iter().find(|it| *it == name && is_file) {
                Some(known) => {
                    let content =
                        File::open(&path).map_err(|error| unreadable(format!("{known}: {error}")))?;
                    files.texts.insert(known, text(known, content)?);
                }
                None => files.others.push(name),
            }
        }
        Ok(files)
    }
}

/// Makes sure that the archive is its files and its list of them, and nothing else. Programs that read archives from the beginning
/// show files that are not in the list, and the names that stand before the contents; and words can stand around it.
fn nothing_beside_the_files(zip: &mut ZipArchive<Cursor<&[u8]>>, bytes: &[u8]) -> Result<(), Failure> {
    let beside = || unreadable("something is in the archive that is not in its list of files");
    if !zip.comment().is_empty() || zip.offset() != 0 {
        return Err(beside());
    }
    let end = bytes.len().checked_sub(LENGTH_OF_END).and_then(|at| bytes.get(at..)).unwrap_or_default();
    if !end.starts_with(END_OF_LIST) {
        return Err(beside());
    }
    let mut spans = Vec::new();
    for index in 0..zip.len() {
        let file = zip.by_index_raw(index).map_err(unreadable)?;
        let (start, data) = (file.header_start(), file.data_start().ok_or_else(beside)?);
        let header = usize::try_from(start).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
        let length = u16::try_from(file.name_raw().len()).unwrap_or(0).to_le_bytes();
        let same_name = header.get(LENGTH_OF_NAME).is_some_and(|it| *it == length)
            && header.get(NAME_IN_HEADER..).is_some_and(|it| it.starts_with(file.name_raw()));
        if !file.comment().is_empty() || !same_name {
            return Err(beside());
        }
        spans.push((start, data.saturating_add(file.compressed_size())));
    }
    spans.sort_unstable();
    spans.push((zip.central_directory_start(), u64::MAX));
    let mut free = 0;
    for (place, (start, next)) in spans.into_iter().enumerate() {
        // A program that does not know a file's size beforehand writes it behind the content.
        let between = start.checked_sub(free).ok_or_else(beside)?;
        if between > if place == 0 { 0 } else { LONGEST_DESCRIPTOR } {
            return Err(beside());
        }
        free = next;
    }
    Ok(())
}

pub(super) fn unreadable(detail: impl ToString) -> Failure {
    Failure::because(ErrorCode::EvidenceUnreadable, detail)
}

/// A file's text, bounded. The mark with which some editors begin a file is no part of it.
fn text(name: &str, file: impl Read) -> Result<String, Failure> {
    let mut content = String::new();
    match file.take(MAX_FILE + 1).read_to_string(&mut content) {
        Ok(size) if size as u64 <= MAX_FILE => {
            Ok(content.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(content))
        }
        Ok(_) => Err(unreadable(format!("{name} is larger than {MAX_FILE} bytes"))),
        Err(error) => Err(unreadable(format!("{name}: {error}"))),
    }
}

/// What Finder, Explorer and other programs put beside the files that a person packed: exactly the names that they use, so that
/// no file for people passes as one of them.
fn is_clutter(path: &str, root: &str) -> bool {
    let finder = path.strip_prefix("__MACOSX/");
    let path = finder.unwrap_or(path);
    let Some(name) = path.strip_prefix(root) else {
        // The folders themselves, and what Finder keeps about the folder of the evidence.
        return finder.is_some_and(|it| {
            it.is_empty()
                || it == root
                || it.strip_prefix("._").is_some_and(|it| root.strip_suffix('/') == Some(it))
        });
    };
    let of_a_file = name.strip_prefix("._");
    let of_finder = of_a_file.is_some_and(|it| NAMES.contains(&it) || it == ".DS_Store");
    let folder_of_finder = finder.is_some() && name.is_empty();
    of_finder
        || folder_of_finder
        || [".DS_Store", "Thumbs.db", "desktop.ini"].iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// The one folder within the archive that the evidence is in, with a slash at its end; empty for none.
fn root_of(paths: &[String]) -> Result<&str, Failure> {
    let proofs: Vec<&str> = paths
        .iter()
        .filter(|it| !it.starts_with("__MACOSX/"))
        .filter_map(|it| it.strip_suffix("proof.json").filter(|root| root.is_empty() || root.ends_with('/')))
        .collect();
    match proofs[..] {
        [root] if root.matches('/').count() <= 1 && !["/", "./", "../"].contains(&root) => Ok(root),
        [root] => {
            Err(unreadable(format!("{root}proof.json is not in the archive itself, nor in one folder")))
        }
        [] => Err(unreadable("there is no proof.json")),
        _ => {
            Err(unreadable("there is more than one proof.json: check the evidence of each signing by itself"))
        }
    }
}
