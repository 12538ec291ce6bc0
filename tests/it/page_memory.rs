//! The memory of the gateway: what a person typed into the page is not in it once it was forgotten.

use std::os::unix::fs::MetadataExt;

use e2e::memory::found_in;
use e2e::wait;
use e2e::world::World;

use crate::browser::{Served, fill_form, sign};
use crate::page_connections::add;

/// With what each token begins: a copy may have been cut.
const BEGINNING: &str = "TYPED-3F2504E0-4F89";
/// With what it ends: the system's allocator itself overwrites the beginning of what is given back.
const ENDING: &str = "9A0C-0305E82C3301";
/// How many tokens are typed: memory is used again, so one token may be overwritten by luck.
const TOKENS: usize = 32;

#[tokio::test]
async fn a_typed_token_is_in_no_memory_after_a_lock_or_after_it_was_forgotten() {
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        assert!(std::env::var_os("CI").is_none(), "only root can read the memory of the programs");
        eprintln!("NOT TESTED: only root can read the memory of the programs");
        return;
    }
    let look = |process| {
        found_in(process, &[BEGINNING, ENDING]).expect("root reads the memory of a program that runs")
    };
    for command in ["lock", "forget_token"] {
        let world = World::with(|it| it.token(format!("{BEGINNING}-SIGNED-WITH-{ENDING}"))).await;
        let served = Served::bare(&world, false).await;
        let (page, process) = (served.page(), served.gateway.id());
        page.go("#/connection", "connection-form").await;
        add(&page, &world, "Session", "test", "").await;
        fill_form(&page, &world, 301).await;
        sign(&page).await;
        for number in 0..TOKENS {
            let request = format!(r#"{{"token":"{BEGINNING}-NUMBER-{number}-{ENDING}"}}"#);
            let typed = page.call("provide_token", &request).await;
            assert!(typed.contains("not_kept"), "{typed}");
        }
        let found = look(process);
        let last = format!("{BEGINNING}-NUMBER-{}", TOKENS - 1);
        assert!(found.iter().any(|it| it.starts_with(&last)), "the token that is in use: {found:?}");
        let answer = page.call(command, "{}").await;
        assert!(answer.starts_with('{') && !answer.contains("\"code\""), "{command}: {answer}");
        let mut left = Vec::new();
        let none = wait::tried(async || {
            left = look(process);
            left.is_empty().then_some(())
        });
        assert!(none.await.is_some(), "after {command}: {left:?}");
    }
}
