//! Which page the address shows: everything after the `#`, so that both hosts can serve one file.

use leptos::prelude::*;

/// In place of a connection's id, the form of a new one. No id is like it: ids are UUIDs.
pub(crate) const NEW: &str = "new";

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

/// A page and what it shows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The page.
    pub(crate) page: Page,
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
    /// Reads `#/history/12`, `#/history?outcome=unknown` and `#/connection/new`; anything that is no address of ours shows
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
        let entry = part.and_then(|it| it.parse().ok()).filter(|_| page == Page::History);
        let form = part.map(str::to_owned).filter(|_| page == Page::Connection);
        let query = if page == Page::History && entry.is_none() { query.to_owned() } else { String::new() };
        Self { page, entry, query, form }
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

/// The address of a connection's form.
pub(crate) fn form_href(connection: &str) -> String {
    [Page::Connection.href(), "/", connection].concat()
}

/// The address of the record's list for a question.
pub(crate) fn history_href(query: &str) -> String {
    [Page::History.href(), if query.is_empty() { "" } else { "?" }, query].concat()
}

/// Follows the address for as long as the page lives.
pub(crate) fn watch() -> ReadSignal<Route> {
    let (route, set_route) = signal(Route::current());
    let handle = window_event_listener(leptos::ev::hashchange, move |_| {
        set_route.set(Route::current());
    });
    on_cleanup(move || handle.remove());
    route
}

/// Goes to a page.
pub(crate) fn go(page: Page) {
    // A hash that is refused leaves the person where they are, which is no worse than before.
    let _ = window().location().set_hash(page.href());
}

/// Goes to an address of the page; `replace` leaves no place to come back to.
pub(crate) fn go_to(href: &str, replace: bool) {
    let location = window().location();
    let _ = if replace { location.replace(href) } else { location.set_hash(href) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_page_and_an_entry_or_a_question() {
        let route = |page, entry, query: &str| Route { page, entry, query: query.to_owned(), form: None };
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
}
