//! Files that are chosen or named on the page: what is wrong with one stands at its field, and every form of one is read.

use e2e::page::Page;
use e2e::world::World;
use fantoccini::Locator;

use crate::browser::Served;
use crate::page_connections::passed;

async fn begin(page: &Page<'_>, world: &World, way: &str) {
    page.go("#/connection", "screen-connection").await;
    page.fill("server", world.standin.url()).await;
    page.click(&format!("label[for='{way}']")).await;
}

#[tokio::test]
async fn the_member_of_a_ca_file_that_cannot_be_used_is_named_at_the_field() {
    let world = World::new().await;
    let ca = std::fs::read_to_string(world.standin.ca_file()).unwrap();
    let file = world.path("bundle.pem");
    std::fs::write(&file, ca.clone() + &ca.replacen("MI", "M*", 1)).unwrap();
    let served = Served::bare(&world, false).await;
    let page = served.page();
    begin(&page, &world, "trust-file").await;
    page.fill("ca-file", &file.display().to_string()).await;
    page.press("button-save-connection").await;
    let said = page.shown("#ca-file-problem").await.text().await.unwrap();
    assert!(said.contains("Block 2 of 2 in the file") && said.contains("line "), "{said}");
}

#[tokio::test]
async fn a_chosen_ca_file_may_be_der_or_utf_16() {
    for file in ["wide.pem", "ca.cer"] {
        let world = World::new().await;
        let pem = std::fs::read_to_string(world.standin.ca_file()).unwrap();
        let wide: Vec<u8> = ["\u{FEFF}", &pem].concat().encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(world.path("wide.pem"), wide).unwrap();
        let openssl = std::process::Command::new("openssl")
            .args(["x509", "-outform", "der", "-out"])
            .arg(world.path("ca.cer"))
            .arg("-in")
            .arg(world.standin.ca_file())
            .status();
        assert!(openssl.unwrap().success());
        let served = Served::bare(&world, false).await;
        let page = served.page();
        begin(&page, &world, "trust-pem").await;
        let input = served.driven.client.find(Locator::Css("#ca-file-input")).await.unwrap();
        input.send_keys(&world.path(file).display().to_string()).await.unwrap();
        page.part("ca-facts").await;
        page.press("button-save-connection").await;
        passed(&page, "tls").await;
    }
}
