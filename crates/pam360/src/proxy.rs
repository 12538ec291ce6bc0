//! Which proxy stands between this computer and the server, and why.
//!
//! Owns the reading of the choice, the environment and the system. Refuses to own the connection through it
//! ([`crate::tunnel`]). A proxy's user and password are only ever in the one header that it asks for.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{BaseUrl, ErrorCode, ProxyChoice, clipped, visible};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use zeroize::Zeroizing;

/// Where HTTP proxies listen when an environment variable does not say (RFC 9110, section 4.2.1).
const DEFAULT_PORT: u16 = 80;

/// The proxy variables of an environment. Not printable: they may hold a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxyVariables {
    /// The variable's name and its text, for `HTTPS_PROXY`, else for `ALL_PROXY`; never an empty text.
    proxy: Option<(&'static str, String)>,
    no: Option<(&'static str, String)>,
    of_process: bool,
}

impl ProxyVariables {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self { of_process: true, ..Self::new(|name| std::env::var(name).ok()) }
    }

    /// Those of an environment that is asked name by name.
    pub fn new(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| Some((*name, lookup(name).filter(|it| !it.trim().is_empty())?)))
        };
        Self {
            proxy: first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            no: first(&["NO_PROXY", "no_proxy"]),
            of_process: false,
        }
    }
}

impl fmt::Debug for ProxyVariables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |it: &Option<(&'static str, String)>| it.as_ref().map(|(name, _)| *name);
        write!(f, "ProxyVariables({:?}, {:?})", name(&self.proxy), name(&self.no))
    }
}

/// The way to one server: which proxy is in force, if any, and why.
#[derive(Clone, Debug)]
pub struct Proxy {
    route: Route,
    why: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Route {
    Direct,
    Through(Hop),
    /// There is one, and it cannot be used.
    Closed(ErrorCode),
}

/// An HTTP proxy.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Marked as sensitive, so that it is not printed.
    pub(crate) authorization: Option<HeaderValue>,
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = visible(&self.host);
        if host.contains(':') {
            write!(f, "http://[{host}]:{}", self.port)
        } else {
            write!(f, "http://{host}:{}", self.port)
        }
    }
}

impl Proxy {
    /// None: the server is reached directly.
    #[must_use]
    pub fn none() -> Self {
        Self { route: Route::Direct, why: "No proxy is used.".to_owned() }
    }

    /// The way to a server as a connection says, with this process's environment. `password` is that of a manual
    /// proxy's user.
    #[must_use]
    pub fn find(choice: &ProxyChoice, password: Option<&str>, server: &BaseUrl) -> Self {
        Self::find_in(&ProxyVariables::of_process(), choice, password, server)
    }

    /// As [`Self::find`], with another environment.
    #[must_use]
    pub fn find_in(
        variables: &ProxyVariables,
        choice: &ProxyChoice,
        password: Option<&str>,
        server: &BaseUrl,
    ) -> Self {
        match choice {
            ProxyChoice::None => Self { why: "No proxy is used, as set here.".to_owned(), ..Self::none() },
            ProxyChoice::Manual { address, user } => manual(address, user, password.unwrap_or_default()),
            ProxyChoice::System | ProxyChoice::Environment if is_loopback(server.host()) => Self {
                why: "No proxy is used: this computer itself is reached without one, unless one is set here."
                    .to_owned(),
                ..Self::none()
            },
            ProxyChoice::Environment => environment(variables, server),
            ProxyChoice::System => system(variables, server),
        }
    }

    /// Which proxy is in force and why, in a sentence, without user or password.
    #[must_use]
    pub fn in_force(&self) -> &str {
        &self.why
    }

    /// Whether a proxy stands in between.
    #[must_use]
    pub fn is_used(&self) -> bool {
        !matches!(self.route, Route::Direct)
    }

    pub(crate) fn route(&self) -> &Route {
        &self.route
    }

    fn through(hop: Hop, source: &str) -> Self {
        Self { why: format!("The proxy {hop} is used, {source}."), route: Route::Through(hop) }
    }

    fn closed(why: String) -> Self {
        Self { route: Route::Closed(ErrorCode::ProxyUnsupported), why }
    }
}

fn manual(address: &str, user: &str, password: &str) -> Proxy {
    let Some(mut hop) = address.parse::<Uri>().ok().as_ref().and_then(hop) else {
        return Proxy::closed(format!("{} is no address of a proxy.", clipped(&visible(address), 300)));
    };
    if !user.is_empty() {
        hop.authorization = Some(basic(user, password));
    }
    Proxy::through(hop, "as set here")
}

fn environment(variables: &ProxyVariables, server: &BaseUrl) -> Proxy {
    let Some((name, value)) = &variables.proxy else {
        return Proxy {
            why: "No proxy is used: HTTPS_PROXY and ALL_PROXY are not set.".to_owned(),
            ..Proxy::none()
        };
    };
    let Ok(target) = format!("https://{}/", server.authority()).parse::<Uri>() else { return Proxy::none() };
    if let Some((no_name, no)) = &variables.no {
        // A proxy that is surely understood, so that only the exceptions decide.
        let matcher = Matcher::builder().https("http://proxy.invalid:1").no(no.as_str()).build();
        if matcher.intercept(&target).is_none() {
            let why = format!("No proxy is used: {no_name} names this server.");
            return Proxy { why, ..Proxy::none() };
        }
    }
    match Matcher::builder().https(value.trim()).build().intercept(&target) {
        Some(intercept) => intercepted(&intercept, &format!("from {name}")),
        // Not shown: it may hold a password in a place where nobody expects one.
        None => Proxy::closed(format!("{name} names a proxy in a way that is not understood here.")),
    }
}

/// The environment first; then, where the system has settings of its own, those.
fn system(variables: &ProxyVariables, server: &BaseUrl) -> Proxy {
    let own_settings = cfg!(any(windows, target_os = "macos"));
    if variables.proxy.is_some() || !own_settings || !variables.of_process {
        return environment(variables, server);
    }
    let target = format!("https://{}/", server.authority()).parse::<Uri>().ok();
    match target.and_then(|it| Matcher::from_system().intercept(&it)) {
        Some(intercept) => intercepted(&intercept, "from this computer's settings"),
        None => Proxy {
            why: "No proxy is used: this computer's settings name none for this server.".to_owned(),
            ..Proxy::none()
        },
    }
}

fn intercepted(intercept: &Intercept, source: &str) -> Proxy {
    let uri = intercept.uri();
    match hop(uri) {
        Some(hop) => {
            let authorization = intercept.basic_auth().cloned();
            Proxy::through(Hop { authorization, ..hop }, source)
        }
        None => Proxy::closed(format!(
            "The proxy {source} is of the kind {}.",
            clipped(&visible(uri.scheme_str().unwrap_or("unknown")), 40)
        )),
    }
}

/// An address of an HTTP proxy; none for other kinds.
fn hop(uri: &Uri) -> Option<Hop> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = uri.port_u16().unwrap_or(DEFAULT_PORT);
    (!host.is_empty() && port != 0).then_some(Hop { host, port, authorization: None })
}

/// RFC 7617, section 2, with UTF-8.
fn basic(user: &str, password: &str) -> HeaderValue {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    let text = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    // Base64 is visible ASCII, so this cannot fail; without a value the proxy says what it misses.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        // RFC 6761, section 6.3.
        Err(_) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

#[cfg(test)]
mod tests;
