//! The accept loop and one task per connection. Owns accepting, the TLS handshake and the end of a connection; routes
//! and answers come from the router it is given.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::line::Line;
use super::wire::Wire;
use crate::faults::delivery::StreamReset;
use crate::shared::Shared;

/// A client that opens a connection and says nothing is let go after this.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a cut connection may still flush what was written before the cut.
const FLUSH: Duration = Duration::from_millis(50);

/// Serves until `stop` turns true; then every connection is dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: TlsAcceptor,
    router: Router,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            Some(_) = lines.join_next(), if !lines.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    shared.ledger.count_connection();
                    lines.spawn(serve_line(stream, tls.clone(), router.clone(), Arc::clone(&shared)));
                }
                // Out of descriptors, or a client that left while waiting: the next one may fare better.
                Err(_) => tokio::task::yield_now().await,
            },
        }
    }
    lines.shutdown().await;
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A stand-in that is gone stops too.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve_line(stream: TcpStream, tls: TlsAcceptor, router: Router, shared: Arc<Shared>) {
    // Slow faults write single bytes; Nagle's algorithm would gather them.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await else { return };
    let line = Arc::new(Line::new());
    let io = TokioIo::new(Wire::new(stream, Arc::clone(&line), shared.options.slow_tick));
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&line));
        let answer = router.call(request);
        async move {
            let answer: Response = answer.await.unwrap_or_else(|never| match never {});
            match answer.extensions().get::<StreamReset>() {
                // hyper resets the stream for the reason that it finds in the error.
                Some(StreamReset(reason)) => Err(h2::Error::from(*reason)),
                None => Ok(answer),
            }
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    if shared.options.http1_only {
        builder = builder.http1_only();
    }
    let connection = builder.serve_connection(io, service);
    tokio::pin!(connection);
    tokio::select! {
        biased;
        _ = connection.as_mut() => {}
        () = line.until_cut() => {
            let _ = timeout(FLUSH, connection.as_mut()).await;
        }
    }
}
