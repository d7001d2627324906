//! The chart, installed and upgraded.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use testbed::product::{OPERATOR_NAMESPACE, repository};
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![an_upgrade_brings_a_changed_crd_and_leaves_modules_running];

async fn an_upgrade_brings_a_changed_crd_and_leaves_modules_running(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let before = room.pod("comms").await?;
    let chart = tempfile::tempdir()?;
    copy(&repository().join("charts/comms-operator"), chart.path())?;
    let file = chart.path().join("files/commsmodules.yaml");
    let crd = fs::read_to_string(&file)?;
    let marked = crd.replacen("shortNames:", "shortNames:\n    - upgraded", 1);
    anyhow::ensure!(marked != crd, "the CRD has no short names to add one to");
    fs::write(&file, marked)?;

    let mut args = vec!["upgrade", "comms-operator", chart.path().to_str().context("UTF-8")?];
    args.extend(["--namespace", OPERATOR_NAMESPACE, "--reuse-values", "--wait", "--timeout", "120s"]);
    room.access().helm(&args).await?;

    eventually(Duration::from_secs(30), "the CRD has its new short name", async || {
        room.kubectl(&["get", "upgraded"]).await
    })
    .await?;
    assert_eq!(
        room.pod("comms").await?["metadata"]["uid"],
        before["metadata"]["uid"],
        "the module's pod was replaced"
    );
    room.module("comms").await?;
    room.stage.product.install(room.access()).await
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
