//! etcd and Kubernetes' own servers, started on this host with certificates of their own.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::access::Access;
use crate::audit_log::AuditLog;
use crate::lifetime::{Lifetime, Process};
use crate::pki::{Authority, Identity, write_kubeconfig};
use crate::tools::Tools;
use crate::wait::{eventually, give_up};

/// The group that may do everything.
pub(crate) const ADMINS: &str = "system:masters";

/// What differs between a bare API server and one with nodes.
pub(crate) struct Settings<'a> {
    /// Where the API server listens, port 6443.
    pub(crate) address: Ipv4Addr,
    /// Service addresses, such as `10.192.0.0/16`.
    pub(crate) service_cidr: &'a str,
    /// The first of them, which is the API server's own Service.
    pub(crate) kubernetes_service: Ipv4Addr,
    /// Pod addresses where there are nodes; then a scheduler is started too.
    pub(crate) pod_cidr: Option<&'a str>,
}

/// A running control plane.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    pub(crate) authority: Authority,
    pub(crate) endpoint: String,
    pub(crate) access: Access,
    pub(crate) audit_log: AuditLog,
    pub(crate) api_server: Process,
}

impl ControlPlane {
    /// Starts it and waits until the API server is ready.
    pub(crate) async fn start(life: &Lifetime, tools: &Tools, settings: &Settings<'_>) -> Result<Self> {
        let authority = Authority::new(&life.dir().join("pki"))?;
        let etcd = start_etcd(life, tools, &authority)?;
        let endpoint = format!("https://{}:6443", settings.address);
        let kubeconfig = life.dir().join("kubeconfig");
        write_kubeconfig(&kubeconfig, &endpoint, &authority, &authority.client("admin", Some(ADMINS))?)?;

        let (signing, verifying) = authority.signing_key("service-accounts")?;
        let audit_log = AuditLog::new(life.dir().join("audit.log"));
        let mut api_server = api_server(life, tools, settings, &authority, &etcd, audit_log.path())?;
        api_server
            .arg(flag("service-account-signing-key-file", signing.display()))
            .arg(flag("service-account-key-file", verifying.display()));
        let api_server = life.spawn("kube-apiserver", &mut api_server, 2)?;
        let access = Access::with_kubeconfig(tools.clone(), kubeconfig);
        let this = Self { authority, endpoint, access, audit_log, api_server };
        this.wait_until_ready().await?;
        this.start_controllers(life, tools, settings, &signing)?;
        Ok(this)
    }

    /// A kubeconfig for `user`, a member of `group`, in a file of its own.
    pub(crate) fn kubeconfig_for(&self, life: &Lifetime, user: &str, group: Option<&str>) -> Result<PathBuf> {
        let path = life.dir().join(format!("{}.kubeconfig", user.replace(':', "-")));
        write_kubeconfig(&path, &self.endpoint, &self.authority, &self.authority.client(user, group)?)?;
        Ok(path)
    }

    async fn wait_until_ready(&self) -> Result<()> {
        eventually(Duration::from_secs(60), "kube-apiserver is ready", async || {
            if let Some(status) = self.api_server.exited() {
                return give_up(format!("it ended with {status}"));
            }
            self.access.kubectl(&["get", "--raw", "/readyz"]).await.map(drop)
        })
        .await
        .with_context(|| format!("kube-apiserver said:\n{}", self.api_server.log_tail(15)))
    }

    fn start_controllers(
        &self,
        life: &Lifetime,
        tools: &Tools,
        settings: &Settings<'_>,
        signing_key: &Path,
    ) -> Result<()> {
        let kubeconfig = self.kubeconfig_for(life, "system:kube-controller-manager", None)?;
        let mut manager = Command::new(tools.program("kube-controller-manager"));
        manager
            .arg(flag("kubeconfig", kubeconfig.display()))
            .arg(flag("service-account-private-key-file", signing_key.display()))
            .arg(flag("root-ca-file", self.authority.certificate().display()))
            .args(["--use-service-account-credentials", "--leader-elect=false", "--secure-port=0"])
            .args(["--kube-api-qps=300", "--kube-api-burst=600", "--node-monitor-grace-period=40s"])
            // Metrics of young pods count, so that autoscalers need not be waited for.
            .args(["--horizontal-pod-autoscaler-sync-period=5s"])
            .args(["--horizontal-pod-autoscaler-cpu-initialization-period=30s"]);
        if let Some(pods) = settings.pod_cidr {
            manager.arg(flag("cluster-cidr", pods));
            let kubeconfig = self.kubeconfig_for(life, "system:kube-scheduler", None)?;
            let mut scheduler = Command::new(tools.program("kube-scheduler"));
            scheduler
                .arg(flag("kubeconfig", kubeconfig.display()))
                .args(["--leader-elect=false", "--secure-port=0"]);
            life.spawn("kube-scheduler", &mut scheduler, 1)?;
        }
        life.spawn("kube-controller-manager", &mut manager, 1)?;
        Ok(())
    }
}

/// etcd's client address and certificates.
struct Etcd {
    url: String,
    identity: Identity,
}

fn start_etcd(life: &Lifetime, tools: &Tools, authority: &Authority) -> Result<Etcd> {
    let address = life.address();
    let identity = authority.server("etcd", &[], &[IpAddr::V4(address)])?;
    let (client, peer) = (format!("https://{address}:2379"), format!("https://{address}:2380"));
    let mut etcd = Command::new(tools.program("etcd"));
    etcd.arg(flag("data-dir", life.dir().join("etcd").display()))
        .arg(flag("listen-client-urls", &client))
        .arg(flag("advertise-client-urls", &client))
        .arg(flag("listen-peer-urls", &peer))
        .arg(flag("initial-advertise-peer-urls", &peer))
        .arg(flag("initial-cluster", format!("default={peer}")))
        .args(["--unsafe-no-fsync", "--log-level=warn"]);
    for prefix in ["", "peer-"] {
        etcd.arg(flag(&format!("{prefix}cert-file"), identity.cert.display()))
            .arg(flag(&format!("{prefix}key-file"), identity.key.display()))
            .arg(flag(&format!("{prefix}trusted-ca-file"), authority.certificate().display()))
            .arg(format!("--{prefix}client-cert-auth"));
    }
    life.spawn("etcd", &mut etcd, 1)?;
    Ok(Etcd { url: client, identity })
}

fn api_server(
    life: &Lifetime,
    tools: &Tools,
    settings: &Settings<'_>,
    authority: &Authority,
    etcd: &Etcd,
    audit_log: &Path,
) -> Result<Command> {
    let serving = authority.server(
        "kube-apiserver",
        &["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"],
        &[settings.address.into(), settings.kubernetes_service.into()],
    )?;
    let to_extensions = authority.client("front-proxy-client", None)?;
    let to_kubelets = authority.client("kube-apiserver-kubelet-client", Some(ADMINS))?;
    let ca = authority.certificate();
    let policy = life.dir().join("audit-policy.yaml");
    fs::write(&policy, include_str!("audit-policy.yaml"))?;

    let mut server = Command::new(tools.program("kube-apiserver"));
    server
        .arg(flag("bind-address", settings.address))
        .arg(flag("advertise-address", settings.address))
        .arg(flag("service-cluster-ip-range", settings.service_cidr))
        .arg(flag("cert-dir", life.dir().join("pki").display()))
        .arg(flag("etcd-servers", &etcd.url))
        .arg(flag("etcd-cafile", ca.display()))
        .arg(flag("etcd-certfile", etcd.identity.cert.display()))
        .arg(flag("etcd-keyfile", etcd.identity.key.display()))
        .arg(flag("client-ca-file", ca.display()))
        .arg(flag("tls-cert-file", serving.cert.display()))
        .arg(flag("tls-private-key-file", serving.key.display()))
        .arg(flag("kubelet-certificate-authority", ca.display()))
        .arg(flag("kubelet-client-certificate", to_kubelets.cert.display()))
        .arg(flag("kubelet-client-key", to_kubelets.key.display()))
        .arg(flag("proxy-client-cert-file", to_extensions.cert.display()))
        .arg(flag("proxy-client-key-file", to_extensions.key.display()))
        .arg(flag("requestheader-client-ca-file", ca.display()))
        .arg(flag("audit-policy-file", policy.display()))
        .arg(flag("audit-log-path", audit_log.display()))
        // In MB: more than tests ever write, for a file that begins anew would hide what was asked before.
        .arg(flag("audit-log-maxsize", 10_000))
        .args([
            "--secure-port=6443",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--anonymous-auth=false",
            "--allow-privileged",
            "--kubelet-preferred-address-types=InternalIP",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--enable-aggregator-routing",
        ]);
    if settings.address.is_loopback() {
        // The `kubernetes` Service may not lead to a loopback address, and without pods nobody asks it.
        server.arg("--endpoint-reconciler-type=none");
    }
    Ok(server)
}

fn flag(name: &str, value: impl std::fmt::Display) -> String {
    format!("--{name}={value}")
}
