//! The answer to the page's first question, there before the page is.
//!
//! Owns the one script that runs ahead of the page: it sets one variable, from what the desk says. Nothing else may be added
//! to the page; `cargo xtask check` keeps every other file from it.

use std::error::Error;

use desk::Desk;
use desk::commands::quick_status;
use tauri::{Manager, Runtime, WebviewWindowBuilder};

/// Leaves the answer to [`quick_status`] where the page looks for it. The page is then drawn once, ready to be used, instead
/// of being drawn, asking, and being drawn again.
///
/// # Errors
/// The answer cannot be written as JSON, which is not foreseen.
pub(crate) fn leave<'a, R: Runtime, M: Manager<R>>(
    window: WebviewWindowBuilder<'a, R, M>,
    desk: &Desk,
) -> Result<WebviewWindowBuilder<'a, R, M>, Box<dyn Error>> {
    let known = tauri::async_runtime::block_on(desk.quick_status(quick_status::Request {}));
    let known = known.map_err(|failure| failure.code.what())?;
    Ok(window.initialization_script(script(&serde_json::to_string(&known)?)))
}

/// The script runs before each load of the page. What it says is true when the window opens, so a page that is loaded again
/// does not get it, and asks. JSON is JavaScript (ECMAScript 2019, JSON superset).
fn script(known: &str) -> String {
    let name = desk::KNOWN_AT_START;
    format!(
        "try {{
            if (sessionStorage.getItem('{name}') === null) {{
                sessionStorage.setItem('{name}', '1');
                window.{name} = {known};
            }}
        }} catch {{ /* Without storage the page asks. */ }}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_a_value_whatever_a_connection_is_called() {
        let name = "'</script>`${x}\u{2028}\"\\";
        let script = script(&serde_json::json!({ "name": name }).to_string());
        let (_, value) = script.split_once(&format!("window.{} = ", desk::KNOWN_AT_START)).unwrap();
        let (value, _) = value.split_once(";\n").unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(value).unwrap()["name"], name);
    }
}
