//! Light, dark, or as the system has it. Remembered in the browser; nothing else is.

use leptos::prelude::*;

const KEY: &str = "csrdesk-theme";
const ATTRIBUTE: &str = "data-theme";

/// A choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word in the storage and in the attribute.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The remembered choice. A browser that lets nothing be remembered gets the system's colours.
    pub(crate) fn remembered() -> Self {
        let word = storage().and_then(|it| it.get_item(KEY).ok().flatten());
        Self::ALL.into_iter().find(|it| Some(it.as_str()) == word.as_deref()).unwrap_or(Self::System)
    }

    /// Shows and remembers the choice; what the browser refuses is only the remembering.
    pub(crate) fn apply(self) {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute(ATTRIBUTE, self.as_str());
        }
        if let Some(storage) = storage() {
            let _ = storage.set_item(KEY, self.as_str());
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
