//! A Kubernetes API server with its controllers and without nodes: enough to try an operator on, in seconds and
//! without being root.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kube::Client;

use crate::access::Access;
use crate::audit_log::Request;
use crate::control_plane::{ControlPlane, Settings};
use crate::lifetime::Lifetime;
use crate::tools::Tools;

/// etcd, kube-apiserver and kube-controller-manager on a loopback address of their own. They end with this value.
#[derive(Debug)]
pub struct ApiServer {
    plane: ControlPlane,
    life: Lifetime,
}

impl ApiServer {
    /// Starts one; several may run side by side.
    pub async fn start() -> Result<Self> {
        let tools = Tools::ready().await?;
        let life = Lifetime::begin("api")?;
        let settings = Settings {
            address: life.address(),
            service_cidr: "10.96.0.0/16",
            kubernetes_service: Ipv4Addr::new(10, 96, 0, 1),
            pod_cidr: None,
        };
        let plane = ControlPlane::start(&life, &tools, &settings).await?;
        Ok(Self { plane, life })
    }

    /// kubectl, helm and clients with all rights.
    pub fn access(&self) -> &Access {
        &self.plane.access
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        self.plane.access.kubeconfig().unwrap_or(Path::new(""))
    }

    /// A kubeconfig for `user`, a member of `group` (`system:masters` may do everything).
    pub fn kubeconfig_for(&self, user: &str, group: Option<&str>) -> Result<PathBuf> {
        self.plane.kubeconfig_for(&self.life, user, group)
    }

    /// A client with all rights, bound to the calling runtime.
    pub async fn client(&self) -> Result<Client> {
        self.access().client().await
    }

    /// A client for `user`, a member of `group`, bound to the calling runtime.
    pub async fn client_for(&self, user: &str, group: Option<&str>) -> Result<Client> {
        let kubeconfig = self.kubeconfig_for(user, group)?;
        Access::with_kubeconfig(self.access().tools().clone(), kubeconfig).client().await
    }

    /// Runs kubectl as the administrator and gives what it printed.
    pub async fn kubectl(&self, args: &[&str]) -> Result<String> {
        self.access().kubectl(args).await
    }

    /// What `user` has asked of the API server so far, oldest first.
    pub fn requests_of(&self, user: &str) -> Result<Vec<Request>> {
        self.plane.audit_log.requests_of(user)
    }
}
