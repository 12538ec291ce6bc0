//! Rules about what the hosts promise the page: no inline code, one policy, exactly the listed commands.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Tree;

const WINDOW: &str = "src-tauri/tauri.conf.json";
const GATEWAY: &str = "crates/gateway/src/headers.rs";
const COMMANDS: &str = "crates/desk/src/command_list.rs";
const CAPABILITIES: &str = "src-tauri/capabilities/";
/// The window's channel to its own process: the one difference between the policies.
const WINDOW_CHANNEL: [&str; 2] = ["ipc:", "http://ipc.localhost"];
/// Permissions beside the commands. None is needed; one that becomes needed is listed here with its reason.
const OTHER_PERMISSIONS: &[&str] = &[];

/// Inline code in the html, and style attributes in views.
pub(super) fn inline(tree: &Tree) -> Result<Vec<String>> {
    let mut findings: Vec<String> = match tree.file("index.html") {
        Some(html) => inline_in_html(html).into_iter().map(|what| format!("index.html has {what}")).collect(),
        None => vec!["index.html is missing".into()],
    };
    for file in
        tree.files.iter().filter(|file| file.path.starts_with("src-ui/src/") && file.path.ends_with(".rs"))
    {
        for (index, line) in file.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.contains(" style=") {
                findings.push(format!(
                    "{}:{} sets a style attribute; use a class, or `style:`",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    Ok(findings)
}

fn inline_in_html(html: &str) -> Vec<String> {
    let html = without_comments(html);
    let mut findings = Vec::new();
    for tag in html.split('<').skip(1) {
        let (inside, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = inside.split(|it: char| it.is_whitespace() || it == '/').next().unwrap_or_default();
        if name.eq_ignore_ascii_case("style") {
            findings.push("a <style> element".to_owned());
        }
        if name.eq_ignore_ascii_case("script") && (!inside.contains(" src=") || !after.trim().is_empty()) {
            findings.push("an inline <script>".to_owned());
        }
        for attribute in inside.split_whitespace().skip(1).filter_map(|part| part.split('=').next()) {
            let handler = attribute.starts_with("on") && attribute.len() > 3;
            if attribute.eq_ignore_ascii_case("style")
                || (handler && inside.contains(&format!("{attribute}=")))
            {
                findings.push(format!("the attribute {attribute} on <{name}>"));
            }
        }
    }
    findings
}

fn without_comments(html: &str) -> String {
    let mut rest = html;
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once("<!--") {
        text.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    text + rest
}

/// Both policies, compared.
pub(super) fn policies(tree: &Tree) -> Result<Vec<String>> {
    let window = match tree.file(WINDOW) {
        Some(text) => window_policy(text)?,
        None => return Ok(vec![format!("{WINDOW} is missing")]),
    };
    let gateway = match tree.file(GATEWAY) {
        Some(text) => constant(text, "CONTENT_SECURITY_POLICY")
            .with_context(|| format!("{GATEWAY} has no text constant CONTENT_SECURITY_POLICY"))?,
        None => return Ok(vec![format!("{GATEWAY} is missing")]),
    };
    Ok(compare(&window, &gateway))
}

fn window_policy(configuration: &str) -> Result<String> {
    let json: Value = serde_json::from_str(configuration).with_context(|| format!("{WINDOW} is not JSON"))?;
    match &json["app"]["security"]["csp"] {
        Value::String(policy) => Ok(policy.clone()),
        _ => bail!("{WINDOW} has no app.security.csp: without one the window enforces nothing"),
    }
}

/// The value of `const NAME: &str = "…"`.
fn constant(source: &str, name: &str) -> Option<String> {
    let declaration = source.split(&format!("{name}: &str =")).nth(1)?;
    let value = declaration.trim_start().strip_prefix('"')?.split('"').next()?;
    // A backslash at the end of a line swallows the indentation of the next.
    Some(value.split("\\\n").map(str::trim_start).collect())
}

type Policy<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn policy(text: &str) -> Policy<'_> {
    let directives = text.split(';').map(|directive| {
        let mut words = directive.split_whitespace();
        (words.next().unwrap_or_default(), words.collect())
    });
    directives.filter(|(name, _): &(&str, _)| !name.is_empty()).collect()
}

fn compare(window_text: &str, gateway_text: &str) -> Vec<String> {
    let (mut window, gateway) = (policy(window_text), policy(gateway_text));
    let mut findings = Vec::new();
    let channel =
        window.get_mut("connect-src").map(|sources| WINDOW_CHANNEL.map(|word| sources.remove(word)));
    if channel != Some([true, true]) {
        findings.push(format!("the window's connect-src needs {}", WINDOW_CHANNEL.join(" ")));
    }
    for name in window.keys().chain(gateway.keys()).collect::<BTreeSet<_>>() {
        if window.get(name) != gateway.get(name) {
            let shown = |policy: &Policy<'_>| match policy.get(name) {
                Some(sources) => sources.iter().copied().collect::<Vec<_>>().join(" "),
                None => "nothing".to_owned(),
            };
            findings.push(format!(
                "{name}: the window has {}, the gateway {}",
                shown(&window),
                shown(&gateway)
            ));
        }
    }
    for word in ["'unsafe-inline'", "'unsafe-eval'", "*"] {
        if window.values().chain(gateway.values()).any(|sources| sources.contains(word)) {
            findings.push(format!("a policy allows {word}"));
        }
    }
    findings
}

/// Commands against permissions.
pub(super) fn capabilities(tree: &Tree) -> Result<Vec<String>> {
    let Some(list) = tree.file(COMMANDS) else { return Ok(vec![format!("{COMMANDS} is missing")]) };
    let commands = commands(list);
    if commands.is_empty() {
        return Ok(vec![format!("no command is found in {COMMANDS}")]);
    }
    let mut given = BTreeSet::new();
    for file in
        tree.files.iter().filter(|file| file.path.starts_with(CAPABILITIES) && file.path.ends_with(".json"))
    {
        given.extend(permissions(&file.text).with_context(|| format!("cannot read {}", file.path))?);
    }
    let wanted = commands.iter().map(|name| format!("allow-{}", name.replace('_', "-")));
    let wanted: BTreeSet<String> =
        wanted.chain(OTHER_PERMISSIONS.iter().map(|it| (*it).to_owned())).collect();
    let missing = wanted.difference(&given).map(|it| format!("{CAPABILITIES} lacks {it}"));
    let needless =
        given.difference(&wanted).map(|it| format!("{CAPABILITIES} grants {it}, which is no command"));
    Ok(missing.chain(needless).collect())
}

/// The names in the block of `for_each_command!`: lines like `status Query Status;`.
fn commands(source: &str) -> Vec<&str> {
    let code = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    let block =
        code.skip_while(|line| !line.ends_with("$callback! {")).skip(1).take_while(|line| *line != "}");
    block.filter_map(|line| line.split_whitespace().next()).collect()
}

fn permissions(capability: &str) -> Result<Vec<String>> {
    let json: Value = serde_json::from_str(capability)?;
    let list = json["permissions"].as_array().context("a capability has no list of permissions")?;
    // A permission with a scope is an object; none of ours has one.
    list.iter().map(|it| it.as_str().map(str::to_owned).context("a permission is not a plain name")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_links_only_is_clean() {
        let html = "<!doctype html><!-- <style> --><link rel=\"stylesheet\" href=\"a.css\">\
                    <script type=\"module\" src=\"boot.js\"></script><body><p>on=off</p></body>";
        assert_eq!(inline_in_html(html), Vec::<String>::new());
    }

    #[test]
    fn inline_code_is_found_in_every_form() {
        for html in [
            "<script>x()</script>",
            "<script src=\"a.js\">x()</script>",
            "<style>p{}</style>",
            "<p style=\"x\">",
            "<body onload=\"x()\">",
        ] {
            assert_eq!(inline_in_html(html).len(), 1, "{html}");
        }
    }

    #[test]
    fn policies_may_differ_in_the_window_channel_alone() {
        let window = "default-src 'none'; connect-src 'self' ipc: http://ipc.localhost";
        assert_eq!(compare(window, "connect-src 'self'; default-src 'none'"), Vec::<String>::new());
        assert_eq!(
            compare(window, "connect-src 'self'"),
            ["default-src: the window has 'none', the gateway nothing"]
        );
        assert_eq!(compare("connect-src 'self'", "connect-src 'self'").len(), 1);
        let unsafe_both = format!("{window}; style-src 'unsafe-inline'");
        let gateway = "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'";
        assert_eq!(compare(&unsafe_both, gateway), ["a policy allows 'unsafe-inline'"]);
    }

    #[test]
    fn a_constant_is_read_over_continued_lines() {
        let source = "pub const CSP: &str = \"default-src 'none'; \\\n    img-src 'self'\";";
        assert_eq!(constant(source, "CSP").unwrap(), "default-src 'none'; img-src 'self'");
        assert_eq!(constant(source, "OTHER"), None);
    }

    #[test]
    fn permissions_must_be_exactly_the_commands() {
        let list = "/// Expands `$callback! { name Kind Marker; … }`\n ($callback:path) => {\n $callback! {\n \
                    status Query Status;\n // Writes.\n set_connection Action SetConnection;\n }\n }";
        assert_eq!(commands(list), ["status", "set_connection"]);
        let tree = |permissions: &str| {
            Tree::of(&[
                (COMMANDS, list),
                ("src-tauri/capabilities/main.json", &format!("{{\"permissions\":{permissions}}}")),
            ])
        };
        let exact = tree(r#"["allow-status","allow-set-connection"]"#);
        assert_eq!(capabilities(&exact).unwrap(), Vec::<String>::new());
        assert_eq!(capabilities(&tree(r#"["allow-status","core:default"]"#)).unwrap().len(), 2);
    }
}
