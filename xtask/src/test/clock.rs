//! The clock that tests see: the system's own, or one shifted by libfaketime.
//!
//! Only the wall clock is shifted. The monotonic clock stays, so that a wait takes as long as it says.

use std::fmt;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};

use crate::run;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const DATE_AND_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
/// Where no office is: a test that reads local time sees another day there for more than half of each day.
const TIME_ZONE: &str = "<+1345>-13:45";
/// How far the probe of the clock may be off: the time it takes to start a program on a busy machine.
const PROBE_LIMIT: Duration = Duration::minutes(1);

/// What `--at` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// `now`: the system's clock as it is.
    System,
    /// `+400d`: so much later, or with `-` earlier.
    Shifted(Duration),
    /// `2049-12-31`, at noon UTC, or `2049-12-31T23:59:50`, in UTC: the tests begin at that time.
    From(OffsetDateTime),
}

impl Clock {
    /// Reads what stands behind `--at`.
    ///
    /// # Errors
    /// It is none of the three forms.
    pub(super) fn parse(text: &str) -> Result<Self> {
        if text == "now" {
            return Ok(Self::System);
        }
        if let Some(shift) = shift(text) {
            return Ok(Self::Shifted(shift));
        }
        let date = Date::parse(text, DATE)
            .map(|it| PrimitiveDateTime::new(it, Time::MIDNIGHT + Duration::hours(12)));
        let moment = date.or_else(|_| PrimitiveDateTime::parse(text, DATE_AND_TIME));
        let Ok(moment) = moment else {
            bail!("--at takes now, +400d, 2049-12-31 or 2049-12-31T23:59:50 (UTC); not `{text}`")
        };
        Ok(Self::From(moment.assume_utc()))
    }

    /// The program, with arguments, through which test programs start: the runner of Cargo and of nextest, which both
    /// split it at spaces. None for the system's clock.
    ///
    /// # Errors
    /// The clock cannot be shifted here.
    pub(super) fn runner(self) -> Result<Option<String>> {
        let now = OffsetDateTime::now_utc();
        let shift = match self {
            Self::System => return Ok(None),
            Self::Shifted(shift) => shift,
            Self::From(moment) => moment - now,
        };
        let library = run::read(Command::new("faketime").args(["-m", "-f", "+0", "printenv", "LD_PRELOAD"]))?;
        let words = words(library.trim(), shift);
        ensure!(!words.iter().any(|it| it.contains(' ')), "the path of libfaketime has a space: {library}");
        probe(&words, now + shift)?;
        Ok(Some(words.join(" ")))
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("now"),
            Self::Shifted(shift) => write!(f, "{:+} days", shift.as_seconds_f64() / 86_400.0),
            Self::From(moment) => write!(f, "{} {} UTC", moment.date(), moment.time()),
        }
    }
}

/// `+400d`, `-36h`, `+90s`.
fn shift(text: &str) -> Option<Duration> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let unit = match text.as_bytes().last()? {
        b'd' => 86_400,
        b'h' => 3_600,
        b's' => 1,
        _ => return None,
    };
    let count: u32 = text.get(1..text.len().checked_sub(1)?)?.parse().ok()?;
    Some(Duration::seconds(sign * unit * i64::from(count)))
}

fn words(library: &str, shift: Duration) -> Vec<String> {
    vec![
        "env".to_owned(),
        format!("LD_PRELOAD={library}"),
        format!("FAKETIME={:+}", shift.whole_seconds()),
        "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned(),
        format!("TZ={TIME_ZONE}"),
    ]
}

/// Asks a program that starts this way what time it is: a library that cannot be loaded is passed over with a warning, and
/// every test would pass on the wrong clock.
fn probe(words: &[String], expected: OffsetDateTime) -> Result<()> {
    let [program, arguments @ ..] = words else { bail!("no program") };
    let said = run::read(Command::new(program).args(arguments).args(["date", "+%s %z"]))?;
    let (seconds, zone) = said.trim().split_once(' ').context("date printed no zone")?;
    let seen = OffsetDateTime::from_unix_timestamp(seconds.parse().context("date printed no number")?)?;
    ensure!(
        (seen - expected).abs() < PROBE_LIMIT,
        "the clock is not shifted: it says {seen}, not {expected}"
    );
    ensure!(zone == "+1345", "the time zone is not in force: {zone}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_is_now_a_shift_or_a_time_in_utc() {
        assert_eq!(Clock::parse("now").unwrap(), Clock::System);
        assert_eq!(Clock::parse("+400d").unwrap(), Clock::Shifted(Duration::days(400)));
        assert_eq!(Clock::parse("-36h").unwrap(), Clock::Shifted(Duration::hours(-36)));
        assert_eq!(Clock::parse("2049-12-31").unwrap(), Clock::From(datetime!(2049-12-31 12:00 UTC)));
        assert_eq!(
            Clock::parse("2049-12-31T23:59:50").unwrap(),
            Clock::From(datetime!(2049-12-31 23:59:50 UTC))
        );
        for wrong in ["", "+", "400d", "+d", "+-4d", "+400", "+400é", "2049-13-31", "31.12.2049", "tomorrow"]
        {
            let error = Clock::parse(wrong).unwrap_err().to_string();
            assert!(error.contains("+400d") && error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn the_runner_shifts_the_wall_clock_alone() {
        assert_eq!(
            words("/x/libfaketimeMT.so.1", Duration::days(400)).join(" "),
            "env LD_PRELOAD=/x/libfaketimeMT.so.1 FAKETIME=+34560000 FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=<+1345>-13:45"
        );
        assert_eq!(words("x", Duration::hours(-1))[2], "FAKETIME=-3600");
    }

    #[test]
    fn a_clock_that_is_not_shifted_is_refused() {
        // The clock that this test sees, which may be a shifted one itself.
        let as_it_is = ["env".to_owned(), format!("TZ={TIME_ZONE}")];
        let now = OffsetDateTime::now_utc();
        probe(&as_it_is, now).unwrap();
        let error = probe(&as_it_is, now + Duration::days(400)).unwrap_err().to_string();
        assert!(error.contains("not shifted"), "{error}");
        let elsewhere = ["env".to_owned(), "TZ=UTC".to_owned()];
        let error = probe(&elsewhere, now).unwrap_err().to_string();
        assert!(error.contains("time zone"), "{error}");
    }
}
