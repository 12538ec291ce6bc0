//! A stand-in and a data folder of one test's own.

use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;
use standin::{Builder, Standin};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::process::Command;

use crate::program;

/// Both end with the test.
pub struct World {
    /// The server.
    pub standin: Standin,
    folder: tempfile::TempDir,
    clock: Option<String>,
}

impl World {
    /// With a server as it comes.
    pub async fn new() -> Self {
        Self::with(|it| it).await
    }

    /// With a server of certain settings.
    ///
    /// # Panics
    /// When it cannot be started.
    pub async fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let standin =
            settings(Standin::builder(folder.path().join("standin"))).start().await.expect("a server");
        Self { standin, folder, clock: None }
    }

    /// With a clock that stands still at a moment such as `2049-12-31T23:59:59Z`, for the server and for [`World::sign`]
    /// and [`World::history`].
    ///
    /// # Panics
    /// When this is not a moment.
    pub async fn at(moment: &str) -> Self {
        let millis = OffsetDateTime::parse(moment, &Rfc3339).expect("a moment").unix_timestamp() * 1_000;
        let world = Self::with(|it| it.clock(move || millis)).await;
        Self { clock: Some(moment.to_owned()), ..world }
    }

    /// `csrdesk` on this world's clock.
    pub fn terminal(&self, token: Option<&str>) -> Command {
        let mut command = program::terminal(token);
        if let Some(clock) = &self.clock {
            command.env(program::CLOCK, clock);
        }
        command
    }

    /// Where the program under test keeps its things.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// A path in this test's own folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `--server … --ca-file … --data-dir …`.
    #[must_use]
    pub fn target(&self) -> Vec<String> {
        let ca_file = self.standin.ca_file().display().to_string();
        let data_dir = self.data_dir().display().to_string();
        ["--server", self.standin.url(), "--ca-file", &ca_file, "--data-dir", &data_dir]
            .map(str::to_owned)
            .into()
    }

    /// The options of a signing that passes, for a CSR id.
    #[must_use]
    pub fn fields(&self, csr_id: u64) -> Vec<String> {
        let root = &self.standin.roots()[0];
        let csr_id = csr_id.to_string();
        let fields = [
            "--sign-type",
            "signWithRoot",
            "--root-cn",
            &root.common_name,
            "--root-serial",
            &root.serial_number,
            "--validity-days",
            "100",
            "--csr-id",
            &csr_id,
        ];
        fields.map(str::to_owned).into()
    }

    /// `csrdesk sign` with more options, to its end.
    pub async fn sign(&self, csr_id: u64, more: &[&str]) -> Output {
        let mut arguments = vec!["sign".to_owned()];
        arguments.extend(self.target());
        arguments.extend(self.fields(csr_id));
        arguments.extend(more.iter().map(|it| (*it).to_owned()));
        let mut command = self.terminal(Some(self.standin.token()));
        command.args(arguments);
        program::fed(command, b"").await
    }

    /// Signs CSR 301 and keeps the journal's file, signs CSR 302 and puts that file back: a history in which CSR 302 is missing.
    pub async fn put_back_history(&self) {
        let file = self.data_dir().join("journal.sqlite3");
        self.sign(301, &[]).await;
        let old = std::fs::read(&file).unwrap();
        self.sign(302, &[]).await;
        std::fs::write(&file, old).unwrap();
        assert_eq!(self.standin.sign_posts(), 2);
    }

    /// Puts an older file of the journal in the place of the present one, as somebody restores a backup under a program.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn restore_history(&self, old: &[u8]) {
        let restored = self.data_dir().join("restored");
        std::fs::write(&restored, old).expect("written");
        for log in ["journal.sqlite3-wal", "journal.sqlite3-shm"] {
            let _ = std::fs::remove_file(self.data_dir().join(log));
        }
        std::fs::rename(restored, self.data_dir().join("journal.sqlite3")).expect("replaced");
    }

    /// Resolves an entry with `csrdesk reconcile`, as a person who looked in the console: `decision` is `--not-there`, or
    /// `--it-is` with a serial number.
    ///
    /// # Panics
    /// When the program refuses.
    pub async fn resolve(&self, entry: u64, decision: &[&str], reason: &str) {
        let (entry, data_dir) = (entry.to_string(), self.data_dir().display().to_string());
        let given =
            ["reconcile", &entry, "--checked-in-console", "--reason", reason, "--data-dir", &data_dir];
        let mut command = self.terminal(None);
        command.args(given).args(decision);
        let done = program::fed(command, b"").await;
        assert!(done.status.success(), "{done:?}");
    }

    /// What `csrdesk reconcile` says of a search on the server.
    pub async fn find(&self, entry: u64) -> String {
        let mut command = self.terminal(Some(self.standin.token()));
        command.args(["reconcile", &entry.to_string()]).args(self.target());
        let found = program::fed(command, b"").await;
        program::unwrapped(&String::from_utf8_lossy(&found.stdout))
    }

    /// `csrdesk history --json`.
    ///
    /// # Panics
    /// When it does not print a JSON array.
    pub async fn history(&self) -> Vec<Value> {
        let data_dir = self.data_dir().display().to_string();
        let mut command = self.terminal(None);
        command.args(["history", "--json", "--data-dir", &data_dir]);
        let output = program::fed(command, b"").await;
        serde_json::from_slice(&output.stdout).expect("a JSON array")
    }

    /// Whether OpenSSL verifies the certificate that was issued last against the root that was asked for.
    ///
    /// # Panics
    /// When OpenSSL is not there, or nothing was issued.
    #[must_use]
    pub fn openssl_verifies_the_last_one(&self) -> bool {
        let issued = self.standin.issued().pop().expect("a certificate");
        let root = self.standin.root_pem(&self.standin.roots()[0].common_name).expect("a root");
        let (leaf_file, root_file) = (self.path("leaf.pem"), self.path("root.pem"));
        std::fs::write(&leaf_file, issued.pem).expect("written");
        std::fs::write(&root_file, root).expect("written");
        let mut verify = std::process::Command::new("openssl");
        verify.arg("verify");
        if let Some(clock) = &self.clock {
            let moment = OffsetDateTime::parse(clock, &Rfc3339).expect("a moment");
            verify.args(["-attime", &moment.unix_timestamp().to_string()]);
        }
        let output =
            verify.arg("-CAfile").args([&root_file, &leaf_file]).output().expect("openssl is installed");
        output.status.success()
    }
}
