//! `csrdesk record-key`: where the key is that signs the record, and moving it.

use std::process::ExitCode;

use desk::{Desk, Failure, KeyPlace, StartOptions};
use serde_json::json;

use crate::{args, out, record};

pub(crate) async fn run(task: args::RecordKey) -> ExitCode {
    let json = task.json;
    record::told(done(task).await, json)
}

async fn done(task: args::RecordKey) -> Result<ExitCode, Failure> {
    let args::RecordKey { to, new_key, data_dir, json } = task;
    // The record is not opened before: a key that cannot be had is what this may be about.
    let desk = Desk::start(StartOptions { data_dir, ..StartOptions::default() }).await?;
    let to = to.map(|it| match it {
        args::Place::Keychain => KeyPlace::Keychain,
        args::Place::File => KeyPlace::File,
    });
    let key = match (to, new_key) {
        (Some(place), _) => desk.move_record_key(place).await?,
        (None, true) => desk.replace_record_key().await?,
        (None, false) => desk.record_key().await?,
    };
    key.notes.iter().for_each(|it| out::note(out::of_this_run(it)));
    if key.moved || new_key {
        out::result(format_args!("{} Public key: {}", key.says, key.public_key));
    }
    if json {
        out::json(&json!({ "place": key.place, "public_key": key.public_key, "moved": key.moved }));
        return Ok(ExitCode::SUCCESS);
    }
    match (to, key.moved) {
        (Some(_), true) => out::line("The key was moved."),
        (Some(_), false) => out::line("The key is there already."),
        (None, true) => out::line("The record goes on with a new key."),
        (None, false) => {}
    }
    out::line(key.says);
    out::line(format_args!("Public key of the record: {}", key.public_key));
    Ok(ExitCode::SUCCESS)
}
