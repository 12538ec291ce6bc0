//! What was seen of the server while it answered: for those who have to explain it to somebody.

use domain::{Ending, ErrorCode, clipped};
use leptos::prelude::*;

use crate::parts::request_facts::TrustFact;
use crate::ui::disclosure::{Disclosure, Verbatim};
use crate::ui::facts::{Fact, Facts};
use crate::words::{outcome, visible_lines};

/// Technical facts and the raw answer, folded away unless `open`.
#[component]
pub(crate) fn SeenDetails(ending: Ending, intent: String, #[prop(optional)] open: bool) -> impl IntoView {
    let Ending { code, detail, seen, .. } = ending;
    let took = seen.took_ms();
    let or_none = |it: Option<String>| it.unwrap_or_else(|| outcome::NOT_TOLD.to_owned());
    let status = seen.http_status.map(|it| it.to_string());
    let chain = seen.peer_chain_sha256.get(1..).unwrap_or_default().to_vec();
    let raw = seen.raw_answer.map(|it| visible_lines(&clipped(&it, outcome::RAW_SHOWN)));
    view! {
        <Disclosure summary=outcome::SEEN open>
            <Facts>
                <Fact name=outcome::HTTP_STATUS value=or_none(status) code=true />
                <Fact name=outcome::TLS value=or_none(seen.tls_version) code=true />
                {seen
                    .http_version
                    .map(|it| view! { <Fact name=outcome::HTTP value=it.as_str() code=true /> })}
                <Fact name=outcome::FINGERPRINT value=or_none(seen.server_certificate_sha256) code=true />
                {seen.verified_by.map(|it| view! { <TrustFact it /> })}
                {chain
                    .into_iter()
                    .map(|it| view! { <Fact name=outcome::CHAIN value=it code=true /> })
                    .collect_view()}
                {took.map(|it| view! { <Fact name=outcome::TOOK value=outcome::milliseconds(it) /> })}
                <Fact name=outcome::INTENT value=intent code=true copy=true />
                <Fact name=crate::words::shell::CODE value=code.as_str() code=true />
            </Facts>
            {detail
                .filter(|it| !it.is_empty())
                .map(|it| {
                    view! {
                        <h3>{outcome::DETAIL}</h3>
                        <Verbatim text=visible_lines(&it) label=outcome::DETAIL />
                    }
                })}
            // There may still be one while the signing is in progress.
            {(raw.is_some() || code != ErrorCode::InProgress)
                .then(|| {
                    view! {
                        <h3>{outcome::RAW}</h3>
                        {match raw {
                            Some(text) => view! { <Verbatim text label=outcome::RAW /> }.into_any(),
                            None => view! { <p class="muted">{outcome::RAW_NONE}</p> }.into_any(),
                        }}
                    }
                })}
        </Disclosure>
    }
}
