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
        let kept = self.take_kept(after);
        // What was said of the form was said of what it held.
        let name = before.connection.name.clone();
        self.form_note.set(match (kept, typed) {
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
    pub(crate) fn take_kept(self, of: &Shown) -> Option<SignForm> {
        let server = of.connection.server.to_string();
        let mut kept = None;
        self.forms.update_value(|all| {
            let place = all.iter().position(|(id, _, _)| *id == of.id);
            kept = place.map(|it| all.swap_remove(it)).filter(|(_, of, _)| *of == server);
        });
        kept.map(|(_, _, form)| form)
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
mod tests {
    use domain::{ConnectionForm, ConnectionId};

    use super::*;
    use crate::ui::live::Announcer;

    fn desk() -> (Owner, DeskState) {
        let owner = Owner::new();
        let state = owner.with(|| DeskState::new(Announcer::here()));
        (owner, state)
    }

    fn leaf(days: &str) -> SignForm {
        SignForm { csr_id: "301".to_owned(), validity_days: days.to_owned(), ..empty_sign_form() }
    }

    fn days(state: DeskState) -> (bool, String) {
        state.sign_form.with_untracked(|it| (it.intermediate, it.validity_days.clone()))
    }

    fn off(days: &str) -> (bool, String) {
        (false, days.to_owned())
    }

    /// Types the days of a CA in one of both orders.
    fn fill_in_ca(state: DeskState, days_first: bool) {
        let type_days = || state.sign_form.update(|it| it.validity_days = "1825".to_owned());
        if days_first {
            type_days();
        }
        state.switch_ca(true);
        if !days_first {
            type_days();
        }
    }

    fn sign(state: DeskState) -> SignForm {
        let form = state.sign_form.get_untracked();
        state.after_signing(&form);
        form
    }

    #[test]
    fn the_days_of_a_ca_stay_on_no_form_in_whichever_order_they_were_typed() {
        for days_first in [true, false] {
            let (_owner, state) = desk();
            fill_in_ca(state, days_first);
            let ca = sign(state);
            assert_eq!((ca.intermediate, days(state)), (true, off("")));
            // It came to nothing, and is edited.
            state.take_again(&ca);
            assert_eq!(days(state), off(""));
            assert_eq!(state.form_note.get_untracked(), Some(FormNote::CaOff));
            // Another CA is typed while the result of the first one can still be edited.
            fill_in_ca(state, days_first);
            state.take_again(&ca);
            assert_eq!(days(state), off(""));

            state.sign_form.set(leaf("100"));
            sign(state);
            assert_eq!(days(state), off("100"));
            fill_in_ca(state, days_first);
            sign(state);
            assert_eq!(days(state), off("100"));
            fill_in_ca(state, days_first);
            state.drop_ca();
            assert_eq!(days(state), off("100"));
        }
    }

    #[test]
    fn a_switch_that_a_person_turns_on_and_off_changes_no_days() {
        let (_owner, state) = desk();
        state.sign_form.set(leaf("90"));
        state.switch_ca(true);
        state.sign_form.update(|it| it.validity_days = "1825".to_owned());
        state.switch_ca(false);
        assert_eq!(days(state), off("90"));
        // A lock leaves the form of a leaf as it is.
        state.drop_ca();
        assert_eq!((days(state), state.form_note.get_untracked()), (off("90"), None));
    }

    fn connection(id: &str, name: &str, organization: &str) -> Shown {
        let form = ConnectionForm {
            name: name.to_owned(),
            server: ["https://", id, ".example.test:8282"].concat(),
            organization: organization.to_owned(),
            ..ConnectionForm::default()
        };
        let (id, connection) = (ConnectionId::parse(id).unwrap(), form.check().unwrap());
        Shown {
            id,
            connection,
            saved: true,
            removed: false,
            token: None,
            secrets: Vec::new(),
            secrets_since: std::collections::BTreeMap::new(),
        }
    }

    /// What a person does to a form.
    type Change = fn(&mut SignForm);

    fn use_connection(state: DeskState, connection: Option<Shown>) {
        state.status.set(Some(desk::commands::status::Response {
            connection,
            locked: false,
            keychain: desk::commands::KeychainState::NotAsked,
            preferences: desk::commands::Preferences::default(),
            data_dir: String::new(),
            journal_problem: None,
            journal_notes: Vec::new(),
            journal_remark: None,
            running: Vec::new(),
            unsettled: 0,
            findings: Vec::new(),
            acknowledged: Vec::new(),
            stopping: false,
            version: String::new(),
            now: domain::Timestamp::from_millis(0),
        }));
    }

    fn subject(form: &SignForm, of: &Shown, named: bool) -> Subject {
        Subject {
            intent: "intent-1".to_owned(),
            form: form.clone(),
            request: form.check(domain::Timestamp::from_millis(1_795_000_000_000)).unwrap(),
            server: of.connection.server.to_string(),
            connection: named.then(|| of.id.clone()),
            place: None,
            timeout: None,
            ends: None,
            began: domain::Timestamp::from_millis(0),
        }
    }

    fn whole(days: &str) -> SignForm {
        SignForm { root_common_name: "Root".to_owned(), root_serial_number: "0a".to_owned(), ..leaf(days) }
    }

    #[test]
    fn a_failed_signing_fills_the_form_of_its_own_connection_alone() {
        let (live, lab) = (connection("live", "Live", ""), connection("lab", "Lab", ""));
        let mut moved = live.clone();
        moved.connection.server = lab.connection.server.clone();
        for (in_use, named, back) in [
            (Some(live.clone()), true, true),
            // Found after a reload: the desk named no connection.
            (Some(live.clone()), false, true),
            (Some(lab.clone()), true, false),
            (Some(lab), false, false),
            (Some(moved), true, false),
            (None, true, false),
            (None, false, false),
        ] {
            let (_owner, state) = desk();
            let words = format!("{in_use:?} {named}");
            use_connection(state, in_use);
            state.take_back(&subject(&whole("100"), &live, named));
            let csr = state.sign_form.with_untracked(|it| it.csr_id.clone());
            assert_eq!(csr, if back { "301" } else { "" }, "{words}");
        }
    }

    #[test]
    fn what_was_typed_since_the_signing_began_stays_when_it_fails() {
        let live = connection("live", "Live", "Org A");
        let signed = SignForm { organization: "Org A".to_owned(), ..whole("100") };
        let typed: [(Change, bool); 5] = [
            (|_| {}, true),
            (|it| it.validity_days = "30".to_owned(), false),
            (|it| it.organization = "Another".to_owned(), false),
            (|it| it.sign_type = "signWithIntermediate".to_owned(), false),
            (|it| it.csr_id = "7".to_owned(), false),
        ];
        for (type_it, back) in typed {
            let (_owner, state) = desk();
            use_connection(state, Some(live.clone()));
            state.sign_form.set(signed.clone());
            sign(state);
            state.sign_form.update(type_it);
            let before = state.sign_form.get_untracked();
            state.take_back(&subject(&signed, &live, true));
            assert_eq!(state.sign_form.get_untracked(), if back { signed.clone() } else { before });
        }
    }

    #[test]
    fn nothing_typed_for_one_connection_stays_for_another() {
        let (_owner, state) = desk();
        let (live, lab) = (connection("live", "Live", "Org A"), connection("lab", "Lab", "Org B"));
        let untouched = |it: &Shown| SignForm { organization: organization(it), ..empty_sign_form() };
        state.sign_form.set(untouched(&live));
        state.empty_for_another(&live, &lab);
        assert_eq!(state.sign_form.get_untracked(), untouched(&lab));
        assert_eq!(state.form_note.get_untracked(), None);

        state.sign_form.set(SignForm { organization: "Org B".to_owned(), ..leaf("100") });
        sign(state);
        state.sign_form.set(SignForm {
            root_common_name: "Root".to_owned(),
            root_serial_number: "0a".to_owned(),
            organization: "Another".to_owned(),
            ..leaf("100")
        });
        fill_in_ca(state, true);
        state.empty_for_another(&lab, &live);
        assert_eq!(state.sign_form.get_untracked(), untouched(&live));
        assert_eq!(state.form_note.get_untracked(), Some(FormNote::TypedForAnother("Lab".to_owned())));
        // The days of the last leaf were those of the other connection, too.
        fill_in_ca(state, true);
        sign(state);
        assert_eq!(days(state), off(""));

        // It comes back with its connection, without the CA switch, and for no other address of it.
        state.empty_for_another(&live, &lab);
        let back = SignForm {
            root_common_name: "Root".to_owned(),
            root_serial_number: "0a".to_owned(),
            organization: "Another".to_owned(),
            ..leaf("")
        };
        assert_eq!(state.sign_form.get_untracked(), back);
        assert_eq!(state.form_note.get_untracked(), Some(FormNote::TypedBefore("Lab".to_owned())));
        state.empty_for_another(&lab, &live);
        let mut moved = lab.clone();
        moved.connection.server = live.connection.server.clone();
        state.empty_for_another(&live, &moved);
        assert_eq!(state.sign_form.get_untracked(), untouched(&lab));

        // A connection that was corrected keeps what is typed.
        state.sign_form.set(back.clone());
        state.keep_for_edited(&lab, &moved);
        assert_eq!(state.sign_form.get_untracked(), back);
        assert_eq!(state.form_note.get_untracked(), Some(FormNote::ConnectionEdited("Lab".to_owned())));
    }
}
