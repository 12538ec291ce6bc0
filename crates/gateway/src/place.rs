//! Where the gateway listens, and the one origin under which its page is opened.
//!
//! Owns the rule that nothing beyond loopback is listened on unless a reverse proxy is named that stands before it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;

/// An address to listen on that may be listened on.
#[derive(Clone, Debug)]
pub struct Place {
    listen: SocketAddr,
    proxy: Option<ProxyOrigin>,
}

/// The origin under which a reverse proxy serves the page: `https://name` or `https://name:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyOrigin {
    /// As browsers send it: lower case, and without a port that is 443.
    authority: String,
}

/// Whoever reaches that address could open the page, over plain HTTP.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} can be reached from other computers: name the HTTPS origin of the proxy before it, or listen on 127.0.0.1"
)]
pub struct BeyondLoopback(IpAddr);

/// This is no origin that a reverse proxy can serve the page under.
#[derive(Debug, thiserror::Error)]
#[error("an origin is https://name or https://name:port, with nothing behind it")]
pub struct NoOrigin;

impl Place {
    /// The IPv4 loopback address; port 0 takes a free one.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), proxy: None }
    }

    /// Any loopback address; any address at all when a proxy stands before it.
    ///
    /// # Errors
    /// The address is not a loopback one, and there is no proxy.
    pub fn new(address: IpAddr, port: u16, proxy: Option<ProxyOrigin>) -> Result<Self, BeyondLoopback> {
        // ::ffff:127.0.0.1 is not taken for loopback: `is_loopback` knows ::1 alone, and nobody needs the other.
        if proxy.is_none() && !address.is_loopback() {
            return Err(BeyondLoopback(address));
        }
        Ok(Self { listen: SocketAddr::new(address, port), proxy })
    }

    /// Whether other computers can reach it.
    #[must_use]
    pub fn is_beyond_loopback(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// What the page is called, now that it is known which port it got.
    pub(crate) fn names(&self, port: u16) -> Names {
        if let Some(proxy) = &self.proxy {
            let authorities = vec![proxy.authority.clone()];
            return Names { scheme: "https", authorities, cookie: "__Host-csrdesk".to_owned() };
        }
        let own = SocketAddr::new(self.listen.ip(), port).to_string();
        let mut authorities = vec![own, format!("localhost:{port}")];
        if port == 80 {
            // Browsers leave the scheme's own port out.
            let without = authorities.iter().filter_map(|it| it.strip_suffix(":80")).map(str::to_owned);
            authorities = without.collect();
        }
        // Named after the port: cookies of one host are shared between its ports.
        Names { scheme: "http", authorities, cookie: format!("csrdesk_{port}") }
    }
}

impl FromStr for ProxyOrigin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let uri: Uri = text.parse().map_err(|_| NoOrigin)?;
        let authority = uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTPS)).ok_or(NoOrigin)?;
        let host = authority.host().to_ascii_lowercase();
        let name = !host.is_empty()
            && !host.ends_with('.')
            && host.bytes().all(|it| it.is_ascii_alphanumeric() || b"-.[]:".contains(&it));
        let nothing_behind = uri.path_and_query().is_none_or(|it| it.as_str() == "/") && !text.contains('#');
        let authority_is_plain = !authority.as_str().contains('@');
        let port = match authority.as_str()[authority.host().len()..].strip_prefix(':') {
            None => None,
            Some(digits) => Some(digits.parse::<u16>().ok().filter(|it| *it != 0).ok_or(NoOrigin)?),
        };
        if !(name && nothing_behind && authority_is_plain) {
            return Err(NoOrigin);
        }
        let port = port.filter(|it| *it != 443).map_or_else(String::new, |it| format!(":{it}"));
        Ok(Self { authority: host + &port })
    }
}

/// The names under which a gateway answers. Compared byte for byte: browsers write them in one way only.
pub(crate) struct Names {
    scheme: &'static str,
    /// What may stand in `Host`; the first is in the launch link.
    authorities: Vec<String>,
    /// The name of the session's cookie.
    pub(crate) cookie: String,
}

impl Names {
    pub(crate) fn knows(&self, host: &str) -> bool {
        self.authorities.iter().any(|it| it == host)
    }

    /// Whether `origin` is that of the page at `host`.
    pub(crate) fn is_origin_of(&self, host: &str, origin: &str) -> bool {
        self.knows(host)
            && origin.strip_prefix(self.scheme).and_then(|it| it.strip_prefix("://")) == Some(host)
    }

    /// Whether the page travels over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.scheme == "https"
    }

    /// The address of a path of the page.
    pub(crate) fn address(&self, path: &str) -> String {
        let authority = self.authorities.first().map(String::as_str).unwrap_or_default();
        format!("{}://{authority}{path}", self.scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        text.parse::<ProxyOrigin>().ok().map(|it| it.authority)
    }

    #[test]
    fn only_loopback_is_listened_on_without_a_proxy() {
        for address in ["127.0.0.1", "127.8.8.8", "::1"] {
            assert!(Place::new(address.parse().unwrap(), 0, None).is_ok(), "{address}");
        }
        let proxy = Some("https://desk.example".parse::<ProxyOrigin>().unwrap());
        for address in
            ["0.0.0.0", "::", "10.0.0.1", "192.168.1.1", "169.254.1.1", "fe80::1", "::ffff:127.0.0.1"]
        {
            let address = address.parse().unwrap();
            assert!(Place::new(address, 0, None).is_err(), "{address}");
            assert!(
                Place::new(address, 0, proxy.clone()).is_ok_and(|it| it.is_beyond_loopback()),
                "{address}"
            );
        }
    }

    #[test]
    fn an_origin_is_https_a_name_and_a_port() {
        assert_eq!(origin("https://Desk.Example").unwrap(), "desk.example");
        assert_eq!(origin("https://desk.example/").unwrap(), "desk.example");
        assert_eq!(origin("https://desk.example:443").unwrap(), "desk.example");
        assert_eq!(origin("https://desk.example:8443").unwrap(), "desk.example:8443");
        assert_eq!(origin("https://[2001:DB8::1]:8443").unwrap(), "[2001:db8::1]:8443");
        for text in [
            "",
            "desk.example",
            "http://desk.example",
            "https://",
            "https://desk.example/path",
            "https://desk.example?q",
            "https://desk.example#x",
            "https://me@desk.example",
            "https://desk.example.",
            "https://desk.example:0",
            "https://desk.example:99999",
            "https://desk.example:",
            "https://*.example",
            "https://a b",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_counts_only_as_browsers_write_it() {
        let names = Place::loopback(0).names(8080);
        assert!(names.knows("127.0.0.1:8080") && names.knows("localhost:8080"));
        for name in ["127.0.0.1", "LOCALHOST:8080", "localhost.:8080", "localhost.evil:8080", "[::1]:8080"] {
            assert!(!names.knows(name), "{name}");
        }
        assert!(names.is_origin_of("localhost:8080", "http://localhost:8080"));
        for origin in ["http://127.0.0.1:8080", "https://localhost:8080", "localhost:8080", "null"] {
            assert!(!names.is_origin_of("localhost:8080", origin), "{origin}");
        }
        assert!(Place::loopback(0).names(80).knows("127.0.0.1"));
        let six = Place::new("::1".parse().unwrap(), 0, None).unwrap().names(8080);
        assert!(six.knows("[::1]:8080") && six.is_origin_of("[::1]:8080", "http://[::1]:8080"));
    }
}
