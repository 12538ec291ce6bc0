//! The address of a PAM360 server.

use std::fmt;

use http::Uri;
use serde::{Deserialize, Serialize};

use crate::ErrorCode;

/// `https://host[:port][/prefix]`, without user, query or fragment. There is no way to hold an `http://` address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseUrl {
    host: String,
    port: u16,
    prefix: String,
}

impl BaseUrl {
    /// Where HTTPS listens when the address names no port.
    pub const DEFAULT_PORT: u16 = 443;
    const MAX_CHARS: usize = 2_000;

    /// Reads an address as a person types it.
    ///
    /// # Errors
    /// One of the `url-…` codes, the most helpful one first.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ErrorCode::UrlMissing);
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err(ErrorCode::UrlTooLong);
        }
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => return Err(ErrorCode::UrlNotHttps),
            Some(_) => return Err(ErrorCode::UrlNotHttps),
            None => return Err(ErrorCode::UrlMalformed),
        };
        if rest.contains(['?', '#']) {
            return Err(ErrorCode::UrlHasQuery);
        }
        // Looked for in the authority alone: a path may hold an @.
        if rest.split('/').next().is_some_and(|authority| authority.contains('@')) {
            return Err(ErrorCode::UrlHasCredentials);
        }
        let uri: Uri = format!("https://{rest}").parse().map_err(|_| ErrorCode::UrlMalformed)?;
        let authority = uri.authority().ok_or(ErrorCode::UrlMalformed)?;
        // A port that is present but empty or beyond 65535 is a slip of the pen, not the default port.
        let port = match (authority.port_u16(), authority.as_str().strip_prefix(authority.host())) {
            (Some(0), _) => return Err(ErrorCode::UrlMalformed),
            (Some(port), _) => port,
            (None, Some("")) => Self::DEFAULT_PORT,
            (None, _) => return Err(ErrorCode::UrlMalformed),
        };
        let host = authority.host().to_ascii_lowercase();
        if !is_host(&host) {
            return Err(ErrorCode::UrlMalformed);
        }
        Ok(Self { host, port, prefix: uri.path().trim_end_matches('/').to_owned() })
    }

    /// The host name or address; an IPv6 address without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `host:port`, with the port left out when it is the default one: the Host header.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == Self::DEFAULT_PORT {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The path of an operation below the prefix.
    #[must_use]
    pub fn path(&self, below: &str) -> String {
        format!("{}{below}", self.prefix)
    }
}

/// A DNS name (letters, digits, hyphen, underscore, dots), an IPv4 or a bracketed IPv6 address.
fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.strip_suffix(']').is_some_and(|it| it.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let labels_are_sound = host.trim_end_matches('.').split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    });
    host.len() <= 253 && labels_are_sound
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}{}", self.authority(), self.prefix)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).map_err(|code| code.what().to_owned())
    }
}

impl From<BaseUrl> for String {
    fn from(url: BaseUrl) -> Self {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_as_people_type_it() {
        let url = BaseUrl::parse(" HTTPS://Pam360.Example.com:8282/pam/ ").unwrap();
        assert_eq!((url.host(), url.port()), ("pam360.example.com", 8282));
        assert_eq!(url.to_string(), "https://pam360.example.com:8282/pam");
        assert_eq!(url.path("/api"), "/pam/api");
        let url = BaseUrl::parse("https://[::1]:6565").unwrap();
        assert_eq!((url.host(), url.authority().as_str()), ("::1", "[::1]:6565"));
        assert_eq!(BaseUrl::parse("https://10.0.0.1").unwrap().authority(), "10.0.0.1");
    }

    #[test]
    fn what_cannot_be_called_says_why() {
        let cases = [
            ("", ErrorCode::UrlMissing),
            ("http://pam360:8282", ErrorCode::UrlNotHttps),
            ("ftp://pam360", ErrorCode::UrlNotHttps),
            ("pam360:8282", ErrorCode::UrlMalformed),
            ("https://", ErrorCode::UrlMalformed),
            ("https://a b", ErrorCode::UrlMalformed),
            ("https://host:99999", ErrorCode::UrlMalformed),
            ("https://host:", ErrorCode::UrlMalformed),
            ("https://host:0", ErrorCode::UrlMalformed),
            ("https://-host", ErrorCode::UrlMalformed),
            ("https://[zz]", ErrorCode::UrlMalformed),
            ("https://admin:pw@host", ErrorCode::UrlHasCredentials),
            ("https://host/?a=1", ErrorCode::UrlHasQuery),
            ("https://host/#x", ErrorCode::UrlHasQuery),
        ];
        for (text, code) in cases {
            assert_eq!(BaseUrl::parse(text), Err(code), "{text}");
        }
        assert_eq!(BaseUrl::parse(&format!("https://{}", "a".repeat(2_000))), Err(ErrorCode::UrlTooLong));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_round_trips(text in "(https://)?[a-z0-9.:/@?#\\[\\]-]{0,40}") {
            if let Ok(url) = BaseUrl::parse(&text) {
                prop_assert_eq!(BaseUrl::parse(&url.to_string()), Ok(url));
            }
        }
    }
}
