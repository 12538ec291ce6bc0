//! One call to the keychain of the session it is started in; prints what came of it as one line.
//!
//! Owns nothing: `crates/secrets` is what is tested. `keychain-probe probe | read ACCOUNT | read-asking ACCOUNT |
//! write ACCOUNT SECRET | delete ACCOUNT` prints `ok`, `none`, `text …`, or the code of the error and its detail.

use std::io::Write as _;
use std::time::Duration;

use secrets::{Keychain, KeychainError};

/// There is nobody to answer a question.
const LIMIT: Duration = Duration::from_secs(20);

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let keychain = Keychain::system();
    let said = match arguments[..] {
        ["probe"] => keychain.probe().map(|()| "ok".to_owned()),
        ["read", account] => keychain.read(account).map(text),
        ["read-asking", account] => keychain.read_asking(account, LIMIT).map(text),
        ["write", account, secret] => keychain.write(account, secret, LIMIT).map(|()| "ok".to_owned()),
        ["delete", account] => keychain.delete(account, LIMIT).map(|()| "ok".to_owned()),
        _ => Ok("no such call".to_owned()),
    };
    let line = said.unwrap_or_else(|KeychainError { code, detail }| format!("{code} {detail}"));
    writeln!(std::io::stdout(), "{line}")
}

fn text(secret: Option<impl AsRef<str>>) -> String {
    secret.map_or_else(|| "none".to_owned(), |it| format!("text {}", it.as_ref()))
}
