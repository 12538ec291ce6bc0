//! `csrdesk serve`: the gateway for a browser on this computer.

use std::process::ExitCode;

use desk::{Desk, StartOptions, UsedIn};
use gateway::{Gateway, Place};

use crate::{args, out, signals, token};

const BEHIND_A_PROXY: &str = "\
RISK, taken with --behind-proxy:
  There is one session and one user. Whoever the proxy lets through and has the link can sign with your AUTHTOKEN, so the \
  proxy must authenticate people itself. It must pass Host on as the browser sent it, and it alone sets \
  Strict-Transport-Security.";
const BEYOND_LOOPBACK: &str = "  \
  This port can be reached from other computers. Between them and here everything is plain HTTP: whoever listens in, or \
  comes past the proxy, reads the session and the AUTHTOKEN as it is typed. Let a firewall admit the proxy alone.";

pub(crate) async fn run(task: args::Serve) -> ExitCode {
    let behind_proxy = task.behind_proxy.is_some();
    // Before anything else: what may not be listened on needs no desk.
    let place = match Place::new(task.listen, task.port, task.behind_proxy) {
        Ok(place) => place,
        Err(error) => {
            out::note(format_args!("{error}."));
            out::note("Use --behind-proxy https://name[:port]; the guide says what that risks.");
            return ExitCode::from(2);
        }
    };
    let beyond_loopback = place.is_beyond_loopback();
    let token = token::from_environment().filter(|it| !it.is_empty());
    let options = StartOptions { used_in: UsedIn::Browser, ..task.target.options_where_named(token) };
    let desk = match Desk::start(options).await {
        Ok(desk) => desk,
        Err(failure) => return out::failure(&failure, false),
    };
    desk.watch_screen();
    let tell = |link: &str| {
        out::line(
            "Somebody came without a session: it has ended, or this is another browser. If it was you, open this link; \
             it works once, for an hour, and ends any session before it:",
        );
        out::exact(format_args!("\n  {link}\n"));
    };
    let gateway = match Gateway::builder(desk.clone(), place, tell).bind().await {
        Ok(gateway) => gateway,
        Err(error) => {
            out::note(error);
            return ExitCode::from(1);
        }
    };
    if behind_proxy {
        out::line(BEHIND_A_PROXY);
    }
    if beyond_loopback {
        out::line(BEYOND_LOOPBACK);
    }
    let which = if behind_proxy { "a browser" } else { "a browser on this computer" };
    out::line(format_args!("CSR Desk is ready. Open this link in {which}; it works once, for an hour:"));
    out::exact(format_args!("\n  {}\n", gateway.launch_url()));
    if behind_proxy && let Ok(address) = gateway.local_addr() {
        out::line(format_args!("The proxy finds it at http://{address}."));
    }
    out::line("Ctrl-C stops it.");
    gateway.run(signals::stop()).await;
    desk.stop();
    if desk.is_busy() {
        out::line("A signing is under way; its answer is waited for. Ctrl-C again ends without it.");
    }
    tokio::select! {
        () = desk.idle() => ExitCode::SUCCESS,
        () = signals::stop() => ExitCode::from(1),
    }
}
