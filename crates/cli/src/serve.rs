//! `csrdesk serve`: the gateway for a browser on this computer.

use std::process::ExitCode;

use desk::Desk;
use gateway::Gateway;

use crate::{args, out, signals, token};

pub(crate) async fn run(task: args::Serve) -> ExitCode {
    let token = token::from_environment().filter(|it| !it.is_empty());
    let desk = match Desk::start(task.target.options(token)).await {
        Ok(desk) => desk,
        Err(failure) => return out::failure(&failure, false),
    };
    let gateway = match Gateway::bind(desk.clone(), task.port).await {
        Ok(gateway) => gateway,
        Err(error) => {
            out::note(error);
            return ExitCode::from(1);
        }
    };
    out::line("CSR Desk is ready. Open this link in a browser on this computer; it works once:");
    out::line(format_args!("\n  {}\n", gateway.launch_url()));
    out::line("Ctrl-C stops it.");
    if let Err(error) = gateway.run(signals::stop()).await {
        return out::internal(&error);
    }
    desk.stop();
    if desk.is_busy() {
        out::line("A signing is under way; its answer is waited for. Ctrl-C again ends without it.");
    }
    tokio::select! {
        () = desk.idle() => ExitCode::SUCCESS,
        () = signals::stop() => ExitCode::from(1),
    }
}
