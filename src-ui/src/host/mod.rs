//! The boundary to the program behind the page. Nothing outside this folder knows Tauri or fetch.
//!
//! Owns which of the two hosts answers, and how their answers and errors are read. Refuses to own what a command
//! means, and never repeats a call: a signing that was sent twice would be two signings.

mod gateway;
mod tauri;

use std::pin::Pin;

use desk::commands::provide_token::ProvideToken;
use desk::{Command, Failure};
use domain::ErrorCode;
use serde::Serialize;

/// Makes the boundary ready. Called first: the address may hold what nobody else is to read.
pub(crate) fn start() {
    if tauri::invoke_function().is_none() {
        gateway::take_key();
    }
}

/// Calls a command and reads its answer.
pub(crate) async fn call<C>(request: &C::Request) -> Result<C::Response, Failure>
where
    C: Command,
    C::Request: Serialize,
{
    let body = serde_json::to_string(request).map_err(|e| Failure::because(ErrorCode::Internal, e))?;
    send::<C>(&body).await
}

/// Hands the AUTHTOKEN over. Its request type is readable only, so the text is written here and nowhere else.
pub(crate) async fn provide_token(token: &str) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Typed<'a> {
        token: &'a str,
    }
    let body =
        serde_json::to_string(&Typed { token }).map_err(|e| Failure::because(ErrorCode::Internal, e))?;
    send::<ProvideToken>(&body).await.map(|_| ())
}

async fn send<C: Command>(body: &str) -> Result<C::Response, Failure> {
    let answer = send_text(C::INFO.name, body).await?;
    serde_json::from_str(&answer).map_err(|e| Failure::because(ErrorCode::Internal, e))
}

/// Boxed, so that the code of both hosts is in the page once and not in every caller.
fn send_text<'a>(
    name: &'static str,
    body: &'a str,
) -> Pin<Box<dyn Future<Output = Result<String, Failure>> + 'a>> {
    Box::pin(async move {
        match tauri::invoke_function() {
            Some(invoke) => tauri::send(&invoke, name, body).await,
            None => gateway::send(name, body).await,
        }
    })
}
