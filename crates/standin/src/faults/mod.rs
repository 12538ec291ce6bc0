//! Failures on demand. Owns the list: every fault has a name, a sentinel CSR id and a sentence. What a fault does to a
//! certificate is in `twist`, what it does to the answer in `answers`, `bodies` and `delivery`.

pub(crate) mod answers;
pub(crate) mod bodies;
pub(crate) mod delivery;
pub(crate) mod queue;
pub(crate) mod twist;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $name:literal, $signs:ident, $words:literal;)+) => {
        /// One way in which a server, or what stands between, can misbehave at `signCSR`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $(#[doc = $words] $variant,)+ }

        impl Fault {
            /// Every fault, by rising sentinel id.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name, in kebab case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The CSR id that asks for this fault.
            pub const fn csr_id(self) -> u64 {
                match self { $(Self::$variant => $id,)+ }
            }

            /// One line on what the client sees.
            pub const fn describes(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }

            /// Whether a certificate exists afterwards.
            pub const fn signs(self) -> bool {
                match self { $(Self::$variant => faults!(@ $signs),)+ }
            }
        }
    };
    (@ signs) => { true };
    (@ unsigned) => { false };
}

faults! {
    CloseBeforeHeaders = 9001, "close-before-headers", unsigned, "the request is read, then the connection closes without a byte of answer";
    CloseAfterHeaders = 9002, "close-after-headers", signs, "status and headers arrive, then the connection closes";
    CloseHalfBody = 9003, "close-half-body", signs, "the full length is promised, half of the body arrives, then the connection closes";
    SignThen500 = 9004, "sign-then-500", signs, "status 500 with an HTML error page, although the certificate exists";
    SignThenHang = 9005, "sign-then-hang", signs, "never an answer, although the certificate exists";
    SignThenReset = 9006, "sign-then-reset", signs, "a TCP reset instead of an answer, although the certificate exists";
    BadGateway502 = 9007, "502-from-proxy", unsigned, "a proxy's HTML page: the server behind it could not be reached";
    GatewayTimeout504 = 9008, "504-from-proxy", signs, "a proxy's HTML page: the server behind it was too slow, and signed all the same";
    RedirectToLogin = 9009, "redirect-to-login", unsigned, "status 302 to a login page";
    Redirect307 = 9010, "redirect-307", unsigned, "status 307 to the same path with a slash: following it would repeat the POST";
    Html200 = 9011, "html-200", unsigned, "status 200 with a login page";
    Empty200 = 9012, "empty-200", signs, "status 200 without a body";
    NoContent204 = 9013, "no-content-204", signs, "status 204";
    Failed200 = 9014, "failed-200", unsigned, "status 200 with a Failed envelope";
    Failed400 = 9015, "failed-400", unsigned, "status 400 with a Failed envelope";
    Unauthorized401 = 9016, "unauthorized-401", unsigned, "status 401 with the Authentication failed envelope";
    Forbidden403 = 9017, "forbidden-403", unsigned, "status 403 with a Failed envelope";
    NotFound404 = 9018, "not-found-404", unsigned, "status 404 with an HTML page, as when the path or the product is not the one";
    Timeout408 = 9019, "timeout-408", unsigned, "status 408 without a body";
    TooMany429 = 9020, "too-many-429", unsigned, "status 429 with Retry-After";
    Failed500 = 9021, "500-failed", unsigned, "status 500 with a Failed envelope";
    SuccessWordUpper = 9022, "success-word-upper", signs, "the status word is SUCCESS";
    SuccessTrue20000 = 9023, "success-true-20000", signs, "the status word is \"true\", with statusCode 20000";
    UnknownStatusWord = 9024, "unknown-status-word", signs, "the status word is one that nobody has documented";
    NestedEnvelope = 9025, "nested-envelope", signs, "result and details sit under \"operation\"";
    TwoEnvelopesContradicting = 9026, "two-envelopes-contradicting", signs, "the outer result says Success, the nested one Failed";
    SuccessWith4xx = 9027, "success-with-4xx", signs, "status 400 with a Success envelope";
    FailedWithDetails = 9028, "failed-with-details", signs, "status word Failed beside the details of a new certificate";
    NumbersAsStrings = 9029, "numbers-as-strings", signs, "Certificate_ID is a string";
    SerialDecimal = 9030, "serial-decimal", signs, "serialNumber is a decimal number";
    SerialUpperColons = 9031, "serial-upper-colons", signs, "serialNumber is upper case with colons and a leading 00";
    SerialOdd = 9032, "serial-odd", signs, "serialNumber has an odd number of hex digits";
    DetailsObject = 9033, "details-object", signs, "details is an object instead of an array";
    DetailsEmpty = 9034, "details-empty", signs, "details is an empty array";
    DetailsMissing = 9035, "details-missing", signs, "there is no details";
    DetailsTwoRows = 9036, "details-two-rows", signs, "details has a second row for a certificate nobody asked for";
    WrongCn = 9037, "wrong-cn", signs, "the answer names another common name than the certificate has";
    OtherKey = 9038, "other-key", signs, "the certificate is for another key than the CSR's";
    ExtraSan = 9039, "extra-san", signs, "the certificate has one more DNS name than was asked for";
    LongerValidity = 9040, "longer-validity", signs, "the certificate lives 365 days longer than was asked for";
    CaFlagFlipped = 9041, "ca-flag-flipped", signs, "a CA certificate where none was asked for, and the other way round";
    OtherIssuer = 9042, "other-issuer", signs, "another issuer signed than the one chosen; the answer does not say so";
    ChainReversed = 9043, "chain-reversed", signs, "getCertificate answers the issuer first and the certificate after it";
    SlowBody = 9044, "slow-body", signs, "the body arrives one byte a second";
    SlowHeaders = 9045, "slow-headers", signs, "status line and headers arrive one byte a second";
    HugeBody = 9046, "huge-body", signs, "50 MB of valid JSON";
    GzipBomb = 9047, "gzip-bomb", signs, "a gzip body of about 1 MB that unpacks to 1 GiB of valid JSON";
    Bom = 9048, "bom", signs, "a UTF-8 byte order mark before the JSON";
    Crlf = 9049, "crlf", signs, "JSON with CRLF line ends and blank lines around it";
    Latin1 = 9050, "latin-1", signs, "a message in ISO 8859-1, which is not valid UTF-8";
    TruncatedJson = 9051, "truncated-json", signs, "a complete HTTP answer whose JSON stops in the middle";
    DeepJson = 9052, "deep-json", signs, "details is an array nested 10000 deep";
    DuplicateKeys = 9053, "duplicate-keys", signs, "every key twice, first with a refusal, then with a success";
    ClockAhead = 9054, "clock-ahead", signs, "the server's clock is one day ahead: the certificate is not valid yet";
    ClockBehind = 9055, "clock-behind", signs, "the server's clock is one day behind";
    TokenExpired = 9056, "token-expired", unsigned, "the Authentication failed envelope in the middle of a working session";
    KeepAliveClose = 9057, "keep-alive-close", unsigned, "on a reused connection the request is read and the connection closes without an answer; the first request on a connection is answered as usual";
    Http2Goaway = 9058, "http2-goaway", unsigned, "HTTP/2 GOAWAY saying that nothing was processed, then close; on HTTP/1.1 close without an answer";
    SanDropped = 9059, "san-dropped", signs, "the certificate has none of the alternative names asked for";
    SubjectRewritten = 9060, "subject-rewritten", signs, "the certificate's subject is another than the CSR's, as a Microsoft template does";
    HostRefused = 9061, "host-refused", unsigned, "the captured envelope for a token that is bound to another host";
    Hang = 9062, "hang", unsigned, "never an answer, and nothing is signed";
    ShorterValidity = 9063, "shorter-validity", signs, "the certificate lives one day, whatever was asked for";
    EchoToken = 9064, "echo-token", unsigned, "a Failed envelope whose words repeat the token that was sent";
    Http11Required = 9065, "http11-required", unsigned, "on HTTP/2 the stream of the request is reset with HTTP_1_1_REQUIRED and nothing is signed; on HTTP/1.1 the call is answered as usual";
    TooMany429Date = 9066, "too-many-429-date", unsigned, "status 429 with Retry-After as a date, two minutes ahead";
    TooLarge413 = 9067, "too-large-413", unsigned, "a proxy's HTML page: the body is larger than it takes";
    SuccessUnsigned = 9068, "success-unsigned", unsigned, "a Success envelope that names no certificate, and there is none";
    BigNumbers = 9069, "big-numbers", signs, "Certificate_ID and serialNumber are JSON numbers of 77 and 127 bits";
    Forbidden403Page = 9070, "forbidden-403-page", unsigned, "a proxy's or firewall's HTML page: it does not let the request through";
    NotAllowed405 = 9071, "not-allowed-405", unsigned, "status 405 without a body, as at an address that serves files";
}

impl Fault {
    /// The fault with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    /// The fault whose sentinel id this is.
    pub fn by_csr_id(id: u64) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.csr_id() == id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Fault;

    #[test]
    fn names_and_ids_are_unique_and_well_formed() {
        let names: HashSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        let ids: Vec<u64> = Fault::ALL.iter().map(|fault| fault.csr_id()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        assert_eq!(ids, (9001..9001 + Fault::ALL.len() as u64).collect::<Vec<_>>());
        for fault in Fault::ALL.iter().copied() {
            assert!(fault.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(!fault.describes().contains(['\n', '|']), "fits into a table row");
            assert_eq!(Fault::by_name(fault.name()), Some(fault));
            assert_eq!(Fault::by_csr_id(fault.csr_id()), Some(fault));
        }
    }
}
