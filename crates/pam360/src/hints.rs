//! What an answer's header says beside its status: how long to wait, who asks for a login, where it leads.
//!
//! Words of whoever answered, which may be a proxy: bounded, made visible, and never with a query that may hold a secret.

use domain::{Timestamp, clipped, visible};
use http::header::{
    CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, PROXY_AUTHENTICATE, RETRY_AFTER, WWW_AUTHENTICATE,
};

/// How much of a header is kept, in characters.
const KEPT: usize = 200;
/// The longest wait that is taken for one, in seconds: a month.
const LONGEST_WAIT: u64 = 31 * 86_400;

/// The parts of a header that help a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// How long to wait, in words: "120 seconds", or "until 2027-03-04 08:36:00 UTC" (RFC 9110, section 10.2.3).
    pub retry_after: Option<String>,
    /// The schemes of a login that is asked for, such as `Negotiate, Basic` (RFC 9110, section 11.6).
    pub login: Option<String>,
    /// Where a redirect leads, without its query.
    pub location: Option<String>,
    /// Whether the answer calls itself HTML.
    pub html: bool,
}

impl Hints {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            headers.get(name).map(|it| String::from_utf8_lossy(it.as_bytes()).trim().to_owned())
        };
        let schemes = |name: HeaderName| {
            let all: Vec<String> = headers
                .get_all(name)
                .iter()
                .filter_map(|it| {
                    String::from_utf8_lossy(it.as_bytes()).split_whitespace().next().map(ToOwned::to_owned)
                })
                .collect();
            (!all.is_empty()).then(|| clipped(&visible(&all.join(", ")), KEPT))
        };
        Self {
            retry_after: text(RETRY_AFTER).and_then(|it| wait(&it)),
            login: schemes(WWW_AUTHENTICATE).or_else(|| schemes(PROXY_AUTHENTICATE)),
            location: text(LOCATION).map(|it| {
                let place = it.split(['?', '#']).next().unwrap_or_default();
                // A user and password before the host are nobody's business either.
                let place = match place.split_once("://") {
                    Some((scheme, rest)) if rest.split('/').next().is_some_and(|it| it.contains('@')) => {
                        format!("{scheme}://{}", rest.split_once('@').map_or("", |it| it.1))
                    }
                    _ => place.to_owned(),
                };
                clipped(&visible(&place), KEPT)
            }),
            html: text(CONTENT_TYPE).is_some_and(|it| it.to_ascii_lowercase().starts_with("text/html")),
        }
    }
}

/// `Retry-After` in words; none when it is neither seconds nor a date.
fn wait(text: &str) -> Option<String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let seconds = text.parse::<u64>().ok().filter(|it| *it <= LONGEST_WAIT)?;
        return Some(if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") });
    }
    let at = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let at = Timestamp::from_millis(i64::try_from(at.as_millis()).ok()?);
    Some(format!("until {}", at.date_time()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(name: &'static str, value: &str) -> Hints {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        Hints::of(&headers)
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        let cases = [
            ("120", Some("120 seconds")),
            (" 1 ", Some("1 second")),
            ("Fri, 04 Dec 2026 08:36:00 GMT", Some("until 2026-12-04 08:36:00 UTC")),
            // The two older forms of a date (RFC 9110, section 5.6.7).
            ("Friday, 04-Dec-26 08:36:00 GMT", Some("until 2026-12-04 08:36:00 UTC")),
            ("Fri Dec  4 08:36:00 2026", Some("until 2026-12-04 08:36:00 UTC")),
            ("", None),
            ("-5", None),
            ("soon", None),
            ("99999999999999999999", None),
        ];
        for (value, expected) in cases {
            assert_eq!(hints("retry-after", value).retry_after.as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_redirect_is_shown_without_what_may_be_secret() {
        let location = |value| hints("location", value).location.unwrap();
        assert_eq!(location("https://idp.example/login?SAMLRequest=x#y"), "https://idp.example/login");
        assert_eq!(location("https://user:pw@idp.example/a"), "https://idp.example/a");
        assert_eq!(location("/login"), "/login");
    }

    #[test]
    fn a_login_is_told_by_its_schemes_alone() {
        let mut headers = HeaderMap::new();
        headers.append("www-authenticate", "Negotiate".parse().unwrap());
        headers.append("www-authenticate", "Basic realm=\"x\"".parse().unwrap());
        assert_eq!(Hints::of(&headers).login.as_deref(), Some("Negotiate, Basic"));
    }
}
