//! What was typed about entries, over a reload of the page: in the storage of this tab (`tab_storage`). Only drafts of notes,
//! tickets and decisions come here, and none in which something has the form of a token.

use serde::{Deserialize, Serialize};

use crate::drafts::EntryDraft;
use crate::tab_storage;

const KEY: &str = "csrdesk-drafts";

/// What was typed about one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    /// Its number.
    pub(crate) entry: u64,
    /// Its intent: the numbers begin again with another journal.
    pub(crate) intent: String,
    /// What was typed.
    pub(crate) draft: EntryDraft,
}

/// What the page left before it was loaded again; nothing where that cannot be read.
pub(crate) fn read() -> Vec<Stored> {
    tab_storage::read(KEY).and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}

/// Replaces what is left for the next time. Where the storage is full or forbidden, a reload loses what was typed.
pub(crate) fn write(all: Vec<Stored>) {
    let all = storable(all);
    if let Ok(text) = serde_json::to_string(&all) {
        tab_storage::write(KEY, (!all.is_empty()).then_some(text.as_str()));
    }
}

fn storable(mut all: Vec<Stored>) -> Vec<Stored> {
    all.retain(|it| !it.draft.texts().any(tab_storage::has_token_form));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_with_a_token_in_any_of_its_texts_is_not_stored() {
        let token = "for later: B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF10";
        let stored = |draft| Stored { entry: 1, intent: "a".to_owned(), draft };
        let changes: [fn(&mut EntryDraft, String); 4] = [
            |it, text| it.note.typed(text, ""),
            |it, text| it.ticket.typed(text, ""),
            |it, text| it.decision.reason = text,
            |it, text| it.decision.serial = text,
        ];
        for change in changes {
            let mut draft = EntryDraft::default();
            change(&mut draft, "a text".to_owned());
            assert_eq!(storable(vec![stored(draft.clone())]).len(), 1);
            change(&mut draft, token.to_owned());
            assert_eq!(storable(vec![stored(draft)]), []);
        }
    }
}
