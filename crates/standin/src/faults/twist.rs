//! What a fault does to the certificate that is made. The answer to the client is not this module's business: most twists
//! go with an answer that looks perfectly well, which is the point of them.

use super::Fault;

/// Departures from what was asked for. The default is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Twist {
    pub(crate) other_key: bool,
    pub(crate) extra_name: bool,
    pub(crate) no_names: bool,
    pub(crate) other_subject: bool,
    pub(crate) flip_ca: bool,
    pub(crate) other_issuer: bool,
    /// Added to the days asked for.
    pub(crate) extra_days: i64,
    /// Instead of the days asked for.
    pub(crate) fixed_days: Option<i64>,
    /// How far the server's clock is off.
    pub(crate) clock_days: i64,
    /// A serial whose hex has an odd number of digits.
    pub(crate) odd_serial: bool,
    /// A serial of 127 bits.
    pub(crate) big_serial: bool,
    pub(crate) root_first: bool,
}

impl Twist {
    pub(crate) fn of(fault: Fault) -> Self {
        let none = Self::default();
        match fault {
            Fault::OtherKey => Self { other_key: true, ..none },
            Fault::ExtraSan => Self { extra_name: true, ..none },
            Fault::SanDropped => Self { no_names: true, ..none },
            Fault::SubjectRewritten => Self { other_subject: true, ..none },
            Fault::CaFlagFlipped => Self { flip_ca: true, ..none },
            Fault::OtherIssuer => Self { other_issuer: true, ..none },
            Fault::LongerValidity => Self { extra_days: 365, ..none },
            Fault::ShorterValidity => Self { fixed_days: Some(1), ..none },
            Fault::ClockAhead => Self { clock_days: 1, ..none },
            Fault::ClockBehind => Self { clock_days: -1, ..none },
            Fault::BigNumbers => Self { big_serial: true, ..none },
            Fault::SerialOdd => Self { odd_serial: true, ..none },
            Fault::ChainReversed => Self { root_first: true, ..none },
            _ => none,
        }
    }
}
