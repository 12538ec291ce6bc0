//! What stands below the options in the help of the program and of its tasks.

pub(super) const EXAMPLES: &str = "\
Examples:
  Sign CSR 303 with the stored root \"testroot\" for 100 days:
    csrdesk sign --server https://pam360.example.com:8282 --ca-file ca.pem \\
      --sign-type signWithRoot --root-cn testroot --root-serial 1879376424c \\
      --validity-days 100 --csr-id 303

  See the exact request first, sending nothing:
    csrdesk review --server https://pam360.example.com:8282 \\
      --sign-type signWithRoot --root-cn testroot --root-serial 1879376424c \\
      --validity-days 100 --csr-id 303

  In a script, with the token from a file and the answer as JSON:
    csrdesk sign --connection Production --sign-type signWithRoot \\
      --root-cn testroot --root-serial 1879376424c --validity-days 100 \\
      --csr-id 303 --json < token.txt

  The newest entries of the history, and the unresolved ones:
    csrdesk history
    csrdesk history --unsettled

  Resolve entry 7, whose outcome is unknown:
    csrdesk reconcile 7 --connection Production
    csrdesk reconcile 7 --it-is b7d5fcb7 --reason 'same key, ticket OPS-12'

  Save a server as a connection with its token, and sign with both:
    csrdesk connections add --name Production --environment production \\
      --server https://pam360.example.com:8282
    csrdesk secret save token --connection Production < token.txt
    csrdesk sign --connection Production --sign-type signWithRoot \\
      --root-cn testroot --root-serial 1879376424c --validity-days 100 \\
      --csr-id 303

  The same in a browser:
    csrdesk serve

If standard output cannot be written, a command that succeeded ends with exit
code 1 and says on standard error what it did. A reader that closes the pipe
early (csrdesk history | head) has seen enough: that is not an error.";

pub(super) const SIGN_NOTES: &str = "\
Name the server: with --connection or --server. The connection used last is not
taken for a signing.

The AUTHTOKEN is taken from the environment variable PAM360_AUTHTOKEN, else
from the keychain entry of the saved connection, else from standard input. It
is never an option, because options show in process lists.

Exit codes:
  0  signed
  1  internal error; or it was signed and standard output could not be written
     (standard error has the outcome and the entry)
  2  a field is not acceptable; nothing was sent
  3  refused: the server said no
  4  unknown: it was sent and there is no trustworthy answer; look in PAM360
     before anything is sent again
  5  not sent: nothing left this computer

With --json, standard output is exactly one object:
  {\"outcome\",\"code\",\"message\",
   \"certificates\":[{\"common_name\",\"certificate_id\",\"serial_number\"}],
   \"entry\",\"recorded\"}
\"certificates\" is filled for signed only; what another answer claims
stands under \"reported\". \"recorded\" is false when the history does not have the
outcome: then keep this output. It then has what was asked for as \"signing\".
For exit code 2, \"problems\" lists each field with its code and message.

Example:
  csrdesk sign --server https://pam360.example.com:8282 --ca-file ca.pem \\
    --sign-type signWithRoot --root-cn testroot --root-serial 1879376424c \\
    --validity-days 100 --csr-id 303";

/// The help of `--connection` of tasks that take a token from the environment, and a connection without being told which.
pub(super) const WITH_TOKEN: &str = "\
Saved connection, by its name; without --connection and --server, the one used last. A token from \
PAM360_AUTHTOKEN or standard input goes only to a server that is named";

pub(super) const HISTORY_NOTES: &str = "\
The table lists the newest 50 entries, unless --limit or --all says otherwise.
JSON, JSON Lines and CSV hold every entry that matches, unless --limit is given.
Exit code 0, also when no entry matches.";

pub(super) const EVIDENCE_NOTES: &str = "\
Needs neither PAM360 nor the history. The file may have been unpacked and packed
again; the folder with the unpacked files is accepted as well.

Exit codes:
  0  not altered, and the certificate is what was asked for, or that could not
     be checked
  1  altered, signed with another key than that of --key, or it cannot be read
  6  not altered; the certificate is not what was asked for";

pub(super) const VERIFY_NOTES: &str = "\
Exit codes:
  0  verified; where other events may be missing and a person acknowledged it,
     the first line says so; with --rebuild: the list was made from the events
     again
  1  an event was changed, removed or reordered, or it cannot be read; events
     that are proven to be missing stay missing after --acknowledge
  5  with --rebuild: the data folder cannot be written, or another program is
     using it; nothing was changed";
