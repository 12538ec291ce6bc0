//! Which content codings a browser reads (RFC 9110, 12.5.3).

use http::HeaderValue;
use http::header::GetAll;

/// A coding that the page's files are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
}

impl Coding {
    /// The smaller one first.
    const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in headers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// How the files end.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gz",
        }
    }
}

/// The codings that a browser accepts, the smaller one first: a weight above zero is a yes, and ours are all ready made,
/// so that more than that is of no interest. What cannot be read is a no.
pub(crate) fn accepted(values: GetAll<'_, HeaderValue>) -> Vec<Coding> {
    let text: Vec<&str> = values.iter().filter_map(|it| it.to_str().ok()).collect();
    let accepts = |name: &str| {
        text.iter().flat_map(|it| it.split(',')).find_map(|member| {
            let mut parts = member.split(';').map(str::trim);
            if !parts.next()?.eq_ignore_ascii_case(name) {
                return None;
            }
            let weight = parts.find_map(|it| it.strip_prefix("q=").or_else(|| it.strip_prefix("Q=")));
            Some(weight.is_none_or(|it| it.parse::<f32>().is_ok_and(|it| it > 0.0 && it <= 1.0)))
        })
    };
    // A name of its own goes before the star.
    let named = |it: Coding| accepts(it.as_str()).or_else(|| accepts("*")).unwrap_or(false);
    Coding::ALL.into_iter().filter(|it| named(*it)).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::ACCEPT_ENCODING;

    use super::*;

    #[test]
    fn a_coding_is_accepted_when_it_is_named_with_a_weight() {
        use Coding::{Brotli, Gzip};
        let cases: &[(&[&str], &[Coding])] = &[
            (&[], &[]),
            (&[""], &[]),
            (&["identity"], &[]),
            (&["gzip, deflate, br, zstd"], &[Brotli, Gzip]),
            (&["gzip, deflate"], &[Gzip]),
            (&["gzip", "br"], &[Brotli, Gzip]),
            (&["BR ; Q=0.5"], &[Brotli]),
            (&["br;q=0, gzip"], &[Gzip]),
            (&["br;q=0.0,gzip;q=0.001"], &[Gzip]),
            (&["*"], &[Brotli, Gzip]),
            (&["*;q=0"], &[]),
            (&["br;q=0, *"], &[Gzip]),
            (&["*;q=0, gzip"], &[Gzip]),
            (&["br;q=x, gzip;q=2"], &[]),
            (&["brotli, x-gzip, b r"], &[]),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(accepted(headers.get_all(ACCEPT_ENCODING)), *expected, "{values:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_ENCODING, HeaderValue::from_bytes(b"br\xff").unwrap());
        assert_eq!(accepted(headers.get_all(ACCEPT_ENCODING)), []);
    }
}
