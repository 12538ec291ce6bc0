//! Where the AUTHTOKEN comes from: the environment, the keychain, standard input. Never an option.

use std::io::{IsTerminal, Read};

use desk::{Desk, Failure, TOKEN_VARIABLE};
use domain::{ErrorCode, Field, Problem};
use secrets::AuthToken;
use zeroize::{Zeroize, Zeroizing};

use crate::args::Target;

/// More than any token, so that one that is too long is still recognised as such.
const MAX_BYTES: u64 = 4_096;

/// The environment's token as it stands.
pub(crate) fn from_environment() -> Option<Zeroizing<String>> {
    std::env::var_os(TOKEN_VARIABLE).map(|value| Zeroizing::new(value.to_string_lossy().into_owned()))
}

/// A desk with the token: the environment's, else the one that the keychain keeps for the connection, else standard
/// input's. What is wrong with the token, or that there is none, stands beside it: there may be other problems too.
///
/// Standard input is left alone when the keychain gives a token: it may be somebody else's, as in a loop over lines.
pub(crate) async fn desk_with_token(target: Target) -> (Result<Desk, Failure>, Option<Problem>) {
    let token = from_environment().filter(|it| !it.is_empty());
    let from_environment = token.is_some();
    let started = Desk::start(target.options(token)).await;
    if from_environment {
        return (started, None);
    }
    let mut kept = false;
    if let Ok(desk) = &started {
        if desk.has_token().await {
            return (started, None);
        }
        kept = desk.keeps_token();
    }
    let problem = match AuthToken::parse(from_input()) {
        // Why the keychain gives none is said where the token is wanted.
        Err(ErrorCode::TokenMissing) if kept => None,
        Ok(token) => {
            if let Ok(desk) = &started {
                desk.adopt(None, Some(token));
            }
            None
        }
        Err(code) => Some(Problem::new(Field::Token, code)),
    };
    (started, problem)
}

/// The same where the work can be done without a token too.
pub(crate) async fn desk_with_token_if_any(target: Target) -> Result<Desk, Failure> {
    match desk_with_token(target).await {
        (Ok(_), Some(problem)) if problem.code != ErrorCode::TokenMissing => {
            Err(Failure::invalid(vec![problem]))
        }
        (started, _) => started,
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

/// The input without the line break that ends it; what is left is checked as any token.
fn first_text(input: impl Read) -> Zeroizing<String> {
    let mut bytes = Vec::new();
    // An input that breaks off in the middle gives a token that the server will refuse.
    let _ = input.take(MAX_BYTES).read_to_end(&mut bytes);
    let mut text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
    bytes.zeroize();
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_the_token() {
        assert_eq!(*first_text("TOKEN\n".as_bytes()), "TOKEN");
        assert_eq!(*first_text("TOKEN\r\n".as_bytes()), "TOKEN");
        assert_eq!(*first_text("TOKEN\n\n".as_bytes()), "TOKEN\n");
        assert_eq!(*first_text(&[b'x'; 10_000][..]), "x".repeat(4_096));
    }
}
