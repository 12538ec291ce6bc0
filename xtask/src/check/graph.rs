//! Rules about who depends on whom, read from Cargo itself.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Tree;
use crate::run;

/// Each crate of ours, and those of ours it may build on. What is not here is not allowed.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("review", &["domain"]),
    ("secrets", &["domain"]),
    ("journal", &["domain"]),
    ("pam360", &["domain", "secrets"]),
    ("desk", &["domain", "journal", "pam360", "review", "secrets"]),
    ("gateway", &["desk", "domain", "secrets"]),
    // `csrdesk serve` starts the browser host.
    ("cli", &["desk", "domain", "gateway", "secrets"]),
    ("csr-desk", &["desk", "domain", "secrets"]),
    ("csrdesk-ui", &["desk", "domain"]),
    ("standin", &[]),
    // A program of its own there asks the real keychain, which no other test may.
    ("e2e", &["secrets", "standin"]),
    ("xtask", &[]),
    // What csrdesk is measured against: nothing of ours.
    ("bare-client", &[]),
];

/// Crates that may use `desk` for its list and types alone.
const WITHOUT_HANDLERS: &[&str] = &["csrdesk-ui"];

/// An outside crate, and who may depend on it; tests may, wherever they are.
const HOMES: &[(&str, &[&str])] = &[
    ("apple-native-keyring-store", &["secrets"]),
    ("axum", &["gateway", "standin"]),
    ("gloo-net", &["csrdesk-ui"]),
    ("hyper", &["gateway", "pam360", "standin"]),
    ("hyper-util", &["gateway", "pam360", "standin"]),
    ("keyring-core", &["secrets"]),
    ("leptos", &["csrdesk-ui"]),
    ("rusqlite", &["journal"]),
    ("rustls", &["bare-client", "pam360", "standin"]),
    ("rustls-platform-verifier", &["pam360"]),
    ("secret-service", &["secrets"]),
    ("tauri", &["csr-desk"]),
    ("tauri-build", &["csr-desk"]),
    ("tokio-rustls", &["pam360", "standin"]),
    ("wasm-bindgen-cli-support", &["xtask"]),
    ("web-sys", &["csrdesk-ui"]),
    ("windows-native-keyring-store", &["secrets"]),
    ("zbus", &["secrets"]),
    ("zbus-secret-service-keyring-store", &["secrets"]),
];

/// Never in the graph, on no platform and behind no feature that is on.
const BANNED: &[&str] = &["ring", "openssl", "openssl-sys", "native-tls", "boring"];
/// Once in the graph.
const ONE_VERSION: &[&str] = &["rustls", "aws-lc-rs", "rustls-webpki", "rusqlite"];

/// One edge out of a crate of ours.
#[derive(Debug)]
struct Edge {
    from: String,
    to: String,
    /// To another crate of this workspace.
    ours: bool,
    /// For tests only.
    dev: bool,
    handlers: bool,
}

/// Our crates' edges against [`DIRECTIONS`].
pub(super) fn directions(tree: &Tree) -> Result<Vec<String>> {
    let edges = edges(tree)?;
    Ok(edges.iter().filter(|edge| edge.ours).filter_map(direction).collect())
}

fn direction(edge: &Edge) -> Option<String> {
    let Edge { from, to, .. } = edge;
    let Some((_, allowed)) = DIRECTIONS.iter().find(|(name, _)| name == from) else {
        return Some(format!("{from} is new: say in xtask/src/check/graph.rs what it may depend on"));
    };
    // Every crate may test itself against the look-alike.
    let in_tests = edge.dev && to == "standin";
    if !in_tests && !allowed.contains(&to.as_str()) {
        return Some(format!("{from} may not depend on {to}"));
    }
    if edge.handlers && WITHOUT_HANDLERS.contains(&from.as_str()) {
        return Some(format!(
            "{from} may use {to} without its feature `handlers` only (default-features = false)"
        ));
    }
    None
}

/// Our crates' edges against [`HOMES`].
pub(super) fn homes(tree: &Tree) -> Result<Vec<String>> {
    let edges = edges(tree)?;
    Ok(edges.iter().filter(|edge| !edge.ours && !edge.dev && edge.from != "e2e").filter_map(home).collect())
}

fn home(edge: &Edge) -> Option<String> {
    let (_, allowed) = HOMES.iter().find(|(name, _)| *name == edge.to)?;
    let at_home = allowed.contains(&edge.from.as_str());
    (!at_home)
        .then(|| format!("{} may not depend on {}: its home is {}", edge.from, edge.to, allowed.join(", ")))
}

fn edges(tree: &Tree) -> Result<Vec<Edge>> {
    parse_edges(&metadata(tree)?)
}

/// Our packages, as Cargo describes them.
pub(super) fn metadata(tree: &Tree) -> Result<String> {
    let arguments = ["metadata", "--no-deps", "--locked", "--format-version", "1"];
    run::read(run::cargo(&tree.root).args(arguments))
}

fn parse_edges(metadata: &str) -> Result<Vec<Edge>> {
    let json: Value = serde_json::from_str(metadata).context("cargo metadata is not JSON")?;
    let mut edges = Vec::new();
    for package in json["packages"].as_array().context("cargo metadata lists no packages")? {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let asked = dependency["features"].as_array().into_iter().flatten().any(|it| it == "handlers");
            edges.push(Edge {
                from: text(&package["name"]),
                to: text(&dependency["name"]),
                ours: dependency["path"].is_string(),
                dev: dependency["kind"] == "dev",
                handlers: dependency["name"] == "desk"
                    && (asked || dependency["uses_default_features"] == true),
            });
        }
    }
    Ok(edges)
}

/// What is compiled on any platform, against [`BANNED`] and [`ONE_VERSION`].
///
/// Cargo.lock is no witness: it also names what an optional feature nobody turns on would bring.
pub(super) fn crypto(tree: &Tree) -> Result<Vec<String>> {
    let arguments =
        ["tree", "--workspace", "--locked", "--target", "all", "--edges", "all", "--prefix", "none"];
    let text = run::read(run::cargo(&tree.root).args(arguments).args(["--format", "{p}"]))?;
    Ok(crypto_findings(&text))
}

fn crypto_findings(tree: &str) -> Vec<String> {
    let built: BTreeSet<(&str, &str)> = tree
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        })
        .filter(|(_, version)| version.starts_with('v'))
        .collect();
    let banned = BANNED.iter().filter(|name| built.iter().any(|(it, _)| it == *name)).map(|name| {
        format!("{name} is in the dependency graph: `cargo tree -i {name} --workspace --target all -e all`")
    });
    let doubled = ONE_VERSION
        .iter()
        .filter(|name| built.iter().filter(|(it, _)| it == *name).count() > 1)
        .map(|name| format!("{name} is there in more than one version: `cargo tree -i {name} --workspace`"));
    banned.chain(doubled).collect()
}

/// Manifests without the workspace's lints.
pub(super) fn lints(tree: &Tree) -> Result<Vec<String>> {
    let silent = tree.files.iter().filter(|file| {
        let is_member = file.path.ends_with("/Cargo.toml") && !file.text.contains("\n[workspace]\n");
        is_member && !file.text.contains("[lints]\nworkspace = true")
    });
    Ok(silent.map(|file| format!("{} lacks `[lints] workspace = true`", file.path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(from: &str, dependency: &str) -> Vec<Edge> {
        parse_edges(&format!(r#"{{"packages":[{{"name":"{from}","dependencies":[{dependency}]}}]}}"#))
            .unwrap()
    }

    #[test]
    fn the_domain_depends_on_nothing_of_ours() {
        let edges = metadata("domain", r#"{"name":"journal","path":"x","kind":null}"#);
        assert_eq!(direction(&edges[0]).unwrap(), "domain may not depend on journal");
    }

    #[test]
    fn tests_may_use_the_stand_in_and_programs_may_not() {
        let dev = metadata("desk", r#"{"name":"standin","path":"x","kind":"dev"}"#);
        assert_eq!(direction(&dev[0]), None);
        let normal = metadata("desk", r#"{"name":"standin","path":"x","kind":null}"#);
        assert!(direction(&normal[0]).is_some());
    }

    #[test]
    fn the_page_may_not_turn_handlers_on() {
        let types = r#"{"name":"desk","path":"x","kind":null,"features":[],"uses_default_features":false}"#;
        assert_eq!(direction(&metadata("csrdesk-ui", types)[0]), None);
        let default = r#"{"name":"desk","path":"x","kind":null,"features":[],"uses_default_features":true}"#;
        assert!(direction(&metadata("csrdesk-ui", default)[0]).is_some());
        let asked =
            r#"{"name":"desk","path":"x","kind":null,"features":["handlers"],"uses_default_features":false}"#;
        assert!(direction(&metadata("csrdesk-ui", asked)[0]).is_some());
    }

    #[test]
    fn a_crate_without_a_row_is_asked_for_one() {
        let edges = metadata("brand-new", r#"{"name":"domain","path":"x","kind":null}"#);
        assert!(direction(&edges[0]).unwrap().contains("is new"));
    }

    #[test]
    fn the_database_has_one_home() {
        let edge = |from: &str| metadata(from, r#"{"name":"rusqlite","kind":null}"#).remove(0);
        assert_eq!(home(&edge("journal")), None);
        assert_eq!(home(&edge("desk")).unwrap(), "desk may not depend on rusqlite: its home is journal");
    }

    #[test]
    fn a_second_provider_or_version_is_found() {
        let tree = "pam360 v0.1.0 (x)\nrustls v0.23.46\nrustls v0.23.46 (*)\n\nring feature \"default\"\n";
        assert_eq!(crypto_findings(tree), Vec::<String>::new());
        assert_eq!(crypto_findings(&format!("{tree}rustls v0.22.0\nring v0.17.14\n")).len(), 2);
    }
}
