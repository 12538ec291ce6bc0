//! Which part of the record is asked for, as the address says it: `#/history?text=web&outcome=unknown`.

use domain::{BaseUrl, HistoryFilter, Outcome, Timestamp};

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
}

/// The names of the parts in the address, in their order.
const NAMES: [&str; 7] = ["text", "serial", "outcome", "unsettled", "server", "from", "to"];
/// The value of a part that is a yes.
const YES: &str = "1";

/// The parts as typed.
#[derive(Clone, Default)]
pub(super) struct Query([String; 7]);

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

    /// Writes what follows the `?`; empty when nothing is asked.
    pub(super) fn encode(&self) -> String {
        let mut text = String::new();
        for (name, value) in NAMES.iter().zip(&self.0) {
            let value = value.trim();
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

    /// The question for the desk.
    pub(super) fn filter(&self) -> HistoryFilter {
        let server = self.get(Part::Server).trim();
        HistoryFilter {
            text: self.get(Part::Text).trim().to_owned(),
            serial: self.get(Part::Serial).trim().to_owned(),
            outcome: Outcome::parse(self.get(Part::Outcome)),
            unsettled: self.is_on(Part::Unsettled),
            server: (!server.is_empty()).then(|| address(server)),
            from: Timestamp::parse_date(self.get(Part::From)),
            // The whole of the last day.
            to: Timestamp::parse_date(self.get(Part::To)).map(|it| it.plus_days(1)),
            ..HistoryFilter::default()
        }
    }
}

/// An address as the record writes it, where it can be read as one.
fn address(text: &str) -> String {
    let whole = if text.contains("://") { text.to_owned() } else { ["https://", text].concat() };
    BaseUrl::parse(&whole).map_or_else(|_| text.to_owned(), String::from)
}
