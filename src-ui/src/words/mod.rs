//! The page's phrases: one catalogue, so that a reader can judge them together and a translator can find them.
//!
//! Refuses to own the words of fields and errors: those are `domain`'s, shared with the terminal.

pub(crate) mod connection;
pub(crate) mod doctor;
pub(crate) mod history;
pub(crate) mod outcome;
pub(crate) mod review;
pub(crate) mod session;
pub(crate) mod settle;
pub(crate) mod shell;
pub(crate) mod sign;

use domain::Timestamp;

/// Several pieces of text as one.
pub(crate) fn join(pieces: &[&str]) -> String {
    pieces.concat()
}

/// `4 March 2027`, in UTC.
pub(crate) fn long_date(moment: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let date = moment.date();
    let mut parts = date.split('-');
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return date;
    };
    let name = month.parse::<usize>().ok().and_then(|it| MONTHS.get(it.wrapping_sub(1)));
    match name {
        Some(name) => join(&[day.trim_start_matches('0'), " ", name, " ", year]),
        None => date,
    }
}

/// `1 day`, `100 days`, `2147483647 days`.
pub(crate) fn days(count: u32) -> String {
    join(&[&count.to_string(), if count == 1 { " day" } else { " days" }])
}

/// A long stretch of days in units a person can picture; none for a short one.
pub(crate) fn about(days: u32) -> Option<String> {
    let days = u64::from(days);
    // In hundredths of a day, a month has 3,044; rounded to the nearest.
    let months = (days * 100 + 1_522) / 3_044;
    if months < 2 {
        return None;
    }
    if months < 24 {
        return Some(join(&["about ", &months.to_string(), " months"]));
    }
    // A year has 365.25 days: four of them 1,461.
    let tenths = (days * 40 + 730) / 1_461;
    let fraction = match tenths % 10 {
        0 => String::new(),
        it => join(&[".", &it.to_string()]),
    };
    Some(join(&["about ", &(tenths / 10).to_string(), &fraction, " years"]))
}

/// `https://host:port/x` as `host:port/x`.
pub(crate) fn without_scheme(server: &str) -> String {
    server.strip_prefix("https://").unwrap_or(server).to_owned()
}

/// Foreign text of several lines, each with its hidden characters spelled out.
pub(crate) fn visible_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| domain::visible(&line.strip_suffix('\r').unwrap_or(line).replace('\t', "    ")))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_stretches_read_like_speech() {
        assert_eq!(long_date(Timestamp::from_millis(1_795_507_201_042)), "24 November 2026");
        assert_eq!((days(1), days(100)), ("1 day".to_owned(), "100 days".to_owned()));
        assert_eq!(about(45), None);
        assert_eq!(about(100).as_deref(), Some("about 3 months"));
        assert_eq!(about(825).as_deref(), Some("about 2.3 years"));
        assert_eq!(about(3650).as_deref(), Some("about 10 years"));
    }

    #[test]
    fn lines_stay_lines_and_what_hides_is_shown() {
        assert_eq!(visible_lines("a\r\nb\u{202E}"), "a\nb⟨U+202E⟩");
    }
}
