//! Trusting a CA that a server presented, or accepting exactly its own certificate: only after a person typed the
//! fingerprint that the server's owner told them.

use desk::commands::trust_ca::{self, TrustCa};
use desk::commands::trust_certificate::{self, TrustCertificate};
use desk::{Command, Failure};
use domain::{ConnectionId, Field, Fingerprint, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::attempt::Attempt;
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::parts::note::Note;
use crate::tested::{Differed, Last};
use crate::ui::button::{Button, Weight};
use crate::ui::facts::{Fact, Facts};
use crate::ui::field::{Kind, TextField};
use crate::ui::focus;
use crate::words::{connection, doctor, join};

/// What a typed fingerprint leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// The CA above the server's certificate is trusted for this connection.
    Ca,
    /// Exactly the server's own certificate is accepted for this connection.
    Certificate,
}

/// The words of an offer.
struct Words {
    title: &'static str,
    text: &'static str,
    subject: &'static str,
    button: &'static str,
    ready: &'static str,
    done: &'static str,
}

impl Offer {
    fn words(self) -> Words {
        match self {
            Self::Ca => Words {
                title: doctor::TRUST_TITLE,
                text: doctor::TRUST_TEXT,
                subject: doctor::CA,
                button: doctor::TRUST,
                ready: doctor::TRUST_READY,
                done: doctor::TRUSTED,
            },
            Self::Certificate => Words {
                title: doctor::EXACT_TITLE,
                text: doctor::EXACT_TEXT,
                subject: doctor::CERTIFICATE,
                button: doctor::EXACT,
                ready: doctor::EXACT_READY,
                done: doctor::EXACT_DONE,
            },
        }
    }

    fn field(self) -> Field {
        match self {
            Self::Ca => Field::CaFingerprint,
            Self::Certificate => Field::ExactCertificate,
        }
    }

    /// For tests and styles: of the form and of its button.
    fn test_ids(self) -> (&'static str, &'static str) {
        match self {
            Self::Ca => ("trust-ca", "button-trust-ca"),
            Self::Certificate => ("trust-certificate", "button-trust-certificate"),
        }
    }
}

/// The field, the comparison, and what comes of it.
#[component]
pub(super) fn TrustForm(
    attempt: Attempt,
    offer: Offer,
    /// The connection that was tested: nothing else changes.
    of: ConnectionId,
    name: String,
    subject: String,
    sha256: Fingerprint,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    // The desk compares once for each test. What was typed stays in sight, to be checked with the server's owner, also
    // after another page.
    let (compared, typed) = match untrack(|| attempt.last_test(&of)) {
        Last::Counts(test) => (test.differed.clone(), test.typed.clone()),
        Last::None | Last::Outdated => (ArcRwSignal::new(None), ArcRwSignal::new(String::new())),
    };
    let (differed, told) = (RwSignal::from(compared.clone()), RwSignal::from(typed));
    let failure = RwSignal::new(None::<Failure>);
    let tested = of.clone();
    let missing = Memo::new(move |_| told.with(|it| missing(it)));
    let trust = move || {
        let closed = differed.with_untracked(Option::is_some);
        if busy.get_untracked() || closed || missing.with_untracked(Option::is_some) {
            return;
        }
        busy.set(true);
        failure.set(None);
        let (told, of) = (told.get_untracked(), of.clone());
        let (typed, compared) = (Fingerprint::parse(&told).ok(), compared.clone());
        spawn_local(async move {
            let answer = trust(attempt, offer, of.clone(), sha256, told).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(()) => attempt.test(of),
                Err(it) => {
                    // There is one field: what is wrong with it is what went wrong.
                    let told = it.problems.first().map(|problem| Failure::new(problem.code));
                    let failed = told.unwrap_or(it);
                    if let Some(typed) = typed.filter(|_| failed.code.is_other_fingerprint()) {
                        // The page may be gone by now; its test is not.
                        compared.set(Some(Differed { typed, failure: failed }));
                        // The field that had the focus is gone.
                        focus::soon("[data-testid='button-test-again']");
                    } else {
                        let _ = failure.try_set(Some(failed));
                    }
                }
            }
        });
    };
    let Words { title, text, subject: subject_label, button, ready, .. } = offer.words();
    let (form_test_id, button_test_id) = offer.test_ids();
    view! {
        <form
            class="stack stack--tight trust-ca"
            data-testid=form_test_id
            novalidate
            autocomplete="off"
            aria-labelledby="trust-ca-title"
            on:submit=move |event| {
                event.prevent_default();
                trust();
            }
        >
            <h3 id="trust-ca-title">{title}</h3>
            <p>{text}</p>
            <Facts>
                <Fact name=doctor::FOR value=visible(&name) />
                <Fact name=subject_label value=visible(&subject) />
            </Facts>
            {move || match differed.get() {
                // Nothing more can be compared with this test, so there is nothing to type into.
                Some(it) => {
                    let of = tested.clone();
                    let again = Callback::new(move |()| attempt.test(of.clone()));
                    view! {
                        <FailureNotice failure=it.failure />
                        <Typed typed=it.typed label=doctor::TYPED />
                        <div class="row">
                            <Button
                                weight=Weight::Primary
                                test_id="button-test-again"
                                busy=Signal::derive(move || attempt.busy())
                                reason_id="trust-reason"
                                on_click=again
                            >
                                {connection::TEST_AGAIN}
                            </Button>
                            <p class="actions-reason" id="trust-reason">
                                {doctor::COMPARED_ONCE}
                            </p>
                        </div>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <div class="fields fields--one">
                            <TextField
                                field=offer.field()
                                value=told
                                on_input=Callback::new(move |text| {
                                    failure.set(None);
                                    told.set(text);
                                })
                                problem=Signal::stored(None)
                                kind=Kind::Code
                                wide=true
                            />
                        </div>
                        {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
                        <div class="row">
                            <Button
                                submit=true
                                test_id=button_test_id
                                disabled=Signal::derive(move || missing.with(Option::is_some))
                                busy
                                reason_id="trust-reason"
                            >
                                {button}
                            </Button>
                            <p class="actions-reason" id="trust-reason">
                                {move || missing.get().unwrap_or_else(|| ready.to_owned())}
                            </p>
                        </div>
                    }
                        .into_any()
                }
            }}
        </form>
    }
}

/// A fingerprint that a person typed, in groups as it is read out. The one that the server presented is never beside it: it
/// would be copied.
#[component]
pub(super) fn Typed(typed: Fingerprint, label: &'static str) -> impl IntoView {
    let groups = groups(typed).into_iter().map(|it| view! { <span>{it}</span> }).collect_view();
    view! {
        <dl class="pins" data-testid="fingerprint-typed">
            <div>
                <dt>{label}</dt>
                <dd><code class="groups">{groups}</code></dd>
            </div>
        </dl>
    }
}

/// A fingerprint in groups of four digits.
fn groups(it: Fingerprint) -> Vec<String> {
    let digits: Vec<char> = it.hex().to_uppercase().chars().collect();
    digits.chunks(4).map(|it| it.iter().collect()).collect()
}

/// Why what is typed cannot be compared yet.
fn missing(told: &str) -> Option<String> {
    if Fingerprint::parse(told).is_ok() {
        return None;
    }
    let digits = told.chars().filter(char::is_ascii_hexdigit).count();
    let plain = told.chars().all(|it| it.is_ascii_hexdigit() || it == ':' || it.is_whitespace());
    Some(match digits {
        0 if plain => doctor::TRUST_EMPTY.to_owned(),
        1..64 if plain => join(&[&digits.to_string(), doctor::TRUST_PARTLY]),
        _ => doctor::TRUST_OTHER.to_owned(),
    })
}

async fn trust(
    attempt: Attempt,
    offer: Offer,
    connection: ConnectionId,
    shown: Fingerprint,
    typed: String,
) -> Result<(), Failure> {
    let state = attempt.state;
    let (command, request) = match offer {
        Offer::Ca => {
            (TrustCa::INFO.name, host::write(&trust_ca::Request { connection, shown, told: typed })?)
        }
        Offer::Certificate => {
            let request = trust_certificate::Request { connection, sha256: typed };
            (TrustCertificate::INFO.name, host::write(&request)?)
        }
    };
    let mut done = host::act(command, &request).await?;
    attempt.announcer.say(offer.words().done);
    if let Some(it) = done.shown.take() {
        state.was_stored(&it);
        // The form, if it is this connection's, goes on with the new trust and keeps what else was typed. The trust that was
        // just accepted replaces one that was typed.
        if state.form_of.with_untracked(|of| of.as_ref() == Some(&Some(it.id.clone()))) {
            for form in [state.connection_form, state.form_before] {
                form.update(|form| {
                    form.ca = it.connection.ca.clone();
                    form.system_too = it.connection.system_too;
                });
            }
        }
    }
    state.ask().await;
    state.notes.update(|it| it.extend(Note::all(&done)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_says_what_is_missing() {
        assert_eq!(missing(" ").as_deref(), Some(doctor::TRUST_EMPTY));
        assert_eq!(missing("AB:CD").as_deref(), Some("4 of 64 hexadecimal digits."));
        assert_eq!(missing("CN=Root").as_deref(), Some(doctor::TRUST_OTHER));
        assert_eq!(missing(&"a".repeat(65)).as_deref(), Some(doctor::TRUST_OTHER));
        assert_eq!(missing(&["SHA256 Fingerprint=", &["AB"; 32].join(":")].concat()), None);
    }
}
