//! Rows of certificate listings, in the two shapes seen in public clients. Field names are theirs; where several readings
//! were possible the choice is marked in the README.

use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::clock;
use crate::world::state::StoredCertificate;

/// A row of `getAllSSLCertificates`: field names with spaces, values always strings.
#[derive(Serialize)]
pub(super) struct ListRow<'a> {
    #[serde(rename = "Common Name")]
    common_name: &'a str,
    #[serde(rename = "serialNumber")]
    serial_number: &'a str,
    #[serde(rename = "ExpiryDate")]
    expiry_date: String,
    #[serde(rename = "Issuer")]
    issuer: &'a str,
    #[serde(rename = "DNS Name/FQDN")]
    dns_name: &'a str,
    #[serde(rename = "Description")]
    description: &'a str,
}

impl<'a> From<&'a StoredCertificate> for ListRow<'a> {
    fn from(certificate: &'a StoredCertificate) -> Self {
        Self {
            common_name: &certificate.common_name,
            serial_number: &certificate.serial_number,
            expiry_date: day(certificate.not_after),
            issuer: &certificate.issuer_common_name,
            dns_name: certificate.dns_names.first().unwrap_or(&certificate.common_name),
            description: "",
        }
    }
}

/// The record of `getCertificateDetails`: a list row, and a little more (assumed).
#[derive(Serialize)]
pub(super) struct DetailRow<'a> {
    #[serde(flatten)]
    row: ListRow<'a>,
    #[serde(rename = "Certificate_ID")]
    certificate_id: u64,
    #[serde(rename = "ValidFrom")]
    valid_from: String,
    #[serde(rename = "KeyAlgorithm")]
    key_algorithm: &'a str,
    #[serde(rename = "SAN")]
    alternative_names: String,
}

impl DetailRow<'_> {
    pub(super) fn certificate_id(&self) -> u64 {
        self.certificate_id
    }
}

impl<'a> From<&'a StoredCertificate> for DetailRow<'a> {
    fn from(certificate: &'a StoredCertificate) -> Self {
        Self {
            row: ListRow::from(certificate),
            certificate_id: certificate.certificate_id,
            valid_from: day(certificate.not_before),
            key_algorithm: &certificate.key_words,
            alternative_names: certificate.dns_names.join(","),
        }
    }
}

/// English month-day-year without zero padding, such as `Jan 2, 2006`.
fn day(unix: i64) -> String {
    let date: OffsetDateTime = clock::from_unix(unix);
    // Formatting into a string fails only on a component the value lacks, and a date has all of these.
    date.format(format_description!("[month repr:short] [day padding:none], [year]")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_written_without_padding() {
        assert_eq!(super::day(1_136_160_000), "Jan 2, 2006");
    }
}
