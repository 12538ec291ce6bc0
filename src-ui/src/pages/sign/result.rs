//! The result: how it ended, what that means, and what to do next.

use std::sync::Arc;

use domain::{BaseUrl, Ending, ErrorCode, Field, Outcome, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::review::{BeforeList, review_again};
use super::stepper::Stepper;
use crate::cure::Cure;
use crate::parts::certificates::{Certificates, Reported};
use crate::parts::entry_links::EntryLinks;
use crate::parts::environment::ProductionBar;
use crate::parts::outcome as mark;
use crate::parts::request_facts::RequestFacts;
use crate::parts::seen::SeenDetails;
use crate::route::{Page, entry_href, go};
use crate::signing::{Finished, Signing, Subject};
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::disclosure::Disclosure;
use crate::ui::heading::Heading;
use crate::ui::icon::Glyph;
use crate::ui::notice::{Notice, Tone};
use crate::words::{outcome, visible_lines};

/// The step.
#[component]
pub(super) fn ResultStep(finished: Arc<Finished>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let ending = finished.ending.clone();
    let Subject { request, server, intent, .. } = (*finished.subject).clone();
    let kind = ending.outcome;
    let makes_ca = request.intermediate && kind == Outcome::Signed;
    let (class, icon) = mark::look(kind.into(), makes_ca);
    let of = Arc::clone(&finished.subject);
    let place = Signal::derive(move || state.place_of(&of));
    // Somebody may have resolved it since it was shown last.
    state.check_result(Arc::clone(&finished));
    // What the history has of it may change while it is shown.
    let (of, first) = (intent.clone(), (finished.entry, finished.warning));
    let recorded = Memo::new(move |_| {
        state.signing.with(|it| match it {
            Some(Signing::Ended(it)) if it.subject.intent == of => (it.entry, it.warning),
            _ => first,
        })
    });
    let as_it_is = {
        let finished = Arc::clone(&finished);
        move || {
            let (entry, warning) = recorded.get();
            Arc::new(Finished { entry, warning, ..Finished::clone(&finished) })
        }
    };
    let of_help = as_it_is.clone();
    view! {
        <div class="screen" data-testid="screen-result">
            <ProductionBar place />
            <div
                class=class
                data-testid="outcome"
                data-outcome=kind.as_str()
                data-ca=makes_ca.then_some("true")
            >
                <Glyph icon />
                <div class="outcome-body">
                    <Heading text=finished.heading()>
                        <Stepper current=2 />
                    </Heading>
                    <p class="outcome-what" data-testid="outcome-what">
                        {ending.code.what()}
                        " "
                        {if no_words(&ending) { outcome::NO_WORDS.to_owned() } else { ending.code.next_of_signing() }}
                        {BaseUrl::port_advice(&server, ending.code)}
                        {ending.wait()}
                    </p>
                    {makes_ca.then(|| view! { <p class="strong">{outcome::CA_NEXT}</p> })}
                    {(!finished.problems.is_empty())
                        .then(|| {
                            let items = finished.problems.iter().map(ToString::to_string);
                            view! { <ul>{items.map(|it| view! { <li>{it}</li> }).collect_view()}</ul> }
                        })}
                    {(!finished.earlier.is_empty())
                        .then(|| {
                            let before = finished.before.clone();
                            let named = |it: &u64| before.iter().any(|before| before.entry == *it);
                            let unread: Vec<_> = finished.earlier.iter().copied().filter(|it| !named(it)).collect();
                            view! {
                                <p class="strong">{outcome::SPEAK_AGAINST}</p>
                                {(!before.is_empty()).then(|| view! { <BeforeList rows=before more=0 /> })}
                                {(!unread.is_empty()).then(|| view! { <EntryLinks entries=unread /> })}
                            }
                        })}
                    <ServerWords ending=ending.clone() />
                    {move || recorded.get().1.map(|code| view! { <NotRecorded code /> })}
                    {finished.repeated.then(|| view! { <p class="strong">{outcome::REPEATED}</p> })}
                    {move || view! { <RecordLine finished=as_it_is() /> }}
                </div>
            </div>
            {(kind == Outcome::Unknown).then_some(move || view! { <UnknownHelp finished=of_help() /> })}
            <Certificates certificates=ending.certificates.clone() message=ending.server_message.clone() />
            <Reported certificates=ending.reported.clone() />
            <NextButtons finished=Arc::clone(&finished) />
            <Disclosure summary=outcome::WHAT_WAS_ASKED>
                <RequestFacts request server verified_by=ending.seen.verified_by />
            </Disclosure>
            <SeenDetails ending intent />
        </div>
    }
}

/// Whether the server refused without a word that could be read.
fn no_words(ending: &Ending) -> bool {
    let empty = ending.server_message.as_ref().is_none_or(|it| it.trim().is_empty());
    empty && ending.code == ErrorCode::ServerRefused
}

/// The answer is here, but not on record.
#[component]
fn NotRecorded(code: ErrorCode) -> impl IntoView {
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
    let none = finished.no_entry();
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
    let request = &finished.subject.request;
    let issuer = request.issuer.as_ref().map(|it| visible(it.common_name.as_str()));
    let in_history = finished.entry.is_some() || !finished.told;
    let look = outcome::look(
        in_history,
        &request.csr_id.to_string(),
        issuer.as_deref(),
        &finished.subject.began.date_time(),
    );
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
                                <p class="muted">{outcome::INTENT} " " <code>{finished.subject.intent.clone()}</code></p>
                            </li>
                        }
                    })}
                <li>{look}</li>
                <li>{outcome::UNKNOWN_FOUND}</li>
                // Without an entry there is nothing to record it in.
                {(finished.entry.is_some() || !finished.told).then(|| view! { <li>{outcome::UNKNOWN_NOT_FOUND}</li> })}
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
    let cure = Cure::of(finished.ending.code);
    let subject = Arc::clone(&finished.subject);
    let (of_review, of_connection, of_form) = (Arc::clone(&subject), Arc::clone(&subject), subject);
    let asking = RwSignal::new(false);
    let review_again = Callback::new(move |()| {
        let form = of_review.form.clone();
        if !asking.get_untracked() {
            asking.set(true);
            spawn_local(async move {
                review_again(state, form).await;
                // The result may be left by now.
                let _ = asking.try_set(false);
            });
        }
    });
    let back = Callback::new(move |()| state.edit_again(&of_form.form));
    let another = Callback::new(move |()| state.to_form());
    let (words, action, weight) = match kind {
        Outcome::Signed => (outcome::ANOTHER, another, Weight::Primary),
        Outcome::NotSent if stopped => (outcome::TO_REVIEW, review_again, Weight::Primary),
        Outcome::Refused | Outcome::NotSent if cure != Cure::Form => (outcome::EDIT, back, Weight::Plain),
        Outcome::Refused => (outcome::EDIT, back, Weight::Primary),
        Outcome::NotSent => (outcome::TO_FORM, back, Weight::Primary),
        Outcome::Unknown => (outcome::ANOTHER, another, Weight::Plain),
    };
    let first = match cure {
        _ if !matches!(kind, Outcome::Refused | Outcome::NotSent) => None,
        Cure::Form => None,
        Cure::History => Some((outcome::OPEN_HISTORY, None, "button-open-history")),
        Cure::Token => Some((outcome::REPLACE_TOKEN, Some(Field::Token), "button-replace-token")),
        Cure::Connection => Some((outcome::OPEN_CONNECTION, Some(Field::Server), "button-open-connection")),
    };
    let first = first.map(|(words, field, test_id)| {
        let of_connection = Arc::clone(&of_connection);
        let open = Callback::new(move |()| {
            state.take_back(&of_connection);
            match field {
                Some(field) => state.go_to_connection(field),
                None => go(Page::History),
            }
        });
        view! {
            <Button weight=Weight::Primary on_click=open test_id>
                {words}
            </Button>
        }
    });
    view! {
        <div class="row">
            {first}
            <Button weight on_click=action busy=asking test_id="button-next">
                {words}
            </Button>
        </div>
    }
}
