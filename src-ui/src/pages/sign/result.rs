//! The result: how it ended, what that means, and what to do next.

use std::sync::Arc;

use domain::{Ending, ErrorCode, Outcome, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::stepper::Stepper;
use crate::parts::certificates::{Certificates, Reported};
use crate::parts::entry_links::EntryLinks;
use crate::parts::environment::ProductionBar;
use crate::parts::outcome as mark;
use crate::parts::request_facts::RequestFacts;
use crate::parts::seen::SeenDetails;
use crate::route::{Page, entry_href};
use crate::state::{DeskState, Finished, Reviewed};
use crate::ui::button::{Button, Weight};
use crate::ui::disclosure::Disclosure;
use crate::ui::heading::Heading;
use crate::ui::icon::Glyph;
use crate::ui::notice::{Notice, Tone};
use crate::words::{outcome, visible_lines};

/// The step.
#[component]
pub(super) fn ResultStep(finished: Arc<Finished>) -> impl IntoView {
    let (reviewed, ending) = (&finished.reviewed, finished.ending.clone());
    let request = reviewed.answer.request.clone();
    let csr_id = request.csr_id.to_string();
    let server = reviewed.answer.server.clone();
    let intent = reviewed.intent.clone();
    let kind = ending.outcome;
    view! {
        <div class="screen" data-testid="screen-result">
            <ProductionBar place=Signal::stored(reviewed.place.clone()) />
            <div
                class=["outcome outcome--", kind.as_str()].concat()
                data-testid="outcome"
                data-outcome=kind.as_str()
            >
                <Glyph icon=mark::icon(kind) />
                <div class="outcome-body">
                    <Heading text=outcome::heading(kind, &csr_id)>
                        <Stepper current=2 />
                    </Heading>
                    <p class="outcome-what" data-testid="outcome-what">
                        {ending.code.what()}
                        " "
                        {ending.code.next()} {ending.wait()}
                    </p>
                    {(!finished.problems.is_empty())
                        .then(|| {
                            let items = finished.problems.iter().map(ToString::to_string);
                            view! { <ul>{items.map(|it| view! { <li>{it}</li> }).collect_view()}</ul> }
                        })}
                    {(!finished.earlier.is_empty())
                        .then(|| {
                            view! { <p class="strong">{outcome::SPEAK_AGAINST}</p> <EntryLinks entries=finished.earlier.clone() /> }
                        })}
                    <ServerWords ending=ending.clone() />
                    {(!finished.recorded && !finished.repeated && finished.entry.is_some()).then(|| view! { <NotRecorded /> })}
                    {finished.repeated.then(|| view! { <p class="strong">{outcome::REPEATED}</p> })}
                    <RecordLine finished=Arc::clone(&finished) />
                </div>
            </div>
            {(kind == Outcome::Unknown).then(|| view! { <UnknownHelp finished=Arc::clone(&finished) /> })}
            <Certificates certificates=ending.certificates.clone() />
            <Reported certificates=ending.reported.clone() />
            <NextButtons finished=Arc::clone(&finished) />
            <Disclosure summary=outcome::WHAT_WAS_ASKED>
                <RequestFacts request server />
            </Disclosure>
            <SeenDetails ending intent />
        </div>
    }
}

/// The answer is here, but not on record.
#[component]
fn NotRecorded() -> impl IntoView {
    let code = ErrorCode::OutcomeNotRecorded;
    view! {
        <Notice tone=Tone::Warning title=code.what() test_id="not-recorded">
            <p>{code.next()}</p>
        </Notice>
    }
}

/// The server's own words, kept apart from ours.
#[component]
fn ServerWords(ending: Ending) -> impl IntoView {
    ending.server_message.filter(|it| !it.is_empty()).map(|words| {
        view! {
            <figure class="quote">
                <figcaption>{outcome::SERVER_WORDS}</figcaption>
                <blockquote data-testid="server-message">{visible_lines(&words)}</blockquote>
            </figure>
        }
    })
}

/// Where it is recorded, and the code.
#[component]
fn RecordLine(finished: Arc<Finished>) -> impl IntoView {
    let not_sent = finished.ending.outcome == Outcome::NotSent;
    let none = if not_sent { outcome::NO_ENTRY } else { outcome::NO_ENTRY_LOST };
    view! {
        <p class="outcome-record">
            {match finished.entry {
                Some(entry) => {
                    view! {
                        <span>
                            {outcome::RECORDED_AS}
                            <a href=entry_href(entry) data-testid="entry-link">
                                {outcome::ENTRY}
                                {entry.to_string()}
                            </a>
                        </span>
                    }
                        .into_any()
                }
                None => view! { <span>{none}</span> }.into_any(),
            }}
            <span>
                {outcome::CODE}
                <code data-testid="outcome-code">{finished.ending.code.as_str()}</code>
            </span>
        </p>
    }
}

/// What an unknown outcome means, and the way to resolve it.
#[component]
fn UnknownHelp(finished: Arc<Finished>) -> impl IntoView {
    let request = &finished.reviewed.answer.request;
    let issuer = request.issuer.as_ref().map(|it| visible(it.common_name.as_str()));
    let look = outcome::look(&request.csr_id.to_string(), issuer.as_deref(), &finished.at.date_time());
    view! {
        <section class="card help" aria-labelledby="unknown-title">
            <h2 id="unknown-title">{outcome::UNKNOWN_DO}</h2>
            <ol>
                {(!finished.told)
                    .then(|| {
                        view! {
                            <li>
                                {outcome::UNKNOWN_LOST}
                                " "
                                <a href=Page::History.href()>{outcome::LOOK_IN_HISTORY}</a>
                                <p class="muted">{outcome::INTENT} " " <code>{finished.reviewed.intent.clone()}</code></p>
                            </li>
                        }
                    })}
                <li>{look}</li>
                <li>{outcome::UNKNOWN_FOUND}</li>
                <li>{outcome::UNKNOWN_NOT_FOUND}</li>
            </ol>
            {finished
                .entry
                .map(|entry| {
                    view! {
                        <p>
                            <a class="button button--primary" href=entry_href(entry) data-testid="settle-link">
                                {outcome::SETTLE_NOW}
                            </a>
                        </p>
                    }
                })}
            <h3>{outcome::UNKNOWN_WHY}</h3>
            <p>{outcome::UNKNOWN_WHY_TEXT}</p>
        </section>
    }
}

#[component]
fn NextButtons(finished: Arc<Finished>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let kind = finished.ending.outcome;
    let stopped = matches!(finished.ending.code, ErrorCode::AlreadyOnRecord | ErrorCode::SentMeanwhile);
    let review_again = Callback::new(move |()| review_again(state, Arc::clone(&finished.reviewed)));
    let back = Callback::new(move |()| state.back_to_form());
    let another = Callback::new(move |()| state.sign_another());
    let (words, action, weight) = match kind {
        Outcome::Signed => (outcome::ANOTHER, another, Weight::Primary),
        Outcome::Refused => (outcome::EDIT, back, Weight::Primary),
        Outcome::NotSent if stopped => (outcome::TO_REVIEW, review_again, Weight::Primary),
        Outcome::NotSent => (outcome::TO_FORM, back, Weight::Primary),
        Outcome::Unknown => (outcome::ANOTHER, another, Weight::Plain),
    };
    view! {
        <div class="row">
            <Button weight on_click=action test_id="button-next">
                {words}
            </Button>
        </div>
    }
}

/// A review of the same form: what speaks against it now, and a decision of its own.
fn review_again(state: DeskState, reviewed: Arc<Reviewed>) {
    spawn_local(async move {
        match Reviewed::ask(state, reviewed.form.clone()).await {
            Ok(reviewed) => state.show_review(reviewed),
            // The form asks again, and says what is wrong.
            Err(_) => state.back_to_form(),
        }
    });
}
