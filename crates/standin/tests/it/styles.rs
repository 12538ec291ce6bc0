//! The three client styles on the vendor's page, and their variations.

use serde_json::json;

use crate::tools::{Desk, input_data};

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_curl_body_works_whatever_its_content_type_says() {
    let desk = Desk::open().await;
    for content_type in ["application/json", "application/x-www-form-urlencoded", "text/plain"] {
        let header = format!("Content-Type: {content_type}");
        let answer = desk.call("signCSR", &["-H", &header, "-d", &input_data(&desk.order(301))]);
        assert_eq!(answer.json()["result"]["status"], "Success", "{content_type}");
    }
    assert_eq!(desk.standin.sign_posts(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn python_sends_a_percent_encoded_form_with_plus_for_spaces() {
    let desk = Desk::open().await;
    let encoded: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("INPUT_DATA", input_data(&desk.order(301)).strip_prefix("INPUT_DATA=").unwrap())
        .finish();
    assert!(encoded.contains('+') && encoded.contains("%7B"));
    let answer = desk.call("signCSR", &["-d", &encoded]);
    assert_eq!(answer.json()["result"]["status"], "Success");
    assert!(desk.standin.received()[0].body.starts_with("INPUT_DATA=%7B"));
}

#[tokio::test(flavor = "multi_thread")]
async fn powershell_sends_every_value_as_a_string() {
    let desk = Desk::open().await;
    let mut order = desk.order(301);
    order["Validity"] = json!("100");
    let answer = desk.sign(&order);
    assert_eq!(answer.json()["result"]["status"], "Success");
}

#[tokio::test(flavor = "multi_thread")]
async fn input_data_may_stand_in_the_query_of_a_post() {
    let desk = Desk::open().await;
    let data = input_data(&desk.order(301));
    let answer = desk.call("signCSR", &["-X", "POST", "-G", "--data-urlencode", &data]);
    assert_eq!(answer.json()["result"]["status"], "Success");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_http_versions_are_spoken() {
    let desk = Desk::open().await;
    for (option, version) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2.0")] {
        desk.call("signCSR", &[option, "-d", &input_data(&desk.order(302))]);
        assert_eq!(desk.standin.received().last().unwrap().version, version);
    }
    let strict = Desk::open_with(|builder| builder.http11_required()).await;
    let answer = strict.call("signCSR", &["--http2", "-d", &input_data(&strict.order(302))]);
    let versions: Vec<String> = strict.standin.received().into_iter().map(|it| it.version).collect();
    // curl understands what the reset means, and sends again on HTTP/1.1.
    assert_eq!(versions, ["HTTP/2.0", "HTTP/1.1"], "{answer:?}");
    assert_eq!((strict.standin.sign_posts(), strict.standin.signed()), (2, 1));
    let old = Desk::open_with(|builder| builder.http1_only()).await;
    old.call("signCSR", &["--http2", "-d", &input_data(&old.order(302))]);
    assert_eq!(old.standin.received()[0].version, "HTTP/1.1");
}
