//! What arrived: counters and the last requests, so that a test can ask "how many signing POSTs left the client?" and
//! "did the token travel anywhere but in its header?". Never holds a token.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::request::Parts;
use serde::Serialize;

/// How many requests are remembered; older ones are forgotten, the counters go on.
const REMEMBERED: usize = 256;
/// How many characters of a body are remembered.
const BODY_CHARS: usize = 16 * 1024;

/// One request as it arrived, with any copy of the token replaced by `[token]`.
#[derive(Clone, Debug, Serialize)]
pub struct ReceivedRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// Lower-case header names in order of arrival.
    pub header_names: Vec<String>,
    /// The `content-type` header, if there was one.
    pub content_type: Option<String>,
    /// The `orgName` header, if there was one.
    pub organization: Option<String>,
    /// Whether there was an `AUTHTOKEN` header, right or wrong.
    pub token_header: bool,
    /// The body, empty until it was read whole; bytes that are not UTF-8 are replaced, and it is cut at 16 KiB.
    pub body: String,
}

#[derive(Default)]
pub(crate) struct Ledger {
    connections: AtomicU64,
    sign_posts: AtomicU64,
    signed: AtomicU64,
    requests: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    /// Number of the oldest request in `kept`.
    first: u64,
    kept: VecDeque<ReceivedRequest>,
}

impl Ledger {
    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_signed(&self) {
        self.signed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_sign_post(&self) {
        self.sign_posts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn sign_posts(&self) -> u64 {
        self.sign_posts.load(Ordering::Relaxed)
    }

    pub(crate) fn signed(&self) -> u64 {
        self.signed.load(Ordering::Relaxed)
    }

    /// Notes the head of a request and returns its number, by which the body is added later.
    pub(crate) fn note_head(&self, head: &Parts, token: &str) -> u64 {
        let text = |name: &str| {
            head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let path = head.uri.path_and_query().map_or("", |path| path.as_str());
        let request = ReceivedRequest {
            method: head.method.to_string(),
            path: without(path, token),
            version: format!("{:?}", head.version),
            header_names: head.headers.keys().map(ToString::to_string).collect(),
            content_type: text("content-type"),
            organization: text("orgname"),
            token_header: head.headers.contains_key("authtoken"),
            body: String::new(),
        };
        let mut requests = self.lock();
        requests.kept.push_back(request);
        if requests.kept.len() > REMEMBERED {
            requests.kept.pop_front();
            requests.first += 1;
        }
        requests.first + requests.kept.len() as u64 - 1
    }

    pub(crate) fn note_body(&self, number: u64, body: &[u8], token: &str) {
        let text: String = without(&String::from_utf8_lossy(body), token).chars().take(BODY_CHARS).collect();
        let mut requests = self.lock();
        let at = number.checked_sub(requests.first).and_then(|at| usize::try_from(at).ok());
        if let Some(request) = at.and_then(|at| requests.kept.get_mut(at)) {
            request.body = text;
        }
    }

    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        self.lock().kept.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without(text: &str, token: &str) -> String {
    text.replace(token, "[token]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(uri: &str) -> Parts {
        http::Request::get(uri).header("AUTHTOKEN", "SECRET").body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_token_is_never_kept() {
        let ledger = Ledger::default();
        let number = ledger.note_head(&head("https://localhost/x?AUTHTOKEN=SECRET"), "SECRET");
        ledger.note_body(number, b"a=SECRET", "SECRET");
        let kept = serde_json::to_string(&ledger.received()).unwrap();
        assert!(!kept.contains("SECRET"), "{kept}");
        assert!(ledger.received()[0].token_header);
    }

    #[test]
    fn old_requests_make_room() {
        let ledger = Ledger::default();
        let numbers: Vec<u64> = (0..300).map(|_| ledger.note_head(&head("/"), "SECRET")).collect();
        ledger.note_body(numbers[0], b"forgotten", "SECRET");
        ledger.note_body(numbers[299], b"last", "SECRET");
        let received = ledger.received();
        assert_eq!(received.len(), REMEMBERED);
        assert!(received.iter().all(|request| request.body != "forgotten"));
        assert_eq!(received[REMEMBERED - 1].body, "last");
    }
}
