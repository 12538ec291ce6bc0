//! Rules about the documents: their links lead somewhere, and a test they name as a proof exists.

use std::path::{Component, Path, PathBuf};

use anyhow::Result;

use super::{File, Tree};

/// A link of Markdown: `[words](target)`.
struct Link<'a> {
    words: &'a str,
    target: &'a str,
}

/// Links to files that are not there.
pub(super) fn dead_links(tree: &Tree) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (file, link) in links(tree) {
        let Some(path) = resolved(&file.path, link.target) else { continue };
        let prefix = format!("{path}/");
        // Pictures are no text files, so they are looked for on the disk.
        let known = tree.files.iter().any(|it| it.path == path || it.path.starts_with(&prefix));
        if !known && !tree.root.join(&path).exists() {
            findings.push(format!("{}: {} is not there", file.path, link.target));
        }
    }
    Ok(findings)
}

/// Proofs, [`` `name` ``](file.rs), without a test of that name in the file.
pub(super) fn missing_proofs(tree: &Tree) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (file, link) in links(tree) {
        let name = link.words.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
        let (Some(name), Some(path)) = (name, resolved(&file.path, link.target)) else { continue };
        let is_name = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        // A path's own name in backticks is a link to a file, not to a test.
        if !is_name || !path.ends_with(".rs") {
            continue;
        }
        let test = format!("fn {name}(");
        if !tree.file(&path).is_some_and(|text| text.contains(&test)) {
            findings.push(format!("{}: {path} has no test {name}", file.path));
        }
    }
    Ok(findings)
}

fn links(tree: &Tree) -> impl Iterator<Item = (&File, Link<'_>)> {
    let documents = tree.files.iter().filter(|it| it.path.ends_with(".md"));
    documents.flat_map(|file| links_of(&file.text).into_iter().map(move |link| (file, link)))
}

fn links_of(text: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    for (middle, _) in text.match_indices("](") {
        let Some(start) = text[..middle].rfind('[') else { continue };
        let Some(end) = text[middle..].find(')') else { continue };
        links.push(Link { words: &text[start + 1..middle], target: &text[middle + 2..middle + end] });
    }
    links
}

/// The path from the root; none for an address or a place in the same document.
fn resolved(document: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().filter(|it| !it.is_empty() && !it.contains("://"))?;
    let mut path = PathBuf::from(document);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    Some(path.display().to_string().replace('\\', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_a_test_in_the_file_it_names() {
        let tree = Tree::of(&[
            (
                "SECURITY.md",
                "[`proved`](a/it.rs), [`gone`](a/it.rs), [`x`](https://h/x.rs), [map](docs/map.md#here)",
            ),
            ("docs/map.md", "[up](../a/it.rs), [nowhere](../b.md), [here](#here)"),
            ("a/it.rs", "fn proved() {}"),
        ]);
        assert_eq!(missing_proofs(&tree).unwrap(), ["SECURITY.md: a/it.rs has no test gone"]);
        assert_eq!(dead_links(&tree).unwrap(), ["docs/map.md: ../b.md is not there"]);
    }
}
