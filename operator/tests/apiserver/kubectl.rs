//! What kubectl makes of a module: waiting for it, and reading how it is.

use anyhow::{Context, Result, ensure};
use kube::ResourceExt;
use serde_json::json;
use testbed::wait::eventually;

use crate::{
    pods::serving,
    trial::{SOON, Trial},
};

impl Trial {
    async fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        self.server.kubectl(&[&["--namespace", &self.namespace], arguments].concat()).await
    }

    /// Lets the newest pod of a module serve, as a kubelet would.
    async fn let_serve(&self, module: &str) -> Result<()> {
        let pod = self.newest_pod(module).await?.name_any();
        self.as_kubelet(&pod, serving([127, 30, 9, 9].into())).await
    }
}

#[tokio::test]
async fn wait_ends_once_the_module_is_ready_and_not_before() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let wait = ["wait", "--for=condition=Ready", "commsmodule/comms"];
    let early = trial.kubectl(&[&wait[..], &["--timeout=1s"]].concat()).await;
    let told = format!("{:#}", early.err().context("it did not wait")?);
    ensure!(told.contains("timed out waiting for the condition"), "{told}");
    // It is under way while the pod comes up.
    let patience = format!("--timeout={}s", SOON.as_secs());
    let arguments = [&wait[..], &[&patience]].concat();
    let (waited, served) = tokio::join!(trial.kubectl(&arguments), trial.let_serve("comms"));
    served?;
    assert_eq!(waited?, "commsmodule.comms.kraliki.com/comms condition met\n");
    let done =
        trial.kubectl(&["wait", "--for=condition=Progressing=false", "comms/comms", &patience]).await?;
    assert_eq!(done, "commsmodule.comms.kraliki.com/comms condition met\n");
    let path = "--for=jsonpath={.status.readyReplicas}=1";
    trial.kubectl(&["wait", path, "comms/comms", &patience]).await.map(drop)
}

#[tokio::test]
async fn wait_does_not_take_the_former_spec_for_the_new_one() -> Result<()> {
    let mut trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    trial.let_serve("comms").await?;
    trial.until("comms", "Ready", "True", "Serving").await?;
    // Nobody tells of the next spec.
    trial.stop_operator().await?;
    trial.change("comms", json!({"logLevel": "debug"})).await?;
    let wait = ["wait", "--for=condition=Ready", "comms/comms", "--timeout=1s"];
    let told = format!("{:#}", trial.kubectl(&wait).await.err().context("it did not wait")?);
    ensure!(told.contains("timed out waiting for the condition"), "{told}");
    Ok(())
}

#[tokio::test]
async fn rollout_status_follows_the_deployment_of_the_module_s_name() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let patience = format!("--timeout={}s", SOON.as_secs());
    let arguments = ["rollout", "status", "deployment/comms", &patience];
    let (followed, served) = tokio::join!(trial.kubectl(&arguments), trial.let_serve("comms"));
    served?;
    let followed = followed?;
    ensure!(followed.ends_with("deployment \"comms\" successfully rolled out\n"), "{followed}");
    Ok(())
}

#[tokio::test]
async fn describe_tells_why_and_what_happened() -> Result<()> {
    let trial = Trial::begin().await?;
    let rabbitmq = json!({"uriSecretRef": {"name": "broker", "key": "uri"}});
    trial.create("comms", json!({"events": {"rabbitmq": rabbitmq}})).await?;
    let message = trial.until("comms", "Ready", "False", "SecretNotFound").await?;
    let described = eventually(SOON, "describe shows the event", async || {
        let described = trial.kubectl(&["describe", "comms", "comms"]).await?;
        let events = described.split("\nEvents:").nth(1).context("there are no events")?;
        ensure!(events.contains("SecretNotFound"), "{events}");
        Ok(described)
    })
    .await?;
    for expected in [
        "  Type:                  Ready",
        "Reason:                SecretNotFound",
        "Status:                False",
    ] {
        ensure!(described.contains(expected), "{expected:?} is not in\n{described}");
    }
    let events = described.split("\nEvents:").nth(1).unwrap_or_default();
    let event: Vec<_> = events.lines().filter(|line| line.contains("SecretNotFound")).collect();
    ensure!(event.len() == 1 && event[0].contains("Warning"), "one warning was expected: {event:?}");
    ensure!(
        event[0].contains("comms-operator") && event[0].ends_with(&message),
        "{event:?} has not {message:?}"
    );
    Ok(())
}

#[tokio::test]
async fn get_has_a_column_for_what_is_asked_first() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "Ready", "False", "RollingOut").await?;
    let table = trial.kubectl(&["get", "comms"]).await?;
    let rows: Vec<Vec<_>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    for head in ["NAME", "MODE", "READY", "KEY", "ROTATES", "AGE"] {
        ensure!(rows[0].contains(&head), "no column {head} in {table}");
    }
    assert_eq!(rows[1][..3], ["comms", "Standalone", "False"], "{table}");
    let wide = trial.kubectl(&["get", "comms", "--output", "wide"]).await?;
    for head in ["IMAGE", "URL", "EVENTS"] {
        ensure!(wide.lines().next().unwrap_or_default().contains(head), "no column {head} in {wide}");
    }
    let category = trial.kubectl(&["get", "ocelot", "--output", "name"]).await?;
    assert_eq!(category, "commsmodule.comms.kraliki.com/comms\n");
    Ok(())
}
