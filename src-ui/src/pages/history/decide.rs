//! Recording what a person found out.

use desk::Failure;
use desk::commands::decide::{self, Decide};
use desk::commands::look_for::Candidate;
use domain::Verdict;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::candidate::{CandidateCard, VerdictCard};
use super::entry::Opened;
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::heading;
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::words::settle;

/// What is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// The candidate of this place.
    ThisOne(usize),
    NotThere,
}

/// The choice, the reason, and the button.
#[component]
pub(super) fn DecideForm(
    opened: Opened,
    candidates: Vec<Candidate>,
    reason: RwSignal<String>,
) -> impl IntoView {
    let (state, announcer) = (expect_context::<DeskState>(), Announcer::here());
    let chosen = RwSignal::new(None::<Choice>);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let missing = Memo::new(move |_| {
        if chosen.get().is_none() {
            return Some(settle::CHOOSE_FIRST);
        }
        reason.with(|it| it.trim().is_empty()).then_some(settle::REASON_FIRST)
    });
    let choose = move |it: Choice| Callback::new(move |()| chosen.set(Some(it)));
    let is_chosen = move |it: Choice| Signal::derive(move || chosen.get() == Some(it));
    let certificates: Vec<_> = candidates.iter().map(|it| it.certificate.clone()).collect();
    let decide = Callback::new(move |()| {
        let verdict = match chosen.get_untracked() {
            Some(Choice::ThisOne(place)) => match certificates.get(place) {
                Some(certificate) => Verdict::ItIsThisOne { certificate: certificate.clone() },
                None => return,
            },
            Some(Choice::NotThere) => Verdict::NotThere,
            None => return,
        };
        busy.set(true);
        failure.set(None);
        let reason = reason.with_untracked(|it| it.trim().to_owned());
        let request = decide::Request { entry: opened.number, verdict, reason };
        spawn_local(async move {
            match host::call::<Decide>(&request).await {
                Ok(answer) => {
                    announcer.say(settle::RECORDED);
                    opened.changed(answer.entry);
                    heading::take_focus();
                }
                Err(it) => {
                    let _ = failure.try_set(Some(it));
                }
            }
            let _ = busy.try_set(false);
            state.refresh();
        });
    });
    let card = |(index, candidate): (usize, Candidate)| {
        let it = Choice::ThisOne(index);
        view! { <CandidateCard index candidate chosen=is_chosen(it) on_choose=choose(it) /> }
    };
    view! {
        <fieldset class="stack">
            <legend class="label">{settle::VERDICT}</legend>
            {candidates.into_iter().enumerate().map(card).collect_view()}
            <VerdictCard
                id="verdict-not-there".to_owned()
                title=settle::NOT_THERE.to_owned()
                test_id="verdict-not-there"
                chosen=is_chosen(Choice::NotThere)
                on_choose=choose(Choice::NotThere)
            >
                <p>{settle::NOT_THERE_TEXT}</p>
            </VerdictCard>
        </fieldset>
        <LineField
            id="decision-reason"
            label=settle::REASON
            meaning=settle::REASON_MEANING
            value=reason
            on_input=Callback::new(move |text| reason.set(text))
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
                {move || missing.get().unwrap_or(settle::READY)}
            </p>
        </div>
    }
}
