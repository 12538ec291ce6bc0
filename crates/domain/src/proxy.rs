//! Which proxy stands between this computer and the server, if any.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::address::{self, Authority};
use crate::field_remark::Change;
use crate::{ErrorCode, Field, Problem, typed};

/// How the way to the server is found. Whatever it is, TLS reaches through it to the server itself (CONNECT, RFC 9110,
/// section 9.3.6): a proxy never sees a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyChoice {
    /// What this computer is set to: its settings where the system has some, and the environment.
    #[default]
    System,
    /// What the environment says: `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`.
    Environment,
    /// The one that is named here.
    Manual {
        /// `http://host:port`.
        address: String,
        /// The user for Basic authentication (RFC 7617); empty for none. Its password is a secret of the connection.
        user: String,
    },
    /// None: the server is reached directly.
    None,
}

const MAX_CHARS: usize = 255;

impl ProxyChoice {
    /// The choice with its address in one spelling, or what is wrong with it.
    ///
    /// # Errors
    /// All problems, in the order of the form.
    pub fn check(&self) -> Result<Self, Vec<Problem>> {
        let Self::Manual { address, user } = self else { return Ok(self.clone()) };
        let mut problems = Vec::new();
        let address = Self::read_address(address)
            .map_err(|code| problems.push(Problem::typed(Field::ProxyAddress, code, address)));
        let user = typed::name(user);
        // RFC 7617: the first colon ends the user's name, so it can have none itself.
        if user.chars().count() > MAX_CHARS || user.contains(':') || user.chars().any(char::is_control) {
            problems.push(Problem::typed(Field::ProxyUser, ErrorCode::ProxyUserMalformed, user));
        }
        match address {
            Ok((address, _)) if problems.is_empty() => Ok(Self::Manual { address, user: user.to_owned() }),
            _ => Err(problems),
        }
    }

    /// `host:port` or `http://host:port` as `http://host:port`, in the one spelling of its host, and what was changed.
    pub(crate) fn read_address(text: &str) -> Result<(String, Vec<Change>), ErrorCode> {
        let mut changes = typed::address_changes(text);
        let cleaned = typed::address(text);
        let cleaned = address::unwrapped(&cleaned);
        if cleaned.is_empty() {
            return Err(ErrorCode::ProxyAddressMissing);
        }
        let rest = match cleaned.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(ErrorCode::ProxyAddressNotHttp),
            None => cleaned,
        };
        let rest = rest.trim_end_matches('/');
        let unfit =
            |c: char| matches!(c, '/' | '\\' | '?' | '#' | '@') || c.is_whitespace() || c.is_control();
        if rest.chars().count() > MAX_CHARS || rest.contains(unfit) {
            return Err(ErrorCode::ProxyAddressMalformed);
        }
        // Proxies listen on so many ports that a default would be a guess.
        let Some(Authority { host: typed_host, port: Some(port) }) = Authority::split(rest) else {
            return Err(ErrorCode::ProxyAddressMalformed);
        };
        let bare = typed_host.strip_suffix('.').unwrap_or(typed_host);
        let url = Url::parse(&format!("http://{bare}/")).map_err(|_| ErrorCode::ProxyAddressMalformed)?;
        let host = url.host_str().unwrap_or_default();
        // An IPv4 address in a spelling that programs read in different ways.
        let is_ipv4 = matches!(url.host(), Some(url::Host::Ipv4(_)));
        if host.is_empty() || (is_ipv4 && host != bare) {
            return Err(ErrorCode::ProxyAddressMalformed);
        }
        if !typed_host.eq_ignore_ascii_case(host) {
            changes.push(Change::ReadAs(host.to_owned()));
        }
        Ok((format!("http://{host}:{port}"), changes))
    }

    /// Whether a password belongs to it.
    #[must_use]
    pub fn has_user(&self) -> bool {
        matches!(self, Self::Manual { user, .. } if !user.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manual(address: &str, user: &str) -> Result<ProxyChoice, Vec<ErrorCode>> {
        let choice = ProxyChoice::Manual { address: address.into(), user: user.into() };
        choice.check().map_err(|it| it.into_iter().map(|it| it.code).collect())
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        let expected =
            ProxyChoice::Manual { address: "http://proxy.example:3128".into(), user: String::new() };
        for text in [
            "proxy.example:3128",
            "HTTP://Proxy.example:3128/",
            " http://proxy.example:3128 ",
            "\u{200E}proxy.example.:3128",
            "<http://proxy.example:\u{FF13}128>",
        ] {
            assert_eq!(manual(text, ""), Ok(expected.clone()), "{text}");
        }
        manual("[::1]:3128", "").unwrap();
        let wrong = |text: &str| manual(text, "").unwrap_err()[0];
        assert_eq!(wrong(""), ErrorCode::ProxyAddressMissing);
        assert_eq!(wrong("socks5://h:1"), ErrorCode::ProxyAddressNotHttp);
        for text in [
            "proxy.example",
            "h:0",
            "h:99999",
            "u:p@h:1",
            "h:1/x",
            "h:1?",
            "::1",
            "h h:1",
            ":1",
            "127.1:3128",
            "0x7f000001:1",
        ] {
            assert_eq!(wrong(text), ErrorCode::ProxyAddressMalformed, "{text}");
        }
    }

    #[test]
    fn a_users_name_has_no_colon_and_is_one_line() {
        assert!(manual("h:1", " admin ").unwrap().has_user());
        assert!(!manual("h:1", " ").unwrap().has_user());
        for user in ["a:b", "a\nb"] {
            assert_eq!(manual("h:1", user), Err(vec![ErrorCode::ProxyUserMalformed]), "{user}");
        }
        assert_eq!(
            manual("", "a:b"),
            Err(vec![ErrorCode::ProxyAddressMissing, ErrorCode::ProxyUserMalformed])
        );
    }
}
