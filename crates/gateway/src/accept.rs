//! Taking connections in: how many, how long, and how it ends.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::serve::Listener;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::limits::Limits;
use crate::seats::Seats;
use crate::stalled::Stalled;

/// Of a request's head, in bytes: cookies of every port of this host come along.
const HEAD_BYTES: usize = 64 * 1024;
const HEADERS: usize = 64;

/// Serves until `stop` is ready, then lets what is under way end within the grace.
///
/// One connection carries one request. A page is a dozen files, so that costs nothing here; and a second request that
/// hides behind a first (smuggling), or a call on a connection that is just being closed for idleness, cannot be.
/// HTTP/1 only: the limits of HTTP/2 would be a second set to get right, and no browser speaks it without TLS.
pub(crate) async fn serve(
    mut listener: TcpListener,
    app: Router,
    limits: &Limits,
    stop: impl Future<Output = ()>,
) {
    let seats = Seats::new(limits.connections);
    let mut number = 0;
    let under_way = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .keep_alive(false)
        .max_headers(HEADERS)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(HEAD_BYTES);
    let mut stop = pin!(stop);
    loop {
        let accepting = async {
            // Takes an error, such as too many open files, for a reason to try again a little later.
            let stream = Listener::accept(&mut listener).await.0;
            number += 1;
            (seats.take(number).await, stream)
        };
        let (seat, stream) = tokio::select! {
            taken = accepting => taken,
            () = &mut stop => break,
        };
        let io = TokioIo::new(Stalled::new(stream, limits.stalled));
        let (app, visitor) = (TowerToHyperService::new(app.clone()), seat.visitor());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Arc::clone(&visitor));
            app.call(request)
        });
        let watched = under_way.watch(http.serve_connection(io, service));
        tokio::spawn(async move {
            tokio::select! {
                // Whatever ended it, there is nobody left to tell.
                _ = watched => {}
                () = seat.is_given_up() => {}
            }
        });
    }
    // New ones are refused by the system at once.
    drop(listener);
    // Half a request that never becomes a whole one must not keep the program from ending.
    let _ = tokio::time::timeout(limits.grace, under_way.shutdown()).await;
}
