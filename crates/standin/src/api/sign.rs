//! `signCSR`. Owns reading the order, as documented, and the plain answer; a fault takes over where one was asked for.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::admission::Call;
use super::arguments::Details;
use super::envelope;
use crate::faults::twist::Twist;
use crate::faults::{Fault, answers};
use crate::pki::serial::Serial;
use crate::shared::Shared;
use crate::world::issue::{CsrChoice, IssuerChoice, Order, Signed};

/// Longest lifetime in days; the vendor names no bound (assumed).
const MAX_DAYS: u64 = 36_500;
/// A Microsoft template sets the lifetime; the stand-in's says one year (assumed).
const MSCA_DAYS: i64 = 365;

pub(super) async fn sign_csr(
    State(shared): State<Arc<Shared>>,
    Extension(call): Extension<Call>,
) -> Response {
    let details = Details::of(&call);
    let fault = shared.faults.take().or_else(|| sentinel(details.as_ref().ok()?));
    if let Some(fault) = fault.filter(|fault| !fault.signs() && applies(*fault, &call)) {
        let now = shared.world().clock().now();
        return answers::without_certificate(fault, &call, now).await;
    }
    match details.and_then(|details| sign(&shared, &call, &details, fault)) {
        Err(message) => envelope::failed(envelope::SIGN_CSR, &message),
        Ok(signed) => match fault.filter(|fault| fault.signs()) {
            None => answers::plain(&signed),
            Some(fault) => answers::with_certificate(fault, &signed, &call, shared.options.slow_tick).await,
        },
    }
}

/// `keep-alive-close` is for reused connections and `http11-required` for HTTP/2; elsewhere the call is answered as usual.
fn applies(fault: Fault, call: &Call) -> bool {
    match fault {
        Fault::KeepAliveClose => call.reused,
        Fault::Http11Required => call.http2,
        _ => true,
    }
}

fn sentinel(details: &Details) -> Option<Fault> {
    Fault::by_csr_id(details.need_number("CSR_ID").ok()?)
}

fn sign(shared: &Shared, call: &Call, details: &Details, fault: Option<Fault>) -> Result<Signed, String> {
    let order = read_order(details, shared.options.msca)?;
    let twist = fault.map(Twist::of).unwrap_or_default();
    let signed = shared.world().sign(&call.organization, &order, twist)?;
    shared.ledger.count_signed();
    Ok(signed)
}

/// Understands the arguments. An omitted `signType` means MSCA, as documented.
fn read_order(details: &Details, msca: bool) -> Result<Order, String> {
    let id = details.need_number("CSR_ID")?;
    let csr = if Fault::by_csr_id(id).is_some() { CsrChoice::Sentinel } else { CsrChoice::Id(id) };
    match details.text("signType")?.as_deref() {
        // Validity and isIntermediate are ignored here: a template decides [as reported by a public client].
        None | Some("MSCA") if msca => {
            Ok(Order { issuer: IssuerChoice::Msca, days: MSCA_DAYS, ca: false, csr })
        }
        None | Some("MSCA") => Err("No Microsoft CA is configured on this stand-in.".to_owned()),
        Some("signWithRoot") => {
            let common_name = details.need_text("rootCertificateCommonName")?;
            let serial = details.need_text("rootCertificateSerialNumber")?;
            let serial = Serial::from_text(&serial).ok_or_else(|| {
                format!("rootCertificateSerialNumber {serial} is not a hexadecimal number.")
            })?;
            let days = details.need_number("Validity")?;
            if !(1..=MAX_DAYS).contains(&days) {
                return Err(format!("Validity must be between 1 and {MAX_DAYS} days."));
            }
            let ca = details.need_boolean("isIntermediate")?;
            // Below the bound, so it fits.
            let days = i64::try_from(days).unwrap_or(1);
            Ok(Order { issuer: IssuerChoice::Root { common_name, serial }, days, ca, csr })
        }
        Some(other) => Err(format!("signType {other} is not supported. Allowed values: MSCA, signWithRoot.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(members: &str, msca: bool) -> Result<Order, String> {
        read_order(
            &Details::parse(&format!("{{\"operation\":{{\"Details\":{{{members}}}}}}}")).unwrap(),
            msca,
        )
    }

    const ROOT: &str =
        r#""signType":"signWithRoot","rootCertificateCommonName":"r","rootCertificateSerialNumber":"19a""#;

    #[test]
    fn the_documented_forms_are_understood() {
        for rest in [
            r#""Validity":100,"isIntermediate":"true","CSR_ID":"303""#,
            r#""Validity":"100","isIntermediate":true,"CSR_ID":303"#,
        ] {
            let order = order(&format!("{ROOT},{rest}"), false).unwrap();
            assert!(order.ca && order.days == 100 && matches!(order.csr, CsrChoice::Id(303)));
        }
    }

    #[test]
    fn an_omitted_sign_type_means_msca() {
        assert!(order(r#""CSR_ID":"301""#, false).err().is_some_and(|text| text.contains("Microsoft")));
        assert!(
            order(r#""CSR_ID":"301","Validity":"nonsense""#, true).is_ok_and(|order| order.days == MSCA_DAYS)
        );
    }

    #[test]
    fn every_wrong_argument_is_named() {
        for (rest, key) in [
            (r#""Validity":0,"isIntermediate":"true","CSR_ID":1"#, "Validity"),
            (r#""Validity":36501,"isIntermediate":"true","CSR_ID":1"#, "Validity"),
            (r#""isIntermediate":"true","CSR_ID":1"#, "Validity"),
            (r#""Validity":1,"CSR_ID":1"#, "isIntermediate"),
            (r#""Validity":1,"isIntermediate":"maybe","CSR_ID":1"#, "isIntermediate"),
            (r#""Validity":1,"isIntermediate":"true""#, "CSR_ID"),
            (r#""Validity":1,"isIntermediate":"true","CSR_ID":"x""#, "CSR_ID"),
        ] {
            let refusal = order(&format!("{ROOT},{rest}"), false).err().unwrap();
            assert!(refusal.contains(key), "{rest}: {refusal}");
        }
        assert!(
            order(r#""signType":"signWithRoot","CSR_ID":1"#, false)
                .err()
                .is_some_and(|t| t.contains("CommonName"))
        );
        assert!(
            order(r#""signType":"MSCAusingAgent","CSR_ID":1"#, true)
                .err()
                .is_some_and(|t| t.contains("MSCAusingAgent"))
        );
    }
}
