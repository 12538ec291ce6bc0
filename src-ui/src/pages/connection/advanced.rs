//! What few connections need: a pin, a client certificate, a proxy, the HTTP version, the operation that lists CSRs. Folded away while unused.

use domain::{ClientCertificate, ConnectionForm, Field, HttpVersion, ProxyChoice};
use leptos::prelude::*;

use super::attempt::Attempt;
use super::fields::FormField;
use super::secrets::SecretField;
use crate::ui::choice::Ways;
use crate::ui::disclosure::Fold;
use crate::ui::field::Kind;
use crate::words::connection;

/// The fields in here.
pub(super) const FIELDS: [Field; 8] = [
    Field::Pin,
    Field::ClientCertificate,
    Field::ClientKey,
    Field::ClientPassphrase,
    Field::ProxyAddress,
    Field::ProxyUser,
    Field::ProxyPassword,
    Field::CsrList,
];

/// Whether a connection holds any of it.
pub(super) fn is_used(form: &ConnectionForm) -> bool {
    let plain = form.pin.is_empty() && form.csr_list.is_empty();
    let automatic = form.http_version == HttpVersion::Automatic;
    !plain
        || !automatic
        || form.client_certificate != ClientCertificate::None
        || form.proxy != ProxyChoice::System
}

/// The group.
#[component]
pub(super) fn Advanced(attempt: Attempt) -> impl IntoView {
    view! {
        <Fold summary=connection::ADVANCED open=attempt.advanced test_id="advanced">
            <p class="field-meaning">{connection::ADVANCED_LEAD}</p>
            <div class="fields">
                <FormField attempt field=Field::Pin text=pin kind=Kind::Code optional=true wide=true />
            </div>
            <ClientChoice attempt />
            <ProxyGroup attempt />
            <HttpChoice attempt />
            <div class="fields">
                <FormField attempt field=Field::CsrList text=csr_list kind=Kind::Code optional=true wide=true />
            </div>
        </Fold>
    }
}

#[component]
fn ClientChoice(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let way = Memo::new(move |_| {
        form.with(|it| match it.client_certificate {
            ClientCertificate::None => 0,
            ClientCertificate::Pem { .. } => 1,
            ClientCertificate::Pkcs12 { .. } => 2,
        })
    });
    let choose = Callback::new(move |index| {
        for field in [Field::ClientCertificate, Field::ClientKey, Field::ClientPassphrase] {
            attempt.problems.touched(field);
        }
        form.update(|form| {
            form.client_certificate = match index {
                0 => ClientCertificate::None,
                1 => ClientCertificate::Pem { certificate: String::new(), key: String::new() },
                _ => ClientCertificate::Pkcs12 { path: String::new() },
            };
        });
    });
    view! {
        <div class="stack stack--tight">
            <h3 id="client-ways">{Field::ClientCertificate.label()}</h3>
            <Ways group="client" label_id="client-ways" ways=connection::CLIENT_WAYS chosen=way on_choose=choose />
            {move || match way.get() {
                0 => ().into_any(),
                1 => {
                    view! {
                        <div class="fields">
                            <FormField attempt field=Field::ClientCertificate text=client kind=Kind::Code />
                            <FormField attempt field=Field::ClientKey text=client_key kind=Kind::Code />
                        </div>
                    }
                        .into_any()
                }
                _ => {
                    view! {
                        <div class="fields fields--one">
                            <FormField attempt field=Field::ClientCertificate text=client kind=Kind::Code wide=true />
                            <SecretField attempt field=Field::ClientPassphrase />
                            <p class="field-meaning">{connection::KEEP_SAME}</p>
                        </div>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[component]
fn HttpChoice(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let way = Memo::new(move |_| {
        let chosen = form.with(|it| it.http_version);
        HttpVersion::ALL.iter().position(|it| *it == chosen).unwrap_or_default()
    });
    let choose = Callback::new(move |index| {
        if let Some(version) = HttpVersion::ALL.get(index) {
            form.update(|form| form.http_version = *version);
        }
    });
    view! {
        <div class="stack stack--tight">
            <h3 id="http-ways">{Field::HttpVersion.label()}</h3>
            <Ways group="http" label_id="http-ways" ways=connection::HTTP_WAYS chosen=way on_choose=choose />
        </div>
    }
}

#[component]
fn ProxyGroup(attempt: Attempt) -> impl IntoView {
    let form = attempt.state.connection_form;
    let way = Memo::new(move |_| {
        form.with(|it| match it.proxy {
            ProxyChoice::System => 0,
            ProxyChoice::Environment => 1,
            ProxyChoice::Manual { .. } => 2,
            ProxyChoice::None => 3,
        })
    });
    let choose = Callback::new(move |index| {
        for field in [Field::ProxyAddress, Field::ProxyUser, Field::ProxyPassword] {
            attempt.problems.touched(field);
        }
        form.update(|form| {
            form.proxy = match index {
                0 => ProxyChoice::System,
                1 => ProxyChoice::Environment,
                2 => ProxyChoice::Manual { address: String::new(), user: String::new() },
                _ => ProxyChoice::None,
            };
        });
    });
    view! {
        <div class="stack stack--tight">
            <h3 id="proxy-ways">{connection::PROXY}</h3>
            <Ways group="proxy" label_id="proxy-ways" ways=connection::PROXY_WAYS chosen=way on_choose=choose />
            {move || {
                (way.get() == 2)
                    .then(|| {
                        view! {
                            <div class="fields">
                                <FormField attempt field=Field::ProxyAddress text=proxy kind=Kind::Code />
                                <FormField attempt field=Field::ProxyUser text=proxy_user optional=true />
                                <SecretField attempt field=Field::ProxyPassword />
                                <p class="field-meaning">{connection::KEEP_SAME}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

fn pin(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.pin)
}

fn csr_list(form: &mut ConnectionForm) -> Option<&mut String> {
    Some(&mut form.csr_list)
}

fn client(form: &mut ConnectionForm) -> Option<&mut String> {
    match &mut form.client_certificate {
        ClientCertificate::None => None,
        ClientCertificate::Pem { certificate: path, .. } | ClientCertificate::Pkcs12 { path } => Some(path),
    }
}

fn client_key(form: &mut ConnectionForm) -> Option<&mut String> {
    match &mut form.client_certificate {
        ClientCertificate::Pem { key, .. } => Some(key),
        ClientCertificate::None | ClientCertificate::Pkcs12 { .. } => None,
    }
}

fn proxy(form: &mut ConnectionForm) -> Option<&mut String> {
    match &mut form.proxy {
        ProxyChoice::Manual { address, .. } => Some(address),
        _ => None,
    }
}

fn proxy_user(form: &mut ConnectionForm) -> Option<&mut String> {
    match &mut form.proxy {
        ProxyChoice::Manual { user, .. } => Some(user),
        _ => None,
    }
}
