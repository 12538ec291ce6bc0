//! Which page the address shows: everything after the `#`, so that both hosts can serve one file.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// In place of a connection's id, the form of a new one. No id is like it: ids are UUIDs.
pub(crate) const NEW: &str = "new";

const REVIEW: &str = "review";
const SIGNING: &str = "signing";

/// A page of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Fill in, review, sign, result.
    Sign,
    /// The record.
    History,
    /// The servers, their tokens, and what is preferred.
    Connection,
}

/// A step of the page Sign, as an address. Each has its own, so that Back and a reload do what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum SignStep {
    /// The form.
    #[default]
    Form,
    /// The review of what was typed; only this page has it, so a reload leads back to the form.
    Review,
    /// One signing, by its intent: running or over.
    Signing(String),
}

/// A page and what it shows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The page.
    pub(crate) page: Page,
    /// The step, on the page Sign.
    pub(crate) sign: SignStep,
    /// The entry of the record that is open, on the page History.
    pub(crate) entry: Option<u64>,
    /// What the list is asked for, on the page History.
    pub(crate) query: String,
    /// The connection whose form is open, on the page Connection: its id, or [`NEW`].
    pub(crate) form: Option<String>,
}

impl Page {
    /// All, in the order of the navigation.
    pub(crate) const ALL: [Self; 3] = [Self::Sign, Self::History, Self::Connection];

    /// The page's address.
    pub(crate) fn href(self) -> &'static str {
        match self {
            Self::Sign => "#/sign",
            Self::History => "#/history",
            Self::Connection => "#/connection",
        }
    }
}

impl Route {
    /// Reads `#/sign/review`, `#/history/12`, `#/history?outcome=unknown` and `#/connection/new`; anything that is no address of ours shows
    /// the first page.
    pub(crate) fn parse(hash: &str) -> Self {
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut parts = path.trim_start_matches('#').trim_matches('/').split('/');
        let page = match parts.next() {
            Some("history") => Page::History,
            Some("connection") => Page::Connection,
            _ => Page::Sign,
        };
        let part = parts.next();
        let sign = match part.filter(|_| page == Page::Sign) {
            Some(REVIEW) => SignStep::Review,
            Some(SIGNING) => parts.next().map_or(SignStep::Form, |it| SignStep::Signing(it.to_owned())),
            _ => SignStep::Form,
        };
        let entry = part.and_then(|it| it.parse().ok()).filter(|_| page == Page::History);
        let form = part.map(str::to_owned).filter(|_| page == Page::Connection);
        let query = if page == Page::History && entry.is_none() { query.to_owned() } else { String::new() };
        Self { page, sign, entry, query, form }
    }

    /// The address of the page that is shown now.
    pub(crate) fn current() -> Self {
        Self::parse(&window().location().hash().unwrap_or_default())
    }
}

/// The address of one entry of the record.
pub(crate) fn entry_href(entry: u64) -> String {
    [Page::History.href(), "/", &entry.to_string()].concat()
}

/// The address of the review.
pub(crate) const REVIEW_HREF: &str = "#/sign/review";

/// The address of one signing.
pub(crate) fn signing_href(intent: &str) -> String {
    [Page::Sign.href(), "/", SIGNING, "/", intent].concat()
}

/// The address of a connection's form.
pub(crate) fn form_href(connection: &str) -> String {
    [Page::Connection.href(), "/", connection].concat()
}

/// The address of the record's list for a question.
pub(crate) fn history_href(query: &str) -> String {
    [Page::History.href(), if query.is_empty() { "" } else { "?" }, query].concat()
}

thread_local! {
    /// Where the page is; set where the address is, so that nothing is drawn for an address that is not there any more.
    static HERE: Cell<Option<RwSignal<Route>>> = const { Cell::new(None) };
}

/// Follows the address for as long as the page lives.
pub(crate) fn watch() -> ReadSignal<Route> {
    let route = RwSignal::new(Route::current());
    HERE.set(Some(route));
    let handle = window_event_listener(leptos::ev::hashchange, move |_| arrived());
    on_cleanup(move || handle.remove());
    route.read_only()
}

fn arrived() {
    let (Some(here), route) = (HERE.get(), Route::current()) else { return };
    if here.with_untracked(|it| *it != route) {
        here.set(route);
    }
}

/// Goes to a page.
pub(crate) fn go(page: Page) {
    go_to(page.href(), false);
}

/// Goes to an address of the page; `replace` leaves no place to come back to.
pub(crate) fn go_to(href: &str, replace: bool) {
    let Ok(history) = window().history() else { return };
    let same = window().location().hash().is_ok_and(|it| it == href);
    // An address that is refused leaves the person where they are, which is no worse than before.
    let _ = match (same, replace) {
        (true, _) => Ok(()),
        (_, true) => history.replace_state_with_url(&JsValue::NULL, "", Some(href)),
        (_, false) => history.push_state_with_url(&JsValue::NULL, "", Some(href)),
    };
    arrived();
}

/// Goes back to the address before this one.
pub(crate) fn back() {
    // A browser without a history stays where it is, and the navigation leads on.
    let _ = window().history().and_then(|it| it.back());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_page_and_an_entry_or_a_question() {
        let route = |page, entry, query: &str| {
            let (sign, query) = (SignStep::Form, query.to_owned());
            Route { page, sign, entry, query, form: None }
        };
        assert_eq!(Route::parse("#/history/12"), route(Page::History, Some(12), ""));
        assert_eq!(Route::parse("#/history/x"), route(Page::History, None, ""));
        assert_eq!(Route::parse("#/history?text=a%2Fb"), route(Page::History, None, "text=a%2Fb"));
        assert_eq!(Route::parse("#/history/?unsettled=1"), route(Page::History, None, "unsettled=1"));
        let form = Some("12".to_owned());
        assert_eq!(
            Route::parse("#/connection/12?text=a"),
            Route { form, ..route(Page::Connection, None, "") }
        );
        assert_eq!(Route::parse("#/connection/"), route(Page::Connection, None, ""));
        assert_eq!(Route::parse(""), route(Page::Sign, None, ""));
    }

    #[test]
    fn each_step_of_a_signing_has_an_address() {
        let step = |hash: &str| Route::parse(hash).sign;
        assert_eq!(step("#/sign"), SignStep::Form);
        assert_eq!(step(REVIEW_HREF), SignStep::Review);
        assert_eq!(step(&signing_href("0f-1")), SignStep::Signing("0f-1".to_owned()));
        assert_eq!(step("#/sign/signing"), SignStep::Form);
        assert_eq!(step("#/history/review"), SignStep::Form);
    }
}
