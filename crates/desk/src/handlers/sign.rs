//! One signing, in the only order that keeps the promise: check, record, send once, record.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{Connection, Ending, ErrorCode, SignRequest};
use journal::{Begun, Intent, Journal, JournalError, Sent};
use pam360::Endpoint;
use secrets::AuthToken;
use tokio::sync::watch;

use super::host::Moment;
use super::{Desk, blocking, locked};
use crate::Failure;
use crate::commands::sign::{Request, Response};

/// An intent's id is a UUID in practice; anything short and plain will do.
const MAX_INTENT: usize = 64;

impl Desk {
    /// Signs one CSR.
    ///
    /// The work goes on when the caller goes away (a closed page must not cut a signing in half), and a second call
    /// with the same intent gets the first one's answer (invariant 3).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems. Every other end of a signing is a [`Response`].
    pub async fn sign(&self, request: Request) -> Result<Response, Failure> {
        if !is_intent(&request.intent) {
            return Err(Failure::new(ErrorCode::IntentMalformed));
        }
        let now = self.shared.host.now();
        let checked = request.form.check(now).map_err(Failure::invalid)?;
        let (mut answer, repeated) = self.start_once(request.intent, checked, request.again);
        let response = answer.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
        let mut response = response.unwrap_or_else(|| Response {
            // The task ended without an answer, which only a panic can do: the request may have left.
            entry: None,
            repeated: false,
            recorded: false,
            earlier: Vec::new(),
            ending: Ending::new(ErrorCode::Interrupted),
        });
        response.repeated |= repeated;
        Ok(response)
    }

    /// Starts the signing, or finds the one that is under way for the same intent.
    fn start_once(
        &self,
        intent: String,
        request: SignRequest,
        again: Option<String>,
    ) -> (watch::Receiver<Option<Response>>, bool) {
        let mut under_way = locked(&self.shared.under_way);
        if let Some(answer) = under_way.get(&intent) {
            return (answer.clone(), true);
        }
        let (answered, answer) = watch::channel(None);
        under_way.insert(intent.clone(), answer.clone());
        drop(under_way);
        let desk = self.clone();
        tokio::spawn(async move {
            let response = desk.carry_out(&intent, request, again).await;
            answered.send_replace(Some(response));
            // From here on the record answers for this intent.
            locked(&desk.shared.under_way).remove(&intent);
        });
        (answer, false)
    }

    async fn carry_out(&self, intent: &str, request: SignRequest, again: Option<String>) -> Response {
        let started = Instant::now();
        let session = self.session().clone();
        let Some(connection) = session.connection else {
            return unrecorded(Ending::new(ErrorCode::NoConnection));
        };
        let Some(token) = session.token else { return unrecorded(Ending::new(ErrorCode::NoToken)) };

        // Recording and connecting wait for different things; nothing is sent until both are done.
        self.shared.host.reached(Moment::BeforeIntent);
        let (begun, ready) =
            tokio::join!(self.begin(intent, &connection, &request, again), self.connect(&connection));
        let (journal, entry) = match begun {
            Ok((journal, Begun::New(entry))) => (journal, entry),
            Ok((_, Begun::Known(entry))) => {
                let recorded = entry.answered_at.is_some();
                let (number, ending) = (entry.entry, entry.ending);
                return Response {
                    entry: Some(number),
                    repeated: true,
                    recorded,
                    earlier: Vec::new(),
                    ending,
                };
            }
            Ok((_, Begun::Before(earlier))) => {
                return Response { earlier, ..unrecorded(Ending::new(ErrorCode::AlreadyOnRecord)) };
            }
            Err(error) => return unrecorded(Ending::new(ErrorCode::JournalUnavailable).because(error)),
        };
        self.shared.host.reached(Moment::AfterIntent);
        let mut earlier = Vec::new();
        let mut ending = match ready {
            Ok(ready) => match self.mark_sent(&journal, entry).await {
                Ok(Sent::Marked) => {
                    self.shared.host.reached(Moment::BeforeSending);
                    send(ready, &token, &request, &connection).await
                }
                Ok(Sent::Before(meanwhile)) => {
                    earlier = meanwhile;
                    Ending::new(ErrorCode::SentMeanwhile)
                }
                Err(error) => Ending::new(ErrorCode::JournalUnavailable).because(error),
            },
            Err(ending) => ending,
        };
        self.shared.host.reached(Moment::AfterAnswer);
        ending.seen.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let recorded = self.finish(journal, entry, ending.clone()).await;
        self.shared.host.reached(Moment::AfterOutcome);
        Response { entry: Some(entry), repeated: false, recorded, earlier, ending }
    }

    /// Makes durable that the request is about to leave (invariant 2).
    async fn mark_sent(&self, journal: &Arc<Journal>, entry: u64) -> Result<Sent, JournalFailure> {
        let (journal, at) = (Arc::clone(journal), self.shared.host.now());
        Ok(blocking(move || journal.sent(entry, at)).await??)
    }

    async fn begin(
        &self,
        intent: &str,
        connection: &Connection,
        request: &SignRequest,
        again: Option<String>,
    ) -> Result<(Arc<Journal>, Begun), JournalFailure> {
        let desk = self.clone();
        let at = self.shared.host.now();
        let (intent, server, request) = (intent.to_owned(), connection.server.to_string(), request.clone());
        let begun = blocking(move || {
            let journal = desk.journal()?;
            let begun = journal.begin(&Intent {
                id: &intent,
                at,
                server: &server,
                request: &request,
                again: again.as_deref(),
            })?;
            Ok::<_, JournalError>((journal, begun))
        });
        Ok(begun.await??)
    }

    async fn connect(&self, connection: &Connection) -> Result<pam360::Session, Ending> {
        let trust = self.trust(&connection.ca).await.map_err(|error| {
            Ending::new(ErrorCode::CaUnusable).because(format!("{} {}", error.code.what(), error.detail))
        })?;
        Endpoint::new(connection.server.clone(), trust)
            .connect(timeout_of(connection))
            .await
            .map_err(|failure| Ending::new(failure.code).because(failure.detail))
    }

    /// Whether the ending is on record too.
    async fn finish(&self, journal: Arc<Journal>, entry: u64, ending: Ending) -> bool {
        let at = self.shared.host.now();
        matches!(blocking(move || journal.finish(entry, at, &ending)).await, Ok(Ok(())))
    }
}

async fn send(
    ready: pam360::Session,
    token: &AuthToken,
    request: &SignRequest,
    connection: &Connection,
) -> Ending {
    ready.sign(token, request, timeout_of(connection)).await
}

fn timeout_of(connection: &Connection) -> Duration {
    Duration::from_secs(u64::from(connection.timeout_seconds))
}

fn unrecorded(ending: Ending) -> Response {
    Response { entry: None, repeated: false, recorded: false, earlier: Vec::new(), ending }
}

fn is_intent(id: &str) -> bool {
    (8..=MAX_INTENT).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Either the record or the thread that writes it.
struct JournalFailure(String);

impl From<JournalError> for JournalFailure {
    fn from(error: JournalError) -> Self {
        Self(error.to_string())
    }
}

impl From<Failure> for JournalFailure {
    fn from(failure: Failure) -> Self {
        Self(failure.detail.unwrap_or_default())
    }
}

impl std::fmt::Display for JournalFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
