//! The boundary to the program behind the page. Nothing outside this folder knows Tauri or fetch.
//!
//! Owns which of the two hosts answers, and how their answers and errors are read. Refuses to own what a command
//! means, and never repeats a call: a signing that was sent twice would be two signings.

mod done;
mod gateway;
mod tauri;

use std::pin::Pin;

use desk::commands::provide_secret::ProvideSecret;
use desk::commands::provide_token::ProvideToken;
use desk::commands::{SecretKind, status};
use desk::{Command, Failure};
use domain::{ConnectionId, ErrorCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

pub(crate) use done::Done;

/// Whether the page is in the window, which can do more on this computer than a browser.
pub(crate) fn in_window() -> bool {
    tauri::invoke_function().is_some()
}

/// Makes the boundary ready. Called first: the address may hold what nobody else is to read.
pub(crate) fn start() {
    if tauri::invoke_function().is_none() {
        gateway::take_key();
    }
}

/// The answer to [`QuickStatus`], where the host gave it along with the page: the window does, when it opens.
///
/// [`QuickStatus`]: desk::commands::quick_status::QuickStatus
pub(crate) fn known_at_start() -> Option<status::Response> {
    read(&tauri::known_at_start()?).ok()
}

/// Who asks for a call. What the page asks by itself does not mean that somebody is there, and puts off no lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    ByAPerson,
    ByThePage,
}

/// Calls a command that a person asks for, and reads its answer.
pub(crate) async fn call<C>(request: &C::Request) -> Result<C::Response, Failure>
where
    C: Command,
    C::Request: Serialize,
{
    call_for::<C>(request, Asked::ByAPerson).await
}

/// The same, saying who asks.
pub(crate) async fn call_for<C>(request: &C::Request, asked: Asked) -> Result<C::Response, Failure>
where
    C: Command,
    C::Request: Serialize,
{
    let body = write(request)?;
    read(&send_text(C::INFO.name, &body, asked).await?)
}

/// Does one of the small actions, and reads whatever of [`Done`] comes back: their answers share a few fields, which the page
/// shows in one way.
pub(crate) async fn act(name: &'static str, body: &str) -> Result<Done, Failure> {
    read(&send_text(name, body, Asked::ByAPerson).await?)
}

/// Hands a secret over: the AUTHTOKEN, or with a kind another one. The requests are readable only, so the text is written
/// here and nowhere else. Returns why the keychain does not keep it, if it was asked to and does not.
pub(crate) async fn provide_secret(
    connection: &ConnectionId,
    server: &str,
    kind: Option<SecretKind>,
    text: &str,
    keep: bool,
) -> Result<Option<ErrorCode>, Failure> {
    #[derive(Serialize)]
    struct Typed<'a> {
        connection: &'a ConnectionId,
        /// What the person saw: if the connection goes elsewhere by now, nothing is held.
        server: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kind: Option<SecretKind>,
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        secret: Option<&'a str>,
        keep: bool,
    }
    let (name, token, secret) = match kind {
        None => (ProvideToken::INFO.name, Some(text), None),
        Some(_) => (ProvideSecret::INFO.name, None, Some(text)),
    };
    let body = Zeroizing::new(write(&Typed { connection, server, kind, token, secret, keep })?);
    act(name, &body).await.map(|it| it.not_kept)
}

/// A request as JSON text.
pub(crate) fn write(request: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(request).map_err(|e| Failure::because(ErrorCode::Internal, e))
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Failure> {
    serde_json::from_str(answer).map_err(|e| Failure::because(ErrorCode::Internal, e))
}

/// Boxed, so that the code of both hosts is in the page once and not in every caller.
fn send_text<'a>(
    name: &'static str,
    body: &'a str,
    asked: Asked,
) -> Pin<Box<dyn Future<Output = Result<String, Failure>> + 'a>> {
    Box::pin(async move {
        match tauri::invoke_function() {
            Some(invoke) => tauri::send(&invoke, name, body, asked).await,
            None => gateway::send(name, body, asked).await,
        }
    })
}
