//! Reading `INPUT_DATA`: finding it, parsing it, and taking typed values out of it. The vendor's page declares one type
//! and sends another (Validity as number and as string, isIntermediate as string, CSR_ID as string), so all of those are
//! read. Texts of refusals are (assumed).

use serde_json::{Map, Value};

use super::admission::Call;

/// The members of `operation.Details`.
#[derive(Debug, Default)]
pub(super) struct Details(Map<String, Value>);

impl Details {
    /// From the form body, else from the query. The content type is not looked at: the vendor's own cURL sample says
    /// JSON and sends a form.
    pub(super) fn of(call: &Call) -> Result<Self, String> {
        let from = |text: &[u8]| {
            form_urlencoded::parse(text)
                .find(|(key, _)| key == "INPUT_DATA")
                .map(|(_, value)| value.into_owned())
        };
        let input = from(&call.body).or_else(|| from(call.query.as_bytes()));
        Self::parse(&input.ok_or("INPUT_DATA is missing.")?)
    }

    /// Like [`Self::of`], for operations that can do without any.
    pub(super) fn of_optional(call: &Call) -> Result<Self, String> {
        if call.body.is_empty() && !call.query.contains("INPUT_DATA") {
            Ok(Self::default())
        } else {
            Self::of(call)
        }
    }

    pub(super) fn parse(input: &str) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(input).map_err(|error| format!("INPUT_DATA is not valid JSON: {error}"))?;
        match value.get("operation").and_then(|operation| operation.get("Details")) {
            Some(Value::Object(details)) => Ok(Self(details.clone())),
            _ => Err("INPUT_DATA has no operation.Details.".to_owned()),
        }
    }

    /// A string, or a number in its decimal spelling; `None` when absent, null or empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(format!("{key} must be a string.")),
        }
    }

    pub(super) fn need_text(&self, key: &str) -> Result<String, String> {
        self.text(key)?.ok_or_else(|| format!("{key} is mandatory."))
    }

    /// A number, or a string of decimal digits.
    pub(super) fn need_number(&self, key: &str) -> Result<u64, String> {
        let wrong = || format!("{key} must be a whole number.");
        match self.0.get(key) {
            Some(Value::Number(number)) => number.as_u64().ok_or_else(wrong),
            _ => {
                let text = self.need_text(key)?;
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                if digits { text.parse().map_err(|_| wrong()) } else { Err(wrong()) }
            }
        }
    }

    /// A boolean, or "true"/"false" as a string.
    pub(super) fn need_boolean(&self, key: &str) -> Result<bool, String> {
        match self.0.get(key) {
            Some(Value::Bool(value)) => Ok(*value),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
            None | Some(Value::Null) => Err(format!("{key} is mandatory.")),
            Some(_) => Err(format!("{key} must be true or false.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(members: &str) -> Details {
        Details::parse(&format!("{{\"operation\":{{\"Details\":{{{members}}}}}}}")).unwrap()
    }

    #[test]
    fn numbers_and_booleans_come_in_two_spellings() {
        let both = details(r#""a": 100, "b": "100", "c": true, "d": "False""#);
        assert_eq!((both.need_number("a"), both.need_number("b")), (Ok(100), Ok(100)));
        assert_eq!((both.need_boolean("c"), both.need_boolean("d")), (Ok(true), Ok(false)));
        assert_eq!(both.need_text("a"), Ok("100".to_owned()));
    }

    #[test]
    fn other_spellings_are_refused_in_words() {
        let wrong = details(
            r#""a": -1, "b": "+5", "c": 1, "d": "yes", "e": 1.5, "f": [], "g": null, "h": " ", "i": 99999999999999999999"#,
        );
        for key in ["a", "b", "e", "f", "g", "h", "i", "none"] {
            assert!(wrong.need_number(key).unwrap_err().starts_with(key), "{key}");
        }
        for key in ["c", "d", "f", "g", "none"] {
            assert!(wrong.need_boolean(key).is_err(), "{key}");
        }
        assert_eq!(wrong.text("g"), Ok(None));
        assert_eq!(wrong.text("h"), Ok(None));
    }

    #[test]
    fn what_is_not_input_data_is_refused() {
        let deep = "[".repeat(100_000);
        for bad in ["", "{", "[]", "{\"operation\":1}", "{\"operation\":{\"Details\":[]}}", &deep] {
            assert!(Details::parse(bad).is_err());
        }
    }
}
