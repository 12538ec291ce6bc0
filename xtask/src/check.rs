//! `cargo xtask check`: the rules of this repository that a compiler does not know, each with its reason.
//!
//! A rule is a function from the tree to findings. Rules read files and Cargo's own graph; none builds anything.

mod codes;
mod driven;
mod graph;
mod host;
mod proofs;
mod shell;
mod text;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run;

/// The text files of the repository, tracked or about to be.
struct Tree {
    root: PathBuf,
    files: Vec<File>,
}

struct File {
    /// From the root, with `/` between the parts.
    path: String,
    text: String,
}

impl Tree {
    fn read(root: &Path) -> Result<Self> {
        let listed = run::read(Command::new("git").current_dir(root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?;
        let mut files = Vec::new();
        for path in listed.split('\0').filter(|path| !path.is_empty()) {
            // Deleted but not committed yet, or not text: nothing to read.
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                files.push(File { path: path.to_owned(), text });
            }
        }
        Ok(Self { root: root.to_owned(), files })
    }

    fn file(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

/// One rule.
struct Rule {
    name: &'static str,
    reason: &'static str,
    findings: fn(&Tree) -> Result<Vec<String>>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "a file has at most 600 lines",
        reason: "one that no longer fits in a head is where both large Rust admin interfaces decayed; split it by what it owns",
        findings: text::too_long,
    },
    Rule {
        name: "a module says what it owns",
        reason: "the first lines of a Rust file are its `//!` header, so that the next change goes to the right place",
        findings: text::without_header,
    },
    Rule {
        name: "words stay in their place",
        reason: "one place knows each outside thing",
        findings: text::out_of_place,
    },
    Rule {
        name: "no machine paths, no registry hosts",
        reason: "the repository means the same on every machine",
        findings: text::of_one_machine,
    },
    Rule {
        name: "lock files are committed",
        reason: "everybody builds the same, and npm's names no download address",
        findings: text::locks,
    },
    Rule {
        name: "no inline script or style",
        reason: "the content security policy allows none: an inline one works nowhere, and silently",
        findings: host::inline,
    },
    Rule {
        name: "window and gateway have one content security policy",
        reason: "they serve the same page; only the window's own channel differs, and nothing unsafe is allowed",
        findings: host::policies,
    },
    Rule {
        name: "the window may call exactly the commands of the list",
        reason: "one command list feeds every host, and a window may do nothing else",
        findings: host::capabilities,
    },
    Rule {
        name: "links lead somewhere",
        reason: "a document that points nowhere is worse than a shorter one",
        findings: proofs::dead_links,
    },
    Rule {
        name: "a claim's proof is there",
        reason: "SECURITY.md names a test for each defence: a test that was renamed or removed defends nothing",
        findings: proofs::missing_proofs,
    },
    Rule {
        name: "a test names every error code",
        reason: "scripts match on the codes; one that nothing produces, or that nothing checks, changes unseen",
        findings: codes::without_test,
    },
    Rule {
        name: "a test with a browser or a window is in a module named for it",
        reason: "by the name the runner knows what it cannot run under a shifted clock, and what needs a screen",
        findings: driven::misplaced,
    },
    Rule {
        name: "the window's configuration loosens nothing",
        reason: "frozen prototypes, no global Tauri, no page but the embedded one, nothing called dangerous",
        findings: shell::configuration,
    },
    Rule {
        name: "capabilities are for the one window and no remote page",
        reason: "a page from elsewhere may call nothing, wherever it is shown",
        findings: shell::origins,
    },
    Rule {
        name: "the window has no plugin and no feature beyond the lists",
        reason: "no file, shell or network plugin, no developer tools in a release",
        findings: shell::plugins,
    },
    Rule {
        name: "the window is led nowhere and opens no other",
        reason: "what it shows is the page that was built in",
        findings: shell::guards,
    },
    Rule {
        name: "crates depend downwards only",
        reason: "hosts -> desk -> {pam360, journal, secrets, review} -> domain; the page sees types, never handlers",
        findings: graph::directions,
    },
    Rule {
        name: "an outside crate has one home",
        reason: "network, database, window and page libraries are each known to one place",
        findings: graph::homes,
    },
    Rule {
        name: "one TLS library, one crypto provider",
        reason: "two providers panic at run time, and two libraries mean two trust policies",
        findings: graph::crypto,
    },
    Rule {
        name: "every crate takes the workspace's lints",
        reason: "a crate without them is checked less than its neighbours",
        findings: graph::lints,
    },
];

/// Runs every rule, then cargo-deny where it is installed.
pub(crate) fn check() -> Result<()> {
    let root = run::root()?;
    let tree = Tree::read(&root)?;
    for note in text::long(&tree) {
        println!("note: {note}");
    }
    let mut failed = 0;
    for rule in RULES {
        let findings = (rule.findings)(&tree)?;
        if findings.is_empty() {
            continue;
        }
        failed += 1;
        eprintln!("rule: {}\n  why: {}", rule.name, rule.reason);
        for finding in findings {
            eprintln!("  - {finding}");
        }
    }
    if failed > 0 {
        bail!("{failed} of {} rules are broken", RULES.len());
    }
    println!("{} rules hold in {} files", RULES.len(), tree.files.len());
    deny(&root)
}

/// Licences, sources and bans of the dependency graph, as deny.toml has them; known vulnerabilities where the database of
/// advisories can be fetched.
fn deny(root: &Path) -> Result<()> {
    if !run::succeeds(run::cargo(root).args(["deny", "--version"])) {
        println!(
            "cargo-deny is not installed: licences, sources and advisories are not checked (`cargo install cargo-deny --locked`)"
        );
        return Ok(());
    }
    run::run(run::cargo(root).args([
        "deny",
        "--log-level",
        "error",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    if !run::succeeds(run::cargo(root).args(["deny", "fetch", "db"])) {
        println!("the database of advisories cannot be fetched: known vulnerabilities were not looked up");
        return Ok(());
    }
    run::run(run::cargo(root).args(["deny", "--offline", "--log-level", "error", "check", "advisories"]))
}

#[cfg(test)]
impl Tree {
    /// A tree that is nowhere on disk.
    fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { root: PathBuf::new(), files: files.iter().map(file).collect() }
    }
}
