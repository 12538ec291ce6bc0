//! The id of one decision to sign: made by the caller, and the same in every spelling.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

/// A UUID in the spelling of RFC 9562 (small letters, four dashes), or another short id that stays as it is.
///
/// One decision is sent once. SQL Server and macOS write a UUID in capitals, some tools without dashes or in braces:
/// if the spellings were different ids, the same decision would be sent once for each.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IntentId(String);

impl IntentId {
    /// The longest id that is no UUID, in characters.
    pub const MAX_CHARS: usize = 64;
    const MIN_CHARS: usize = 8;
    /// The longest text that is looked at: a UUID with everything that may be around it.
    const MAX_TYPED: usize = 400;

    /// Reads an id: a UUID in any usual spelling (capitals, without dashes, in braces, parentheses or quotes, with
    /// `urn:uuid:`), or 8 to 64 letters, digits and dashes.
    ///
    /// # Errors
    /// [`ErrorCode::IntentMalformed`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        if text.len() > Self::MAX_TYPED {
            return Err(ErrorCode::IntentMalformed);
        }
        let text = typed::code(text);
        if let Some(uuid) = uuid(&text) {
            return Ok(Self(uuid));
        }
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if plain && (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&text.len()) {
            Ok(Self(text.into_owned()))
        } else {
            Err(ErrorCode::IntentMalformed)
        }
    }

    /// The id in its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a UUID, which a journal of an earlier version can hold in another spelling.
    #[must_use]
    pub fn is_uuid(&self) -> bool {
        uuid(&self.0).is_some()
    }
}

/// The canonical spelling of a UUID, if the text is one.
fn uuid(text: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let bare = rest.trim();
        let bare = match bare.get(..9) {
            Some(urn) if urn.eq_ignore_ascii_case("urn:uuid:") => &bare[9..],
            _ => bare,
        };
        let bare = [('{', '}'), ('(', ')'), ('"', '"'), ('\'', '\''), ('<', '>')]
            .into_iter()
            .find_map(|(open, close)| bare.strip_prefix(open)?.strip_suffix(close))
            .unwrap_or(bare);
        if bare == rest {
            break;
        }
        rest = bare;
    }
    let dashes: Vec<usize> = rest.char_indices().filter(|(_, c)| *c == '-').map(|(at, _)| at).collect();
    if !dashes.is_empty() && dashes != [8, 13, 18, 23] {
        return None;
    }
    let digits: String = rest.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    Some(parts.into_iter().filter_map(|it| digits.get(it)).collect::<Vec<_>>().join("-"))
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for IntentId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).map_err(|code| code.what().to_owned())
    }
}

impl From<IntentId> for String {
    fn from(id: IntentId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: &str = "0baf707d-fb13-49eb-95f9-4875f222e753";

    #[test]
    fn every_spelling_of_a_uuid_is_one_id() {
        let spellings = include_str!("../tests/cases/16-intent-spellings.txt");
        let others = [
            "{0BAF707D-FB13-49EB-95F9-4875F222E753}",
            "{0baf707dfb1349eb95f94875f222e753}",
            "(0baf707d-fb13-49eb-95f9-4875f222e753)",
            "urn:uuid:0baf707d-fb13-49eb-95f9-4875f222e753",
            "URN:UUID:0BAF707D-FB13-49EB-95F9-4875F222E753",
            "\"0baf707d-fb13-49eb-95f9-4875f222e753\"",
            " \u{FEFF}0baf707d-fb13-49eb-95f9-4875f222e753\u{200E}\r\n",
            "0BaF707d-fB13-49eB-95F9-4875f222E753",
            "0baf707d\u{2011}fb13\u{2011}49eb\u{2011}95f9\u{2011}4875f222e753",
            "\u{FF10}baf707d-fb13-49eb-95f9-4875f222e753",
        ];
        for spelling in spellings.lines().chain(others) {
            let id = IntentId::parse(spelling).unwrap();
            assert_eq!((id.as_str(), id.is_uuid()), (UUID, true), "{spelling}");
        }
    }

    #[test]
    fn what_is_no_uuid_stays_as_it_is() {
        for text in
            ["Renewal-2027-03", "0baf707dfb1349eb95f94875f222e75", "0baf-707dfb1349eb95f94875f222e753"]
        {
            let id = IntentId::parse(text).unwrap();
            assert_eq!((id.as_str(), id.is_uuid()), (text, false));
        }
        for text in
            ["", "short", "has space in it", "{renewal-1}", "ünïcode-id", &"x".repeat(65), &" ".repeat(500)]
        {
            assert_eq!(IntentId::parse(text), Err(ErrorCode::IntentMalformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,80}") {
            let _ = IntentId::parse(&text);
        }

        #[test]
        fn a_uuid_has_one_spelling(number: u128, capitals: bool, dashes: bool, braces: bool) {
            let plain = format!("{number:032x}");
            let dashed = format!("{}-{}-{}-{}-{}", &plain[..8], &plain[8..12], &plain[12..16], &plain[16..20], &plain[20..]);
            let mut spelled = if dashes { dashed.clone() } else { plain };
            if capitals { spelled = spelled.to_uppercase(); }
            if braces { spelled = format!("{{{spelled}}}"); }
            let id = IntentId::parse(&spelled).unwrap();
            prop_assert_eq!(id.as_str(), dashed.as_str());
            prop_assert_eq!(IntentId::parse(id.as_str()), Ok(id));
        }
    }
}
