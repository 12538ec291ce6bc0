//! A stand-in of a test's own, and the client's side of it.

use std::time::Duration;

use domain::{BaseUrl, CaChoice, Ending, SignForm, SignRequest, Timestamp};
use pam360::{ConnectFailure, Endpoint, Proxy, Trust};
use secrets::AuthToken;
use standin::{Builder, Standin};

use crate::pki;

/// Longer than any answer that comes at all.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);

/// Deletes its folder when dropped, after the stand-in.
pub(crate) struct World {
    pub(crate) standin: Standin,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn start(settings: impl FnOnce(Builder) -> Builder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let standin =
            settings(Standin::builder(folder.path()).clock(|| pki::NOW_MILLIS)).start().await.unwrap();
        Self { standin, _folder: folder }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        let path = self.standin.ca_file().display().to_string();
        let trust = pki::timed(Trust::of_ca(&CaChoice::File { path }).unwrap());
        Endpoint::new(self.address(), trust, Proxy::none())
    }

    pub(crate) fn address(&self) -> BaseUrl {
        BaseUrl::parse(self.standin.url()).unwrap()
    }

    pub(crate) fn token(&self) -> AuthToken {
        token(self.standin.token())
    }

    pub(crate) fn request(&self, csr_id: u64) -> SignRequest {
        let root = &self.standin.roots()[0];
        let form = SignForm {
            sign_type: "signWithRoot".into(),
            root_common_name: root.common_name.clone(),
            root_serial_number: root.serial_number.to_uppercase(),
            validity_days: "100".into(),
            intermediate: false,
            csr_id: csr_id.to_string(),
            organization: String::new(),
        };
        form.check(Timestamp::from_millis(0)).unwrap()
    }

    pub(crate) async fn sign(&self, csr_id: u64, limit: Duration) -> Result<Ending, ConnectFailure> {
        let session = self.endpoint().connect(PATIENT).await?;
        Ok(session.sign(&self.token(), &self.request(csr_id), limit).await)
    }
}

pub(crate) fn token(text: &str) -> AuthToken {
    AuthToken::parse(text.to_owned().into()).unwrap()
}
