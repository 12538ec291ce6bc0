//! Where the AUTHTOKEN comes from: the environment, the keychain, standard input. Never an option.

use std::io::{IsTerminal, Read};

use desk::{Desk, Failure, TOKEN_VARIABLE};
use domain::{ErrorCode, Field, Problem};
use secrets::AuthToken;
use zeroize::Zeroizing;

use crate::args::Target;
use crate::out;

/// More than any token, so that one that is too long is still recognised as such.
const MAX_BYTES: u64 = 4_096;

/// The environment's token; what was removed around it is said.
pub(crate) fn from_environment() -> Option<Zeroizing<String>> {
    let token = std::env::var_os(TOKEN_VARIABLE).map(|value| text_of(value.as_encoded_bytes()))?;
    out::token_remarks(&token);
    Some(token)
}

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The environment variable.
    Environment {
        /// Whether the keychain has a token of the connection too, which is used without the variable.
        before_keychain: bool,
    },
    /// Standard input.
    Input,
    /// The keychain's entry of the connection.
    Keychain,
    /// There is none.
    Nowhere,
}

impl Source {
    /// What to do about a token that the server rejected, or that is missing, where it came from; and the command for that,
    /// if there is one. `options` name the saved connection and the data folder, each with a space in front.
    pub(crate) fn cure(self, options: Option<&str>) -> (String, Option<String>) {
        let save = |options: &str| Some(format!("csrdesk secret save token{options}"));
        match (self, options) {
            (Self::Environment { before_keychain }, _) => {
                let without = match before_keychain {
                    true => " Without the variable, the token in the keychain is used.",
                    false => "",
                };
                let words = "The token came from the environment variable";
                (format!("{words} {TOKEN_VARIABLE}: correct its value.{without}"), None)
            }
            (Self::Input, _) => {
                ("The token came from standard input: write another one to it.".to_owned(), None)
            }
            (Self::Keychain, Some(options)) => {
                ("The token came from the keychain. Save another one:".to_owned(), save(options))
            }
            (Self::Nowhere, Some(options)) => ("Save a token for this connection:".to_owned(), save(options)),
            (Self::Keychain | Self::Nowhere, None) => {
                (format!("Set {TOKEN_VARIABLE}, or write the token to standard input."), None)
            }
        }
    }
}

/// Where a token goes that is given for one run, said where no server was named.
pub(crate) const NAME_THE_SERVER: &str = "A token from PAM360_AUTHTOKEN or standard input goes only to a server that is named. Add --connection NAME.";

/// Whether another token, or one at all, may be what a code asks for.
pub(crate) fn is_about_token(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NoToken | ErrorCode::NotAuthorized | ErrorCode::TokenOrOrganization)
}

/// A desk, and what there is to say about its token.
pub(crate) struct Started {
    pub(crate) desk: Result<Desk, Failure>,
    /// What is wrong with the token, or that there is none: there may be other problems too.
    pub(crate) problem: Option<Problem>,
    /// Where the token came from.
    pub(crate) source: Source,
}

/// A desk with the token: the environment's, else the one that the keychain keeps for the connection, else standard
/// input's.
///
/// Standard input is left alone when the keychain gives a token: it may be somebody else's, as in a loop over lines.
pub(crate) async fn desk_with_token(target: Target) -> Started {
    let token = from_environment().filter(|it| !it.is_empty());
    let handed_over = token.is_some();
    let desk = Desk::start(target.options(token)).await;
    if let Some(used) = desk.as_ref().ok().and_then(Desk::in_use).filter(|it| it.saved) {
        out::set_connection(&used.connection.name);
    }
    let mut kept = false;
    if let (false, Ok(desk)) = (handed_over, &desk) {
        kept = desk.keeps_token();
        if desk.has_token().await {
            return Started { problem: None, source: Source::Keychain, desk: Ok(desk.clone()) };
        }
    }
    if handed_over {
        let before_keychain = desk.as_ref().is_ok_and(Desk::keeps_token);
        return Started { desk, problem: None, source: Source::Environment { before_keychain } };
    }
    let input = from_input();
    out::token_remarks(&input);
    match AuthToken::read(input) {
        // Why the keychain gives none is said where the token is wanted.
        Err(Problem { code: ErrorCode::TokenMissing, .. }) if kept => {
            Started { desk, problem: None, source: Source::Nowhere }
        }
        Err(problem) => Started { desk, problem: Some(problem), source: Source::Nowhere },
        Ok(token) => {
            if let Ok(desk) = &desk {
                desk.adopt(None, Some(token));
            }
            Started { desk, problem: None, source: Source::Input }
        }
    }
}

impl Started {
    /// The desk, where the work can be done without a token too.
    pub(crate) fn with_token_if_any(self) -> Result<Desk, Failure> {
        match self.problem {
            Some(problem) if self.desk.is_ok() && problem.code != ErrorCode::TokenMissing => {
                Err(Failure::invalid(vec![problem]))
            }
            _ => self.desk,
        }
    }

    /// The same. A token that was handed over belongs to a server that is `named` beside it, not to whichever the file
    /// of connections leads to.
    pub(crate) fn for_a_named_server(self, named: bool) -> Result<Desk, Failure> {
        if matches!(self.source, Source::Environment { .. } | Source::Input) && !named {
            let problem = Problem::new(Field::Server, ErrorCode::ConnectionNotNamed);
            return Err(Failure::invalid(vec![problem]));
        }
        self.with_token_if_any()
    }
}

/// What a person types without its being shown, or all of standard input when that is not a terminal.
pub(crate) fn typed_or_from_input(what: &str) -> Zeroizing<String> {
    if !std::io::stdin().is_terminal() {
        return from_input();
    }
    // A terminal that cannot be read gives nothing, which is said as a secret that is missing.
    Zeroizing::new(rpassword::prompt_password(format!("{what} (not shown): ")).unwrap_or_default())
}

/// All of standard input when that is not a terminal, without the line break at its end.
pub(crate) fn from_input() -> Zeroizing<String> {
    let input = std::io::stdin();
    if input.is_terminal() { Zeroizing::default() } else { first_text(input.lock()) }
}

/// All of the input, up to more than any secret has.
fn first_text(input: impl Read) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::new());
    // An input that breaks off in the middle gives a token that the server will refuse.
    let _ = input.take(MAX_BYTES).read_to_end(&mut bytes);
    text_of(&bytes)
}

/// A secret as a person means it: without a byte order mark, and without the one line end that ends it. What is left is
/// checked as any token. Windows PowerShell writes the mark before what it pipes, and UTF-16 into what it redirects.
fn text_of(bytes: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(domain::text::decode(bytes).0);
    Zeroizing::new(domain::text::without_line_end(&text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_the_token() {
        assert_eq!(*first_text("TOKEN\n".as_bytes()), "TOKEN");
        assert_eq!(*first_text("TOKEN\r\n".as_bytes()), "TOKEN");
        assert_eq!(*first_text("TOKEN\n\n".as_bytes()), "TOKEN\n");
        assert_eq!(*first_text("TOKEN\r".as_bytes()), "TOKEN");
        assert_eq!(*first_text(&[b'x'; 10_000][..]), "x".repeat(4_096));
    }

    #[test]
    fn what_windows_powershell_writes_is_read() {
        let token = "3F2504E0-4F89-11D3-9A0C-0305E82C3301";
        let utf_16 = include_bytes!("../tests/cases/12-token-mark-on-stdin/token-utf16.txt");
        let marked = include_bytes!("../tests/cases/12-token-mark-on-stdin/token-with-bom.txt");
        assert_eq!(*first_text(&utf_16[..]), token);
        assert_eq!(*first_text(&marked[..]), token);
        assert_eq!(*first_text(&utf_16[2..]), token);
    }
}
