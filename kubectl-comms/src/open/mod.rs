//! `open`: a local port that leads to a module, for as long as the command runs.

mod forward;
mod pod;

use std::{
    io::{self, IsTerminal, Write},
    net::SocketAddr,
};

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::ListParams};
use tokio::net::TcpListener;

use crate::{
    arguments::Open,
    cluster::{Cluster, EDIT},
    failure::Failure,
    module::{Module, ModuleExt},
};

use forward::Forwarder;

/// Forwards a port, tells the address, and opens it in a browser where somebody watches. Ends with the program.
pub async fn run(cluster: &Cluster, asked: &Open, out: &mut impl Write) -> Result<(), Failure> {
    let module = cluster.module(asked.name.as_deref()).await?;
    let name = module.name_any();
    let pods: Api<Pod> = cluster.api();
    let selector = module.pod_selector();
    let listed = pods
        .list(&ListParams::default().labels(&selector))
        .await
        .map_err(|error| Failure::of_call(error, EDIT))?;
    let Some(target) = pod::target(&listed.items) else {
        let why = module.condition("Ready").map(|condition| format!(": {}", condition.message));
        return Err(Failure::Absent(format!(
            "no pod of {name} serves{}; kubectl comms status {name} tells more",
            why.unwrap_or_default().trim_end_matches('.')
        )));
    };
    let forwarder = Forwarder { pods, selector };
    // Whether ports may be forwarded is known once one is.
    forwarder.check(&target).await.map_err(|error| Failure::of_call(error, EDIT))?;
    let listener = listen(asked, target.port).await?;
    let address = listener.local_addr()?;
    let base = format!("http://{address}{}", base_path(&module));
    writeln!(out, "{base}/ leads to {name} until you press Ctrl-C; its API to read: {base}/docs")?;
    out.flush()?;
    if !asked.no_browser
        && io::stdout().is_terminal()
        && let Err(error) = ::open::that_detached(format!("{base}/docs"))
    {
        eprintln!("kubectl comms: no browser could be opened ({error}): open the address by hand");
    }
    forwarder.serve(listener).await
}

/// The module's own port where it is free, so that the address is the same each time.
async fn listen(asked: &Open, own: u16) -> Result<TcpListener, Failure> {
    let bind = async |port: u16| {
        let address = SocketAddr::new(asked.address, port);
        let failed = |source| Failure::Listen { address: address.to_string(), source };
        TcpListener::bind(address).await.map_err(failed)
    };
    match asked.port {
        Some(port) => bind(port).await,
        None => match bind(own).await {
            Ok(listener) => Ok(listener),
            Err(_) => bind(0).await,
        },
    }
}

/// The path of the API without a slash at its end.
fn base_path(module: &Module) -> &str {
    let effective = module.status.as_ref().and_then(|status| status.effective.as_ref());
    effective.and_then(|effective| effective.base_path.as_deref()).unwrap_or_default().trim_end_matches('/')
}
