//! The chart by itself: its unit tests, its alerts as Prometheus reads them, and what it says of them.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use testbed::chart_tools::helm_unittest;
use testbed::command::output;
use testbed::product::repository;
use tokio::process::Command;

fn chart() -> std::path::PathBuf {
    repository().join("charts/comms-operator")
}

#[tokio::test]
async fn the_charts_unit_tests_pass() -> Result<()> {
    let told =
        output(Command::new(helm_unittest().await?).args(["--strict", "--color=false"]).arg(chart())).await?;
    // A run of no test succeeds, too.
    let passed = told.lines().find_map(|line| line.strip_prefix("Tests:")).context("no summary")?;
    ensure!(passed.contains("passed") && !passed.contains(" 0 passed"), "{told}");
    Ok(())
}

#[tokio::test]
async fn alerts_are_rules_as_prometheus_reads_them_and_fire_when_they_should() -> Result<()> {
    let promtool = "/usr/bin/promtool";
    let rules = chart().join("files/alerts.yaml");
    output(Command::new(promtool).args(["check", "rules", "--lint-fatal"]).arg(rules)).await?;
    let tests = chart().join("tests/alerts.promtool.yaml");
    output(Command::new(promtool).args(["test", "rules"]).arg(tests)).await.map(drop)
}

#[test]
fn each_alert_has_its_runbook_and_each_runbook_its_alert() -> Result<()> {
    let rules: Value = serde_saphyr::from_str(&fs::read_to_string(chart().join("files/alerts.yaml"))?)?;
    let groups = rules["groups"].as_array().context("groups")?;
    let alerts: BTreeSet<_> = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().into_iter().flatten())
        .filter_map(|rule| rule["alert"].as_str())
        .collect();
    let runbooks = fs::read_to_string(repository().join("docs/runbooks.md"))?;
    let sections: BTreeSet<_> = runbooks.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(alerts, sections);
    ensure!(!alerts.is_empty(), "there are no alerts");
    Ok(())
}
