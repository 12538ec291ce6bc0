//! Connections as a file for another computer: no secrets, and nothing that is there is changed by it.

use domain::{
    CaChoice, ClientCertificate, Connection, ConnectionForm, ErrorCode, Field, Problem, clipped, joined,
    visible,
};
use pam360::Trust;
use serde::{Deserialize, Serialize};

use super::one_connection::{Held, new_id};
use super::settings::MAX_CONNECTIONS;
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{export_connections, import_connections};

/// What the file says of itself.
const FORMAT: &str = "csr-desk-connections";
const VERSION: u32 = 1;
/// The largest file that is read, in bytes; the gateway takes less in one call.
const MAX_BYTES: usize = 8 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct File {
    format: String,
    version: u32,
    connections: Vec<ConnectionForm>,
}

impl Desk {
    /// All saved connections as a file. A CA that was chosen as a text is in it: the other computer needs it.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn export_connections(
        &self,
        _: export_connections::Request,
    ) -> Result<export_connections::Response, Failure> {
        let connections =
            self.session().held.iter().filter(|it| it.is_saved()).map(|it| it.stored().form).collect();
        let file = File { format: FORMAT.to_owned(), version: VERSION, connections };
        let text = serde_json::to_string_pretty(&file)
            .map_err(|error| Failure::because(ErrorCode::Internal, error))?;
        let file_name = format!("csrdesk-connections-{}.json", self.shared.host.now().date());
        Ok(export_connections::Response { file_name, text: text + "\n" })
    }

    /// Adds the connections of such a file, each under a name of its own.
    ///
    /// # Errors
    /// [`ErrorCode::ConnectionsUnreadable`]: it is no such file, or one of a newer version.
    pub async fn import_connections(
        &self,
        request: import_connections::Request,
    ) -> Result<import_connections::Response, Failure> {
        let unreadable = |detail: &str| Failure::because(ErrorCode::ConnectionsUnreadable, detail);
        if request.text.len() > MAX_BYTES {
            return Err(unreadable("it is larger than 8 MiB"));
        }
        // serde's words quote what they stumble over: only the place is told.
        let file: File = serde_json::from_str(&request.text)
            .map_err(|error| unreadable(&format!("line {}, column {}", error.line(), error.column())))?;
        if file.format != FORMAT || file.version != VERSION {
            return Err(unreadable("its format or version is another one"));
        }
        if file.connections.len() > MAX_CONNECTIONS {
            return Err(unreadable("it holds more than 100 connections"));
        }
        let mut answer = import_connections::Response {
            added: Vec::new(),
            known: Vec::new(),
            refused: Vec::new(),
            not_saved: None,
        };
        for form in file.connections {
            let called = clipped(&visible(if form.name.is_empty() { &form.server } else { &form.name }), 80);
            let mut connection = match form.check() {
                Ok(connection) if reaches_out(&connection) => {
                    answer.refused.push((called, "It names a file on another computer.".to_owned()));
                    continue;
                }
                Ok(connection) => connection,
                Err(problems) => {
                    answer.refused.push((called, joined(&problems)));
                    continue;
                }
            };
            if let Some(problem) = enclosed_ca_problem(connection.ca.clone()).await? {
                answer.refused.push((called, problem.to_string()));
                continue;
            }
            if self.session().held.iter().any(|it| it.connection == connection) {
                answer.known.push(called);
                continue;
            }
            let id = new_id();
            connection.name = self.free_name(&connection.name, &id);
            let name = connection.name.clone();
            let held = Held::saved(id, connection);
            match self.keep(held, false, "imported").await {
                Ok((_, not_saved)) => {
                    answer.added.push(name);
                    answer.not_saved = answer.not_saved.or(not_saved);
                }
                Err(failure) => answer.refused.push((called, failure.code.what().to_owned())),
            }
        }
        Ok(answer)
    }
}

/// What is wrong with a CA that is in the file itself. Paths are another matter: they may be right on another computer.
async fn enclosed_ca_problem(ca: CaChoice) -> Result<Option<Problem>, Failure> {
    if !matches!(ca, CaChoice::Pem { .. }) {
        return Ok(None);
    }
    let loaded = blocking(move || Trust::of_ca(&ca)).await?;
    Ok(loaded.err().map(|error| Problem::because(Field::CaFile, error.code, error.detail)))
}

/// Whether reading one of its files would call another computer, as paths of Windows shares do: a file of connections
/// comes from somebody else.
fn reaches_out(connection: &Connection) -> bool {
    let far = |path: &String| path.starts_with("\\\\") || path.starts_with("//");
    let ca = matches!(&connection.ca, CaChoice::File { path } if far(path));
    ca || match &connection.client_certificate {
        ClientCertificate::None => false,
        ClientCertificate::Pem { certificate, key } => far(certificate) || far(key),
        ClientCertificate::Pkcs12 { path } => far(path),
    }
}
