//! The protocol of a signing as a model, and every state that it can reach.
//!
//! Owns the model of what the journal and its programs do: opening, intent, sent, the POST, outcome, decision,
//! acknowledgement, by two programs, each of which may be ended at each step, while somebody changes the files. The checker
//! ([`stateright`]) looks at every order of these steps. Three more things tie the model to the code: `steps` names each
//! function that the model stands for and fails when one changes, `replay` does what the model does with the real journal
//! and compares, and a check that is known to fail shows that the checker finds what it is to find.
//!
//! Refuses to own what the model leaves out, which other tests look at: bytes, signatures, SQLite's own locks and log (taken
//! for what they promise: a transaction happens as a whole, and one after the other), power failures, and keys.

use stateright::{Checker, Model, Property};

mod replay;
mod steps;

/// How many programs there are: each one more multiplies the states.
const PROGRAMS: usize = 2;

/// A decision to sign. Both are about the same CSR and issuer, and no reason to sign again is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Id {
    A,
    B,
}

/// An event of a journal, as far as the protocol asks for it. Two events that are the same here, after the same ones, have
/// the same hash: the hardest case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// The beginning; each journal has one of its own.
    Opened(u8),
    /// Opening found that events are missing or other ones, or that this cannot be told.
    Gap,
    Acknowledged,
    Intent(Id),
    Sent(Id),
    /// The server's clear answer: whether it signed. None is no answer, which is an unknown outcome.
    Outcome(Id, Option<bool>),
    /// Refused by [`crate::Journal::sent`]: nothing left.
    NotSent(Id),
    /// A person says that no certificate was issued.
    NotIssued(Id),
}

/// The content of a journal's file.
type File = Vec<Event>;

/// What a program is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// It does not run.
    Ended,
    /// It has the file open.
    Open,
    /// Its intent is recorded.
    Begun,
    /// `sent` is committed, and the head file does not name it yet.
    Committed,
    /// The head file was written.
    Named,
    /// Nothing speaks against the POST.
    Cleared,
    /// The POST has left; the server signed, or refused.
    Posted(bool),
    /// Nothing more is done for its signing.
    Over,
}

/// A program: `csrdesk`, `serve` or the window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Program {
    pub(super) at: At,
    /// The file that it has open, by its number on the disk.
    pub(super) file: usize,
    id: Id,
    /// How often it can still be started.
    starts: u8,
}

/// Everything there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// The files by their number on the disk, also those that only a program has open any more.
    pub(super) files: Vec<File>,
    /// The file that has the journal's name.
    pub(super) named: Option<usize>,
    /// The events up to the one that the head file names: its hash stands for them.
    pub(super) head: Option<File>,
    /// How many journals were made.
    made: u8,
    /// A copy that somebody made.
    copy: Option<File>,
    pub(super) programs: [Program; PROGRAMS],
    /// How often each was sent.
    pub(super) posts: [u8; 2],
    /// What the server did for each: signed, refused.
    did: [[bool; 2]; 2],
    /// How often a person acknowledged that the history is incomplete.
    acknowledged: u8,
    /// Whether a person decided that none was issued, or the server refused one: the other one may be sent then.
    free: bool,
    /// How often somebody can still change a file.
    changes: u8,
}

/// One step of a program, of a person or of somebody with access to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Open(usize),
    Begin(usize),
    /// The transaction of `sent`.
    Commit(usize),
    /// The head file after it.
    NameHead(usize),
    /// The look at the files after that.
    Clear(usize),
    /// The POST, and whether the server signs.
    Post(usize, bool),
    /// The answer comes and is recorded, or it is lost and that is recorded.
    Finish(usize, bool),
    /// The program ends, at whatever step.
    End(usize),
    Acknowledge(usize),
    NotIssued(usize, Id),
    Copy,
    PutBack,
    Delete,
    DeleteHead,
}

/// What somebody may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attack {
    /// The journal's file, not its head.
    File,
    /// The head, not the journal's file.
    Head,
    /// Both: nothing is left that could tell (SECURITY.md says so).
    Both,
}

/// The model: for each program what it signs and how often it is started, and what may be changed.
#[derive(Clone, Debug)]
pub(super) struct Protocol {
    pub(super) programs: [(Id, u8); PROGRAMS],
    pub(super) attack: Attack,
    pub(super) changes: u8,
}

/// What a step of a program comes to, for the replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    Done,
    /// [`crate::JournalError::Replaced`].
    Replaced,
    /// [`crate::JournalError::NotAcknowledged`].
    Blocked,
    /// [`crate::Begun::Known`].
    Known,
    /// [`crate::Begun::Before`] or [`crate::Sent::Before`].
    Before,
}

impl World {
    pub(super) fn new(protocol: &Protocol) -> Self {
        let program = |(id, starts)| Program { at: At::Ended, file: 0, id, starts };
        Self {
            files: Vec::new(),
            named: None,
            head: None,
            made: 0,
            copy: None,
            programs: protocol.programs.map(program),
            posts: [0; 2],
            did: [[false; 2]; 2],
            acknowledged: 0,
            free: false,
            changes: protocol.changes,
        }
    }

    /// The file that has the journal's name.
    fn now(&self) -> &[Event] {
        self.named.map_or(&[], |it| &self.files[it])
    }

    fn file(&mut self, program: usize) -> &mut File {
        &mut self.files[self.programs[program].file]
    }

    fn is_in_place(&self, program: usize) -> bool {
        self.named == Some(self.programs[program].file)
    }

    /// [`crate::findings`]: what was found after the last acknowledgement.
    fn is_blocked(file: &[Event]) -> bool {
        let last = |event| file.iter().rposition(|it| *it == event);
        last(Event::Gap) > last(Event::Acknowledged)
    }

    /// [`crate::looked`]: whether the head proves that the file is not the one that was left.
    fn is_gap(&self, file: &[Event]) -> bool {
        match &self.head {
            // A program that was ended right after it made the journal leaves no head.
            None => file.len() > 1,
            Some(head) => !file.starts_with(head),
        }
    }

    /// [`crate::gates::against`]: whether another signing of the CSR may have issued a certificate, or will.
    fn is_before(file: &[Event], id: Id) -> bool {
        let other = if id == Id::A { Id::B } else { Id::A };
        let of = |it: &Event| match it {
            Event::Sent(of) | Event::Outcome(of, _) | Event::NotSent(of) => *of == other,
            _ => false,
        };
        // A clear answer outweighs a person's word, and a person's word an unknown outcome, whichever came first.
        if file.contains(&Event::NotIssued(other)) {
            return file.contains(&Event::Outcome(other, Some(true)));
        }
        let last = file.iter().rev().find(|it| of(it));
        matches!(last, Some(Event::Sent(_) | Event::Outcome(_, Some(true) | None)))
    }

    /// [`crate::open`]: finds or makes the file, and records what the head says against it.
    fn open(&mut self, program: usize) -> Came {
        let number = self.named.unwrap_or(self.files.len());
        let is_new = self.named.is_none();
        if is_new {
            self.files.push(vec![Event::Opened(self.made)]);
            self.named = Some(number);
            self.made += 1;
        }
        let is_gap = self.is_gap(&self.files[number]);
        if is_gap {
            self.files[number].push(Event::Gap);
        }
        if is_new || is_gap {
            self.head = Some(self.files[number].clone());
        }
        let program = &mut self.programs[program];
        program.starts -= 1;
        (program.file, program.at) = (number, At::Open);
        Came::Done
    }

    /// [`crate::Journal::begin`].
    fn begin(&mut self, program: usize) -> Came {
        if !self.is_in_place(program) {
            self.programs[program].at = At::Over;
            return Came::Replaced;
        }
        let id = self.programs[program].id;
        let file = self.file(program);
        let came = if file.contains(&Event::Intent(id)) {
            Came::Known
        } else if Self::is_blocked(file) {
            Came::Blocked
        } else if Self::is_before(file, id) {
            Came::Before
        } else {
            file.push(Event::Intent(id));
            Came::Done
        };
        self.programs[program].at = if came == Came::Done { At::Begun } else { At::Over };
        came
    }

    /// The transaction of [`crate::Journal::sent`].
    fn commit(&mut self, program: usize) -> Came {
        let id = self.programs[program].id;
        let in_place = self.is_in_place(program);
        let head_fits = {
            let file = &self.files[self.programs[program].file];
            self.head.as_ref().is_none_or(|it| file.starts_with(it))
        };
        let file = self.file(program);
        let came = if !in_place {
            Came::Replaced
        } else if Self::is_blocked(file) {
            Came::Blocked
        } else if !head_fits {
            Came::Replaced
        } else if Self::is_before(file, id) {
            file.push(Event::NotSent(id));
            Came::Before
        } else {
            file.push(Event::Sent(id));
            Came::Done
        };
        if came == Came::Before {
            self.head_follows(program);
        }
        self.programs[program].at = if came == Came::Done { At::Committed } else { At::Over };
        came
    }

    /// The head file, under the lock of the program's own file: never a shorter one over a longer one, and none of a file
    /// that does not have the journal's name any more.
    fn name_head(&mut self, program: usize) {
        self.head_follows(program);
        self.programs[program].at = At::Named;
    }

    /// The look after it: the head names the journal of the program, which has its name still.
    fn clear(&mut self, program: usize) -> Came {
        let file = self.file(program).clone();
        let names_ours = self.head.as_ref().is_some_and(|it| file.starts_with(it));
        let clear = names_ours && self.is_in_place(program);
        self.programs[program].at = if clear { At::Cleared } else { At::Over };
        if clear { Came::Done } else { Came::Replaced }
    }

    fn post(&mut self, program: usize, signs: bool) {
        let id = self.programs[program].id;
        self.posts[id as usize] += 1;
        self.did[id as usize][usize::from(!signs)] = true;
        self.free |= !signs;
        self.programs[program].at = At::Posted(signs);
    }

    /// [`crate::Journal::finish`].
    fn finish(&mut self, program: usize, answer: Option<bool>) -> Came {
        self.programs[program].at = At::Over;
        if !self.is_in_place(program) {
            return Came::Replaced;
        }
        let id = self.programs[program].id;
        self.file(program).push(Event::Outcome(id, answer));
        self.head_follows(program);
        Came::Done
    }

    /// What is appended beside a signing names the head at once: a program that is ended in between leaves a head that is
    /// behind, which the model reaches by [`Action::End`] before the step as well.
    fn head_follows(&mut self, program: usize) {
        let file = self.file(program).clone();
        if self.is_in_place(program) && self.head.as_ref().is_none_or(|it| it.len() < file.len()) {
            self.head = Some(file);
        }
    }

    /// Whether an entry's outcome is unknown, so that a person may decide.
    fn is_unknown(file: &[Event], id: Id) -> bool {
        let clear = |it: &Event| matches!(it, Event::Outcome(of, Some(_)) | Event::NotSent(of) if *of == id);
        file.contains(&Event::Sent(id)) && !file.iter().any(clear) && !file.contains(&Event::NotIssued(id))
    }

    /// Forgets files that nobody can reach, so that states that differ in them alone are one.
    fn tidy(&mut self) {
        let open = |it: &Program| !matches!(it.at, At::Ended | At::Over);
        let mut kept: Vec<usize> = self.programs.iter().filter(|it| open(it)).map(|it| it.file).collect();
        kept.extend(self.named);
        kept.sort_unstable();
        kept.dedup();
        let place = |number: usize| kept.iter().position(|it| *it == number);
        self.named = self.named.and_then(place);
        for it in &mut self.programs {
            it.file = if open(it) { place(it.file).unwrap_or(0) } else { 0 };
        }
        self.files = kept.iter().map(|it| std::mem::take(&mut self.files[*it])).collect();
    }

    /// Does a step. Gives what it came to.
    pub(super) fn step(&mut self, action: Action) -> Came {
        match action {
            Action::Open(it) => return self.open(it),
            Action::Begin(it) => return self.begin(it),
            Action::Commit(it) => return self.commit(it),
            Action::NameHead(it) => self.name_head(it),
            Action::Clear(it) => return self.clear(it),
            Action::Post(it, signs) => self.post(it, signs),
            Action::Finish(it, comes) => {
                let At::Posted(signs) = self.programs[it].at else { return Came::Done };
                return self.finish(it, comes.then_some(signs));
            }
            Action::End(it) => self.programs[it].at = At::Ended,
            Action::Acknowledge(it) => {
                self.file(it).push(Event::Acknowledged);
                self.head_follows(it);
                self.acknowledged += 1;
            }
            Action::NotIssued(it, id) => {
                self.file(it).push(Event::NotIssued(id));
                self.head_follows(it);
                self.free = true;
            }
            Action::Copy => self.copy = Some(self.now().to_vec()),
            Action::PutBack => {
                self.named = Some(self.files.len());
                self.files.push(self.copy.clone().unwrap_or_default());
                self.changes -= 1;
            }
            Action::Delete => {
                self.named = None;
                self.changes -= 1;
            }
            Action::DeleteHead => {
                self.head = None;
                self.changes -= 1;
            }
        }
        Came::Done
    }

    /// Every step that somebody can do now.
    pub(super) fn possible(&self, attack: Attack, actions: &mut Vec<Action>) {
        for (number, program) in self.programs.iter().enumerate() {
            let in_place = self.is_in_place(number);
            match program.at {
                At::Ended if program.starts > 0 => actions.push(Action::Open(number)),
                At::Ended => {}
                At::Open => {
                    actions.push(Action::Begin(number));
                    let file = &self.files[program.file];
                    if in_place && Self::is_blocked(file) && self.acknowledged == 0 {
                        actions.push(Action::Acknowledge(number));
                    }
                    for id in [Id::A, Id::B] {
                        if in_place && Self::is_unknown(file, id) {
                            actions.push(Action::NotIssued(number, id));
                        }
                    }
                }
                At::Begun => actions.push(Action::Commit(number)),
                At::Committed => actions.push(Action::NameHead(number)),
                At::Named => actions.push(Action::Clear(number)),
                At::Cleared => actions.extend([true, false].map(|signs| Action::Post(number, signs))),
                At::Posted(signs) => {
                    actions.push(Action::Finish(number, true));
                    // Of a lost answer nobody knows what it was: the harder case is enough.
                    actions.extend(signs.then_some(Action::Finish(number, false)));
                }
                At::Over => {}
            }
            // A program that is not started again may as well stand still.
            if program.at != At::Ended && program.starts > 0 {
                actions.push(Action::End(number));
            }
        }
        if self.changes > 0 && self.named.is_some() {
            if attack != Attack::Head {
                if self.copy.is_none() {
                    actions.push(Action::Copy);
                } else {
                    actions.push(Action::PutBack);
                }
                actions.push(Action::Delete);
            }
            if attack != Attack::File && self.head.is_some() {
                actions.push(Action::DeleteHead);
            }
        }
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self)]
    }

    fn actions(&self, state: &World, actions: &mut Vec<Action>) {
        state.possible(self.attack, actions);
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        let mut next = last.clone();
        next.step(action);
        next.tidy();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_POST, |_, it: &World| {
                // More only after a person acknowledged that the record of the first one may be missing.
                it.posts.iter().all(|sent| *sent <= 1 + it.acknowledged)
            }),
            Property::always("one of two signings of a CSR", |_, it: &World| {
                it.posts.contains(&0) || it.free || it.acknowledged > 0
            }),
            Property::always(
                "what was sent is on record, or it shows that the record is incomplete",
                |_, it: &World| {
                    let file = it.now();
                    [Id::A, Id::B].into_iter().all(|id| {
                        it.posts[id as usize] == 0
                            || file.contains(&Event::Sent(id))
                            || file.contains(&Event::Gap)
                            || it.is_gap(file)
                    })
                },
            ),
            Property::always("a recorded answer is the server's", |_, it: &World| {
                it.now().iter().all(|event| match *event {
                    Event::Outcome(id, Some(signed)) => it.did[id as usize][usize::from(!signed)],
                    _ => true,
                })
            }),
            Property::sometimes(BOTH_SEND, |_, it: &World| it.posts == [1, 1]),
            Property::sometimes(AN_ANSWER, |_, it: &World| {
                it.now().iter().any(|event| matches!(event, Event::Outcome(_, Some(true))))
            }),
        ]
    }
}

// The second program signs the same, or another request for the same CSR. One of them is started twice: which one makes no
// difference, because they are alike.
const SAME: [(Id, u8); 2] = [(Id::A, 2), (Id::A, 1)];
const TWO: [(Id, u8); 2] = [(Id::A, 2), (Id::B, 1)];

const ONE_POST: &str = "one POST for an intent";
const BOTH_SEND: &str = "both programs send, one after the other";
const AN_ANSWER: &str = "an answer is recorded";

/// Looks at every state. Gives whether both programs sent in one of them.
fn every_state_holds(programs: [(Id, u8); 2], attack: Attack) -> bool {
    let checker = Protocol { programs, attack, changes: 2 }.checker().threads(2).spawn_bfs().join();
    println!("{programs:?}, {attack:?}: {} states", checker.unique_state_count());
    let found = checker.discoveries();
    for (name, path) in &found {
        assert!([BOTH_SEND, AN_ANSWER].contains(name), "{name}: {path}");
    }
    assert!(found.contains_key(AN_ANSWER), "the model gets somewhere");
    found.contains_key(BOTH_SEND)
}

#[test]
fn at_most_one_post_for_an_intent_in_every_state() {
    for attack in [Attack::File, Attack::Head] {
        assert!(!every_state_holds(SAME, attack));
    }
}

#[test]
fn at_most_one_of_two_signings_of_a_csr_in_every_state() {
    // One after the other, where the first one was refused.
    for attack in [Attack::File, Attack::Head] {
        assert!(every_state_holds(TWO, attack));
    }
}

/// The checker finds what it is to find: without file and head, nothing can tell that something is missing.
#[test]
fn the_checker_finds_the_second_post_once_file_and_head_are_both_put_back() {
    let model = Protocol { programs: SAME, attack: Attack::Both, changes: 2 };
    let checker = model.checker().threads(2).spawn_bfs().join();
    assert!(checker.discovery(ONE_POST).is_some());
}
