//! Which part of the record is asked for, as the address says it: `#/history?text=web&outcome=unknown`.

use domain::{BaseUrl, ErrorCode, HistoryFilter, SortBy, State, Timestamp, typed};

use crate::ui::field::without_token;

/// One part of the question.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Text,
    Serial,
    Outcome,
    Unsettled,
    Server,
    From,
    To,
    Sort,
    Ascending,
}

/// The names of the parts in the address, in their order.
const NAMES: [&str; 9] =
    ["text", "serial", "outcome", "unsettled", "server", "from", "to", "sort", "ascending"];
/// The columns that can be sorted by, and their names in the address.
const SORTS: [(SortBy, &str); 4] =
    [(SortBy::Entry, ""), (SortBy::CsrId, "csr"), (SortBy::Outcome, "outcome"), (SortBy::Server, "server")];
/// The value of a part that is a yes.
const YES: &str = "1";

/// The parts as typed.
#[derive(Clone, Default)]
pub(super) struct Query([String; 9]);

impl Query {
    /// Reads what follows the `?`; parts that are no parts of ours are left out.
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (name, value) in text.split('&').filter_map(|it| it.split_once('=')) {
            let place = NAMES.iter().position(|it| *it == name);
            if let (Some(place), Ok(value)) = (place, js_sys::decode_uri_component(value)) {
                query.0[place] = value.into();
            }
        }
        query
    }

    /// Writes what follows the `?`; empty when nothing is asked. A token in a pasted URL is left out: the browser keeps
    /// addresses.
    pub(super) fn encode(&self) -> String {
        let mut text = String::new();
        let server = without_token(self.get(Part::Server));
        for (place, (name, value)) in NAMES.iter().zip(&self.0).enumerate() {
            let value = match &server {
                Some(address) if place == Part::Server as usize => address,
                _ => value.trim(),
            };
            if !value.is_empty() {
                if !text.is_empty() {
                    text.push('&');
                }
                text.push_str(name);
                text.push('=');
                text.push_str(&String::from(js_sys::encode_uri_component(value)));
            }
        }
        text
    }

    /// A part as typed.
    pub(super) fn get(&self, part: Part) -> &str {
        &self.0[part as usize]
    }

    /// Changes a part.
    pub(super) fn set(&mut self, part: Part, text: String) {
        self.0[part as usize] = text;
    }

    /// Whether a part is a yes.
    pub(super) fn is_on(&self, part: Part) -> bool {
        self.get(part) == YES
    }

    /// Says yes or no to a part.
    pub(super) fn switch(&mut self, part: Part, on: bool) {
        self.set(part, if on { YES.to_owned() } else { String::new() });
    }

    /// What is sorted by.
    pub(super) fn sort(&self) -> SortBy {
        let word = self.get(Part::Sort);
        SORTS.iter().find(|(_, it)| *it == word).map_or_else(SortBy::default, |(sort, _)| *sort)
    }

    /// Sorts by a column, or turns the order round when it is sorted by that one already.
    pub(super) fn sort_by(&mut self, sort: SortBy) {
        let turned = self.sort() == sort && !self.is_on(Part::Ascending);
        // What is looked for in a list of names begins with the first of them; of entries, with the newest.
        let ascending = if self.sort() == sort { turned } else { sort != SortBy::Entry };
        let word = SORTS.iter().find(|(it, _)| *it == sort).map_or("", |(_, word)| *word);
        self.set(Part::Sort, word.to_owned());
        self.switch(Part::Ascending, ascending);
    }

    /// Asks for everything, in the same order.
    pub(super) fn clear(&mut self) {
        self.0[..Part::Sort as usize].fill(String::new());
    }

    /// Whether anything is left out.
    pub(super) fn is_part(&self) -> bool {
        self.0[..Part::Sort as usize].iter().any(|it| !it.trim().is_empty())
    }

    /// A day; none when it is not set, and an error when it can't be read.
    fn day(&self, part: Part) -> Option<Result<Timestamp, ErrorCode>> {
        let text = typed::code(self.get(part));
        (!text.is_empty()).then(|| Timestamp::parse_date(&text).ok_or(ErrorCode::DateMalformed))
    }

    /// Whether a day can't be read, so that no entry is shown.
    pub(super) fn date_is_wrong(&self) -> bool {
        [Part::From, Part::To].into_iter().any(|part| matches!(self.day(part), Some(Err(_))))
    }

    /// The question for the desk.
    pub(super) fn filter(&self) -> HistoryFilter {
        let server = typed::code(self.get(Part::Server));
        let state = State::parse(self.get(Part::Outcome));
        HistoryFilter {
            text: self.get(Part::Text).trim().to_owned(),
            serial: self.get(Part::Serial).trim().to_owned(),
            outcome: state.and_then(State::outcome),
            in_progress: state == Some(State::InProgress),
            running: Vec::new(),
            unsettled: self.is_on(Part::Unsettled),
            server: (!server.is_empty()).then(|| address(&server)),
            // No entry belongs to a day that can't be read: entries of other days are not what was asked for.
            from: self.day(Part::From).map(|it| it.unwrap_or(Timestamp::LAST_X509)),
            // The whole of the last day.
            to: self.day(Part::To).map(|it| it.map_or(Timestamp::from_millis(0), |it| it.plus_days(1))),
            sort: self.sort(),
            ascending: self.is_on(Part::Ascending),
        }
    }
}

/// An address as the record writes it, where it can be read as one.
fn address(text: &str) -> String {
    BaseUrl::parse(text).map_or_else(|_| text.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_cannot_be_read_is_no_day_and_shows_no_entry() {
        let bounds = |part, text: &str| {
            let mut query = Query::default();
            query.set(part, text.to_owned());
            let filter = query.filter();
            (query.date_is_wrong(), filter.from, filter.to)
        };
        let day = Timestamp::parse_date("2027-03-04");
        assert_eq!(bounds(Part::From, "  "), (false, None, None));
        assert_eq!(bounds(Part::From, "\u{200e}2027-03-04"), (false, day, None));
        assert_eq!(bounds(Part::To, "2027-03-04"), (false, None, day.map(|it| it.plus_days(1))));
        for text in ["tomorrow", "2027-02-30", "2027-0"] {
            assert_eq!(bounds(Part::From, text), (true, Some(Timestamp::LAST_X509), None), "{text}");
            assert_eq!(bounds(Part::To, text), (true, None, Some(Timestamp::from_millis(0))), "{text}");
        }
    }

    #[test]
    fn a_column_sorts_and_the_same_again_turns_round() {
        let mut query = Query::default();
        let now = |it: &Query| (it.sort(), it.is_on(Part::Ascending));
        assert_eq!(now(&query), (SortBy::Entry, false));
        query.sort_by(SortBy::Entry);
        assert_eq!(now(&query), (SortBy::Entry, true));
        query.sort_by(SortBy::Server);
        assert_eq!(now(&query), (SortBy::Server, true));
        query.sort_by(SortBy::Server);
        assert_eq!(now(&query), (SortBy::Server, false));
        assert!(!query.is_part());
        query.sort_by(SortBy::Entry);
        assert_eq!(now(&query), (SortBy::Entry, false));
        query.set(Part::Text, "x".to_owned());
        assert!(query.is_part());
    }
}
