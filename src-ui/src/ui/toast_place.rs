//! Where a toast stands: at the lower edge, or higher where it would lie over a control that is about to be used.

use leptos::prelude::*;
use web_sys::{Element, HtmlElement};

/// What a toast never covers: what has the focus, with the help and the problem of its field, and what hands in a form or
/// does the one thing of a screen.
const PROTECTED: &str =
    "#main :focus, #main .field:focus-within, #main .button--primary, #main [type='submit']";
/// What it stays below.
const HEADER: &str = ".top";
/// Between a toast and what it does not cover, in CSS pixels.
const GAP: f64 = 8.0;

/// The property that places it, as in styles/30-components.css.
const PLACE: &str = "inset-block-end";
/// Between a toast and the lower edge of the window, in CSS pixels.
const EDGE: f64 = 16.0;

/// The upper and lower edge of something, in CSS pixels from the top of the window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    top: f64,
    bottom: f64,
}

/// How far above its place at the lower edge a toast has to stand, so that it covers none of `taken`. Zero where there is
/// no such place below `highest`: then nothing is gained by moving it.
fn lift(toast: Span, taken: &[Span], highest: f64) -> f64 {
    let height = toast.bottom - toast.top;
    let mut bottom = toast.bottom;
    // Each step moves it above one of them, so there are no more steps than there are spans.
    for _ in 0..=taken.len() {
        let covers = |it: &&Span| bottom - height < it.bottom + GAP && it.top - GAP < bottom;
        let Some(covered) = taken.iter().filter(covers).map(|it| it.top).reduce(f64::min) else {
            return if bottom - height >= highest { toast.bottom - bottom } else { 0.0 };
        };
        bottom = covered - GAP;
    }
    0.0
}

/// Moves the toast, if there is one, to a place where it covers nothing that it must not.
pub(super) fn settle(toast: &HtmlElement) {
    let now = toast.get_bounding_client_rect();
    let height = now.height();
    let Some(window_height) = window().inner_height().ok().and_then(|it| it.as_f64()) else { return };
    let document = document();
    let mut taken = Vec::new();
    if let Ok(found) = document.query_selector_all(PROTECTED) {
        for index in 0..found.length() {
            let Some(node) = found.get(index) else { continue };
            let element: &Element = wasm_bindgen::JsCast::unchecked_ref(&node);
            let it = element.get_bounding_client_rect();
            let beside = it.right() < now.left() || now.right() < it.left();
            let outside = it.bottom() < 0.0 || window_height < it.top() || it.height() == 0.0;
            if !beside && !outside {
                taken.push(Span { top: it.top(), bottom: it.bottom() });
            }
        }
    }
    let header = document.query_selector(HEADER).ok().flatten();
    let highest = header.map_or(0.0, |it| it.get_bounding_client_rect().bottom().max(0.0));
    let bottom = window_height - EDGE;
    let lift = lift(Span { top: bottom - height, bottom }, &taken, highest);
    // Through the style's own interface: the content security policy forbids style attributes.
    let (style, place) = (toast.style(), [&(EDGE + lift).round().to_string(), "px"].concat());
    if style.get_property_value(PLACE).as_deref() != Ok(&place) {
        // A toast that is gone by now needs no place.
        let _ = style.set_property(PLACE, &place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOAST: Span = Span { top: 740.0, bottom: 784.0 };

    fn lifted(taken: &[(f64, f64)]) -> f64 {
        let taken: Vec<_> = taken.iter().map(|(top, bottom)| Span { top: *top, bottom: *bottom }).collect();
        lift(TOAST, &taken, 60.0)
    }

    #[test]
    fn a_toast_stands_at_the_lower_edge_or_above_what_it_must_not_cover() {
        assert_eq!(lifted(&[]), 0.0);
        assert_eq!(lifted(&[(100.0, 140.0)]), 0.0, "far above it");
        assert_eq!(lifted(&[(750.0, 790.0)]), 784.0 - 742.0);
        // Above the one it would lie over the next.
        assert_eq!(lifted(&[(750.0, 790.0), (690.0, 730.0)]), 784.0 - 682.0);
        // The order in which they are found says nothing.
        assert_eq!(lifted(&[(690.0, 730.0), (750.0, 790.0)]), 784.0 - 682.0);
        assert_eq!(lifted(&[(80.0, 790.0)]), 0.0, "there is no place");
    }
}
