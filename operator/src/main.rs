//! `comms-operator`: see `--help`.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use comms_operator::{
    client::client,
    clock,
    controller::Operator,
    crd,
    decide::Release,
    health::{self, Health},
    lease::{Identity, Lease, Permit, Terms},
    log,
    pod_status::PodStatusClient,
    settings::{Command, CommandLine, Run},
    standby, traces,
    watches::Scope,
};
use kube::Config;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::sync::CancellationToken;

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
    #[error(transparent)]
    Traces(#[from] traces::NoTraces),
}

// One thread: the work is waiting for the API server, and each further thread would keep memory of its own.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match CommandLine::parse().command {
        Command::Crd => crd::yaml().map(|yaml| print!("{yaml}")).map_err(StartError::from),
        Command::Run(settings) => Box::pin(run(settings)).await,
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
    let traces = traces::begin(&settings)?;
    let level = log::begin(settings.log_format, settings.log_level_file.clone(), traces.as_ref());
    let shutdown = on_signal()?;
    let config = Config::infer().await?;
    let health = Arc::new(Health::default());

    let address = format!("{}:{}", settings.health_address, settings.health_port);
    let listener = TcpListener::bind((settings.health_address, settings.health_port))
        .await
        .map_err(|source| StartError::Health { address: address.clone(), source })?;
    let endpoints = axum::serve(listener, health::router(Arc::clone(&health)))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());

    let scope = settings.watch_namespace.clone().map_or(Scope::Cluster, Scope::Namespace);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        ?scope,
        image = settings.default_image,
        address,
        "starting"
    );
    let work = work(&settings, config, scope, &health, &shutdown);
    let (served, worked) = tokio::join!(async { endpoints.await }, async {
        let worked = tokio::select! {
            worked = work => worked,
            () = level.follow() => Ok(()),
        };
        let signalled = shutdown.is_cancelled();
        // The endpoints must not say that all is well when nothing is done any more.
        shutdown.cancel();
        worked.map(|()| signalled)
    });
    if let Some(traces) = traces {
        traces.end().await;
    }
    tracing::info!("stopped");
    served.map_err(StartError::Serve)?;
    if worked? { Ok(()) } else { Err(StartError::Ended) }
}

/// Looks after modules until `shutdown`: at once, or whenever the Lease is held.
async fn work(
    settings: &Run,
    config: Config,
    scope: Scope,
    health: &Arc<Health>,
    shutdown: &CancellationToken,
) -> Result<(), StartError> {
    let connect = |permit: &Permit| {
        client(config.clone(), health.metrics.api_calls(), permit.clone()).map_err(StartError::Client)
    };
    let permit = if settings.leader_election { Permit::none() } else { Permit::always() };
    let (client, pods) = (connect(&permit)?, PodStatusClient::new()?);
    let operator = || Operator {
        client: client.clone(),
        scope: scope.clone(),
        release: Release {
            image: settings.default_image.clone(),
            allow_unrestricted_pods: settings.allow_unrestricted_pods,
            namespace: settings.operator_namespace.clone(),
        },
        clock: clock::system,
        health: Arc::clone(health),
        pods: pods.clone(),
    };
    if !settings.leader_election {
        health.metrics.set_leader(true);
        operator().run(shutdown.clone()).await;
        return Ok(());
    }
    let namespace = settings.operator_namespace.as_deref().unwrap_or(&config.default_namespace);
    let pod = std::env::var("HOSTNAME").unwrap_or_else(|_| "comms-operator".into());
    let identity = Identity::new(&pod, rand::random());
    tracing::info!(
        namespace,
        name = settings.lease_name,
        identity = identity.as_str(),
        "waiting for the Lease"
    );
    // A connection of its own, so that renewals wait for nothing else.
    let lease = Lease::new(
        connect(&Permit::always())?,
        (namespace, &settings.lease_name),
        identity,
        Terms::default(),
        clock::system,
        permit,
    );
    standby::run(&lease, operator, health, shutdown.clone()).await;
    Ok(())
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
