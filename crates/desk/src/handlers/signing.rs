//! How far a signing is, by its intent. Owns finding it, among those under way and in the journal; sends nothing.

use domain::{BaseUrl, Entry, ErrorCode, IntentId, Outcome};

use super::sign::{interrupted, recorded_answer};
use super::{Desk, blocking, locked};
use crate::Failure;
use crate::commands::sign;
use crate::commands::signing::{Found, Request, Response};

impl Desk {
    /// How far a signing is. A page that was loaded again finds its signing with it, and nothing is sent.
    ///
    /// # Errors
    /// [`ErrorCode::RecordUnreadable`], or the failure of the signing itself.
    pub async fn signing(&self, request: Request) -> Result<Response, Failure> {
        let Ok(intent) = IntentId::parse(&request.intent) else {
            // Nothing is ever sent for what is not an id.
            return Ok(Response { found: None });
        };
        let Some(mut found) = self.found_under_way(&intent) else {
            return self.found_in_journal(intent).await;
        };
        if request.wait {
            let (known, answer) = (&mut found.0, &mut found.1);
            let response = answer.wait_for(Option::is_some).await.ok().and_then(|it| it.clone());
            known.answer = Some(response.unwrap_or_else(interrupted)?);
        }
        Ok(Response { found: Some(found.0) })
    }

    /// The address of the server in use.
    pub(super) fn server_in_use(&self) -> Option<String> {
        self.session().current().map(|it| it.connection.server.to_string())
    }

    fn found_under_way(&self, intent: &IntentId) -> Option<(Found, super::sign::Answer)> {
        let under_way = locked(&self.shared.under_way);
        let known = under_way.get(intent)?;
        let found = Found {
            request: known.request.clone(),
            server: known.server.clone(),
            connection: known.connection.clone(),
            at: known.at,
            elapsed_ms: u64::try_from(known.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            answer: None,
            see_entry: false,
            in_progress: false,
        };
        Some((found, known.answer.clone()))
    }

    async fn found_in_journal(&self, intent: IntentId) -> Result<Response, Failure> {
        let desk = self.clone();
        let entry = blocking(move || {
            let journal = desk.journal()?;
            journal.by_intent(intent.as_str())?.map(|it| desk.with_progress(&journal, it)).transpose()
        })
        .await?;
        let entry = entry.map_err(|error| Failure::because(ErrorCode::RecordUnreadable, error))?;
        Ok(Response { found: entry.map(found) })
    }
}

fn found(entry: Entry) -> Found {
    let in_progress = entry.is_in_progress();
    // No program is left that could send what had not left: the ending is the one that the history shows.
    let ending = (!in_progress).then(|| entry.ending.clone());
    Found {
        request: entry.request.clone(),
        server: BaseUrl::canonical(&entry.server),
        connection: None,
        at: entry.at,
        elapsed_ms: 0,
        see_entry: in_progress || entry.decision.is_some() && entry.ending.outcome == Outcome::Unknown,
        in_progress,
        answer: Some(match ending {
            Some(ending) => sign::Response { ending, ..recorded_answer(entry) },
            None => recorded_answer(entry),
        }),
    }
}
