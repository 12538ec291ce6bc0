//! What kept a request from being signed, and where a person changes it.

use domain::ErrorCode;

/// Where a person can change what kept a request from being signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cure {
    /// The signing form.
    Form,
    /// The token.
    Token,
    /// The history: what was found there blocks signing until it is acknowledged.
    History,
    /// Its address, trust, proxy or client certificate.
    Connection,
}

impl Cure {
    /// Where the cause of a code is changed.
    pub(crate) fn of(code: ErrorCode) -> Self {
        // The codes of these families name a step on the way to the server.
        let on_the_way = ["ca-", "connect-", "dns-", "proxy-", "tls-"];
        match code {
            ErrorCode::NotAuthorized | ErrorCode::NoToken => Self::Token,
            ErrorCode::HistoryIncomplete | ErrorCode::HistoryReplaced => Self::History,
            ErrorCode::NotFound
            | ErrorCode::MethodNotAllowed
            | ErrorCode::GatewayRefused
            | ErrorCode::GatewayLogin
            | ErrorCode::AnswerNotRecognized
            | ErrorCode::HttpRefused
            | ErrorCode::SystemCasMissing
            | ErrorCode::ClientIdentityUnusable => Self::Connection,
            code if on_the_way.iter().any(|it| code.as_str().starts_with(it)) => Self::Connection,
            _ => Self::Form,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kept_a_request_from_being_signed_is_changed_where_it_stands() {
        for (code, cure) in [
            (ErrorCode::NotAuthorized, Cure::Token),
            (ErrorCode::HistoryIncomplete, Cure::History),
            (ErrorCode::HistoryReplaced, Cure::History),
            (ErrorCode::NotFound, Cure::Connection),
            (ErrorCode::DnsFailed, Cure::Connection),
            (ErrorCode::ConnectRefused, Cure::Connection),
            (ErrorCode::ProxyAuthRequired, Cure::Connection),
            (ErrorCode::TlsUnknownIssuer, Cure::Connection),
            (ErrorCode::CaUnusable, Cure::Connection),
            (ErrorCode::ServerRefused, Cure::Form),
            (ErrorCode::SigningForbidden, Cure::Form),
            (ErrorCode::ConnectionClosedEarly, Cure::Form),
            (ErrorCode::Locked, Cure::Form),
        ] {
            assert_eq!(Cure::of(code), cure, "{code}");
        }
    }
}
