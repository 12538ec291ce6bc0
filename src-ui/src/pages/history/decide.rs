//! Recording what a person found out.

use desk::Failure;
use desk::commands::decide::{self, Decide};
use desk::commands::look_for::{Candidate, Standing};
use domain::{Basis, Certificate, ErrorCode, SerialNumber, Verdict};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::candidate::{CandidateCard, VerdictCard};
use super::entry::Opened;
use crate::drafts::{Choice, DecisionDraft, EntryDraft};
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::disclosure::Fold;
use crate::ui::focus;
use crate::ui::heading;
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::words::settle;

/// The choice, the reason, and the button. A proven candidate is chosen at first; a person decides all the same.
#[component]
pub(super) fn DecideForm(
    opened: Opened,
    candidates: Vec<Candidate>,
    #[prop(optional_no_strip)] proven: Option<usize>,
    basis: Memo<Option<Basis>>,
) -> impl IntoView {
    let (state, announcer) = (expect_context::<DeskState>(), Announcer::here());
    // The texts and the choice stay until the decision is recorded, also while another page is open.
    let (drafts, number) = (state.drafts, opened.number);
    let among = StoredValue::new(candidates.clone());
    // An answer that was chosen before the search found something else is gone, and what was typed for it stays: then no
    // other answer takes its place unasked.
    let outdated = Memo::new(move |_| {
        let choice = among.with_value(|among| drafts.of(number, |it| it.decision.choice(among)));
        let typed = |it: &EntryDraft| it.decision.is_answered() || !it.decision.reason.trim().is_empty();
        choice.is_none() && drafts.of(number, typed)
    });
    let chosen = Memo::new(move |_| {
        let choice = among.with_value(|among| drafts.of(number, |it| it.decision.choice(among)));
        choice.or(proven.filter(|_| !outdated.get()).map(Choice::ThisOne))
    });
    let serial = Memo::new(move |_| drafts.of(number, |it| it.decision.serial.clone()));
    let reason = Memo::new(move |_| drafts.of(number, |it| it.decision.reason.clone()));
    let busy = opened.deciding;
    let failure = RwSignal::new(None::<Failure>);
    let proof = candidates.iter().any(|it| it.standing == Standing::Proof);
    let some_possible = candidates.iter().any(|it| !it.is_contradicted());
    let contradicted: Vec<_> = candidates.iter().map(Candidate::is_contradicted).collect();
    let warning = Memo::new(move |_| match chosen.get() {
        Some(Choice::ThisOne(place)) => contradicted.get(place).is_some_and(|it| *it),
        _ => false,
    });
    let missing = Memo::new(move |_| {
        let another = chosen.get() == Some(Choice::Another);
        let gone = chosen.get() == Some(Choice::NotThere);
        if chosen.get().is_none() {
            let answered = drafts.of(number, |it| it.decision.is_answered());
            Some(if answered { settle::CHOOSE_AGAIN } else { settle::CHOOSE_FIRST })
        } else if gone && proof {
            Some(settle::NOT_THERE_PROOF)
        } else if proof && (another || warning.get()) {
            Some(settle::OTHER_PROOF)
        } else if warning.get() && basis.get() == Some(Basis::Search) {
            Some(settle::CONSOLE_CONTRADICTED)
        } else if another && serial.with(|it| it.trim().is_empty()) {
            Some(settle::SERIAL_FIRST)
        } else if another && serial.with(|it| SerialNumber::parse(it).is_err()) {
            Some(settle::SERIAL_WRONG)
        } else if gone && some_possible && basis.get() == Some(Basis::Search) {
            Some(settle::CONSOLE_FIRST)
        } else {
            reason.with(|it| it.trim().is_empty()).then_some(settle::REASON_FIRST)
        }
    });
    let choose = move |choice: Choice| {
        Callback::new(move |()| {
            // What was refused was another choice.
            failure.set(None);
            opened.decided_meanwhile.set(None);
            among.with_value(|among| opened.change_decision(|it| it.choose(choice, among)));
        })
    };
    let is_chosen = move |it: Choice| Signal::derive(move || chosen.get() == Some(it));
    let certificates: Vec<_> = candidates.iter().map(|it| it.certificate.clone()).collect();
    let verdict = move || match chosen.get_untracked()? {
        Choice::ThisOne(place) => {
            certificates.get(place).map(|it| Verdict::ItIsThisOne { certificate: it.clone() })
        }
        Choice::Another => {
            let serial = serial.with_untracked(|it| SerialNumber::parse(it)).ok()?;
            let serial_number = Some(serial.hex().to_owned());
            Some(Verdict::ItIsThisOne {
                certificate: Certificate { serial_number, ..Certificate::default() },
            })
        }
        Choice::NotThere => Some(Verdict::NotThere),
    };
    let decide = Callback::new(move |()| {
        let (Some(verdict), Some(basis)) = (verdict(), basis.get_untracked()) else { return };
        // No search found this one: a person saw it.
        let basis = if chosen.get_untracked() == Some(Choice::Another) { Basis::Console } else { basis };
        busy.set(true);
        failure.set(None);
        opened.decided_meanwhile.set(None);
        let reason = reason.with_untracked(|it| it.trim().to_owned());
        let (seen, intent) = (Some(opened.seen()), opened.intent());
        let request = decide::Request { entry: number, verdict, reason, basis, seen, intent };
        spawn_local(async move {
            match host::call::<Decide>(&request).await {
                Ok(answer) => {
                    announcer.say(settle::RECORDED);
                    drafts.change(number, |it| it.decision = DecisionDraft::default());
                    // The page may be gone by now.
                    let _ = opened.console.try_set(false);
                    opened.changed(answer.entry);
                    heading::take_focus();
                }
                Err(it) if it.code == ErrorCode::DecidedMeanwhile => {
                    let _ = busy.try_set(false);
                    opened.was_decided_meanwhile(it).await;
                }
                Err(it) => {
                    // The notice above the button is an alert of its own.
                    announcer.show_warning(it.code.what());
                    if it.code == ErrorCode::EntryReplaced {
                        opened.read();
                    }
                    let _ = failure.try_set(Some(it));
                }
            }
            let _ = busy.try_set(false);
            state.refresh();
        });
    });
    let on_enter = Callback::new(move |()| {
        if missing.with_untracked(Option::is_none) && !busy.get_untracked() {
            decide.run(());
        }
    });
    let card = move |(index, candidate): (usize, Candidate)| {
        let it = Choice::ThisOne(index);
        view! { <CandidateCard index candidate chosen=is_chosen(it) on_choose=choose(it) /> }
    };
    let any_candidate = !candidates.is_empty();
    // The place in the search stays the choice's, also where an earlier version recorded the search in another order.
    let (possible, contradicted_ones): (Vec<_>, Vec<_>) =
        candidates.into_iter().enumerate().partition(|(_, it)| !it.is_contradicted());
    let likely = (!possible.is_empty()).then(|| {
        view! {
            <div class="stack" data-testid="candidates-possible">
                <h3>{settle::may_match(possible.len())}</h3>
                {possible.into_iter().map(card).collect_view()}
            </div>
        }
    });
    // Open when one of them is the choice: that one has to be in sight.
    let open = RwSignal::new(warning.get_untracked());
    let less_likely = (!contradicted_ones.is_empty()).then(|| {
        let summary = settle::less_likely(contradicted_ones.len());
        view! {
            <Fold summary open test_id="less-likely">
                <div class="stack" data-testid="candidates-contradicted">
                    {contradicted_ones.into_iter().map(card).collect_view()}
                </div>
            </Fold>
        }
    });
    view! {
        <fieldset class="stack" data-testid="verdicts">
            <legend class="label">{settle::VERDICT}</legend>
            {likely}
            {less_likely}
            {any_candidate.then(|| view! { <h3>{settle::OTHER_ANSWERS}</h3> })}
            <VerdictCard
                id="verdict-another".to_owned()
                title=settle::ANOTHER.to_owned()
                test_id="verdict-another"
                chosen=is_chosen(Choice::Another)
                on_choose=choose(Choice::Another)
            >
                <p>{settle::ANOTHER_TEXT}</p>
            </VerdictCard>
            {move || {
                is_chosen(Choice::Another)
                    .get()
                    .then(|| {
                        view! {
                            <LineField
                                id="decision-serial"
                                label=settle::SERIAL_LABEL
                                value=serial
                                on_input=Callback::new(move |text| {
                                    failure.set(None);
                                    opened.change_decision(|it| it.serial = text);
                                })
                                on_enter
                                required=true
                                code=true
                            />
                        }
                    })
            }}
            <VerdictCard
                id="verdict-not-there".to_owned()
                title=settle::NOT_THERE.to_owned()
                test_id="verdict-not-there"
                chosen=is_chosen(Choice::NotThere)
                disabled=proof
                on_choose=choose(Choice::NotThere)
            >
                <p>{if proof { settle::NOT_THERE_PROOF } else { settle::NOT_THERE_TEXT }}</p>
            </VerdictCard>
        </fieldset>
        <LineField
            id="decision-reason"
            label=settle::REASON
            meaning=settle::REASON_MEANING
            value=reason
            on_input=Callback::new(move |text| {
                // The reason is one for what is chosen now, also where that was chosen for the person.
                let now = chosen.get_untracked();
                among.with_value(|among| {
                    opened.change_decision(|it| {
                        it.reason = text;
                        if let Some(now) = now {
                            it.choose(now, among);
                        }
                    });
                });
            })
            on_enter
            required=true
        />
        {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
        <div class="row">
            <Button
                weight=Weight::Primary
                test_id="button-decide"
                disabled=Signal::derive(move || missing.get().is_some())
                busy
                reason_id="decide-reason"
                on_click=decide
            >
                {settle::DECIDE}
            </Button>
            <p class="actions-reason" id="decide-reason">
                {move || {
                    let ready = if warning.get() { settle::CONTRADICTED } else { settle::READY };
                    missing.get().unwrap_or(ready)
                }}
                {move || {
                    [settle::CONSOLE_FIRST, settle::CONSOLE_CONTRADICTED].map(Some).contains(&missing.get())
                        .then(|| {
                            let to_box = Callback::new(|()| focus::id(super::settle::CONSOLE_BOX));
                            view! {
                                " "
                                <Button weight=Weight::Quiet test_id="button-to-console" on_click=to_box>
                                    {settle::TO_CONSOLE}
                                </Button>
                            }
                        })
                }}
            </p>
        </div>
    }
}
