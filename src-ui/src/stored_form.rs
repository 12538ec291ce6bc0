//! What was typed for signings, over a reload of the page: for the connection in use, and for those that were in use before.
//!
//! Owns that a reload empties nothing in silence. A review is not stored: it is asked for again, and makes a decision of its own.

use desk::commands::Shown;
use domain::{ConnectionId, SignForm};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::end_date::TypedDate;
use crate::sign_form::leaf_of;
use crate::state::{DeskState, FormNote, empty_sign_form, organization};
use crate::tab_storage;

const KEY: &str = "csrdesk-form";

/// What was typed for one connection: its id, its server, the form.
pub(crate) type TypedFor = (ConnectionId, String, SignForm);

/// What the page leaves for the time after a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    /// The connection in use is the last one.
    forms: Vec<TypedFor>,
    /// The end date beside its days, as typed.
    end_date: Option<TypedDate>,
    /// Why it is signed again, and the form that this was typed for.
    again: Option<(String, SignForm)>,
}

impl DeskState {
    /// Writes what is typed whenever it changes, once the connection is known that it is typed for.
    pub(crate) fn store_form(self) {
        Effect::new(move |_| {
            let (form, end_date, again) = (self.sign_form.get(), self.end_date.get(), self.again.get());
            let Some(of) = self.form_for.get() else { return };
            let mut forms = self.forms.get_value();
            let untouched = SignForm { organization: organization(&of), ..empty_sign_form() };
            if form != untouched || end_date.is_some() {
                forms.retain(|(id, _, _)| *id != of.id);
                forms.push((of.id, of.connection.server.to_string(), form));
            }
            let again = self.again_for.get_value().filter(|_| !again.is_empty()).map(|it| (again, it));
            let stored = storable(Stored { forms, end_date, again });
            let text = serde_json::to_string(&stored).ok().filter(|_| stored != Stored::default());
            tab_storage::write(KEY, text.as_deref());
        });
    }

    /// Takes up what was typed before the page was loaded again, when the connection in use is known for the first time.
    pub(crate) fn take_stored_form(self, of: &Shown) {
        let stored = tab_storage::read(KEY).and_then(|it| serde_json::from_str::<Stored>(&it).ok());
        if let Some(stored) = stored {
            self.put_back(stored, of);
        }
    }

    fn put_back(self, stored: Stored, of: &Shown) {
        self.forms.set_value(stored.forms);
        // What was typed since the page came up is newer.
        let untouched = [empty_sign_form(), SignForm { organization: organization(of), ..empty_sign_form() }];
        if !self.sign_form.with_untracked(|it| untouched.contains(it)) {
            return;
        }
        let Some(form) = self.take_form_of(of) else { return };
        let leaf = leaf_of(&form);
        // Without a CSR it is what a signing left of the form, and nothing that waits to be sent.
        if !form.csr_id.is_empty() {
            self.form_note.set(Some(FormNote::Reloaded { ca_off: leaf != form }));
        }
        self.sign_form.set(leaf.clone());
        self.end_date.set(stored.end_date);
        if let Some((again, form)) = stored.again.filter(|(_, it)| *it == leaf) {
            self.again.set(again);
            self.again_for.set_value(Some(form));
        }
    }
}

/// Without what has the form of a token.
fn storable(mut stored: Stored) -> Stored {
    let has_token = |it: &SignForm| {
        let texts =
            [&it.root_common_name, &it.root_serial_number, &it.validity_days, &it.csr_id, &it.organization];
        texts.into_iter().any(|it| tab_storage::has_token_form(it))
    };
    stored.forms.retain(|(_, _, form)| !has_token(form));
    stored.again.take_if(|(again, form)| tab_storage::has_token_form(again) || has_token(form));
    stored.end_date.take_if(|it| tab_storage::has_token_form(it.text()));
    stored
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::connection;
    use crate::ui::live::Announcer;

    #[test]
    fn a_form_with_a_token_in_it_is_not_stored() {
        let token = "B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF10".to_owned();
        let id = ConnectionId::from_number(1);
        let stored = |form: SignForm, again: &str| Stored {
            forms: vec![(id.clone(), "https://a:1".to_owned(), form.clone())],
            end_date: None,
            again: Some((again.to_owned(), form)),
        };
        let plain = SignForm { csr_id: "301".to_owned(), ..empty_sign_form() };
        assert_eq!(storable(stored(plain.clone(), "lost")), stored(plain.clone(), "lost"));
        assert_eq!(storable(stored(plain.clone(), &token)).again, None);
        let pasted = SignForm { root_common_name: token, ..plain };
        assert_eq!(storable(stored(pasted, "lost")), Stored::default());
    }

    #[test]
    fn what_was_typed_comes_back_for_its_own_connection_without_a_ca() {
        let owner = Owner::new();
        let desk = || owner.with(|| DeskState::new(Announcer::here()));
        let (live, lab) = (connection(1, "https://a:1"), connection(2, "https://b:1"));
        let form = |ca| SignForm {
            csr_id: "301".to_owned(),
            validity_days: "44".to_owned(),
            intermediate: ca,
            ..empty_sign_form()
        };
        let server = |it: &Shown| it.connection.server.to_string();
        let stored = |ca| Stored {
            forms: vec![(live.id.clone(), server(&live), form(ca))],
            end_date: None,
            again: Some(("lost".to_owned(), form(false))),
        };
        let text = serde_json::to_string(&stored(true)).unwrap();
        assert_eq!(serde_json::from_str::<Stored>(&text).unwrap(), stored(true));

        let state = desk();
        state.put_back(stored(false), &live);
        assert_eq!(state.sign_form.get_untracked(), form(false));
        assert_eq!(state.form_note.get_untracked(), Some(FormNote::Reloaded { ca_off: false }));
        assert_eq!(state.again.get_untracked(), "lost");

        let state = desk();
        state.put_back(stored(true), &live);
        let leaf = SignForm { validity_days: String::new(), ..form(false) };
        assert_eq!(state.sign_form.get_untracked(), leaf);
        assert_eq!(state.form_note.get_untracked(), Some(FormNote::Reloaded { ca_off: true }));
        assert_eq!(state.again.get_untracked(), "");

        let state = desk();
        let left = SignForm { csr_id: String::new(), ..form(false) };
        state.put_back(
            Stored {
                forms: vec![(live.id.clone(), server(&live), left.clone())],
                end_date: None,
                again: None,
            },
            &live,
        );
        assert_eq!((state.sign_form.get_untracked(), state.form_note.get_untracked()), (left, None));

        // For another connection, or another server of the same one, nothing comes back.
        for other in [lab, connection(1, "https://b:1")] {
            let state = desk();
            state.put_back(stored(false), &other);
            assert_eq!(
                (state.sign_form.get_untracked(), state.form_note.get_untracked()),
                (empty_sign_form(), None)
            );
        }
        let state = desk();
        state.sign_form.set(SignForm { csr_id: "7".to_owned(), ..empty_sign_form() });
        state.put_back(stored(false), &live);
        assert_eq!(state.sign_form.get_untracked().csr_id, "7", "typed since");
    }
}
