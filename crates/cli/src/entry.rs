//! One entry of the history as text: how it stands, what was decided, what the last search found.
//!
//! Owns the lines of an entry and of the certificates that may be its own. Refuses to own what they mean: that is the
//! desk's and the domain's.

use desk::commands::entry;
use desk::commands::look_for::{Candidate, Recorded, Response, Standing};
use domain::{Certificate, Decision, Entry, Seen, visible};

use crate::layout::counted;
use crate::{asked, out, sign};

/// Candidates that are printed with all that supports and contradicts them.
const LIKELIEST: usize = 3;

/// An entry in a few lines; `target` has the options of the command that searches for the certificate, none where no
/// command of this computer can.
pub(crate) fn print(entry: &Entry, target: Option<&str>) {
    let request = &entry.request;
    let (issuer, validity) = (asked::issuer(request), asked::validity(request));
    let ca = if request.intermediate { ", intermediate CA" } else { "" };
    let at = entry.at.date_time();
    let headline = sign::entry_headline(entry);
    let (number, csr_id, server) = (entry.entry, request.csr_id, visible(&entry.server));
    out::line(format_args!(
        "{number:>5}  {at}  {headline:<8}  CSR {csr_id} with {issuer} for {validity}{ca}, {server}"
    ));
    if !entry.origin.is_unknown() {
        out::line(format_args!("       Started by {}", entry.origin.says()));
    }
    let certificates = entry.certificates();
    if let Some(caution) = Certificate::caution(&certificates, entry.ending.server_message.as_deref()) {
        out::line(format_args!("       ! {caution}"));
    }
    print_certificates(&certificates, "");
    print_certificates(&entry.reported(), "reported by PAM360, not confirmed: ");
    if entry.code() == entry.ending.code {
        out::line(format_args!("       {}", visible(&out::in_terminal(&entry.ending.message()))));
    } else {
        out::line(format_args!("       {}", entry.code().what()));
    }
    if let Some(decision) = &entry.decision {
        print_decision("Decided", decision);
    }
    if let Some(again) = &entry.again {
        out::line(format_args!("       Signed again because: {}", visible(&again.reason)));
    }
    for (label, text) in [("Ticket", &entry.ticket), ("Note", &entry.note)] {
        if !text.is_empty() {
            out::line(format_args!("       {label}: {}", visible(text)));
        }
    }
    if let Some(target) = target.filter(|_| entry.is_unsettled()) {
        out::line("       Find the certificate on the server:");
        out::exact(format_args!("         csrdesk reconcile {number}{target}"));
    }
}

/// A line for each certificate, numbered where there are several.
fn print_certificates(certificates: &[Certificate], label: &str) {
    for (place, certificate) in certificates.iter().enumerate() {
        let heading = Certificate::heading(place, certificates.len()).map(|it| it + ": ").unwrap_or_default();
        let name = certificate.common_name.as_deref().map(|it| visible(it) + ", ").unwrap_or_default();
        let serial = certificate.serial_number.as_deref().map(visible).unwrap_or_default();
        out::line(format_args!("       {heading}{label}{name}serial number {serial}"));
    }
}

/// A decision: when it was recorded, what it was, and how the person knew.
fn print_decision(label: &str, decision: &Decision) {
    let Decision { at, verdict, reason, basis } = decision;
    let serial = verdict.certificate().and_then(|it| it.serial_number.as_deref());
    let serial = serial.map(|it| format!(", serial number {}", visible(it))).unwrap_or_default();
    let words = verdict.words();
    out::line(format_args!("       {label} {}: {words}{serial}", at.date_time()));
    out::line(format_args!("         Reason: {}", visible(reason)));
    if let Some(basis) = basis {
        out::line(format_args!("         {}", basis.words()));
    }
}

/// What is known of an entry beside how it stands: the decisions that a later one replaced, the server that was seen, and
/// the last search.
pub(crate) fn print_history(response: &entry::Response) {
    for earlier in entry::earlier_decisions(&response.events) {
        print_decision("Earlier decision", &earlier);
    }
    print_seen(&response.entry.ending.seen);
    print_last_search(response);
}

/// The server as it was seen while it answered.
fn print_seen(seen: &Seen) {
    if let Some(version) = &seen.tls_version {
        let http = seen.http_version.map(|it| format!(", {}", it.as_str())).unwrap_or_default();
        out::line(format_args!("       {}{http}", visible(version)));
    }
    if let Some(own) = &seen.server_certificate_sha256 {
        out::line(format_args!("       Server certificate, SHA-256  {}", visible(own)));
    }
    if let Some(trust) = seen.verified_by {
        let words = [trust.words(), trust.unchecked()].join(". ");
        out::line(format_args!("       Server verified by           {}", words.trim_end_matches(". ")));
    }
    for above in seen.peer_chain_sha256.iter().skip(1) {
        out::line(format_args!("       Presented CA, SHA-256        {}", visible(above)));
    }
}

/// When the certificate was searched for last, and what was found: as the search itself printed it.
fn print_last_search(response: &entry::Response) {
    let Some(Recorded { at, response: found }) = Recorded::last(&response.events) else { return };
    let listed = counted(found.listed, "certificate", "certificates");
    out::line(format_args!(
        "       Last search {}: {} PAM360 listed {listed}.",
        at.date_time(),
        found.words()
    ));
    print_candidates(&found, "       ");
    if !found.candidates.is_empty() {
        out::line("");
    }
}

/// Those that may be the one, then those that something contradicts: the likeliest with all that is known of them, the others
/// as a list. Each line begins with `indent`.
pub(crate) fn print_candidates(found: &Response, indent: &str) {
    let (possible, contradicted) = found.by_contradiction();
    let outer = indent.strip_suffix("  ").unwrap_or_default();
    let mut place = 0;
    for (heading, group) in [("May match", possible), ("Contradicted", contradicted)] {
        let mut group = group.into_iter().filter_map(|it| found.candidates.get(it)).peekable();
        if group.peek().is_some() && place < LIKELIEST {
            out::line(format_args!("\n{outer}{heading}:"));
        }
        for candidate in group {
            if place == LIKELIEST {
                let rest = counted((found.candidates.len() - place) as u64, "certificate", "certificates");
                out::line(format_args!("\n{outer}{rest} less likely (--json has the evidence):"));
            }
            place += 1;
            print_candidate(candidate, place, indent);
        }
    }
}

/// Other unresolved entries whose certificate it may be.
fn print_others(candidate: &Candidate, indent: &str) {
    for entry in &candidate.may_belong_to {
        out::line(format_args!("{indent}  ! May also belong to entry {entry}, which is unresolved."));
    }
    if let Some(words) = candidate.not_compared_words() {
        out::line(format_args!("{indent}  ! {words}"));
    }
}

/// That it is a CA, which nobody should learn after the decision.
fn print_ca(candidate: &Candidate, indent: &str) {
    if let Some(words) = candidate.ca_words() {
        out::line(format_args!("{indent}  ! {words}"));
    }
}

/// The number of a certificate is its place in the printed list.
fn print_candidate(candidate: &Candidate, number: usize, indent: &str) {
    let name = candidate.certificate.common_name.as_deref().map(visible);
    let name = name.unwrap_or_else(|| "no common name".to_owned());
    let serial = candidate.certificate.serial_number.as_deref().map(visible).unwrap_or_default();
    let standing = match candidate.standing {
        Standing::Proof => "SAME KEY: PROOF  ",
        Standing::Possible => "",
        Standing::NoMatch => "NOT A MATCH  ",
    };
    let reasons = candidate.contradictions();
    let reasons = if reasons.is_empty() { reasons } else { format!(" ({reasons})") };
    if number > LIKELIEST {
        out::line(format_args!("{indent}{number}. {standing}{name}, serial number {serial}{reasons}"));
        print_ca(candidate, indent);
        print_others(candidate, indent);
        return;
    }
    out::line(format_args!("\n{indent}{number}. {standing}{name}{reasons}"));
    out::line(format_args!("{indent}  serial number {serial}"));
    print_ca(candidate, indent);
    print_others(candidate, indent);
    for evidence in &candidate.evidence {
        let sign = match evidence.weight() {
            1.. => '+',
            0 => ' ',
            _ => '-',
        };
        out::line(format_args!("{indent}  {sign} {}", visible(&candidate.words(*evidence))));
    }
}
