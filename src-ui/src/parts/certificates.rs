//! What the server says it issued. All of it is foreign text.

use domain::{Certificate, SerialNumber, clipped, visible};
use leptos::prelude::*;

use crate::ui::facts::{Fact, Facts};
use crate::ui::notice::{Notice, Tone};
use crate::words::outcome;

/// More than any name or id; a longer one is cut visibly.
const SHOWN: usize = 512;

/// Every certificate the server named, or the one that a person found.
#[component]
pub(crate) fn Certificates(
    certificates: Vec<Certificate>,
    /// The server's words in the answer that named them.
    #[prop(optional_no_strip)]
    message: Option<String>,
    #[prop(optional)] found_by_person: bool,
) -> impl IntoView {
    let title = if found_by_person { outcome::FOUND_CERTIFICATE } else { outcome::CERTIFICATES };
    let message = message.filter(|_| !found_by_person);
    let caution = Certificate::caution(&certificates, message.as_deref());
    (!certificates.is_empty()).then(|| {
        view! {
            {caution
                .map(|title| view! { <Notice tone=Tone::Warning title test_id="certificate-caution" /> })}
            <section class="card" aria-labelledby="certificates-title">
                <h2 id="certificates-title">{title}</h2>
                <Blocks certificates />
            </section>
        }
    })
}

/// Each certificate in a block of its own, with a numbered heading where there are several.
#[component]
fn Blocks(certificates: Vec<Certificate>) -> impl IntoView {
    let count = certificates.len();
    let block = move |(place, certificate): (usize, Certificate)| {
        view! {
            {Certificate::heading(place, count)
                .map(|it| view! { <h3 data-testid="certificate-heading">{it}</h3> })}
            <CertificateFacts certificate />
        }
    };
    certificates.into_iter().enumerate().map(block).collect_view()
}

/// What an answer claims that does not count as signed.
#[component]
pub(crate) fn Reported(certificates: Vec<Certificate>) -> impl IntoView {
    (!certificates.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="reported-title" data-testid="reported">
                <h2 id="reported-title">{outcome::REPORTED}</h2>
                <p class="muted">{outcome::REPORTED_WHY}</p>
                <Blocks certificates />
            </section>
        }
    })
}

#[component]
fn CertificateFacts(certificate: Certificate) -> impl IntoView {
    let text = |it: Option<String>| it.map(|it| clipped(&visible(&it), SHOWN));
    let plain = |name: &'static str, value: Option<String>, code: bool| {
        let told = value.is_some();
        let value = value.unwrap_or_else(|| outcome::NOT_TOLD.to_owned());
        view! { <Fact name value code=code copy=told /> }
    };
    let serial = certificate.serial_number.as_deref().map(SerialNumber::parse);
    view! {
        <Facts>
            {plain(outcome::COMMON_NAME, text(certificate.common_name), false)}
            {plain(outcome::CERTIFICATE_ID, text(certificate.certificate_id), true)}
            {match serial {
                Some(Ok(serial)) => {
                    view! {
                        <Fact
                            name=outcome::SERIAL_HEX
                            value=serial.hex()
                            code=true
                            copy=true
                            test_id="certificate-serial-hex"
                        />
                        <Fact name=outcome::SERIAL_COLONS value=serial.colons() code=true copy=true />
                        <Fact name=outcome::SERIAL_DECIMAL value=serial.decimal() code=true copy=true />
                    }
                        .into_any()
                }
                _ => plain(outcome::SERIAL_AS_IS, text(certificate.serial_number), true).into_any(),
            }}
        </Facts>
    }
}
