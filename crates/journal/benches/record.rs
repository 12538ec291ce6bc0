//! What the record costs, as rows of a Markdown table:
//! `cargo bench -p journal --bench record [-- ENTRIES [keep=DIR | use=DIR] [only=WORD]]`.
//! With `keep` the large record is left in a folder, to measure the programs with; with `use` it is taken from there.
//! With `only`, the rows whose names contain the word, and not those of a small record.
//!
//! The last column is the median of this program's own time on a processor: on a busy computer the others wait for it too.
//!
//! Measured, not asserted: a disk's own speed is most of the first rows. All of it is in the system's temporary folder.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for people; a failure may end it")]

#[path = "record/making.rs"]
mod making;

use std::path::Path;
use std::time::{Duration, Instant};

use domain::{
    Certificate, Ending, ErrorCode, HistoryFilter, Outcome, SignForm, SignRequest, SortBy, Timestamp,
};
use journal::{Begun, Intent, Journal, Sent, verify_folder};

fn main() {
    let entries = std::env::args().filter_map(|it| it.parse().ok()).next().unwrap_or(100_000_u64);
    println!("| what | median | worst | processor |\n| --- | ---: | ---: | ---: |");
    if only().is_none() {
        durable();
    }
    let disk = tempfile::tempdir().unwrap();
    let (keep, made) = (option("keep="), option("use="));
    let folder = made.as_deref().or(keep.as_deref()).map_or(disk.path(), Path::new);
    if made.is_none() {
        std::fs::create_dir_all(folder).unwrap();
        making::make(folder, entries);
    }
    large(folder, entries);
}

/// What follows a word among the arguments.
fn option(start: &str) -> Option<String> {
    std::env::args().find_map(|it| it.strip_prefix(start).map(str::to_owned))
}

fn only() -> Option<String> {
    option("only=")
}

fn row(what: &str, mut times: Vec<Duration>, mut processor: Vec<Duration>) {
    let ms = |time: &Duration| time.as_secs_f64() * 1_000.0;
    times.sort_unstable();
    processor.sort_unstable();
    // The system counts it in steps of some milliseconds.
    let own = processor.get(processor.len() / 2).filter(|it| it.as_millis() >= 20);
    let own = own.map_or_else(|| " |".to_owned(), |it| format!(" {:.0} ms |", ms(it)));
    println!("| {what} | {:.3} ms | {:.3} ms |{own}", ms(&times[times.len() / 2]), ms(times.last().unwrap()));
}

/// The time that this program had on a processor so far.
#[cfg(target_os = "linux")]
fn processor() -> Duration {
    // proc_pid_schedstat: nanoseconds on a processor, of the main thread, which does all of it.
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn processor() -> Duration {
    Duration::ZERO
}

fn time<T>(what: &str, times: u32, mut work: impl FnMut() -> T) {
    if only().is_some_and(|it| !what.contains(&it)) {
        return;
    }
    let (mut measured, mut own) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let (started, before) = (Instant::now(), processor());
        std::hint::black_box(work());
        measured.push(started.elapsed());
        own.push(processor() - before);
    }
    row(what, measured, own);
}

fn durable() {
    let folder = tempfile::tempdir().unwrap();
    time("open, a new record", 1, || Journal::open(folder.path(), at(1)).unwrap());
    time("open, a small record", 50, || Journal::open(folder.path(), at(1)).unwrap());
    let journal = Journal::open(folder.path(), at(1)).unwrap().journal;
    let [mut begin, mut sent, mut before, mut finish, mut all] = [const { Vec::new() }; 5];
    for number in 1..=500 {
        let request = request(number);
        let started = Instant::now();
        let entry = begin_one(&journal, number, &request);
        let begun = Instant::now();
        assert_eq!(journal.sent(entry, at(2)).unwrap(), Sent::Marked);
        let marked = Instant::now();
        journal.finish(entry, at(3), &ending(number)).unwrap();
        let finished = Instant::now();
        begin.push(begun - started);
        sent.push(marked - begun);
        before.push(marked - started);
        finish.push(finished - marked);
        all.push(finished - started);
    }
    row("begin", begin, Vec::new());
    row("sent: intent and mark on the disk", sent, Vec::new());
    row("before the request leaves: begin + sent", before, Vec::new());
    row("finish: outcome on the disk", finish, Vec::new());
    row("one signing: begin + sent + finish", all, Vec::new());
    drop(journal);
    let mut number = 1_000;
    time("one program: open, one signing, close", 50, || {
        let journal = Journal::open(folder.path(), at(1)).unwrap().journal;
        number += 1;
        let entry = begin_one(&journal, number, &request(number));
        assert_eq!(journal.sent(entry, at(2)).unwrap(), Sent::Marked);
        journal.finish(entry, at(3), &ending(number)).unwrap();
    });
    compare(folder.path());
}

/// The same writes and syncs without any of our work.
fn compare(folder: &Path) {
    #[cfg(unix)]
    {
        let file = std::fs::File::create(folder.join("plain")).unwrap();
        time("for comparison: write 4 KiB and sync, twice", 200, || {
            for _ in 0..2 {
                std::os::unix::fs::FileExt::write_all_at(&file, &[1; 4096], 0).unwrap();
                file.sync_data().unwrap();
            }
        });
    }
    #[cfg(not(unix))]
    let _ = folder;
}

fn large(disk: &Path, entries: u64) {
    time(&format!("open at {entries} entries"), 20, || Journal::open(disk, at(0)).unwrap());
    let journal = Journal::open(disk, at(0)).unwrap().journal;

    let all = HistoryFilter::default();
    let text = |text: &str| HistoryFilter { text: text.to_owned(), ..all.clone() };
    let filters = [
        ("no filter", all.clone()),
        ("a word that all have", text("testroot")),
        ("a word that none has", text("nowhere-to-be-found")),
        ("two letters that none has", text("zq")),
        ("a word of common letters that none has", text("rootcert")),
        ("a host that one entry has", text(&format!("host-{}.example", entries / 3))),
        ("three words, the last one in one entry", text("example testroot host-77.")),
        ("a serial number", HistoryFilter { serial: "00:00:AB:CD:12:34".into(), ..all.clone() }),
        ("a frequent outcome", HistoryFilter { outcome: Some(Outcome::Signed), ..all.clone() }),
        ("a rare outcome", HistoryFilter { outcome: Some(Outcome::NotSent), ..all.clone() }),
        ("unsettled", HistoryFilter { unsettled: true, ..all.clone() }),
        (
            "outcome and a word that none has",
            HistoryFilter { outcome: Some(Outcome::Signed), ..text("nowhere") },
        ),
        (
            "a day in the middle",
            HistoryFilter { from: Some(at(50_000)), to: Some(at(50_200)), ..all.clone() },
        ),
        ("a day long ago and a word", HistoryFilter { to: Some(at(200)), ..text("host") }),
        ("sorted by CSR id", HistoryFilter { sort: SortBy::CsrId, ..all.clone() }),
        (
            "sorted by outcome, a word that none has",
            HistoryFilter { sort: SortBy::Outcome, ..text("nowhere") },
        ),
        (
            "sorted by outcome, a word that all have",
            HistoryFilter { sort: SortBy::Outcome, ..text("example") },
        ),
        (
            "everything at once",
            HistoryFilter {
                outcome: Some(Outcome::Signed),
                server: Some("https://pam360.example.com:8282".into()),
                from: Some(at(0)),
                sort: SortBy::Server,
                ..text("nowhere example")
            },
        ),
    ];
    for (what, filter) in &filters {
        time(&format!("page of 100: {what}"), 15, || journal.page(filter, None, 100).unwrap());
    }
    time("page of 100: the last page", 15, || journal.page(&all, Some(101), 100).unwrap());
    for (what, filter) in &filters[..7] {
        time(&format!("count: {what}"), 15, || journal.count_to(filter, 10_000).unwrap());
    }
    time("one entry", 50, || journal.entry(entries / 2).unwrap());
    let request = request(entries / 2);
    time("what speaks against another signing", 50, || journal.earlier(SERVER, &request).unwrap());
    time("verify", 5, || {
        let found = verify_folder(disk, None, &mut |_| {}).unwrap();
        assert!(found.holds() && found.listing == domain::Listing::Sound, "{found:?}");
    });
    time("export", 3, || journal.export(&mut std::io::sink()).unwrap());
    time("making the lists anew", 1, || journal.rebuild_lists().unwrap());
}

const SERVER: &str = "https://pam360.example.com:8282";

fn at(millis: impl TryInto<i64>) -> Timestamp {
    Timestamp::from_millis(millis.try_into().unwrap_or(0))
}

fn request(number: u64) -> SignRequest {
    let form = SignForm {
        sign_type: "signWithRoot".into(),
        root_common_name: "testroot".into(),
        root_serial_number: "1879376424c".into(),
        validity_days: "365".into(),
        intermediate: false,
        csr_id: number.to_string(),
        organization: String::new(),
    };
    form.check(at(0)).unwrap()
}

/// A UUID: as in life, the first digits of few are the same.
fn intent_id(number: u64) -> String {
    format!("{:08x}-e2bb-4255-8caf-{number:012}", number.wrapping_mul(0x9e37_79b9) & 0xffff_ffff)
}

fn begin_one(journal: &Journal, number: u64, request: &SignRequest) -> u64 {
    let id = intent_id(number);
    let begun = journal
        .begin(&Intent { id: &id, at: at(number), server: SERVER, request, again: None, token: None })
        .unwrap();
    let Begun::New(entry) = begun else { panic!("{begun:?}") };
    entry
}

/// Mostly signed, as in life; with what an answer of PAM360 looks like.
fn ending(number: u64) -> Ending {
    let code = match number % 50 {
        0 => ErrorCode::TimedOut,
        1 | 2 => ErrorCode::ServerRefused,
        _ => ErrorCode::Signed,
    };
    let mut ending = Ending::new(code);
    ending.server_message = Some("Certificate has been signed successfully by testroot".to_owned());
    ending.seen.raw_answer = Some(format!(
        r#"{{"operation":{{"name":"signCSR","result":{{"status":"Success","message":"Certificate signed"}},"details":[{{"commonName":"host-{number}.example.com","Certificate_ID":{number}}}]}}}}"#
    ));
    ending.seen.http_status = Some(200);
    ending.seen.tls_version = Some("TLSv1.3".to_owned());
    ending.seen.server_certificate_sha256 = Some("ab".repeat(32));
    if code == ErrorCode::Signed {
        ending.certificates.push(Certificate {
            common_name: Some(format!("host-{number}.example.com")),
            certificate_id: Some(number.to_string()),
            serial_number: Some(format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
        });
    }
    ending
}
