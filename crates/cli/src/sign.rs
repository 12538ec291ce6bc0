//! `csrdesk sign`: one signing, told for people or as the one object of the contract.

use std::process::ExitCode;

use desk::{Desk, Failure, commands};
use domain::{Certificate, Ending, ErrorCode, Field, IntentId, Outcome, Problem, SerialNumber, visible};

use crate::{args, out, signals, token};

pub(crate) async fn run(task: args::Sign) -> ExitCode {
    let args::Sign { target, fields, again, intent, json } = task;
    let form = fields.form(&target);
    out::remarks(&target.remarks());
    out::remarks(
        &form.remarks().into_iter().filter(|it| it.field != Field::Organization).collect::<Vec<_>>(),
    );
    let intent = intent.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let intent = match IntentId::parse(&intent) {
        Ok(intent) => intent,
        Err(code) => return out::failure(&Failure::new(code), json),
    };
    let mut request =
        commands::sign::Request { intent: intent.to_string(), form, again, server: None, connection: None };
    let desk = match start(target, &mut request.form).await {
        Ok(desk) => desk,
        Err(failure) => return out::failure(&failure, json),
    };
    let exit = finish(&desk, &intent, request, json).await;
    desk.journal_notes().iter().for_each(out::note);
    exit
}

/// A desk with server and token, or every problem of options, token and form at once.
async fn start(target: args::Target, form: &mut domain::SignForm) -> Result<Desk, Failure> {
    let (saved_connection, named) = (target.is_saved(), target.names_a_server());
    let token::Started { desk: started, problem: token_problem, .. } = token::desk_with_token(target).await;
    let mut problems = match &started {
        Ok(_) if named => Vec::new(),
        Ok(_) => vec![Problem::new(Field::Server, ErrorCode::ConnectionNotNamed)],
        Err(failure) if failure.problems.is_empty() => return started,
        Err(failure) => failure.problems.clone(),
    };
    problems.extend(token_problem);
    if let (true, Ok(desk)) = (saved_connection, &started) {
        form.organization = desk.organization().unwrap_or_default();
    }
    if let Err(found) = form.check(desk::Host::now(&desk::SystemHost)) {
        // The organization stands in the connection too; one mention of it is enough.
        problems.extend(found.into_iter().filter(|it| !problems.contains(it)).collect::<Vec<_>>());
    }
    if problems.is_empty() { started } else { Err(Failure::invalid(problems)) }
}

async fn finish(desk: &Desk, intent: &IntentId, request: commands::sign::Request, json: bool) -> ExitCode {
    let mut signing = std::pin::pin!(desk.sign(request));
    let response = tokio::select! {
        response = &mut signing => response,
        () = signals::stop() => {
            desk.stop();
            match desk.entry_of_intent(intent).await {
                // It has left: what the server makes of it is not known from here on, and waiting was called off.
                Some(entry) if entry.sent_at.is_some() && entry.answered_at.is_none() => Ok(interrupted(entry.entry)),
                // It has not: now it will not, and says so; or its answer is here already.
                _ => tokio::select! {
                    response = &mut signing => response,
                    () = signals::stop() => Ok(interrupted_somewhere()),
                },
            }
        }
    };
    match response {
        Ok(response) => {
            if json {
                print_json(&response);
            } else {
                print_text(&response, desk);
            }
            ExitCode::from(response.ending.outcome.exit_code())
        }
        Err(failure) => out::failure(&failure, json),
    }
}

fn interrupted(entry: u64) -> commands::sign::Response {
    commands::sign::Response { entry: Some(entry), ..interrupted_somewhere() }
}

fn interrupted_somewhere() -> commands::sign::Response {
    let ending = Ending::new(ErrorCode::Interrupted);
    // Not our own failure to write: what is on record says the same.
    commands::sign::Response { entry: None, repeated: false, recorded: true, earlier: Vec::new(), ending }
}

fn print_json(response: &commands::sign::Response) {
    let ending = &response.ending;
    out::json(&out::Answer {
        outcome: ending.outcome.as_str(),
        code: ending.code,
        message: &ending.message(),
        certificates: &ending.certificates,
        reported: &ending.reported,
        entry: response.entry,
        problems: None,
    });
    warn_if_unrecorded(response);
}

fn print_text(response: &commands::sign::Response, desk: &Desk) {
    let ending = &response.ending;
    out::line(format_args!("{}: {}", headline(ending.outcome), ending.code.what()));
    if let Some(used) = desk.in_use() {
        let it = &used.connection;
        let environment = it.environment.as_str();
        out::line(format_args!("  Server: {} ({}, {environment})", it.server, visible(&it.name)));
    }
    if let Some(words) = &ending.server_message {
        out::line(format_args!("  The server says: {words}"));
    }
    for certificate in &ending.certificates {
        print_certificate(certificate);
    }
    if !ending.reported.is_empty() {
        out::line("  Reported by PAM360, not confirmed:");
        ending.reported.iter().for_each(print_certificate);
    }
    out::line(format_args!("  {}{}", ending.code.next(), ending.wait()));
    if let Some(detail) = &ending.detail {
        out::line(format_args!("  Details: {} ({})", ending.code, visible(detail)));
    }
    if !response.earlier.is_empty() {
        let entries: Vec<_> = response.earlier.iter().map(ToString::to_string).collect();
        out::line(format_args!(
            "  Entries that speak against it: {}. To sign again all the same: --again REASON",
            entries.join(", ")
        ));
    }
    if let Some(entry) = response.entry {
        let again = if response.repeated { "; this is the earlier answer, nothing was sent now" } else { "" };
        out::line(format_args!("  Record: entry {entry} in {}{again}", desk.data_dir().display()));
    }
    warn_if_unrecorded(response);
}

fn warn_if_unrecorded(response: &commands::sign::Response) {
    if response.entry.is_some() && !response.recorded && !response.repeated {
        let code = ErrorCode::OutcomeNotRecorded;
        out::note(format_args!("Warning: {} {}", code.what(), code.next()));
    }
}

pub(crate) fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotSent => "NOT SENT",
        Outcome::Refused => "REFUSED",
        Outcome::Signed => "SIGNED",
        Outcome::Unknown => "UNKNOWN",
    }
}

fn print_certificate(certificate: &Certificate) {
    let absent = "not stated";
    let text = |value: &Option<String>| value.as_deref().map_or_else(|| absent.to_owned(), visible);
    out::line(format_args!("  common name     {}", text(&certificate.common_name)));
    out::line(format_args!("  certificate id  {}", text(&certificate.certificate_id)));
    let serial = certificate.serial_number.as_deref();
    match serial.and_then(|it| SerialNumber::parse(it).ok()) {
        Some(serial) => {
            out::line(format_args!(
                "  serial number   {} ({}, {})",
                serial.hex(),
                serial.colons(),
                serial.decimal()
            ));
        }
        None => out::line(format_args!("  serial number   {}", text(&certificate.serial_number))),
    }
}
