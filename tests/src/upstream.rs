//! Definitions of other projects' kinds, as these projects publish them: taken from the Go modules that carry them, which
//! are fetched once a machine and have to be what they were when their sums were written here.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

/// A module at a version, its sum as in a `go.sum`, and the files that are taken.
struct Upstream {
    module: &'static str,
    sum: &'static str,
    files: &'static [&'static str],
}

const GATEWAY_API: Upstream = Upstream {
    module: "sigs.k8s.io/gateway-api@v1.6.3",
    sum: "h1:lKpJa5bGlraC/QeACvCpsHLdmO6y0iKfzVl6gzaFEYc=",
    files: &[
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
        "config/crd/standard/gateway.networking.k8s.io_referencegrants.yaml",
    ],
};

const PROMETHEUS_OPERATOR: Upstream = Upstream {
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    sum: "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
    files: &[
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ],
};

/// `HTTPRoute` and `ReferenceGrant` of the Gateway API, as YAML documents.
pub async fn gateway_api() -> Result<String> {
    GATEWAY_API.definitions().await
}

/// `ServiceMonitor` and `PrometheusRule` of the Prometheus operator, as YAML documents.
pub async fn prometheus_operator() -> Result<String> {
    PROMETHEUS_OPERATOR.definitions().await
}

/// Has all of them there before the first test asks for one.
pub async fn ready() -> Result<()> {
    gateway_api().await?;
    prometheus_operator().await.map(drop)
}

impl Upstream {
    async fn definitions(&self) -> Result<String> {
        let folder = self.folder().await?;
        let texts = self.files.iter().map(|file| {
            let path = folder.join(file);
            fs::read_to_string(&path).with_context(|| format!("{} could not be read", path.display()))
        });
        Ok(texts.collect::<Result<Vec<_>>>()?.join("\n---\n"))
    }

    async fn folder(&self) -> Result<PathBuf> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Download {
            dir: PathBuf,
            sum: String,
        }
        // Outside of every module, so that the version is the one that is named.
        let nowhere = tempfile::tempdir()?;
        let output = Command::new("go")
            .current_dir(nowhere.path())
            .args(["mod", "download", "-json", self.module])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("go could not be started: install Go 1.26 or newer and put it on PATH")?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{} could not be fetched: {said}", self.module);
        let Download { dir, sum } = serde_json::from_str(&said)?;
        ensure!(
            sum == self.sum,
            "{} is not what it was: its sum is {sum}, and was {}",
            self.module,
            self.sum
        );
        Ok(dir)
    }
}
