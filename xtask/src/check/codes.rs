//! Rules about error codes: a test names each one, or this file says why none does.

use anyhow::{Context, Result};

use super::Tree;

/// The table of codes.
const TABLE: &str = "crates/domain/src/error.rs";

/// Codes that no test names, each with the reason.
const WITHOUT_TEST: &[(&str, &str)] = &[
    ("HostUnreachable", "the page in a browser whose gateway is gone; the tests of the page read its words"),
    ("NoDataFolder", "takes a user without a home folder, whom the system does not know either"),
    ("OutcomeNotDurable", "a warning beside an outcome; the tests read its words"),
    ("OutcomeNotRecorded", "a warning beside an outcome; the tests read its words"),
];

/// Codes of the table that neither a test nor [`WITHOUT_TEST`] names, and those that both name.
pub(super) fn without_test(tree: &Tree) -> Result<Vec<String>> {
    let table = tree.file(TABLE).with_context(|| format!("{TABLE} is not there"))?;
    let sources = tree.files.iter().filter(|it| it.path.ends_with(".rs"));
    let tests: Vec<_> = sources.map(|it| tests_of(&it.path, &it.text)).collect();
    let mut findings = Vec::new();
    let codes: Vec<_> = table.lines().filter_map(code).collect();
    for (name, text) in &codes {
        let tested = tests.iter().any(|it| names(it, name, text));
        let excused = WITHOUT_TEST.iter().any(|(it, _)| it == name);
        if tested == excused {
            let why = if tested { "a test names it, so it needs no reason" } else { "no test names it" };
            findings.push(format!("{text} ({name}): {why}"));
        }
    }
    let unknown = WITHOUT_TEST.iter().filter(|(it, _)| codes.iter().all(|(name, _)| name != it));
    findings.extend(unknown.map(|(it, _)| format!("{it} is not a code of the table")));
    Ok(findings)
}

/// Name and text of a line of the table: `Name "the-text", "What happened.", "What to do.";`.
fn code(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.trim_start().split_once(" \"")?;
    let (text, rest) = rest.split_once('"')?;
    let named = name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.bytes().all(|it| it.is_ascii_alphanumeric());
    (named && rest.starts_with(", \"")).then_some((name, text))
}

/// The part of a file that holds tests: all of it in a folder or file of tests, else its modules of tests.
fn tests_of(path: &str, text: &str) -> String {
    if path == TABLE || path.starts_with("xtask/") {
        return String::new();
    }
    if path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs") {
        return text.to_owned();
    }
    let modules = text.match_indices("#[cfg(test)]\nmod ").filter_map(|(at, _)| {
        let module = text.get(at..)?;
        let head = module.lines().nth(1)?;
        // A module in another file is one of the files of tests.
        head.ends_with('{').then(|| module.find("\n}\n").and_then(|end| module.get(..end)).unwrap_or(module))
    });
    modules.collect::<Vec<_>>().join("\n")
}

/// Whether tests name a code, by its variant or its text.
fn names(tests: &str, name: &str, text: &str) -> bool {
    let all_at_hand = tests.contains("ErrorCode::{self, *}");
    let alias = tests.split_once("ErrorCode as ").map(|(_, rest)| rest);
    let alias = alias.and_then(|it| it.split(|it: char| !it.is_ascii_alphanumeric()).next());
    tests.contains(&format!("\"{text}\""))
        || ["ErrorCode"].into_iter().chain(alias).any(|it| occurs(tests, &format!("{it}::{name}")))
        || (all_at_hand && occurs(tests, name))
}

/// Whether a name occurs as a whole word: `Signed` is not in `SignedWithoutDetails`.
fn occurs(text: &str, name: &str) -> bool {
    let part_of_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        before.is_none_or(|it| !part_of_word(it)) && after.is_none_or(|it| !part_of_word(it))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_test_and_a_reason_that_is_not_needed_are_found() {
        let table = "codes! {\n        Signed \"signed\", \"W.\", \"N.\";\n        NoDataFolder \"no-data-folder\", \"W.\", \"N.\";\n\
            Refused \"refused\", \"W.\", \"N.\";\n        InProgress \"in-progress\", \"W.\", \"N.\";\n        NotThere \"not-there\", \"W.\", \"N.\";\n";
        let tests =
            "ErrorCode::SignedWithoutDetails; ErrorCode::NoDataFolder; json[\"code\"] == \"in-progress\"";
        let code = "fn f() { ErrorCode::NotThere }\n#[cfg(test)]\nmod tests;\nfn g() { ErrorCode::NotThere }\n\
            #[cfg(test)]\nmod more {\n    Verdict::NotThere\n}\nfn h() { ErrorCode::NotThere }\n";
        let tree = Tree::of(&[
            (TABLE, table),
            ("tests/it/a.rs", tests),
            ("tests/it/b.rs", "use domain::ErrorCode as E;\nE::Refused"),
            ("xtask/src/x.rs", "#[cfg(test)]\nmod x { Code::Signed }"),
            ("crates/a/src/lib.rs", code),
        ]);
        let findings = without_test(&tree).unwrap();
        assert!(findings.contains(&"signed (Signed): no test names it".to_owned()), "{findings:?}");
        assert!(findings.contains(&"not-there (NotThere): no test names it".to_owned()), "{findings:?}");
        assert!(findings.iter().any(|it| it.starts_with("no-data-folder") && it.contains("needs no reason")));
        assert!(findings.contains(&"OutcomeNotDurable is not a code of the table".to_owned()));
        assert!(
            !findings.iter().any(|it| it.contains("in-progress") || it.starts_with("refused")),
            "{findings:?}"
        );
    }
}
