//! The module as a program: its ports, its signals, its end.

use crate::drain;
use crate::identity::admin::Bootstrap;
use crate::module::{BuildError, CommsModule};
use crate::settings::{IdentitySettings, Settings};
use axum::Router;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use telemetry::Traces;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long requests under way get to be answered after the signal to stop. With the 5 seconds for events on their
/// way, and 2 each for the connection to the broker and for traces, the program has ended 29 seconds after the signal and the
/// drain delay.
pub const REQUEST_DRAIN_TIME: Duration = Duration::from_secs(20);

/// Why the service does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A port cannot be had.
    #[error("Port {port} cannot be listened on ({source}): stop what uses it, or give another {setting}.")]
    Port {
        /// The port.
        port: u16,
        /// The setting that it comes from.
        setting: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The module cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Signals cannot be waited for.
    #[error("Signals cannot be received ({0}): run this as an ordinary process.")]
    Signals(#[source] io::Error),
}

/// Serves until SIGTERM or SIGINT, and for the drain delay after it; a second signal ends it at once. The traces end with
/// it.
pub async fn serve(settings: Settings, traces: Option<Traces>) -> Result<(), ServeError> {
    let mut signals = Signals::listen().map_err(ServeError::Signals)?;
    let (address, management_address) = addresses(&settings);
    let listener = listen(address, "CC_LITE_PORT").await?;
    let management_listener = listen(management_address, "CC_LITE_MANAGEMENT_PORT").await?;
    let base_path = settings.base_path.clone();
    let admin_email = match &settings.identity {
        IdentitySettings::Standalone(standalone) => standalone.admin_email.clone(),
        IdentitySettings::Platform(_) => String::new(),
    };
    let events = settings.events.enabled;
    let drain_delay = settings.drain_delay;
    let loopback_only = address.ip().is_loopback();

    let module = CommsModule::builder().settings(settings).build().await?;
    greet(&listener, &management_listener, &base_path, loopback_only);
    if let Some(bootstrap) = module.bootstrap() {
        tell_password(bootstrap, &admin_email);
    }
    if !events {
        tracing::info!("events are not published, since ENABLE_EVENTS is false");
    }

    let (stop_api, stop_management) = (CancellationToken::new(), CancellationToken::new());
    let draining = CancellationToken::new();
    let routes = drain::closing_connections(under(&base_path, module.router()), draining.clone());
    let mut api = spawn(listener, routes, stop_api.clone());
    let management = spawn(management_listener, module.management_router(), stop_management.clone());

    signals.next().await;
    if !drain_delay.is_zero() {
        module.announce_drain();
        draining.cancel();
        // Told once it holds.
        tracing::info!(
            "stopping in {drain_delay:?}: until then everything is served, for whoever still comes"
        );
        tokio::select! {
            () = tokio::time::sleep(drain_delay) => {}
            () = signals.next() => {
                tracing::warn!("a second signal: stopping at once");
                return Ok(());
            }
        }
    }
    tracing::info!("stopping: requests under way get {REQUEST_DRAIN_TIME:?} to be answered");
    module.announce_shutdown();
    stop_api.cancel();
    tokio::select! {
        _ = &mut api => {}
        () = tokio::time::sleep(REQUEST_DRAIN_TIME) => {
            tracing::warn!("requests under way were cut off");
            api.abort();
        }
        () = signals.next() => {
            tracing::warn!("a second signal: stopping at once");
            return Ok(());
        }
    }
    let ended = async {
        module.shutdown().await;
        stop_management.cancel();
        management.abort();
        if let Some(traces) = traces {
            traces.end().await;
        }
    };
    tokio::select! {
        () = ended => {}
        () = signals.next() => return Ok(()),
    }
    tracing::info!("stopped");
    Ok(())
}

/// All addresses of this machine; its loopback alone when nothing proves the gateway.
fn addresses(settings: &Settings) -> (SocketAddr, SocketAddr) {
    let host = match &settings.identity {
        IdentitySettings::Platform(gateway) if gateway.loopback_only() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    (SocketAddr::new(host, settings.port), SocketAddr::new(host, settings.management_port))
}

async fn listen(address: SocketAddr, setting: &'static str) -> Result<TcpListener, ServeError> {
    let listener = match TcpListener::bind(address).await {
        // A machine without IPv6.
        Err(error) if address.is_ipv6() && error.kind() != io::ErrorKind::AddrInUse => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        outcome => outcome,
    };
    listener.map_err(|source| ServeError::Port { port: address.port(), setting, source })
}

fn under(base_path: &str, router: Router) -> Router {
    if base_path.is_empty() {
        return router;
    }
    Router::new().nest(base_path, router).fallback(crate::http::nothing_here)
}

fn spawn(listener: TcpListener, router: Router, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(error) =
            axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await
        {
            tracing::error!(%error, "a port is no longer served");
        }
    })
}

fn greet(listener: &TcpListener, management: &TcpListener, base_path: &str, loopback_only: bool) {
    let port = |listener: &TcpListener| listener.local_addr().map_or(0, |address| address.port());
    let (port, management_port) = (port(listener), port(management));
    tracing::info!(
        port,
        management_port,
        base_path,
        "serving the API on http://127.0.0.1:{port}{base_path}/ and probes, metrics and status on port {management_port}"
    );
    if loopback_only {
        tracing::warn!(
            "only this machine is answered, since nothing proves the gateway: set CC_LITE_GATEWAY_SECRET, or \
             CC_LITE_GATEWAY_TRUST_EVERYONE=true where the network lets only the gateway in"
        );
    }
}

fn tell_password(bootstrap: &Bootstrap, email: &str) {
    let how = match bootstrap {
        Bootstrap::Present => return,
        Bootstrap::Given => "it has the given password".to_owned(),
        Bootstrap::Printed => "its password is shown above".to_owned(),
        Bootstrap::Left(path) => {
            format!("its password is in {}: read it, then delete the file", path.display())
        }
    };
    tracing::info!("the administrator's account {email} was made; {how}");
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
