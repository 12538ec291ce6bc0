//! Reading foreign JSON within bounds: depth is limited, and a key that stands twice in one object is noticed.
//!
//! serde_json alone keeps the last of two equal keys, which would let an answer say both yes and no.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep objects and arrays may be nested; the documented answer needs three levels.
const MAX_DEPTH: u32 = 32;

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

const TOO_DEEP: &str = "nested too deeply";
const DUPLICATE: &str = "duplicate key";

/// Parses a whole text.
pub(crate) fn parse(text: &str) -> Result<Value, JsonFault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Bounded { depth: 0 }.deserialize(&mut reader).map_err(|error| {
        // Our own words come back with a position appended.
        let words = error.to_string();
        match () {
            () if words.starts_with(TOO_DEEP) => JsonFault::TooDeep,
            () if words.starts_with(DUPLICATE) => JsonFault::DuplicateKey,
            () => JsonFault::NotJson,
        }
    })?;
    reader.end().map_err(|_| JsonFault::NotJson)?;
    Ok(value)
}

struct Bounded {
    depth: u32,
}

impl Bounded {
    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH { Err(E::custom(TOO_DEEP)) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for Bounded {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = rows.next_element_seed(self.deeper()?)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(self.deeper()?)?;
            if values.insert(key, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bounds_are_told_apart_from_bad_json() {
        assert_eq!(parse(r#"{"a":[1,-2,2.5,null,true,"x"]}"#).unwrap()["a"][1], -2);
        assert_eq!(parse(&"[".repeat(10_000)), Err(JsonFault::TooDeep));
        assert_eq!(parse(&"{\"a\":".repeat(33)), Err(JsonFault::TooDeep));
        assert_eq!(parse(r#"{"status":"Success","status":"Failed"}"#), Err(JsonFault::DuplicateKey));
        for text in ["", "<html>", "{} {}", "{\"a\":", "nul"] {
            assert_eq!(parse(text), Err(JsonFault::NotJson), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[\\[\\]{}\":,0-9a-z.\\\\-]{0,64}") {
            // Where both read the text, they agree.
            if let Ok(value) = parse(&text) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
            }
        }
    }
}
