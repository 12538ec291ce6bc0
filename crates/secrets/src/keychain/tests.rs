//! Calls over stores that behave in each way a keychain can.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use super::test_stores::{Failing, Folder, Hanging, Memory};
use super::*;

const SHORT: Duration = Duration::from_millis(50);
/// More than a call may take that should not wait at all, on a machine that is busy.
const LONG: Duration = Duration::from_secs(60);

fn read(keychain: &Keychain, account: &str) -> Result<Option<String>, ErrorCode> {
    keychain.read(account).map(|it| it.map(|it| it.to_string())).map_err(|it| it.code)
}

#[test]
fn a_secret_is_kept_replaced_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    for keychain in [Keychain::over(Memory::default()), Keychain::over(Folder(folder.path().to_owned()))] {
        assert_eq!(keychain.probe(), Ok(()));
        let odd = ["a/../b", "ü ☃", "https://host:8282/x?y", "..", "'\"\\", " "];
        for account in odd {
            assert_eq!(read(&keychain, account), Ok(None));
            keychain.write(account, "one", LONG).unwrap();
            keychain.write(account, account, LONG).unwrap();
        }
        for account in odd {
            assert_eq!(read(&keychain, account), Ok(Some(account.to_owned())));
            keychain.delete(account, LONG).unwrap();
            keychain.delete(account, LONG).unwrap();
            assert_eq!(read(&keychain.clone(), account), Ok(None));
        }
    }
}

#[test]
fn each_failure_keeps_its_code_and_has_words() {
    use ErrorCode::{KeychainAbsent, KeychainDenied, KeychainFailed, KeychainLocked};
    for code in [KeychainAbsent, KeychainLocked, KeychainDenied, KeychainFailed] {
        let keychain = Keychain::over(Failing(code));
        let errors = [
            keychain.probe().unwrap_err(),
            keychain.read("a").map(drop).unwrap_err(),
            keychain.read_asking("a", LONG).map(drop).unwrap_err(),
            keychain.write("a", "SECRET", LONG).unwrap_err(),
            keychain.delete("a", LONG).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.code, code);
            assert!(error.to_string().starts_with(code.what()), "{error}");
            assert!(!format!("{error} {error:?} {keychain:?}").contains("SECRET"));
        }
    }
}

#[test]
fn what_no_keychain_takes_never_reaches_it() {
    let keychain = Keychain::over(Failing(ErrorCode::KeychainDenied));
    for account in ["", "a\0", "a\nb", &"x".repeat(MAX_ACCOUNT_CHARS + 1)] {
        assert_eq!(read(&keychain, account), Err(ErrorCode::KeychainFailed), "{account:?}");
        assert_eq!(keychain.write(account, "s", LONG).unwrap_err().code, ErrorCode::KeychainFailed);
        assert_eq!(keychain.delete(account, LONG).unwrap_err().code, ErrorCode::KeychainFailed);
    }
    let keychain = Keychain::over(Memory::default());
    keychain.write("a", &"s".repeat(MAX_SECRET_BYTES), LONG).unwrap();
    let error = keychain.write("a", &"t".repeat(MAX_SECRET_BYTES + 1), LONG).unwrap_err();
    assert_eq!(error.code, ErrorCode::KeychainFailed);
    assert!(!error.to_string().contains("ttt"));
    assert_eq!(read(&keychain, "a").unwrap().unwrap().len(), MAX_SECRET_BYTES);
}

#[test]
fn what_another_program_left_there_is_bounded_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = Folder(folder.path().to_owned());
    store.write("a", &"s".repeat(MAX_SECRET_BYTES + 1)).unwrap();
    assert_eq!(read(&Keychain::over(store), "a"), Err(ErrorCode::KeychainFailed));
}

#[test]
fn a_keychain_that_never_answers_costs_one_wait() {
    let keychain = Keychain::over(Hanging).answering_within(SHORT);
    let start = Instant::now();
    assert_eq!(read(&keychain, "a"), Err(ErrorCode::KeychainTimedOut));
    assert!(start.elapsed() >= SHORT);
    // At once, whatever their limit: a wait of it would be seen here.
    let start = Instant::now();
    for _ in 0..100 {
        assert_eq!(keychain.write("a", "s", LONG).unwrap_err().code, ErrorCode::KeychainTimedOut);
        assert_eq!(keychain.clone().probe().unwrap_err().code, ErrorCode::KeychainTimedOut);
    }
    assert!(start.elapsed() < SHORT * 100);
}

/// Answers when it is told to, and says when it was called.
struct Slow {
    called: Mutex<Sender<()>>,
    go_on: Mutex<Receiver<()>>,
}

impl Slow {
    fn keychain() -> (Keychain, Receiver<()>, Sender<()>) {
        let (called, calls) = channel();
        let (answer, go_on) = channel();
        (Keychain::over(Self { called: called.into(), go_on: go_on.into() }), calls, answer)
    }

    fn wait(&self) {
        self.called.lock().unwrap().send(()).unwrap();
        self.go_on.lock().unwrap().recv().unwrap();
    }
}

impl Store for Slow {
    fn read(&self, account: &str, _: Asking) -> Result<Option<Zeroizing<String>>, KeychainError> {
        self.wait();
        Ok(Some(Zeroizing::new(account.to_owned())))
    }

    fn write(&self, _: &str, _: &str) -> Result<(), KeychainError> {
        self.wait();
        Ok(())
    }

    fn delete(&self, _: &str) -> Result<(), KeychainError> {
        panic!("a defect in a store");
    }

    fn probe(&self) -> Result<(), KeychainError> {
        Ok(())
    }
}

#[test]
fn calls_take_turns_and_a_late_answer_makes_it_usable_again() {
    let (keychain, calls, answer) = Slow::keychain();
    let first = std::thread::spawn({
        let keychain = keychain.clone();
        move || keychain.write("a", "s", LONG)
    });
    calls.recv().unwrap();
    // While the first waits for its user, another one is not let in, and gives up after its own limit.
    let impatient = keychain.clone().answering_within(SHORT);
    assert_eq!(read(&impatient, "b"), Err(ErrorCode::KeychainTimedOut));
    answer.send(()).unwrap();
    first.join().unwrap().unwrap();

    // Left behind, and then answered all the same.
    assert_eq!(keychain.write("a", "s", SHORT).unwrap_err().code, ErrorCode::KeychainTimedOut);
    calls.recv().unwrap();
    assert_eq!(keychain.probe().unwrap_err().code, ErrorCode::KeychainTimedOut);
    answer.send(()).unwrap();
    while keychain.probe().is_err() {
        std::thread::yield_now();
    }
    answer.send(()).unwrap();
    assert_eq!(read(&keychain, "b"), Ok(Some("b".to_owned())));
}

#[test]
fn a_panic_in_a_store_is_an_error_and_no_end() {
    let (keychain, _calls, _answer) = Slow::keychain();
    assert_eq!(keychain.delete("a", LONG).unwrap_err().code, ErrorCode::KeychainFailed);
    assert_eq!(keychain.probe(), Ok(()));
}
