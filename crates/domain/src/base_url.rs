//! The address of a PAM360 server: one identity for every spelling of it.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::address::{self, Authority};
use crate::field_remark::Change;
use crate::{ErrorCode, typed};

/// `https://host[:port][/prefix]`, without user, query or fragment. There is no way to hold an `http://` address.
///
/// Two addresses are equal exactly when they name the same server: the host is in small letters, in its `xn--` form
/// (UTS #46) and without a final dot, an IP address in its usual spelling (RFC 5952), the default port is left out, and
/// the prefix is ASCII and has no dot segments (RFC 3986, section 6.2.2), no empty segments and no final slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

    /// Reads an address as a person types or pastes it.
    ///
    /// # Errors
    /// One of the `url-…` codes, the most helpful one first.
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        Self::read(text).map(|(url, _)| url)
    }

    /// As [`Self::parse`], with what was added, changed or removed on the way.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn read(text: &str) -> Result<(Self, Vec<Change>), ErrorCode> {
        Self::read_port(text).map(|(url, changes, _)| (url, changes))
    }

    /// What there is to say about an address that is accepted: as [`Self::read`], and which port is used when it names none.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(crate) fn remarks(text: &str) -> Result<Vec<Change>, ErrorCode> {
        let (url, mut changes, port) = Self::read_port(text)?;
        if port.is_none() {
            changes.push(Change::DefaultPort(url.port));
        }
        Ok(changes)
    }

    /// As [`Self::read`], with the port that the text names.
    fn read_port(text: &str) -> Result<(Self, Vec<Change>, Option<u16>), ErrorCode> {
        let mut changes = typed::address_changes(text);
        let cleaned = typed::address(text);
        let cleaned = address::unwrapped(&cleaned);
        if cleaned.is_empty() {
            return Err(ErrorCode::UrlMissing);
        }
        if cleaned.chars().count() > Self::MAX_CHARS {
            return Err(ErrorCode::UrlTooLong);
        }
        let slashes = address::forward_slashes(cleaned);
        let rest = https(&slashes, &mut changes)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, below) = rest.split_at(end);
        if authority.contains('@') {
            return Err(ErrorCode::UrlHasCredentials);
        }
        let (below, fragment) = below.split_once('#').map_or((below, None), |(it, more)| (it, Some(more)));
        let (path, query) = below.split_once('?').map_or((below, None), |(it, more)| (it, Some(more)));
        if path.chars().chain(authority.chars()).any(|c| c.is_whitespace() || c.is_control()) {
            return Err(ErrorCode::UrlMalformed);
        }
        // Letters that look alike, and characters that nobody sees, would make one server's address look like another's.
        if !path.is_ascii() {
            return Err(ErrorCode::UrlPathNotAscii);
        }
        let (host, typed_port) = host_and_port(authority, &mut changes)?;
        let port = typed_port.unwrap_or(Self::DEFAULT_PORT);
        let (prefix, cut) = prefix(path)?;
        if address::names_a_token(query) || address::names_a_token(fragment) {
            changes.push(Change::TokenDropped);
        } else if let Some(cut) = &cut {
            changes.push(Change::Cut(cut.clone()));
        } else if address::names_a_call(query) {
            changes.push(Change::Cut("?INPUT_DATA".to_owned()));
        } else if query.is_some_and(|it| !it.is_empty()) {
            return Err(ErrorCode::UrlHasQuery);
        } else if fragment.is_some() {
            changes.push(Change::Cut("#".to_owned()));
        }
        Ok((Self { host, port, prefix }, changes, typed_port))
    }

    /// Reads an address that an earlier version accepted: it took IPv4 addresses in spellings such as 127.1 too, and paths
    /// outside ASCII, which it percent-encoded.
    #[must_use]
    pub fn of_an_earlier_version(text: &str) -> Option<Self> {
        match Self::parse(text) {
            Ok(url) => Some(url),
            Err(ErrorCode::UrlIpSpelling | ErrorCode::UrlPathNotAscii) => {
                let url = Url::parse(text).ok()?;
                let port = url.port().unwrap_or(Self::DEFAULT_PORT);
                Self::parse(&format!("https://{}:{port}{}", url.host_str()?, url.path())).ok()
            }
            Err(_) => None,
        }
    }

    /// The address in its one spelling; a text that is not an address stays as it is. For what an earlier version recorded.
    #[must_use]
    pub fn canonical(text: &str) -> String {
        Self::of_an_earlier_version(text).map_or_else(|| text.to_owned(), |it| it.to_string())
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

    /// What to add to the words of a failed connection to port 443: an address without a port and one with `:443` are the
    /// same, so both get it. Empty for other failures and other ports.
    #[must_use]
    pub fn port_advice(server: &str, code: ErrorCode) -> &'static str {
        let by_default = || Self::parse(server).is_ok_and(|it| it.port == Self::DEFAULT_PORT);
        if matches!(code, ErrorCode::ConnectRefused | ErrorCode::ConnectTimedOut) && by_default() {
            " Port 443 was used, the default of HTTPS. If PAM360 listens on another port, add it to the address: https://host:8282, for example."
        } else {
            ""
        }
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

/// What stands behind `https://`, which is added where no scheme was typed.
fn https<'a>(text: &'a str, changes: &mut Vec<Change>) -> Result<&'a str, ErrorCode> {
    let mut rest = text;
    let mut found = false;
    // More than once, when a whole address is pasted behind a scheme that stood there already.
    while let Some((scheme, behind)) = rest.split_once(':') {
        if scheme.eq_ignore_ascii_case("http")
            || (behind.starts_with("//") && !scheme.eq_ignore_ascii_case("https"))
        {
            return Err(ErrorCode::UrlNotHttps);
        }
        if !scheme.eq_ignore_ascii_case("https") {
            break;
        }
        found = true;
        rest = behind.trim_start_matches('/');
    }
    if !found {
        changes.push(Change::SchemeAdded);
        rest = rest.trim_start_matches('/');
    }
    Ok(rest)
}

fn host_and_port(authority: &str, changes: &mut Vec<Change>) -> Result<(String, Option<u16>), ErrorCode> {
    let Authority { host: typed_host, port } = Authority::split(authority).ok_or(ErrorCode::UrlMalformed)?;
    let bare = typed_host.strip_suffix('.').unwrap_or(typed_host);
    // Through the reader of whole addresses, which reads a host as browsers do.
    let url = Url::parse(&format!("https://{bare}/")).map_err(|_| ErrorCode::UrlMalformed)?;
    let host = match url.host() {
        Some(Host::Domain(name)) if is_name(name) => name.to_owned(),
        // "127.1", "0x7f.1" and "010.0.0.1" are the same to some programs and not to others.
        Some(Host::Ipv4(address)) if address.to_string() != bare => return Err(ErrorCode::UrlIpSpelling),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => format!("[{address}]"),
        _ => return Err(ErrorCode::UrlMalformed),
    };
    if !typed_host.eq_ignore_ascii_case(&host) {
        changes.push(Change::ReadAs(host.clone()));
    }
    Ok((host, port))
}

/// Letters, digits, hyphen, underscore; labels up to 63 characters (RFC 1035, section 2.3.4).
fn is_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// The prefix in its one spelling, and the tail of a pasted URL that was cut off it.
fn prefix(path: &str) -> Result<(String, Option<String>), ErrorCode> {
    let url = Url::parse(&format!("https://h{path}")).map_err(|_| ErrorCode::UrlMalformed)?;
    let normal = address::normal_percent(url.path());
    let segments: Vec<&str> = normal.split('/').filter(|it| !it.is_empty()).collect();
    let kept = address::base_segments(&segments);
    let text = |segments: &[&str]| segments.iter().map(|it| format!("/{it}")).collect::<String>();
    let (prefix, tail) = segments.split_at_checked(kept).unwrap_or((&segments, &[]));
    Ok((text(prefix), (!tail.is_empty()).then(|| text(tail))))
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
mod tests;
