//! `comms-operator`: see `--help`.

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use comms_operator::{
    clock,
    controller::Operator,
    crd,
    decide::Release,
    health::{self, Health},
    pod_status::PodStatusClient,
    settings::{Command, CommandLine, LogFormat, Run},
    watches::Scope,
};
use kube::{Client, Config};
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Why the operator could not start or go on.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the CustomResourceDefinition cannot be written as YAML: {0}")]
    Crd(#[from] serde_saphyr::ser::Error),
    #[error("no cluster to work on: {0}; run in a pod, or point KUBECONFIG to a kubeconfig file")]
    Config(#[from] kube::config::InferConfigError),
    #[error("the cluster's API server cannot be spoken to: {0}")]
    Client(#[source] kube::Error),
    #[error("no HTTP client for asking pods could be made: {0}")]
    PodStatus(#[from] reqwest::Error),
    #[error("{address}: {source}; choose another --health-address or --health-port")]
    Health { address: String, source: std::io::Error },
    #[error("the health endpoints ended: {0}")]
    Serve(std::io::Error),
    #[error("the controller ended by itself: see the log, and restart the operator")]
    Ended,
    #[error("signals cannot be awaited: {0}")]
    Signal(std::io::Error),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Crd => crd::yaml().map(|yaml| print!("{yaml}")).map_err(StartError::from),
        Command::Run(settings) => run(settings).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("comms-operator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Run) -> Result<(), StartError> {
    log_to_stderr(settings.log_format);
    let shutdown = on_signal()?;
    let mut config = Config::infer().await?;
    config.connect_timeout = Some(Duration::from_secs(10));
    let client = Client::try_from(config).map_err(StartError::Client)?;
    let health = Arc::new(Health::default());

    let address = format!("{}:{}", settings.health_address, settings.health_port);
    let listener = TcpListener::bind((settings.health_address, settings.health_port))
        .await
        .map_err(|source| StartError::Health { address: address.clone(), source })?;
    let endpoints = axum::serve(listener, health::router(Arc::clone(&health)))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());

    let scope = settings.watch_namespace.map_or(Scope::Cluster, Scope::Namespace);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ?scope,
        image = settings.default_image,
        address,
        "starting"
    );
    let operator = Operator {
        client,
        scope,
        release: Release {
            image: settings.default_image,
            allow_unrestricted_pods: settings.allow_unrestricted_pods,
            namespace: settings.operator_namespace,
        },
        clock: clock::system,
        health,
        pods: PodStatusClient::new()?,
    };
    let (served, signalled) = tokio::join!(async { endpoints.await }, async {
        operator.run(shutdown.clone()).await;
        let signalled = shutdown.is_cancelled();
        // The endpoints must not say that all is well when nothing is done any more.
        shutdown.cancel();
        signalled
    });
    tracing::info!("stopped");
    served.map_err(StartError::Serve)?;
    if signalled { Ok(()) } else { Err(StartError::Ended) }
}

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Json => log.json().flatten_event(true).init(),
        LogFormat::Text => log.init(),
    }
}

/// Is cancelled by SIGTERM and Ctrl-C.
fn on_signal() -> Result<CancellationToken, StartError> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate()).map_err(StartError::Signal)?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt()).map_err(StartError::Signal)?;
    let shutdown = CancellationToken::new();
    let signalled = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        signalled.cancel();
    });
    Ok(shutdown)
}
