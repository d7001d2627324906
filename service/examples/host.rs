//! A program of its own that has the communications module in it: it says who is asking, publishes the module's events
//! in its own way, and ends in order.
//!
//! ```sh
//! HOST_TOKEN=hush cargo run --example host
//! curl -H 'authorization: Bearer hush' localhost:3000/api/communications/calls
//! ```

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use cc_lite::settings::{Arguments, Settings};
use cc_lite::{CommsModule, EventMessage, EventPublisher, PublishError};
use futures::future::BoxFuture;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the host publishes events by: here a journal that others read, a line for each event.
struct Journal {
    file: PathBuf,
    /// One line after the other.
    turn: Mutex<()>,
}

impl Journal {
    async fn write(&self, event: &EventMessage) -> std::io::Result<()> {
        let _turn = self.turn.lock().await;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file).await?;
        file.write_all(format!("{}\n", event.body).as_bytes()).await?;
        // Only what survives a crash is safe.
        file.sync_data().await
    }
}

impl EventPublisher for Journal {
    fn publish<'a>(&'a self, event: &'a EventMessage) -> BoxFuture<'a, Result<(), PublishError>> {
        Box::pin(async move {
            // The module keeps the event and comes again, so that failing loses nothing.
            self.write(event).await.map_err(|error| PublishError::Unavailable(error.to_string()))
        })
    }
}

/// Says who is asking, as the host knows it. What a client says of that itself is dropped.
async fn identify(State(token): State<Arc<str>>, mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let is_known = bearer(headers) == Some(&*token);
    for name in ["x-user-id", "x-org-id", "x-user-role", "x-user-email", "x-gateway-secret"] {
        headers.remove(name);
    }
    if is_known {
        headers.insert("x-user-id", HeaderValue::from_static("somebody"));
        headers.insert("x-org-id", HeaderValue::from_static("acme"));
        headers.insert("x-user-role", HeaderValue::from_static("supervisor"));
    }
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

fn variable(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

#[tokio::main]
async fn main() -> Result<()> {
    cc_lite::logging::start("info", None);
    let token: Arc<str> = std::env::var("HOST_TOKEN").context("set HOST_TOKEN: who has it is let in")?.into();
    let journal = Journal { file: variable("HOST_JOURNAL", "events.jsonl").into(), turn: Mutex::default() };
    let settings = Settings::check(&Arguments {
        database_url: Some(variable("DATABASE_URL", "sqlite://host.db")),
        ..Arguments::default()
    })?;
    let comms = CommsModule::builder()
        .settings(settings)
        .platform_mode(true)
        .event_publisher(Arc::new(journal))
        .build()
        .await?;

    let app = Router::new()
        .route("/", get(async || "the host itself"))
        .nest("/api/communications", comms.router().layer(from_fn_with_state(token, identify)));
    let listener = TcpListener::bind(variable("HOST_ADDRESS", "127.0.0.1:3000")).await?;
    // Probes and metrics are for those who run the host, and not for its users.
    let management = TcpListener::bind(variable("HOST_MANAGEMENT_ADDRESS", "127.0.0.1:9018")).await?;
    println!("serving on {} and {}", listener.local_addr()?, management.local_addr()?);

    let (stop_app, stop_management) = (CancellationToken::new(), CancellationToken::new());
    let app = serve(listener, app, stop_app.clone());
    let management = serve(management, comms.management_router(), stop_management.clone());
    told_to_stop().await?;

    // In this order: nobody new is sent here, who is being answered gets the answer, what was written is published.
    comms.announce_shutdown();
    stop_app.cancel();
    app.await??;
    comms.shutdown().await;
    stop_management.cancel();
    management.await??;
    println!("stopped");
    Ok(())
}

fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> JoinHandle<std::io::Result<()>> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await
    })
}

async fn told_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}
