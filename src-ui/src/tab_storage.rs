//! The storage of this tab, which survives a reload of the page and which the browser or the window empties when it is closed.
//! Never a secret comes here. Where it is full or forbidden, a reload loses what was typed.

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
            let _ = match text {
                Some(text) => storage.set_item(key, text),
                None => storage.remove_item(key),
            };
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
}

/// What is stored under a key.
pub(crate) fn read(key: &str) -> Option<String> {
    store::read(key)
}

/// Replaces what is stored under a key; none removes it.
pub(crate) fn write(key: &str, text: Option<&str>) {
    store::write(key, text);
}
