//! Files of the page on the disk: reading trees of them, and putting a new page in the place of an old one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result};

/// Every file of a folder by its path there.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Files that are served as they are, if there are any.
pub(super) fn public(folder: &Path) -> Result<Files> {
    if folder.is_dir() { tree(folder) } else { Ok(Files::new()) }
}

/// Every file below `folder`, by its path from there.
pub(super) fn tree(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for path in entries(&next)? {
            if path.is_dir() {
                left.push(path);
            } else {
                let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.insert(path.strip_prefix(folder)?.to_owned(), content);
            }
        }
    }
    Ok(files)
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read =
        fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    Ok(read.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?)
}

pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Makes a folder hold exactly `files`; says whether anything had to change.
///
/// Hashed files first, then index.html by a rename, then the old files go: whoever reads meanwhile finds a whole page,
/// the old one or the new one.
pub(super) fn publish(files: &Files, dist: &Path) -> Result<bool> {
    let present = if dist.is_dir() { tree(dist)? } else { Files::new() };
    if present == *files {
        return Ok(false);
    }
    let index = Path::new("index.html");
    for (path, content) in
        files.iter().filter(|(path, content)| *path != index && present.get(*path) != Some(content))
    {
        place(&dist.join(path), content)?;
    }
    if let Some(html) = files.get(index).filter(|it| present.get(index) != Some(*it)) {
        place(&dist.join(index), html)?;
    }
    for path in present.keys().filter(|path| !files.contains_key(*path)) {
        fs::remove_file(dist.join(path))?;
    }
    Ok(true)
}

/// Writes beside the place, then renames: nobody reads half a file.
fn place(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file needs a folder")?;
    fs::create_dir_all(folder)?;
    let name = path.file_name().context("a file needs a name")?.to_string_lossy();
    let beside = folder.join(format!(".{name}.new"));
    fs::write(&beside, content)?;
    fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_twice_touches_nothing_and_removes_what_is_old() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("dist");
        let page = |script: &str| {
            Files::from([("index.html".into(), script.into()), (script.into(), b"1".to_vec())])
        };
        assert!(publish(&page("a.js"), &folder).unwrap());
        let written = fs::metadata(folder.join("a.js")).unwrap().modified().unwrap();
        assert!(!publish(&page("a.js"), &folder).unwrap());
        assert_eq!(fs::metadata(folder.join("a.js")).unwrap().modified().unwrap(), written);
        assert!(publish(&page("b.js"), &folder).unwrap());
        assert_eq!(tree(&folder).unwrap(), page("b.js"));
    }
}
