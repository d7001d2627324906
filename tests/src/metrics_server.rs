//! metrics-server on this host: it asks the kubelets what pods use, and the API server passes the questions of autoscalers
//! and of `kubectl top` on to it.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use base64::Engine;
use serde_json::json;

use crate::control_plane::ControlPlane;
use crate::go_build::GoBuild;
use crate::lifetime::Lifetime;

/// A `go.mod` of its own, since it is built from libraries of another minor than Kubernetes' programs here.
const SOURCES: [(&str, &str); 2] = [
    ("go.mod", include_str!("../metrics-server/go.mod")),
    ("go.sum", include_str!("../metrics-server/go.sum")),
];
const PACKAGE: &str = "sigs.k8s.io/metrics-server/cmd/metrics-server";
const NAME: &str = "metrics-server";
const NAMESPACE: &str = "kube-system";
const PORT: u16 = 4443;

/// Starts it at `host`, an address that the API server and the nodes reach, and has the API server ask it.
pub(crate) async fn start(life: &Lifetime, plane: &ControlPlane, host: Ipv4Addr) -> Result<()> {
    let kubeconfig = plane.kubeconfig_for(life, NAME, None)?;
    let names = [format!("{NAME}.{NAMESPACE}.svc")];
    let serving = plane.authority.server(&format!("{NAME}-serving"), &[&names[0]], &[host.into()])?;
    let mut command = Command::new(program().await?);
    for (flag, value) in [
        ("kubeconfig", kubeconfig.display().to_string()),
        ("authentication-kubeconfig", kubeconfig.display().to_string()),
        ("authorization-kubeconfig", kubeconfig.display().to_string()),
        ("bind-address", host.to_string()),
        ("secure-port", PORT.to_string()),
        ("tls-cert-file", serving.cert.display().to_string()),
        ("tls-private-key-file", serving.key.display().to_string()),
        ("kubelet-certificate-authority", plane.authority.certificate().display().to_string()),
        ("kubelet-preferred-address-types", "InternalIP".into()),
        // The shortest that it takes.
        ("metric-resolution", "10s".into()),
        ("kubelet-request-timeout", "5s".into()),
    ] {
        command.arg(format!("--{flag}={value}"));
    }
    life.spawn(NAME, &mut command, 1)?;
    plane.access.expose(NAMESPACE, NAME, 443, SocketAddrV4::new(host, PORT)).await?;
    let authority = base64::engine::general_purpose::STANDARD.encode(plane.authority.pem());
    let service = json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": "v1beta1.metrics.k8s.io"},
        "spec": {
            "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "service": {"name": NAME, "namespace": NAMESPACE}, "caBundle": authority,
        },
    });
    plane.access.apply(&service.to_string()).await.map(drop)
}

/// Has the program there before the first cluster asks for it.
pub async fn ready() -> Result<()> {
    program().await.map(drop)
}

/// The program, built first if need be (some minutes, once).
async fn program() -> Result<PathBuf> {
    let build = GoBuild {
        name: NAME,
        what: "what tells autoscalers what pods use",
        sources: &SOURCES,
        programs: &[(PACKAGE, NAME)],
    };
    build.program().await
}
