//! Reading foreign JSON within bounds: depth is limited, a key that stands twice in one object is noticed, and a number
//! stays as it was written.
//!
//! serde_json's own values keep the last of two equal keys, which would let an answer say both yes and no, and hold a
//! number beyond 64 bits as floating point: another serial number than the server wrote. (Its `arbitrary_precision` would
//! change how every crate of the program reads numbers.)

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep objects and arrays may be nested; the documented answer needs three levels.
const MAX_DEPTH: u32 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    List(Vec<Self>),
    /// In the order of the text.
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(rows) => Some(rows),
            _ => None,
        }
    }

    /// The value with each text and each name of a field replaced.
    pub(crate) fn with_texts(self, replace: &impl Fn(&str) -> String) -> Self {
        match self {
            Self::Text(text) => Self::Text(replace(&text)),
            Self::List(rows) => Self::List(rows.into_iter().map(|it| it.with_texts(replace)).collect()),
            Self::Object(fields) => Self::Object(
                fields.into_iter().map(|(name, it)| (replace(&name), it.with_texts(replace))).collect(),
            ),
            plain @ (Self::Null | Self::Bool(_) | Self::Number(_)) => plain,
        }
    }

    /// The fields of an object; none for anything else.
    pub(crate) fn fields(&self) -> &[(String, Self)] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }
}

/// Why a text is not taken as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// One object holds a key twice.
    DuplicateKey,
    /// It is not JSON.
    NotJson,
    /// It is nested too deeply.
    TooDeep,
}

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Json, JsonFault> {
    if is_too_deep(text) {
        return Err(JsonFault::TooDeep);
    }
    let whole: &RawValue = serde_json::from_str(text).map_err(|_| JsonFault::NotJson)?;
    value(whole)
}

/// Whether brackets outside of texts nest too deeply. Looked at first, so that what follows may go down level by level.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn value(raw: &RawValue) -> Result<Json, JsonFault> {
    let text = raw.get();
    let wrong = |_| JsonFault::NotJson;
    Ok(match text.bytes().next() {
        Some(b'{') => {
            let Fields(fields) = serde_json::from_str(text).map_err(wrong)?;
            let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err(JsonFault::DuplicateKey);
            }
            let read = fields.into_iter().map(|(name, raw)| Ok((name, value(raw)?)));
            Json::Object(read.collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let rows: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
            Json::List(rows.into_iter().map(value).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::Text(serde_json::from_str(text).map_err(wrong)?),
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(text.to_owned()),
    })
}

/// The fields of an object with their values unread.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The same as serde_json reads it, numbers as they are written there.
    fn plain(value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(it) => Json::Bool(*it),
            Value::Number(it) => Json::Number(it.to_string()),
            Value::String(it) => Json::Text(it.clone()),
            Value::Array(rows) => Json::List(rows.iter().map(plain).collect()),
            Value::Object(fields) => {
                Json::Object(fields.iter().map(|(name, it)| (name.clone(), plain(it))).collect())
            }
        }
    }

    #[test]
    fn bounds_are_told_apart_from_bad_json() {
        let read = parse(r#"{"a":[1,-2,2.50,null,true,"x\n"]}"#).unwrap();
        let rows = read.fields()[0].1.as_list().unwrap();
        assert_eq!(rows[2], Json::Number("2.50".into()));
        assert_eq!(rows[5].as_text(), Some("x\n"));
        assert_eq!(parse(&"[".repeat(10_000)), Err(JsonFault::TooDeep));
        assert_eq!(parse(&"{\"a\":".repeat(33)), Err(JsonFault::TooDeep));
        assert_eq!(
            parse(r#"{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[["}"#).unwrap().fields().len(),
            1
        );
        for twice in [
            r#"{"status":"Success","status":"Failed"}"#,
            r#"{"a":[{"b":1,"c":2,"b":3}]}"#,
            r#"{"status":1,"\u0073tatus":2}"#,
        ] {
            assert_eq!(parse(twice), Err(JsonFault::DuplicateKey), "{twice}");
        }
        for text in ["", "<html>", "{} {}", "{\"a\":", "nul", "01", "1.", "\"a\nb\"", "{\"a\":tru}"] {
            assert_eq!(parse(text), Err(JsonFault::NotJson), "{text}");
        }
    }

    #[test]
    fn a_number_of_any_size_stays_as_it_was_written() {
        for number in
            ["243423423423423423423423423423423423", "12345678901234567890123", "1e400", "1.50", "-0"]
        {
            assert_eq!(parse(number), Ok(Json::Number(number.into())));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[\\[\\]{}\":,0-9a-z.\\\\-]{0,64}") {
            // Where both read the text, they agree, but for how a number is written.
            if let (Ok(read), Ok(expected)) = (parse(&text), serde_json::from_str::<Value>(&text))
                && !text.contains(['.', 'e', '-']) && !text.bytes().any(|b| b.is_ascii_digit())
            {
                let mut read = read;
                if let Json::Object(fields) = &mut read { fields.sort_by(|a, b| a.0.cmp(&b.0)); }
                if let Json::Object(_) = plain(&expected) { prop_assert_eq!(read, plain(&expected)); }
            }
        }
    }
}
