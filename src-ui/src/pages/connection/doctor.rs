//! What a server showed when its certificate was not accepted: which certificate is at fault, why, and what to ask for.
//! There is no way around it in here: a CA or a key is taken over only after its fingerprint was compared.

use domain::{
    CertificateMark, ConnectionId, ErrorCode, FINGERPRINT_WITHHELD, Fingerprint, PinDifference,
    PresentedCertificate, TlsDiagnosis, visible,
};
use leptos::prelude::*;

use super::attempt::Attempt;
use super::compare::{Offer, TrustForm, Typed};
use crate::route::{self, form_href};
use crate::tested::Last;
use crate::ui::button::Button;
use crate::ui::copy::CopyButton;
use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::facts::{Fact, Facts};
use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::{doctor, join, visible_lines};

/// The panel; nothing while there is nothing to explain.
#[component]
pub(super) fn Doctor(attempt: Attempt, of: Memo<Option<ConnectionId>>) -> impl IntoView {
    let test = Memo::new_with_compare(
        move |_| match attempt.last_test(&of.get()?) {
            Last::Counts(it) => Some(it),
            Last::None | Last::Outdated => None,
        },
        // Only another test is drawn anew: what is typed into the panel stays.
        |before, now| {
            before.map(|it| it.as_ref().map(|it| it.turn)) != now.map(|it| it.as_ref().map(|it| it.turn))
        },
    );
    move || {
        let test = test.get()?;
        let diagnosis = test.answer.diagnosis.clone()?;
        let name = untrack(|| attempt.saved(&test.answer.connection))?.connection.name;
        Some(view! { <Panel attempt of=test.answer.connection.clone() name diagnosis /> })
    }
}

/// The certificate whose fingerprint a person has to bring from somewhere else before it is trusted: the CA that could be,
/// else the server's own where that one can be accepted. Where a connection accepts another exact certificate, the next
/// fingerprint is typed into the form.
fn to_be_typed(it: &TlsDiagnosis) -> Option<usize> {
    it.candidate.or((it.exact_candidate || it.other_certificate.is_some()).then_some(0))
}

#[component]
fn Panel(attempt: Attempt, of: ConnectionId, name: String, diagnosis: TlsDiagnosis) -> impl IntoView {
    let report = report(&diagnosis);
    let shown: Vec<_> = diagnosis.chain.iter().map(|it| diagnosis.shown_fingerprint(it)).collect();
    let marks: Vec<_> = (0..diagnosis.chain.len()).map(|it| diagnosis.mark(it)).collect();
    let at = to_be_typed(&diagnosis);
    let (of_pin, of_ca) = (of.clone(), of);
    let offer = if diagnosis.candidate.is_some() { Offer::Ca } else { Offer::Certificate };
    let TlsDiagnosis { code, detail, asked_name, chain, left_out, pin, other_certificate, .. } = diagnosis;
    let offered = at.filter(|_| other_certificate.is_none());
    let to_trust = offered.and_then(|it| chain.get(it)).map(|it| (it.subject.clone(), it.sha256));
    let card = move |(index, certificate): (usize, PresentedCertificate)| {
        let mark = marks.get(index).copied().flatten().map(|it| (it, code));
        let sha256 = shown.get(index).copied().flatten();
        view! { <CertificateCard index certificate sha256 mark /> }
    };
    view! {
        <section class="card doctor" aria-labelledby="doctor" data-testid="doctor">
            <h2 id="doctor" tabindex="-1">
                <Glyph icon=Icon::Warning />
                <span>{doctor::TITLE} " " <bdi>{visible(&name)}</bdi></span>
            </h2>
            <p><strong>{code.what()}</strong> " " {code.next()}</p>
            <p class="muted">{doctor::NOTHING_SENT}</p>
            {pin.map(|pin| view! { <PinDiffers attempt of=of_pin pin /> })}
            {other_certificate.map(|it| view! { <Typed typed=it.expected label=doctor::ACCEPTED /> })}
            {to_trust
                .map(|(subject, sha256)| {
                    view! { <TrustForm attempt offer of=of_ca name subject sha256 /> }
                })}
            <h3>{doctor::CHAIN}</h3>
            <Facts>
                <Fact name=doctor::ASKED value=visible(&asked_name) code=true />
            </Facts>
            <ol class="chain">{chain.into_iter().enumerate().map(card).collect_view()}</ol>
            {(left_out > 0).then(|| view! { <p class="muted">{doctor::left_out(left_out)}</p> })}
            <Disclosure summary=doctor::DETAIL>
                <Verbatim text=visible_lines(&detail) label=doctor::DETAIL />
                <p><code>{code.as_str()}</code></p>
            </Disclosure>
            <p class="actions-reason">{doctor::REPORT_TEXT} " " <CopyButton text=report what=doctor::REPORT /></p>
        </section>
    }
}

fn validity(it: &PresentedCertificate) -> String {
    match it.not_before.zip(it.not_after) {
        Some((from, to)) => doctor::valid(&from.date_time(), &to.date_time()),
        None => doctor::NOT_TOLD.to_owned(),
    }
}

fn names(it: &PresentedCertificate) -> String {
    let mut names: Vec<String> = it.names.iter().map(|it| visible(it)).collect();
    if it.names_total > names.len() {
        names.push(doctor::more_names(it.names_total - names.len()));
    }
    if names.is_empty() { doctor::NO_NAMES.to_owned() } else { names.join(", ") }
}

#[component]
fn CertificateCard(
    index: usize,
    certificate: PresentedCertificate,
    /// Its fingerprint; none when a person has to bring it from somewhere else.
    #[prop(optional_no_strip)]
    sha256: Option<Fingerprint>,
    /// Why the check failed at it, if it did.
    #[prop(optional_no_strip)]
    mark: Option<(CertificateMark, ErrorCode)>,
) -> impl IntoView {
    let tag = |shown: bool, words: &'static str| shown.then(|| view! { <span class="tag">{words}</span> });
    let (valid, names) = (validity(&certificate), names(&certificate));
    let wrong = mark.is_some_and(|(mark, _)| mark == CertificateMark::Wrong);
    let PresentedCertificate {
        subject, issuer, serial, is_ca, self_signed, key, signature_algorithm, ..
    } = certificate;
    view! {
        <li
            class="chain-link"
            class:chain-link--fault=wrong
            class:chain-link--untrusted=mark.is_some() && !wrong
            data-fault=mark.is_some().to_string()
        >
            <p class="connection-head">
                <strong>{doctor::place(index)}</strong>
                {tag(is_ca, doctor::CA)}
                {tag(self_signed, doctor::SELF_SIGNED)}
                {mark
                    .map(|(mark, _)| {
                        let (look, icon) = if wrong {
                            ("badge badge--refused", Icon::Cross)
                        } else {
                            ("badge badge--unknown", Icon::Warning)
                        };
                        view! { <span class=look><Glyph icon /> {mark.words()}</span> }
                    })}
            </p>
            {mark.filter(|_| wrong).map(|(_, code)| view! { <p class="fault">{code.what()}</p> })}
            <Facts>
                <Fact name=doctor::SUBJECT value=visible(&subject) />
                <Fact name=doctor::ISSUER value=visible(&issuer) />
                <Fact name=doctor::VALID value=valid />
                {(index == 0).then(|| view! { <Fact name=doctor::NAMES value=names code=true /> })}
                {match sha256 {
                    None => {
                        view! { <Fact name=doctor::SHA256 value=FINGERPRINT_WITHHELD test_id="sha256-withheld" /> }
                            .into_any()
                    }
                    Some(it) => view! { <Fact name=doctor::SHA256 value=it.colons() code=true /> }.into_any(),
                }}
                <Fact name=doctor::SERIAL value=visible(&serial) code=true />
                <Fact name=doctor::KEY value=join(&[&visible(&key), ", ", &visible(&signature_algorithm)]) />
            </Facts>
        </li>
    }
}

/// The pinned key and the one that was shown, side by side; taking the new one over is a change of the form.
#[component]
fn PinDiffers(attempt: Attempt, of: ConnectionId, pin: PinDifference) -> impl IntoView {
    let staged = RwSignal::new(false);
    let state = attempt.state;
    let stage = Callback::new(move |()| {
        let id = &of;
        attempt.open(id.as_str());
        attempt.advanced.set(true);
        state.connection_form.update(|it| it.pin = pin.presented.hex());
        staged.set(true);
        attempt.announcer.say(doctor::PIN_STAGED);
        let href = form_href(id.as_str());
        if route::Route::current().form.is_none() {
            route::go_to(&href, false);
        }
        focus::on_arrival(domain::Field::Pin.id());
    });
    let key = |name: &'static str, value: Fingerprint, test_id: &'static str| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd><code data-testid=test_id>{value.colons()}</code></dd>
            </div>
        }
    };
    view! {
        <div class="stack stack--tight" data-testid="pin-differs">
            <h3>{doctor::PIN_TITLE}</h3>
            <dl class="pins">
                {key(doctor::PIN_EXPECTED, pin.expected, "pin-expected")}
                {key(doctor::PIN_PRESENTED, pin.presented, "pin-presented")}
            </dl>
            <p>{doctor::PIN_NEXT}</p>
            <div class="row">
                <Button test_id="button-use-pin" on_click=stage>
                    {doctor::PIN_USE}
                </Button>
                <p class="actions-reason">{move || staged.get().then_some(doctor::PIN_STAGED)}</p>
            </div>
        </div>
    }
}

/// The same as a text for somebody else.
fn report(it: &TlsDiagnosis) -> String {
    let mut lines = vec![
        join(&[it.code.as_str(), ": ", it.code.what()]),
        join(&[doctor::ASKED, ": ", &it.asked_name]),
        it.detail.clone(),
    ];
    if let Some(pin) = &it.pin {
        lines.push(join(&[doctor::PIN_EXPECTED, ": ", &pin.expected.colons()]));
        lines.push(join(&[doctor::PIN_PRESENTED, ": ", &pin.presented.colons()]));
    }
    for (index, certificate) in it.chain.iter().enumerate() {
        let mark = it.mark(index).map_or("", CertificateMark::words);
        // The text ends up on the same screen as the field for a fingerprint.
        let sha256 = it.shown_fingerprint(certificate);
        let sha256 = sha256.map_or_else(|| FINGERPRINT_WITHHELD.to_owned(), |it| it.colons());
        lines.push(String::new());
        lines.push(join(&[&doctor::place(index), " ", mark]));
        for (name, value) in [
            (doctor::SUBJECT, certificate.subject.clone()),
            (doctor::ISSUER, certificate.issuer.clone()),
            (doctor::VALID, validity(certificate)),
            (doctor::NAMES, names(certificate)),
            (doctor::SHA256, sha256),
            (doctor::SERIAL, certificate.serial.clone()),
            (doctor::KEY, certificate.key.clone()),
        ] {
            lines.push(join(&["  ", name, ": ", &value]));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_shows_no_fingerprint_that_a_person_could_type_back() {
        let certificate = |byte: u8| PresentedCertificate {
            subject: "CN=it".to_owned(),
            issuer: "CN=issuer".to_owned(),
            serial: "01".to_owned(),
            not_before: None,
            not_after: None,
            sha256: Fingerprint::from_bytes([byte; 32]),
            public_key_sha256: None,
            is_ca: byte > 1,
            self_signed: false,
            names: Vec::new(),
            names_total: 0,
            signature_algorithm: String::new(),
            key: String::new(),
        };
        // The CA that could be trusted is sent twice, and the server's own certificate is never shown.
        let diagnosis = TlsDiagnosis {
            code: ErrorCode::TlsUnknownIssuer,
            detail: String::new(),
            at_fault: Some(0),
            asked_name: "h".to_owned(),
            chain: [1, 2, 3, 3].map(certificate).to_vec(),
            left_out: 0,
            pin: None,
            candidate: Some(2),
            other_certificate: None,
            exact_candidate: false,
        };
        let report = report(&diagnosis);
        let shown = |byte: u8| report.contains(&Fingerprint::from_bytes([byte; 32]).colons());
        assert_eq!([1, 2, 3].map(shown), [false, true, false], "{report}");
        assert_eq!(report.matches(FINGERPRINT_WITHHELD).count(), 3, "{report}");
    }
}
