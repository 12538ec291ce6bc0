//! The signing form over time: what is left of it after a signing, a lock and another connection.
//!
//! Owns that the CA switch and its days are never carried over to anything a person did not ask for, and that nothing
//! typed for one connection stays on the form of another: two servers share the numbers of CSRs, not the CSRs.

use desk::commands::Shown;
use domain::SignForm;
use leptos::prelude::*;

use crate::route::{self, Page};
use crate::signing::Subject;
use crate::state::{DeskState, FormNote, empty_sign_form, organization};

impl DeskState {
    /// What is left of the form once the signing of `signed` has begun: the issuer, and the days of a leaf. A CSR is
    /// signed once, and a CA is made once.
    pub(crate) fn after_signing(self, signed: &SignForm) {
        self.handed_in.set(false);
        self.form_note.set(None);
        self.forget_end_date();
        if signed.intermediate {
            self.turn_ca_off(self.leaf_days.get_untracked());
        } else {
            self.leaf_days.set(signed.validity_days.clone());
        }
        let organization = self.in_use_now().as_ref().map(organization).unwrap_or_default();
        self.sign_form.update(|it| {
            it.csr_id.clear();
            it.organization = organization;
        });
    }

    /// The form of a signing that came to nothing, to edit it. The CA switch stays off: it is never carried over.
    pub(crate) fn edit_again(self, form: &SignForm) {
        self.take_again(form);
        self.to_form();
    }

    /// The form of a signing that came to nothing for a reason outside of it, such as a rejected token: it waits on the form
    /// until the cause is removed. What was typed since the signing began stays.
    pub(crate) fn take_back(self, subject: &Subject) {
        if self.in_use_now().is_some_and(|in_use| is_of(subject, &in_use)) && self.is_left_of(&subject.form) {
            self.take_again(&subject.form);
        }
    }

    /// Whether the form holds no other signing than `signed`: nothing, or what is left after it began.
    fn is_left_of(self, signed: &SignForm) -> bool {
        let organization = self.in_use_now().as_ref().map(organization).unwrap_or_default();
        let untouched = SignForm { organization, ..empty_sign_form() };
        let left = left_of(signed, &untouched.organization, self.leaf_days.get_untracked());
        self.sign_form.with_untracked(|now| *now == untouched || *now == left)
    }

    fn take_again(self, form: &SignForm) {
        self.form_note.set(form.intermediate.then_some(FormNote::CaOff));
        self.forget_end_date();
        self.sign_form.set(form.clone());
        if form.intermediate {
            self.turn_ca_off(self.leaf_days.get_untracked());
        }
    }

    /// Takes a form back as it was signed, for another review of it.
    pub(crate) fn take_reviewed(self, form: &SignForm) {
        self.days_before_ca.set(None);
        self.forget_end_date();
        self.sign_form.set(form.clone());
    }

    /// Goes to the form.
    pub(crate) fn to_form(self) {
        self.handed_in.set(false);
        route::go(Page::Sign);
        self.refresh();
    }

    /// Empties the form, but for the connection's organization.
    pub(crate) fn clear_sign_form(self) {
        self.empty(self.in_use_now().as_ref());
        self.form_note.set(Some(FormNote::Cleared));
    }

    /// The connection in use is another now. What was typed waits until the connection that it was typed for is in use again;
    /// what was typed for this one before comes back. Says so if anything was typed.
    pub(crate) fn empty_for_another(self, before: &Shown, after: &Shown) {
        let untouched = |of: &Shown| SignForm { organization: organization(of), ..empty_sign_form() };
        let leaf = self.sign_form.with_untracked(leaf_of);
        let typed = self.sign_form.with_untracked(|it| *it != untouched(before));
        self.keep_for(before, leaf);
        self.empty(Some(after));
        let found = self.take_form_of(after);
        // What was said of the form was said of what it held.
        let name = before.connection.name.clone();
        self.form_note.set(match (found, typed) {
            (Some(form), _) => {
                self.sign_form.set(form);
                Some(FormNote::TypedBefore(after.connection.name.clone()))
            }
            (None, true) => Some(FormNote::TypedForAnother(name)),
            (None, false) => None,
        });
    }

    /// The connection in use leads elsewhere now, or is verified in another way. What was typed for it stays, without the CA
    /// switch and its days.
    pub(crate) fn keep_for_edited(self, before: &Shown, after: &Shown) {
        let untouched = SignForm { organization: organization(before), ..empty_sign_form() };
        let typed = self.sign_form.with_untracked(|it| *it != untouched);
        self.drop_ca();
        self.handed_in.set(false);
        self.form_note.set(typed.then(|| FormNote::ConnectionEdited(after.connection.name.clone())));
    }

    /// A signing was not sent, because its connection was changed, removed or exchanged: its form waits for that connection.
    pub(crate) fn give_back(self, subject: &Subject) {
        let form_for = self.form_for.get_untracked();
        let Some(id) = subject.connection.as_ref().or(form_for.as_ref().map(|it| &it.id)) else { return };
        if form_for.as_ref().is_none_or(|it| it.id == *id) {
            if self.is_left_of(&subject.form) {
                self.take_again(&subject.form);
            }
        } else {
            self.forms.update_value(|all| {
                all.retain(|(of, _, _)| of != id);
                all.push((id.clone(), subject.server.clone(), leaf_of(&subject.form)));
            });
        }
    }

    fn keep_for(self, of: &Shown, form: SignForm) {
        let empty = SignForm { organization: organization(of), ..empty_sign_form() };
        if form != empty {
            self.forms.update_value(|all| {
                all.retain(|(id, _, _)| *id != of.id);
                all.push((of.id.clone(), of.connection.server.to_string(), form));
            });
        }
    }

    /// What was typed for a connection. Two servers share the numbers of CSRs: what was typed for another address of it is
    /// not for this one.
    pub(crate) fn take_form_of(self, of: &Shown) -> Option<SignForm> {
        let server = of.connection.server.to_string();
        let mut found = None;
        self.forms.update_value(|all| {
            let place = all.iter().position(|(id, _, _)| *id == of.id);
            found = place.map(|it| all.swap_remove(it)).filter(|(_, of, _)| *of == server);
        });
        found.map(|(_, _, form)| form)
    }

    fn empty(self, connection: Option<&Shown>) {
        let organization = connection.map(organization).unwrap_or_default();
        self.handed_in.set(false);
        self.again_for.set_value(None);
        self.leaf_days.set(String::new());
        self.days_before_ca.set(None);
        self.forget_end_date();
        self.sign_form.set(SignForm { organization, ..empty_sign_form() });
    }

    /// Turns the CA switch on or off for a person. Its days belong to it: off again without a signing, those of before
    /// are back.
    pub(crate) fn switch_ca(self, on: bool) {
        if on {
            let days = self.sign_form.with_untracked(|it| it.validity_days.clone());
            self.days_before_ca.set(Some(days));
            self.sign_form.update(|it| it.intermediate = true);
        } else {
            let before = self.days_before_ca.get_untracked();
            self.turn_ca_off(before.unwrap_or_else(|| self.leaf_days.get_untracked()));
        }
    }

    /// The CA switch and its days go, because what was typed is from before a lock.
    pub(crate) fn drop_ca(self) {
        if self.sign_form.with_untracked(|it| it.intermediate) {
            // The days may have been typed for the CA before its switch was turned on.
            self.turn_ca_off(self.leaf_days.get_untracked());
            self.form_note.set(Some(FormNote::CaOff));
        }
    }

    fn turn_ca_off(self, days: String) {
        self.days_before_ca.set(None);
        self.forget_end_date();
        self.sign_form.update(|it| {
            it.intermediate = false;
            it.validity_days = days;
        });
    }
}

/// The form without the CA switch and its days, which are carried over to nothing.
pub(crate) fn leaf_of(form: &SignForm) -> SignForm {
    let mut form = form.clone();
    if form.intermediate {
        form.intermediate = false;
        form.validity_days.clear();
    }
    form
}

/// What the form holds once the signing of `signed` has begun.
fn left_of(signed: &SignForm, organization: &str, leaf_days: String) -> SignForm {
    let mut left = signed.clone();
    if left.intermediate {
        (left.intermediate, left.validity_days) = (false, leaf_days);
    }
    left.csr_id.clear();
    organization.clone_into(&mut left.organization);
    left
}

/// Whether a signing is of this connection: of its server, where the numbers of CSRs are the same, and of its id if the
/// desk names one.
fn is_of(subject: &Subject, connection: &Shown) -> bool {
    connection.connection.server.to_string() == subject.server
        && subject.connection.as_ref().is_none_or(|it| *it == connection.id)
}

#[cfg(test)]
mod tests;
