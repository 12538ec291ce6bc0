//! The bytes that are hashed: the canonical JSON of a body, and the encoding of an event.
//!
//! Owns the format that docs/record-format.md describes and whose test vectors live there. Refuses to own storage and
//! keys. Nothing here may change without a new format number: every hash of every record depends on it.

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use serde_json::Value;

use crate::JournalError;
use crate::key::is_signed;

/// The largest body of an event: far above any answer that is kept, far below what would hurt.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// A SHA-256.
pub(crate) type Hash = [u8; 32];
/// An Ed25519 signature.
pub(crate) type Signature = [u8; 64];

/// A version of the format that has a chain of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// An event is bound to the event before it.
    Two,
    /// It is also bound to its journal and to the event before it of the same entry, and it has an origin.
    Three,
}

impl Format {
    /// The latest one first: most heads are of it.
    const ALL: [Self; 2] = [Self::Three, Self::Two];

    /// Its number.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// Stands before every event's bytes, so that they cannot be the bytes of anything else.
    fn domain(self) -> &'static [u8] {
        match self {
            Self::Two => b"csrdesk-record-v2\0",
            Self::Three => b"csrdesk-record-v3\0",
        }
    }

    /// Stands before what is signed.
    fn head_domain(self) -> &'static [u8] {
        match self {
            Self::Two => b"csrdesk-head-v2\0",
            Self::Three => b"csrdesk-head-v3\0",
        }
    }
}

/// The end of the chain, which the next event builds on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: i64,
    pub(crate) hash: Hash,
    pub(crate) signature: Signature,
}

impl Link {
    /// What the first event builds on.
    pub(crate) const START: Self = Self { seq: 0, hash: [0; 32], signature: [0; 64] };

    /// What is signed for an event: its place and its hash. The journal's id is a part of the hash, so a head that is alone
    /// needs nothing else to be checked.
    pub(crate) fn signed_bytes(format: Format, seq: i64, hash: &Hash) -> Vec<u8> {
        [format.head_domain(), &seq.to_be_bytes(), hash].concat()
    }

    /// Whether the key signed a place and a hash, in whichever version.
    pub(crate) fn is_signed_in_any(key: &[u8; 32], seq: i64, hash: &Hash, signature: &Signature) -> bool {
        Format::ALL.iter().any(|format| is_signed(key, &Self::signed_bytes(*format, seq, hash), signature))
    }

    /// Whether the key signed this end of the chain.
    pub(crate) fn is_signed(&self, format: Format, key: &[u8; 32]) -> bool {
        is_signed(key, &Self::signed_bytes(format, self.seq, &self.hash), &self.signature)
    }
}

/// What an event of version 3 is bound to besides the event before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The journal's id: the hash of its first event; zeros in that event itself.
    pub(crate) journal: Hash,
    /// The hash of the event before it of the same entry; zeros in the first one of an entry, and without an entry.
    pub(crate) of_entry: Hash,
}

/// The content of an event, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub(crate) seq: i64,
    pub(crate) kind: &'a [u8],
    /// The signing it belongs to; 0 for none.
    pub(crate) entry: i64,
    pub(crate) at: i64,
    pub(crate) body: &'a [u8],
    /// Who caused it, as canonical JSON; empty in version 2.
    pub(crate) origin: &'a [u8],
    /// Reserved for a journal that several computers write; empty.
    pub(crate) author: &'a [u8],
}

impl Content<'_> {
    /// The hash of the event after `previous`: of version 3 where something is given that binds it further, else of version 2.
    /// The former signature is part of it, so that the last signature vouches for all earlier ones and a check need not
    /// verify each.
    pub(crate) fn hash(&self, previous: &Link, bound: Option<&Bound>) -> Hash {
        let mut context = Context::new(&SHA256);
        self.encode(previous, bound, &mut |bytes| context.update(bytes));
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }

    fn encode(&self, previous: &Link, bound: Option<&Bound>, to: &mut dyn FnMut(&[u8])) {
        // A length above 4 GiB cannot occur: SQLite's own limit is 1 GB.
        fn put(text: &[u8], to: &mut dyn FnMut(&[u8])) {
            to(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            to(text);
        }
        match bound {
            None => to(Format::Two.domain()),
            Some(bound) => {
                to(Format::Three.domain());
                to(&bound.journal);
            }
        }
        to(&self.seq.to_be_bytes());
        to(&previous.hash);
        to(&previous.signature);
        to(&self.entry.to_be_bytes());
        if let Some(bound) = bound {
            to(&bound.of_entry);
        }
        to(&self.at.to_be_bytes());
        put(self.kind, to);
        put(self.body, to);
        if bound.is_some() {
            put(self.origin, to);
            put(self.author, to);
        }
    }

    /// The encoding as one run of bytes, for the test vectors.
    #[cfg(test)]
    pub(crate) fn encoding(&self, previous: &Link, bound: Option<&Bound>) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode(previous, bound, &mut |part| bytes.extend_from_slice(part));
        bytes
    }
}

/// A body as canonical JSON: UTF-8, no whitespace, the keys of each object sorted by their bytes.
///
/// # Errors
/// It is no JSON, or larger than a body may be.
pub(crate) fn json(body: &impl Serialize) -> Result<String, JournalError> {
    let value = serde_json::to_value(body).map_err(JournalError::Unwritable)?;
    let mut text = String::new();
    write(&value, &mut text).map_err(JournalError::Unwritable)?;
    if text.len() > MAX_BODY {
        return Err(JournalError::TooLarge(text.len()));
    }
    Ok(text)
}

/// By hand, because whether serde_json's own maps are sorted depends on a feature that any crate can switch.
fn write(value: &Value, to: &mut String) -> serde_json::Result<()> {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            to.push('{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                if index > 0 {
                    to.push(',');
                }
                to.push_str(&serde_json::to_string(key)?);
                to.push(':');
                write(value, to)?;
            }
            to.push('}');
        }
        Value::Array(items) => {
            to.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    to.push(',');
                }
                write(item, to)?;
            }
            to.push(']');
        }
        plain => to.push_str(&serde_json::to_string(plain)?),
    }
    Ok(())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        text.push(char::from(DIGITS[usize::from(nibble)]));
    }
    text
}

/// Exactly `N` bytes from lower-case hexadecimal; none from anything else.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth_and_texts_are_kept() {
        let body = serde_json::json!({ "b": [{ "z": 1, "a": null }], "a": "ä\n\"", "ab": -3, "B": true });
        assert_eq!(json(&body).unwrap(), r#"{"B":true,"a":"ä\n\"","ab":-3,"b":[{"a":null,"z":1}]}"#);
        let large = "x".repeat(MAX_BODY);
        assert!(matches!(json(&large), Err(JournalError::TooLarge(_))));
    }

    #[test]
    fn fields_cannot_flow_into_each_other() {
        let bound = Bound { journal: [0; 32], of_entry: [0; 32] };
        for bound in [None, Some(&bound)] {
            let hash = |kind: &[u8], body: &[u8], origin: &[u8], author: &[u8]| {
                Content { seq: 1, kind, entry: 0, at: 0, body, origin, author }.hash(&Link::START, bound)
            };
            assert_ne!(hash(b"ab", b"c", b"", b""), hash(b"a", b"bc", b"", b""));
            // Version 2 has no origin: a checker refuses one there, see `crate::walk`.
            assert_eq!(bound.is_none(), hash(b"a", b"b", b"c", b"") == hash(b"a", b"b", b"", b"c"));
        }
        let content = Content { seq: 1, kind: b"k", entry: 1, at: 0, body: b"{}", origin: b"", author: b"" };
        let hash = content.hash(&Link::START, Some(&bound));
        assert_ne!(hash, content.hash(&Link::START, None));
        for other in [Bound { journal: [1; 32], ..bound }, Bound { of_entry: [1; 32], ..bound }] {
            assert_ne!(hash, content.hash(&Link::START, Some(&other)));
        }
    }

    #[test]
    fn hexadecimal_is_strict() {
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
        assert_eq!(unhex::<3>("00ff10"), Some([0, 255, 16]));
        for text in ["00FF10", "00ff1", "00ff1g", "00ff1000"] {
            assert_eq!(unhex::<3>(text), None, "{text}");
        }
    }
}
