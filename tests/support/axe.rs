//! axe-core on the page as it stands.

use fantoccini::Client;
use serde_json::Value;

/// Which of axe's rules are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// All that are on by default.
    All,
    /// Those that a colour can break: contrast, and links that colour alone tells apart.
    Colours,
}

/// Everything that axe objects to, a line each; empty when there is nothing.
///
/// # Panics
/// When axe-core is not there or cannot run.
pub async fn complaints(client: &Client, rules: Rules) -> Vec<String> {
    let loaded = client.execute("return typeof window.axe === 'object'", Vec::new()).await.expect("a page");
    if loaded != true {
        let path =
            std::env::var("AXE_JS").unwrap_or_else(|_| "../node_modules/axe-core/axe.min.js".to_owned());
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}; run npm ci"));
        // The source travels as an argument and is evaluated by the driver, which the page's policy does not bind.
        client.execute(&source, Vec::new()).await.expect("axe loads");
    }
    let run = "const [only, done] = [arguments[0], arguments[arguments.length - 1]];
        window.axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) }).then(
            found => done(found.violations.flatMap(v => v.nodes.map(n =>
                `${v.id}: ${v.help}: ${n.html} ${n.failureSummary}`))),
            error => done([String(error)]));";
    let only = match rules {
        Rules::All => Value::Null,
        Rules::Colours => {
            serde_json::json!({ "type": "rule", "values": ["color-contrast", "link-in-text-block"] })
        }
    };
    match client.execute_async(run, vec![only]).await.expect("axe runs") {
        Value::Array(rows) => rows.into_iter().map(|it| it.as_str().unwrap_or_default().to_owned()).collect(),
        other => vec![other.to_string()],
    }
}
