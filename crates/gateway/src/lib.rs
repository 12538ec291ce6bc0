//! The browser host: the page and its commands on a loopback port.
//!
//! Owns who may call: a one-time launch link, a session cookie, and checks of Host, Origin and fetch metadata on every
//! call. Refuses to own what a command does (that is `desk`) and to listen anywhere but on the loopback address.

mod api;
mod guard;
mod headers;
mod page;
mod session;

use std::future::{Future, IntoFuture};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use desk::Desk;
use tokio::net::TcpListener;

use session::Sessions;

pub use headers::CONTENT_SECURITY_POLICY;

/// The largest request body, in bytes: a chosen CA file of 1 MiB and what is around it.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// How long calls may take to end once the gateway is asked to stop.
const GRACE: Duration = Duration::from_secs(3);

/// A gateway that listens, and will answer once [`Gateway::run`] is awaited.
pub struct Gateway {
    listener: TcpListener,
    shared: Arc<Shared>,
    launch_url: String,
}

struct Shared {
    desk: Desk,
    sessions: Sessions,
    /// `127.0.0.1:PORT` and `localhost:PORT`: the only names under which this gateway answers.
    names: [String; 2],
}

/// The port cannot be listened on, or the listener failed.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be served on the loopback address: {0}")]
pub struct GatewayError(#[from] std::io::Error);

impl Gateway {
    /// Listens on the IPv4 loopback address; port 0 takes a free one.
    ///
    /// # Errors
    /// The port is taken or may not be used.
    pub async fn bind(desk: Desk, port: u16) -> Result<Self, GatewayError> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = listener.local_addr()?.port();
        let (sessions, secret) = Sessions::new(port);
        let launch_url = format!("http://127.0.0.1:{port}{}{secret}", session::LAUNCH_PATH);
        let names = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Ok(Self { listener, shared: Arc::new(Shared { desk, sessions, names }), launch_url })
    }

    /// The link that opens the page; it works once.
    #[must_use]
    pub fn launch_url(&self) -> &str {
        &self.launch_url
    }

    /// Serves until `stop` is ready, then gives calls under way a few seconds to end. A signing among them goes on:
    /// whoever ends the program waits for [`Desk::idle`].
    ///
    /// # Errors
    /// The listener failed.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), GatewayError> {
        let app = router(self.shared);
        let (asked, stopping) = tokio::sync::oneshot::channel();
        let stop = async {
            stop.await;
            // Nobody listens only when the server has ended already.
            let _ = asked.send(());
        };
        let serving = axum::serve(self.listener, app).with_graceful_shutdown(stop);
        let too_long = async {
            if stopping.await.is_err() {
                std::future::pending::<()>().await;
            }
            // Half a request that never becomes a whole one must not keep the program from ending.
            let _ = tokio::time::timeout(GRACE, std::future::pending::<()>()).await;
        };
        tokio::select! {
            ended = serving.into_future() => Ok(ended?),
            () = too_long => Ok(()),
        }
    }
}

fn router(shared: Arc<Shared>) -> Router {
    let commands = Router::new()
        .route("/api/{command}", post(api::command))
        .layer(middleware::from_fn(guard::same_page_only))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::session_for_calls));
    let files = Router::new()
        .fallback(get(page::file))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::session_for_pages));
    Router::new()
        .route(&format!("{}{{secret}}", session::LAUNCH_PATH), get(session::launch))
        .merge(commands)
        .merge(files)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::known_name_only))
        .layer(middleware::map_response(headers::protect))
        .with_state(shared)
}

#[cfg(test)]
mod tests;
