//! `cargo xtask ui`: the page, from Rust and CSS to hashed files in dist/.
//!
//! cargo (wasm32) → wasm-bindgen, as a library, so that its version cannot differ from the page's → wasm-opt for
//! releases → names that carry a hash → dist/. No script is inlined: the content security policy allows none.
//! dist/ is left alone when nothing changed, so that the programs that embed it are not built again.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{run, system};

const TARGET: &str = "wasm32-unknown-unknown";
const STYLESHEET: &str = r#"<link rel="stylesheet" href="styles/app.css">"#;
const SCRIPT: &str = r#"<script type="module" src="boot.js"></script>"#;
/// What rustc emits beyond the first wasm; without these wasm-opt rejects the module.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// How the page is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// Small.
    Release,
}

/// Every file of dist/ by its path there.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What wasm-bindgen made, before names are hashed.
struct Bundle {
    wasm: Vec<u8>,
    glue: String,
    /// `snippets/…`: scripts that crates bring along; the glue imports them by these paths.
    snippets: Files,
}

/// Builds the page and returns the folder it is in.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    let root = run::root()?;
    ensure_target(&root)?;
    if profile == Profile::Release {
        // For wasm-opt.
        system::ensure_npm_tools(&root)?;
    }
    let bundle = bundle(&root, profile)?;
    let files = assemble(&root, bundle)?;
    let dist = root.join("dist");
    let changed = publish(&files, &dist)?;
    report(&files, changed)?;
    Ok(dist)
}

/// Adds the wasm target where rustup lacks it.
pub(crate) fn ensure_target(root: &Path) -> Result<()> {
    let sysroot = run::read(Command::new("rustc").current_dir(root).args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    println!("adding the Rust target {TARGET}");
    run::run(Command::new("rustup").current_dir(root).args(["target", "add", TARGET])).with_context(|| {
        format!("the page needs the Rust target {TARGET}: run `rustup target add {TARGET}` with a network connection")
    })
}

fn bundle(root: &Path, profile: Profile) -> Result<Bundle> {
    let cargo_profile = match profile {
        Profile::Dev => "wasm-dev",
        Profile::Release => "wasm-release",
    };
    // A folder of its own: a native build and a page build then do not wait for one another's lock.
    let target = run::target(root).join("ui");
    let mut cargo = run::cargo(root);
    cargo.args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "csrdesk-ui",
        "--target",
        TARGET,
        "--profile",
        cargo_profile,
    ]);
    cargo.arg("--target-dir").arg(&target);
    if profile == Profile::Release {
        run::without_machine_paths(&mut cargo, root, &format!("target.{TARGET}"))?;
    }
    run::run(&mut cargo)?;

    let compiled = target.join(TARGET).join(cargo_profile).join("csrdesk-ui.wasm");
    let mut output = Bindgen::new()
        .input_path(&compiled)
        .out_name("csrdesk")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(profile == Profile::Release)
        .generate_output()
        .context("wasm-bindgen could not read the compiled page")?;

    let mut snippets = Files::new();
    for (krate, scripts) in output.snippets() {
        for (index, script) in scripts.iter().enumerate() {
            snippets.insert(format!("snippets/{krate}/inline{index}.js").into(), script.clone().into_bytes());
        }
    }
    for (path, script) in output.local_modules() {
        snippets.insert(Path::new("snippets").join(path), script.clone().into_bytes());
    }
    let glue = output.js().to_owned();
    let wasm = output.wasm_mut().emit_wasm();
    let wasm = if profile == Profile::Release { optimise(root, &target, wasm)? } else { wasm };
    Ok(Bundle { wasm, glue, snippets })
}

/// `wasm-opt -Oz`, from the npm package binaryen.
fn optimise(root: &Path, scratch: &Path, wasm: Vec<u8>) -> Result<Vec<u8>> {
    let program = root.join("node_modules/binaryen/bin/wasm-opt");
    let (before, after) = (scratch.join("before.wasm"), scratch.join("after.wasm"));
    fs::write(&before, wasm)?;
    run::run(Command::new(&program).arg("-Oz").args(WASM_FEATURES).arg(&before).arg("-o").arg(&after))?;
    Ok(fs::read(&after)?)
}

/// The files of dist/, each naming the others by their hashed names.
fn assemble(root: &Path, bundle: Bundle) -> Result<Files> {
    let wasm = hashed("csrdesk_bg", "wasm", &bundle.wasm);
    let glue =
        replace_once(&bundle.glue, "'csrdesk_bg.wasm'", &format!("'{wasm}'"), "wasm-bindgen's script")?;
    for (path, script) in &bundle.snippets {
        // The glue's name depends on its content, which names the snippets: one that names the glue cannot be served.
        let back = script.windows(10).any(|window| window == b"csrdesk.js");
        ensure!(!back, "{} imports the page's script by its unhashed name", path.display());
    }
    let script = hashed("csrdesk", "js", glue.as_bytes());

    let boot = read(&root.join("src-ui/boot.js"))?;
    let boot = replace_once(&boot, "./csrdesk.js", &format!("./{script}"), "src-ui/boot.js")?;
    let boot = replace_once(&boot, "./csrdesk_bg.wasm", &format!("./{wasm}"), "src-ui/boot.js")?;
    let boot_name = hashed("boot", "js", boot.as_bytes());

    let style = stylesheet(&root.join("src-ui/styles"))?;
    let style_name = hashed("app", "css", style.as_bytes());
    let index = index(&read(&root.join("index.html"))?, &style_name, &boot_name)?;

    let mut files = public(&root.join("src-ui/public"))?;
    files.extend(bundle.snippets);
    files.insert(wasm.into(), bundle.wasm);
    files.insert(script.into(), glue.into_bytes());
    files.insert(boot_name.into(), boot.into_bytes());
    files.insert(style_name.into(), style.into_bytes());
    files.insert("index.html".into(), index.into_bytes());
    Ok(files)
}

/// `stem-<12 hex digits of the content's SHA-256>.extension`: a changed file is a new address, whatever caches do.
fn hashed(stem: &str, extension: &str, content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{hex}.{extension}")
}

/// The page's html with the two hashed names in it.
fn index(html: &str, style: &str, boot: &str) -> Result<String> {
    let style = format!(r#"<link rel="stylesheet" href="{style}">"#);
    let boot = format!(r#"<script type="module" src="{boot}"></script>"#);
    let html = replace_once(html, STYLESHEET, &style, "index.html")?;
    replace_once(&html, SCRIPT, &boot, "index.html")
}

/// Replaces `from`, which must stand there exactly once: a silent miss would be a blank window.
fn replace_once(text: &str, from: &str, to: &str, place: &str) -> Result<String> {
    let count = text.matches(from).count();
    ensure!(count == 1, "{place} must have `{from}` exactly once, and has it {count} times");
    Ok(text.replacen(from, to, 1))
}

/// All stylesheets in name order, as one file.
fn stylesheet(folder: &Path) -> Result<String> {
    let mut paths: Vec<PathBuf> =
        entries(folder)?.into_iter().filter(|path| has_extension(path, "css")).collect();
    paths.sort();
    ensure!(!paths.is_empty(), "{} has no stylesheet", folder.display());
    let mut all = String::new();
    for path in paths {
        all.push_str(&read(&path)?);
        if !all.ends_with('\n') {
            all.push('\n');
        }
    }
    Ok(all)
}

/// Files that are served as they are, if there are any.
fn public(folder: &Path) -> Result<Files> {
    if folder.is_dir() { tree(folder) } else { Ok(Files::new()) }
}

/// Every file below `folder`, by its path from there.
fn tree(folder: &Path) -> Result<Files> {
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

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read =
        fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    Ok(read.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// Makes dist/ hold exactly `files`; says whether anything had to change.
///
/// Hashed files first, then index.html by a rename, then the old files go: whoever reads meanwhile finds a whole page,
/// the old one or the new one.
fn publish(files: &Files, dist: &Path) -> Result<bool> {
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
    let Some(html) = files.get(index) else { bail!("the page has no index.html") };
    if present.get(index) != Some(html) {
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

/// How many bytes `content` takes when it travels compressed.
pub(crate) fn gzip_size(content: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len())
}

fn report(files: &Files, changed: bool) -> Result<()> {
    println!("dist/ {}", if changed { "is new" } else { "is as it was" });
    for (path, content) in files {
        let compressed = gzip_size(content)?;
        println!("  {:32} {:>9} bytes {compressed:>9} gzip", path.display().to_string(), content.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_twelve_hex_digits_of_its_content() {
        assert_eq!(hashed("app", "css", b""), "app-e3b0c44298fc.css");
        assert_ne!(hashed("app", "css", b"a"), hashed("app", "css", b"b"));
    }

    #[test]
    fn index_names_both_hashed_files_and_keeps_the_rest() {
        let html = format!("<head>{STYLESHEET}\n{SCRIPT}</head><body>Starting…</body>");
        let page = index(&html, "app-1.css", "boot-2.js").unwrap();
        assert_eq!(
            page,
            "<head><link rel=\"stylesheet\" href=\"app-1.css\">\n\
             <script type=\"module\" src=\"boot-2.js\"></script></head><body>Starting…</body>"
        );
    }

    #[test]
    fn a_missing_or_doubled_placeholder_is_refused_by_name() {
        let error = index("<head></head>", "a", "b").unwrap_err().to_string();
        assert!(error.contains("styles/app.css") && error.contains("0 times"), "{error}");
        let error = replace_once("xx", "x", "y", "here").unwrap_err().to_string();
        assert!(error.contains("here") && error.contains("2 times"), "{error}");
    }

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
