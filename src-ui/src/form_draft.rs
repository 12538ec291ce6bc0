//! A connection form as typed, and the stored connection that it was typed over. When another connection is stored meanwhile,
//! only what was typed is carried over to it: the form never brings back what somebody else has corrected.

use domain::ConnectionForm;

/// A form of a connection, and what it was before anything was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormDraft {
    /// As it is stored, as far as the page knows.
    pub(crate) before: ConnectionForm,
    /// As typed.
    pub(crate) form: ConnectionForm,
    /// Whether the stored connection changed while something was typed.
    pub(crate) changed: bool,
}

impl FormDraft {
    /// A form in which nothing is typed.
    pub(crate) fn untouched(form: ConnectionForm) -> Self {
        Self { before: form.clone(), form, changed: false }
    }

    /// Whether something is typed that is not stored.
    pub(crate) fn is_unsaved(&self) -> bool {
        self.form != self.before
    }

    /// The same over the connection as it is stored now. A field that was not typed into takes the stored value.
    pub(crate) fn over(self, stored: ConnectionForm) -> Self {
        let form = carried(&self.form, &self.before, &stored);
        // The other way round, what is stored counts where both sides differ: it shows a change that the form does not have.
        let news = carried(&stored, &self.before, &self.form) != self.form;
        let changed = self.changed || (news && self.is_unsaved());
        Self { changed: changed && form != stored, before: stored, form }
    }

    /// The same after `sent` was stored as `stored`. What was typed since it was sent stays.
    pub(crate) fn after_saving(self, sent: &ConnectionForm, stored: ConnectionForm) -> Self {
        Self { form: carried(&self.form, sent, &stored), before: stored, changed: false }
    }
}

/// Each field of `typed` that differs from `before`; the others from `stored`.
fn carried(typed: &ConnectionForm, before: &ConnectionForm, stored: &ConnectionForm) -> ConnectionForm {
    fn field<T: Clone + PartialEq>(typed: &T, before: &T, stored: &T) -> T {
        if typed == before { stored.clone() } else { typed.clone() }
    }
    // Without the rest pattern: a field that is added later does not compile until it is carried, too.
    let ConnectionForm {
        name,
        environment,
        server,
        organization,
        ca,
        system_too,
        pin,
        client_certificate,
        proxy,
        http_version,
        timeout_seconds,
        csr_list,
        token_expires,
    } = typed;
    ConnectionForm {
        name: field(name, &before.name, &stored.name),
        environment: field(environment, &before.environment, &stored.environment),
        server: field(server, &before.server, &stored.server),
        organization: field(organization, &before.organization, &stored.organization),
        ca: field(ca, &before.ca, &stored.ca),
        system_too: field(system_too, &before.system_too, &stored.system_too),
        pin: field(pin, &before.pin, &stored.pin),
        client_certificate: field(client_certificate, &before.client_certificate, &stored.client_certificate),
        proxy: field(proxy, &before.proxy, &stored.proxy),
        http_version: field(http_version, &before.http_version, &stored.http_version),
        timeout_seconds: field(timeout_seconds, &before.timeout_seconds, &stored.timeout_seconds),
        csr_list: field(csr_list, &before.csr_list, &stored.csr_list),
        token_expires: field(token_expires, &before.token_expires, &stored.token_expires),
    }
}

#[cfg(test)]
mod tests {
    use domain::CaChoice;

    use super::*;

    fn form(name: &str, server: &str, ca: &str) -> ConnectionForm {
        let ca = CaChoice::File { path: ca.to_owned() };
        ConnectionForm { name: name.to_owned(), server: server.to_owned(), ca, ..ConnectionForm::default() }
    }

    fn draft(before: ConnectionForm, form: ConnectionForm) -> FormDraft {
        FormDraft { before, form, changed: false }
    }

    #[test]
    fn only_what_was_typed_is_carried_over_to_a_connection_that_changed() {
        let typed = draft(form("X", "old", "old.pem"), form("Typed", "old", "old.pem"));
        let stored = form("X", "new", "new.pem");
        let carried = typed.clone().over(stored.clone());
        assert_eq!(carried.form, form("Typed", "new", "new.pem"));
        assert_eq!((carried.before.clone(), carried.changed), (stored.clone(), true));
        // It is said until what was typed is saved or taken back.
        assert!(carried.clone().over(stored.clone()).changed);
        assert!(!carried.over(form("Typed", "new", "new.pem")).changed);
        assert_eq!(typed.clone().over(typed.before.clone()), typed, "nothing changed");
        let untouched = FormDraft::untouched(form("X", "old", "old.pem")).over(stored.clone());
        assert_eq!(untouched, FormDraft::untouched(stored), "nothing was typed");
    }

    #[test]
    fn a_field_that_was_changed_on_both_sides_keeps_what_was_typed_and_that_is_said() {
        let typed = draft(form("X", "old", ""), form("X", "typed", ""));
        let carried = typed.clone().over(form("X", "stored", ""));
        assert_eq!((carried.form.server.as_str(), carried.changed), ("typed", true));
        let same = typed.over(form("X", "typed", ""));
        assert!(!same.changed, "both sides changed it to the same");
        assert!(!same.is_unsaved());
    }

    #[test]
    fn what_was_typed_while_it_was_saved_stays() {
        let sent = form("Sent", "https://h:443", "");
        let stored = form("Sent", "https://h", "");
        let typed = draft(ConnectionForm::default(), form("Sent and more", "https://h:443", ""));
        let after = typed.after_saving(&sent, stored.clone());
        assert_eq!(after.form, form("Sent and more", "https://h", ""));
        assert_eq!((after.before.clone(), after.is_unsaved()), (stored.clone(), true));
        let nothing = draft(ConnectionForm::default(), sent.clone()).after_saving(&sent, stored.clone());
        assert_eq!(nothing, FormDraft::untouched(stored));
    }
}
