//! The options. Fields stay text here: the desk checks them all, so that every problem is named at once.

mod connections;
#[cfg(test)]
mod examples;
mod notes;
mod record;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use desk::{Desk, StartOptions};
use domain::{Field, FieldRemark, SignForm};
use gateway::ProxyOrigin;
use zeroize::Zeroizing;

use self::notes::{EVIDENCE_NOTES, EXAMPLES, HISTORY_NOTES, SIGN_NOTES, VERIFY_NOTES, WITH_TOKEN};
use crate::{layout, out};

pub(crate) use connections::{
    ConnectionFields, Connections, ConnectionsTask, Secret, SecretName, SecretTask, TrustCa, WithConnection,
};
pub(crate) use record::{
    Evidence, ExportJournal, History, Note, OneEntry, Place, Reconcile, RecordKey, VerifyEvidence,
    VerifyJournal, WrongValue,
};

/// Signs certificate signing requests through ManageEngine PAM360: once, recorded, and over verified TLS.
#[derive(Parser)]
#[command(name = "csrdesk", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
    /// The data folder that the task was given, whichever it is.
    #[arg(skip)]
    pub(crate) data_dir: Option<PathBuf>,
}

impl Arguments {
    /// The command line of this run, with help as wide as other prose.
    pub(crate) fn of_this_run() -> Result<Self, clap::Error> {
        let matches = Self::described().term_width(layout::width()).try_get_matches()?;
        Ok(Self { data_dir: data_dir(&matches), ..Self::from_arg_matches(&matches)? })
    }

    /// The command line with each task's own help. The shared text of `--connection` names the connection used last as the
    /// default, which a signing never uses.
    fn described() -> Command {
        let named = |it: Command, help: &'static str| it.mut_arg("connection", |it| it.help(help));
        let tasks = ["test-connection", "reconcile", "evidence", "serve"];
        let command = Self::command().mut_subcommand("sign", |it| named(it, "Saved connection, by its name"));
        tasks.into_iter().fold(command, |it, task| it.mut_subcommand(task, |it| named(it, WITH_TOKEN)))
    }
}

/// The folder that was given to a task, or to a task of it.
fn data_dir(matches: &ArgMatches) -> Option<PathBuf> {
    // A task without the option is no error: it may have tasks with it.
    let own = matches.try_get_one::<PathBuf>("data_dir").ok().flatten();
    own.cloned().or_else(|| data_dir(matches.subcommand()?.1))
}

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Show the saved connections, make and change them, hand them on
    Connections(Connections),
    /// Print what helps somebody to help: versions, settings, the last lines of the log; no secrets
    Diagnostics(Diagnostics),
    /// Show one entry of the record with its events
    Entry(OneEntry),
    /// Write the evidence of one signing to a file that can be checked elsewhere
    Evidence(Evidence),
    /// Write the whole record to a file that can be checked elsewhere
    ExportJournal(ExportJournal),
    /// List past signings, newest first
    #[command(after_help = HISTORY_NOTES)]
    History(History),
    /// Put a note and a ticket beside a signing
    Note(Note),
    /// Look for the certificate of a signing whose outcome is unknown, and record what was found out
    Reconcile(Reconcile),
    /// Say where the key is that signs the record, or move it; it stays the same key
    RecordKey(RecordKey),
    /// Show the exact request that `sign` would send; sends nothing
    Review(Review),
    /// Keep the token or another secret of a saved connection in this computer's keychain, or forget it
    Secret(Secret),
    /// Serve the page to a browser on this computer
    Serve(Serve),
    /// Sign one CSR; cannot be undone
    #[command(after_help = SIGN_NOTES)]
    Sign(Sign),
    /// Look step by step whether the server can be reached and accepts the token; changes nothing there
    TestConnection(TestConnection),
    /// Trust a CA that the server presents, once its fingerprint was learned another way
    TrustCa(TrustCa),
    /// Check evidence: whether it was altered, and whether the certificate is what was asked for
    #[command(after_help = EVIDENCE_NOTES)]
    VerifyEvidence(VerifyEvidence),
    /// Verify the audit chain of the whole history
    #[command(after_help = VERIFY_NOTES)]
    VerifyJournal(VerifyJournal),
}

/// Which server, and where everything is stored: the options that the window has as well.
#[derive(Args)]
pub(crate) struct Target {
    #[command(flatten)]
    start: StartOptions,
}

impl Target {
    /// Whether the saved connection is used as it is, its organization included.
    pub(crate) fn is_saved(&self) -> bool {
        self.start.server.is_none() && self.start.organization.is_none()
    }

    /// Whether it is said which server is meant, rather than left to what was used last.
    pub(crate) fn names_a_server(&self) -> bool {
        self.start.names_a_server()
    }

    /// The same choice as options of another command, each with a space in front, ready to copy.
    pub(crate) fn repeated(&self) -> String {
        let given = [
            ("connection", &self.start.connection),
            ("server", &self.start.server),
            ("ca-file", &self.start.ca_file),
            ("exact-certificate", &self.start.exact_certificate),
            ("org", &self.start.organization),
            ("timeout", &self.start.timeout),
            ("http-version", &self.start.http_version),
        ];
        let options = given
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|it| format!(" --{name} {}", layout::quoted(it))));
        options.collect::<String>() + &in_folder(self.start.data_dir.as_deref())
    }

    /// How a command that changes this connection names it.
    pub(crate) fn next(&self) -> Next {
        let next = Next {
            options: self.start.server.is_none().then(|| self.repeated_folder()),
            name: "NAME".to_owned(),
            folder: self.repeated_folder(),
        };
        match &self.start.connection {
            Some(name) => next.naming(name),
            None => next,
        }
    }

    /// The folder alone as an option of another command.
    pub(crate) fn repeated_folder(&self) -> String {
        in_folder(self.start.data_dir.as_deref())
    }

    /// The organization for the signing form.
    fn organization(&self) -> String {
        self.start.organization.clone().unwrap_or_default()
    }

    /// What there is to say about the values that were given.
    pub(crate) fn remarks(&self) -> Vec<FieldRemark> {
        let given = [
            (Field::Server, &self.start.server),
            (Field::CaFile, &self.start.ca_file),
            (Field::ExactCertificate, &self.start.exact_certificate),
            (Field::Organization, &self.start.organization),
            (Field::Timeout, &self.start.timeout),
            (Field::HttpVersion, &self.start.http_version),
        ];
        let of = |(field, text): (Field, &Option<String>)| {
            text.as_deref().map(|it| FieldRemark::of(field, it)).unwrap_or_default()
        };
        given.into_iter().flat_map(of).collect()
    }

    /// What a desk starts with.
    pub(crate) fn options(self, token: Option<Zeroizing<String>>) -> StartOptions {
        StartOptions { token, ..self.start }
    }

    /// The same with a token from outside, which is left aside in words where no server is named.
    pub(crate) fn options_where_named(self, token: Option<Zeroizing<String>>) -> StartOptions {
        let (options, left_aside) = self.start.with_token(token);
        if left_aside {
            out::note(desk::TOKEN_NOT_USED);
        }
        options
    }
}

/// What a command that changes a connection is given.
pub(crate) struct Next {
    /// The connection and the data folder as options; none when a server was given in place of a connection.
    pub(crate) options: Option<String>,
    /// The connection by its name; a word to replace when none was named.
    pub(crate) name: String,
    /// The data folder as an option.
    pub(crate) folder: String,
}

impl Next {
    fn naming(self, connection: &str) -> Self {
        let name = layout::quoted(connection);
        let options = self.options.map(|_| format!(" --connection {name}{}", self.folder));
        Self { options, name, ..self }
    }

    /// The same with the saved connection that is used, where nobody named one: another program may change which it is.
    pub(crate) fn of_used(self, desk: &Desk) -> Self {
        match desk.in_use().filter(|it| it.saved && self.options.is_some()) {
            Some(used) => self.naming(&used.connection.name),
            None => self,
        }
    }
}

/// A data folder that was named, as an option of another command with a space in front.
pub(crate) fn in_folder(folder: Option<&Path>) -> String {
    folder.map(|it| format!(" --data-dir {}", layout::quoted(&it.display().to_string()))).unwrap_or_default()
}

/// The fields of the vendor's call.
#[derive(Args)]
pub(crate) struct Fields {
    /// Who signs: signWithRoot or MSCA
    #[arg(long, value_name = "TYPE", default_value = "", hide_default_value = true)]
    sign_type: String,
    /// Common name of the root or intermediate certificate that signs
    #[arg(long, value_name = "CN", default_value = "", hide_default_value = true)]
    root_cn: String,
    /// Serial number of that certificate, hexadecimal in any spelling
    #[arg(long, value_name = "HEX", default_value = "", hide_default_value = true)]
    root_serial: String,
    /// Validity in days, from 1
    #[arg(long, value_name = "N", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    validity_days: String,
    /// Make the certificate an intermediate CA, which can itself issue certificates
    #[arg(long)]
    intermediate: bool,
    /// Id under which PAM360 stores the CSR
    #[arg(
        long,
        value_name = "ID",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    csr_id: String,
}

impl Fields {
    /// The fields that were given as options of another command, each with a space in front, ready to copy.
    pub(crate) fn repeated(&self) -> String {
        let given = [
            ("sign-type", &self.sign_type),
            ("root-cn", &self.root_cn),
            ("root-serial", &self.root_serial),
            ("validity-days", &self.validity_days),
            ("csr-id", &self.csr_id),
        ];
        let given = given.into_iter().filter(|(_, value)| !value.is_empty());
        let options = given.map(|(name, value)| format!(" --{name} {}", layout::quoted(value)));
        options.collect::<String>() + if self.intermediate { " --intermediate" } else { "" }
    }

    pub(crate) fn form(self, target: &Target) -> SignForm {
        SignForm {
            sign_type: self.sign_type,
            root_common_name: self.root_cn,
            root_serial_number: self.root_serial,
            validity_days: self.validity_days,
            intermediate: self.intermediate,
            csr_id: self.csr_id,
            organization: target.organization(),
        }
    }
}

#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Why it is signed although the record says that it was signed, is unknown or under way; goes on record
    #[arg(long, value_name = "REASON")]
    pub(crate) again: Option<String>,
    /// Id of this decision to sign (a UUID): run twice with the same id, it is sent once
    #[arg(long, value_name = "UUID")]
    pub(crate) intent: Option<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) fields: Fields,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct TestConnection {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Diagnostics {
    #[command(flatten)]
    pub(crate) target: Target,
}

#[derive(Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Address to listen on; one beyond loopback needs --behind-proxy
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) listen: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Origin under which a reverse proxy of yours serves the page over HTTPS, https://name[:port]; the risk is in the guide
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) behind_proxy: Option<ProxyOrigin>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_folder_is_known_whichever_task_has_it() {
        let folder = |line: &str| {
            let matches = Arguments::described().try_get_matches_from(line.split(' ')).unwrap();
            data_dir(&matches).map(|it| it.display().to_string())
        };
        for line in [
            "csrdesk history",
            "csrdesk review",
            "csrdesk verify-journal",
            "csrdesk connections",
            "csrdesk connections use x",
            "csrdesk secret save token",
            "csrdesk record-key",
            "csrdesk entry 1",
        ] {
            assert_eq!(folder(line), None, "{line}");
            assert_eq!(folder(&format!("{line} --data-dir /d")).as_deref(), Some("/d"), "{line}");
        }
        assert_eq!(folder("csrdesk verify-evidence x"), None);
    }

    #[test]
    fn only_the_tasks_that_use_the_connection_used_last_offer_it() {
        let command = Arguments::described();
        let offers = |task: &str| {
            let task = command.find_subcommand(task).unwrap();
            let option = task.get_arguments().find(|it| it.get_id() == "connection").unwrap();
            option.get_help().unwrap().to_string().contains("used last")
        };
        assert!(!offers("sign"));
        for task in ["review", "test-connection", "serve", "reconcile", "diagnostics", "trust-ca", "evidence"]
        {
            assert!(offers(task), "{task}");
        }
    }
}
