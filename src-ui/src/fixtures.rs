//! Values that several tests of the page begin with.

use std::collections::BTreeMap;

use desk::commands::Shown;
use domain::{ConnectionForm, ConnectionId};

/// A saved connection without a token or another secret.
pub(crate) fn shown(id: ConnectionId, form: &ConnectionForm) -> Shown {
    Shown {
        id,
        connection: form.check().unwrap(),
        saved: true,
        removed: false,
        token: None,
        secrets: Vec::new(),
        secrets_since: BTreeMap::new(),
    }
}

/// A saved connection to a server.
pub(crate) fn connection(number: u128, server: &str) -> Shown {
    let form = ConnectionForm { server: server.to_owned(), ..ConnectionForm::default() };
    shown(ConnectionId::from_number(number), &form)
}
