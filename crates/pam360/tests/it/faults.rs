//! Every fault of the stand-in, its outcome, and that it cost exactly one POST.

use std::time::Duration;

use domain::ErrorCode::{self, *};
use standin::Fault;

use crate::support::{PATIENT, World};

/// Short enough not to hold up the tests, long enough for the request to arrive.
const HASTY: Duration = Duration::from_millis(700);

/// What the client must make of a fault, over HTTP/1.1 and over HTTP/2. No arm is a catch-all: a new fault has to be
/// thought about.
fn expected(fault: Fault) -> ErrorCode {
    match fault {
        Fault::Timeout408 => ServerTimedOut,
        Fault::Hang | Fault::SignThenHang | Fault::SlowBody | Fault::SlowHeaders => TimedOut,
        Fault::CloseBeforeHeaders
        | Fault::CloseAfterHeaders
        | Fault::CloseHalfBody
        | Fault::SignThenReset
        | Fault::Http2Goaway => ConnectionLost,
        Fault::SignThen500 | Fault::BadGateway502 | Fault::GatewayTimeout504 | Fault::Failed500 => ServerError,
        Fault::RedirectToLogin | Fault::Redirect307 => Redirected,
        Fault::Html200 | Fault::TruncatedJson => NotJson,
        Fault::Empty200 | Fault::NoContent204 => NoContent,
        Fault::Failed200 | Fault::Failed400 | Fault::EchoToken => ServerRefused,
        Fault::TooMany429 | Fault::TooMany429Date => TooManyRequests,
        Fault::TooLarge413 => RequestTooLarge,
        Fault::Forbidden403Page => GatewayRefused,
        Fault::NotAllowed405 => MethodNotAllowed,
        Fault::Unauthorized401 | Fault::TokenExpired | Fault::HostRefused => NotAuthorized,
        Fault::Forbidden403 => SigningForbidden,
        Fault::NotFound404 => NotFound,
        Fault::UnknownStatusWord => UnclearStatus,
        Fault::TwoEnvelopesContradicting
        | Fault::SuccessWith4xx
        | Fault::FailedWithDetails
        | Fault::DuplicateKeys => ContradictingAnswer,
        // The bomb is too large even before it is unpacked, which it never is.
        Fault::HugeBody | Fault::GzipBomb => AnswerTooLarge,
        Fault::DeepJson => AnswerTooDeep,
        Fault::DetailsEmpty | Fault::DetailsMissing | Fault::SuccessUnsigned => SignedWithoutDetails,
        // The answer is a clear yes; what is wrong is in the certificate, which this call does not show.
        Fault::SuccessWordUpper
        | Fault::SuccessTrue20000
        | Fault::NestedEnvelope
        | Fault::NumbersAsStrings
        | Fault::BigNumbers
        | Fault::SerialDecimal
        | Fault::SerialUpperColons
        | Fault::SerialOdd
        | Fault::DetailsObject
        | Fault::DetailsTwoRows
        | Fault::WrongCn
        | Fault::OtherKey
        | Fault::ExtraSan
        | Fault::SanDropped
        | Fault::SubjectRewritten
        | Fault::LongerValidity
        | Fault::ShorterValidity
        | Fault::CaFlagFlipped
        | Fault::OtherIssuer
        | Fault::ChainReversed
        | Fault::Bom
        | Fault::Crlf
        | Fault::Latin1
        | Fault::ClockAhead
        | Fault::ClockBehind
        // Harmless to a client that does not reuse connections.
        | Fault::KeepAliveClose
        // Over HTTP/1.1; over HTTP/2 see `on_http2`.
        | Fault::Http11Required => Signed,
    }
}

/// The same over HTTP/2.
fn on_http2(fault: Fault) -> ErrorCode {
    match fault {
        Fault::Http11Required => Http11Required,
        other => expected(other),
    }
}

async fn every_fault(world: &World, expected: fn(Fault) -> ErrorCode) {
    for fault in Fault::ALL.iter().copied() {
        let wanted = expected(fault);
        let posts = world.standin.sign_posts();
        let limit = if wanted == TimedOut { HASTY } else { PATIENT };
        let ending = world.sign(fault.csr_id(), limit).await.unwrap();
        assert_eq!(ending.code, wanted, "{}: {ending:#?}", fault.name());
        assert_eq!(Some(ending.outcome), wanted.outcome(), "{}", fault.name());
        assert_eq!(world.standin.sign_posts() - posts, 1, "{}: POSTs", fault.name());
    }
}

#[tokio::test]
async fn every_fault_over_http1_has_its_outcome_and_one_post() {
    every_fault(&World::start(standin::Builder::http1_only).await, expected).await;
}

#[tokio::test]
async fn every_fault_over_http2_has_its_outcome_and_one_post() {
    every_fault(&World::start(|it| it).await, on_http2).await;
}

#[tokio::test]
async fn a_server_that_requires_http1_is_offered_nothing_else_next_time() {
    let world = World::start(standin::Builder::http11_required).await;
    let endpoint = world.endpoint();
    let sign = async || {
        let session = endpoint.connect(PATIENT).await.unwrap();
        session.sign(&world.token(), &world.request(301), PATIENT).await.code
    };
    assert_eq!(sign().await, Http11Required);
    assert_eq!((world.standin.sign_posts(), world.standin.signed()), (1, 0), "nothing is sent again");
    assert_eq!(sign().await, Signed);
    assert_eq!((world.standin.sign_posts(), world.standin.signed()), (2, 1));
}

#[tokio::test]
async fn what_the_client_calls_refused_or_not_sent_was_never_signed() {
    // The other direction of the promise: a no is believed only where no certificate exists.
    for fault in Fault::ALL.iter().copied().filter(|it| it.signs()) {
        let outcome = expected(fault).outcome();
        assert_ne!(outcome, Some(domain::Outcome::Refused), "{}", fault.name());
        assert_ne!(outcome, Some(domain::Outcome::NotSent), "{}", fault.name());
    }
}
