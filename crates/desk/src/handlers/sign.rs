//! One signing, in the only order that keeps the promise: check, record, send once, record.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use domain::{BaseUrl, Connection, ConnectionId, Ending, Entry, ErrorCode, IntentId, SignRequest, Timestamp};
use journal::{Begun, Intent, Journal, JournalError, Sent};
use secrets::AuthToken;
use tokio::sync::watch;

use super::host::Moment;
use super::one_connection::{Held, Standing};
use super::running::Mark;
use super::{Desk, blocking, locked};
use crate::Failure;
use crate::commands::sign::{Request, Response};

impl Desk {
    /// Signs one CSR.
    ///
    /// The work goes on when the caller goes away (a closed page must not cut a signing in half), and a second call
    /// with the same intent gets the first one's answer (invariant 3).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems. Every other end of a signing is a [`Response`].
    pub async fn sign(&self, request: Request) -> Result<Response, Failure> {
        let intent = IntentId::parse(&request.intent).map_err(Failure::new)?;
        let now = self.shared.host.now();
        let checked = request.form.check(now).map_err(Failure::invalid)?;
        let order = Order {
            request: checked,
            again: request.again,
            reviewed_for: request.server,
            reviewed_with: request.connection,
            as_reviewed: request.as_reviewed,
        };
        let (mut answer, repeated) = self.start_once(intent, order)?;
        let response = answer.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
        // Only a panic ends the task without an answer.
        let mut response = response.unwrap_or_else(interrupted)?;
        response.repeated |= repeated;
        Ok(response)
    }

    /// Keeps what has not left yet from leaving; what has left goes on.
    pub fn stop(&self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
    }

    /// Says that this program ends with the signing that it starts: the journal is left complete with the outcome, which
    /// saves a wait for the disk.
    pub fn sign_once(&self) {
        self.shared.signs_once.store(true, Ordering::SeqCst);
    }

    /// Whether a signing is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !locked(&self.shared.under_way).is_empty()
    }

    /// Waits until no signing is under way, and what servers said about tokens is stored.
    pub async fn idle(&self) {
        loop {
            let next = locked(&self.shared.under_way).values().next().map(|it| it.answer.clone());
            let Some(mut answer) = next else { return self.token_answers_stored().await };
            // Ends with the answer, or with the task.
            let _ = answer.wait_for(Option::is_some).await;
            tokio::task::yield_now().await;
        }
    }

    /// Starts the signing, or finds the one that is under way for the same intent.
    fn start_once(&self, intent: IntentId, order: Order) -> Result<(Answer, bool), Failure> {
        let mut under_way = locked(&self.shared.under_way);
        if let Some(known) = under_way.get(&intent) {
            if known.request != order.request {
                return Err(Failure::new(ErrorCode::IntentOfAnother));
            }
            return Ok((known.answer.clone(), true));
        }
        let (answered, answer) = watch::channel(None);
        let server = order.reviewed_for.clone().or_else(|| self.server_in_use());
        // From here on the connection in use may change; this signing is with the one of this moment, or with none.
        let in_use = || self.session().in_use.clone();
        let order = Order { reviewed_with: order.reviewed_with.or_else(in_use), ..order };
        let known = UnderWay {
            request: order.request.clone(),
            connection: order.reviewed_with.clone(),
            server: server.unwrap_or_default(),
            at: self.shared.host.now(),
            began: Instant::now(),
            answer: answer.clone(),
        };
        under_way.insert(intent.clone(), known);
        drop(under_way);
        let leaving = Leaving { desk: self.clone(), intent };
        tokio::spawn(async move {
            let response = leaving.desk.carry_out(&leaving.intent, order).await;
            answered.send_replace(Some(response));
        });
        Ok((answer, false))
    }

    async fn carry_out(&self, intent: &IntentId, order: Order) -> Result<Response, Failure> {
        let started = Instant::now();
        // Where the time of a slow signing went; who waits for what is docs/decisions/0003.
        let step = |done: &str| {
            let since_start_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            tracing::debug!(since_start_us, done, "signing");
        };
        let Order { request, again, reviewed_for, reviewed_with, as_reviewed } = order;
        // Another program may have removed or changed the connection since this one read the file.
        if let Err(Failure { code, detail, .. }) = self.follow_the_file().await {
            return Ok(unrecorded(Ending { detail, ..Ending::new(code) }));
        }
        let Some(held) = self.session().current().cloned() else {
            return Ok(unrecorded(Ending::new(ErrorCode::NoConnection)));
        };
        let connection = &held.connection;
        let elsewhere =
            reviewed_for.is_some_and(|it| BaseUrl::canonical(&it) != connection.server.to_string());
        if elsewhere || reviewed_with.is_some_and(|it| it != held.id) {
            return Ok(unrecorded(Ending::new(ErrorCode::ServerChanged)));
        }
        if held.standing == Standing::Removed {
            return Ok(unrecorded(Ending::new(ErrorCode::ConnectionRemoved)));
        }
        if as_reviewed.is_some_and(|it| it != held.as_reviewed()) {
            return Ok(unrecorded(Ending::new(ErrorCode::ConnectionChanged)));
        }
        let generation = self.generation();
        let token = match self.token(&held).await {
            Ok(token) => token,
            Err(Failure { code, detail, .. }) => {
                return Ok(unrecorded(Ending { detail, ..Ending::new(code) }));
            }
        };

        // Recording and connecting wait for different things; nothing is sent until both are done.
        self.shared.host.reached(Moment::BeforeIntent);
        step("token read");
        let begin = async {
            let begun = self.begin(intent, &held, &token, &request, again).await;
            step("intent recorded");
            begun
        };
        let connect = async {
            let ready = self.connect(&held).await;
            step("connected");
            ready
        };
        let (begun, ready) = tokio::join!(begin, connect);
        let (journal, entry, mark) = match begun {
            Ok((journal, Begun::New(entry), mark)) => (journal, entry, mark),
            Ok((_, Begun::Known(entry), _)) => return answer_of(*entry, connection, &request),
            Ok((_, Begun::Before(earlier), _)) => {
                let before = self.before_of(&earlier, &connection.server).await;
                let ending = Ending::new(ErrorCode::AlreadyOnRecord);
                return Ok(Response { earlier, before, ..unrecorded(ending) });
            }
            Err(error) => {
                return Ok(unrecorded(error.ending()));
            }
        };
        self.shared.host.reached(Moment::AfterIntent);
        let mut earlier = Vec::new();
        let mut ending = match ready {
            Ok(_) if self.shared.stopping.load(Ordering::SeqCst) => Ending::new(ErrorCode::Stopped),
            // Somebody left, or took the token back, while the server was being reached.
            Ok(_) if self.generation() != generation => Ending::new(ErrorCode::Locked),
            Ok(ready) => match self.mark_sent(&journal, entry, &ready).await {
                Ok(Sent::Marked) => {
                    step("on the disk");
                    self.shared.host.reached(Moment::BeforeSending);
                    let ending = ready.sign(&token, &request, timeout_of(connection)).await;
                    step("answered");
                    // For the next signing: this one is not sent again.
                    self.learned_http11(&held).await;
                    ending
                }
                Ok(Sent::Before(meanwhile)) => {
                    earlier = meanwhile;
                    let mut ending = Ending::new(ErrorCode::SentMeanwhile);
                    // Tells the next review that this server has another name.
                    ending.seen.server_certificate_sha256 = Some(ready.facts().certificate_sha256.clone());
                    ending
                }
                Err(error) => error.ending(),
            },
            Err(ending) => ending,
        };
        self.shared.host.reached(Moment::AfterAnswer);
        if ending.seen.server_certificate_sha256.is_some() {
            ending.seen.verified_by = Some(connection.trust());
        }
        ending.seen.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let finished = self.finish(journal, entry, ending.clone()).await;
        let recorded = finished != Finished::Unrecorded;
        step("outcome on the disk");
        // The files may have been replaced meanwhile: then the number belongs to no entry, or to another one.
        let entry =
            if recorded { Some(entry) } else { self.entry_of_intent(intent).await.map(|it| it.entry) };
        // Without a recorded answer the mark stays, free: this signing is unknown, and nobody waits for it.
        if let Some(mark) = mark.filter(|_| recorded) {
            mark.remove();
        }
        self.shared.host.reached(Moment::AfterOutcome);
        // After the outcome is recorded. Only these two say something about the token; one that is refused with the
        // organization may be good.
        if matches!(ending.code, ErrorCode::NotAuthorized | ErrorCode::Signed) {
            self.token_answered_in_passing(&held, &token, ending.code == ErrorCode::Signed);
        }
        if !recorded {
            tracing::warn!(entry, "the outcome of a signing was not recorded");
        }
        tracing::info!(
            entry,
            outcome = ending.outcome.as_str(),
            code = ending.code.as_str(),
            elapsed_ms = ending.seen.elapsed_ms,
            "signing ended"
        );
        let may_be_lost = finished == Finished::NotDurable;
        let before =
            if earlier.is_empty() { Vec::new() } else { self.before_of(&earlier, &connection.server).await };
        Ok(Response { entry, repeated: false, recorded, may_be_lost, earlier, before, ending })
    }

    /// Makes durable that the request is about to leave (invariant 2).
    async fn mark_sent(
        &self,
        journal: &Arc<Journal>,
        entry: u64,
        ready: &pam360::Session,
    ) -> Result<Sent, JournalFailure> {
        let (journal, at) = (Arc::clone(journal), self.shared.host.now());
        let certificate = ready.facts().certificate_sha256.clone();
        Ok(blocking(move || journal.sent_to(entry, at, Some(&certificate))).await??)
    }

    async fn begin(
        &self,
        intent: &IntentId,
        held: &Held,
        token: &AuthToken,
        request: &SignRequest,
        again: Option<String>,
    ) -> Result<(Arc<Journal>, Begun, Option<Mark>), JournalFailure> {
        let (desk, connection, token) = (self.clone(), held.id.clone(), token.clone());
        let (intent, server, request) = (intent.clone(), held.connection.server.to_string(), request.clone());
        let begun = blocking(move || {
            let journal = desk.journal_to_record()?;
            // After opening, which may be recorded too: a clock that seems to go back would be remarked on for ever.
            let at = desk.shared.host.now();
            // Before the intent: from then on others see this signing, and that its program is there.
            let mark = Mark::make(&desk.shared.data_dir, &intent, &connection);
            let begun = journal.begin(&Intent {
                id: intent.as_str(),
                at,
                server: &server,
                request: &request,
                again: again.as_deref(),
                token: journal.token_fingerprint(token.expose()).as_deref(),
            });
            let mark = match (&begun, mark) {
                (Ok(Begun::New(_)), mark) => mark,
                (Ok(Begun::Known(entry)), Some(mark)) => {
                    mark.undo(entry.answered_at.is_some());
                    None
                }
                (_, mark) => {
                    if let Some(mark) = mark {
                        mark.remove();
                    }
                    None
                }
            };
            Ok::<_, JournalError>((journal, begun?, mark))
        });
        Ok(begun.await??)
    }

    async fn connect(&self, held: &Held) -> Result<pam360::Session, Ending> {
        let endpoint = self.endpoint(held).await.map_err(|error| {
            let what = if error.not_sent == error.code { "" } else { error.code.what() };
            Ending::new(error.not_sent).because([what, &error.detail].join(" ").trim())
        })?;
        endpoint
            .connect(timeout_of(&held.connection))
            .await
            .map_err(|failure| Ending::new(failure.code).because(failure.detail))
    }

    async fn finish(&self, journal: Arc<Journal>, entry: u64, ending: Ending) -> Finished {
        let at = self.shared.host.now();
        let last = self.shared.signs_once.load(Ordering::SeqCst);
        let finish = move || match last {
            true => journal.finish_last(entry, at, &ending),
            false => journal.finish(entry, at, &ending),
        };
        blocking(finish).await.map_or(Finished::Unrecorded, Finished::from)
    }
}

/// Whether the ending is in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finished {
    /// And on the disk.
    Recorded,
    /// The disk may not have it.
    NotDurable,
    /// The journal shows the signing as unknown; or not at all, where its files were replaced meanwhile.
    Unrecorded,
}

impl From<Result<(), JournalError>> for Finished {
    fn from(finished: Result<(), JournalError>) -> Self {
        match finished {
            Ok(()) => Self::Recorded,
            Err(JournalError::NotDurable(_)) => Self::NotDurable,
            Err(_) => Self::Unrecorded,
        }
    }
}

/// What is to be signed, and under which conditions.
struct Order {
    request: SignRequest,
    again: Option<String>,
    /// The server that the person saw in the review, when there was one.
    reviewed_for: Option<String>,
    /// The connection that was in use then: two can lead to one server as different users.
    reviewed_with: Option<ConnectionId>,
    /// The connection as it was then.
    as_reviewed: Option<String>,
}

pub(super) type Answer = watch::Receiver<Option<Result<Response, Failure>>>;

/// A signing that is under way in this process.
pub(super) struct UnderWay {
    pub(super) request: SignRequest,
    pub(super) server: String,
    /// The connection it was begun with; none when there was none in use.
    pub(super) connection: Option<ConnectionId>,
    pub(super) at: Timestamp,
    pub(super) began: Instant,
    pub(super) answer: Answer,
}

/// Takes a signing off the list when its task ends, however it ends: from then on the record answers for its intent.
struct Leaving {
    desk: Desk,
    intent: IntentId,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        locked(&self.desk.shared.under_way).remove(&self.intent);
    }
}

/// The answer to an intent that is on record already.
fn answer_of(entry: Entry, connection: &Connection, request: &SignRequest) -> Result<Response, Failure> {
    if entry.request != *request || BaseUrl::canonical(&entry.server) != connection.server.to_string() {
        return Err(Failure::because(ErrorCode::IntentOfAnother, format!("entry {}", entry.entry)));
    }
    Ok(recorded_answer(entry))
}

/// The answer of a signing as the journal has it.
pub(super) fn recorded_answer(entry: Entry) -> Response {
    let recorded = entry.answered_at.is_some();
    let mut ending = entry.ending;
    if ending.code == ErrorCode::InterruptedBeforeSending {
        // Whoever recorded it may be about to send it.
        ending = Ending::new(ErrorCode::Interrupted);
    }
    Response {
        entry: Some(entry.entry),
        repeated: true,
        recorded,
        may_be_lost: false,
        earlier: Vec::new(),
        before: Vec::new(),
        ending,
    }
}

fn timeout_of(connection: &Connection) -> Duration {
    Duration::from_secs(u64::from(connection.timeout_seconds))
}

/// What holds when a signing's task ended without an answer: the request may have left.
pub(super) fn interrupted() -> Result<Response, Failure> {
    Ok(unrecorded(Ending::new(ErrorCode::Interrupted)))
}

fn unrecorded(ending: Ending) -> Response {
    Response {
        entry: None,
        repeated: false,
        recorded: false,
        may_be_lost: false,
        earlier: Vec::new(),
        before: Vec::new(),
        ending,
    }
}

/// Either the record or the thread that writes it.
struct JournalFailure {
    code: ErrorCode,
    detail: String,
}

impl JournalFailure {
    fn ending(self) -> Ending {
        Ending::new(self.code).because(self.detail)
    }
}

impl From<JournalError> for JournalFailure {
    fn from(error: JournalError) -> Self {
        let code = match error {
            JournalError::NotAcknowledged(_) => ErrorCode::HistoryIncomplete,
            JournalError::Replaced | JournalError::CutShort => ErrorCode::HistoryReplaced,
            _ => ErrorCode::JournalUnavailable,
        };
        Self { code, detail: error.to_string() }
    }
}

impl From<Failure> for JournalFailure {
    fn from(failure: Failure) -> Self {
        Self { code: ErrorCode::JournalUnavailable, detail: failure.detail.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_that_the_disk_may_not_have_is_recorded_all_the_same() {
        let not_durable = JournalError::NotDurable(Box::new(JournalError::Full));
        assert_eq!(Finished::from(Err(not_durable)), Finished::NotDurable);
        assert_eq!(Finished::from(Err(JournalError::Replaced)), Finished::Unrecorded);
        assert_eq!(Finished::from(Ok(())), Finished::Recorded);
    }
}
