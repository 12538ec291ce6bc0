//! The browser host: the page and its commands on a loopback port.
//!
//! Owns who may call: a one-time launch link, a session with two secrets and an end, checks of Host, Origin and fetch
//! metadata, and limits on everything a caller can have much of. Refuses to own what a command does (that is `desk`), and
//! to listen beyond loopback unless a reverse proxy is named.

mod accept;
mod api;
mod coding;
mod downloads;
mod guard;
mod headers;
mod launch;
mod limits;
mod page;
mod place;
mod seats;
mod session;
mod stalled;

use std::borrow::Cow;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{self, from_fn, from_fn_with_state};
use axum::routing::{get, post};
use desk::Desk;
use domain::Timestamp;
use tokio::net::TcpListener;

use guard::Behind;
use place::Names;
use session::Sessions;

pub use coding::Coding;
pub use headers::CONTENT_SECURITY_POLICY;
pub use limits::Limits;
pub use place::{BeyondLoopback, NoOrigin, Place, ProxyOrigin};

/// A gateway that is not there yet.
pub struct Builder {
    desk: Desk,
    place: Place,
    limits: Limits,
    files: Box<page::Files>,
    tell: Box<Tell>,
}

/// Hears of each new launch link after the first.
type Tell = dyn Fn(&str) + Send + Sync;

/// A gateway that listens, and will answer once [`Gateway::run`] is awaited.
pub struct Gateway {
    listener: TcpListener,
    shared: Arc<Shared>,
    launch_url: String,
}

/// The clock of the desk. Ages are measured by it and by a steady one; the longer counts.
type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

struct Shared {
    desk: Desk,
    sessions: Sessions,
    names: Names,
    limits: Limits,
    files: Box<page::Files>,
    tell: Box<Tell>,
}

/// The port cannot be listened on, or the listener failed.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be served on this address: {0}")]
pub struct GatewayError(#[from] std::io::Error);

impl Builder {
    /// Other limits than the usual.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Another page than the one that was built in: a file by its name, as it is or in a coding.
    #[must_use]
    pub fn files(
        mut self,
        files: impl Fn(&str, Option<Coding>) -> Option<Cow<'static, [u8]>> + Send + Sync + 'static,
    ) -> Self {
        self.files = Box::new(files);
        self
    }

    /// Listens.
    ///
    /// # Errors
    /// The port is taken or may not be used.
    pub async fn bind(self) -> Result<Gateway, GatewayError> {
        let Self { desk, place, limits, files, tell } = self;
        let listener = TcpListener::bind(place.listen()).await?;
        let names = place.names(listener.local_addr()?.port());
        let clock_of = desk.clone();
        let clock: Clock = Arc::new(move || clock_of.now());
        let sessions = Sessions::new(names.cookie.clone(), names.is_secure(), limits.clone(), clock);
        let shared = Shared { desk, sessions, names, limits, files, tell };
        // Nothing was offered before, so there is one.
        let launch_url = shared.new_link().unwrap_or_default();
        Ok(Gateway { listener, shared: Arc::new(shared), launch_url })
    }
}

impl Gateway {
    /// A gateway before a desk. `tell` is called with each new launch link after the first, when somebody comes without
    /// a session and no link is waiting to be opened: it must show it to the person at the terminal, and to nobody else.
    #[must_use]
    pub fn builder(desk: Desk, place: Place, tell: impl Fn(&str) + Send + Sync + 'static) -> Builder {
        let files = Box::new(page::built_in);
        Builder { desk, place, limits: Limits::default(), files, tell: Box::new(tell) }
    }

    /// The link that opens the page; it works once.
    #[must_use]
    pub fn launch_url(&self) -> &str {
        &self.launch_url
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn local_addr(&self) -> Result<SocketAddr, GatewayError> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until `stop` is ready, then gives calls under way a few seconds to end. A signing among them goes on:
    /// whoever ends the program waits for [`Desk::idle`].
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let limits = self.shared.limits.clone();
        accept::serve(self.listener, router(self.shared), &limits, stop).await;
    }
}

/// The guards of a route stand in its list from the innermost to the outermost.
fn router(shared: Arc<Shared>) -> Router {
    let session = |behind| from_fn_with_state((Arc::clone(&shared), behind), guard::session_only);
    let commands = Router::new()
        .route("/api/{command}", post(api::command))
        .layer(session(Behind::Calls))
        .layer(from_fn_with_state(Arc::clone(&shared), guard::same_page_only));
    let downloads = Router::new()
        .route(&format!("{}{{secret}}", downloads::PATH), get(downloads::download))
        .layer(session(Behind::Pages))
        .layer(from_fn(guard::from_our_page_only));
    let files = Router::new().fallback(get(page::file)).layer(session(Behind::Pages));
    Router::new()
        .route(&format!("{}{{secret}}", launch::PATH), get(launch::launch))
        .merge(commands)
        .merge(downloads)
        .merge(files)
        .layer(from_fn(guard::no_part_of_other_pages))
        .layer(from_fn_with_state(Arc::clone(&shared), guard::known_name_only))
        .layer(from_fn(guard::known_method_only))
        .layer(middleware::map_response(headers::protect))
        .with_state(shared)
}
