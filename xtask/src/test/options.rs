//! What `cargo xtask test` and `cargo xtask e2e` are asked for: filters, clocks, repetitions.

use std::fmt;

use anyhow::{Context as _, Result, bail, ensure};

use super::clock::Clock;
use super::odd;

/// One run of the tests: what they see of the world around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// This user and environment, on a clock.
    At(Clock),
    /// Another user and an awkward environment: see [`odd`].
    Odd,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(clock) => write!(f, "clock {clock}"),
            Self::Odd => f.write_str(odd::NAME),
        }
    }
}

/// The words behind the task's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options<'a> {
    /// Only tests whose names contain one of these; all where there is none.
    pub(super) filters: Vec<&'a str>,
    /// One run of the tests for each; never empty.
    pub(super) settings: Vec<Setting>,
    /// How often all of it runs, where that was said.
    pub(super) times: Option<usize>,
}

impl<'a> Options<'a> {
    /// # Errors
    /// A word that begins with `-` and is no option, or an option without what it takes.
    pub(super) fn parse(words: &[&'a str]) -> Result<Self> {
        let mut options = Self { filters: Vec::new(), settings: Vec::new(), times: None };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--at" => {
                    let clock = Clock::parse(words.next().context("--at takes a time")?)?;
                    options.settings.push(Setting::At(clock));
                }
                "--odd" => options.settings.push(Setting::Odd),
                "--times" => {
                    let count =
                        words.next().and_then(|it| it.parse().ok()).context("--times takes a number")?;
                    ensure!(count > 0, "--times takes a number above 0");
                    options.times = Some(count);
                }
                other if other.starts_with('-') => bail!("test knows --at, --odd and --times; not `{other}`"),
                filter => options.filters.push(filter),
            }
        }
        if options.settings.is_empty() {
            options.settings.push(Setting::At(Clock::System));
        }
        Ok(options)
    }

    /// The setting of each run, in order.
    pub(super) fn runs(&self) -> Vec<Setting> {
        self.settings.repeat(self.times.unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_clocks_and_repetitions_may_stand_in_any_order() {
        let options =
            Options::parse(&["--at", "now", "pin", "--times", "3", "--at", "+1d", "proxy"]).unwrap();
        assert_eq!(options.filters, ["pin", "proxy"]);
        assert_eq!(options.runs().len(), 6);
        let at = |clock| Setting::At(Clock::parse(clock).unwrap());
        assert_eq!(options.runs()[..2], [at("now"), at("+1d")]);
        assert_eq!(Options::parse(&[]).unwrap().runs(), [at("now")]);
        assert_eq!(Options::parse(&["--at", "now", "--odd"]).unwrap().runs(), [at("now"), Setting::Odd]);
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for wrong in [&["--at"][..], &["--at", "soon"], &["--times", "0"], &["--times", "x"], &["--release"]]
        {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
