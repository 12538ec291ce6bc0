//! The terminal host: `csrdesk` with its tasks: signing, looking, the record, the browser's gateway.
//!
//! Owns the options, the two ways of printing (for people, for programs) and the exit codes. Refuses to own rules,
//! words of errors, or anything that happens to a request: that is `desk`.

mod args;
mod asked;
mod connections;
mod entry;
mod history;
mod layout;
mod look;
mod next;
mod out;
mod record;
mod record_key;
mod review;
mod secret;
mod serve;
mod sign;
mod signals;
mod token;

use std::process::ExitCode;

use args::{Arguments, Task};

#[global_allocator]
static MEMORY: secrets::WipedMemory = secrets::WIPED_MEMORY;

fn main() -> ExitCode {
    if let Err(error) = secrets::keep_out_of_dumps() {
        out::note(format_args!("A crash of this program can write its memory to the disk: {error}."));
    }
    out::end(run())
}

fn run() -> ExitCode {
    let arguments = match Arguments::of_this_run() {
        Ok(arguments) => arguments,
        Err(error) => return out::usage(&error),
    };
    out::set_folder(args::in_folder(arguments.data_dir.as_deref()));
    // One request at a time needs one thread; the gateway serves a page and wants a second.
    let mut builder = match arguments.task {
        Task::Serve(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out::internal(&error),
    };
    let exit = runtime.block_on(async {
        match arguments.task {
            Task::Connections(task) => connections::run(task).await,
            Task::Diagnostics(task) => look::diagnostics(task).await,
            Task::Entry(task) => record::entry(task).await,
            Task::Evidence(task) => record::evidence(task).await,
            Task::ExportJournal(task) => record::export_journal(task).await,
            Task::History(task) => history::run(task).await,
            Task::Note(task) => record::note(task).await,
            Task::Reconcile(task) => record::reconcile(task).await,
            Task::RecordKey(task) => record_key::run(task).await,
            Task::Review(task) => review::run(task).await,
            Task::Secret(task) => secret::run(task).await,
            Task::Serve(task) => serve::run(task).await,
            Task::Sign(task) => sign::run(task).await,
            Task::TestConnection(task) => look::test_connection(task).await,
            Task::TrustCa(task) => look::trust_ca(task).await,
            Task::VerifyEvidence(task) => record::verify_evidence(&task),
            Task::VerifyJournal(task) => record::verify_journal(task).await,
        }
    });
    // A resolver that hangs sits on a thread of its own; whoever waits for our exit code need not wait for it.
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    exit
}
