//! Every form that certificate and key files come in, and what is said of a member that cannot be read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use super::*;

/// A CA certificate as DER.
fn ca(name: &str) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn pem(label: &str, der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let lines: Vec<_> = digits.as_bytes().chunks(64).map(|it| std::str::from_utf8(it).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn certificates(name: &str, file: &[u8]) -> Vec<Vec<u8>> {
    let members = read(file).unwrap_or_else(|why| panic!("{name}: {why:?}"));
    let certificate = |it: Member| match it.content {
        Ok(Content::Certificate(der)) => der.to_vec(),
        Ok(_) => panic!("{name}: member {} is no certificate", it.number),
        Err(why) => panic!("{name}: member {}: {why}", it.number),
    };
    members.into_iter().map(certificate).collect()
}

/// The words for the first member that is no certificate.
fn words(file: &[u8]) -> String {
    let members = read(file).unwrap();
    let all = members.len();
    let odd = members.iter().find(|it| !matches!(it.content, Ok(Content::Certificate(_))));
    odd.map(|it| it.words(all)).unwrap_or_default()
}

/// A value with its tag and length.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, &content].concat()
}

/// A PKCS#7 bundle without content and signers, as `openssl crl2pkcs7 -nocrl` makes them.
fn bundle(certificates: &[Vec<u8>]) -> Vec<u8> {
    let oid = |last: u8| [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, last];
    let set: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    let content = tlv(0x30, &[&oid(1)]);
    let signed = tlv(0x30, &[&[2, 1, 1], &[0x31, 0], &content, &tlv(0xA0, &set), &[0x31, 0]]);
    tlv(0x30, &[&oid(2), &tlv(0xA0, &[&signed])])
}

/// The same with indefinite lengths, as Java and older Windows write it.
fn indefinite_bundle(certificates: &[Vec<u8>]) -> Vec<u8> {
    let open = |tag: u8, content: &[u8]| [&[tag, 0x80][..], content, &[0, 0]].concat();
    let oid = |last: u8| [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, last];
    let content = open(0x30, &oid(1));
    let parts = [&[2, 1, 1][..], &[0x31, 0], &content, &open(0xA0, &certificates.concat()), &[0x31, 0]];
    open(0x30, &[&oid(2)[..], &open(0xA0, &open(0x30, &parts.concat()))].concat())
}

#[test]
fn two_certificates_are_read_out_of_every_form() {
    let both = vec![ca("First Root"), ca("Second Root")];
    let plain = both.iter().map(|it| pem("CERTIFICATE", it)).collect::<String>();
    let digits: Vec<_> = both.iter().map(|it| STANDARD.encode(it)).collect();
    let unwrapped = digits
        .iter()
        .map(|it| format!("-----BEGIN CERTIFICATE-----\n{it}\n-----END CERTIFICATE-----\n"))
        .collect::<String>();
    let every_line = |change: fn(&str) -> String| plain.lines().map(change).collect::<String>();
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("as it is", plain.clone().into()),
        ("with CR LF", plain.replace('\n', "\r\n").into()),
        ("with CR", plain.replace('\n', "\r").into()),
        ("with mixed line ends", plain.replacen('\n', "\r\n", 3).replacen("A\n", "A\r", 1).into()),
        ("with separators of Unicode", plain.replace('\n', "\u{2028}").into()),
        ("without a line end at the end", plain.trim_end().to_owned().into()),
        ("joined", plain.replace("-----\n-----", "----------").into()),
        ("indented", every_line(|it| format!("    {it}\n")).into()),
        ("with tabs and spaces behind", every_line(|it| format!("\t{it} \t\n")).into()),
        ("quoted in mail", every_line(|it| format!("> > {it}\n")).into()),
        ("commented out", every_line(|it| format!("# {it}\n")).into()),
        ("in a program", every_line(|it| format!("  \"{it}\\n\" +\n")).into()),
        ("with empty lines between", every_line(|it| format!("{it}\n\n")).into()),
        ("in lines of any length", unwrapped.into()),
        ("on one line", plain.replace('\n', "").into()),
        ("as JSON", format!("{{\"ca\":\"{}\"}}", plain.replace('\n', "\\n").replace('/', "\\/")).into()),
        (
            "as JSON for pages",
            plain.replace('\n', "\\r\\n").replace('+', "\\u002b").replace('=', "\\u003d").into(),
        ),
        ("in an environment file", format!("CA=\"{}\"\n", plain.replace('\n', "\\n")).into()),
        (
            "in an address",
            plain
                .replace('\n', "%0A")
                .replace(' ', "%20")
                .replace('+', "%2B")
                .replace('/', "%2F")
                .replace('=', "%3D")
                .into(),
        ),
        ("as X509 CERTIFICATE", plain.replace("CERTIFICATE", "X509 CERTIFICATE").into()),
        (
            "as TRUSTED CERTIFICATE without settings",
            plain.replace("CERTIFICATE", "TRUSTED CERTIFICATE").into(),
        ),
        ("with spaces around the label", plain.replace("BEGIN CERTIFICATE-", "BEGIN CERTIFICATE -").into()),
        ("with four dashes", plain.replace("-----", "----").into()),
        ("with a word processor's dashes", plain.replace("-----", "\u{2014}\u{2013}").into()),
        ("without padding", plain.replace('=', "").into()),
        (
            "with words around",
            format!("Bag Attributes\n  friendlyName: Fürst: C:\\new\\\n{plain}sent from: me\n").into(),
        ),
        ("with headers", plain.replace("TE-----\nMII", "TE-----\nComment: of the house\n\nMII").into()),
        ("as DER", both.concat()),
        ("as DER with a line end", [both.concat(), vec![b'\r', b'\n']].concat()),
        ("as PKCS#7", bundle(&both)),
        ("as PKCS#7 of indefinite length", indefinite_bundle(&both)),
        ("as PKCS#7 in PEM", pem("PKCS7", &bundle(&both)).into()),
        ("as PKCS #7 SIGNED DATA", pem("PKCS #7 SIGNED DATA", &bundle(&both)).into()),
        ("as CMS", pem("CMS", &bundle(&both)).into()),
        ("as PKCS#7 under a wrong label", pem("CERTIFICATE", &bundle(&both)).into()),
        ("as bare base64", STANDARD.encode(both.concat()).into()),
        (
            "as bare base64 in lines",
            pem("X", &both.concat())
                .lines()
                .filter(|it| !it.contains('-'))
                .map(|it| format!("{it}\r\n"))
                .collect::<String>()
                .into(),
        ),
    ];
    for (name, file) in forms {
        let found = certificates(name, &file);
        assert_eq!(found.len(), 2, "{name}");
        assert!(found == both, "{name}");
    }
}

#[test]
fn a_member_that_cannot_be_read_is_named_by_its_number_its_reason_and_its_subject() {
    let good = pem("CERTIFICATE", &ca("Good Root"));
    let der = ca("Bad Root");
    let with = |second: String| words((good.clone() + &second + &good).as_bytes());
    let bad = pem("CERTIFICATE", &der);
    assert_eq!(
        with(bad.replacen("\nMII", "\nM*I", 1)),
        format!(
            "Block 2 of 3 in the file (Bad Root): line {} has the character “*”, which base64 does not have",
            good.lines().count() + 2
        )
    );
    let cut = pem("CERTIFICATE", &der[..der.len() - 20]);
    assert_eq!(
        with(cut),
        format!(
            "Block 2 of 3 in the file (Bad Root): it is cut off: it should have {} bytes and has {}",
            der.len(),
            der.len() - 20
        )
    );
    let longer = pem("CERTIFICATE", &[&der[..], b"more"].concat());
    assert_eq!(with(longer), "Block 2 of 3 in the file (CN=Bad Root): 4 bytes follow its end");
    let no_end = bad.replace("-----END CERTIFICATE-----\n", "");
    assert_eq!(with(no_end.clone()), "Block 2 of 3 in the file (Bad Root): its END line is missing");
    assert_eq!(
        words((good.clone() + &no_end).as_bytes()),
        "Block 2 of 2 in the file (Bad Root): its END line is missing"
    );
    let other_end = bad.replace("END CERTIFICATE", "END X509 CRL");
    assert_eq!(with(other_end), "Block 2 of 3 in the file (Bad Root): its END line says X509 CRL");
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".to_owned();
    assert_eq!(with(empty), "Block 2 of 3 in the file: it is empty");
    let nonsense = pem("CERTIFICATE", &tlv(0x30, &[&[2, 1, 7]]));
    assert_eq!(with(nonsense), "Block 2 of 3 in the file: it is not a certificate, though it says so");
}

#[test]
fn what_is_no_certificate_is_told_by_its_shape() {
    let key = KeyPair::generate().unwrap();
    let request = CertificateParams::default().serialize_request(&key).unwrap();
    let request = pem("CERTIFICATE REQUEST", request.der());
    assert!(words(request.as_bytes()).ends_with("is a certificate signing request (CSR)"));
    assert!(words(key.serialize_pem().as_bytes()).ends_with("is a private key"));
    // Whatever the label says.
    let mislabelled = key.serialize_pem().replace("PRIVATE KEY", "CERTIFICATE");
    assert!(words(mislabelled.as_bytes()).ends_with("is a private key"));
    let public = pem("PUBLIC KEY", &rcgen::PublicKeyData::subject_public_key_info(&key));
    assert!(words(public.as_bytes()).ends_with("is a public key"));
    let curve = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    assert!(words(curve.as_bytes()).ends_with("is a block of the kind EC PARAMETERS"));
    for encrypted in [
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    ] {
        assert!(
            words(encrypted.as_bytes()).ends_with("is an encrypted private key"),
            "{}",
            words(encrypted.as_bytes())
        );
    }
}

#[test]
fn trust_settings_of_openssl_are_heeded() {
    let root = ca("Trusted Root");
    let purpose = |last: u8| [6, 8, 0x2B, 6, 1, 5, 5, 7, 3, last];
    let settings = |trust: &[u8], reject: &[u8]| {
        let reject = if reject.is_empty() { Vec::new() } else { tlv(0xA0, &[reject]) };
        tlv(0x30, &[&tlv(0x30, &[trust]), &reject])
    };
    let rejected = |settings: &[u8]| {
        let file = pem("TRUSTED CERTIFICATE", &[&root[..], settings].concat());
        let members = read(file.as_bytes()).unwrap();
        matches!(members[0].content, Ok(Content::Rejected(_)))
    };
    assert!(!rejected(&settings(&purpose(1), &[])), "trusted for servers");
    assert!(!rejected(&settings(&[], &[])), "nothing is said");
    assert!(!rejected(&settings(&[], &purpose(4))), "rejected for mail alone");
    assert!(!rejected(&settings(&[6, 4, 0x55, 0x1D, 0x25, 0], &[])), "trusted for everything");
    assert!(rejected(&settings(&purpose(4), &[])), "trusted for mail alone");
    assert!(rejected(&settings(&[], &purpose(1))), "rejected for servers");
    assert!(rejected(&settings(&purpose(1), &purpose(1))), "rejection outdoes trust");
    let broken = pem("TRUSTED CERTIFICATE", &[&root[..], b"\x30\x05\x01"].concat());
    assert!(words(broken.as_bytes()).ends_with("its trust settings cannot be read"));
}

#[test]
fn a_file_without_members_says_why() {
    let nothing = |file: &[u8]| read(file).err();
    assert_eq!(nothing(b"\xEF\xBB\xBF \r\n"), Some(Nothing::Empty));
    assert_eq!(nothing(b"hello"), Some(Nothing::NoBlock));
    // A digit and a character beyond ASCII begin as no DER does.
    for text in ["0東", "0é", "0\u{10ffff}"] {
        assert_eq!(nothing(text.as_bytes()), Some(Nothing::NoBlock), "{text}");
    }
    assert_eq!(nothing(b"SGVsbG8="), Some(Nothing::NoBlock));
    assert_eq!(nothing(&[0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2]), Some(Nothing::JavaKeystore));
    let many = "-----BEGIN X-----\nMAA=\n-----END X-----\n".repeat(MAX_MEMBERS + 1);
    assert_eq!(nothing(many.as_bytes()), Some(Nothing::TooMany));
}

#[test]
fn nothing_of_a_key_is_in_the_words_for_it() {
    let key = KeyPair::generate().unwrap().serialize_pem();
    let line = key.lines().nth(1).unwrap().to_owned();
    for damaged in [key.replacen(&line, &format!("~{line}"), 1), key.replace("-----END PRIVATE KEY-----", "")]
    {
        let words = words(damaged.as_bytes());
        assert!(
            !words.contains('~') && !line.split_inclusive('/').any(|it| it.len() > 8 && words.contains(it)),
            "{words}"
        );
    }
}

#[test]
fn a_file_of_nothing_but_boundaries_is_read_in_one_pass() {
    // A search that began anew at each would take minutes.
    for piece in ["BEGIN ", "-----BEGIN X", "-----BEGIN X-----", "-----END X-----", "-- BEGIN A --"] {
        let file = piece.repeat(256 * 1024 / piece.len());
        let _ = read(file.as_bytes());
    }
}

fn reencoded(text: &str) -> Vec<Vec<u8>> {
    let marked = ["\u{FEFF}", text].concat();
    vec![
        marked.clone().into_bytes(),
        marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        marked.chars().flat_map(|it| u32::from(it).to_le_bytes()).collect(),
        marked.chars().flat_map(|it| u32::from(it).to_be_bytes()).collect(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_accepted_text_has_the_same_members_in_every_encoding(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("CERT".to_owned()),
                Just("\r\n".to_owned()),
                Just("> ".to_owned()),
                "[ -~äß€東\u{a0}]{0,12}",
            ],
            0..12,
        )
    ) {
        let block = pem("CERTIFICATE", &ca("Some Root"));
        let text: String = pieces.iter().map(|it| if it == "CERT" { block.as_str() } else { it.as_str() }).collect();
        let seen = |file: &[u8]| match read(file) {
            Ok(members) => {
                let all = members.len();
                Ok(members.iter().map(|it| it.words(all)).collect::<Vec<_>>())
            }
            Err(why) => Err(why),
        };
        let plain = seen(text.as_bytes());
        for file in reencoded(&text) {
            prop_assert_eq!(&seen(&file), &plain);
        }
    }

    #[test]
    fn no_file_makes_it_panic(
        start in prop_oneof![Just(vec![]), Just(vec![0x30, 0x82]), Just(vec![0x30, 0x80]), Just(b"-----BEGIN CERTIFICATE-----".to_vec())],
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let _ = read(&[start, bytes].concat()).map(|it| it.len());
        let mut bundle = bundle(&[ca("Some Root")]);
        let at = at.index(bundle.len());
        bundle[at] = byte;
        let _ = read(&bundle).map(|it| it.len());
        let _ = read(pem("TRUSTED CERTIFICATE", &bundle).as_bytes()).map(|it| it.len());
    }
}
