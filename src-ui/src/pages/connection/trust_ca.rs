//! Trusting a CA that a server showed: only after a person typed the fingerprint that the server's owner told them.

use desk::commands::trust_ca::{self, TrustCa};
use desk::{Command, Failure};
use domain::{ConnectionId, Field, Fingerprint, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::attempt::Attempt;
use crate::host;
use crate::parts::failure::FailureNotice;
use crate::parts::note::Note;
use crate::ui::button::Button;
use crate::ui::facts::{Fact, Facts};
use crate::ui::field::{Kind, TextField};
use crate::words::{doctor, join};

/// The field, the comparison, and what comes of it.
#[component]
pub(super) fn TrustCaForm(
    attempt: Attempt,
    /// The connection that was tested: it alone trusts the CA afterwards.
    of: ConnectionId,
    name: String,
    subject: String,
    sha256: Fingerprint,
    /// Set once a whole fingerprint was typed and compared.
    revealed: RwSignal<bool>,
) -> impl IntoView {
    let told = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let missing = Memo::new(move |_| told.with(|it| missing(it)));
    let compared = Memo::new(move |_| {
        let typed = told.with(|it| Fingerprint::parse(it).ok())?;
        revealed.get().then_some(typed).filter(|it| *it != sha256)
    });
    let trust = move || {
        if busy.get_untracked() || missing.with_untracked(Option::is_some) {
            return;
        }
        busy.set(true);
        failure.set(None);
        revealed.set(true);
        let (told, of) = (told.get_untracked(), of.clone());
        spawn_local(async move {
            let answer =
                trust(attempt, trust_ca::Request { connection: of.clone(), shown: sha256, told }).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(()) => attempt.test(of),
                Err(it) => {
                    // There is one field: what is wrong with it is what went wrong.
                    let told = it.problems.first().map(|problem| Failure::new(problem.code));
                    let _ = failure.try_set(Some(told.unwrap_or(it)));
                }
            }
        });
    };
    view! {
        <form
            class="stack stack--tight trust-ca"
            data-testid="trust-ca"
            novalidate
            autocomplete="off"
            aria-labelledby="trust-ca-title"
            on:submit=move |event| {
                event.prevent_default();
                trust();
            }
        >
            <h3 id="trust-ca-title">{doctor::TRUST_TITLE}</h3>
            <p>{doctor::TRUST_TEXT}</p>
            <Facts>
                <Fact name=doctor::FOR value=visible(&name) />
                <Fact name=doctor::CA value=visible(&subject) />
            </Facts>
            <div class="fields fields--one">
                <TextField
                    field=Field::CaFingerprint
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
            {move || compared.get().map(|typed| view! { <Compared typed presented=sha256 /> })}
            <div class="row">
                <Button
                    submit=true
                    test_id="button-trust-ca"
                    disabled=Signal::derive(move || missing.with(Option::is_some))
                    busy
                    reason_id="trust-reason"
                >
                    {doctor::TRUST}
                </Button>
                <p class="actions-reason" id="trust-reason">
                    {move || missing.get().unwrap_or_else(|| doctor::TRUST_READY.to_owned())}
                </p>
            </div>
        </form>
    }
}

/// Two fingerprints below each other, in groups, each group that differs marked.
#[component]
fn Compared(typed: Fingerprint, presented: Fingerprint) -> impl IntoView {
    let (typed, presented) = (groups(typed), groups(presented));
    let row = |own: &[String], other: &[String]| {
        own.iter()
            .zip(other)
            .map(|(it, other)| {
                if it == other {
                    view! { <span>{it.clone()}</span> }.into_any()
                } else {
                    view! { <mark>{it.clone()}</mark> }.into_any()
                }
            })
            .collect_view()
    };
    view! {
        <dl class="pins" data-testid="fingerprints-compared">
            <div>
                <dt>{doctor::TYPED}</dt>
                <dd><code class="groups">{row(&typed, &presented)}</code></dd>
            </div>
            <div>
                <dt>{doctor::PRESENTED}</dt>
                <dd><code class="groups">{row(&presented, &typed)}</code></dd>
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

async fn trust(attempt: Attempt, request: trust_ca::Request) -> Result<(), Failure> {
    let state = attempt.state;
    let mut done = host::act(TrustCa::INFO.name, &host::write(&request)?).await?;
    attempt.announcer.say(doctor::TRUSTED);
    // The form, if it is this connection's, goes on with the new CA and keeps what else was typed.
    if let Some(it) = done.shown.take()
        && state.form_of.get_untracked().flatten() == Some(it.id)
    {
        state.connection_form.update(|form| {
            form.ca = it.connection.ca;
            form.system_too = it.connection.system_too;
        });
    }
    state.ask().await;
    state.notes.set(Note::all(&done));
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
