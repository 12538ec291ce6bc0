//! `csrdesk secret`: the secrets of a saved connection, into the keychain and out of it. Never an option: options show
//! in process lists.

use std::process::ExitCode;

use desk::commands::{forget_secret, forget_token, provide_secret, provide_token};
use desk::{Desk, Failure};
use domain::{ErrorCode, visible};

use crate::{args, asked, out, token};

pub(crate) async fn run(task: args::Secret) -> ExitCode {
    let done = match task.task {
        args::SecretTask::Save { name, of } => save(name, of).await,
        args::SecretTask::Forget { name, of } => forget(name, of).await,
    };
    match done {
        Ok(None) => ExitCode::SUCCESS,
        // Nothing is held once this program ends, so a secret that is not kept is lost: that is a failure here.
        Ok(Some(code)) => out::failure(&Failure::new(code), false),
        Err(failure) => out::failure(&failure, false),
    }
}

async fn save(name: args::SecretName, of: args::WithConnection) -> Result<Option<ErrorCode>, Failure> {
    let desk = Desk::start(of.options()).await?;
    desk.require_settings()?;
    asked::require_server(&desk).await?;
    let not_kept = match name.kind() {
        None => {
            // Not the environment's: that may be another server's, and what is kept here is used for long.
            let token = token::typed_or_from_input("AUTHTOKEN");
            out::token_remarks(&token);
            let request = provide_token::Request { connection: None, server: None, token, keep: true };
            desk.provide_token(request).await?.not_kept
        }
        Some(kind) => {
            let secret = token::typed_or_from_input("Secret");
            let request =
                provide_secret::Request { connection: None, server: None, kind, secret, keep: true };
            desk.provide_secret(request).await?.not_kept
        }
    };
    if let Some(code @ ErrorCode::SettingsUnwritable) = not_kept {
        return Err(desk.unsaved(code));
    }
    if not_kept.is_none() {
        out::note("Kept in this computer's keychain.");
    }
    Ok(not_kept)
}

async fn forget(name: args::SecretName, of: args::WithConnection) -> Result<Option<ErrorCode>, Failure> {
    let desk = Desk::start(of.options()).await?;
    desk.require_settings()?;
    asked::require_server(&desk).await?;
    let shown = desk.in_use().ok_or_else(|| Failure::new(ErrorCode::NoConnection))?;
    let was_stored = match name.kind() {
        None => shown.token.is_some(),
        Some(kind) => shown.secrets.contains(&kind),
    };
    let not_deleted = match name.kind() {
        None => desk.forget_token(forget_token::Request { connection: None }).await?.not_deleted,
        Some(kind) => {
            desk.forget_secret(forget_secret::Request { connection: None, kind }).await?.not_deleted
        }
    };
    let (secret, connection) = (name.words(), visible(&shown.connection.name));
    match not_deleted {
        Some(_) => {}
        None if was_stored => {
            out::note(format_args!("The {secret} of {connection} was deleted from the keychain."));
        }
        None => out::note(format_args!("Nothing was deleted: the keychain has no {secret} of {connection}.")),
    }
    Ok(not_deleted)
}
