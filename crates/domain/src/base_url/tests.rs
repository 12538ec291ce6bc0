use proptest::prelude::*;

use super::*;

fn words(text: &str) -> Vec<String> {
    BaseUrl::read(text).unwrap().1.iter().map(Change::words).collect()
}

#[test]
fn an_address_is_read_as_people_type_it() {
    let url = BaseUrl::parse(" HTTPS://Pam360.Example.com:8282/pam/ ").unwrap();
    assert_eq!((url.host(), url.port()), ("pam360.example.com", 8282));
    assert_eq!(url.to_string(), "https://pam360.example.com:8282/pam");
    assert_eq!(url.path("/api"), "/pam/api");
    let url = BaseUrl::parse("https://[::1]:6565").unwrap();
    assert_eq!((url.host(), url.authority().as_str()), ("::1", "[::1]:6565"));
    assert_eq!(BaseUrl::parse("https://10.0.0.1").unwrap().authority(), "10.0.0.1");
    assert!(words("https://pam360.example.com:8282/pam").is_empty());
}

#[test]
fn what_cannot_be_called_says_why() {
    let cases = [
        ("", ErrorCode::UrlMissing),
        ("\u{FEFF}\u{200B} ", ErrorCode::UrlMissing),
        ("<>", ErrorCode::UrlMissing),
        ("http://pam360:8282", ErrorCode::UrlNotHttps),
        ("http:\\\\pam360:8282", ErrorCode::UrlNotHttps),
        ("https://http://pam360:8282", ErrorCode::UrlNotHttps),
        ("ftp://pam360", ErrorCode::UrlNotHttps),
        ("https://", ErrorCode::UrlMalformed),
        ("https:///", ErrorCode::UrlMalformed),
        ("https://a b", ErrorCode::UrlMalformed),
        ("https://a\tb", ErrorCode::UrlMalformed),
        ("https://h/a b", ErrorCode::UrlMalformed),
        ("https://host:99999", ErrorCode::UrlMalformed),
        ("https://host:", ErrorCode::UrlMalformed),
        ("https://host:0", ErrorCode::UrlMalformed),
        ("https://host:8282:1", ErrorCode::UrlMalformed),
        ("https://-host", ErrorCode::UrlMalformed),
        ("https://host..", ErrorCode::UrlMalformed),
        ("https://.", ErrorCode::UrlMalformed),
        ("https://[zz]", ErrorCode::UrlMalformed),
        ("https://[::1", ErrorCode::UrlMalformed),
        ("https://[fe80::1%25eth0]", ErrorCode::UrlMalformed),
        ("https://a%00b", ErrorCode::UrlMalformed),
        ("https://xn--\u{e9}", ErrorCode::UrlMalformed),
        ("https://admin:pw@host", ErrorCode::UrlHasCredentials),
        ("https://host/?a=1", ErrorCode::UrlHasQuery),
        ("https://host/p\u{430}m", ErrorCode::UrlPathNotAscii),
        ("host:8282/\u{e000}", ErrorCode::UrlPathNotAscii),
        ("https://host/\u{645}\u{200c}\u{646}", ErrorCode::UrlPathNotAscii),
        ("https://host/pam?next=/api/pki", ErrorCode::UrlHasQuery),
        ("https://0x7f.1", ErrorCode::UrlIpSpelling),
        ("https://127.1:8282", ErrorCode::UrlIpSpelling),
        ("https://2130706433", ErrorCode::UrlIpSpelling),
        ("https://010.0.0.1", ErrorCode::UrlIpSpelling),
        ("https://10%2E0.0.1", ErrorCode::UrlIpSpelling),
    ];
    for (text, code) in cases {
        assert_eq!(BaseUrl::parse(text), Err(code), "{text}");
    }
    assert_eq!(BaseUrl::parse(&format!("https://{}", "a".repeat(2_000))), Err(ErrorCode::UrlTooLong));
}

#[test]
fn every_spelling_of_one_server_is_one_address() {
    let groups: [(&str, &[&str]); 7] = [
        (
            "https://pam.example",
            &[
                "https://pam.example",
                "https://PAM.example:443",
                "https://pam.example.",
                "https://pam.example:443/",
                "https://pam%2Eexample/",
                "pam.example",
                "//pam.example",
                "https:pam.example",
                "https:\\\\pam.example\\",
                "https://https://pam.example",
                "<https://pam.example>",
                "\"https://pam.example\"",
                "\u{FEFF}https://pam.example\u{200B}",
                "https://pam\u{3002}example",
                "https://pam\u{FF0E}example",
                "https://\u{FF50}am.example",
                "https://pam.ex\u{AD}ample",
                "https://pam.example/#/login",
                "https://pam.example?",
            ],
        ),
        (
            "https://pam.xn--mnchen-3ya.example:8282",
            &[
                include_str!("../../tests/cases/09-address.txt"),
                "https://pam.xn--mnchen-3ya.example:8282",
                "https://PAM.MÜNCHEN.EXAMPLE:8282",
                "https://pam.mu\u{308}nchen.example:8282",
                "https://pam.m%C3%BCnchen.example:8282",
                "pam.münchen.example:8282",
            ],
        ),
        (
            "https://[2001:db8::1]:8282",
            &["https://[2001:DB8:0:0:0:0:0:1]:8282", "https://[2001:0db8::0001]:8282", "[2001:db8::1]:8282"],
        ),
        ("https://10.0.0.1:8282", &["10.0.0.1:8282", "https://10.0.0.1.:8282"]),
        (
            "https://h/pam/x",
            &[
                "https://h//pam///x//",
                "https://h/pam/./x",
                "https://h/pam/y/../x/",
                "https://h/pam/%2e/x",
                "https://h/%70am/x",
                "https://h\\pam\\x",
            ],
        ),
        ("https://h/a%C3%A4", &["https://h/a%c3%a4", "https://h/a%c3%a4/"]),
        (
            "https://h:8282/pam",
            &[
                "https://h:8282/pam/api/pki/restapi",
                "https://h:8282/pam/api/pki/restapi/",
                "https://h:8282/pam/api/pki/restapi/signCSR",
                "https://h:8282/pam/API/PKI/restapi/signCSR?INPUT_DATA=%7B%22operation%22%3A1%7D",
                "https://h:8282/pam/api/pki",
                "https://h:8282/pam/restapi/json/v1/resources?AUTHTOKEN=0000",
                "https://h:8282/pam/PassTrixMain.cc",
                "https://h:8282/pam/PassTrixMain.cc;jsessionid=1#/certificates",
                "https://h:8282/pam/index.html?x=1",
                "https://h:8282/pam?AUTHTOKEN=0000",
                "https://h:8282/pam?INPUT_DATA=x",
                "https://h:8282/pam/#/pki/csr?AUTHTOKEN=0000",
            ],
        ),
    ];
    for (canonical, spellings) in groups {
        for spelling in spellings {
            let url = BaseUrl::parse(spelling).unwrap_or_else(|code| panic!("{spelling}: {code}"));
            assert_eq!(url.to_string(), canonical, "{spelling}");
            assert_eq!(BaseUrl::canonical(spelling), canonical);
        }
        assert!(words(canonical).is_empty(), "{canonical}");
    }
    // A prefix that only looks like a part of the API's path stays.
    for text in ["https://h/api", "https://h/api/v2/pki", "https://h/pam.v2", "https://h/api/pki/x"] {
        assert_eq!(BaseUrl::canonical(text), text);
    }
    // Part of the name in Persian: without it, it is another host.
    assert_ne!(
        BaseUrl::canonical("https://نامه\u{200C}ای.example"),
        BaseUrl::canonical("https://نامهای.example")
    );
}

#[test]
fn the_answer_says_how_an_address_was_read() {
    assert_eq!(words("pam.example:8282"), ["https:// was added."]);
    assert_eq!(
        words("https://pam.münchen.example:8282"),
        ["The host was read as pam.xn--mnchen-3ya.example."]
    );
    assert_eq!(words("https://pam.example.:8282"), ["The host was read as pam.example."]);
    assert_eq!(
        words("https://h/api/pki/restapi/signCSR"),
        ["/api/pki/restapi/signCSR was removed: the address ends before the path of the API or the console."]
    );
    assert!(words("https://h/PassTrixMain.cc#/x")[0].starts_with("/PassTrixMain.cc was removed"));
    assert_eq!(words("\u{200E}https://h"), ["An invisible character (U+200E) was removed."]);
}

#[test]
fn an_address_without_a_port_says_which_one_is_used() {
    let said = |text: &str| {
        let remarks = crate::remarks(crate::Field::Server, text);
        remarks.iter().map(Change::words).filter(|it| it.contains("port 443")).count()
    };
    for text in [
        "https://pam.example",
        "pam.example",
        "https://pam.example/pam/",
        "https://[2001:db8::1]",
        "https://h/api/pki/restapi/signCSR",
        "https://h/PassTrixMain.cc#/x",
        "https://h/api/pki/restapi/signCSR?AUTHTOKEN=0000",
    ] {
        assert_eq!(said(text), 1, "{text}");
    }
    for text in [
        "https://pam.example:443",
        "pam.example:8282",
        "https://h:443/api/pki/restapi/signCSR",
        "https://[2001:db8::1]:8282",
        "",
        "https://host:",
        "http://host",
    ] {
        assert_eq!(said(text), 0, "{text}");
    }
    // What was done to the rest of it is still said, and first.
    let all: Vec<_> =
        crate::remarks(crate::Field::Server, "h/api/pki/restapi/signCSR").iter().map(Change::words).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[1].starts_with("/api/pki/restapi/signCSR was removed"), "{all:?}");
}

#[test]
fn a_failed_connection_to_the_default_port_names_it() {
    let advice = |server: &str, code| BaseUrl::port_advice(server, code).contains("Port 443");
    assert!(advice("https://h", ErrorCode::ConnectRefused));
    assert!(advice("https://h/pam", ErrorCode::ConnectTimedOut));
    assert!(advice("https://h:443", ErrorCode::ConnectRefused));
    assert!(!advice("https://h:8282", ErrorCode::ConnectRefused));
    assert!(!advice("https://h", ErrorCode::DnsFailed));
    assert!(!advice("no address", ErrorCode::ConnectRefused));
}

#[test]
fn a_token_in_a_pasted_url_is_neither_kept_nor_shown() {
    for text in [
        "https://h:8282/api/pki/restapi/signCSR?AUTHTOKEN=5EC2E7-T0KEN&INPUT_DATA=x",
        "https://h:8282/api/pki/restapi/signCSR?INPUT_DATA=x&authtoken=5EC2E7-T0KEN",
        "https://h:8282/?%41UTHTOKEN=5EC2E7-T0KEN",
        "https://h:8282/#/x?AUTHTOKEN=5EC2E7-T0KEN",
    ] {
        let (url, changes) = BaseUrl::read(text).unwrap();
        assert!(changes.contains(&Change::TokenDropped), "{text}");
        let shown = format!("{url} {url:?} {changes:?} {}", words(text).join(" "));
        assert!(!shown.contains("5EC2E7"), "{shown}");
    }
}

#[test]
fn what_an_earlier_version_recorded_and_is_no_address_stays() {
    assert_eq!(BaseUrl::canonical("https://127.1:8282/pam"), "https://127.0.0.1:8282/pam");
    assert_eq!(BaseUrl::canonical("no address: at all"), "no address: at all");
    assert_eq!(BaseUrl::canonical(""), "");
}

#[test]
fn a_path_is_ascii_and_what_is_percent_encoded_stays_so() {
    let url = BaseUrl::parse("https://m\u{fc}nchen.example/p%c3%a4m").unwrap();
    assert_eq!(url.to_string(), "https://xn--mnchen-3ya.example/p%C3%A4m");
    // Nobody sees it either way; it was removed before, with a remark, and still is.
    assert_eq!(BaseUrl::parse("https://h/pa\u{200b}m").unwrap().to_string(), "https://h/pam");
    // A record or file of an earlier version may have it.
    let earlier = BaseUrl::of_an_earlier_version("https://m\u{fc}nchen.example:8282/p\u{e4}m").unwrap();
    assert_eq!(earlier.to_string(), "https://xn--mnchen-3ya.example:8282/p%C3%A4m");
}

proptest! {
    #[test]
    fn parsing_never_panics(text in ".{0,80}") {
        let _ = BaseUrl::read(&text);
    }

    #[test]
    fn what_was_parsed_parses_to_itself(text in "(https://)?([a-zü.]|%[0-9a-f]{2}|[0-9]){1,12}(:[0-9]{1,5})?([/a-z.%0-9ä\\\\]){0,20}") {
        if let Ok(url) = BaseUrl::parse(&text) {
            let (again, changes) = BaseUrl::read(&url.to_string()).unwrap();
            prop_assert_eq!(&again, &url);
            prop_assert_eq!(changes, vec![]);
            prop_assert!(!url.to_string().contains("//api/pki") );
        }
    }
}
