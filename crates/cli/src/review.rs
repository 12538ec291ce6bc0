//! `csrdesk review`: what a signing would do, what to think about first, and the exact request. Sends nothing.

use std::process::ExitCode;

use desk::commands::review::{Before, Caution, Request, Response};
use desk::{Desk, Failure};
use domain::{ErrorCode, Field, visible};

use crate::layout::{self, counted};
use crate::{args, asked, out};

pub(crate) async fn run(task: args::Review) -> ExitCode {
    let args::Review { target, fields, json } = task;
    let named = target.names_a_server();
    let (target_again, folder, fields_again) =
        (target.repeated(), target.repeated_folder(), fields.repeated());
    let form = fields.form(&target);
    out::remarks(&target.remarks());
    out::remarks(
        &form.remarks().into_iter().filter(|it| it.field != Field::Organization).collect::<Vec<_>>(),
    );
    match reviewed(target, form).await {
        Ok((_, response)) if json => out::json(&response),
        Ok((desk, response)) => {
            print(&desk, &response);
            // A signing wants its server named.
            let used = desk.in_use().filter(|_| !named).map(|it| layout::quoted(&it.connection.name));
            let target = used.map_or(target_again, |it| format!(" --connection {it}{folder}"));
            let again = if response.earlier.is_empty() { "" } else { " --again \"…\"" };
            out::line("\nTo sign it:");
            out::exact(format_args!("  csrdesk sign{target}{fields_again}{again}"));
        }
        Err(failure) => return out::failure(&failure, json),
    }
    ExitCode::SUCCESS
}

async fn reviewed(target: args::Target, mut form: domain::SignForm) -> Result<(Desk, Response), Failure> {
    let saved_connection = target.is_saved();
    let desk = Desk::start(target.options(None)).await?;
    crate::record::note_findings(&desk).await;
    crate::record::note_acknowledged(&desk).await;
    if saved_connection {
        form.organization = desk.organization().unwrap_or_default();
    }
    match desk.review(Request { form }).await {
        Err(failure) if failure.code == ErrorCode::NoConnection => {
            asked::require_server(&desk).await?;
            Err(failure)
        }
        reviewed => reviewed.map(|it| (desk, it)),
    }
}

fn print(desk: &Desk, response: &Response) {
    out::line("This is what csrdesk sign would do. Nothing was sent.");
    if let Some(server) = asked::server(desk) {
        out::line(format_args!("  {server}"));
    }
    let trust = response.verified_by;
    let unchecked = trust.unchecked();
    let unchecked = if unchecked.is_empty() { String::new() } else { format!(". {unchecked}") };
    out::line(format_args!("  verified by     {}{unchecked}", trust.words()));
    let request = &response.request;
    let organization = request.organization.as_ref().map(|it| visible(it.as_str()));
    out::line(format_args!("  CSR id          {}", request.csr_id));
    out::line(format_args!("  issuer          {}", asked::issuer(request)));
    out::line(format_args!("  kind            {}", asked::kind(request)));
    out::line(format_args!("  validity        {}", asked::validity_to(request, response.ends)));
    out::line(format_args!(
        "  organization    {}",
        organization.unwrap_or_else(|| "the one of the token's user".to_owned())
    ));
    print_cautions(response);
    out::line("\nThe exact request:");
    if !response.version_note().is_empty() {
        out::line(response.version_note());
    }
    out::line("");
    out::exact(layout::visible_lines(&response.http_request));
    out::line("\nINPUT_DATA, decoded:\n");
    out::exact(layout::visible_lines(&response.input_data));
}

/// What to think about first, each caution about earlier signings with their entries.
fn print_cautions(response: &Response) {
    if !response.cautions.is_empty() || !response.not_issued.is_empty() {
        out::line("");
    }
    let about = |it: &Caution| match it {
        Caution::SentBefore => Some(true),
        Caution::SignedByAnotherIssuer => Some(false),
        _ => None,
    };
    let last = response.cautions.iter().rposition(|it| about(it).is_some());
    for (place, caution) in response.cautions.iter().enumerate() {
        out::line(format_args!("  ! {}", caution.words()));
        let same_issuer = about(caution);
        let rows = response.before.iter().filter(|it| Some(it.same_issuer) == same_issuer);
        rows.for_each(print_before);
        // The count does not say whose they are: it is printed after the last list.
        if last == Some(place) && response.before_more > 0 {
            let more = counted(response.before_more, "earlier entry", "earlier entries");
            out::line(format_args!("      and {more}"));
        }
    }
    for it in &response.not_issued {
        out::line(format_args!("  Entry {}: {}", it.entry, it.words()));
    }
    if response.not_issued_more > 0 {
        out::line(format_args!("  {}", also_not_issued(response.not_issued_more)));
    }
}

fn print_before(it: &Before) {
    out::line(format_args!("      entry {}: {}", it.entry, it.words()));
}

/// How many earlier entries say the same as the one that was printed.
fn also_not_issued(more: u64) -> String {
    format!("The same was recorded for {}.", counted(more, "earlier entry", "earlier entries"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_earlier_entry_is_not_entries() {
        assert_eq!(also_not_issued(1), "The same was recorded for 1 earlier entry.");
        assert_eq!(also_not_issued(2), "The same was recorded for 2 earlier entries.");
    }
}
