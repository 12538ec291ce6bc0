//! The browser page's way to the program: a POST to the gateway that served the page.

use desk::Failure;
use domain::ErrorCode;
use gloo_net::http::Request;
use web_sys::RequestCredentials;

/// A header that no form of another site can send.
const GUARD: (&str, &str) = ("x-csrdesk", "1");

/// `POST /api/<command>`; JSON text in, JSON text out.
pub(super) async fn send(name: &str, body: &str) -> Result<String, Failure> {
    let unreachable = |e: gloo_net::Error| Failure::because(ErrorCode::HostUnreachable, e);
    let response = Request::post(&["/api/", name].concat())
        .header("content-type", "application/json")
        .header(GUARD.0, GUARD.1)
        .credentials(RequestCredentials::SameOrigin)
        .body(body)
        .map_err(unreachable)?
        .send()
        .await
        .map_err(unreachable)?;
    let status = response.status();
    let text = response.text().await.map_err(unreachable)?;
    if status == 200 {
        return Ok(text);
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| match status {
        401 => Failure::new(ErrorCode::SessionEnded),
        _ => Failure::because(ErrorCode::HostUnreachable, ["HTTP ", &status.to_string()].concat()),
    }))
}
