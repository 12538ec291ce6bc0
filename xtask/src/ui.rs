//! `cargo xtask ui`: the page, from Rust and CSS to hashed files in dist/.
//!
//! cargo (wasm32) → wasm-bindgen, as a library, so that its version cannot differ from the page's → wasm-opt for
//! releases → names that carry a hash → dist/. No script is inlined: the content security policy allows none.
//! dist/ is left alone when nothing changed, so that the programs that embed it are not built again.

mod compress;
mod files;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::clippy::{self, Lints};
use crate::{run, system};
use files::{Files, entries, public, publish, read, tree};

/// What the page is compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
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
    /// Quick to build. Always through clippy, so that the page is the same to the byte whatever is asked of lints: another
    /// one would mean that the programs that embed it are built again.
    Dev(Lints),
    /// Small.
    Release,
}

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
    if profile == Profile::Release {
        // Before dist: whoever embeds both looks at dist for changes.
        let compressed = compress::compressed(&files, &run::target(&root).join("ui"))?;
        publish(&compressed, &root.join("dist-compressed"))?;
    }
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
        Profile::Dev(_) => "wasm-dev",
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
    match profile {
        Profile::Dev(lints) => {
            cargo.envs(clippy::variables(root, lints)?);
        }
        Profile::Release => run::without_machine_paths(&mut cargo, root, &format!("target.{TARGET}"))?,
    }
    run::run(&mut cargo)?;

    let compiled = target.join(TARGET).join(cargo_profile).join("csrdesk-ui.wasm");
    bind(root, &target, &compiled, "csrdesk", profile)
}

/// The scripts that a browser needs to run a compiled page, and the page itself, under a name.
fn bind(root: &Path, scratch: &Path, compiled: &Path, name: &str, profile: Profile) -> Result<Bundle> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .out_name(name)
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
    let wasm = if profile == Profile::Release { optimise(root, scratch, wasm)? } else { wasm };
    Ok(Bundle { wasm, glue, snippets })
}

/// A page of the plainest kind for a comparison: its compiled half made ready as ours is for a release, beside the files of a
/// folder as they are.
pub(crate) fn plain_release(
    root: &Path,
    compiled: &Path,
    name: &str,
    folder: &Path,
    to: &Path,
) -> Result<()> {
    system::ensure_npm_tools(root)?;
    let bundle = bind(root, &run::target(root).join("ui"), compiled, name, Profile::Release)?;
    let web = |path: &Path| ["css", "html", "js"].iter().any(|it| has_extension(path, it));
    let mut files: Files = tree(folder)?.into_iter().filter(|(path, _)| web(path)).collect();
    files.extend(bundle.snippets);
    files.insert(format!("{name}.js").into(), bundle.glue.into_bytes());
    files.insert(format!("{name}_bg.wasm").into(), bundle.wasm);
    publish(&files, to).map(|_| ())
}

/// Copies every file below a folder.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    publish(&tree(from)?, to).map(|_| ())
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

    let fonts = fonts(&root.join("src-ui/fonts"))?;
    let mut style = stylesheet(&root.join("src-ui/styles"))?;
    for font in &fonts {
        style = replace_once(
            &style,
            &format!("url(\"{}\")", font.source),
            &format!("url(\"{}\")", font.name),
            "the stylesheet",
        )?;
    }
    let style_name = hashed("app", "css", style.as_bytes());
    let names = [
        ("styles/app.css", &style_name),
        ("boot.js", &boot_name),
        ("csrdesk.js", &script),
        ("csrdesk_bg.wasm", &wasm),
    ];
    let index = index(&read(&root.join("index.html"))?, &names, &fonts)?;

    let mut files = public(&root.join("src-ui/public"))?;
    files.extend(bundle.snippets);
    files.extend(fonts.into_iter().map(|it| (it.name.into(), it.content)));
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

/// A typeface that the page brings along.
struct Font {
    /// How the sources call it.
    source: String,
    /// How it is called in dist/, with a hash.
    name: String,
    content: Vec<u8>,
}

/// All fonts; their licence stays beside the sources, and `cargo xtask dist` hands it out.
fn fonts(folder: &Path) -> Result<Vec<Font>> {
    let mut fonts = Vec::new();
    for (path, content) in tree(folder)?.into_iter().filter(|(path, _)| has_extension(path, "woff2")) {
        let source = format!("fonts/{}", path.display());
        let name = hashed(source.trim_end_matches(".woff2"), "woff2", &content);
        fonts.push(Font { source, name, content });
    }
    Ok(fonts)
}

/// The page's html with hashed names in it: each of `names` stands there once, fonts where they are loaded ahead.
fn index(html: &str, names: &[(&str, &String)], fonts: &[Font]) -> Result<String> {
    let mut html = html.to_owned();
    for (source, name) in names {
        let attribute = if html.contains(&format!("src=\"{source}\"")) { "src" } else { "href" };
        html = replace_once(
            &html,
            &format!("{attribute}=\"{source}\""),
            &format!("{attribute}=\"{name}\""),
            "index.html",
        )?;
    }
    for font in fonts {
        html = html.replace(&format!("href=\"{}\"", font.source), &format!("href=\"{}\"", font.name));
    }
    let loaded = fonts.iter().filter(|it| html.contains(&it.name)).count();
    ensure!(
        html.matches("href=\"fonts/").count() == loaded,
        "index.html loads a font ahead that is not there"
    );
    Ok(html)
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

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// How many bytes `content` takes when it travels compressed.
pub(crate) fn gzip_size(content: &[u8]) -> Result<usize> {
    Ok(compress::gzip(content)?.len())
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

    fn font(name: &str) -> Font {
        Font {
            source: format!("fonts/{name}.woff2"),
            name: format!("fonts/{name}-1.woff2"),
            content: Vec::new(),
        }
    }

    const HTML: &str = "<head><link rel=\"preload\" href=\"fonts/a.woff2\" as=\"font\">\n\
        <link rel=\"stylesheet\" href=\"styles/app.css\">\n<script type=\"module\" src=\"boot.js\"></script></head>\
        <body>Starting…</body>";

    #[test]
    fn index_names_hashed_files_and_keeps_the_rest() {
        let (style, boot) = ("app-1.css".to_owned(), "boot-2.js".to_owned());
        let names = [("styles/app.css", &style), ("boot.js", &boot)];
        let page = index(HTML, &names, &[font("a"), font("b")]).unwrap();
        assert_eq!(
            page,
            "<head><link rel=\"preload\" href=\"fonts/a-1.woff2\" as=\"font\">\n\
             <link rel=\"stylesheet\" href=\"app-1.css\">\n<script type=\"module\" src=\"boot-2.js\"></script></head>\
             <body>Starting…</body>"
        );
    }

    #[test]
    fn a_missing_or_doubled_placeholder_is_refused_by_name() {
        let name = "x-1".to_owned();
        let error = index(HTML, &[("csrdesk.js", &name)], &[font("a")]).unwrap_err().to_string();
        assert!(error.contains("csrdesk.js") && error.contains("0 times"), "{error}");
        let error = index(HTML, &[], &[font("b")]).unwrap_err().to_string();
        assert!(error.contains("a font"), "{error}");
        let error = replace_once("xx", "x", "y", "here").unwrap_err().to_string();
        assert!(error.contains("here") && error.contains("2 times"), "{error}");
    }
}
