//! `csrdesk serve`: the gateway for a browser on this computer.

use std::process::ExitCode;

use desk::Desk;
use gateway::Gateway;

use crate::{args, out, token};

pub(crate) async fn run(task: args::Serve) -> ExitCode {
    let desk = match Desk::start(task.target.options(token::from_environment())).await {
        Ok(desk) => desk,
        Err(failure) => return out::failure(&failure, false),
    };
    let gateway = match Gateway::bind(desk, task.port).await {
        Ok(gateway) => gateway,
        Err(error) => {
            out::note(error);
            return ExitCode::from(1);
        }
    };
    out::line("CSR Desk is ready. Open this link in a browser on this computer; it works once:");
    out::line(format_args!("\n  {}\n", gateway.launch_url()));
    out::line("Ctrl-C stops it.");
    match gateway.run(stop_signal()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => out::internal(&error),
    }
}

/// Ctrl-C or, on Unix, the signal with which a service manager ends a program.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
