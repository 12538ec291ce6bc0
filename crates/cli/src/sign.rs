//! `csrdesk sign`: one signing, told for people or as the one object of the contract.

use std::process::ExitCode;
use std::time::Duration;

use desk::{Desk, Failure, commands};
use domain::{
    BaseUrl, Certificate, Ending, Entry, ErrorCode, Field, IntentId, Outcome, Problem, SerialNumber,
    SignRequest, visible,
};

pub(crate) use self::unrecorded::Unrecorded;
use crate::{args, asked, layout, out, signals, token};

mod unrecorded;

/// How long the end of the program waits until it is stored that the server rejected or accepted the token.
const STORE_PATIENCE: Duration = Duration::from_secs(1);

pub(crate) async fn run(task: args::Sign) -> ExitCode {
    let args::Sign { target, fields, again, intent, json } = task;
    let form = fields.form(&target);
    out::remarks(&target.remarks());
    out::remarks(
        &form.remarks().into_iter().filter(|it| it.field != Field::Organization).collect::<Vec<_>>(),
    );
    let (repeated, folder) = (target.repeated(), target.repeated_folder());
    let intent = intent.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let intent = match IntentId::parse(&intent) {
        Ok(intent) => intent,
        Err(code) => return out::failure(&Failure::new(code), json),
    };
    let mut request = commands::sign::Request {
        intent: intent.to_string(),
        form,
        again,
        server: None,
        connection: None,
        as_reviewed: None,
    };
    let options = target.next().options;
    let (desk, source) = match start(target, &mut request.form).await {
        Ok(started) => started,
        Err(failure) => return out::failure(&failure, json),
    };
    desk.sign_once();
    let token_cure = source.cure(options.as_deref());
    let repeated = Repeated { target: repeated, folder, token_cure };
    let exit = finish(&desk, &intent, request, json, &repeated).await;
    desk.journal_notes().iter().for_each(|it| out::note(out::of_this_run(it)));
    // After the answer is printed. Another program may have locked the file; the next answer tells it again.
    let _ = tokio::time::timeout(STORE_PATIENCE, desk.token_answers_stored()).await;
    exit
}

/// A desk with server and token, or every problem of options, token and form at once.
async fn start(target: args::Target, form: &mut domain::SignForm) -> Result<(Desk, token::Source), Failure> {
    let (saved_connection, named) = (target.is_saved(), target.names_a_server());
    let token::Started { desk: started, problem: token_problem, source } =
        token::desk_with_token(target).await;
    let mut problems = match &started {
        Ok(_) if named => Vec::new(),
        Ok(_) => vec![Problem::new(Field::Server, ErrorCode::ConnectionNotNamed)],
        Err(failure) if failure.problems.is_empty() => return started.map(|it| (it, source)),
        Err(failure) => failure.problems.clone(),
    };
    problems.extend(token_problem);
    if let (true, Ok(desk)) = (saved_connection, &started) {
        form.organization = desk.organization().unwrap_or_default();
    }
    if let Err(found) = form.check(desk::Host::now(&desk::SystemHost::default())) {
        // The organization stands in the connection too; one mention of it is enough.
        problems.extend(found.into_iter().filter(|it| !problems.contains(it)).collect::<Vec<_>>());
    }
    if problems.is_empty() { started.map(|it| (it, source)) } else { Err(Failure::invalid(problems)) }
}

/// Options of this run that the next command needs too, ready to copy.
struct Repeated {
    target: String,
    folder: String,
    /// What to do about the token, should the server reject it.
    token_cure: (String, Option<String>),
}

async fn finish(
    desk: &Desk,
    intent: &IntentId,
    request: commands::sign::Request,
    json: bool,
    repeated: &Repeated,
) -> ExitCode {
    let checked = request.form.check(desk::Host::now(&desk::SystemHost::default())).ok();
    let again = request.again.clone();
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
            out::result(in_one_line(&response, repeated));
            let unrecorded = checked.as_ref().filter(|_| response.history_warning().is_some());
            let unrecorded = unrecorded.map(|it| Unrecorded::of(it, intent, again.as_deref(), desk));
            if json {
                print_json(&response, desk, unrecorded.as_ref());
            } else {
                let earlier = earlier_entries(desk, &response.earlier).await;
                print_text(&response, desk, checked.as_ref(), &earlier, repeated);
                if let Some(unrecorded) = &unrecorded {
                    out::line("  What to keep beside the answer:");
                    unrecorded.lines().for_each(out::line);
                }
            }
            warn_if_unrecorded(&response);
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
    commands::sign::Response {
        entry: None,
        repeated: false,
        recorded: true,
        may_be_lost: false,
        earlier: Vec::new(),
        before: Vec::new(),
        ending,
    }
}

/// The outcome, for standard error, when standard output cannot be written.
fn in_one_line(response: &commands::sign::Response, repeated: &Repeated) -> String {
    let ending = &response.ending;
    let entry = response.entry.map_or_else(
        || "The history has no entry of it.".to_owned(),
        |entry| format!("It is entry {entry}: csrdesk entry {entry}{}", repeated.folder),
    );
    format!("{} ({}): {} {entry}", headline(ending.outcome), ending.code, ending.code.what())
}

fn print_json(response: &commands::sign::Response, desk: &Desk, signing: Option<&Unrecorded>) {
    let ending = &response.ending;
    out::json(&out::Answer {
        outcome: ending.outcome.as_str(),
        code: ending.code,
        message: &[&out::in_terminal(&ending.message()), port_advice(desk, ending)].concat(),
        certificates: &ending.certificates,
        reported: &ending.reported,
        entry: response.entry,
        recorded: Some(response.recorded),
        signing,
        problems: None,
    });
}

/// The entries that keep this signing from being sent, as far as they can be read.
async fn earlier_entries(desk: &Desk, numbers: &[u64]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for entry in numbers {
        let read = desk.entry(commands::entry::Request { entry: *entry }).await;
        entries.extend(read.ok().map(|it| it.entry));
    }
    entries
}

fn print_text(
    response: &commands::sign::Response,
    desk: &Desk,
    request: Option<&SignRequest>,
    earlier: &[Entry],
    repeated: &Repeated,
) {
    let ending = &response.ending;
    let ca = request.is_some_and(|it| it.intermediate) && ending.outcome == Outcome::Signed;
    let kind = if ca { " It is an intermediate CA: it can issue certificates." } else { "" };
    out::line(format_args!("{}: {}{kind}", headline(ending.outcome), ending.code.what()));
    if let Some(server) = asked::server(desk) {
        out::line(format_args!("  {server}"));
    }
    if let Some(words) = &ending.server_message {
        out::line(format_args!("  The server says: {words}"));
    }
    if let Some(caution) = Certificate::caution(&ending.certificates, ending.server_message.as_deref()) {
        out::line(format_args!("  ! {caution}"));
    }
    print_certificates(&ending.certificates);
    if !ending.reported.is_empty() {
        out::line("  Reported by PAM360, not confirmed:");
        print_certificates(&ending.reported);
    }
    if let Some(request) = request {
        print_asked(request, ending.outcome);
    }
    let port = port_advice(desk, ending);
    out::line(format_args!("  {}{port}{}", out::next_of_signing(ending.code), ending.wait()));
    if token::is_about_token(ending.code) && !response.repeated {
        let (words, command) = &repeated.token_cure;
        out::line(format_args!("  {words}"));
        command.iter().for_each(|it| out::exact(format_args!("    {it}")));
    }
    if let Some(detail) = &ending.detail {
        out::line(format_args!("  Details: {} ({})", ending.code, visible(detail)));
    }
    if !response.earlier.is_empty() {
        out::line("  Earlier entries of this CSR and issuer:");
        earlier.iter().for_each(print_earlier);
        let unread = response.earlier.iter().filter(|it| earlier.iter().all(|read| read.entry != **it));
        unread.for_each(|it| out::line(format_args!("    entry {it}, which cannot be read")));
        if let Some(unsettled) = earlier.iter().find(|it| it.is_unsettled()) {
            out::line("  First find out whether it was signed:");
            out::exact(format_args!("    csrdesk reconcile {}{}", unsettled.entry, repeated.target));
        }
        out::line("  To sign again, give the reason: --again REASON");
    }
    if let Some(entry) = response.entry {
        let again = if response.repeated { "; this is the earlier answer, nothing was sent now" } else { "" };
        out::line(format_args!("  Record: entry {entry} in {}{again}", layout::whole(desk.data_dir())));
        if ending.outcome == Outcome::Unknown {
            out::line("  Find the certificate on the server:");
            out::exact(format_args!("    csrdesk reconcile {entry}{}", repeated.target));
        }
    }
}

/// What to add when a connection failed on the default port. The connection in use has the server of every answer: the desk
/// refuses an intent that was recorded for another server ([`ErrorCode::IntentOfAnother`]).
fn port_advice(desk: &Desk, ending: &Ending) -> &'static str {
    let used = desk.in_use().map(|it| it.connection.server.to_string());
    used.map_or("", |it| BaseUrl::port_advice(&it, ending.code))
}

/// What the request asked for: what the certificate says is not known here.
fn print_asked(request: &SignRequest, outcome: Outcome) {
    out::line(format_args!("  asked issuer    {}", asked::issuer(request)));
    out::line(format_args!("  asked kind      {}", asked::kind(request)));
    let end = desk::Host::now(&desk::SystemHost::default()).plus_days(request.validity.days());
    let validity = match outcome {
        Outcome::Signed => asked::validity_to(request, end),
        _ => asked::validity(request),
    };
    out::line(format_args!("  asked validity  {validity}"));
}

fn print_earlier(entry: &Entry) {
    let serials: Vec<String> =
        entry.certificates().iter().filter_map(|it| it.serial_number.as_deref().map(visible)).collect();
    let serials =
        if serials.is_empty() { String::new() } else { format!(", serial number {}", serials.join(", ")) };
    let (number, at, outcome) = (entry.entry, entry.at.date_time(), entry_headline(entry));
    out::line(format_args!("    entry {number}, {at}, {outcome}{serials}"));
}

fn warn_if_unrecorded(response: &commands::sign::Response) {
    if let Some(code) = response.history_warning() {
        out::note(format_args!("Warning: {} {}", code.what(), out::next(code)));
    }
}

/// How an entry stands, in a word of at most eight letters.
pub(crate) fn entry_headline(entry: &Entry) -> &'static str {
    match entry.code() {
        // Its outcome stays unknown: what is known is what a person found out.
        ErrorCode::NotThere => "RESOLVED",
        _ if entry.is_in_progress() => "RUNNING",
        _ => headline(entry.outcome()),
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

/// Each certificate in a block of its own, numbered where there are several.
fn print_certificates(certificates: &[Certificate]) {
    for (place, certificate) in certificates.iter().enumerate() {
        if let Some(heading) = Certificate::heading(place, certificates.len()) {
            out::line(format_args!("  {heading}:"));
        }
        print_certificate(certificate);
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
