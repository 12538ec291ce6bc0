//! Rules about the window: what its configuration, its capabilities and its dependencies may say.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};

use super::{Tree, graph};

const CONFIGURATION: &str = "src-tauri/tauri.conf.json";
const CAPABILITIES: &str = "src-tauri/capabilities/";
const WINDOW: &str = "src-tauri/src/window.rs";
/// Plugins of the window. None reaches files, programs or the network for a page, and no page may call any.
const PLUGINS: &[&str] = &["tauri-plugin-window-state"];
/// Features of Tauri: the window itself, and the embedded page instead of a server. Not `devtools`, which would open a
/// release's page to whoever sits before it, no protocol that serves files, and not `compression`: the window takes the
/// embedded page as it is, without unpacking it at each start.
const FEATURES: &[&str] = &["wry", "custom-protocol"];
/// What is left to say under `app.security`. Everything `dangerous…` and the protocol for files are not there.
const SECURITY: &[&str] = &["csp", "freezePrototype", "capabilities"];
/// Without these the page could be led away.
const CALLS: &[&str] = &[".on_navigation(is_our_page)", ".on_new_window(|_, _| NewWindowResponse::Deny)"];

/// The configuration.
pub(super) fn configuration(tree: &Tree) -> Result<Vec<String>> {
    let Some(text) = tree.file(CONFIGURATION) else { return Ok(vec![format!("{CONFIGURATION} is missing")]) };
    let json: Value = serde_json::from_str(text).with_context(|| format!("{CONFIGURATION} is not JSON"))?;
    let findings = configuration_findings(&json).into_iter();
    Ok(findings.map(|it| format!("{CONFIGURATION}: {it}")).collect())
}

fn configuration_findings(json: &Value) -> Vec<String> {
    let app = &json["app"];
    let mut findings = Vec::new();
    if app["withGlobalTauri"] != false {
        findings.push("app.withGlobalTauri is not false: the page needs no Tauri of its own".to_owned());
    }
    if app["security"]["freezePrototype"] != true {
        findings.push(
            "app.security.freezePrototype is not true: a script could change what others stand on".into(),
        );
    }
    if app["windows"] != Value::Array(Vec::new()) {
        findings.push("app.windows is not []: the one window is made in window.rs, with its guards".into());
    }
    findings.extend(beyond(&app["security"], SECURITY, "app.security"));
    findings.extend(beyond(&json["build"], &["frontendDist"], "build"));
    if !json["plugins"].is_null() {
        findings.push("plugins are configured".into());
    }
    if json["build"]["frontendDist"] != "../dist" {
        findings.push("build.frontendDist is not the embedded page".into());
    }
    findings
}

/// Keys that are not in a list.
fn beyond(object: &Value, known: &[&str], place: &str) -> Vec<String> {
    let keys = object.as_object().into_iter().flat_map(Map::keys);
    keys.filter(|key| !known.contains(&key.as_str()))
        .map(|key| format!("{place}.{key} is not allowed"))
        .collect()
}

/// The capabilities: the one window, and nothing that is loaded from elsewhere. What may be called is another rule's.
pub(super) fn origins(tree: &Tree) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|it| it.path.starts_with(CAPABILITIES)) {
        let json: Value =
            serde_json::from_str(&file.text).with_context(|| format!("{} is not JSON", file.path))?;
        let known = ["identifier", "description", "windows", "permissions"];
        let mut found = beyond(&json, &known, "capability");
        if json["windows"] != serde_json::json!(["main"]) {
            found.push("its windows are not [\"main\"]".into());
        }
        findings.extend(found.into_iter().map(|it| format!("{}: {it}", file.path)));
    }
    Ok(findings)
}

/// The window's own dependencies.
pub(super) fn plugins(tree: &Tree) -> Result<Vec<String>> {
    plugin_findings(&graph::metadata(tree)?)
}

fn plugin_findings(metadata: &str) -> Result<Vec<String>> {
    let json: Value = serde_json::from_str(metadata).context("cargo metadata is not JSON")?;
    let packages = json["packages"].as_array().context("cargo metadata lists no packages")?;
    let window =
        packages.iter().find(|it| it["name"] == "csr-desk").context("there is no package csr-desk")?;
    let mut findings = Vec::new();
    let asked = window["dependencies"].as_array().into_iter().flatten();
    for dependency in asked.filter(|it| it["kind"] != "build") {
        let name = dependency["name"].as_str().unwrap_or_default();
        if name.starts_with("tauri-plugin-") && !PLUGINS.contains(&name) {
            findings.push(format!("{name} is a plugin that is not in the list in xtask/src/check/shell.rs"));
        }
        if name == "tauri" {
            if dependency["uses_default_features"] != false {
                findings.push("tauri has its default features".into());
            }
            let features = dependency["features"].as_array().into_iter().flatten().filter_map(Value::as_str);
            findings.extend(unknown_features(features));
        }
    }
    let own = window["features"].as_object().into_iter().flat_map(Map::values);
    let own = own.flat_map(|it| it.as_array().into_iter().flatten()).filter_map(Value::as_str);
    findings.extend(unknown_features(own.filter_map(|it| it.strip_prefix("tauri/"))));
    Ok(findings)
}

fn unknown_features<'a>(features: impl Iterator<Item = &'a str>) -> Vec<String> {
    features.filter(|it| !FEATURES.contains(it)).map(|it| format!("tauri has the feature {it}")).collect()
}

/// The guards of the window, in its own source.
pub(super) fn guards(tree: &Tree) -> Result<Vec<String>> {
    let Some(source) = tree.file(WINDOW) else { return Ok(vec![format!("{WINDOW} is missing")]) };
    Ok(CALLS.iter().filter(|it| !source.contains(*it)).map(|it| format!("{WINDOW} lacks {it}")).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "build": { "frontendDist": "../dist" },
            "app": {
                "windows": [],
                "withGlobalTauri": false,
                "security": { "csp": "x", "freezePrototype": true, "capabilities": ["main"] },
            },
        })
    }

    #[test]
    fn a_configuration_may_loosen_nothing() {
        assert_eq!(configuration_findings(&good()), Vec::<String>::new());
        for (place, value) in [
            ("/app/withGlobalTauri", json!(true)),
            ("/app/withGlobalTauri", json!(null)),
            ("/app/security/freezePrototype", json!(false)),
            ("/app/windows", json!([{ "dragDropEnabled": false }])),
            (
                "/app/security",
                json!({ "freezePrototype": true, "dangerousDisableAssetCspModification": true }),
            ),
            ("/app/security", json!({ "freezePrototype": true, "assetProtocol": { "enable": true } })),
            ("/build", json!({ "frontendDist": "../dist", "devUrl": "http://localhost:1420" })),
            ("/build", json!({ "frontendDist": "https://attacker.example" })),
        ] {
            let mut configuration = good();
            *configuration.pointer_mut(place).unwrap() = value;
            assert_eq!(configuration_findings(&configuration).len(), 1, "{configuration}");
        }
        let mut plugins = good();
        plugins["plugins"] = json!({ "shell": { "open": true } });
        assert_eq!(configuration_findings(&plugins).len(), 1);
    }

    #[test]
    fn a_capability_is_for_the_one_window_and_no_remote_page() {
        let tree = |text: &str| Tree::of(&[("src-tauri/capabilities/main.json", text)]);
        let good = r#"{"identifier":"main","windows":["main"],"permissions":["allow-status"]}"#;
        assert_eq!(origins(&tree(good)).unwrap(), Vec::<String>::new());
        for bad in [
            r#"{"identifier":"main","windows":["main"],"permissions":[],"remote":{"urls":["https://*"]}}"#,
            r#"{"identifier":"main","windows":["*"],"permissions":[]}"#,
            r#"{"identifier":"main","windows":["main"],"webviews":["*"],"permissions":[]}"#,
        ] {
            assert_eq!(origins(&tree(bad)).unwrap().len(), 1, "{bad}");
        }
    }

    #[test]
    fn no_plugin_and_no_feature_beyond_the_lists() {
        let found = |dependency: &str, features: &str| {
            let package =
                format!(r#"{{"name":"csr-desk","dependencies":[{dependency}],"features":{features}}}"#);
            plugin_findings(&format!(r#"{{"packages":[{package}]}}"#)).unwrap().len()
        };
        let tauri = |features: &str| {
            format!(r#"{{"name":"tauri","kind":null,"uses_default_features":false,"features":{features}}}"#)
        };
        assert_eq!(found(&tauri(r#"["wry"]"#), r#"{"custom-protocol":["tauri/custom-protocol"]}"#), 0);
        assert_eq!(found(&tauri(r#"["wry","compression"]"#), "{}"), 1);
        assert_eq!(found(&tauri(r#"["wry","devtools"]"#), "{}"), 1);
        assert_eq!(found(&tauri(r#"["wry"]"#), r#"{"debug":["tauri/devtools"]}"#), 1);
        assert_eq!(found(r#"{"name":"tauri-plugin-shell","kind":null}"#, "{}"), 1);
        assert_eq!(found(r#"{"name":"tauri-plugin-window-state","kind":null}"#, "{}"), 0);
    }

    #[test]
    fn the_window_s_guards_are_there() {
        let source = CALLS.join("\n");
        assert_eq!(guards(&Tree::of(&[(WINDOW, &source)])).unwrap(), Vec::<String>::new());
        assert_eq!(guards(&Tree::of(&[(WINDOW, CALLS[0])])).unwrap().len(), 1);
    }
}
