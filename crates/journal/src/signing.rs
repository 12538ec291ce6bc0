//! Recording one signing: intent, sent, outcome, and what people and look-ups add later.
//!
//! Owns which event may follow which, and the two gates of "at most once": an intent's id is begun once, and of two
//! signings of the same CSR and issuer only one passes [`Journal::sent`] without a recorded reason. Refuses to own the
//! sending itself.

use domain::{Again, Basis, Ending, Entry, EventKind, Outcome, SignRequest, Timestamp, Verdict};
use serde::Serialize;

use crate::bodies::{DecisionBody, IntentBody, NoteBody, SentBody};
use crate::chain::{Durable, Pen};
use crate::{Journal, JournalError, findings, fold, gates, words};

/// A decision to sign, before anything is sent.
#[derive(Clone, Debug)]
pub struct Intent<'a> {
    /// The caller's id of the decision; the same id is the same decision.
    pub id: &'a str,
    /// When it was made.
    pub at: Timestamp,
    /// The server's address.
    pub server: &'a str,
    /// What is asked.
    pub request: &'a SignRequest,
    /// A person's reason to sign again what may have been signed before. Blank counts as none.
    pub again: Option<&'a str>,
    /// The fingerprint of the token that the request will carry, see [`Journal::token_fingerprint`].
    pub token: Option<&'a str>,
}

/// What became of recording an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "only New allows a request to leave"]
pub enum Begun {
    /// Entries of the same server, CSR id and issuer are signed, unknown or under way, and no reason was given.
    /// Nothing was recorded, and nothing may be sent.
    Before(Vec<u64>),
    /// The decision is on record already: nothing may be sent for it again.
    Known(Box<Entry>),
    /// It is recorded under this number. The request may leave once [`Journal::sent`] agrees, not before.
    New(u64),
}

/// Whether the request may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "only Marked allows a request to leave"]
pub enum Sent {
    /// Other signings of the same left in the meantime, which the intent's reason did not cover. Nothing was recorded:
    /// finish the entry with [`domain::ErrorCode::SentMeanwhile`].
    Before(Vec<u64>),
    /// It is durable that the request is about to leave.
    Marked,
}

/// What is recorded besides signings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Several signings were started together.
    BatchStarted,
    /// The connection was changed.
    ConnectionChanged,
    /// Something was handed out.
    Export,
}

impl Journal {
    /// Records an intent. It survives the end of this program at once, and a power failure from [`Journal::sent`] on,
    /// which comes before anything leaves: one wait for the disk makes both durable (invariant 2).
    ///
    /// # Errors
    /// It could not be recorded: nothing may be sent.
    pub fn begin(&self, intent: &Intent<'_>) -> Result<Begun, JournalError> {
        self.write(Durable::WithTheNext, |pen| {
            if let Some(entry) = gates::by_intent(pen.transaction, intent.id)? {
                return Ok(Begun::Known(Box::new(existing(pen, entry)?)));
            }
            findings::none_open(pen)?;
            let earlier = gates::against(pen.transaction, intent.server, intent.request, &[], None)?;
            let reason = intent.again.map(str::trim).filter(|it| !it.is_empty());
            if !earlier.is_empty() && reason.is_none() {
                return Ok(Begun::Before(earlier));
            }
            let entry = next_entry(pen)?;
            let body = IntentBody {
                intent: intent.id.to_owned(),
                server: intent.server.to_owned(),
                request: intent.request.clone(),
                again: reason.map(|it| Again { reason: it.to_owned(), earlier }),
            };
            pen.append_with_token(EventKind::Intent, entry, intent.at, &body, intent.token)?;
            // Here, because the server is being reached meanwhile.
            words::bring_in_many(pen.transaction)?;
            Ok(Begun::New(shown(entry)))
        })
    }

    /// Makes the intent durable, and that its request is about to leave. To be called just before its first byte does.
    ///
    /// Of two signings of the same CSR and issuer that were begun at the same time, the second one to come here is told
    /// so instead: `begin` cannot tell a signing that is being prepared from one whose program was ended.
    ///
    /// # Errors
    /// It could not be made durable, or the entry is past this point: nothing may be sent.
    pub fn sent(&self, entry: u64, at: Timestamp) -> Result<Sent, JournalError> {
        self.sent_to(entry, at, None)
    }

    /// The same with the SHA-256 of the certificate that answered at the entry's address, in hexadecimal: signings through
    /// another name of the same server speak against this one, too.
    ///
    /// # Errors
    /// As [`Journal::sent`].
    pub fn sent_to(
        &self,
        entry: u64,
        at: Timestamp,
        certificate: Option<&str>,
    ) -> Result<Sent, JournalError> {
        self.write(Durable::Now, |pen| {
            let number = stored(entry)?;
            let told = existing(pen, number)?;
            if told.sent_at.is_some() {
                return Err(JournalError::OutOfOrder { entry, why: "its request is on record as sent" });
            }
            if told.answered_at.is_some() {
                return Err(JournalError::OutOfOrder { entry, why: "its outcome is on record" });
            }
            findings::none_open(pen)?;
            pen.head_fits()?;
            // Itself, and those that were seen when it began.
            let mut known = told.again.as_ref().map(|it| it.earlier.clone()).unwrap_or_default();
            known.push(entry);
            let meanwhile =
                gates::against(pen.transaction, &told.server, &told.request, &known, certificate)?;
            if !meanwhile.is_empty() {
                return Ok(Sent::Before(meanwhile));
            }
            let token = told.origin.token.as_deref();
            pen.append_with_token(EventKind::Sent, number, at, &SentBody::default(), token)?;
            pen.leaves_after();
            Ok(Sent::Marked)
        })
    }

    /// Adds the ending of an entry. It can be written once.
    ///
    /// # Errors
    /// It could not be made durable; the record goes on to show the signing as it did before.
    pub fn finish(&self, entry: u64, at: Timestamp, ending: &Ending) -> Result<(), JournalError> {
        self.add_ending(Durable::Now, entry, at, ending)
    }

    /// The same, for a program that records nothing after it: it leaves the journal as one complete file here, which
    /// saves a wait for the disk when it ends.
    ///
    /// # Errors
    /// As [`Journal::finish`]; or [`JournalError::NotDurable`]: the outcome is recorded, and all programs see it, but a
    /// power failure can still remove it.
    pub fn finish_last(&self, entry: u64, at: Timestamp, ending: &Ending) -> Result<(), JournalError> {
        self.add_ending(Durable::WithTheCopy, entry, at, ending)
    }

    fn add_ending(
        &self,
        durable: Durable,
        entry: u64,
        at: Timestamp,
        ending: &Ending,
    ) -> Result<(), JournalError> {
        self.follow(durable, entry, |pen, told, number| {
            if told.answered_at.is_some() {
                return Err(JournalError::OutOfOrder { entry, why: "its outcome is on record" });
            }
            // The answer is to the request, which carried the token of the intent.
            pen.append_with_token(EventKind::Outcome, number, at, ending, told.origin.token.as_deref())
        })
    }

    /// Adds what a look-up found out about an entry, with the fingerprint of the token that it used.
    ///
    /// # Errors
    /// It could not be made durable, or there is no such entry.
    pub fn look_up(
        &self,
        entry: u64,
        at: Timestamp,
        found: &impl Serialize,
        token: Option<&str>,
    ) -> Result<(), JournalError> {
        self.follow(Durable::Now, entry, |pen, _, number| {
            pen.append_with_token(EventKind::LookUp, number, at, found, token)
        })
    }

    /// Adds a person's decision about an entry whose outcome is unknown. A later decision takes an earlier one's place;
    /// both stay on record. `seen` is the `seq` of the last event of the entry that the person saw; none when nobody can say
    /// what the person saw.
    ///
    /// # Errors
    /// [`JournalError::DecidedMeanwhile`] when the entry has a later decision than the person saw;
    /// [`JournalError::ReasonMissing`]; [`JournalError::OutOfOrder`] when the outcome is a clear one; or it could not be
    /// made durable.
    pub fn decide(
        &self,
        entry: u64,
        at: Timestamp,
        verdict: &Verdict,
        reason: &str,
        basis: Option<Basis>,
        seen: Option<u64>,
    ) -> Result<(), JournalError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(JournalError::ReasonMissing);
        }
        self.follow(Durable::Now, entry, |pen, told, number| {
            if told.ending.outcome != Outcome::Unknown {
                return Err(JournalError::OutOfOrder { entry, why: "its outcome is not unknown" });
            }
            // In the same transaction as the decision: of two that were made on the same page, the second one is refused.
            if let Some(seen) = seen
                && last_decision(pen, number)?.is_some_and(|it| it > seen)
            {
                return Err(JournalError::DecidedMeanwhile(entry));
            }
            let body = DecisionBody { verdict: verdict.clone(), reason: reason.to_owned(), basis };
            pen.append(EventKind::Decision, number, at, &body)
        })
    }

    /// Sets an entry's note and ticket; the former ones stay on record.
    ///
    /// # Errors
    /// It could not be made durable, or there is no such entry.
    pub fn annotate(&self, entry: u64, at: Timestamp, note: &str, ticket: &str) -> Result<(), JournalError> {
        self.annotate_over(entry, at, note, ticket, None)
    }

    /// The same by a person who saw a note and a ticket in the entry, `seen`, and replaces no others; none where the program
    /// showed none.
    ///
    /// # Errors
    /// As [`Self::annotate`]; [`JournalError::NoteChanged`] when the entry has another note or ticket by now.
    pub fn annotate_over(
        &self,
        entry: u64,
        at: Timestamp,
        note: &str,
        ticket: &str,
        seen: Option<(&str, &str)>,
    ) -> Result<(), JournalError> {
        let body = NoteBody { note: note.trim().to_owned(), ticket: ticket.trim().to_owned() };
        self.follow(Durable::Now, entry, |pen, now, number| {
            // In the same transaction as the note: of two that were written over the same one, the second one is refused.
            if seen.is_some_and(|seen| seen != (now.note.as_str(), now.ticket.as_str())) {
                return Err(JournalError::NoteChanged(entry));
            }
            pen.append(EventKind::Note, number, at, &body)
        })
    }

    /// Adds an event that belongs to no signing. Its body must hold no secret. Gives its place in the record.
    ///
    /// # Errors
    /// It could not be made durable.
    pub fn record(&self, what: Plain, at: Timestamp, body: &impl Serialize) -> Result<u64, JournalError> {
        let kind = match what {
            Plain::BatchStarted => EventKind::BatchStarted,
            Plain::ConnectionChanged => EventKind::ConnectionChanged,
            Plain::Export => EventKind::Export,
        };
        self.write(Durable::Now, |pen| pen.append(kind, 0, at, body)).map(shown)
    }

    /// Adds to an entry that evidence of it is handed out. Gives the event's place in the record: evidence goes up to it, so that
    /// no earlier event can be left out at its end.
    ///
    /// # Errors
    /// It could not be made durable, or there is no such entry.
    pub fn record_evidence(
        &self,
        entry: u64,
        at: Timestamp,
        body: &impl Serialize,
        token: Option<&str>,
    ) -> Result<u64, JournalError> {
        self.write(Durable::Now, |pen| {
            let number = stored(entry)?;
            existing(pen, number)?;
            pen.append_with_token(EventKind::Export, number, at, body, token)
        })
        .map(shown)
    }

    /// Appends an event to an entry that exists.
    fn follow(
        &self,
        durable: Durable,
        entry: u64,
        append: impl FnOnce(&Pen<'_>, &Entry, i64) -> Result<i64, JournalError>,
    ) -> Result<(), JournalError> {
        self.write(durable, |pen| {
            let number = stored(entry)?;
            let told = existing(pen, number)?;
            append(pen, &told, number).map(|_| ())
        })
    }
}

/// Entries count the intents, so that the numbers people see stay small and without holes.
fn next_entry(pen: &Pen<'_>) -> Result<i64, JournalError> {
    let mut last = pen.transaction.prepare_cached("SELECT max(entry) FROM event WHERE entry > 0")?;
    let last: Option<i64> = last.query_row([], |row| row.get(0))?;
    Ok(last.unwrap_or(0) + 1)
}

/// The `seq` of the last decision about an entry.
fn last_decision(pen: &Pen<'_>, number: i64) -> Result<Option<u64>, JournalError> {
    let mut last =
        pen.transaction.prepare_cached("SELECT max(seq) FROM event WHERE entry = ?1 AND kind = ?2")?;
    let last: Option<i64> = last.query_row((number, EventKind::Decision.as_str()), |row| row.get(0))?;
    Ok(last.map(shown))
}

fn existing(pen: &Pen<'_>, number: i64) -> Result<Entry, JournalError> {
    fold::entry(pen.transaction, number)?.ok_or_else(|| JournalError::NoEntry(shown(number)))
}

fn stored(entry: u64) -> Result<i64, JournalError> {
    i64::try_from(entry).map_err(|_| JournalError::NoEntry(entry))
}

pub(crate) fn shown(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
