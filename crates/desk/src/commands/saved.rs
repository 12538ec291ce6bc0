//! The commands about connections: several are kept, one is in use. No secret is ever in them.

use std::collections::BTreeMap;

use domain::{
    CaChoice, Connection, ConnectionForm, ConnectionId, ErrorCode, Fingerprint, PresentedCertificate,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::secrets::{SecretKind, TokenState};

/// A connection as a person sees it. A CA that was chosen as a text comes by its name only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// What tells it apart.
    pub id: ConnectionId,
    /// What it holds.
    pub connection: Connection,
    /// Whether it is kept for the next start; one that came with the program's options is not, until it is saved.
    pub saved: bool,
    /// Whether another program removed it while it is in use here: nothing is signed with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// Where its token is; none when there is none.
    pub token: Option<TokenState>,
    /// Its other secrets that are held or kept.
    pub secrets: Vec<SecretKind>,
    /// Since when it has each of them, as far as it is known: a replaced one has another time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets_since: BTreeMap<SecretKind, Timestamp>,
}

/// Which connection a command is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct One {
    /// Its id.
    pub id: ConnectionId,
}

/// A connection after a command about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The connection.
    pub shown: Shown,
    /// Why the next start will not know of it, if so.
    pub not_saved: Option<ErrorCode>,
}

/// Every connection, in the order in which they were made.
pub mod connections {
    use super::*;

    /// Asks for them.
    pub struct Connections;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// All of them.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The connections.
        pub connections: Vec<Shown>,
        /// The one in use.
        pub in_use: Option<ConnectionId>,
        /// Those that were removed not long ago and can come back: their ids and names, the latest last.
        pub removed: Vec<(ConnectionId, String)>,
    }
}

/// Makes or changes a connection. Nothing is sent to its server.
pub mod save_connection {
    use super::*;

    /// Saves it.
    pub struct SaveConnection;

    /// The connection as typed.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Which one is changed; a new one is made when absent.
        #[serde(default)]
        pub id: Option<ConnectionId>,
        /// Every field of it.
        pub form: ConnectionForm,
        /// Whether it is the one in use from now on. The only connection there is, is so either way; apart from that, saving
        /// one does not change which is in use.
        #[serde(default)]
        pub use_it: bool,
    }

    /// What was saved.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// The connection after its checks.
        pub shown: Shown,
        /// Whether its secrets were forgotten, because they belonged to another server.
        pub token_forgotten: bool,
        /// Why it could not be kept for the next start, if so.
        pub not_saved: Option<ErrorCode>,
    }
}

/// Works with another connection from now on.
pub mod use_connection {
    /// Changes over.
    pub struct UseConnection;

    pub use super::One as Request;

    pub use super::Changed as Response;
}

/// Makes a connection like another one, without its secrets.
pub mod duplicate_connection {
    /// Makes it.
    pub struct DuplicateConnection;

    pub use super::One as Request;

    pub use super::Changed as Response;
}

/// Removes a connection. It can be restored for a while; its secrets in memory are forgotten at once.
pub mod remove_connection {
    use super::*;

    /// Removes it.
    pub struct RemoveConnection;

    pub use super::One as Request;

    /// Removed.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Response {}
}

/// Brings a removed connection back.
pub mod restore_connection {
    /// Brings it back.
    pub struct RestoreConnection;

    pub use super::One as Request;

    pub use super::Changed as Response;
}

/// All saved connections as a file for another computer, without secrets.
pub mod export_connections {
    use super::*;

    /// Makes the file.
    pub struct ExportConnections;

    /// Nothing to say.
    #[derive(Clone, Debug, Default, Serialize, Deserialize)]
    pub struct Request {}

    /// The file.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// What to call it.
        pub file_name: String,
        /// Its content: JSON.
        pub text: String,
    }
}

/// Adds the connections of such a file. None that is there is changed.
pub mod import_connections {
    use super::*;

    /// Adds them.
    pub struct ImportConnections;

    /// The file.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// Its content.
        pub text: String,
    }

    /// What became of each.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// Those that were added, by their names here.
        pub added: Vec<String>,
        /// Those that are here already, the same in everything.
        pub known: Vec<String>,
        /// Those that cannot be used, and what is wrong with them.
        pub refused: Vec<(String, String)>,
        /// Why they could not be kept for the next start, if so.
        pub not_saved: Option<ErrorCode>,
    }
}

/// What a connection's CA file holds: of a file that was just chosen, and of the one that is saved.
pub mod ca_certificates {
    use super::*;

    /// Reads it.
    pub struct CaCertificates;

    /// Which file.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The connection whose chosen file is meant when the text in `ca` is empty.
        #[serde(default)]
        pub connection: Option<ConnectionId>,
        /// What is chosen.
        pub ca: CaChoice,
    }

    /// Its certificates.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Response {
        /// Each of them, in the file's order; none where no file is chosen.
        pub certificates: Vec<PresentedCertificate>,
    }
}

/// Trusts a CA that a connection's server presented at the last test, once a person compared its fingerprint.
pub mod trust_ca {
    use super::*;

    /// Trusts it.
    pub struct TrustCa;

    /// Which one, and what the server's owner said.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The connection that was tested, and that is to trust it.
        pub connection: ConnectionId,
        /// The CA that is meant, as the test showed it.
        pub shown: Fingerprint,
        /// The fingerprint that the server's owner named, as typed.
        pub told: String,
    }

    pub use super::Changed as Response;
}

/// Accepts exactly the certificate that a connection's server presented at the last test, in place of any CA, once a
/// person typed its fingerprint.
pub mod trust_certificate {
    use super::*;

    /// Accepts it.
    pub struct TrustCertificate;

    /// For which connection, and the fingerprint that the server's owner named.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    pub struct Request {
        /// The connection.
        pub connection: ConnectionId,
        /// SHA-256 of the whole certificate, as typed.
        pub sha256: String,
    }

    pub use super::Changed as Response;
}
