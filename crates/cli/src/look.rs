//! `csrdesk test-connection`, `trust-ca`, `diagnostics`: looking, without changing anything on the server.

use std::process::ExitCode;

use desk::commands::test_connection::{self, Stage, State, Verdict};
use desk::commands::{Shown, diagnostics, trust_ca};
use desk::{Desk, Failure};
use domain::{BaseUrl, CaChoice, ErrorCode, FINGERPRINT_WITHHELD, Timestamp, TlsDiagnosis, visible};

use crate::{args, asked, out, token};

pub(crate) async fn test_connection(task: args::TestConnection) -> ExitCode {
    let args::TestConnection { target, json } = task;
    let next = target.next();
    let tested = async {
        out::remarks(&target.remarks());
        let named = target.names_a_server();
        let started = token::desk_with_token(target).await;
        let source = started.source;
        let desk = started.for_a_named_server(named)?;
        asked::require_server(&desk).await?;
        let next = next.of_used(&desk);
        let connection = desk.in_use().map(|it| it.connection);
        let server = connection.as_ref().map(|it| it.server.to_string()).unwrap_or_default();
        let lists_csrs = connection.is_some_and(|it| it.csr_list.is_some());
        let response = desk.test_connection(test_connection::Request::default()).await?;
        Ok((server, lists_csrs, source, next, response))
    };
    let (server, lists_csrs, source, next, response) = match tested.await {
        Ok(response) => response,
        Err(failure) => return out::failure(&failure, json),
    };
    if json {
        out::json(&response);
    } else {
        let verdict = response.verdict();
        print_verdict(verdict);
        // A signing does not need the list: where no operation for it is set, the list is not part of the test.
        let steps = response.steps.iter().filter(|it| it.stage != Stage::CsrList || lists_csrs);
        steps.for_each(|it| print_step(it, &server));
        if lacks_token(verdict) {
            let (words, command) = source.cure(next.options.as_deref());
            out::line(format_args!("\n{words}"));
            command.iter().for_each(|it| out::exact(format_args!("  {it}")));
        }
        if let Some(diagnosis) = &response.diagnosis {
            print_diagnosis(diagnosis, &next);
        }
    }
    ExitCode::from(if response.good() { 0 } else { 5 })
}

/// What the test comes to, in front of its steps.
fn print_verdict(verdict: Verdict) {
    match verdict {
        Verdict::Ready => out::line("Ready to sign."),
        Verdict::Failed(_, code) => out::line(format_args!("Not ready to sign. {}", code.what())),
        Verdict::NoToken => {
            out::line("Not ready to sign: no token is set, so the last steps were not tested.");
        }
    }
}

/// Whether another token, or one at all, is what the connection needs.
fn lacks_token(verdict: Verdict) -> bool {
    match verdict {
        Verdict::NoToken => true,
        Verdict::Failed(_, code) => token::is_about_token(code),
        Verdict::Ready => false,
    }
}

fn print_step(step: &test_connection::Step, server: &str) {
    let stage = step.stage.name();
    match &step.state {
        State::Passed { detail } => out::line(format_args!("ok      {stage:<14}  {detail}")),
        State::Failed { code, detail } => {
            let detail = if detail.is_empty() { String::new() } else { format!(": {}", visible(detail)) };
            let next = format!("{}{}", out::next(*code), BaseUrl::port_advice(server, *code));
            out::line(format_args!("FAILED  {stage:<14}  {} {next} ({code}{detail})", code.what()));
        }
        State::Answered { detail } => out::line(format_args!("REFUSED {stage:<14}  {detail}")),
        State::Skipped => out::line(format_args!("-       {stage:<14}  not tested")),
    }
}

/// What the server presented, and what could be trusted after a comparison: with the command for that.
fn print_diagnosis(diagnosis: &TlsDiagnosis, next: &args::Next) {
    out::line(format_args!("\nThe server was asked for {} and presented:", diagnosis.asked_name));
    for (index, it) in diagnosis.chain.iter().enumerate() {
        let mark = diagnosis.mark(index).map(|it| format!("  <- {}", it.words())).unwrap_or_default();
        out::line(format_args!("  {}. {}{mark}", index + 1, it.subject));
        out::line(format_args!("     issued by  {}", it.issuer));
        let date = |at: Option<Timestamp>| at.map_or_else(|| "unknown".to_owned(), Timestamp::date);
        out::line(format_args!("     valid      {} to {}", date(it.not_before), date(it.not_after)));
        out::line(format_args!("     key        {}, signed with {}", it.key, it.signature_algorithm));
        // The fingerprint to compare comes from the server's owner. Beside the advice to type it, it would be copied.
        let sha256 =
            diagnosis.shown_fingerprint(it).map_or_else(|| FINGERPRINT_WITHHELD.to_owned(), |it| it.colons());
        out::line(format_args!("     SHA-256    {sha256}"));
    }
    if let Some(other) = &diagnosis.other_certificate {
        out::line(format_args!("  accepted   {}", other.expected));
        out::line("  presented  another one, which is not shown: ask the server's owner for the current one");
    }
    if let Some(pin) = &diagnosis.pin {
        out::line(format_args!("  public key pinned     {}", pin.expected));
        out::line(format_args!("  public key presented  {}", pin.presented));
    }
    if let Some(candidate) = diagnosis.candidate.and_then(|it| diagnosis.chain.get(it)) {
        out::line(format_args!("\n{} could be trusted as a CA for this connection.", candidate.subject));
        out::line(
            "Ask the server's owner for its SHA-256 fingerprint, in another way than over this network. Then:",
        );
        match &next.options {
            Some(connection) => {
                out::exact(format_args!(
                    "  csrdesk trust-ca{connection} --ca-fingerprint WHAT-THE-OWNER-SAID"
                ));
            }
            None => out::line(out::of_this_run(
                "  Save the server as a connection: csrdesk connections add. Or put the CA into a file for --ca-file.",
            )),
        }
        return;
    }
    // Where another fingerprint was typed already, the server's owner has to say what changed.
    if !diagnosis.exact_candidate || diagnosis.other_certificate.is_some() {
        return;
    }
    if next.options.is_none() {
        out::line(
            "\nNo CA vouches for this certificate under this name. It can be accepted by its fingerprint.",
        );
        out::line(
            "Ask the server's owner for its SHA-256 fingerprint, by another way than this network. Then add:",
        );
        out::exact(format_args!("  --exact-certificate SHA256"));
    } else {
        out::line(
            "\nNo CA vouches for this certificate under this name. A connection can accept exactly this one.",
        );
        out::line(
            "Ask the server's owner for its SHA-256 fingerprint, by another way than this network. Then:",
        );
        out::exact(format_args!(
            "  csrdesk connections change {}{} --exact-certificate SHA256",
            next.name, next.folder
        ));
    }
}

pub(crate) async fn trust_ca(task: args::TrustCa) -> ExitCode {
    match trusted(task).await {
        Ok(answer) => {
            let (name, ca) = (visible(&answer.shown.connection.name), ca_name(&answer.shown));
            out::line(format_args!("Trusted from now on for {name}: {ca}"));
            ExitCode::SUCCESS
        }
        Err(failure) => out::failure(&failure, false),
    }
}

async fn trusted(task: args::TrustCa) -> Result<trust_ca::Response, Failure> {
    // No token from outside: that of the keychain belongs to the connection.
    let desk = Desk::start(task.of.options()).await?;
    asked::require_server(&desk).await?;
    let response = desk.test_connection(test_connection::Request::default()).await?;
    let diagnosis = response.diagnosis.ok_or_else(|| no_certificate_to_compare(&response.steps))?;
    let candidate = diagnosis.candidate.and_then(|it| diagnosis.chain.get(it));
    let shown =
        candidate.ok_or_else(|| Failure::because(ErrorCode::NothingToTrust, &diagnosis.detail))?.sha256;
    let request = trust_ca::Request { connection: response.connection, shown, told: task.ca_fingerprint };
    let answer = desk.trust_ca(request).await?;
    match answer.not_saved {
        None => Ok(answer),
        Some(code) => Err(desk.unsaved(code)),
    }
}

/// Why a test of the connection showed no certificate that lacks trust: it ended before the handshake, or nothing lacks.
fn no_certificate_to_compare(steps: &[test_connection::Step]) -> Failure {
    let failed = steps.iter().find_map(|it| match &it.state {
        State::Failed { code, detail } if it.stage <= Stage::Tls => Some((*code, detail)),
        _ => None,
    });
    match failed {
        Some((code, detail)) => Failure::because(code, detail),
        None => Failure::because(
            ErrorCode::NothingToTrust,
            "the server's certificate is trusted already, so no CA has to be added",
        ),
    }
}

fn ca_name(shown: &Shown) -> String {
    match &shown.connection.ca {
        CaChoice::File { path } => visible(path),
        CaChoice::Pem { name, .. } => visible(name),
        CaChoice::Exact { .. } | CaChoice::System => shown.connection.trust().words().to_owned(),
    }
}

pub(crate) async fn diagnostics(task: args::Diagnostics) -> ExitCode {
    let gathered = async {
        let desk = Desk::start(task.target.options(None)).await?;
        desk.diagnostics(diagnostics::Request {}).await
    };
    match gathered.await {
        Ok(response) => {
            // Lines of the log stay as they are in the file.
            out::exact(response.text.trim_end());
            ExitCode::SUCCESS
        }
        Err(failure) => out::failure(&failure, false),
    }
}
