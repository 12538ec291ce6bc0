//! Exports of a browser: each file is served once, at an address that only the page which asked for it was given.
//!
//! Owns how an exported file becomes a download. The file loses its name when it is opened here, so nothing is left behind
//! on disk however this program ends. Refuses to own who may have it: the session does, see [`crate::session`].

use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use desk::Failure;
use desk::commands::export;
use domain::ErrorCode;
use http::header::{ALLOW, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use hyper::body::{Bytes, Frame, SizeHint};
use serde_json::Value;
use tokio::io::{AsyncRead, ReadBuf};

use crate::{Shared, page};

/// Where downloads are; the secret of one follows.
pub(crate) const PATH: &str = "/download/";
/// What is read of a file at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Makes the answer to an export one that a browser can use: the address of a download in place of a path, which may be
/// one of another computer.
pub(crate) async fn instead_of_path(shared: &Shared, headers: &HeaderMap, answer: Value) -> Response {
    match offered(shared, headers, answer).await {
        Ok(response) => Json(response).into_response(),
        Err((status, failure)) => (status, Json(failure)).into_response(),
    }
}

async fn offered(
    shared: &Shared,
    headers: &HeaderMap,
    answer: Value,
) -> Result<export::Response, (StatusCode, Failure)> {
    let failed = |error: &dyn std::fmt::Display| {
        let failure = Failure::because(ErrorCode::ExportFailed, error.to_string());
        (StatusCode::INTERNAL_SERVER_ERROR, failure)
    };
    let mut response: export::Response = serde_json::from_value(answer).map_err(|error| failed(&error))?;
    let path = std::mem::take(&mut response.path);
    let opening = tokio::task::spawn_blocking(move || {
        let file = File::open(&path);
        // Also when it cannot be opened: nobody could find it.
        std::fs::remove_file(&path).and(file)
    });
    let file = opening.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    let secret = shared
        .sessions
        .keep_download(headers, response.file_name.clone(), file)
        .ok_or_else(|| (StatusCode::UNAUTHORIZED, Failure::new(ErrorCode::SessionEnded)))?;
    response.download = Some(format!("{PATH}{secret}"));
    Ok(response)
}

/// Serves a download to the session that it is for, once.
pub(crate) async fn download(
    State(shared): State<Arc<Shared>>,
    Path(secret): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    // HEAD comes here as well, and must not use it up.
    if method != Method::GET {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")]).into_response();
    }
    let Some((name, file)) = shared.sessions.take_download(&headers, &secret) else {
        return (StatusCode::NOT_FOUND, page::no_download()).into_response();
    };
    match file.metadata() {
        Ok(metadata) => attachment(&name, FileBody::new(file, metadata.len())),
        Err(_) => (StatusCode::NOT_FOUND, page::no_download()).into_response(),
    }
}

/// An answer that a browser stores and never shows, whatever is in it.
fn attachment(name: &str, body: FileBody) -> Response {
    // The names are the desk's own; another character would only end the header's quotes.
    let plain = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.');
    let name: String = name.chars().filter(plain).collect();
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
        .unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (CONTENT_LENGTH, HeaderValue::from(body.left)),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, Body::new(body)).into_response()
}

/// A file, read as fast as it is taken.
struct FileBody {
    file: tokio::fs::File,
    /// What is still to be read, in bytes.
    left: u64,
    chunk: Box<[u8]>,
}

impl FileBody {
    fn new(file: File, length: u64) -> Self {
        Self { file: file.into(), left: length, chunk: vec![0; CHUNK].into_boxed_slice() }
    }
}

impl hyper::body::Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let Self { file, left, chunk } = &mut *self;
        let most = usize::try_from(*left).unwrap_or(CHUNK).min(CHUNK);
        let mut buffer = ReadBuf::new(&mut chunk[..most]);
        if let Err(error) = ready!(Pin::new(file).poll_read(context, &mut buffer)) {
            return Poll::Ready(Some(Err(error)));
        }
        let read = buffer.filled();
        if read.is_empty() {
            // Shorter than it was: the connection breaks off, so that no browser takes it for the whole.
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        *left -= read.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(read)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
