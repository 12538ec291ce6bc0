//! The review: what will happen, what to think about, the exact request, and the button that does it.

use std::sync::Arc;

use desk::commands::review::{Before, Caution, NotIssued};
use domain::{Environment, Outcome, SignForm, State};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::elsewhere::SigningsElsewhere;
use super::stepper::Stepper;
use crate::parts::environment::ProductionBar;
use crate::parts::findings::MayBeMissing;
use crate::parts::request_facts::RequestFacts;
use crate::parts::token_rejected::TokenRejected;
use crate::route::{self, Route, entry_href};
use crate::running::{Elsewhere, Stage};
use crate::state::{DeskState, Obstacle, Reviewed};
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::focus;
use crate::ui::heading::Heading;
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::ui::notice::{Notice, Tone};
use crate::words::review::Piece;
use crate::words::{history, review, visible_lines};

/// The step.
#[component]
pub(super) fn ReviewStep(reviewed: Arc<Reviewed>) -> impl IntoView {
    let answer = reviewed.answer.clone();
    let version_note = answer.version_note();
    // Another program can sign the same CSR while this is read.
    let state = expect_context::<DeskState>();
    state.ask_often_in_sight_while(Memo::new(move |_| state.is_answered_and_unlocked()));
    view! {
        <div class="screen screen--review" data-testid="screen-review">
            // Above the heading: the sentence that it announces follows it.
            <SigningsElsewhere of_csr=Some(answer.request.csr_id.to_string()) />
            <Heading text=review::TITLE lead=review::LEAD>
                <Stepper current=1 />
            </Heading>
            <ProductionBar place=Signal::stored(reviewed.place.clone()) />
            // In the order in which a person reads and the keyboard goes: what to think about, the decision, the details.
            <div class="with-aside with-aside--first"><div class="stack">
            <p class="sentence" data-testid="sentence">
                {review::sentence(&answer.request, &answer.server, Some(answer.ends))
                    .into_iter()
                    .map(piece)
                    .collect_view()}
            </p>
            <MayBeMissing />
            <Cautions
                cautions=answer.cautions.clone()
                before=answer.before.clone()
                more=answer.before_more
            />
            <NotIssuedNotice rows=answer.not_issued.clone() more=answer.not_issued_more />
            </div>
            <aside class="aside"><Decision reviewed /></aside>
            <div class="stack">
            <section class="card" aria-labelledby="facts-title">
                <h2 id="facts-title">{review::FACTS}</h2>
                <RequestFacts
                    request=answer.request
                    server=answer.server
                    verified_by=Some(answer.verified_by)
                    ends=answer.ends
                />
            </section>
            <Disclosure summary=review::HTTP_REQUEST open=true>
                <p class="muted">{review::HTTP_NOTE}" "{version_note}</p>
                <Verbatim
                    text=visible_lines(&answer.http_request)
                    label=review::HTTP_REQUEST
                    test_id="http-request"
                />
                <h3>{review::INPUT_DATA}</h3>
                <Verbatim text=visible_lines(&answer.input_data) label=review::INPUT_DATA />
            </Disclosure>
            </div>
            </div>
        </div>
    }
}

pub(super) fn piece(piece: Piece) -> impl IntoView {
    match piece {
        Piece::Words(words) => words.into_any(),
        Piece::Value(value) => view! { <strong><bdi>{value}</bdi></strong> }.into_any(),
    }
}

/// A review of the same form: what speaks against it now, and a decision of its own.
pub(super) async fn review_again(state: DeskState, form: SignForm) {
    let at = || state.in_use_now().map(|it| (it.id, it.connection.server));
    let place = || (at(), Route::current());
    let before = place();
    let reviewed = Reviewed::ask(state, form.clone()).await;
    if before != place() {
        // The form is for another server now, or the person has gone elsewhere.
        return;
    }
    match reviewed {
        Ok(reviewed) => {
            state.take_reviewed(&reviewed.form);
            state.show_review(reviewed, true);
        }
        // The form asks again, and says what is wrong.
        Err(_) => state.edit_again(&form),
    }
}

/// What to think about first; the desk puts the gravest on top.
#[component]
fn Cautions(cautions: Vec<Caution>, before: Vec<Before>, more: u64) -> impl IntoView {
    let both = cautions.contains(&Caution::SentBefore) && cautions.contains(&Caution::SignedByAnotherIssuer);
    let notice = move |caution: Caution| {
        let same_issuer = match caution {
            Caution::SentBefore => Some(true),
            Caution::SignedByAnotherIssuer => Some(false),
            _ => None,
        };
        let grave = same_issuer.is_some() || caution == Caution::MakesACa;
        let rows: Vec<_> = before.iter().filter(|it| Some(it.same_issuer) == same_issuer).cloned().collect();
        // The count does not say whose they are: it stands with the last of the two.
        let more = if same_issuer.is_some_and(|same| !(same && both)) { more } else { 0 };
        view! {
            <Notice
                tone=if grave { Tone::Warning } else { Tone::Info }
                title=review::caution(caution, &before)
                test_id="caution"
            >
                <p>{caution.words()}</p>
                {(!rows.is_empty()).then(|| view! { <BeforeList rows more /> })}
            </Notice>
        }
    };
    (!cautions.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="cautions-title">
                <h2 id="cautions-title" class="visually-hidden">
                    {review::CAUTIONS}
                </h2>
                {cautions.into_iter().map(notice).collect_view()}
            </section>
        }
    })
}

/// Earlier signings of the same CSR, each a link to its entry.
#[component]
pub(super) fn BeforeList(rows: Vec<Before>, more: u64) -> impl IntoView {
    let row = |it: Before| {
        view! {
            <li data-outcome=it.state.as_str()>
                <a href=entry_href(it.entry)>{history::entry_title(it.entry)}</a>
                ": "
                <bdi>{it.words()}</bdi>
            </li>
        }
    };
    view! {
        <ul data-testid="earlier">
            {rows.into_iter().map(row).collect_view()}
            {(more > 0).then(|| view! { <li>{review::before_more(more)}</li> })}
        </ul>
    }
}

/// Earlier signings of the same CSR about which a person recorded that they issued no certificate. The desk asks for a reason
/// where the journal casts doubt on that.
#[component]
fn NotIssuedNotice(rows: Vec<NotIssued>, more: u64) -> impl IntoView {
    let row = |it: NotIssued| {
        view! {
            <li>
                <a href=entry_href(it.entry)>{history::entry_title(it.entry)}</a>
                ": "
                <bdi>{it.words()}</bdi>
            </li>
        }
    };
    let title = rows.first().map(|it| review::not_issued(it.entry, rows.len() as u64 + more));
    title.map(|title| {
        view! {
            <Notice tone=Tone::Warning title test_id="not-issued">
                <ul>
                    {rows.into_iter().map(row).collect_view()}
                    {(more > 0).then(|| view! { <li>{review::before_more(more)}</li> })}
                </ul>
            </Notice>
        }
    })
}

/// Whether a signing that began elsewhere may have made a certificate from the reviewed CSR, and the review does not say so.
fn outdates(it: &Elsewhere, reviewed: &Reviewed) -> bool {
    let answer = &reviewed.answer;
    let (entry, same) = (it.signing.entry, it.signing.csr_id == answer.request.csr_id.to_string());
    let before = answer.before.iter().find(|it| it.entry == entry);
    let named = answer.earlier.contains(&entry) || before.is_some();
    let ended = matches!(it.stage, Stage::Ended { .. });
    let nothing = matches!(it.stage, Stage::Ended { outcome: Outcome::Refused | Outcome::NotSent, .. });
    // What the review calls in progress has ended since: it may name a certificate by now, or nothing speaks against this one.
    let stale = ended && before.is_some_and(|it| it.state == State::InProgress);
    same && (stale || (!named && !nothing))
}

/// The confirmations that are needed, and the two ways on.
#[component]
fn Decision(reviewed: Arc<Reviewed>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let announcer = Announcer::here();
    let makes_ca = reviewed.answer.cautions.contains(&Caution::MakesACa);
    let again = !reviewed.answer.earlier.is_empty();
    let ca_confirmed = RwSignal::new(!makes_ca);
    let of_review = Arc::clone(&reviewed);
    let intent = reviewed.intent.clone();
    let resolved = Memo::new(move |_| state.review_resolved.with(|it| it.as_ref() == Some(&intent)));
    let outdated = Memo::new(move |_| {
        resolved.get() || state.elsewhere_here().iter().any(|it| outdates(it, &of_review))
    });
    let form = reviewed.form.clone();
    let asking = RwSignal::new(false);
    let again_review = Callback::new(move |()| {
        let form = form.clone();
        asking.set(true);
        spawn_local(async move {
            review_again(state, form).await;
            // The review may be another one by now.
            let _ = asking.try_set(false);
        });
        focus::soon("#main h1");
    });
    let missing = Memo::new(move |_| {
        match state.obstacle() {
            Some(Obstacle::Removed) => return Some(review::REMOVED_FIRST),
            Some(Obstacle::Locked) => return Some(review::LOCKED_FIRST),
            Some(Obstacle::NoToken) if state.token_wanted.get() => return Some(review::TOKEN_ABOVE_FIRST),
            Some(Obstacle::NoToken) => return Some(review::NO_TOKEN_FIRST),
            _ if resolved.get() => return Some(review::RESOLVED_SINCE),
            _ if outdated.get() => return Some(review::SENT_ELSEWHERE),
            _ => {}
        }
        let no_reason = again && state.again.with(|it| it.trim().is_empty());
        match (ca_confirmed.get(), no_reason) {
            (true, false) => None,
            (true, true) => Some(review::REASON_FIRST),
            (false, false) => Some(review::UNDERSTAND_FIRST),
            (false, true) => Some(review::BOTH_FIRST),
        }
    });
    let blocked = Signal::derive(move || missing.get().is_some());
    let production = reviewed.place.as_ref().is_some_and(|it| it.environment == Environment::Production);
    let label = review::sign(&reviewed.answer.request.csr_id.to_string(), production, makes_ca);
    // A CA is the rarer and graver of the two; the words name both.
    let weight = match (makes_ca, production) {
        (true, _) => Weight::Authority,
        (false, true) => Weight::Production,
        (false, false) => Weight::Primary,
    };
    let sign = Callback::new(move |()| {
        if !blocked.get_untracked() {
            let reason = state.again.with_untracked(|it| it.trim().to_owned());
            state.sign(announcer, &reviewed, again.then_some(reason));
        }
    });
    view! {
        <section class="card decision" aria-labelledby="decision-title">
            <h2 id="decision-title">{review::DECISION}</h2>
            {makes_ca
                .then(|| {
                    view! {
                        <CheckBox
                            id="confirm-ca"
                            label=review::UNDERSTAND_CA
                            checked=ca_confirmed
                            on_change=Callback::new(move |on| ca_confirmed.set(on))
                        />
                    }
                })}
            {again
                .then(|| {
                    view! {
                        <LineField
                            id="again-reason"
                            label=review::AGAIN
                            meaning=review::AGAIN_MEANING
                            value=state.again
                            on_input=Callback::new(move |text| state.again.set(text))
                            required=true
                        />
                    }
                })}
            <Button
                weight
                test_id="button-sign"
                disabled=blocked
                reason_id="sign-reason"
                on_click=sign
            >
                {label}
            </Button>
            <p class="actions-reason" id="sign-reason">
                {move || missing.get().unwrap_or(review::READY)}
            </p>
            {move || {
                outdated
                    .get()
                    .then(|| {
                        view! {
                            <Button on_click=again_review busy=asking test_id="button-review-again">
                                {review::REVIEW_AGAIN}
                            </Button>
                        }
                    })
            }}
            <TokenRejected />
            <Button on_click=Callback::new(|()| route::back()) test_id="button-back">
                {review::BACK}
            </Button>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use desk::commands::{RunningSigning, review};
    use domain::{ConnectionId, ServerTrust, Timestamp};

    use super::*;

    /// A review of CSR 301 that names its entry 1 as it stood then; without a state, no entry.
    fn reviewed(entry_1: Option<State>) -> Reviewed {
        let at = Timestamp::from_millis(0);
        let form = SignForm {
            sign_type: "MSCA".to_owned(),
            validity_days: "1".to_owned(),
            csr_id: "301".to_owned(),
            ..SignForm::default()
        };
        let before = |state| Before {
            entry: 1,
            at,
            same_issuer: true,
            other_address: None,
            issuer: None,
            state,
            serial_number: None,
            not_issued: false,
            who: String::new(),
        };
        let answer = review::Response {
            request: form.check(at).unwrap(),
            server: "https://h:1".to_owned(),
            connection: ConnectionId::from_number(1),
            as_reviewed: String::new(),
            verified_by: ServerTrust::SystemCas,
            http_request: String::new(),
            http11_only: true,
            input_data: String::new(),
            ends: at,
            cautions: Vec::new(),
            earlier: entry_1.iter().map(|_| 1).collect(),
            before: entry_1.into_iter().map(before).collect(),
            before_more: 0,
            not_issued: Vec::new(),
            not_issued_more: 0,
        };
        Reviewed { intent: "a".to_owned(), form, answer, place: None }
    }

    fn entry_1(csr_id: &str, stage: Stage) -> Elsewhere {
        let signing = RunningSigning {
            entry: 1,
            intent: "b".to_owned(),
            at: Timestamp::from_millis(0),
            server: "https://h:1".to_owned(),
            connection: None,
            csr_id: csr_id.to_owned(),
            issuer: None,
        };
        Elsewhere { signing, stage }
    }

    #[test]
    fn a_review_is_outdated_by_what_it_does_not_say_of_a_signing_of_its_csr() {
        let ended = |outcome| Stage::Ended { outcome, words: String::new() };
        let outdated = |named, stage| outdates(&entry_1("301", stage), &reviewed(named));
        let in_progress = Some(State::InProgress);
        assert!(!outdated(in_progress, Stage::Running), "it says so");
        assert!(!outdated(in_progress, Stage::Asking));
        for outcome in [Outcome::Signed, Outcome::Unknown, Outcome::Refused, Outcome::NotSent] {
            assert!(outdated(in_progress, ended(outcome)), "it calls it in progress: {outcome:?}");
        }
        assert!(!outdated(Some(State::Signed), ended(Outcome::Signed)), "it says so");
        assert!(!outdated(Some(State::Unknown), ended(Outcome::Unknown)));

        assert!(outdated(None, Stage::Running));
        assert!(outdated(None, ended(Outcome::Signed)) && outdated(None, ended(Outcome::Unknown)));
        assert!(!outdated(None, ended(Outcome::Refused)) && !outdated(None, ended(Outcome::NotSent)));
        assert!(!outdates(&entry_1("302", Stage::Running), &reviewed(None)), "another CSR");
    }
}
