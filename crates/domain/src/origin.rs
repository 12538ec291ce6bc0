//! Who caused an event of the journal: person, computer, program and token.
//!
//! Owns the form in the journal (docs/record-format.md) and the words for people. Does not find out any of it: a host does.

use serde::{Deserialize, Serialize};

use crate::visible;

/// Who caused an event, as far as the program could find out. It is what the operating system said: a person who can change
/// the program or its surroundings can change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The computer's name; empty when not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub computer: String,
    /// How the person or script used the program: `window`, `browser` or `terminal`; empty when not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The program and its version; empty when not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub program: String,
    /// What tells the token apart from another one in the same journal, in hexadecimal; none when no token was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The user of the operating system that runs the program; empty when not known.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
}

impl Origin {
    /// Whether nothing is known, as in events from before this was recorded.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// User and computer; empty when neither is known. What a person or a server could have chosen is made visible.
    #[must_use]
    pub fn who(&self) -> String {
        let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { visible(text) };
        match (self.user.is_empty(), self.computer.is_empty()) {
            (true, true) => String::new(),
            (_, true) => visible(&self.user),
            _ => format!("{} on {}", known(&self.user), visible(&self.computer)),
        }
    }

    /// Host, program and token; empty when none is known.
    #[must_use]
    pub fn how(&self) -> String {
        let token = self.token.as_deref().map(|it| format!("token fingerprint {}", visible(it)));
        let parts = [visible(&self.host), visible(&self.program), token.unwrap_or_default()];
        parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
    }

    /// One line for people; empty when nothing is known.
    #[must_use]
    pub fn says(&self) -> String {
        let parts = [self.who(), self.how()];
        parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_line_and_leaves_out_what_is_not_known() {
        let origin = Origin {
            computer: "ca-desk".into(),
            host: "terminal".into(),
            program: "csrdesk 0.1.0".into(),
            token: Some("00ff10".into()),
            user: "an\u{202e}na".into(),
        };
        assert!(!origin.says().contains('\u{202e}'), "{}", origin.says());
        let origin = Origin { user: "anna".into(), ..origin };
        assert_eq!(origin.says(), "anna on ca-desk, terminal, csrdesk 0.1.0, token fingerprint 00ff10");
        let text = r#"{"computer":"ca-desk","host":"terminal","program":"csrdesk 0.1.0","token":"00ff10","user":"anna"}"#;
        assert_eq!(serde_json::to_string(&origin).unwrap(), text);
        assert_eq!(serde_json::from_str::<Origin>(text).unwrap(), origin);
        let bare = Origin { host: "window".into(), ..Origin::default() };
        assert_eq!((bare.who(), bare.says()), (String::new(), "window".to_owned()));
        let alone = Origin { computer: "ca-desk".into(), ..Origin::default() };
        assert_eq!(alone.who(), "unknown on ca-desk");
        assert!(Origin::default().is_unknown());
        assert_eq!(serde_json::to_string(&Origin::default()).unwrap(), "{}");
    }
}
