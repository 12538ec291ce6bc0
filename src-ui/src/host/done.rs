//! What small actions answer, read by one reader.

use desk::commands::{Preferences, Shown};
use domain::ErrorCode;
use serde::Deserialize;

/// The fields that the answers of small actions are made of; what an answer does not have stays empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    /// The connection as it is now.
    pub(crate) shown: Option<Shown>,
    /// Whether its secrets were forgotten, because they belonged to another server.
    pub(crate) token_forgotten: bool,
    /// Whether a token is there.
    pub(crate) token_held: Option<bool>,
    /// Why it could not be kept for the next start.
    pub(crate) not_saved: Option<ErrorCode>,
    /// Why the keychain does not keep a secret.
    pub(crate) not_kept: Option<ErrorCode>,
    /// Why the keychain may still hold a secret.
    pub(crate) not_deleted: Option<ErrorCode>,
    /// What to call a file.
    pub(crate) file_name: String,
    /// A text to hand out.
    pub(crate) text: String,
    /// Connections that were added.
    pub(crate) added: Vec<String>,
    /// Connections that were here already.
    pub(crate) known: Vec<String>,
    /// Connections that cannot be used, and why.
    pub(crate) refused: Vec<(String, String)>,
    /// What is preferred now.
    pub(crate) preferences: Option<Preferences>,
}

#[cfg(test)]
mod tests {
    use desk::commands::{
        duplicate_connection, export_connections, forget_token, import_connections, save_connection,
        set_preferences, unlock,
    };
    use serde::Serialize;

    use super::*;

    fn done(answer: &impl Serialize) -> Done {
        crate::host::read(&serde_json::to_string(answer).unwrap()).unwrap()
    }

    fn shown() -> Shown {
        let connection = r#"{"id":"a","connection":{"name":"A","environment":"test","server":"https://h:1",
            "organization":null,"ca":"system","system_too":false,"pin":null,"client_certificate":"none",
            "proxy":"system","timeout_seconds":60,"csr_list":null,"token_expires":null},
            "saved":true,"token":null,"secrets":[]}"#;
        serde_json::from_str(connection).unwrap()
    }

    #[test]
    fn every_answer_of_a_small_action_is_read() {
        let not_saved = Some(ErrorCode::SettingsUnwritable);
        let saved = done(&save_connection::Response { shown: shown(), token_forgotten: true, not_saved });
        assert_eq!((saved.shown, saved.token_forgotten, saved.not_saved), (Some(shown()), true, not_saved));
        let copied = done(&duplicate_connection::Response { shown: shown(), not_saved });
        assert_eq!((copied.shown, copied.not_saved), (Some(shown()), not_saved));
        let file = done(&export_connections::Response { file_name: "f".into(), text: "t".into() });
        assert_eq!((file.file_name.as_str(), file.text.as_str()), ("f", "t"));
        let refused = vec![("c".to_owned(), "why".to_owned())];
        let read = done(&import_connections::Response {
            added: vec!["a".into()],
            known: vec!["b".into()],
            refused: refused.clone(),
            not_saved,
        });
        assert_eq!((read.added.len(), read.known.len(), read.refused), (1, 1, refused));
        assert_eq!(done(&forget_token::Response { not_deleted: not_saved }).not_deleted, not_saved);
        assert_eq!(done(&unlock::Response { token_held: true }).token_held, Some(true));
        let preferences = Preferences::default();
        assert_eq!(done(&set_preferences::Response { preferences }).preferences, Some(preferences));
    }
}
