//! Which versions of HTTP a server is offered, and which one carried a request.

use serde::{Deserialize, Serialize};

use crate::{ErrorCode, typed};

/// What is offered in the TLS handshake (ALPN, RFC 7301).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpVersion {
    /// HTTP/2 and HTTP/1.1, and HTTP/1.1 alone once the server has said that it wants it (HTTP_1_1_REQUIRED).
    #[default]
    Automatic,
    /// HTTP/1.1 alone: for servers that take HTTP/2 and then refuse every request over it.
    Http11Only,
}

impl HttpVersion {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Automatic, Self::Http11Only];

    /// The word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Http11Only => "1.1",
        }
    }

    /// Reads the word; nothing typed means automatic.
    ///
    /// # Errors
    /// [`ErrorCode::HttpVersionUnknown`].
    pub fn parse(text: &str) -> Result<Self, ErrorCode> {
        match typed::code(text).as_ref() {
            "" => Ok(Self::Automatic),
            word if word.eq_ignore_ascii_case("automatic") => Ok(Self::Automatic),
            "1.1" => Ok(Self::Http11Only),
            word if word.eq_ignore_ascii_case("http/1.1") => Ok(Self::Http11Only),
            _ => Err(ErrorCode::HttpVersionUnknown),
        }
    }
}

/// The version of HTTP that the server chose in the TLS handshake (ALPN, RFC 7301).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpokenHttp {
    /// Also where the server chose nothing.
    #[serde(rename = "HTTP/1.1")]
    Http11,
    /// RFC 9113.
    #[serde(rename = "HTTP/2")]
    Http2,
}

impl SpokenHttp {
    /// `HTTP/1.1` or `HTTP/2`: the word at the end of a request's first line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_words_are_read() {
        for it in HttpVersion::ALL {
            assert_eq!(HttpVersion::parse(it.as_str()), Ok(it));
        }
        assert_eq!(HttpVersion::parse("HTTP/1.1"), Ok(HttpVersion::Http11Only));
        assert_eq!(HttpVersion::parse("2"), Err(ErrorCode::HttpVersionUnknown));
    }
}
