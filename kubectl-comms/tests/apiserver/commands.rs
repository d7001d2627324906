//! What each command shows.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::process::Stdio;
use testbed::wait::eventually;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::scene::{SOON, Scene, command};

/// A spec that waits for a Secret.
fn waits_for(secret: &str) -> Value {
    json!({"events": {"rabbitmq": {"uriSecretRef": {"name": secret, "key": "uri"}}}})
}

#[tokio::test]
async fn status_of_one_module_is_a_page_that_says_what_to_do() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({})).await?;
    scene.until("comms", "Ready", "RollingOut").await?;
    // The ReplicaSet controller makes the pod a moment later.
    let page = eventually(SOON, "the page has the pod", async || {
        let page = scene.shows(&["status", "comms"]).await?;
        ensure!(page.contains("\nPods\n"), "{page}");
        Ok(page)
    })
    .await?;
    let namespace = &scene.namespace;
    for expected in [
        format!("CommsModule {namespace}/comms\n"),
        "  State          Not ready: ".to_owned(),
        "  Mode           Standalone\n".to_owned(),
        format!("  Address        http://comms.{namespace}.svc:3018\n"),
        "  Database       Embedded, on volume comms-data (Pending".to_owned(),
        "  Administrator  Secret comms-admin, entry password\n".to_owned(),
        "  Ready           False".to_owned(),
        "  EventsReady     False".to_owned(),
        "   0/1     Pending   0          ".to_owned(),
        format!("  Watch it: kubectl -n {namespace} rollout status deployment/comms\n"),
    ] {
        ensure!(page.contains(&expected), "{expected:?} is not on the page:\n{page}");
    }
    // The only one needs no name.
    let unnamed = scene.shows(&["status"]).await?;
    ensure!(unnamed.starts_with(&format!("CommsModule {namespace}/comms\n")), "{unnamed}");
    Ok(())
}

#[tokio::test]
async fn status_of_all_is_a_table_and_says_what_those_that_wait_wait_for() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("one", json!({})).await?;
    scene.apply("two", waits_for("broker")).await?;
    scene.until("one", "Ready", "RollingOut").await?;
    scene.until("two", "Ready", "SecretNotFound").await?;
    let table = scene.shows(&["status"]).await?;
    let lines: Vec<_> = table.lines().collect();
    let cells: Vec<_> = lines[0].split_whitespace().collect();
    assert_eq!(cells, ["NAMESPACE", "NAME", "MODE", "READY", "REASON", "PODS", "KEY", "EVENTS", "AGE"]);
    let cells: Vec<_> = lines[2].split_whitespace().take(5).collect();
    assert_eq!(cells, [&scene.namespace, "two", "Standalone", "False", "SecretNotFound"]);
    let held = format!("\n{}/two: spec.events.rabbitmq.uriSecretRef names Secret broker", scene.namespace);
    ensure!(table.contains(&held), "{held:?} is not below the table:\n{table}");
    let everywhere = scene.shows(&["status", "--all-namespaces"]).await?;
    let row = |line: &str| line.split_whitespace().take(2).eq([scene.namespace.as_str(), "two"]);
    ensure!(everywhere.lines().any(row), "{everywhere}");
    Ok(())
}

#[tokio::test]
async fn status_for_programs_has_the_same_as_json_and_as_yaml() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", waits_for("broker")).await?;
    scene.until("comms", "Ready", "SecretNotFound").await?;
    let one: Value = serde_json::from_str(&scene.shows(&["status", "comms", "-o", "json"]).await?)?;
    let seen = json!({
        "namespace": one["namespace"], "name": one["name"], "ready": one["ready"], "observed": one["observed"],
        "mode": one["mode"],
    });
    let expected = json!({
        "namespace": scene.namespace, "name": "comms", "ready": false, "observed": true, "mode": "Standalone",
    });
    assert_eq!(seen, expected);
    let ready = one["conditions"].as_array().into_iter().flatten().find(|one| one["type"] == "Ready");
    assert_eq!(ready.context("no condition Ready")?["reason"], "SecretNotFound");
    let all: Value = serde_json::from_str(&scene.shows(&["status", "-o", "json"]).await?)?;
    assert_eq!(all["items"][0]["name"], "comms");
    let yaml = scene.shows(&["status", "comms", "-o", "yaml"]).await?;
    ensure!(yaml.contains("\nready: false\n"), "{yaml}");
    Ok(())
}

#[tokio::test]
async fn password_is_what_the_secret_holds() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({"auth": {"admin": {"email": "boss@acme.example"}}})).await?;
    scene.until("comms", "Ready", "RollingOut").await?;
    let password = scene.shows(&["password", "comms"]).await?;
    let get = ["get", "secret", "comms-admin", "--namespace", &scene.namespace, "--output"];
    let template = "go-template={{.data.password | base64decode}}";
    let stored = scene.server.kubectl(&[&get[..], &[template]].concat()).await?;
    assert_eq!(password, format!("{stored}\n"));
    assert_eq!(stored.len(), 24, "{stored}");

    let told: Value = serde_json::from_str(&scene.shows(&["password", "-o", "json"]).await?)?;
    let expected = json!({
        "email": "boss@acme.example", "password": stored,
        "secret": {"name": "comms-admin", "key": "password"},
    });
    assert_eq!(told, expected);
    Ok(())
}

#[tokio::test]
async fn password_is_the_one_that_the_user_chose_where_there_is_one() -> Result<()> {
    let scene = Scene::begin().await?;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine", "namespace": scene.namespace},
        "stringData": {"word": "correct-horse-battery"},
    });
    scene.server.access().apply(&secret.to_string()).await?;
    let admin = json!({"passwordSecretRef": {"name": "mine", "key": "word"}});
    scene.apply("comms", json!({"auth": {"admin": admin}})).await?;
    scene.until("comms", "Ready", "RollingOut").await?;
    assert_eq!(scene.shows(&["password"]).await?, "correct-horse-battery\n");
    Ok(())
}

#[tokio::test]
async fn events_are_those_of_the_module_and_follow_goes_on_with_new_ones() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", waits_for("broker")).await?;
    scene.apply("comms-other", waits_for("elsewhere")).await?;
    for name in ["comms", "comms-other"] {
        scene.until(name, "Ready", "SecretNotFound").await?;
    }
    let table = eventually(SOON, "the event is there", async || {
        let table = scene.shows(&["events", "comms"]).await?;
        ensure!(table.contains("SecretNotFound"), "{table}");
        Ok(table)
    })
    .await?;
    ensure!(table.starts_with("LAST SEEN"), "{table}");
    ensure!(table.contains("commsmodule/comms ") && !table.contains("comms-other"), "{table}");

    let follow = ["--namespace", &scene.namespace, "events", "comms", "--follow", "--output", "json"];
    let mut child = command(scene.server.kubeconfig(), &follow).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let next = async |lines: &mut tokio::io::Lines<_>| -> Result<Value> {
        let line = tokio::time::timeout(SOON, lines.next_line()).await.context("no event came")??;
        Ok(serde_json::from_str(&line.context("it ended")?)?)
    };
    let first = next(&mut lines).await?;
    assert_eq!((&first["reason"], &first["object"]), (&json!("SecretNotFound"), &json!("commsmodule/comms")));
    // Another fault is another event.
    scene.apply("comms", json!({"image": "cc-lite:test", "events": {"rabbitmq": {"uriSecretRef": {"name": "broker", "key": "other"}}}})).await?;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "broker", "namespace": scene.namespace},
        "stringData": {"other": "no address"},
    });
    scene.server.access().apply(&secret.to_string()).await?;
    let mut seen = next(&mut lines).await?;
    while seen["reason"] == "SecretNotFound" {
        seen = next(&mut lines).await?;
    }
    assert_eq!(seen["reason"], "InvalidSecret", "{seen}");
    child.kill().await?;
    Ok(())
}

#[tokio::test]
async fn nothing_is_opened_while_no_pod_serves() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({})).await?;
    scene.until("comms", "Ready", "RollingOut").await?;
    let answer = scene.run(&["open", "--no-browser"]).await?;
    assert_eq!((answer.code, answer.out.as_str()), (Some(1), ""));
    ensure!(
        answer.err.starts_with("kubectl comms: no pod of comms serves: ")
            && answer.err.ends_with("; kubectl comms status comms tells more\n"),
        "{}",
        answer.err
    );
    Ok(())
}
