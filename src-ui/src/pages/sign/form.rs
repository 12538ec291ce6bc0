//! The signing form: every field of the vendor's page, grouped as a person decides.

use desk::Failure;
use domain::{Field, SignForm};
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::certificate::CertificateGroup;
use super::elsewhere::{SigningWithAnother, SigningsElsewhere};
use super::issuer::IssuerGroup;
use super::preview::Preview;
use super::stepper::Stepper;
use crate::clock;
use crate::parts::environment::ProductionBar;
use crate::parts::expiry::ExpiryNotice;
use crate::parts::failure::FailureNotice;
use crate::parts::problems::{ProblemSummary, Problems};
use crate::parts::token_again;
use crate::parts::token_rejected::TokenRejected;
use crate::state::{DeskState, FormNote, Obstacle, Place, Reviewed};
use crate::ui::button::{Button, Weight};
use crate::ui::field::{Kind, TextField};
use crate::ui::focus;
use crate::ui::heading::Heading;
use crate::ui::notice::{Notice, Tone};
use crate::words::{session, sign};

/// The fields in the order in which they are shown.
const ORDER: &[Field] = &[
    Field::CsrId,
    Field::Organization,
    Field::SignType,
    Field::RootCommonName,
    Field::RootSerialNumber,
    Field::ValidityDays,
    Field::EndDate,
    Field::Intermediate,
];

/// One field of the form: how it is read, and how it is written.
pub(super) fn bind(
    state: DeskState,
    problems: Problems,
    field: Field,
    slot: fn(&mut SignForm) -> &mut String,
) -> (Signal<String>, Callback<String>) {
    let value = Signal::derive(move || state.sign_form.with(|form| slot(&mut form.clone()).clone()));
    let write = Callback::new(move |text| {
        problems.touched(field);
        state.sign_form.update(|form| *slot(form) = text);
    });
    (value, write)
}

/// The form.
#[component]
pub(super) fn FormStep() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let own = Memo::new(move |_| {
        let mut own = state.sign_form.with(|form| form.check(clock::now()).err().unwrap_or_default());
        own.extend(state.end_date_problem());
        own
    });
    let problems = Problems::new(own.into(), state.handed_in);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    focus_first_empty(state);
    Effect::new(move |_| {
        // What the desk said of the fields was said of what they held for the other connection.
        if state.form_note.with(|it| matches!(it, Some(FormNote::TypedForAnother(_)))) {
            problems.forget_told();
        }
    });
    let submit = move || {
        if busy.get_untracked() || state.obstacle_now().is_some() {
            return;
        }
        failure.set(None);
        if problems.hand_in() {
            ask_for_review(state, problems, busy, failure);
        }
    };
    let shortcut = move |event: KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            submit();
        }
    };
    view! {
        <div class="screen screen--sign" data-testid="screen-sign">
            <Heading text=sign::TITLE lead=sign::LEAD>
                <Stepper current=0 />
            </Heading>
            <ProductionBar place=Signal::derive(move || state.in_use().as_ref().map(Place::from)) />
            <ExpiryNotice of=Signal::derive(move || state.in_use()) />
            <SigningWithAnother />
            <SigningsElsewhere of_csr=None />
            {move || {
                state
                    .changed_over
                    .get()
                    .map(|(name, another)| {
                        let (title, text) = session::changed_over(&name, another);
                        view! {
                            <Notice tone=Tone::Warning title alert=true test_id="changed-over">
                                <p>{text}</p>
                            </Notice>
                        }
                    })
            }}
            {move || state.form_note.get().map(|note| view! { <FormNoteLine note /> })}
            <ProblemSummary problems handed_in=state.handed_in.into() order=ORDER />
            {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
            <form
                class="with-aside"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
                on:keydown=shortcut
            >
                <div class="stack">
                    <RequestGroup problems />
                    <IssuerGroup problems />
                    <CertificateGroup problems />
                </div>
                <aside class="aside">
                    <Preview />
                    <Actions busy=busy.into() problems />
                </aside>
            </form>
        </div>
    }
}

/// Typing can begin immediately: the first empty field takes the focus when the form comes up. While nothing can be signed
/// it does not, and once that has changed only if nobody has put the focus elsewhere.
fn focus_first_empty(state: DeskState) {
    let ready = Memo::new(move |_| state.obstacle().is_none());
    Effect::new(move |done: Option<bool>| {
        if done == Some(true) || !ready.get() {
            return done.unwrap_or(false);
        }
        let empty = state.sign_form.with_untracked(|it| {
            let fields = [(Field::CsrId, &it.csr_id), (Field::RootCommonName, &it.root_common_name)];
            fields.into_iter().find(|(_, text)| text.trim().is_empty()).map(|(field, _)| field)
        });
        if let Some(field) = empty.filter(|_| done.is_none() || focus::is_free()) {
            focus::on_arrival(field.id());
        }
        true
    });
}

#[component]
fn RequestGroup(problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let (csr_id, set_csr_id) = bind(state, problems, Field::CsrId, |form| &mut form.csr_id);
    let (organization, set_organization) =
        bind(state, problems, Field::Organization, |form| &mut form.organization);
    view! {
        <section class="card" aria-labelledby="group-request">
            <h2 id="group-request">{sign::GROUP_REQUEST}</h2>
            <div class="fields">
                <TextField
                    field=Field::CsrId
                    value=csr_id
                    on_input=set_csr_id
                    on_blur=problems.left()
                    problem=problems.of(Field::CsrId)
                    kind=Kind::Digits
                />
                <TextField
                    field=Field::Organization
                    value=organization
                    on_input=set_organization
                    on_blur=problems.left()
                    problem=problems.of(Field::Organization)
                    optional=true
                />
            </div>
        </section>
    }
}

/// Why the form is not as it was left, in words that stay until the next step.
#[component]
fn FormNoteLine(note: FormNote) -> impl IntoView {
    let (tone, title, text) = sign::form_note(&note);
    view! {
        <Notice tone title alert=true test_id="form-note">
            {(!text.is_empty()).then(move || view! { <p>{text}</p> })}
        </Notice>
    }
}

/// The button, and why it cannot be pressed if it cannot.
#[component]
fn Actions(busy: Signal<bool>, problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let obstacle = Memo::new(move |_| state.obstacle());
    let clear = Callback::new(move |()| {
        state.clear_sign_form();
        for field in ORDER {
            problems.touched(*field);
        }
        focus::soon(["#", Field::CsrId.id()].concat());
    });
    view! {
        <div class="actions">
            <Button
                weight=Weight::Primary
                submit=true
                test_id="button-review"
                disabled=Signal::derive(move || obstacle.get().is_some())
                busy
                reason_id="review-reason"
            >
                {move || if busy.get() { sign::REVIEWING } else { sign::REVIEW }}
            </Button>
            <p class="actions-reason" id="review-reason">
                {move || match obstacle.get() {
                    None => view! { {sign::LOOKS_ONLY} " " <kbd>{sign::SHORTCUT}</kbd> }.into_any(),
                    Some(it) => view! { <ObstacleWords obstacle=it /> }.into_any(),
                }}
            </p>
            <TokenRejected />
            <Button weight=Weight::Quiet on_click=clear>
                {sign::CLEAR}
            </Button>
        </div>
    }
}

#[component]
fn ObstacleWords(obstacle: Obstacle) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let (words, link) = sign::obstacle(obstacle);
    let arrive = move |event: MouseEvent| {
        if obstacle != Obstacle::NoToken {
            return;
        }
        // After an unlock the field is on this page.
        if token_again::focus_field() {
            event.prevent_default();
        } else {
            focus::on_arrival(Field::Token.id());
        }
    };
    view! {
        <strong>{words}</strong>
        {link.map(|link| view! { " " <a href=move || state.token_href() on:click=arrive>{link}</a> })}
    }
}

fn ask_for_review(
    state: DeskState,
    problems: Problems,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
) {
    if busy.try_set(true).is_some() {
        // The person has left the form.
        return;
    }
    let form = state.sign_form.get_untracked();
    spawn_local(async move {
        let reviewed = Reviewed::ask(state, form).await;
        let _ = busy.try_set(false);
        match reviewed {
            // The form was emptied meanwhile: there is nothing to review.
            _ if !state.handed_in.get_untracked() => {}
            // What was typed meanwhile belongs to the review as well.
            Ok(reviewed) if state.sign_form.with_untracked(|it| *it != reviewed.form) => {
                ask_for_review(state, problems, busy, failure);
            }
            // A date that can't be used was typed meanwhile.
            Ok(_) if untrack(|| state.end_date_problem()).is_some() => {
                problems.hand_in();
            }
            Ok(reviewed) => state.show_review(reviewed, false),
            Err(it) if !it.problems.is_empty() => problems.tell(it.problems),
            Err(it) => {
                let _ = failure.try_set(Some(it));
                // The desk may have lost the token or the server since it was last asked.
                state.refresh();
            }
        }
    });
}
