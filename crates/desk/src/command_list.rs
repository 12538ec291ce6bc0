//! The one list of commands, from which registration, capabilities, routes and the page's calls are derived.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::commands;

/// Whether a command only looks, or changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Changes something here or on the server; may not be repeated by a host.
    Action,
    /// Changes nothing.
    Query,
}

/// One row of the list.
#[derive(Clone, Copy, Debug)]
pub struct CommandInfo {
    /// The name in `snake_case`: Tauri's command, and the last segment of the gateway's route.
    pub name: &'static str,
    /// Whether it changes something.
    pub kind: Kind,
}

/// Whether a call does not mean that somebody is there, so that it puts off no lock and no end of a session: the page says
/// that nobody asked for it (`automatic`), or it is one that a page makes by itself alone.
#[must_use]
pub fn is_automatic(command: &str, automatic: bool) -> bool {
    automatic || matches!(command, "status" | "quick_status" | "connections" | "signing")
}

/// The variable of the page in which a host that can leaves the answer to [`commands::quick_status`] before the page is
/// loaded, as JSON.
pub const KNOWN_AT_START: &str = "csrdeskKnownAtStart";

/// A command as a caller sees it. Requests are not bound to be serializable: the one that carries the token is not.
pub trait Command {
    /// Its row in the list.
    const INFO: CommandInfo;
    /// What the caller sends.
    type Request: DeserializeOwned;
    /// What comes back.
    type Response: Serialize + DeserializeOwned;
}

/// Expands `$callback! { name Kind Marker; … }` over the whole list.
///
/// This is the only place where a command is listed. Adding one here without a handler does not compile.
#[macro_export]
macro_rules! for_each_command {
    ($callback:path) => {
        $callback! {
            status Query Status;
            quick_status Query QuickStatus;
            connections Query Connections;
            save_connection Action SaveConnection;
            use_connection Action UseConnection;
            duplicate_connection Action DuplicateConnection;
            remove_connection Action RemoveConnection;
            restore_connection Action RestoreConnection;
            export_connections Query ExportConnections;
            import_connections Action ImportConnections;
            ca_certificates Query CaCertificates;
            trust_ca Action TrustCa;
            trust_certificate Action TrustCertificate;
            provide_token Action ProvideToken;
            forget_token Action ForgetToken;
            provide_secret Action ProvideSecret;
            forget_secret Action ForgetSecret;
            lock Action Lock;
            unlock Action Unlock;
            set_preferences Action SetPreferences;
            diagnostics Query Diagnostics;
            test_connection Query TestConnection;
            review Query Review;
            sign Action Sign;
            signing Query Signing;
            history Query History;
            entry Query OneEntry;
            look_for Action LookFor;
            decide Action Decide;
            annotate Action Annotate;
            export Action Export;
            open_export_folder Action OpenExportFolder;
            verify_journal Query VerifyJournal;
            acknowledge Action Acknowledge;
        }
    };
}

macro_rules! list {
    ($($name:ident $kind:ident $marker:ident;)+) => {
        /// Every command there is.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo { name: stringify!($name), kind: Kind::$kind },)+];

        $(impl Command for commands::$name::$marker {
            const INFO: CommandInfo = CommandInfo { name: stringify!($name), kind: Kind::$kind };
            type Request = commands::$name::Request;
            type Response = commands::$name::Response;
        })+
    };
}
for_each_command!(list);
