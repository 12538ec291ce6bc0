//! Reading the history asks no keychain for the key that signs it; recording does, and a status says beforehand what it says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use domain::HistoryFilter;
use secrets::KeychainError;
use secrets::keychain::test_stores::{Failing, Folder};
use secrets::keychain::{Asking, Store};
use standin::Fault;
use zeroize::Zeroizing;

use super::record_key::{With, world};
use super::*;
use crate::commands::{annotate, decide, entry, export, look_for, review, signing, verify_journal};

/// A keychain that answers once its gate is open, and counts the questions.
#[derive(Clone)]
struct Gated {
    behind: PathBuf,
    open: Arc<(Mutex<bool>, Condvar)>,
    asked: Arc<AtomicUsize>,
    /// How many of the questions were for a secret.
    read: Arc<AtomicUsize>,
}

impl Gated {
    fn over(behind: PathBuf) -> Self {
        Self { behind, open: Arc::default(), asked: Arc::default(), read: Arc::default() }
    }

    /// A desk with this keychain, for which each call waits as long as it takes.
    fn desk(&self, data_dir: &Path) -> Desk {
        let patient = Keychain::over(self.clone()).answering_within(std::time::Duration::from_secs(86_400));
        Desk::new(With(patient), data_dir.to_owned())
    }

    fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }

    /// Returns once a question has reached it.
    async fn first_question(&self) {
        while self.asked() == 0 {
            tokio::task::yield_now().await;
        }
    }

    fn store(&self) -> Folder {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let guard = self.open.0.lock().unwrap();
        drop(self.open.1.wait_while(guard, |open| !*open).unwrap());
        Folder(self.behind.clone())
    }
}

impl Store for Gated {
    fn read(&self, account: &str, asking: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.read.fetch_add(1, Ordering::SeqCst);
        self.store().read(account, asking)
    }

    fn write(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        self.store().write(account, secret)
    }

    fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.store().delete(account)
    }

    fn probe(&self) -> Result<(), KeychainError> {
        self.store().probe()
    }
}

fn note(text: &str) -> annotate::Request {
    annotate::Request { entry: 1, note: text.into(), ticket: String::new(), seen: None, intent: None }
}

#[tokio::test]
async fn everything_that_only_reads_the_history_asks_no_keychain() {
    let (world, keychain) = world().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let gated = Gated::over(keychain);
    let desk = gated.desk(world.desk.data_dir());
    desk.open_record().await.unwrap();
    assert_eq!(desk.history(history::Request::default()).await.unwrap().total, 1);
    let words = HistoryFilter { text: "301".into(), unsettled: false, ..HistoryFilter::default() };
    let searched = history::Request { filter: words, after: None, limit: None };
    assert_eq!(desk.history_page(searched).await.unwrap().entries.len(), 1);
    assert_eq!(desk.entry(entry::Request { entry: 1 }).await.unwrap().events.len(), 3);
    let request = signing::Request { intent: "intent-a".into(), wait: false };
    assert!(desk.signing(request).await.unwrap().found.is_some());
    let csv = world.folder.path().join("history.csv");
    assert_eq!(desk.list_as_csv(HistoryFilter::default(), None, csv.clone()).await.unwrap(), 1);
    assert_eq!(std::fs::read_to_string(csv).unwrap().lines().count(), 2);
    assert_eq!(
        desk.connections(crate::commands::connections::Request {}).await.unwrap().connections.len(),
        1
    );
    let reviewed = desk.review(review::Request { form: world.form(301) }).await.unwrap();
    assert_eq!(reviewed.earlier, [1]);
    assert_eq!(gated.asked(), 0);
    assert_eq!(desk.journal_notes(), Vec::<String>::new());

    // Also where there is no record yet, and none is made.
    let empty = gated.desk(&world.folder.path().join("empty"));
    assert_eq!(empty.history(history::Request::default()).await.unwrap().total, 0);
    let failure = empty.entry(entry::Request { entry: 1 }).await.unwrap_err();
    assert_eq!((failure.code, gated.asked()), (ErrorCode::NoSuchEntry, 0));
    assert!(!empty.data_dir().exists());
}

#[tokio::test]
async fn a_slow_keychain_delays_recording_and_not_reading() {
    let (world, keychain) = world().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let gated = Gated::over(keychain);
    let desk = gated.desk(world.desk.data_dir());
    let status = desk.status(status::Request {}).await.unwrap();
    assert_eq!((status.journal_problem, status.journal_notes, status.unsettled), (None, vec![], 0));
    // One question is asked at a time: for the key, or whether the keychain can be used. The other one waits for its turn.
    gated.first_question().await;
    assert_eq!(gated.asked(), 1);
    desk.status(status::Request {}).await.unwrap();
    let noted = tokio::spawn({
        let desk = desk.clone();
        async move { desk.annotate(note("n")).await }
    });
    assert_eq!(desk.history(history::Request::default()).await.unwrap().total, 1);
    assert_eq!(desk.entry(entry::Request { entry: 1 }).await.unwrap().entry.note, "");
    assert!(!noted.is_finished());
    assert_eq!(gated.asked(), 1);

    gated.open();
    assert_eq!(noted.await.unwrap().unwrap().entry.note, "n");
    desk.annotate(note("m")).await.unwrap();
    desk.status(status::Request {}).await.unwrap();
    assert_eq!(gated.read(), 1, "the key is asked for once");
    assert!(gated.asked() <= 2, "and once whether the keychain can be used");
    assert_eq!(desk.entry(entry::Request { entry: 1 }).await.unwrap().entry.note, "m");
}

#[tokio::test]
async fn a_key_in_a_file_is_read_by_a_reader_who_asks_no_keychain() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    assert!(world.desk.data_dir().join("journal.key").exists());
    let gated = Gated::over(world.folder.path().join("keychain"));
    let desk = gated.desk(world.desk.data_dir());
    assert_eq!(desk.history(history::Request::default()).await.unwrap().total, 1);
    assert_eq!(desk.entry(entry::Request { entry: 1 }).await.unwrap().events.len(), 3);
    // What was opened for reading records as well.
    let opened = desk.journal().unwrap();
    assert_eq!((opened.has_asked_for_key(), opened.read_only()), (true, None));
    assert_eq!(desk.annotate(note("n")).await.unwrap().entry.note, "n");
    assert!(Arc::ptr_eq(&opened, &desk.journal_to_record().unwrap()));
    assert_eq!(gated.asked(), 0);
    // A status asks whether the keychain can be used, and for no key.
    let status = desk.status(status::Request {}).await.unwrap();
    assert_eq!((status.journal_problem, status.journal_notes, status.journal_remark), (None, vec![], None));
    gated.first_question().await;
    assert_eq!((gated.asked(), gated.read()), (1, 0));
    gated.open();
}

#[tokio::test]
async fn a_problem_is_over_once_a_reader_opened_the_journal_with_its_key_file() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let journal = world.desk.data_dir().join(journal::FILE_NAME);
    let away = journal.with_extension("away");
    let problem = async |desk: &Desk| desk.status(status::Request {}).await.unwrap().journal_problem;
    let save = async |desk: &Desk, name: &str| {
        let form = ConnectionForm { name: name.into(), ..world.connection() };
        desk.save_connection(save_connection::Request { id: None, form, use_it: true }).await.unwrap();
    };
    // Another program cannot open the journal: a folder lies where the file should be.
    let desk = Desk::new(Frozen, world.desk.data_dir().to_owned());
    std::fs::rename(&journal, &away).unwrap();
    std::fs::create_dir(&journal).unwrap();
    save(&desk, "b").await;
    assert!(problem(&desk).await.is_some());
    std::fs::remove_dir(&journal).unwrap();
    std::fs::rename(&away, &journal).unwrap();
    assert_eq!(problem(&desk).await, None);

    // One that failed to make a journal reads the one that another program made.
    let folder = world.folder.path().join("another");
    std::fs::create_dir_all(folder.join(journal::FILE_NAME)).unwrap();
    let desk = Desk::new(Frozen, folder.clone());
    save(&desk, "b").await;
    assert!(problem(&desk).await.is_some());
    std::fs::remove_dir(folder.join(journal::FILE_NAME)).unwrap();
    save(&Desk::new(Frozen, folder), "c").await;
    assert_eq!(problem(&desk).await, None);
}

#[tokio::test]
async fn what_is_not_there_is_told_before_a_journal_is_begun() {
    let world = World::connected().await;
    let gated = Gated::over(world.folder.path().join("keychain"));
    let desk = gated.desk(&world.folder.path().join("empty"));
    gated.open();
    let failure = desk.annotate(note("n")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoSuchEntry);
    let basis = domain::Basis::Console;
    let request = decide::Request {
        entry: 1,
        verdict: domain::Verdict::NotThere,
        reason: "looked".into(),
        basis,
        seen: None,
        intent: None,
    };
    assert_eq!(desk.decide(request).await.unwrap_err().code, ErrorCode::NoSuchEntry);
    let searched = desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap_err();
    assert_eq!(searched.code, ErrorCode::NoSuchEntry);
    let file = world.folder.path().join("evidence.zip");
    let failure =
        desk.export_to(export::Request::Evidence { entry: 1, intent: None }, file.clone()).await.unwrap_err();
    assert_eq!((failure.code, file.exists()), (ErrorCode::NoSuchEntry, false));
    assert!(!desk.data_dir().exists());
    assert_eq!(gated.asked(), 0);
}

#[tokio::test]
async fn a_status_says_that_nothing_can_be_recorded_before_somebody_signs() {
    let (world, keychain) = world().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let gated = Gated::over(keychain.clone());
    let desk = gated.desk(world.desk.data_dir());
    let away = keychain.with_extension("away");
    std::fs::rename(&keychain, &away).unwrap();
    desk.history(history::Request::default()).await.unwrap();
    assert_eq!(desk.journal_notes(), Vec::<String>::new());
    gated.open();
    let notes = async |until: fn(&[String]) -> bool| {
        // One status asks, a later one has the answer.
        loop {
            let notes = desk.status(status::Request {}).await.unwrap().journal_notes;
            if until(&notes) {
                return notes;
            }
            tokio::task::yield_now().await;
        }
    };
    assert!(notes(|it| !it.is_empty()).await[0].contains("nothing can be recorded"));
    assert_eq!(desk.history(history::Request::default()).await.unwrap().total, 1);
    // The keychain comes back: the next status says nothing any more.
    std::fs::rename(&away, &keychain).unwrap();
    notes(<[String]>::is_empty).await;
    desk.annotate(note("n")).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_handed_out() {
    let (world, keychain) = world().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let absent = With(Keychain::over(Failing(ErrorCode::KeychainAbsent)));
    let desk = Desk::new(absent, world.desk.data_dir().to_owned());
    let file = world.folder.path().join("out");
    let filter = HistoryFilter::default;
    for request in [
        export::Request::Csv { filter: filter() },
        export::Request::JsonLines { filter: filter() },
        export::Request::Evidence { entry: 1, intent: None },
        export::Request::Journal,
    ] {
        let failure = desk.export_to(request.clone(), file.clone()).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::RecordKeyUnreachable, "{request:?}");
        assert!(!file.exists(), "{request:?}");
    }
    // With the key, each is recorded; a list in the terminal is no export.
    let desk = Desk::new(With(Keychain::over(Folder(keychain))), desk.data_dir().to_owned());
    let events = async || {
        let checked = desk.verify_journal(verify_journal::Request {}).await.unwrap();
        checked.verification.unwrap().events
    };
    let before = events().await;
    desk.list_as_csv(filter(), None, file.clone()).await.unwrap();
    assert_eq!(events().await, before);
    desk.export_to(export::Request::Csv { filter: filter() }, file).await.unwrap();
    assert_eq!(events().await, before + 1);
}

#[tokio::test]
async fn a_verdict_is_refused_when_an_entry_that_may_have_the_certificate_cannot_be_read() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let of_another = world.standin.issued()[0].serial_hex.clone();
    world.standin.fault_next(Fault::CloseBeforeHeaders, 1);
    world.desk.sign(world.signing("b", 302)).await.unwrap();
    let certificate =
        domain::Certificate { serial_number: Some(of_another.clone()), ..domain::Certificate::default() };
    let serial = domain::SerialNumber::parse(&of_another).unwrap().hex().to_owned();
    let request = decide::Request {
        entry: 2,
        verdict: domain::Verdict::ItIsThisOne { certificate },
        reason: "looked".into(),
        basis: domain::Basis::Console,
        seen: None,
        intent: None,
    };
    let decided = async || world.desk.decide(request.clone()).await.unwrap_err();
    assert_eq!(decided().await.code, ErrorCode::CertificateOfAnother);
    // The intact row of the entry names the certificate.
    let file = world.desk.data_dir().join(journal::FILE_NAME);
    let other = rusqlite::Connection::open(&file).unwrap();
    let damage =
        "DROP TRIGGER event_stays; UPDATE event SET body = '{' WHERE entry = 1 AND kind = 'outcome';
         CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'the record is append-only'); END;";
    other.execute_batch(damage).unwrap();
    let failure = decided().await;
    assert_eq!(failure.code, ErrorCode::RecordUnreadable);
    assert!(failure.detail.unwrap().contains("entry 1"));
    let entry = world.desk.entry(entry::Request { entry: 2 }).await.unwrap().entry;
    assert!(entry.is_unsettled() && entry.decision.is_none(), "nothing was decided");

    // A row that was made after the damage names nothing: the program that opens the journal next makes it.
    other.execute_batch("DROP TABLE signing; DROP TABLE signing_serial;").unwrap();
    let next = Desk::new(Frozen, world.desk.data_dir().to_owned());
    let failure = next.decide(request.clone()).await.unwrap_err();
    let numbers = "SELECT count(*) FROM signing_serial WHERE entry = 1 AND number = ?1";
    let listed = other.query_row(numbers, [&serial], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(listed, 0);
    assert_eq!(failure.code, ErrorCode::RecordUnreadable);
    assert!(failure.detail.unwrap().contains("entry 1"));
    let entry = next.entry(entry::Request { entry: 2 }).await.unwrap().entry;
    assert!(entry.is_unsettled() && entry.decision.is_none(), "nothing was decided");

    // An entry of another server does not have the certificate, also when only its intent can be read.
    let intent: String = other
        .query_row("SELECT body FROM event WHERE entry = 1 AND kind = 'intent'", [], |row| row.get(0))
        .unwrap();
    let mut elsewhere: serde_json::Value = serde_json::from_str(&intent).unwrap();
    elsewhere["server"] = json!("https://other.example:8443");
    let change = "UPDATE event SET body = ?1 WHERE entry = 1 AND kind = 'intent'";
    other.execute_batch("DROP TRIGGER event_stays").unwrap();
    other.execute(change, [elsewhere.to_string()]).unwrap();
    assert!(next.decide(request).await.unwrap().entry.decision.is_some());
}

#[tokio::test]
async fn a_search_that_cannot_be_recorded_asks_the_server_nothing() {
    let (world, _keychain) = world().await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("a", 302)).await.unwrap();
    let absent = With(Keychain::over(Failing(ErrorCode::KeychainAbsent)));
    let desk = Desk::new(absent, world.desk.data_dir().to_owned());
    desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
    let asked = world.standin.connections();
    let failure = desk.look_for(look_for::Request { entry: 1, intent: None }).await.unwrap_err();
    assert_eq!((failure.code, world.standin.connections()), (ErrorCode::RecordKeyUnreachable, asked));
    let basis = domain::Basis::Console;
    let request = decide::Request {
        entry: 1,
        verdict: domain::Verdict::NotThere,
        reason: "looked".into(),
        basis,
        seen: None,
        intent: None,
    };
    assert_eq!(desk.decide(request).await.unwrap_err().code, ErrorCode::RecordKeyUnreachable);
}

#[tokio::test]
async fn a_damaged_entry_hides_no_other_signing_of_the_same_csr() {
    let world = World::connected().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let again = sign::Request { again: Some("replaced".into()), ..world.signing("b", 301) };
    world.desk.sign(again).await.unwrap();
    let other = rusqlite::Connection::open(world.desk.data_dir().join(journal::FILE_NAME)).unwrap();
    let damage = "DROP TRIGGER event_stays; UPDATE event SET body = '{' WHERE entry = 1 AND kind = 'outcome';
         CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
         DROP TABLE signing; DROP TABLE signing_serial;";
    other.execute_batch(damage).unwrap();
    let desk = Desk::new(Frozen, world.desk.data_dir().to_owned());
    let reviewed = desk.review(review::Request { form: world.form(301) }).await.unwrap();
    assert_eq!(reviewed.earlier, [1, 2]);
    assert_eq!(reviewed.before.iter().map(|it| it.entry).collect::<Vec<_>>(), [2]);
}

/// A damaged journal is moved away, and its successor names it in a signed event: the keychain is asked to read it.
#[tokio::test]
async fn a_reader_who_waits_for_the_keychain_stops_no_task() {
    let (world, keychain) = world().await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let World { desk, folder: _folder, standin: _standin } = world;
    let data_dir = desk.data_dir().to_owned();
    drop(desk);
    std::fs::write(data_dir.join(journal::FILE_NAME), "not a database".repeat(1_000)).unwrap();
    let gated = Gated::over(keychain);
    let desk = gated.desk(&data_dir);
    let reading = tokio::spawn({
        let desk = desk.clone();
        async move { desk.history(history::Request::default()).await }
    });
    gated.first_question().await;
    // On the one thread of this test: if a task waited for the keychain, the gate would never open.
    let quick = desk.quick_status(crate::commands::quick_status::Request {}).await.unwrap();
    assert_eq!(quick.journal_problem, None);
    desk.key_answer().await;
    assert!(!reading.is_finished());
    gated.open();
    assert_eq!(reading.await.unwrap().unwrap().total, 0);
    assert!(desk.journal_to_record().unwrap().is_begun());
}
