//! Several programs at once, and programs that are killed: real processes, made from this test program itself.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use domain::{HeadState, HistoryFilter, Outcome};

use super::*;

const FOLDER: &str = "JOURNAL_TEST_FOLDER";
const NAME: &str = "JOURNAL_TEST_NAME";
const COUNT: &str = "JOURNAL_TEST_COUNT";

/// What the child processes do: it is no test, and returns at once when it runs as one.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let (name, count) = (std::env::var(NAME).unwrap(), std::env::var(COUNT).unwrap());
    let journal = Journal::open(Path::new(&folder), at(1_000)).unwrap().journal;
    for number in 1..=count.parse().unwrap() {
        let id = format!("{name}-{number}");
        let csr: u64 = name.parse::<u64>().unwrap() * 1_000_000 + number;
        let Begun::New(entry) = begin(&journal, &id, &csr.to_string()) else { panic!("{id}") };
        println!("\nbegun {entry}");
        assert_eq!(journal.sent(entry, at(1_000)).unwrap(), Sent::Marked);
        println!("sent {entry}");
        journal.finish(entry, at(1_000), &signed()).unwrap();
        println!("done {entry}");
    }
}

fn start(folder: &Path, name: u32, count: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::processes::child", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(NAME, name.to_string())
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn many_processes_write_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    // None is there yet: they also race to make the key and the tables.
    let children: Vec<Child> = (1..=4).map(|name| start(folder.path(), name, 25)).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let journal = open(folder.path());
    let found = check(&journal);
    assert_eq!((found.events, found.entries, found.head), (301, 100, HeadState::Matches));
    assert!(found.holds() && found.notes.is_empty(), "{found:?}");
    assert_eq!(found.listing, domain::Listing::Sound);
}

#[test]
fn many_threads_write_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for name in 1..=4 {
            let folder = folder.path();
            scope.spawn(move || {
                let journal = open(folder);
                for number in 1..=25 {
                    sign(&journal, &(name * 1_000 + number).to_string(), &signed());
                }
            });
        }
    });
    let found = check(&open(folder.path()));
    assert_eq!((found.events, found.entries, found.head), (301, 100, HeadState::Matches));
    assert!(found.holds(), "{found:?}");
}

#[test]
fn a_killed_process_leaves_a_true_record() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = std::collections::HashMap::new();
    for (round, lines) in (1..).zip([0, 1, 2, 3, 4, 5, 7, 11, 20]) {
        let mut child = start(folder.path(), round, 1_000);
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut note = |line: String| {
            if let Some((step, entry)) = line.split_once(' ')
                && let ("begun" | "sent" | "done", Ok(entry)) = (step, entry.parse::<u64>())
            {
                seen.insert(entry, step.to_owned());
                return 1;
            }
            0
        };
        let mut count = 0;
        while count < lines {
            count += note(output.next().unwrap().unwrap());
        }
        // SIGKILL, at whatever it is doing now.
        child.kill().unwrap();
        child.wait().unwrap();
        output.map_while(Result::ok).for_each(|line| {
            note(line);
        });

        let journal = open(folder.path());
        let found = check(&journal);
        assert!(found.holds() && found.listing == domain::Listing::Sound, "{found:?}");
        for entry in journal.page(&HistoryFilter::default(), None, 10_000).unwrap().entries {
            let outcome = entry.outcome();
            match seen.get(&entry.entry).map(String::as_str) {
                Some("done") => assert_eq!(outcome, Outcome::Signed),
                // The next step may have become durable before the process could say so.
                Some("sent") => assert!(matches!(outcome, Outcome::Unknown | Outcome::Signed)),
                Some(_) => assert!(matches!(outcome, Outcome::NotSent | Outcome::Unknown)),
                None => assert_eq!(outcome, Outcome::NotSent),
            }
        }
        let highest = seen.keys().max().copied().unwrap_or(0);
        assert!(journal.count(&HistoryFilter::default()).unwrap() >= highest);
    }
}
