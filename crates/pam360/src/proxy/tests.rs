//! Which proxy is in force: never this machine's own environment.

use super::*;

fn variables(pairs: &[(&str, &str)]) -> ProxyVariables {
    let pairs: Vec<(String, String)> = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    ProxyVariables::new(move |name| pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone()))
}

fn found(pairs: &[(&str, &str)], choice: &ProxyChoice, server: &str) -> Proxy {
    Proxy::find_in(&variables(pairs), choice, Some("pässword"), &BaseUrl::parse(server).unwrap())
}

fn environment_for(pairs: &[(&str, &str)], server: &str) -> Proxy {
    found(pairs, &ProxyChoice::Environment, server)
}

const SERVER: &str = "https://pam.example.test:8282";

#[test]
fn the_environment_is_read_as_curl_reads_it() {
    let proxy = environment_for(&[("HTTPS_PROXY", "http://proxy.test:3128")], SERVER);
    assert_eq!(proxy.in_force(), "The proxy http://proxy.test:3128 is used, from HTTPS_PROXY.");
    let proxy = environment_for(&[("all_proxy", "proxy.test:3128"), ("HTTPS_PROXY", " ")], SERVER);
    assert_eq!(proxy.in_force(), "The proxy http://proxy.test:3128 is used, from all_proxy.");
    let proxy = environment_for(&[("https_proxy", "http://[2001:db8::1]:3128/")], SERVER);
    assert_eq!(proxy.in_force(), "The proxy http://[2001:db8::1]:3128 is used, from https_proxy.");
    let proxy = environment_for(&[("HTTP_PROXY", "http://proxy.test:3128")], SERVER);
    assert!(!proxy.is_used(), "{}", proxy.in_force());
    let system = found(&[("HTTPS_PROXY", "http://proxy.test")], &ProxyChoice::System, SERVER);
    assert_eq!(system.in_force(), "The proxy http://proxy.test:80 is used, from HTTPS_PROXY.");
}

#[test]
fn no_proxy_names_exceptions() {
    for (no, used) in [
        ("example.test", false),
        (".example.test", false),
        ("*", false),
        ("other.test, pam.example.test", false),
        ("other.test", true),
        ("ample.test", true),
    ] {
        let proxy = environment_for(&[("HTTPS_PROXY", "http://proxy.test:1"), ("no_proxy", no)], SERVER);
        assert_eq!(proxy.is_used(), used, "{no}: {}", proxy.in_force());
    }
    let proxy = environment_for(
        &[("ALL_PROXY", "http://proxy.test:1"), ("NO_PROXY", "10.0.0.0/8")],
        "https://10.2.3.4",
    );
    assert_eq!(proxy.in_force(), "No proxy is used: NO_PROXY names this server.");
}

#[test]
fn this_computer_is_reached_directly_unless_a_proxy_is_set_here() {
    let manual = ProxyChoice::Manual { address: "http://proxy.test:1".into(), user: String::new() };
    for server in ["https://localhost:1", "https://127.9.9.9", "https://[::1]:1", "https://a.localhost"] {
        let proxy = environment_for(&[("HTTPS_PROXY", "http://proxy.test:1")], server);
        assert!(!proxy.is_used() && proxy.in_force().contains("this computer itself"), "{server}");
        assert!(found(&[], &manual, server).is_used(), "{server}");
    }
    assert!(!found(&[("HTTPS_PROXY", "http://proxy.test:1")], &ProxyChoice::None, SERVER).is_used());
}

#[test]
fn user_and_password_go_into_the_header_and_are_never_shown() {
    let manual = ProxyChoice::Manual { address: "http://proxy.test:1".into(), user: "alice".into() };
    for proxy in [
        found(&[], &manual, SERVER),
        environment_for(&[("HTTPS_PROXY", "http://alice:p%C3%A4ssword@proxy.test:1")], SERVER),
    ] {
        let Route::Through(hop) = proxy.route() else { panic!("{proxy:?}") };
        // printf 'alice:pässword' | base64
        assert_eq!(hop.authorization.as_ref().unwrap().as_bytes(), b"Basic YWxpY2U6cMOkc3N3b3Jk");
        let shown = format!("{proxy:?} {}", proxy.in_force());
        assert!(!shown.contains("alice") && !shown.contains("YWxp") && !shown.contains("ssword"), "{shown}");
    }
    let variables = variables(&[("HTTPS_PROXY", "http://alice:secret@proxy.test:1")]);
    assert!(!format!("{variables:?}").contains("secret"));
}

#[test]
fn other_kinds_of_proxies_are_named_as_such() {
    for value in ["https://proxy.test:1", "socks5://proxy.test:1", "ftp://u:secret@h", "http://", "::::"] {
        let proxy = environment_for(&[("HTTPS_PROXY", value)], SERVER);
        assert!(matches!(proxy.route(), Route::Closed(ErrorCode::ProxyUnsupported)), "{value}: {proxy:?}");
        assert!(!proxy.in_force().contains("secret"), "{}", proxy.in_force());
    }
}
