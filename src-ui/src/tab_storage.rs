//! The storage of this tab, which survives a reload of the page. A browser also brings it back with a tab that is reopened or
//! duplicated, or with a restored session, so it is emptied when the session of the gateway ends
//! (docs/decisions/0014-what-the-browser-keeps.md). No secret belongs here. Where it is full or forbidden, a reload loses what
//! was typed.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether nothing more is stored.
static CLOSED: AtomicBool = AtomicBool::new(false);

#[cfg(target_arch = "wasm32")]
mod store {
    fn storage() -> Option<web_sys::Storage> {
        leptos::prelude::window().session_storage().ok().flatten()
    }

    pub(super) fn read(key: &str) -> Option<String> {
        storage()?.get_item(key).ok().flatten()
    }

    pub(super) fn write(key: &str, text: Option<&str>) {
        if let Some(storage) = storage() {
            // A text that is too long does not leave the former one to come back.
            if text.is_none_or(|text| storage.set_item(key, text).is_err()) {
                let _ = storage.remove_item(key);
            }
        }
    }

    pub(super) fn clear() {
        if let Some(storage) = storage() {
            let _ = storage.clear();
        }
    }
}

/// Unit tests run outside of a browser.
#[cfg(not(target_arch = "wasm32"))]
mod store {
    pub(super) fn read(_: &str) -> Option<String> {
        None
    }

    pub(super) fn write(_: &str, _: Option<&str>) {}

    pub(super) fn clear() {}
}

/// What is stored under a key.
pub(crate) fn read(key: &str) -> Option<String> {
    store::read(key)
}

/// Replaces what is stored under a key; none removes it.
pub(crate) fn write(key: &str, text: Option<&str>) {
    if !CLOSED.load(Ordering::Relaxed) {
        store::write(key, text);
    }
}

/// Stores again, because the session goes on.
pub(crate) fn open() {
    CLOSED.store(false, Ordering::Relaxed);
}

/// Empties the storage, because the session of the gateway ended. Nothing more is stored until [`open`].
pub(crate) fn close() {
    CLOSED.store(true, Ordering::Relaxed);
    store::clear();
}

/// Whether a text contains something in the form of PAM360's tokens, a GUID such as
/// `B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF10`. The page does not know the token itself.
pub(crate) fn has_token_form(text: &str) -> bool {
    const FORM: &[u8] = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    let fits = |(at, form): (&u8, &u8)| if *form == b'-' { *at == b'-' } else { at.is_ascii_hexdigit() };
    text.as_bytes().windows(FORM.len()).any(|it| it.iter().zip(FORM).all(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_anywhere_in_a_text_has_the_form_of_a_token() {
        for text in ["B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF10", "note b698ef92-6de0-4f6c-ab6b-0ad7d7e4cf10."] {
            assert!(has_token_form(text), "{text}");
        }
        for text in ["", "OPS-12", "2026-11-24 08:36", "B698EF92-6DE0-4F6C-AB6B-0AD7D7E4CF1"] {
            assert!(!has_token_form(text), "{text}");
        }
    }
}
