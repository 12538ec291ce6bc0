//! Says at the upper edge of the window that a banner came up above what is in sight, until the person has seen it.
//!
//! A banner stands above the page, and a page may be scrolled. The words stay until the banner was in sight or is gone, and
//! the page is not scrolled away from what a person types.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement, MutationObserver, MutationObserverInit};

use crate::ui::icon::{Glyph, Icon};
use crate::words::shell;

/// Every banner: above the page, or above the screen that is shown.
const BANNERS: &str = "#main > .banner, .screen > .notice[role='alert']";
/// What says in a banner what it is about.
const TITLE: &str = ".notice-title, summary";
/// What stands over the upper edge of the page.
const HEADER: &str = ".top";

/// The title of a banner, and whether it is in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Banner {
    title: String,
    in_sight: bool,
}

/// Of the banners that are there: those that were in sight since they came up, and the first one that was not.
fn sorted(seen: &[String], now: &[Banner]) -> (Vec<String>, Option<usize>) {
    let was_seen = |it: &Banner| it.in_sight || seen.contains(&it.title);
    let all = now.iter().filter(|it| was_seen(it)).map(|it| it.title.clone()).collect();
    (all, now.iter().position(|it| !was_seen(it)))
}

/// The line; nothing while every banner was seen.
#[component]
pub(crate) fn BannerCall() -> impl IntoView {
    let seen = StoredValue::new(Vec::<String>::new());
    let unseen = RwSignal::new(None::<String>);
    let look = move || {
        let banners: Vec<_> = banners().iter().map(read).collect();
        // The page may be gone by now.
        let Some((all, first)) = seen.try_with_value(|it| sorted(it, &banners)) else { return };
        seen.set_value(all);
        let title = first.and_then(|it| banners.into_iter().nth(it)).map(|it| it.title);
        if unseen.with_untracked(|it| *it != title) {
            unseen.set(title);
        }
    };
    watch_main(look);
    let scrolled = window_event_listener(ev::scroll, move |_| look());
    let resized = window_event_listener(ev::resize, move |_| look());
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
    });
    let show = move || {
        let wanted = unseen.get_untracked();
        let found = banners().into_iter().find(|it| Some(read(it).title) == wanted);
        if let Some(banner) = found {
            // The button is gone with the next look: the focus goes on to what it showed.
            let _ = banner.set_attribute("tabindex", "-1");
            if let Some(it) = banner.dyn_ref::<HtmlElement>() {
                let _ = it.focus();
            }
            banner.scroll_into_view();
            look();
        }
    };
    move || {
        unseen.get().map(|title| {
            view! {
                <div class="banner-call">
                    <button type="button" data-testid="banner-call" on:click=move |_| show()>
                        <Glyph icon=Icon::Warning />
                        <span>{title}</span>
                        <span class="banner-call-show">{shell::SHOW}</span>
                    </button>
                </div>
            }
        })
    }
}

/// Looks whenever something is drawn on the page, once the browser has laid it out.
fn watch_main(look: impl Fn() + Copy + 'static) {
    let waiting = StoredValue::new(false);
    let drawn = move || {
        if waiting.try_get_value() == Some(false) {
            waiting.set_value(true);
            request_animation_frame(move || {
                if waiting.try_set_value(false).is_none() {
                    look();
                }
            });
        }
    };
    // For as long as the page lives: there is one.
    let changed = Closure::<dyn Fn()>::new(drawn).into_js_value();
    let Ok(observer) = MutationObserver::new(changed.unchecked_ref()) else { return };
    Effect::new(move |_| {
        let options = MutationObserverInit::new();
        options.set_child_list(true);
        options.set_subtree(true);
        if let Some(main) = document().get_element_by_id("main") {
            // Without it, a banner is called out at the next move of the page.
            let _ = observer.observe_with_options(&main, &options);
        }
        drawn();
    });
}

fn banners() -> Vec<Element> {
    let Ok(found) = document().query_selector_all(BANNERS) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

fn read(banner: &Element) -> Banner {
    let text = |it: &Element| it.text_content().unwrap_or_default().trim().to_owned();
    let title = banner.query_selector(TITLE).ok().flatten();
    let place = banner.get_bounding_client_rect();
    let header = document().query_selector(HEADER).ok().flatten();
    let highest = header.map_or(0.0, |it| it.get_bounding_client_rect().bottom().max(0.0));
    let window_height = window().inner_height().ok().and_then(|it| it.as_f64()).unwrap_or_default();
    // Its title is at its top.
    let in_sight = place.top() >= highest - 1.0 && place.top() < window_height;
    Banner { title: title.as_ref().map(text).unwrap_or_default(), in_sight }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner(title: &str, in_sight: bool) -> Banner {
        Banner { title: title.to_owned(), in_sight }
    }

    #[test]
    fn a_banner_is_called_out_until_it_was_in_sight_and_again_when_it_comes_back() {
        let (seen, first) = sorted(&[], &[banner("a", true), banner("b", false)]);
        assert_eq!((seen.clone(), first), (vec!["a".to_owned()], Some(1)));
        // Scrolled away after it was seen.
        assert_eq!(sorted(&seen, &[banner("a", false), banner("b", true)]).1, None);
        let (seen, first) = sorted(&seen, &[]);
        assert_eq!((seen.len(), first), (0, None));
        assert_eq!(sorted(&seen, &[banner("a", false)]).1, Some(0), "it came up again");
    }
}
