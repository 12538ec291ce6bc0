//! Setting the server and the token, and saying what is held.

use domain::{CaChoice, Connection, ErrorCode, Field, HistoryFilter, Problem};
use journal::Plain;
use secrets::AuthToken;

use super::{Desk, blocking, saved};
use crate::Failure;
use crate::commands::{forget_token, provide_token, set_connection, status};

impl Desk {
    /// What the desk holds.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn status(&self, _: status::Request) -> Result<status::Response, Failure> {
        let desk = self.clone();
        let (journal_problem, unsettled) = blocking(move || {
            let waiting = HistoryFilter { unsettled: true, ..HistoryFilter::default() };
            match desk.journal().and_then(|journal| journal.count(&waiting)) {
                Ok(unsettled) => (None, unsettled),
                Err(error) => (Some(error.to_string()), 0),
            }
        })
        .await?;
        let session = self.session().clone();
        Ok(status::Response {
            connection: session.connection.map(shown),
            token_held: session.token.is_some(),
            data_dir: self.shared.data_dir.display().to_string(),
            journal_problem,
            journal_notes: super::locked(&self.shared.journal_notes).clone(),
            unsettled,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now: self.shared.host.now(),
        })
    }

    /// Checks and sets the connection, and saves it for the next start. A token held for another server is forgotten.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems, those of the CA file included.
    pub async fn set_connection(
        &self,
        request: set_connection::Request,
    ) -> Result<set_connection::Response, Failure> {
        let mut connection = request.form.check().map_err(Failure::invalid)?;
        self.keep_chosen_ca(&mut connection);
        self.trust(&connection.ca).await.map_err(|error| Failure {
            detail: Some(error.detail),
            ..Failure::invalid(vec![Problem::new(Field::CaFile, error.code)])
        })?;

        let token_forgotten = {
            let mut session = self.session();
            let same_server = session.connection.as_ref().is_some_and(|old| old.server == connection.server);
            session.connection = Some(connection.clone());
            !same_server && session.token.take().is_some()
        };
        let (desk, saving, at) = (self.clone(), connection.clone(), self.shared.host.now());
        let not_saved = blocking(move || {
            // What was trusted, and when, belongs to the story of a signing. A record that cannot be written says so itself.
            let body = serde_json::json!({ "server": saving.server, "organization": saving.organization, "ca": shown(saving.clone()).ca });
            let _ = desk.journal().and_then(|it| it.record(Plain::ConnectionChanged, at, &body));
            saved::write(&desk.shared.data_dir, &saving)
        })
        .await?;
        Ok(set_connection::Response {
            connection: shown(connection),
            token_forgotten,
            not_saved: not_saved.err().map(|_| ErrorCode::SettingsUnwritable),
        })
    }

    /// Holds a token until the program ends.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with the problem of the token.
    pub async fn provide_token(
        &self,
        request: provide_token::Request,
    ) -> Result<provide_token::Response, Failure> {
        let token = AuthToken::parse(request.token)
            .map_err(|code| Failure::invalid(vec![Problem::new(Field::Token, code)]))?;
        self.session().token = Some(token);
        Ok(provide_token::Response {})
    }

    /// Forgets the token; its memory is overwritten.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn forget_token(&self, _: forget_token::Request) -> Result<forget_token::Response, Failure> {
        self.session().token = None;
        Ok(forget_token::Response {})
    }

    /// A page that was told a chosen CA by name only sends that name back with no text: it means the one held.
    fn keep_chosen_ca(&self, connection: &mut Connection) {
        let CaChoice::Pem { name, text } = &mut connection.ca else { return };
        if !text.is_empty() {
            return;
        }
        let session = self.session();
        if let Some(CaChoice::Pem { name: held_name, text: held }) =
            session.connection.as_ref().map(|it| &it.ca)
            && held_name == name
        {
            held.clone_into(text);
        }
    }
}

/// The connection as the page needs it: a chosen CA by its name, without its text.
fn shown(mut connection: Connection) -> Connection {
    if let CaChoice::Pem { text, .. } = &mut connection.ca {
        text.clear();
    }
    connection
}
