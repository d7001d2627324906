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
    // A field that every stored module gets a value of, though nobody wrote it.
    let field = "              upgraded:\n                default: 'yes'\n                type: string\n";
    let grown = marked.replacen("              logLevel:\n", &format!("{field}              logLevel:\n"), 1);
    anyhow::ensure!(grown != marked, "the CRD has no field to add another before");
    fs::write(&file, grown)?;

    let mut args = vec!["upgrade", "comms-operator", chart.path().to_str().context("UTF-8")?];
    args.extend(["--namespace", OPERATOR_NAMESPACE, "--reuse-values", "--wait", "--timeout", "120s"]);
    room.access().helm(&args).await?;

    eventually(Duration::from_secs(30), "the CRD has its new short name", async || {
        room.kubectl(&["get", "upgraded"]).await
    })
    .await?;
    eventually(Duration::from_secs(30), "the stored module has the new field's default", async || {
        let module = room.get("commsmodule/comms").await?;
        anyhow::ensure!(module["spec"]["upgraded"] == "yes", "seen: {}", module["spec"]);
        Ok(())
    })
    .await?;
    // The operator that came with the upgrade works on what it finds.
    room.kubectl(&["annotate", "commsmodule", "comms", "touched=after-the-upgrade"]).await?;
    room.ready("comms").await?;
    let after = room.pod("comms").await?;
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"], "the module's pod was replaced");
    assert_eq!(after["status"]["containerStatuses"][0]["restartCount"], 0, "its container was restarted");
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
