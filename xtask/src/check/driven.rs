//! A rule about the end-to-end tests: those that drive a browser or a window are where the runner looks for them.

use anyhow::Result;

use super::Tree;
use crate::test::{DRIVEN, DRIVEN_PREFIX};

const TESTS: &str = "tests/it/";
/// What only a test with a browser or a window mentions.
const MARKS: &[&str] = &["Served", "driver::"];

/// Tests with a browser or a window in other modules.
pub(super) fn misplaced(tree: &Tree) -> Result<Vec<String>> {
    let tests = tree.files.iter().filter_map(|file| {
        let module = file.path.strip_prefix(TESTS)?.strip_suffix(".rs")?;
        let driven = DRIVEN.contains(&module) || module.starts_with(DRIVEN_PREFIX);
        let mark = MARKS.iter().find(|it| file.text.contains(**it))?;
        (!driven).then(|| {
            format!(
                "{} mentions `{mark}`: name the module {DRIVEN_PREFIX}{module}, or move the test",
                file.path
            )
        })
    });
    Ok(tests.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_with_a_browser_is_in_a_module_that_says_so() {
        let found = |path: &str, text: &str| misplaced(&Tree::of(&[(path, text)])).unwrap().len();
        assert_eq!(found("tests/it/serve.rs", "let served = Served::bare(&world, false).await;"), 1);
        assert_eq!(found("tests/it/keys.rs", "driver::window(&home)"), 1);
        assert_eq!(found("tests/it/page_keys.rs", "Served::bare(&world, false)"), 0);
        assert_eq!(found("tests/it/screens.rs", "Served::bare(&world, false)"), 0);
        assert_eq!(found("tests/it/serve.rs", "World::new()"), 0);
    }
}
