//! The only place of the page that looks at a clock, and that draws random numbers.

use domain::{ErrorCode, Timestamp};
use js_sys::{Date, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// Now, by this computer's clock.
pub(crate) fn now() -> Timestamp {
    // Milliseconds since 1970 fit an f64 exactly for the next 285,000 years.
    #[allow(clippy::cast_possible_truncation)]
    Timestamp::from_millis(Date::now() as i64)
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
