//! How the page starts: one link for one browser, and what a person sees when a script, a typeface or the wasm is missing.

use e2e::driver;
use e2e::world::World;

use crate::browser::Served;

#[tokio::test]
async fn the_link_opens_one_browser_and_no_other() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let other = driver::browser(&world.path("other"), false).await;
    other.client.goto(&served.address).await.unwrap();
    let text = other.client.source().await.unwrap();
    assert!(text.contains("No session"), "{text}");
}

#[tokio::test]
async fn a_page_that_cannot_start_says_so_in_plain_html() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    // The browser refuses every wasm file from now on, as a broken proxy or an old browser would.
    let page = served.page();
    served.driven.block("*.wasm").await;
    served.driven.client.refresh().await.unwrap();
    let panel = page.shown("#boot-failed").await.text().await.unwrap();
    assert!(panel.contains("could not start"), "{panel}");
    assert_eq!(e2e::axe::complaints(&served.driven.client, e2e::axe::Rules::All).await, [""; 0]);
}

#[tokio::test]
async fn a_page_without_its_first_script_says_what_to_do() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    let page = served.page();
    served.driven.block("*boot*.js").await;
    served.driven.client.refresh().await.unwrap();
    let words = page.shown("#starting").await.text().await.unwrap();
    assert!(words.contains("reload the page or restart CSR Desk"), "{words}");
}

#[tokio::test]
async fn a_page_starts_without_typefaces_and_with_wasm_of_another_type() {
    let world = World::new().await;
    let served = Served::connected(&world, false).await;
    served
        .driven
        .run_first(
            "FontFaceSet.prototype.load = () => new Promise(() => {});
             const real = window.fetch;
             window.fetch = async (...call) => {
                 const answer = await real(...call);
                 if (!String(call[0]).endsWith('.wasm')) return answer;
                 window.wasmOfAnotherType = true;
                 return new Response(await answer.arrayBuffer(), { headers: { 'content-type': 'text/plain' } });
             };",
        )
        .await;
    served.driven.client.refresh().await.unwrap();
    let page = served.page();
    page.is_ready().await;
    page.part("screen-sign").await;
    assert_eq!(page.script("return window.wasmOfAnotherType").await, true);
}
