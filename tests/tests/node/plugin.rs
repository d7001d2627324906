//! `kubectl comms` beside a module that serves.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::command::output;
use testbed::module::{Account, Module};
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::stage::Room;

crate::tests![
    the_plugin_shows_a_module_that_serves,
    the_plugin_opens_a_module_and_goes_on_when_its_pod_is_replaced,
];

fn plugin(room: &Room<'_>, arguments: &[&str]) -> Command {
    let mut command = Command::new(&room.stage.product.plugin);
    if let Some(kubeconfig) = room.access().kubeconfig() {
        command.env("KUBECONFIG", kubeconfig);
    }
    command.args(["--namespace", &room.namespace]).args(arguments).kill_on_drop(true);
    command
}

async fn the_plugin_shows_a_module_that_serves(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let pod = room.pod("comms").await?;
    let name = pod["metadata"]["name"].as_str().context("a name")?.to_owned();
    let page = output(&mut plugin(room, &["status"])).await?;
    for expected in [
        "  State          Ready: ",
        "  Database       Embedded, on volume comms-data (Bound, ",
        &format!("  {name}   1/1     Running   0 "),
        &format!("  Read its API: kubectl comms -n {} open comms", room.namespace),
    ] {
        ensure!(page.contains(expected), "{expected:?} is not on the page:\n{page}");
    }
    let seen: Value =
        serde_json::from_str(&output(&mut plugin(room, &["status", "comms", "-o", "json"])).await?)?;
    assert_eq!((&seen["ready"], &seen["pods"][0]["status"]), (&json!(true), &json!("Running")), "{seen}");
    let events = output(&mut plugin(room, &["events"])).await?;
    ensure!(events.contains(&format!("pod/{name}")), "the events of the pod are missing:\n{events}");
    Ok(())
}

async fn the_plugin_opens_a_module_and_goes_on_when_its_pod_is_replaced(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({"basePath": "/voice"})).await?;
    room.ready("comms").await?;
    let mut open = plugin(room, &["open", "--no-browser"]).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(open.stdout.take().context("no output")?).lines();
    let told =
        tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await??.context("it ended")?;
    let (base, rest) = told.split_once("/ leads to comms").context("another line was expected")?;
    ensure!(base.starts_with("http://127.0.0.1:") && base.ends_with("/voice"), "{told}");
    ensure!(rest.ends_with(&format!("; its API to read: {base}/docs")), "{told}");

    let module = Module::at(base)?;
    let credentials = output(&mut plugin(room, &["password", "-o", "json"])).await?;
    let credentials: Value = serde_json::from_str(&credentials)?;
    let text = |key: &str| credentials[key].as_str().map(ToOwned::to_owned).context("text");
    let admin = Account { email: text("email")?, password: text("password")? };
    let token = module.login(&admin).await?;
    assert_eq!(module.get("/auth/me", &token).await?["email"], credentials["email"]);
    let docs = module.call(Method::GET, "/docs", None, None).await?;
    assert_eq!(docs.status, StatusCode::OK);

    let pod = room.pod("comms").await?;
    room.kubectl(&["delete", "pod", pod["metadata"]["name"].as_str().context("a name")?]).await?;
    eventually(Duration::from_secs(60), "the same address leads to the next pod", async || {
        let next = room.pod("comms").await?;
        ensure!(next["metadata"]["uid"] != pod["metadata"]["uid"], "the former pod is still there");
        assert_eq!(module.get("/auth/me", &token).await?["email"], credentials["email"]);
        Ok(())
    })
    .await?;
    open.kill().await?;
    Ok(())
}
