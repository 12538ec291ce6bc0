//! The signing in short, beside the form, as it stands while it is typed.

use domain::{SerialNumber, ServerTrust, SignType, ValidityDays, visible};
use leptos::prelude::*;

use crate::clock;
use crate::state::DeskState;
use crate::words::{days, join, long_date, sign};

/// The card.
#[component]
pub(super) fn Preview() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let row = |name: &'static str, value: Option<String>, note: Option<String>| {
        let missing = value.is_none();
        view! {
            <div>
                <dt>{name}</dt>
                <dd class:missing=missing>
                    <bdi>{value.unwrap_or_else(|| sign::PREVIEW_NONE.to_owned())}</bdi>
                    {note.map(|it| view! { <bdi class="preview-note">{it}</bdi> })}
                </dd>
            </div>
        }
    };
    let typed = |text: &str| Some(visible(text.trim())).filter(|it| !it.is_empty());
    let exact = move || {
        let trust = state.in_use()?.connection.trust();
        (trust == ServerTrust::ExactCertificate).then(|| trust.words())
    };
    let server = move || {
        state
            .status
            .with(|it| Some(visible(&it.as_ref()?.connection.as_ref()?.connection.server.authority())))
    };
    view! {
        <section class="card preview" aria-labelledby="preview-title">
            <h2 id="preview-title">{sign::PREVIEW}</h2>
            {move || {
                let form = state.sign_form.get();
                let microsoft = SignType::parse(&form.sign_type) == Ok(SignType::Msca);
                let issuer = typed(&form.root_common_name)
                    .or_else(|| microsoft.then(|| sign::NO_ISSUER.to_owned()));
                let serial = SerialNumber::parse(&form.root_serial_number).ok().map(|it| it.colons());
                let validity = ValidityDays::parse(&form.validity_days).ok();
                // Days beside a date that can't be used are no end.
                let validity = validity.filter(|_| state.end_date_problem().is_none());
                let end = validity.and_then(|it| it.end(clock::now()).ok());
                let csr = typed(&form.csr_id).map(|it| join(&[sign::PREVIEW_CSR, &it]));
                let about = [typed(&form.organization), exact().map(str::to_owned)];
                let about: Vec<_> = about.into_iter().flatten().collect();
                let about = (!about.is_empty()).then(|| about.join(" · "));
                let makes = if form.intermediate { sign::MAKES_CA } else { sign::MAKES_LEAF };
                view! {
                    <dl class="preview-facts">
                        {row(sign::PREVIEW_SERVER, server(), about)}
                        {row(sign::PREVIEW_REQUEST, csr, None)}
                        {row(sign::PREVIEW_ISSUER, issuer, serial)}
                        {row(
                            sign::PREVIEW_ENDS,
                            end.map(long_date),
                            validity.filter(|_| end.is_some()).map(|it| days(it.days())),
                        )}
                        {row(sign::PREVIEW_MAKES, Some(makes.to_owned()), None)}
                    </dl>
                }
            }}
        </section>
    }
}
