//! Zooming the page: Ctrl with +, − and 0, on the number pad as well, and Ctrl with the mouse wheel.
//!
//! Owns the steps, and that the last one is kept in the data folder. The keys are taken by the window itself, before the
//! page sees them: the page needs no permission for it. Elsewhere than on Linux WebView2 does it on Windows.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tauri::WebviewWindow;

/// The steps, in percent; those of browsers, between half and three times the size.
const STEPS: [u16; 13] = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300];
const NORMAL: u16 = 100;
const FILE: &str = "window-zoom";
/// The longest file that is read, in bytes; ours has four.
const MAX_FILE: u64 = 16;

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Larger,
    Smaller,
    Normal,
}

impl Wish {
    /// The step that follows from a size in percent.
    fn from(self, percent: u16) -> u16 {
        let step = match self {
            Self::Larger => STEPS.into_iter().find(|it| *it > percent),
            Self::Smaller => STEPS.into_iter().rev().find(|it| *it < percent),
            Self::Normal => Some(NORMAL),
        };
        step.unwrap_or(percent)
    }
}

/// The size of the page in a window.
struct Zoom {
    window: WebviewWindow,
    file: PathBuf,
    percent: Mutex<u16>,
}

impl Zoom {
    fn apply(&self, wish: Wish) {
        let mut percent = self.percent.lock().unwrap_or_else(PoisonError::into_inner);
        let next = wish.from(*percent);
        if next != *percent && self.window.set_zoom(f64::from(next) / 100.0).is_ok() {
            *percent = next;
            // Where it cannot be kept, it counts for this window.
            let _ = std::fs::write(&self.file, format!("{next}\n"));
        }
    }
}

/// The size that was kept; the normal one where none was, or where the file holds anything else.
fn kept(file: &Path) -> u16 {
    let mut text = String::new();
    let read = File::open(file).and_then(|it| it.take(MAX_FILE).read_to_string(&mut text));
    let percent = read.ok().and_then(|_| text.trim().parse().ok());
    percent.filter(|it| STEPS.contains(it)).unwrap_or(NORMAL)
}

/// Shows the page in the size that was kept, and lets a person change it.
///
/// # Errors
/// The window's own parts cannot be reached.
pub(crate) fn attach(window: &WebviewWindow, data_dir: &Path) -> tauri::Result<()> {
    let file = data_dir.join(FILE);
    let percent = kept(&file);
    if percent != NORMAL {
        window.set_zoom(f64::from(percent) / 100.0)?;
    }
    let zoom = Zoom { window: window.clone(), file, percent: Mutex::new(percent) };
    listen(window, zoom)
}

#[cfg(target_os = "linux")]
fn listen(window: &WebviewWindow, zoom: Zoom) -> tauri::Result<()> {
    use std::sync::Arc;

    use gtk::glib::Propagation;
    use gtk::prelude::WidgetExt as _;

    let zoom = Arc::new(zoom);
    let by_keys = Arc::clone(&zoom);
    window.gtk_window()?.connect_key_press_event(move |_, event| {
        match linux::by_key(event.state(), event.keyval()) {
            Some(wish) => {
                by_keys.apply(wish);
                Propagation::Stop
            }
            None => Propagation::Proceed,
        }
    });
    window.with_webview(move |webview| {
        webview.inner().connect_scroll_event(move |_, event| {
            match linux::by_wheel(event.state(), event.direction(), event.delta()) {
                Some(wish) => {
                    zoom.apply(wish);
                    Propagation::Stop
                }
                None => Propagation::Proceed,
            }
        });
    })
}

#[cfg(not(target_os = "linux"))]
fn listen(_: &WebviewWindow, zoom: Zoom) -> tauri::Result<()> {
    // The keys are the web view's own there.
    drop(zoom);
    Ok(())
}

/// What GTK's events mean.
#[cfg(target_os = "linux")]
mod linux {
    use gtk::gdk::keys::{Key, constants as keys};
    use gtk::gdk::{ModifierType, ScrollDirection};

    use super::Wish;

    /// Ctrl alone, or with Shift where the keyboard needs it to write the sign.
    fn is_ctrl(state: ModifierType) -> bool {
        let others = ModifierType::MOD1_MASK | ModifierType::SUPER_MASK | ModifierType::META_MASK;
        state.contains(ModifierType::CONTROL_MASK) && !state.intersects(others)
    }

    pub(super) fn by_key(state: ModifierType, key: Key) -> Option<Wish> {
        if !is_ctrl(state) {
            return None;
        }
        match key {
            // Without Shift, + is = on many keyboards.
            keys::plus | keys::equal | keys::KP_Add => Some(Wish::Larger),
            keys::minus | keys::KP_Subtract => Some(Wish::Smaller),
            keys::_0 | keys::KP_0 => Some(Wish::Normal),
            _ => None,
        }
    }

    pub(super) fn by_wheel(
        state: ModifierType,
        direction: ScrollDirection,
        (_, down): (f64, f64),
    ) -> Option<Wish> {
        if !is_ctrl(state) {
            return None;
        }
        match direction {
            ScrollDirection::Up => Some(Wish::Larger),
            ScrollDirection::Down => Some(Wish::Smaller),
            ScrollDirection::Smooth if down < 0.0 => Some(Wish::Larger),
            ScrollDirection::Smooth if down > 0.0 => Some(Wish::Smaller),
            _ => None,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn ctrl_with_the_signs_of_both_keyboards_and_nothing_else() {
            let ctrl = ModifierType::CONTROL_MASK;
            for (key, wish) in [
                (keys::plus, Wish::Larger),
                (keys::equal, Wish::Larger),
                (keys::KP_Add, Wish::Larger),
                (keys::minus, Wish::Smaller),
                (keys::KP_Subtract, Wish::Smaller),
                (keys::_0, Wish::Normal),
                (keys::KP_0, Wish::Normal),
            ] {
                assert_eq!(by_key(ctrl, key), Some(wish));
                assert_eq!(by_key(ctrl | ModifierType::SHIFT_MASK, key), Some(wish));
                assert_eq!(by_key(ModifierType::empty(), key), None);
                assert_eq!(by_key(ctrl | ModifierType::MOD1_MASK, key), None);
            }
            assert_eq!(by_key(ctrl, keys::r), None);
        }

        #[test]
        fn the_wheel_zooms_with_ctrl_alone() {
            let ctrl = ModifierType::CONTROL_MASK;
            assert_eq!(by_wheel(ctrl, ScrollDirection::Up, (0.0, 0.0)), Some(Wish::Larger));
            assert_eq!(by_wheel(ctrl, ScrollDirection::Smooth, (0.0, 1.0)), Some(Wish::Smaller));
            assert_eq!(by_wheel(ctrl, ScrollDirection::Smooth, (1.0, 0.0)), None);
            assert_eq!(by_wheel(ModifierType::empty(), ScrollDirection::Up, (0.0, 0.0)), None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_reached_and_there_is_none_beyond() {
        let mut seen = vec![STEPS[0]];
        while Wish::Larger.from(seen[seen.len() - 1]) != seen[seen.len() - 1] {
            seen.push(Wish::Larger.from(seen[seen.len() - 1]));
        }
        assert_eq!(seen, STEPS);
        assert_eq!((Wish::Smaller.from(50), Wish::Larger.from(300)), (50, 300));
        assert_eq!((Wish::Smaller.from(100), Wish::Normal.from(250)), (90, 100));
    }

    #[test]
    fn only_a_step_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        assert_eq!(kept(&file), NORMAL);
        for (text, percent) in
            [("125\n", 125), ("50", 50), ("1", 100), ("999999", 100), ("x", 100), ("", 100)]
        {
            std::fs::write(&file, text).unwrap();
            assert_eq!(kept(&file), percent, "{text}");
        }
        std::fs::write(&file, [b' '; 4096]).unwrap();
        assert_eq!(kept(&file), NORMAL);
    }
}
