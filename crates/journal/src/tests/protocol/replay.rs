//! What the model does, done with the real journal: both come to the same, step by step.
//!
//! Owns how a step of the model is done with files and programs. Refuses to own what the real journal cannot do in parts: the
//! transaction of `sent`, the head and the look after it are one call.

use std::fs;
use std::path::PathBuf;

use domain::Verdict;
use proptest::prelude::*;

use super::super::*;
use super::{Action, At, Attack, Came, Event, Id, Protocol, SAME, TWO, World};
use crate::gates;

/// The data folder, and the programs that have its journal open.
struct Real {
    folder: tempfile::TempDir,
    copy: Option<PathBuf>,
    programs: [Option<Journal>; 2],
    /// The entry that each program begins, in the file that it has open.
    entries: [u64; 2],
}

impl Real {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), copy: None, programs: [None, None], entries: [0; 2] }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE_NAME)
    }

    fn delete_logs(&self) {
        for path in [wal::path(self.folder.path()), wal::index_path(self.folder.path())] {
            let _ = fs::remove_file(path);
        }
    }

    fn program(&self, program: usize) -> &Journal {
        self.programs[program].as_ref().unwrap()
    }

    fn step(&mut self, action: Action, world: &World) -> Came {
        match action {
            Action::Open(it) => {
                self.programs[it] = Some(Journal::open(self.folder.path(), at(1_000)).unwrap().journal);
            }
            Action::Begin(it) => return self.begin(it, world.programs[it].id),
            Action::Commit(it) => return self.sent(it),
            // One call with the one before.
            Action::NameHead(_) | Action::Clear(_) | Action::Post(..) => {}
            Action::Finish(it, comes) => {
                let ending = match world.programs[it].at {
                    _ if !comes => Ending::new(ErrorCode::ConnectionLost),
                    At::Posted(true) => signed(),
                    _ => Ending::new(ErrorCode::ServerRefused),
                };
                return came(self.program(it).finish(self.entries[it], at(1_000), &ending));
            }
            Action::End(it) => self.programs[it] = None,
            Action::Acknowledge(it) => {
                acknowledge(self.program(it));
            }
            Action::NotIssued(it, id) => {
                let journal = self.program(it);
                let entry = journal.read(|it| gates::by_intent(it, name(id))).unwrap().unwrap();
                let entry = u64::try_from(entry).unwrap();
                journal.decide(entry, at(1_000), &Verdict::NotThere, "looked", None, None).unwrap();
            }
            Action::Copy => {
                let copy = self.folder.path().join("copy");
                let connection = Connection::open(self.file()).unwrap();
                connection.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
                self.copy = Some(copy);
            }
            Action::PutBack => {
                let put_back = self.folder.path().join("put-back");
                fs::copy(self.copy.as_ref().unwrap(), &put_back).unwrap();
                self.delete_logs();
                fs::rename(put_back, self.file()).unwrap();
            }
            Action::Delete => {
                fs::remove_file(self.file()).unwrap();
                self.delete_logs();
            }
            Action::DeleteHead => fs::remove_file(self.folder.path().join(HEAD_FILE_NAME)).unwrap(),
        }
        Came::Done
    }

    fn begin(&mut self, program: usize, id: Id) -> Came {
        let request = request("1");
        let intent = Intent {
            id: name(id),
            at: at(1_000),
            server: "https://h",
            request: &request,
            again: None,
            token: None,
        };
        match self.program(program).begin(&intent) {
            Ok(Begun::New(entry)) => {
                self.entries[program] = entry;
                Came::Done
            }
            Ok(Begun::Known(_)) => Came::Known,
            Ok(Begun::Before(_)) => Came::Before,
            Err(error) => came(Err(error)),
        }
    }

    fn sent(&self, program: usize) -> Came {
        let (journal, entry) = (self.program(program), self.entries[program]);
        match journal.sent(entry, at(1_000)) {
            Ok(Sent::Marked) => Came::Done,
            Ok(Sent::Before(_)) => {
                journal.finish(entry, at(1_000), &Ending::new(ErrorCode::SentMeanwhile)).unwrap();
                Came::Before
            }
            Err(error) => came(Err(error)),
        }
    }

    /// The kinds of the events in the file that has the journal's name now.
    fn kinds(&self) -> Vec<String> {
        let connection = Connection::open(self.file()).unwrap();
        let mut statement = connection.prepare("SELECT kind FROM event ORDER BY seq").unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

fn came(result: Result<(), JournalError>) -> Came {
    match result {
        Ok(()) => Came::Done,
        Err(JournalError::Replaced) => Came::Replaced,
        Err(JournalError::NotAcknowledged(_)) => Came::Blocked,
        Err(error) => panic!("{error:?}"),
    }
}

fn name(id: Id) -> &'static str {
    match id {
        Id::A => "intent-a",
        Id::B => "intent-b",
    }
}

fn kind(event: Event) -> &'static str {
    match event {
        Event::Opened(_) => "opened",
        Event::Gap => "gap",
        Event::Acknowledged => "acknowledged",
        Event::Intent(_) => "intent",
        Event::Sent(_) => "sent",
        Event::Outcome(..) | Event::NotSent(_) => "outcome",
        Event::NotIssued(_) => "decision",
    }
}

/// Does one step in both, and the rest of `sent` with its transaction.
fn both(world: &mut World, real: &mut Real, action: Action) {
    let really = real.step(action, world);
    let mut came = world.step(action);
    if let (Action::Commit(it), Came::Done) = (action, came) {
        world.step(Action::NameHead(it));
        came = world.step(Action::Clear(it));
    }
    assert_eq!(really, came, "{action:?}");
    if world.named.is_some() {
        let kinds: Vec<_> = world.now().iter().map(|it| kind(*it)).collect();
        assert_eq!(real.kinds(), kinds, "{action:?}");
    }
    let head = head::read(real.folder.path());
    let keys: Vec<_> =
        real.programs.iter().flatten().filter_map(|it| canonical::unhex(&it.public_key())).collect();
    if let (Some(head), Some(model)) = (head.latest(&keys), &world.head) {
        assert_eq!(head.seq, i64::try_from(model.len()).unwrap(), "{action:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_journal_comes_to_what_the_model_comes_to(
        programs in prop_oneof![Just(SAME), Just(TWO)],
        attack in prop_oneof![Just(Attack::File), Just(Attack::Head), Just(Attack::Both)],
        choices in proptest::collection::vec(any::<proptest::sample::Index>(), 1..40),
    ) {
        let protocol = Protocol { programs, attack, changes: 3 };
        let (mut world, mut real) = (World::new(&protocol), Real::new());
        for choice in choices {
            let mut possible = Vec::new();
            world.possible(attack, &mut possible);
            if possible.is_empty() {
                break;
            }
            both(&mut world, &mut real, possible[choice.index(possible.len())]);
        }
    }
}
