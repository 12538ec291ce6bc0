//! The world of one test: a stand-in, a desk and a data folder of its own, on one clock that stands still.

use secrets::Keychain;
use secrets::keychain::test_stores::Failing;

use super::*;

/// A clock that stands still, and no keychain.
pub(super) struct Frozen;

impl Host for Frozen {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_507_200_000) // 2026-11-24 08:00 UTC
    }

    fn keychain(&self) -> Keychain {
        Keychain::over(Failing(ErrorCode::KeychainAbsent))
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings::given(standin::UNRELATED_ROOT).unwrap()
    }
}

pub(super) struct World {
    pub(super) standin: Standin,
    pub(super) desk: Desk,
    pub(super) folder: tempfile::TempDir,
}

/// A stand-in in a test's folder, on the clock of the desk: in a handshake both sides read it.
pub(super) fn standin_in(folder: &tempfile::TempDir) -> standin::Builder {
    let builder = Standin::builder(folder.path().join("standin")).clock(|| Frozen.now().millis());
    // A slow answer takes a part of a second, which is enough to be seen on its way.
    builder.slow_tick(std::time::Duration::from_millis(1))
}

impl World {
    /// A desk that is connected to a stand-in of its own, through its commands alone.
    pub(super) async fn connected() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let standin = standin_in(&folder).start().await.unwrap();
        let desk = Desk::new(Frozen, folder.path().join("desk"));
        let world = Self { standin, desk, folder };
        world.save(world.connection()).await.unwrap();
        world.desk.dispatch("provide_token", json!({ "token": world.standin.token() })).await.unwrap();
        world
    }

    /// Changes the connection in use, or makes the first one.
    pub(super) async fn save(&self, form: ConnectionForm) -> Result<save_connection::Response, Failure> {
        let id = self.desk.session().in_use.clone();
        self.desk.save_connection(save_connection::Request { id, form, use_it: true }).await
    }

    pub(super) fn connection(&self) -> ConnectionForm {
        ConnectionForm {
            server: self.standin.url().into(),
            ca: CaChoice::File { path: self.standin.ca_file().display().to_string() },
            ..ConnectionForm::default()
        }
    }

    pub(super) fn form(&self, csr_id: u64) -> SignForm {
        let root = &self.standin.roots()[0];
        SignForm {
            sign_type: "signWithRoot".into(),
            root_common_name: root.common_name.clone(),
            root_serial_number: root.serial_number.clone(),
            validity_days: "100".into(),
            intermediate: false,
            csr_id: csr_id.to_string(),
            organization: String::new(),
        }
    }

    pub(super) fn signing(&self, intent: &str, csr_id: u64) -> sign::Request {
        sign::Request {
            intent: format!("intent-{intent}"),
            form: self.form(csr_id),
            again: None,
            server: None,
            connection: None,
            as_reviewed: None,
        }
    }

    pub(super) async fn history(&self) -> Vec<Entry> {
        self.desk.history(history::Request::default()).await.unwrap().entries
    }
}
