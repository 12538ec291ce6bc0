//! The signing form over time: what is left of it after a signing, a lock and another connection.
//!
//! Owns that the CA switch and its days are never carried over to anything a person did not ask for.

use domain::SignForm;
use leptos::prelude::*;

use crate::route::{self, Page};
use crate::state::{DeskState, FormNote, empty_sign_form, organization};

impl DeskState {
    /// What is left of the form once a signing has begun: the issuer. A CSR is signed once, and a CA is made once.
    pub(crate) fn after_signing(self) {
        self.handed_in.set(false);
        self.form_note.set(None);
        let organization = self.in_use_now().as_ref().map(organization).unwrap_or_default();
        self.sign_form.update(|it| {
            it.csr_id.clear();
            it.organization = organization;
        });
        self.turn_ca_off();
    }

    /// The form of a signing that came to nothing, to edit it. The CA switch stays off: it is never carried over.
    pub(crate) fn edit_again(self, form: &SignForm) {
        let days = self.sign_form.with_untracked(|it| it.validity_days.clone());
        let days = if form.intermediate { days } else { form.validity_days.clone() };
        self.form_note.set(form.intermediate.then_some(FormNote::CaOff));
        self.sign_form.set(SignForm { intermediate: false, validity_days: days, ..form.clone() });
        self.to_form();
    }

    /// Goes to the form.
    pub(crate) fn to_form(self) {
        self.handed_in.set(false);
        route::go(Page::Sign);
        self.refresh();
    }

    /// Empties the form, but for the connection's organization.
    pub(crate) fn clear_sign_form(self) {
        let organization = self.in_use_now().as_ref().map(organization).unwrap_or_default();
        self.handed_in.set(false);
        self.leaf_days.set(String::new());
        self.form_note.set(Some(FormNote::Cleared));
        self.sign_form.set(SignForm { organization, ..empty_sign_form() });
    }

    /// Turns the CA switch on or off. Its days belong to it: off again, those of before are back.
    pub(crate) fn switch_ca(self, on: bool) {
        if on {
            let days = self.sign_form.with_untracked(|it| it.validity_days.clone());
            self.leaf_days.set(days);
            self.sign_form.update(|it| it.intermediate = true);
        } else {
            self.turn_ca_off();
        }
    }

    /// The CA switch and its days go, because what was typed is from before a lock or of another connection.
    pub(crate) fn drop_ca(self) {
        if self.turn_ca_off() {
            self.form_note.set(Some(FormNote::CaOff));
        }
    }

    fn turn_ca_off(self) -> bool {
        let on = self.sign_form.with_untracked(|it| it.intermediate);
        if on {
            let days = self.leaf_days.get_untracked();
            self.sign_form.update(|it| {
                it.intermediate = false;
                it.validity_days = days;
            });
        }
        on
    }
}
