//! The fields a person fills in: label, meaning and limits, once for the page, the terminal and the errors.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! fields {
    ($($variant:ident $id:literal, $wire:expr, $label:literal, $meaning:literal, $limits:literal;)+) => {
        /// A field of the connection or of the signing form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant's meaning is its own words, in the table below")]
        pub enum Field {
            $($variant,)+
        }

        impl Field {
            /// Every field, in the order in which a form shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The field's id: the option of `csrdesk sign` without its dashes, and the element id on the page.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// The field's name on the vendor's page, where it has one.
            #[must_use]
            pub fn wire_name(self) -> Option<&'static str> {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// What the field is called.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// What the field means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What may be typed.
            #[must_use]
            pub fn limits(self) -> &'static str {
                match self { $(Self::$variant => $limits,)+ }
            }
        }
    };
}

fields! {
    Connection "connection", None, "Connection",
        "A saved connection.",
        "Its name, in any case";
    ConnectionName "name", None, "Name",
        "What this connection is called here.",
        "One line, up to 80 characters; the server's address when left empty";
    Environment "environment", None, "Environment",
        "What is signed there. Production is shown so that nobody takes it for a test.",
        "production, staging, test or unmarked";
    Server "server", None, "Server address",
        "Where PAM360 answers, with the path prefix if it has one.",
        "https://host:port";
    CaFile "ca-file", None, "CA file",
        "The certificate of the CA that issued the server's certificate. Without one, this computer's own list of trusted CAs decides.",
        "PEM, DER or PKCS#7; CA certificates only, up to 1 MiB";
    ExactCertificate "exact-certificate", None, "Fingerprint of the server's certificate",
        "Ask the server's owner for it. The name and the issuer are not checked.",
        "SHA-256 of the whole certificate, 64 hexadecimal digits";
    Token "token", Some("AUTHTOKEN"), "AUTHTOKEN",
        "The token of a PAM360 API user. It is never shown again.",
        "One line without spaces, up to 512 characters";
    TokenExpires "token-expires", None, "Token expires on",
        "When PAM360 stops accepting the token, as its user was set up. You are reminded before.",
        "A date such as 2027-03-04; optional";
    Pin "pin", None, "Public key pin",
        "Only a server whose certificate holds this public key is accepted, on top of verification, never instead of it.",
        "SHA-256 of the public key (SubjectPublicKeyInfo), 64 hexadecimal digits; optional";
    CaFingerprint "ca-fingerprint", None, "Fingerprint of the CA",
        "What the server's owner says it is, by telephone or in person: not what this page shows.",
        "SHA-256 of the certificate, 64 hexadecimal digits";
    ClientCertificate "client-cert", None, "Client certificate",
        "For servers that ask who calls: a certificate with its chain in PEM, or a PKCS#12 file with its key.",
        "A path on the computer where CSR Desk runs";
    ClientKey "client-key", None, "Client key",
        "The private key of the client certificate. It stays in its file.",
        "A path to an unencrypted key in PEM or DER; put an encrypted one into a PKCS#12 file";
    ClientPassphrase "client-passphrase", None, "Passphrase of the PKCS#12 file",
        "Opens the file with the client certificate's key.",
        "Up to 1,024 characters";
    ProxyAddress "proxy", None, "Proxy address",
        "The proxy between this computer and the server. TLS reaches through it, so it never sees the token.",
        "http://host:port";
    ProxyUser "proxy-user", None, "Proxy user",
        "For a proxy that asks who calls (Basic authentication).",
        "Optional, up to 255 characters, no colon";
    ProxyPassword "proxy-password", None, "Proxy password",
        "The password of the proxy's user.",
        "Up to 1,024 characters";
    HttpVersion "http-version", None, "HTTP version",
        "HTTP/1.1 only helps when a server rejects requests over HTTP/2.",
        "automatic or 1.1";
    CsrList "csr-list-operation", None, "Operation that lists CSRs",
        "No page of the vendor's that could be read names it. When your server's documentation does, type it here: the test asks for the list.",
        "Letters and digits, up to 64; optional";
    Timeout "timeout", None, "Time-out",
        "How long to wait for the answer after the request has left. When it runs out, the outcome is unknown.",
        "1 to 600 seconds";
    SignType "sign-type", Some("signType"), "Sign type",
        "Who signs: a root or intermediate certificate whose key PAM360 holds, or a Microsoft CA that PAM360 knows.",
        "signWithRoot or MSCA";
    RootCommonName "root-cn", Some("rootCertificateCommonName"), "Issuer common name",
        "The common name of the root or intermediate certificate that signs.",
        "As PAM360 lists it, up to 255 characters";
    RootSerialNumber "root-serial", Some("rootCertificateSerialNumber"), "Issuer serial number",
        "Which certificate of that name signs. Two issuers can share a name; their serial numbers differ.",
        "Hexadecimal, up to 20 bytes; colons, spaces, 0x and capitals are fine";
    ValidityDays "validity-days", Some("Validity"), "Validity in days",
        "How long the certificate will be valid, counted by PAM360 from the moment it signs.",
        "A whole number from 1, ending before the year 10000";
    EndDate "end-date", None, "End date",
        "Sets the days.",
        "A day after today in UTC, such as 2027-03-04";
    Intermediate "intermediate", Some("isIntermediate"), "Intermediate CA",
        "Makes the certificate a CA that can itself issue certificates. Leave it off for servers, clients and people.",
        "Yes or no";
    CsrId "csr-id", Some("CSR_ID"), "CSR id",
        "The number under which PAM360 stores the certificate signing request (CSR).",
        "Digits only";
    Organization "org", Some("orgName"), "Organization",
        "The display name of the PAM360 organization that holds the request. Empty means the organization of the token's user.",
        "Optional, up to 255 characters";
}

// By hand, as for error codes: small in the page's download.
impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::ALL.iter().copied().find(|it| it.id() == text).ok_or_else(|| D::Error::custom("no field"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_what_serde_writes_and_reads() {
        for field in Field::ALL {
            let json = serde_json::to_string(field).unwrap();
            assert_eq!(json, format!("\"{}\"", field.id()));
            assert_eq!(serde_json::from_str::<Field>(&json).unwrap(), *field);
        }
    }
}
