//! The parts that addresses of servers and proxies have in common: what is pasted around them, host and port, and the
//! tails of URLs that people copy from a browser or the vendor's page.

use std::borrow::Cow;

use crate::typed::percent_decoded;

/// What may stand around a pasted address.
const AROUND: [(char, char); 4] = [('<', '>'), ('"', '"'), ('\'', '\''), ('`', '`')];

/// Without quotation marks or angle brackets around it.
pub(crate) fn unwrapped(text: &str) -> &str {
    AROUND
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .map_or(text, str::trim)
}

/// Backslashes before a query as slashes, as browsers read them.
pub(crate) fn forward_slashes(text: &str) -> Cow<'_, str> {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    if path.contains('\\') { Cow::Owned(path.replace('\\', "/") + rest) } else { Cow::Borrowed(text) }
}

/// Host and port as they stand in an address.
pub(crate) struct Authority<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// None when there is no host, or when a port is empty, zero or beyond 65535: a slip of the pen, not the default.
    pub(crate) fn split(text: &'a str) -> Option<Self> {
        let end_of_host = match text.strip_prefix('[') {
            Some(inner) => inner.find(']')? + 2,
            None => text.find(':').unwrap_or(text.len()),
        };
        let (host, rest) = text.split_at_checked(end_of_host)?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return None,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                Some(digits.parse::<u16>().ok().filter(|it| *it > 0)?)
            }
            Some(_) => return None,
        };
        (!host.is_empty()).then_some(Self { host, port })
    }
}

/// Percent-encoding in one spelling: capital digits, and none for characters that need none (RFC 3986, section 6.2.2).
pub(crate) fn normal_percent(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        normal.push_str(before);
        let Some((digits, more)) = behind.split_at_checked(2) else {
            normal.push_str("%25");
            rest = behind;
            continue;
        };
        match u8::from_str_radix(digits, 16) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                normal.push(char::from(byte));
            }
            Ok(byte) => normal.push_str(&format!("%{byte:02X}")),
            Err(_) => {
                normal.push_str("%25");
                rest = behind;
                continue;
            }
        }
        rest = more;
    }
    normal + rest
}

/// How many segments of a path belong to the address: all but the API's own path (`api/pki/restapi`, and `restapi` of
/// the vault API) with what is below it, and a page of the console (`PassTrixMain.cc`).
pub(crate) fn base_segments(segments: &[&str]) -> usize {
    let is = |at: usize, name: &str| segments.get(at).is_some_and(|it| it.eq_ignore_ascii_case(name));
    let of_the_api = |at: usize| {
        is(at, "restapi")
            || (is(at, "api") && is(at + 1, "pki") && (is(at + 2, "restapi") || segments.len() == at + 2))
    };
    if let Some(at) = (0..segments.len()).find(|at| of_the_api(*at)) {
        return at;
    }
    let is_page = segments.last().is_some_and(|last| {
        let name = last.split(';').next().unwrap_or_default();
        name.rsplit_once('.').is_some_and(|(_, end)| {
            ["cc", "do", "ec", "ve", "jsp", "htm", "html"].iter().any(|it| end.eq_ignore_ascii_case(it))
        })
    });
    if is_page { segments.len() - 1 } else { segments.len() }
}

/// Whether a query or fragment carries a token, in whatever place and spelling.
pub(crate) fn names_a_token(part: Option<&str>) -> bool {
    holds(part, "authtoken")
}

/// Whether a query or fragment carries the arguments of a call.
pub(crate) fn names_a_call(part: Option<&str>) -> bool {
    holds(part, "input_data")
}

fn holds(part: Option<&str>, word: &str) -> bool {
    let Some(part) = part else { return false };
    let plain = part.to_ascii_lowercase();
    plain.contains(word) || percent_decoded(&plain).is_some_and(|it| it.to_lowercase().contains(word))
}
