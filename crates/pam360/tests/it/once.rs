//! A signing leaves once, with the token in its header and nowhere else.

use domain::{ErrorCode, OrgName, Outcome, SignRequest, SpokenHttp};
use pam360::{OrganizationVerdict, TokenVerdict, http_request_text};
use standin::Fault;

use crate::support::{PATIENT, World, token};

#[tokio::test]
async fn a_signing_is_what_the_vendor_documents() {
    let world = World::start(|it| it).await;
    let csr = world.standin.csrs()[0].clone();
    let ending = world.sign(csr.id, PATIENT).await.unwrap();
    assert_eq!(ending.code, ErrorCode::Signed, "{ending:#?}");
    let issued = &world.standin.issued()[0];
    let reported = &ending.certificates[0];
    assert_eq!(reported.common_name.as_deref(), Some(csr.common_name.as_str()));
    assert_eq!(reported.certificate_id, Some(issued.certificate_id.to_string()));
    assert_eq!(reported.serial_number.as_deref(), Some(issued.serial_hex.as_str()));
    assert_eq!(ending.seen.tls_version.as_deref(), Some("TLSv1.3"));
    let own = ending.seen.server_certificate_sha256.unwrap();
    assert_eq!(own.len(), 64);
    // The stand-in presents its authority's certificate behind its own.
    assert_eq!(ending.seen.peer_chain_sha256.len(), 2);
    assert_eq!(ending.seen.peer_chain_sha256[0], own);

    let received = world.standin.received();
    let post = received.iter().find(|it| it.method == "POST").unwrap();
    assert_eq!(post.path, "/api/pki/restapi/signCSR");
    assert!(post.token_header);
    assert!(post.body.starts_with("INPUT_DATA=%7B%22operation%22"), "{}", post.body);
}

#[tokio::test]
async fn the_shown_request_is_what_the_server_receives_over_either_version_of_http() {
    for (http11, version, received_as) in
        [(true, SpokenHttp::Http11, "HTTP/1.1"), (false, SpokenHttp::Http2, "HTTP/2.0")]
    {
        let world = World::start(|it| if http11 { it.http1_only() } else { it }).await;
        let id = world.standin.csrs()[0].id;
        let organization = OrgName::parse("Default Organization").unwrap();
        let request = SignRequest { organization, ..world.request(id) };
        let session = world.endpoint().connect(PATIENT).await.unwrap();
        let ending = session.sign(&world.token(), &request, PATIENT).await;
        assert_eq!(ending.seen.http_version, Some(version));

        let shown = http_request_text(&world.address(), &request, version);
        let (head, body) = shown.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let received = world.standin.received().pop().unwrap();
        assert_eq!((received.version.as_str(), received.body.as_str()), (received_as, body));
        let first = format!("{} {} {}", received.method, received.path, version.as_str());
        assert_eq!(lines.next(), Some(first.as_str()));
        let mut names: Vec<_> = lines.map(|it| it.split_once(':').unwrap().0).collect();
        if !http11 {
            // HTTP/2 sends the host as the pseudo-header :authority (RFC 9113, section 8.3.1).
            assert_eq!(names.remove(0), "host");
        }
        assert_eq!(received.header_names, names);
    }
}

#[tokio::test]
async fn a_kept_alive_connection_that_closes_as_the_post_arrives_costs_one_post() {
    for http1 in [true, false] {
        let world = World::start(|it| if http1 { it.http1_only() } else { it }).await;
        // A look before the signing is what makes a pooling client reuse the connection.
        let looked =
            world.endpoint().connect(PATIENT).await.unwrap().look(&world.token(), None, PATIENT).await;
        assert_eq!(looked.unwrap().token, TokenVerdict::NotRejected);
        world.standin.fault_next(Fault::KeepAliveClose, 10);
        let ending = world.sign(world.standin.csrs()[0].id, PATIENT).await.unwrap();
        assert_eq!((ending.outcome, world.standin.sign_posts()), (Outcome::Signed, 1));
        assert_eq!(world.standin.connections(), 2, "one connection for each request");
    }
}

#[tokio::test]
async fn a_connection_that_closes_as_the_post_arrives_is_unknown_after_one_post() {
    for http1 in [true, false] {
        let world = World::start(|it| if http1 { it.http1_only() } else { it }).await;
        world.standin.fault_next(Fault::CloseBeforeHeaders, 10);
        let ending = world.sign(world.standin.csrs()[0].id, PATIENT).await.unwrap();
        assert_eq!(ending.outcome, Outcome::Unknown);
        assert_eq!((world.standin.sign_posts(), world.standin.connections()), (1, 1));
    }
}

#[tokio::test]
async fn an_organization_travels_in_its_header() {
    let world = World::start(|it| it).await;
    let other = world.standin.organizations()[1].clone();
    let csr = world.standin.csrs_of(&other).into_iter().next();
    let root = &world.standin.roots_of(&other)[0];
    let form = domain::SignForm {
        sign_type: "signWithRoot".into(),
        root_common_name: root.common_name.clone(),
        root_serial_number: root.serial_number.clone(),
        validity_days: "10".into(),
        intermediate: false,
        csr_id: csr.map_or(1, |it| it.id).to_string(),
        organization: other,
    };
    let request = form.check(domain::Timestamp::from_millis(0)).unwrap();
    let session = world.endpoint().connect(PATIENT).await.unwrap();
    session.sign(&world.token(), &request, PATIENT).await;
    let received = world.standin.received();
    assert!(received[0].header_names.iter().any(|it| it == "orgname"), "{:?}", received[0].header_names);
}

#[tokio::test]
async fn a_look_tells_a_bad_token_from_a_good_one_and_signs_nothing() {
    let world = World::start(|it| it).await;
    let look = async |token| {
        world.endpoint().connect(PATIENT).await.unwrap().look(&token, None, PATIENT).await.unwrap()
    };
    assert_eq!(look(world.token()).await.token, TokenVerdict::NotRejected);
    let bad = look(token("WRONG")).await;
    assert_eq!(bad.token, TokenVerdict::Rejected);
    assert!(bad.server_message.unwrap().contains("Authentication failed"));
    assert_eq!((world.standin.sign_posts(), world.standin.signed()), (0, 0));
}

#[tokio::test]
async fn a_look_tells_when_the_servers_words_speak_of_an_organization() {
    let world = World::start(|it| it).await;
    let look = async |organization: Option<&str>| {
        let session = world.endpoint().connect(PATIENT).await.unwrap();
        session.look(&world.token(), organization, PATIENT).await.unwrap().organization
    };
    assert_eq!(look(None).await, OrganizationVerdict::NotNamed);
    assert_eq!(look(Some(&world.standin.organizations()[0])).await, OrganizationVerdict::NotTold);
    assert_eq!(look(Some("Nobody Ltd")).await, OrganizationVerdict::Refused);
}
