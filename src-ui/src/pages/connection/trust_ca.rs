//! Trusting a CA that a server showed: only after a person typed the fingerprint that the server's owner told them.

use desk::commands::trust_ca::{self, TrustCa};
use desk::{Command, Failure};
use domain::{Field, Fingerprint, visible};
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
pub(super) fn TrustCaForm(attempt: Attempt, subject: String, sha256: Fingerprint) -> impl IntoView {
    let told = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let missing = Memo::new(move |_| told.with(|it| missing(it)));
    let blocked = Signal::derive(move || busy.get() || missing.get().is_some());
    let trust = Callback::new(move |()| {
        if untrack(|| blocked.get()) {
            return;
        }
        busy.set(true);
        failure.set(None);
        let told = told.get_untracked();
        spawn_local(async move {
            let answer = trust(attempt, trust_ca::Request { shown: sha256, told }).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(()) => attempt.test(),
                Err(it) => {
                    // There is one field: what is wrong with it is what went wrong.
                    let told = it.problems.first().map(|problem| Failure::new(problem.code));
                    let _ = failure.try_set(Some(told.unwrap_or(it)));
                }
            }
        });
    });
    view! {
        <div class="stack stack--tight trust-ca" data-testid="trust-ca">
            <h3>{doctor::TRUST_TITLE}</h3>
            <p>{doctor::TRUST_TEXT}</p>
            <Facts>
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
            <div class="row">
                <Button test_id="button-trust-ca" disabled=blocked reason_id="trust-reason" on_click=trust>
                    {doctor::TRUST}
                </Button>
                <p class="actions-reason" id="trust-reason">
                    {move || missing.get().unwrap_or_else(|| doctor::TRUST_READY.to_owned())}
                </p>
            </div>
        </div>
    }
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
