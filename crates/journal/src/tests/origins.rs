//! Each event tells who caused it.

use domain::{HistoryFilter, Origin};

use super::*;

fn anna() -> Origin {
    Origin {
        computer: "ca-desk".into(),
        host: "terminal".into(),
        program: "csrdesk 0.1.0".into(),
        token: None,
        user: "anna".into(),
    }
}

fn open_as(folder: &Path, origin: Origin) -> Journal {
    Journal::open(folder, Caller { at: at(1_000), origin }).unwrap().journal
}

#[test]
fn every_event_tells_who_caused_it_and_which_token_was_used() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open_as(folder.path(), anna());
    let token = journal.token_fingerprint("C5E1C8F4-0B1C-4A31-9C0E-3F0D9C1B7A55").unwrap();
    let with_token = Origin { token: Some(token.clone()), ..anna() };
    let request = request("1");
    let intent = Intent {
        id: "one",
        at: at(1),
        server: "https://h",
        request: &request,
        again: None,
        token: Some(&token),
    };
    assert_eq!(journal.begin(&intent).unwrap(), Begun::New(1));
    assert_eq!(journal.sent(1, at(2)).unwrap(), Sent::Marked);
    journal.finish(1, at(3), &Ending::new(ErrorCode::TimedOut)).unwrap();
    journal.look_up(1, at(4), &["nothing"], Some(&token)).unwrap();
    drop(journal);
    let berta = Origin { user: "berta".into(), host: "window".into(), ..anna() };
    let journal = open_as(folder.path(), berta.clone());
    journal.annotate(1, at(5), "seen", "").unwrap();
    journal.record(Plain::Export, at(6), &()).unwrap();
    std::fs::remove_file(folder.path().join(HEAD_FILE_NAME)).unwrap();
    drop(journal);
    let journal = open_as(folder.path(), berta.clone());

    let of: Vec<Origin> = journal.events(1).unwrap().into_iter().map(|it| it.origin).collect();
    let used = std::iter::repeat_n(&with_token, 4);
    assert_eq!(of.iter().collect::<Vec<_>>(), used.chain([&berta]).collect::<Vec<_>>());
    let connection = Connection::open(journal.path()).unwrap();
    let of_none = |kind: &str| -> Origin {
        let sql = "SELECT origin FROM event WHERE kind = ?1";
        let text: String = connection.query_row(sql, [kind], |row| row.get(0)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    // What opening finds, a program finds that somebody started.
    assert_eq!(
        [of_none("opened"), of_none("export"), of_none("gap")],
        [anna(), berta.clone(), berta.clone()]
    );
    let entry = journal.entry(1).unwrap().unwrap();
    assert_eq!((&entry.origin, entry.other_origins.as_slice()), (&with_token, [berta].as_slice()));
    assert_eq!(journal.proof(1, None).unwrap().unwrap().entry().unwrap(), entry);
    assert!(check(&journal).chain_holds());
    assert_eq!(check(&journal).listing, domain::Listing::Sound);
}

#[test]
fn who_caused_it_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    for (csr, user) in [("1", "anna"), ("2", "berta"), ("3", "anna")] {
        let journal = open_as(folder.path(), Origin { user: user.into(), ..anna() });
        let token = journal.token_fingerprint(user);
        let request = request(csr);
        let intent = Intent {
            id: csr,
            at: at(1),
            server: "https://h",
            request: &request,
            again: None,
            token: token.as_deref(),
        };
        let _ = journal.begin(&intent).unwrap();
    }
    let journal = open_as(folder.path(), Origin { user: "carla".into(), ..anna() });
    journal.annotate(3, at(5), "seen", "").unwrap();
    let found = |text: &str| {
        let filter = HistoryFilter { text: text.into(), ..HistoryFilter::default() };
        journal.page(&filter, None, 10).unwrap().entries.iter().map(|it| it.entry).collect::<Vec<_>>()
    };
    assert_eq!(found("anna"), [3, 1]);
    assert_eq!(found("BERTA ca-desk"), [2]);
    assert_eq!(found("carla"), [3]);
    assert_eq!(found("terminal"), [3, 2, 1]);
    assert_eq!(found(&journal.token_fingerprint("berta").unwrap()), [2]);
    assert_eq!(found("dora"), [] as [u64; 0]);
    // Made from the events again, the list is the same.
    journal.rebuild_lists().unwrap();
    assert_eq!((found("carla"), check(&journal).listing), (vec![3], domain::Listing::Sound));
}

#[test]
fn a_changed_origin_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open_as(folder.path(), anna());
    sign(&journal, "1", &signed());
    drop(journal);
    tamper(folder.path(), "UPDATE event SET origin = replace(origin, 'anna', 'bert') WHERE seq = 3");
    let bad = verify_folder(folder.path(), None, &mut |_| {}).unwrap().first_bad.unwrap();
    assert_eq!((bad.seq, bad.entry, bad.why), (3, Some(1), domain::Why::Changed));
}
