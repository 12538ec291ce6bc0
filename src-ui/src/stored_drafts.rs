//! What was typed about entries, over a reload of the page: in the storage of this tab, which the browser or the window
//! empties when it is closed. Never a secret: only drafts of notes, tickets and decisions come here.

use serde::{Deserialize, Serialize};

use crate::drafts::EntryDraft;
use crate::tab_storage;

const KEY: &str = "csrdesk-drafts";

/// What was typed about one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its number.
    pub(crate) entry: u64,
    /// Its intent: the numbers begin again with another journal.
    pub(crate) intent: String,
    /// What was typed.
    pub(crate) draft: EntryDraft,
}

/// What the page left before it was loaded again; nothing where that cannot be read.
pub(crate) fn read() -> Vec<Kept> {
    tab_storage::read(KEY).and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}

/// Replaces what is left for the next time. Where the storage is full or forbidden, a reload loses what was typed.
pub(crate) fn write(all: &[Kept]) {
    if let Ok(text) = serde_json::to_string(all) {
        tab_storage::write(KEY, (!all.is_empty()).then_some(text.as_str()));
    }
}
