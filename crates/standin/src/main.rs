//! The program `pam360-standin`: reads options, starts a stand-in, says where it is, and stops on Ctrl-C or SIGTERM.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgAction, Parser};
use standin::{ListShape, ServerIdentity, Standin};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const EXAMPLES: &str = "\
Examples:
  pam360-standin --data-dir /tmp/standin
      Serve on a free port; address and token are in /tmp/standin/ready.json.
  pam360-standin --data-dir /tmp/standin --listen 127.0.0.1:8282 --http1-only
      A fixed port, HTTP/1.1 only.
  curl --cacert /tmp/standin/tls/ca.pem -H \"AUTHTOKEN: $TOKEN\" https://127.0.0.1:8282/standin/faults
      The failures on demand. Sign CSR 9004 to see sign-then-500, or order one for the next call:
  curl --cacert /tmp/standin/tls/ca.pem -H \"AUTHTOKEN: $TOKEN\" -d '{\"next\":\"sign-then-reset\",\"times\":1}' \\
      https://127.0.0.1:8282/standin/faults";

/// A PAM360 look-alike that really signs with throwaway roots, with failures on demand.
#[derive(Debug, Parser)]
#[command(name = "pam360-standin", version, after_help = EXAMPLES)]
struct Arguments {
    /// Where to listen. Loopback only; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Folder for keys, certificates, CSRs and ready.json; made when missing
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// The AUTHTOKEN to accept [default: the stored one, or a random GUID]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Whether a new data folder starts with three CSRs, two roots and an intermediate
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    seed: bool,
    /// Leave the intermediate out of a new data folder
    #[arg(long)]
    no_intermediate: bool,
    /// Play a Microsoft CA for signType MSCA (365 days, never an intermediate)
    #[arg(long)]
    msca: bool,
    /// Shape of getAllSSLCertificates and getCertificateDetails
    #[arg(long, value_enum, default_value_t)]
    list_shape: ListShape,
    /// Operation name that lists CSRs; the vendor's is not known
    #[arg(long, value_name = "NAME", default_value = "getCSRList")]
    csr_list_operation: String,
    /// Offer HTTP/1.1 only
    #[arg(long)]
    http1_only: bool,
    /// Offer HTTP/2 and reset every request on it: HTTP/1.1 is required
    #[arg(long, conflicts_with = "http1_only")]
    http11_required: bool,
    /// Offer TLS 1.2 only
    #[arg(long)]
    tls12_only: bool,
    /// Which TLS certificate to present
    #[arg(long, value_enum, default_value_t)]
    server_identity: ServerIdentity,
    /// Milliseconds per byte for slow-body and slow-headers
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    slow_tick_ms: u64,
    /// For tests: a clock that stands still at this moment (RFC 3339), so that several programs share it exactly
    #[arg(long, value_name = "TIME", hide = true, value_parser = moment)]
    clock: Option<OffsetDateTime>,
}

fn moment(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell it to when standard error is closed.
            let _ = writeln!(std::io::stderr(), "pam360-standin: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), standin::Error> {
    let mut builder = Standin::builder(&arguments.data_dir)
        .listen(arguments.listen)
        .seed(arguments.seed)
        .intermediate(!arguments.no_intermediate)
        .msca(arguments.msca)
        .list_shape(arguments.list_shape)
        .csr_list_operation(arguments.csr_list_operation)
        .server_identity(arguments.server_identity)
        .slow_tick(Duration::from_millis(arguments.slow_tick_ms));
    if let Some(token) = arguments.token {
        builder = builder.token(token);
    }
    if arguments.http1_only {
        builder = builder.http1_only();
    }
    if arguments.http11_required {
        builder = builder.http11_required();
    }
    if arguments.tls12_only {
        builder = builder.tls12_only();
    }
    if let Some(clock) = arguments.clock {
        let millis = i64::try_from(clock.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
        builder = builder.clock(move || millis);
    }
    // Before the ready file: whoever waits for it may send the signal at once.
    let stop = stop_signal()
        .map_err(|source| standin::Error::Io { what: "listening for signals".to_owned(), source })?;
    let standin = builder.start().await?;
    standin.write_ready_file()?;
    let ready = arguments.data_dir.join("ready.json");
    let mut out = std::io::stdout();
    // A closed standard output is no reason to stop serving.
    let _ =
        writeln!(out, "PAM360 stand-in at {}; token, roots and CSRs in {}", standin.url(), ready.display());
    let _ = out.flush();
    stop.await;
    standin.stop().await;
    Ok(())
}

/// Resolves at Ctrl-C or SIGTERM.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // When the handler cannot be set, the process is ended by the system instead.
        let _ = tokio::signal::ctrl_c().await;
    })
}
