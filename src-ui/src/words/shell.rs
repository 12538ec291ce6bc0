//! The frame around every page.

use crate::route::Page;
use crate::theme::Theme;

pub(crate) const PRODUCT: &str = "CSR Desk";
pub(crate) const SKIP: &str = "Skip to the content";
pub(crate) const NAVIGATION: &str = "Pages";
pub(crate) const MENU: &str = "Menu";
pub(crate) const THEME: &str = "Colours";

pub(crate) const CHIP_TITLE: &str = "Connection in use";
pub(crate) const CHIP_NONE: &str = "No connection in use";
pub(crate) const CHIP_LOST: &str = "No answer from the program";
pub(crate) const CHIP_WAITING: &str = "Asking the program…";
pub(crate) const TOKEN_HELD: &str = "token held";
pub(crate) const REMOVED: &str = "removed";
pub(crate) const TOKEN_REJECTED: &str = "token rejected";
pub(crate) const NO_TOKEN: &str = "no token";

pub(crate) const VERSION: &str = "CSR Desk ";
pub(crate) const RECORD_IN: &str = "Record kept in ";

pub(crate) const RECORD_NOTES: &str = "About the history";
pub(crate) const RECORD_KEY_IN_FILE: &str = "Anyone who can read journal.key can forge entries.";
pub(crate) const DISMISS_REMARK: &str = "Dismiss this remark about the history";
pub(crate) const RECORD_NOTES_LINK: &str = "Read it on the page History";
pub(crate) const TO_SETTLE: &str = " unresolved";

pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const DETAILS: &str = "Details";
pub(crate) const CODE: &str = "Code";
pub(crate) const COPY: &str = "Copy";
pub(crate) const COPIED: &str = "Copied";
pub(crate) const COPY_FAILED: &str =
    "Copying is not allowed here. Select the text and copy it with the keyboard.";
pub(crate) const DISMISS: &str = "Dismiss";
pub(crate) const SHOW: &str = "Show";
pub(crate) const STATUS: &str = "Status";
pub(crate) const DATE_FORMAT: &str = "YYYY-MM-DD";
pub(crate) const UTC: &str = "UTC";
pub(crate) const NOT_SAVED: &str = "Not saved yet";
pub(crate) const OPTIONAL: &str = "optional";

/// `4 March 2027 (UTC)`.
pub(crate) fn utc_day(day: &str) -> String {
    super::join(&[day, " (", UTC, ")"])
}

pub(crate) fn page(page: Page) -> &'static str {
    match page {
        Page::Sign => "Sign",
        Page::History => "History",
        Page::Connection => "Connection",
    }
}

pub(crate) fn theme(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    }
}

pub(crate) fn copy_label(what: &str) -> String {
    super::join(&["Copy ", what])
}

pub(crate) fn title(of: &str) -> String {
    super::join(&[of, " · ", PRODUCT])
}

/// A moment on the clock of the person's own computer.
pub(crate) fn local_time(local: &str) -> String {
    super::join(&[local, " on this computer's clock"])
}
