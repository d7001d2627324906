//! All that the chart can make is accepted by the API server, as a dry run on the server.

use anyhow::{Result, ensure};
use testbed::{ApiServer, product::repository, upstream, wait::eventually};

use crate::trial::SOON;

/// Everything that is off by default.
const EVERYTHING: [&str; 12] = [
    "--set=metrics.serviceMonitor.enabled=true",
    "--set=metrics.prometheusRule.enabled=true",
    "--set=metrics.dashboard.enabled=true",
    "--set=podDisruptionBudget.enabled=true",
    "--set=replicaCount=2",
    "--set=priorityClassName=system-cluster-critical",
    "--set-json=topologySpreadConstraints=[{\"maxSkew\":1,\"topologyKey\":\"kubernetes.io/hostname\",\"whenUnsatisfiable\":\"ScheduleAnyway\"}]",
    "--set-json=affinity={\"podAntiAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":[]}}",
    "--set-json=tolerations=[{\"key\":\"a\",\"operator\":\"Exists\"}]",
    "--set-json=nodeSelector={\"kubernetes.io/os\":\"linux\"}",
    "--set-json=serviceAccount.annotations={\"a\":\"b\"}",
    "--set-json=imagePullSecrets=[{\"name\":\"registry\"}]",
];

#[tokio::test]
async fn everything_that_the_chart_makes_is_accepted() -> Result<()> {
    let server = ApiServer::start().await?;
    let access = server.access();
    access.apply(&upstream::prometheus_operator().await?).await?;
    eventually(SOON, "the Prometheus operator's kinds are known", async || {
        server.kubectl(&["get", "servicemonitors,prometheusrules", "--all-namespaces"]).await.map(drop)
    })
    .await?;
    access.namespace("comms-system").await?;
    access.namespace("telephony").await?;
    let chart = repository().join("charts/comms-operator").display().to_string();
    for values in [&[][..], &["--set=watchNamespace=telephony"], &EVERYTHING] {
        let template = ["template", "comms-operator", &chart, "--namespace", "comms-system"];
        let manifests = access.helm(&[&template[..], values].concat()).await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("chart.yaml");
        std::fs::write(&file, &manifests)?;
        let file = file.display().to_string();
        // Strictly: a field that the kind does not have is refused too.
        let apply = ["apply", "--server-side", "--dry-run=server", "--validate=strict"];
        let told = server.kubectl(&[&apply[..], &["--filename", &file]].concat()).await?;
        let accepted =
            told.lines().filter(|line| line.ends_with("serverside-applied (server dry run)")).count();
        let made = manifests.lines().filter(|line| line.starts_with("kind: ")).count();
        ensure!(
            accepted == made && made > 8,
            "with {values:?} it makes {made} objects, and accepted were:\n{told}"
        );
    }
    Ok(())
}
