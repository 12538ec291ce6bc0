//! What is recorded of the server beside its answer.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{ServerTrust, SpokenHttp};

/// What was seen of the server while it answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// The HTTP status code, when an answer began.
    pub http_status: Option<u16>,
    /// The answer's body as text, bounded; not a faithful copy when it was not text.
    pub raw_answer: Option<String>,
    /// `TLSv1.3` or `TLSv1.2`, when the handshake was completed.
    pub tls_version: Option<String>,
    /// The version of HTTP that carried the request, when the handshake was completed; absent in entries from before this
    /// was recorded, and where a later version recorded one that this one does not know.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known_or_none")]
    pub http_version: Option<SpokenHttp>,
    /// SHA-256 of the server's own certificate in hexadecimal, when the handshake was completed.
    pub server_certificate_sha256: Option<String>,
    /// The same of every certificate that the server presented, its own first; empty in records from before this was
    /// kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub peer_chain_sha256: Vec<String>,
    /// What verified the server's certificate, when the handshake was completed; absent in entries from before this was
    /// recorded, and where a later version recorded a way of trust that this one does not know.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known_or_none")]
    pub verified_by: Option<ServerTrust>,
    /// How long the server asks to wait (`Retry-After`), in words: "120 seconds", "until 2027-03-04 08:36:00 UTC".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// How long it took from the start of the connection to the end, in milliseconds.
    pub elapsed_ms: u64,
}

impl Seen {
    /// How long it took, in milliseconds; none where nothing was recorded of the server, as of a signing without an answer.
    #[must_use]
    pub fn took_ms(&self) -> Option<u64> {
        (*self != Self::default()).then_some(self.elapsed_ms)
    }
}

/// Reads a value that this version does not know as none, so that it does not make the whole outcome unreadable.
fn known_or_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Read<T> {
        Known(T),
        Other(IgnoredAny),
    }
    Ok(match Option::<Read<T>>::deserialize(deserializer)? {
        Some(Read::Known(it)) => Some(it),
        Some(Read::Other(_)) | None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_before_chains_were_kept_reads_and_writes_as_it_was() {
        let old = r#"{"http_status":200,"raw_answer":null,"tls_version":"TLSv1.3","server_certificate_sha256":"00","elapsed_ms":3}"#;
        let seen: Seen = serde_json::from_str(old).unwrap();
        assert!(seen.peer_chain_sha256.is_empty());
        assert_eq!(serde_json::to_string(&seen).unwrap(), old);
        let verified_by = Some(ServerTrust::ExactCertificate);
        let http_version = Some(SpokenHttp::Http2);
        let seen =
            Seen { peer_chain_sha256: vec!["00".into(), "11".into()], verified_by, http_version, ..seen };
        assert_eq!(serde_json::to_value(&seen).unwrap()["http_version"], "HTTP/2");
        assert_eq!(serde_json::to_value(&seen).unwrap()["verified_by"], "exact_certificate");
        assert_eq!(serde_json::from_value::<Seen>(serde_json::to_value(&seen).unwrap()).unwrap(), seen);
    }

    #[test]
    fn an_answer_that_is_not_there_took_no_time_and_no_zero_either() {
        assert_eq!(Seen::default().took_ms(), None);
        assert_eq!(Seen { elapsed_ms: 3, ..Seen::default() }.took_ms(), Some(3));
        assert_eq!(Seen { http_status: Some(200), ..Seen::default() }.took_ms(), Some(0));
    }

    #[test]
    fn a_version_of_http_of_a_later_version_leaves_the_outcome_readable() {
        for (recorded, read) in [
            (r#""HTTP/1.1""#, Some(SpokenHttp::Http11)),
            (r#""HTTP/2""#, Some(SpokenHttp::Http2)),
            (r#""HTTP/3""#, None),
            ("3", None),
            ("null", None),
        ] {
            let seen = format!(r#"{{"http_status":200,"elapsed_ms":3,"http_version":{recorded}}}"#);
            let seen: Seen = serde_json::from_str(&seen).unwrap();
            assert_eq!((seen.http_status, seen.http_version), (Some(200), read), "{recorded}");
        }
    }
}
