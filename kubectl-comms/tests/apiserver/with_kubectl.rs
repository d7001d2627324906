//! As kubectl runs it: found on the path by its name, and completed.

use std::{env, os::unix::fs::symlink};

use anyhow::{Result, ensure};
use serde_json::json;
use tempfile::TempDir;
use testbed::command::output;

use crate::scene::{Scene, plugin};

/// A folder as `make install-plugin` fills it.
fn installed() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    for name in ["kubectl-comms", "kubectl_complete-comms"] {
        symlink(plugin(), folder.path().join(name))?;
    }
    Ok(folder)
}

async fn kubectl(scene: &Scene, folder: &TempDir, arguments: &[&str]) -> Result<String> {
    let mut command = scene.server.access().command("kubectl");
    let path = env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{}:{path}", folder.path().display()));
    output(command.args(arguments)).await
}

#[tokio::test]
async fn kubectl_runs_it() -> Result<()> {
    let (scene, folder) = (Scene::begin().await?, installed()?);
    scene.apply("comms", json!({})).await?;
    scene.until("comms", "Ready", "RollingOut").await?;
    let page = kubectl(&scene, &folder, &["comms", "status", "-n", &scene.namespace]).await?;
    ensure!(page.starts_with(&format!("CommsModule {}/comms\n", scene.namespace)), "{page}");
    let listed = kubectl(&scene, &folder, &["plugin", "list", "--name-only"]).await?;
    ensure!(listed.contains("kubectl-comms"), "{listed}");
    Ok(())
}

#[tokio::test]
async fn kubectl_completes_its_commands_and_modules() -> Result<()> {
    let (scene, folder) = (Scene::begin().await?, installed()?);
    scene.apply("acme", json!({})).await?;
    scene.apply("acme-two", json!({})).await?;
    scene.apply("other", json!({})).await?;
    let complete =
        async |words: &[&str]| kubectl(&scene, &folder, &[&["__complete", "comms"], words].concat()).await;
    let commands = complete(&["pass"]).await?;
    assert_eq!(commands, "password\tPrint the first administrator's password\n:4\n");
    let modules = complete(&["status", "--namespace", &scene.namespace, "ac"]).await?;
    assert_eq!(modules, "acme\nacme-two\n:4\n");
    let formats = complete(&["status", "-o", "j"]).await?;
    assert_eq!(formats, "json\tJSON\n:4\n");
    Ok(())
}

#[tokio::test]
async fn shells_get_completion_scripts_for_its_own_name() -> Result<()> {
    let scene = Scene::begin().await?;
    for (shell, expected) in [
        ("bash", "complete -F _kubectl__comms"),
        ("zsh", "#compdef kubectl-comms"),
        ("fish", "complete -c kubectl-comms"),
    ] {
        let script = scene.shows(&["completion", shell]).await?;
        ensure!(script.contains(expected), "{expected:?} is not in {script}");
    }
    Ok(())
}
