//! The way to a server, step by step.

use domain::{BaseUrl, CaChoice, ConnectPhase, ConnectStep, ErrorCode, ProxyChoice, StepState};
use pam360::{Endpoint, Proxy, ProxyVariables, Trace, Trust};
use standin::ServerIdentity;

use crate::pki;
use crate::support::{PATIENT, World};

async fn steps(endpoint: &Endpoint) -> Vec<ConnectStep> {
    let mut trace = Trace::default();
    let result = endpoint.connect_traced(PATIENT, &mut trace).await;
    let steps = trace.into_steps();
    assert_eq!(steps.iter().map(|it| it.phase).collect::<Vec<_>>(), ConnectPhase::ALL);
    let failed: Vec<_> = steps
        .iter()
        .filter_map(|it| match it.state {
            StepState::Failed { code } => Some((code, it.detail.as_str())),
            _ => None,
        })
        .collect();
    match &result {
        Ok(_) => assert!(failed.is_empty(), "{steps:#?}"),
        Err(failure) => assert_eq!(failed, [(failure.code, failure.detail.as_str())]),
    }
    steps
}

fn states(steps: &[ConnectStep]) -> Vec<StepState> {
    steps.iter().map(|it| it.state).collect()
}

#[tokio::test]
async fn every_step_says_what_was_seen() {
    let world = World::start(|it| it).await;
    let steps = steps(&world.endpoint()).await;
    assert_eq!(states(&steps), [StepState::Passed; 4]);
    assert_eq!(steps[0].detail, "No proxy is used.");
    assert_eq!(steps[1].detail, "127.0.0.1: 127.0.0.1.");
    assert_eq!(steps[2].detail, format!("Connected to {}.", world.standin.address()));
    let tls = &steps[3].detail;
    assert!(tls.starts_with("TLSv1.3, TLS13_AES_256_GCM_SHA384, h2. SHA-256"), "{tls}");
    assert!(tls.contains("Above it: ") && tls.contains("It expires on 2028-02-16, in 397 days."), "{tls}");
}

#[tokio::test]
async fn what_comes_after_a_failure_is_not_tried() {
    use StepState::{Failed, Passed, Skipped};
    let world = World::start(|it| it.server_identity(ServerIdentity::Expired)).await;
    let failed = Failed { code: ErrorCode::TlsExpired };
    assert_eq!(states(&steps(&world.endpoint()).await), [Passed, Passed, Passed, failed]);

    let ca = CaChoice::File { path: world.standin.ca_file().display().to_string() };
    let trust = pki::timed(Trust::of_ca(&ca).unwrap());
    let at = |address: &str, proxy| Endpoint::new(BaseUrl::parse(address).unwrap(), trust.clone(), proxy);
    let failed = Failed { code: ErrorCode::DnsFailed };
    let nowhere = at("https://no-such-host.invalid", Proxy::none());
    assert_eq!(states(&steps(&nowhere).await), [Passed, failed, Skipped, Skipped]);

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let failed = Failed { code: ErrorCode::ConnectRefused };
    assert_eq!(states(&steps(&at(&address, Proxy::none())).await), [Passed, Passed, failed, Skipped]);

    let socks = ProxyVariables::new(|name| (name == "HTTPS_PROXY").then(|| "socks5://h:1".to_owned()));
    let server = BaseUrl::parse("https://pam.example.test").unwrap();
    let way = Proxy::find_in(&socks, &ProxyChoice::Environment, None, &server);
    let failed = Failed { code: ErrorCode::ProxyUnsupported };
    let steps = steps(&at("https://pam.example.test", way)).await;
    assert_eq!(states(&steps), [failed, Skipped, Skipped, Skipped]);
    assert_eq!(steps[0].detail, "The proxy from HTTPS_PROXY is of the kind socks5.");
}
