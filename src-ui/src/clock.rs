//! The only place of the page that looks at a clock, and that draws random numbers. There is one clock: the desk's.

use std::cell::Cell;

use domain::{ErrorCode, Timestamp};
use js_sys::{Date, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::JsValue;

thread_local! {
    /// How far the desk's clock is ahead of this computer's, in milliseconds; 0 until the desk said its time.
    static AHEAD: Cell<i64> = const { Cell::new(0) };
}

/// Now, by the desk's clock: dates that the page computes are those that the desk computes.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(own().saturating_add(AHEAD.get()))
}

/// Follows the desk's clock. Its answer was a moment on its way, so this is late by that much.
pub(crate) fn set(desk: Timestamp) {
    AHEAD.set(desk.millis().saturating_sub(own()));
}

/// This computer's clock, in milliseconds since 1970.
fn own() -> i64 {
    // They fit an f64 exactly for the next 285,000 years.
    #[allow(clippy::cast_possible_truncation)]
    let now = Date::now() as i64;
    now
}

/// The moment as the person's own computer writes it.
pub(crate) fn local(moment: Timestamp) -> String {
    #[allow(clippy::cast_precision_loss)]
    let date = Date::new(&JsValue::from_f64(moment.millis() as f64));
    date.to_locale_string("default", &JsValue::UNDEFINED).into()
}

/// A random UUID (version 4): the id of one decision to sign.
///
/// `crypto.randomUUID` exists in secure contexts only, `getRandomValues` everywhere.
pub(crate) fn uuid() -> Result<String, ErrorCode> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = Uint8Array::new_with_length(16);
    let crypto = window().crypto().map_err(|_| ErrorCode::Internal)?;
    crypto.get_random_values_with_array_buffer_view(&bytes).map_err(|_| ErrorCode::Internal)?;
    let mut bytes = bytes.to_vec();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    Ok(text)
}
