use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testbed::Cluster;
use testbed::command::output;
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

#[tokio::test]
async fn a_killed_node_is_noticed_and_the_other_goes_on() {
    let cluster = Cluster::start().await.expect("it starts");

    cluster.kill_node(2).await.expect("it ends");

    let ready = async |node: &str| {
        let path = "--output=jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";
        cluster.kubectl(&["get", "node", node, path]).await
    };
    eventually(Duration::from_secs(120), "only node-1 is Ready", async || {
        let seen = (ready("node-1").await?, ready("node-2").await?);
        ensure!((seen.0.as_str(), seen.1.as_str()) == ("True", "Unknown"), "seen: {seen:?}");
        Ok(())
    })
    .await
    .expect("the control plane notices");
}

#[tokio::test]
async fn an_interrupted_cluster_leaves_nothing_behind() {
    let (mut owner, traces) = start_in_a_process_of_its_own().await.expect("it starts");

    let pid = owner.id().expect("it runs").to_string();
    output(Command::new("kill").args(["-INT", &pid])).await.expect("interrupted");
    owner.wait().await.expect("it ends");

    assert_eq!(traces.left().await.expect("looked"), Vec::<String>::new(), "left behind after Ctrl-C");
}

#[tokio::test]
async fn a_cluster_whose_owner_was_killed_leaves_nothing_behind() {
    let (mut owner, traces) = start_in_a_process_of_its_own().await.expect("it starts");
    let before = traces.left().await.expect("looked");
    assert!(before.len() > 8, "the traces were to be seen while it runs: {before:?}");

    owner.kill().await.expect("killed");

    eventually(Duration::from_secs(30), "all traces are gone", async || {
        let left = traces.left().await?;
        ensure!(left.is_empty(), "left: {left:?}");
        Ok(())
    })
    .await
    .expect("the guard cleans up");
}

/// Where a cluster can be seen on this machine.
struct Traces {
    dir: PathBuf,
    bridge: String,
}

impl Traces {
    /// Processes, folder, mounts, links, routes, firewall rules and cgroups of the cluster that are there now.
    async fn left(&self) -> Result<Vec<String>> {
        let dir = self.dir.to_string_lossy().into_owned();
        let mut found = Vec::new();
        if self.dir.exists() {
            found.push(format!("folder {dir}"));
        }
        for process in fs::read_dir("/proc")? {
            let process = process?.path();
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            if String::from_utf8_lossy(&environment).contains(&dir) {
                found.push(format!("process {}", process.display()));
            }
        }
        let network = self.bridge.trim_start_matches("ccl");
        let commands: [(&[&str], String); 4] = [
            (&["cat", "/proc/self/mounts"], dir.clone()),
            (&["ip", "-oneline", "link"], format!("{}:", self.bridge)),
            (&["ip", "route"], format!("172.30.{network}.")),
            (&["iptables-save"], "KUBE-".to_owned()),
        ];
        for (command, trace) in commands {
            let shown = output(Command::new(command[0]).args(&command[1..])).await?;
            found.extend(shown.lines().filter(|line| line.contains(&trace)).map(ToOwned::to_owned));
        }
        cgroups(Path::new("/sys/fs/cgroup"), &format!("cc-lite-{}-", self.bridge), 2, &mut found)?;
        Ok(found)
    }
}

fn cgroups(below: &Path, prefix: &str, depth: u8, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(below)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(format!("cgroup {}", entry.path().display()));
        } else if depth > 1 && entry.file_type()?.is_dir() {
            cgroups(&entry.path(), prefix, depth - 1, found)?;
        }
    }
    Ok(())
}

async fn start_in_a_process_of_its_own() -> Result<(Child, Traces)> {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_testbed"))
        .args(["run", "cluster"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut lines = BufReader::new(owner.stdout.take().context("its output")?).lines();
    let kubeconfig = loop {
        let line = lines.next_line().await?.context("it ended before it was ready")?;
        if let Some(path) = line.strip_prefix("export KUBECONFIG=") {
            break PathBuf::from(path);
        }
    };
    let config: serde_json::Value = serde_json::from_slice(&fs::read(&kubeconfig)?)?;
    let server = config["clusters"][0]["cluster"]["server"].as_str().context("a server")?;
    let network = server.split('.').nth(2).context("an address")?;
    let dir = kubeconfig.parent().context("a folder")?.to_owned();
    Ok((owner, Traces { dir, bridge: format!("ccl{network}") }))
}
