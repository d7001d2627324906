//! Connections to a local port, each led to a pod that serves at that moment: so the port outlives rollouts.

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, api::ListParams};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use crate::failure::Failure;

use super::pod::{Target, target};

/// Leads connections to pods.
#[derive(Clone)]
pub(super) struct Forwarder {
    pub(super) pods: Api<Pod>,
    pub(super) selector: String,
}

impl Forwarder {
    /// Fails where a port of this pod cannot be forwarded.
    pub(super) async fn check(&self, target: &Target) -> Result<(), kube::Error> {
        self.pods.portforward(&target.pod, &[target.port]).await.map(|forwarder| forwarder.abort())
    }

    /// Takes connections for ever. One that fails is told of and ends alone.
    pub(super) async fn serve(self, listener: TcpListener) -> Result<(), Failure> {
        loop {
            let (connection, _) = listener.accept().await?;
            let this = self.clone();
            tokio::spawn(async move {
                if let Err(why) = Box::pin(this.forward(connection)).await {
                    eprintln!("kubectl comms: a connection was lost: {why}");
                }
            });
        }
    }

    async fn forward(&self, mut local: TcpStream) -> Result<(), String> {
        let pods = self.pods.list(&ListParams::default().labels(&self.selector)).await;
        let pods = pods.map_err(|error| error.to_string())?;
        let target = target(&pods.items).ok_or("no pod serves at the moment")?;
        let mut forwarder =
            self.pods.portforward(&target.pod, &[target.port]).await.map_err(|error| error.to_string())?;
        let mut remote = forwarder.take_stream(target.port).ok_or("the port was not forwarded")?;
        // Either side may hang up as it likes.
        let _ = copy_bidirectional(&mut local, &mut remote).await;
        drop(remote);
        forwarder.abort();
        Ok(())
    }
}
