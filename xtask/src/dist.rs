//! `cargo xtask dist`: the programs people install, with the release page inside, and their SHA-256 sums.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::binaries::{self, Program};
use crate::system::{self, Purpose};
use crate::{run, ui};

/// The look-alike is for trying out and testing: it is not among them.
const PROGRAMS: [Program; 2] = [Program::Terminal, Program::Window];
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// The licence of the typefaces that the page brings along asks to travel with them.
const FONTS_LICENCE: (&str, &str) = ("src-ui/fonts/LICENSE", "LICENSE-FONTS");

/// Builds target/dist/.
pub(crate) fn dist() -> Result<()> {
    let root = run::root()?;
    system::ensure(&[Purpose::Build, Purpose::Window])?;
    ui::build(ui::Profile::Release)?;
    binaries::build(&root, &PROGRAMS, true)?;

    let folder = run::target(&root).join("dist");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for program in PROGRAMS {
        copy(&program.path(&root, true), &folder)?;
    }
    for licence in LICENCES {
        copy(&root.join(licence), &folder)?;
    }
    let (source, name) = FONTS_LICENCE;
    fs::copy(root.join(source), folder.join(name)).with_context(|| format!("cannot copy {source}"))?;
    let sums = sums(&folder)?;
    fs::write(folder.join("SHA256SUMS"), &sums)?;
    print!("{}:\n{sums}", folder.display());
    Ok(())
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file needs a name")?;
    fs::copy(file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}

/// Lines that `sha256sum --check` reads, in name order.
fn sums(folder: &Path) -> Result<String> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let digest = Sha256::digest(fs::read(&path)?);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push((name, hex));
    }
    lines.sort();
    Ok(lines.into_iter().map(|(name, hex)| format!("{hex}  {name}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_what_sha256sum_prints() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        fs::write(folder.path().join("a"), "abc").unwrap();
        assert_eq!(
            sums(folder.path()).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b\n"
        );
    }
}
