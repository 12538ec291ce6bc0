//! Rules about the text of single files: length, headers, words that belong elsewhere.

use anyhow::Result;

use super::{File, Tree};

const WARN: usize = 400;
const FAIL: usize = 600;

/// A word that only some places may use.
struct Confined {
    word: &'static str,
    /// Where the rule looks.
    within: &'static [&'static str],
    /// Where the word may stand.
    allowed: &'static [&'static str],
    reason: &'static str,
}

const ANYWHERE: &[&str] = &["crates/", "src-ui/", "src-tauri/", "tests/", "index.html"];
const UNCHECKED_TLS: &str = "verification of the server has no off switch";
const ONLY_OUR_PAGE: &str = "the window shows the embedded page, with nothing added but the first answer";
const LOOK_ALIKE: &[&str] = &["crates/standin/", "tests/"];
/// Beside it, the one verifier that asks the real one and keeps what it was shown.
const RECORDER: &[&str] = &["crates/standin/", "tests/", "crates/pam360/src/recorder.rs"];
/// The verifier of one exact certificate, beside the recorder and the real one (docs/decisions/0009-one-exact-certificate.md).
const VERIFIERS: &[&str] =
    &["crates/standin/", "tests/", "crates/pam360/src/recorder.rs", "crates/pam360/src/exact.rs"];
/// Where a yes may be made that no CA gave: after the fingerprint of the whole certificate was compared.
const EXACT: &[&str] = &["crates/standin/", "tests/", "crates/pam360/src/exact.rs"];

const CONFINED: &[Confined] = &[
    Confined {
        word: "__TAURI",
        within: &["src-ui/"],
        allowed: &["src-ui/src/host/"],
        reason: "src-ui/src/host alone knows the window",
    },
    Confined {
        word: "gloo_net",
        within: &["src-ui/"],
        allowed: &["src-ui/src/host/"],
        reason: "src-ui/src/host alone knows the network",
    },
    Confined {
        word: "inner_html",
        within: &["src-ui/"],
        allowed: &[],
        reason: "names from CSRs and servers are shown as text",
    },
    Confined {
        word: "csrdesk-key",
        within: &["src-ui/"],
        allowed: &["src-ui/src/host/"],
        reason: "the session's key is the host's alone",
    },
    Confined {
        word: "disable_drag_drop_handler",
        within: &["src-tauri/"],
        allowed: &[],
        reason: "what is dropped on the window goes to the native handler, not to the page",
    },
    Confined { word: "WebviewUrl::External", within: &["src-tauri/"], allowed: &[], reason: ONLY_OUR_PAGE },
    Confined {
        word: "initialization_script",
        within: &["src-tauri/"],
        allowed: &["src-tauri/src/first_answer.rs"],
        reason: ONLY_OUR_PAGE,
    },
    Confined { word: ".eval(", within: &["src-tauri/"], allowed: &[], reason: ONLY_OUR_PAGE },
    Confined { word: "open_devtools", within: &["src-tauri/"], allowed: &[], reason: ONLY_OUR_PAGE },
    Confined { word: "dangerous()", within: ANYWHERE, allowed: RECORDER, reason: UNCHECKED_TLS },
    Confined { word: "::danger", within: ANYWHERE, allowed: VERIFIERS, reason: UNCHECKED_TLS },
    // What a verifier says yes with: the recorder can pass one on, and only the fingerprint's verifier makes one.
    Confined { word: "::assertion()", within: ANYWHERE, allowed: EXACT, reason: UNCHECKED_TLS },
    Confined { word: "danger_accept_", within: ANYWHERE, allowed: LOOK_ALIKE, reason: UNCHECKED_TLS },
    Confined {
        word: "with_custom_certificate_verifier",
        within: ANYWHERE,
        allowed: LOOK_ALIKE,
        reason: UNCHECKED_TLS,
    },
];

/// Folders that exist on one machine only; a URL's path does not count.
const FOLDERS: &[&str] = &["/root/", "/home/", "/Users/"];
/// How the addresses of package registries begin; which host serves packages is each machine's own affair.
const REGISTRY_ADDRESSES: &[&str] = &["://registry.", "://index.", "://static.", "://files.", "://deb."];
/// This file names what it forbids.
const THIS_FILE: &str = "xtask/src/check/text.rs";

/// Files that fail.
pub(super) fn too_long(tree: &Tree) -> Result<Vec<String>> {
    Ok(lengths(tree).filter(|(_, lines)| *lines > FAIL).map(length_finding).collect())
}

/// Files that will fail if they go on like this.
pub(super) fn long(tree: &Tree) -> Vec<String> {
    lengths(tree).filter(|(_, lines)| (WARN + 1..=FAIL).contains(lines)).map(length_finding).collect()
}

fn lengths(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    tree.files
        .iter()
        .filter(|file| [".rs", ".css", ".js"].iter().any(|end| file.path.ends_with(end)))
        .map(|file| (file.path.as_str(), file.text.lines().count()))
}

fn length_finding((path, lines): (&str, usize)) -> String {
    format!("{path} has {lines} lines")
}

/// Rust files whose first line is not a header. A module's own tests belong to the module.
pub(super) fn without_header(tree: &Tree) -> Result<Vec<String>> {
    let owns = |path: &str| path.ends_with(".rs") && !path.ends_with("/tests.rs");
    let silent = |file: &&File| owns(&file.path) && !file.text.starts_with("//!");
    Ok(tree.files.iter().filter(silent).map(|file| file.path.clone()).collect())
}

/// Confined words outside their place.
pub(super) fn out_of_place(tree: &Tree) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for rule in CONFINED {
        let starts = |places: &[&str], path: &str| places.iter().any(|place| path.starts_with(place));
        for file in &tree.files {
            let source = [".rs", ".js", ".html"].iter().any(|end| file.path.ends_with(end));
            if !source || !starts(rule.within, &file.path) || starts(rule.allowed, &file.path) {
                continue;
            }
            for (line, _) in numbered(&file.text).filter(|(_, text)| text.contains(rule.word)) {
                findings.push(format!("{}:{line} says `{}`: {}", file.path, rule.word, rule.reason));
            }
        }
    }
    Ok(findings)
}

/// Paths and hosts of one machine.
pub(super) fn of_one_machine(tree: &Tree) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.path != THIS_FILE) {
        for (line, text) in numbered(&file.text) {
            let folder = FOLDERS.iter().find(|folder| names_folder(text, folder));
            let host = REGISTRY_ADDRESSES.iter().find(|host| text.contains(**host));
            for word in folder.into_iter().chain(host) {
                findings.push(format!("{}:{line} says `{word}`", file.path));
            }
        }
    }
    Ok(findings)
}

/// Whether `folder` begins a path there, as opposed to being a part of a longer one or of a URL.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-~/}".contains(before))
    })
}

/// Both lock files, and nothing in npm's that names a download address.
pub(super) fn locks(tree: &Tree) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for lock in ["Cargo.lock", "package-lock.json"] {
        if tree.file(lock).is_none() {
            findings.push(format!("{lock} is missing, or ignored by git"));
        }
    }
    if tree.file("package-lock.json").is_some_and(|text| text.contains("\"resolved\"")) {
        findings.push(
            "package-lock.json names download addresses: npm install --omit-lockfile-registry-resolved"
                .into(),
        );
    }
    Ok(findings)
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_warns_above_400_and_fails_above_600() {
        let (short, warned, failed) = ("x\n".repeat(400), "x\n".repeat(600), "x\n".repeat(601));
        let tree = Tree::of(&[("a.rs", &short), ("b.css", &warned), ("c.js", &failed), ("d.md", &failed)]);
        assert_eq!(too_long(&tree).unwrap(), ["c.js has 601 lines"]);
        assert_eq!(long(&tree), ["b.css has 600 lines"]);
    }

    #[test]
    fn a_module_without_header_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "//! Owns a.\n"),
            ("b.rs", "use std::fs;\n"),
            ("c/tests.rs", ""),
            ("c.js", ""),
        ]);
        assert_eq!(without_header(&tree).unwrap(), ["b.rs"]);
    }

    #[test]
    fn the_window_is_known_in_one_folder_only() {
        let text = "let it = window.__TAURI_INTERNALS__;";
        let tree = Tree::of(&[("src-ui/src/host/window.rs", text), ("src-ui/src/app.rs", text)]);
        let findings = out_of_place(&tree).unwrap();
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("src-ui/src/app.rs:1 "), "{findings:?}");
    }

    #[test]
    fn unchecked_tls_is_for_the_look_alike_only() {
        let text = "\nconfig.dangerous().with_custom_certificate_verifier(all)";
        let tree = Tree::of(&[("crates/standin/src/a.rs", text), ("crates/pam360/src/trust.rs", text)]);
        let findings = out_of_place(&tree).unwrap();
        assert_eq!(findings.len(), 2);
        assert!(findings.iter().all(|it| it.starts_with("crates/pam360/src/trust.rs:2 ")), "{findings:?}");
    }

    #[test]
    fn a_folder_of_one_machine_is_found_and_a_url_is_not() {
        assert!(names_folder("cd /home/me", "/home/"));
        assert!(names_folder("\"/root/x\"", "/root/"));
        assert!(!names_folder("https://pam.example/home/index", "/home/"));
        assert!(!names_folder("~/root/x ../root/x ${DIR}/root/x", "/root/"));
    }

    #[test]
    fn a_lock_with_addresses_is_found() {
        let tree = Tree::of(&[("Cargo.lock", ""), ("package-lock.json", "{\"resolved\":\"https://…\"}")]);
        assert_eq!(locks(&tree).unwrap().len(), 1);
        assert_eq!(locks(&Tree::of(&[])).unwrap().len(), 2);
    }
}
