//! The page's files once more, compressed, for the gateway to send to browsers that read them so.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::files::Files;
use crate::run;

/// Node has Brotli's own library, and wasm-opt needs Node already; a Brotli in Rust would be compiled for every test run
/// without being used there.
const BROTLI: &str = r#"
const { readFileSync, writeFileSync } = require("fs");
const { brotliCompressSync, constants } = require("zlib");
const [, from, to] = process.argv;
const content = readFileSync(from);
const params = {
  [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
};
writeFileSync(to, brotliCompressSync(content, { params }));
"#;
/// What becomes smaller. Fonts are compressed in themselves.
const ENDINGS: &[&str] = &["css", "js", "wasm"];

/// Each file that becomes smaller, as `name.br` and `name.gz`. index.html is not among them: it is small, and never cached.
pub(super) fn compressed(files: &Files, scratch: &Path) -> Result<Files> {
    let mut all = Files::new();
    for (path, content) in files {
        if !path.extension().is_some_and(|it| ENDINGS.iter().any(|ending| it == *ending)) {
            continue;
        }
        let named = |ending: &str| format!("{}.{ending}", path.display()).into();
        for (name, smaller) in [(named("br"), brotli(content, scratch)?), (named("gz"), gzip(content)?)] {
            if smaller.len() < content.len() {
                all.insert(name, smaller);
            }
        }
    }
    ensure!(!all.is_empty(), "no file of the page became smaller");
    Ok(all)
}

fn brotli(content: &[u8], scratch: &Path) -> Result<Vec<u8>> {
    let (before, after) = (scratch.join("before.bin"), scratch.join("after.br"));
    fs::write(&before, content)?;
    run::run(Command::new("node").args(["-e", BROTLI]).arg(&before).arg(&after))?;
    fs::read(&after).context("node wrote nothing")
}

/// As gzip (RFC 1952), as small as it becomes.
pub(super) fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_smaller_is_there_in_both_codings_and_the_rest_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let files = Files::from([
            ("app-0123456789ab.css".into(), b"a { color: red } ".repeat(100)),
            // Nothing to gain.
            ("boot-0123456789ab.js".into(), b"1".to_vec()),
            ("fonts/a-0123456789ab.woff2".into(), vec![0; 1_000]),
            ("index.html".into(), vec![b' '; 1_000]),
        ]);
        if run::which("node").is_none() {
            // Only releases are compressed, and those bring Node.
            return;
        }
        let all = compressed(&files, scratch.path()).unwrap();
        let names: Vec<String> = all.keys().map(|it| it.display().to_string()).collect();
        assert_eq!(names, ["app-0123456789ab.css.br", "app-0123456789ab.css.gz"]);
        let back = run::read(Command::new("node").args([
            "-e",
            "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(process.argv[1])))",
        ]).arg(scratch.path().join("after.br")));
        assert_eq!(back.unwrap().into_bytes(), b"1");
    }
}
