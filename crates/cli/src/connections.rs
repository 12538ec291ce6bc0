//! `csrdesk connections`: the saved connections, listed, changed, handed on.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use desk::commands::{
    Shown, connections, duplicate_connection, export_connections, import_connections, remove_connection,
    restore_connection, save_connection, use_connection,
};
use desk::{Desk, Failure, StartOptions};
use domain::{CaChoice, ConnectionForm, ConnectionId, ErrorCode, visible};

use crate::{args, layout, out};

/// More than any file of connections.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

pub(crate) async fn run(task: args::Connections) -> ExitCode {
    let args::Connections { task, data_dir, json } = task;
    let folder = args::in_folder(data_dir.as_deref());
    let done = async {
        let desk = Desk::start(StartOptions { data_dir, ..StartOptions::default() }).await?;
        desk.require_settings()?;
        match task {
            None => list(&desk, &folder, json).await,
            Some(task) => change(&desk, task, &folder, json).await,
        }
    };
    match done.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => out::failure(&failure, json),
    }
}

async fn list(desk: &Desk, folder: &str, json: bool) -> Result<(), Failure> {
    let response = desk.connections(connections::Request {}).await?;
    if json {
        out::json(&response);
        return Ok(());
    }
    if response.connections.is_empty() {
        let make = "No connection is saved. Make one: csrdesk connections add --server https://host:port";
        out::line(out::of_this_run(make));
    }
    for shown in &response.connections {
        print(shown, response.in_use.as_ref() == Some(&shown.id));
    }
    for (id, name) in &response.removed {
        let until = response.restorable_until.get(id).map(|it| format!(" until {}", it.date_time()));
        let (shown, until) = (visible(name), until.unwrap_or_default());
        out::line(format_args!("{shown} was removed and can be restored{until}:"));
        out::exact(format_args!("  csrdesk connections restore {}{folder}", layout::quoted(name)));
    }
    Ok(())
}

fn print(shown: &Shown, in_use: bool) {
    let it = &shown.connection;
    let mark = if in_use { "*" } else { " " };
    out::line(format_args!("{mark} {}  [{}]", visible(&it.name), it.environment.as_str()));
    let organization = it.organization.as_ref().map(|it| format!(", {}", visible(it.as_str())));
    out::line(format_args!("    {}{}", it.server, organization.unwrap_or_default()));
    if let CaChoice::Exact { sha256 } = &it.ca {
        out::line(format_args!("    {} {}", it.trust().words(), visible(sha256)));
    }
    let token = match &shown.token {
        None => "no token in the keychain".to_owned(),
        Some(token) => {
            let since = token.since.map(|at| format!(" since {}", at.date())).unwrap_or_default();
            let rejected = token.rejected.map(|at| format!(", rejected by the server on {}", at.date_time()));
            format!("token in the keychain{since}{}", rejected.unwrap_or_default())
        }
    };
    // Without a token, the day is that of an earlier one.
    let expires = it.token_expires.filter(|_| shown.token.is_some());
    let expires = expires.map(|at| format!(", expires on {}", at.date())).unwrap_or_default();
    out::line(format_args!("    {token}{expires}"));
}

/// Carries out a task. `folder` is the data folder as an option of the command that comes next.
async fn change(desk: &Desk, task: args::ConnectionsTask, folder: &str, json: bool) -> Result<(), Failure> {
    use args::ConnectionsTask as Task;
    match task {
        Task::Add(fields) => {
            let in_use = desk.has_connection();
            save(desk, None, ConnectionForm::default(), fields, !in_use, json).await
        }
        Task::Change { connection, fields } => {
            let before = named(desk, &connection)?;
            save(desk, Some(before.id), before.connection.into(), fields, false, json).await
        }
        Task::Duplicate { connection } => {
            let id = named(desk, &connection)?.id;
            let answer = desk.duplicate_connection(duplicate_connection::Request { id }).await?;
            is_saved(desk, answer.not_saved)?;
            told(desk, &answer.shown, json);
            Ok(())
        }
        Task::Use { connection } => {
            let id = named(desk, &connection)?.id;
            let answer = desk.use_connection(use_connection::Request { id }).await?;
            is_saved(desk, answer.not_saved)?;
            told(desk, &answer.shown, json);
            Ok(())
        }
        Task::Remove { connection } => {
            let Shown { id, connection, .. } = named(desk, &connection)?;
            desk.remove_connection(remove_connection::Request { id }).await?;
            let name = visible(&connection.name);
            out::result(format_args!("The connection {name} was removed."));
            let restore = layout::quoted(&connection.name);
            out::note(format_args!(
                "The connection {name} was removed. To restore it within 15 minutes: csrdesk connections restore {restore}{folder}"
            ));
            Ok(())
        }
        Task::Restore { connection } => {
            let removed = desk.connections(connections::Request {}).await?.removed;
            let wanted = domain::typed::name(&connection).to_lowercase();
            let found = removed.into_iter().rev().find(|(_, name)| name.to_lowercase() == wanted);
            let (id, _) = found.ok_or_else(|| Failure::new(ErrorCode::NoSuchConnection))?;
            let answer = desk.restore_connection(restore_connection::Request { id }).await?;
            is_saved(desk, answer.not_saved)?;
            told(desk, &answer.shown, json);
            Ok(())
        }
        Task::Export { file } => {
            let answer = desk.export_connections(export_connections::Request {}).await?;
            let (to, name) = out::destination(file);
            let called = to.name();
            let written = to.write(|out| out.write_all(answer.text.as_bytes())).map(|()| 1);
            let written = written
                .map_err(|error| Failure::because(ErrorCode::ExportFailed, format!("{called}: {error}")));
            if out::exported(written)?.is_some() {
                out::note(format_args!("Written to {name}; no secrets are in it."));
            }
            Ok(())
        }
        Task::Import { file } => import(desk, &file, json).await,
    }
}

async fn save(
    desk: &Desk,
    id: Option<ConnectionId>,
    mut form: ConnectionForm,
    fields: args::ConnectionFields,
    use_it: bool,
    json: bool,
) -> Result<(), Failure> {
    let mut problems = fields.onto(&mut form);
    if !problems.is_empty() {
        // A person corrects them all at once.
        problems.extend(form.check().err().into_iter().flatten());
        return Err(Failure::invalid(problems));
    }
    let answer = desk.save_connection(save_connection::Request { id, form, use_it }).await?;
    is_saved(desk, answer.not_saved)?;
    told(desk, &answer.shown, json);
    if answer.token_forgotten {
        out::note("Its token was forgotten: it belonged to another server.");
    }
    Ok(())
}

/// Refuses a change that was not saved, before it is printed: nothing of it counts once this program ends.
fn is_saved(desk: &Desk, not_saved: Option<ErrorCode>) -> Result<(), Failure> {
    not_saved.map_or(Ok(()), |code| Err(desk.unsaved(code)))
}

async fn import(desk: &Desk, file: &Path, json: bool) -> Result<(), Failure> {
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let unreadable = |error| Failure::because(ErrorCode::ConnectionsUnreadable, named(&error));
    let mut content = Vec::new();
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(MAX_BYTES).read_to_end(&mut content).map_err(unreadable)?;
    let text = domain::text::decode(&content).0;
    let answer = desk.import_connections(import_connections::Request { text }).await;
    let answer = answer.map_err(|failure| match failure.code {
        ErrorCode::ConnectionsUnreadable => {
            Failure { detail: Some(named(&failure.detail.unwrap_or_default())), ..failure }
        }
        _ => failure,
    })?;
    is_saved(desk, answer.not_saved)?;
    if json {
        out::json(&answer);
        return Ok(());
    }
    answer.added.iter().for_each(|name| out::line(format_args!("added    {}", visible(name))));
    answer.known.iter().for_each(|name| out::line(format_args!("known    {}", visible(name))));
    for (name, why) in &answer.refused {
        out::line(format_args!("refused  {}: {why}", visible(name)));
    }
    Ok(())
}

/// The connection of a command that takes its name as an argument: no option is to be corrected.
fn named(desk: &Desk, name: &str) -> Result<Shown, Failure> {
    desk.named(name).map_err(Failure::new)
}

/// A connection as it is after the task, marked when it is the one in use, as in the list.
fn told(desk: &Desk, shown: &Shown, json: bool) {
    out::result(format_args!("The connection {} was changed.", visible(&shown.connection.name)));
    if json {
        out::json(shown);
    } else {
        print(shown, desk.in_use().is_some_and(|it| it.id == shown.id));
    }
}
