//! The signing form.

use domain::{Environment, SignType};

use crate::state::{FormNote, Obstacle, Place};
use crate::ui::notice::Tone;

pub(crate) const TITLE: &str = "Sign a request";
pub(crate) const LEAD: &str =
    "Fill in what PAM360 needs. Nothing is sent until you have reviewed it and pressed Sign.";
pub(crate) const STEPS: &str = "Steps of a signing";
pub(crate) const STEP_NAMES: [&str; 3] = ["Fill in", "Review", "Result"];
pub(crate) const STEP_SIGNING: &str = "Signing";

pub(crate) const GROUP_REQUEST: &str = "What is signed";
pub(crate) const GROUP_ISSUER: &str = "Who signs";
pub(crate) const GROUP_CERTIFICATE: &str = "What comes out";

pub(crate) const MSCA_TITLE: &str = "What the vendor documents for a Microsoft CA, and what it does not";
pub(crate) const MSCA_SAYS: [&str; 2] = [
    "MSCA is the sign type that PAM360 takes when none is named.",
    "The issuer's common name and serial number, Validity and isIntermediate are marked mandatory for every sign type.",
];
pub(crate) const MSCA_SILENT: [&str; 3] = [
    "There is no field for the Microsoft CA itself: no server, CA or template name.",
    "It is not said whether a Microsoft CA heeds Validity and isIntermediate. Its template may decide instead.",
    "You may leave both issuer fields empty; they are then left out of the request. Whether PAM360 accepts that is not documented.",
];
pub(crate) const MSCA_SAYS_HEAD: &str = "It says";
pub(crate) const MSCA_SILENT_HEAD: &str = "It does not say";

pub(crate) const ENDS: &str = "Ends ";
pub(crate) const ENDS_IF: &str = " (UTC), if PAM360 counts from now";

pub(crate) const SERIAL_READ_AS: &str = "Read as";

pub(crate) const INTERMEDIATE_WARNING: &str = "The result will be a certificate authority";
pub(crate) const INTERMEDIATE_WARNING_TEXT: &str = "Whoever holds the private key of this request can issue certificates that everyone who trusts the issuer will accept. Leave this off unless that is the purpose.";

pub(crate) const REVIEW: &str = "Review…";
pub(crate) const REVIEWING: &str = "Checking…";
pub(crate) const CLEAR: &str = "Clear the form";
pub(crate) const SHORTCUT: &str = "Ctrl + Enter";
pub(crate) const LOOKS_ONLY: &str = "Nothing is sent by a review.";

pub(crate) const PREVIEW: &str = "In short";
pub(crate) const PREVIEW_NONE: &str = "not filled in";
pub(crate) const PREVIEW_SERVER: &str = "Server";
pub(crate) const PREVIEW_REQUEST: &str = "Request";
pub(crate) const PREVIEW_ISSUER: &str = "Issuer";
pub(crate) const PREVIEW_ENDS: &str = "Ends";
pub(crate) const PREVIEW_MAKES: &str = "Makes";
pub(crate) const PREVIEW_CSR: &str = "CSR ";
pub(crate) const MAKES_LEAF: &str = "a server, client or personal certificate (not a CA)";
pub(crate) const MAKES_CA: &str = "an intermediate CA";
pub(crate) const NO_ISSUER: &str = "none named";
pub(crate) const OWN_ORGANIZATION: &str = "the token user's own";

pub(crate) const STARTED: &str = "Started ";
const NOT_IN_USE: &str = ", not the connection in use";
pub(crate) const FOREIGN: &str = "This signing is with another connection";
pub(crate) const SHOW_SIGNING: &str = "Show this signing";
pub(crate) const DISMISS: &str = "Dismiss";

pub(crate) fn dismiss(entry: u64) -> String {
    super::join(&[DISMISS, " the notice about entry ", &entry.to_string()])
}

/// The issuer of a signing that was begun elsewhere; `name` can be read.
pub(crate) fn issuer(name: &str) -> String {
    super::join(&["Issuer “", name, "”. "])
}

/// `With Staging (Staging), not the connection in use`: which connection a signing is with.
pub(crate) fn with_place(place: &Place, foreign: bool) -> String {
    let environment = match place.environment {
        Environment::Unmarked => String::new(),
        it => super::join(&[" (", super::session::environment(it), ")"]),
    };
    let name = domain::visible(&place.name);
    super::join(&["With ", &name, &environment, if foreign { NOT_IN_USE } else { "" }])
}

/// The way from a signing of another connection to the form.
pub(crate) fn another_with(name: &str) -> String {
    super::join(&["Sign another CSR with ", &domain::visible(name)])
}

pub(crate) fn more_elsewhere(count: usize) -> String {
    super::join(&[&count.to_string(), " more signings with this connection: "])
}

pub(crate) fn sign_type(sign_type: SignType) -> (&'static str, &'static str) {
    match sign_type {
        SignType::SignWithRoot => {
            ("Root or intermediate certificate", "PAM360 holds the issuer's key and signs with it.")
        }
        SignType::Msca => ("Microsoft CA", "A Microsoft certificate authority that PAM360 knows signs."),
    }
}

/// Why the form is not as it was left.
pub(crate) fn form_note(note: &FormNote) -> (Tone, &'static str, String) {
    match note {
        FormNote::CaOff => (
            Tone::Warning,
            "The intermediate CA switch is off",
            "CSR Desk turns it off and resets its days after each signing and after a lock. To make a CA, turn it on and type its days again."
                .to_owned(),
        ),
        FormNote::Cleared => (Tone::Info, "Form cleared", String::new()),
        FormNote::TypedForAnother(name) => {
            let name = domain::visible(name);
            let text = [
                "It was filled in for ",
                &name,
                ". What you typed comes back when you use that connection again. The intermediate CA switch is off.",
            ];
            (Tone::Warning, "The form was emptied because the connection changed", super::join(&text))
        }
        FormNote::TypedBefore(name) => {
            let name = domain::visible(name);
            (
                Tone::Info,
                "The form is as you left it for this connection",
                super::join(&["You filled it in for ", &name, ". Check it before you review it."]),
            )
        }
        FormNote::Reloaded { ca_off } => {
            let off = " The intermediate CA switch is off, and its days were reset.";
            (
                Tone::Info,
                "The page was loaded again",
                super::join(&[
                    "What you typed is still here and was not sent. Review it again: a review does not outlast a reload.",
                    if *ca_off { off } else { "" },
                ]),
            )
        }
        FormNote::ConnectionEdited(name) => {
            let name = domain::visible(name);
            (
                Tone::Warning,
                "The connection was changed in the meantime",
                super::join(&[
                    "What you typed for ",
                    &name,
                    " is still here, and nothing was sent. Check that it fits the connection as it is now.",
                ]),
            )
        }
        FormNote::NoSuchSigning { may_be_missing: true } => (
            Tone::Warning,
            "This signing is not in the history",
            "The history may be incomplete, so this signing may have been sent. Look in PAM360's console before you sign the CSR again."
                .to_owned(),
        ),
        FormNote::NoSuchSigning { may_be_missing: false } => {
            (
                Tone::Warning,
                "This signing is not in the history",
                "Nothing was sent for it, unless the history was replaced or deleted since. If in doubt, look in PAM360's console before you sign the CSR again."
                    .to_owned(),
            )
        }
    }
}

/// What stands in the way, and the words of a link that helps.
pub(crate) fn obstacle(obstacle: Obstacle) -> (&'static str, Option<&'static str>) {
    match obstacle {
        Obstacle::Waiting => ("The program behind this page has not answered yet.", None),
        Obstacle::NoRecord => ("The record cannot be written, so nothing may be signed.", None),
        Obstacle::Findings => {
            ("Signing is blocked until somebody acknowledges what History shows at the top.", None)
        }
        Obstacle::NoConnection => ("No connection is in use.", Some("Choose or add a connection")),
        Obstacle::Removed => (
            "This connection was removed in another window or program.",
            Some("Use or add another connection"),
        ),
        Obstacle::Locked => ("Locked: unlock above to go on.", None),
        Obstacle::NoToken => ("No AUTHTOKEN is held.", Some("Enter the token")),
    }
}

pub(crate) const NO_RECORD_TITLE: &str = "Signing is off: the record cannot be written";
pub(crate) const NO_RECORD_NEXT: &str = "Every signing is recorded before it is sent. Free disk space or correct the permissions of the data folder, then try again.";

pub(crate) fn problems_title(count: usize) -> String {
    match count {
        1 => "One field needs attention. Nothing was sent.".to_owned(),
        _ => super::join(&[&count.to_string(), " fields need attention. Nothing was sent."]),
    }
}
