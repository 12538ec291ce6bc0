//! `csrdesk review`, `test-connection`, `trust-ca`, `diagnostics`: looking, without changing anything on the server.

use std::process::ExitCode;

use desk::commands::test_connection::{self, Stage, State, Verdict};
use desk::commands::{Shown, diagnostics, review, trust_ca};
use desk::{Desk, Failure};
use domain::{BaseUrl, CaChoice, ErrorCode, FINGERPRINT_WITHHELD, Field, Timestamp, TlsDiagnosis, visible};

use crate::{args, layout, out, token};

pub(crate) async fn review(task: args::Review) -> ExitCode {
    let args::Review { target, fields, json } = task;
    let form = fields.form(&target);
    out::remarks(&target.remarks());
    out::remarks(
        &form.remarks().into_iter().filter(|it| it.field != Field::Organization).collect::<Vec<_>>(),
    );
    match reviewed(target, form).await {
        Ok(response) if json => out::json(&response),
        Ok(response) => print_review(&response),
        Err(failure) => return out::failure(&failure, json),
    }
    ExitCode::SUCCESS
}

async fn reviewed(target: args::Target, mut form: domain::SignForm) -> Result<review::Response, Failure> {
    let saved_connection = target.is_saved();
    let desk = Desk::start(target.options(None)).await?;
    if saved_connection {
        form.organization = desk.organization().unwrap_or_default();
    }
    desk.review(review::Request { form }).await
}

/// How many earlier entries say the same as the one that was printed.
fn also_not_issued(more: u64) -> String {
    format!("The same was found for {}.", layout::counted(more, "earlier entry", "earlier entries"))
}

fn print_review(response: &review::Response) {
    for caution in &response.cautions {
        out::line(format_args!("! {}", caution.words()));
    }
    for it in &response.not_issued {
        out::line(format_args!("Entry {}: {}", it.entry, it.words()));
    }
    if response.not_issued_more > 0 {
        out::line(format_args!("{}", also_not_issued(response.not_issued_more)));
    }
    out::line(format_args!(
        "The certificate would end on {}, if the server counts from now.",
        response.ends.date_time()
    ));
    let trust = response.verified_by;
    let unchecked = trust.unchecked();
    let unchecked = if unchecked.is_empty() { String::new() } else { format!(" {unchecked}") };
    out::line(format_args!("The server is verified by: {}.{unchecked}", trust.words()));
    out::line("The exact request (nothing was sent):");
    if !response.version_note().is_empty() {
        out::line(response.version_note());
    }
    out::line("");
    out::exact(response.http_request.replace("\r\n", "\n"));
    out::line("\nINPUT_DATA, decoded:\n");
    out::exact(&response.input_data);
}

pub(crate) async fn test_connection(task: args::TestConnection) -> ExitCode {
    let args::TestConnection { target, json } = task;
    let next = target.next();
    let tested = async {
        out::remarks(&target.remarks());
        let named = target.names_a_server();
        let desk = token::desk_with_token(target).await.for_a_named_server(named)?;
        let server = desk.in_use().map(|it| it.connection.server.to_string()).unwrap_or_default();
        Ok((server, desk.test_connection(test_connection::Request::default()).await?))
    };
    let (server, response) = match tested.await {
        Ok(response) => response,
        Err(failure) => return out::failure(&failure, json),
    };
    if json {
        out::json(&response);
    } else {
        response.steps.iter().for_each(|it| print_step(it, &server));
        if response.verdict() == Verdict::NoToken {
            out::line("Not ready to sign: no token is set, so the last steps were not tested.");
        }
        if let Some(diagnosis) = &response.diagnosis {
            print_diagnosis(diagnosis, &next);
        }
    }
    ExitCode::from(if response.good() { 0 } else { 5 })
}

fn print_step(step: &test_connection::Step, server: &str) {
    let stage = step.stage.as_str();
    match &step.state {
        State::Passed { detail } => out::line(format_args!("ok      {stage:<12}  {detail}")),
        State::Failed { code, detail } => {
            let detail = if detail.is_empty() { String::new() } else { format!(": {}", visible(detail)) };
            let next = format!("{}{}", code.next(), BaseUrl::port_advice(server, *code));
            out::line(format_args!("FAILED  {stage:<12}  {} {next} ({code}{detail})", code.what()));
        }
        State::Answered { detail } => out::line(format_args!("REFUSED {stage:<12}  {detail}")),
        State::Skipped => out::line(format_args!("-       {stage:<12}  not tried")),
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
            None => out::line(
                "  Save the server as a connection: csrdesk connections add. Or put the CA into a file for --ca-file.",
            ),
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
            match answer.not_saved {
                None => out::line(format_args!("Trusted from now on for {name}: {ca}")),
                Some(code) => return out::failure(&Failure::new(code), false),
            }
            ExitCode::SUCCESS
        }
        Err(failure) => out::failure(&failure, false),
    }
}

async fn trusted(task: args::TrustCa) -> Result<trust_ca::Response, Failure> {
    let desk = Desk::start(task.of.options()).await?;
    let response = desk.test_connection(test_connection::Request::default()).await?;
    let diagnosis = response.diagnosis.ok_or_else(|| no_certificate_to_compare(&response.steps))?;
    let candidate = diagnosis.candidate.and_then(|it| diagnosis.chain.get(it));
    let shown =
        candidate.ok_or_else(|| Failure::because(ErrorCode::NothingToTrust, &diagnosis.detail))?.sha256;
    desk.trust_ca(trust_ca::Request { connection: response.connection, shown, told: task.ca_fingerprint })
        .await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_earlier_entry_is_not_entries() {
        assert_eq!(also_not_issued(1), "The same was found for 1 earlier entry.");
        assert_eq!(also_not_issued(2), "The same was found for 2 earlier entries.");
    }
}
