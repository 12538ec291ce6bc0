//! A session of `csrdesk serve` as a browser sees it: its two secrets, a new link, a second tab.

use e2e::wait;
use e2e::world::World;
use serde_json::Value;

use crate::browser::Served;

const KEY: &str = "return localStorage.getItem('csrdesk-key')";

#[tokio::test]
async fn a_page_that_lost_its_key_says_so_and_goes_on_after_a_new_link() {
    let world = World::new().await;
    let mut served = Served::connected(&world, false).await;
    let page = served.page();
    page.go("#/sign", "screen-sign").await;
    page.fill("root-cn", "typed before").await;
    page.script("localStorage.removeItem('csrdesk-key')").await;
    page.fill("root-serial", "1879376424c").await;
    page.fill("validity-days", "100").await;
    page.fill("csr-id", "301").await;
    page.press("button-review").await;
    let words = page.text("failure").await;
    assert!(words.contains("session has ended") && words.contains("terminal"), "{words}");
    let code = page.script("return document.querySelector('[data-testid=failure] code').textContent").await;
    assert_eq!(code, "session-ended");
    // What was typed leaves the storage of the tab with the session, and comes back there with the next one alone.
    page.look_again().await;
    let stored = async || page.script("return sessionStorage.getItem('csrdesk-form')").await;
    wait::until("nothing is stored", async || stored().await.is_null().then_some(())).await;
    page.fill("validity-days", "99").await;
    page.fill("validity-days", "100").await;
    assert!(stored().await.is_null());

    let link = served.gateway.says("/launch/").await;
    let client = served.driven.client.clone();
    let first = client.window().await.unwrap();
    let second = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(second).await.unwrap();
    client.goto(link.trim()).await.unwrap();
    served.page().is_ready().await;
    served.page().part("connection-chip").await;
    // The key is kept once the gateway has taken it.
    wait::until("the key", async || served.page().script(KEY).await.is_string().then_some(())).await;
    client.switch_to_window(first).await.unwrap();
    served.page().press("button-review").await;
    let sentence = served.page().text("sentence").await;
    assert!(sentence.contains("typed before"), "{sentence}");
    served.page().press("button-back").await;
    served.page().fill("validity-days", "99").await;
    wait::until("the form is stored", async || {
        let stored = served.page().script("return sessionStorage.getItem('csrdesk-form')").await;
        stored.as_str().is_some_and(|it| it.contains("\"99\"")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_key_leaves_the_address_and_a_wrong_one_replaces_nothing() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    let chip = page.text("connection-chip").await;
    assert!(chip.contains("127.0.0.1"), "{chip}");
    let key = page.script(KEY).await;
    assert!(key.as_str().is_some_and(|it| it.len() >= 64), "{key}");
    let address = served.driven.client.current_url().await.unwrap();
    assert_eq!((address.path(), address.fragment()), ("/", None));

    // As any site can link here. Away first: a change of the fragment alone loads nothing.
    served.driven.client.goto("about:blank").await.unwrap();
    served.driven.client.goto(&format!("{}/#key=0123456789abcdef", served.address)).await.unwrap();
    page.is_ready().await;
    wait::until("the status", async || {
        page.text("connection-chip").await.contains("127.0.0.1").then_some(())
    })
    .await;
    assert_eq!(page.script(KEY).await, key);
    assert_eq!(page.script("return location.hash").await, Value::from(""));
}

#[tokio::test]
async fn a_second_tab_is_the_same_person() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    served.page().text("connection-chip").await;
    let client = &served.driven.client;
    let second = client.new_window(true).await.unwrap().handle;
    client.switch_to_window(second).await.unwrap();
    client.goto(&format!("{}/#/history", served.address)).await.unwrap();
    served.page().is_ready().await;
    served.page().part("screen-history").await;
    let page = served.page();
    wait::until("the status", async || {
        page.text("connection-chip").await.contains("127.0.0.1").then_some(())
    })
    .await;
}
