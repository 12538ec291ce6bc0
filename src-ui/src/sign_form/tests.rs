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
    crate::fixtures::shown(ConnectionId::parse(id).unwrap(), &form)
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
