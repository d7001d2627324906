//! What cannot be done is told in one sentence that says what to do, and by the exit code.

use anyhow::{Result, ensure};
use serde_json::json;
use testbed::ApiServer;

use crate::scene::{Answer, Scene, run};

fn refused(answer: &Answer, code: i32, sentence: &str) -> Result<()> {
    ensure!(
        answer.code == Some(code) && answer.out.is_empty() && answer.err.contains(sentence),
        "exit code {code} and {sentence:?} were expected, and seen: {answer:?}"
    );
    ensure!(answer.err.lines().count() == 1, "one line was expected, and seen: {}", answer.err);
    Ok(())
}

#[tokio::test]
async fn a_module_that_is_not_there_is_told_with_those_that_are() -> Result<()> {
    let scene = Scene::begin().await?;
    let none =
        format!("there is no CommsModule in namespace {}: choose another --namespace", scene.namespace);
    refused(&scene.run(&["status"]).await?, 3, &none)?;
    refused(&scene.run(&["password"]).await?, 3, &none)?;
    let none = format!("there is no CommsModule acme in namespace {}: choose", scene.namespace);
    refused(&scene.run(&["status", "acme"]).await?, 3, &none)?;

    scene.apply("one", json!({})).await?;
    scene.apply("two", json!({})).await?;
    let some = format!("there is no CommsModule acme in namespace {}: there are one, two", scene.namespace);
    for command in ["status", "password", "events", "open"] {
        refused(&scene.run(&[command, "comms/acme"]).await?, 3, &some)?;
    }
    let several = format!("namespace {} has several CommsModules: name one of one, two", scene.namespace);
    refused(&scene.run(&["password"]).await?, 2, &several)
}

#[tokio::test]
async fn a_platform_module_has_no_password_and_no_keys() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({"mode": "Platform", "gateway": {"trustEveryone": true}})).await?;
    refused(&scene.run(&["password"]).await?, 1, "comms is in Platform mode and has no accounts of its own")?;
    refused(&scene.run(&["rotate"]).await?, 1, "comms is in Platform mode and has no keys")
}

#[tokio::test]
async fn who_may_not_is_told_what_and_which_role_may() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({})).await?;
    scene.until("comms", "Ready", "RollingOut").await?;
    let flags = ["--namespace", scene.namespace.as_str()];
    let nobody = scene.somebody(None).await?;
    let answer = run(&nobody, &[&flags[..], &["status"]].concat()).await?;
    refused(&answer, 4, "cannot list resource \"commsmodules\" in API group \"comms.kraliki.com\"")?;
    refused(&answer, 4, "ask for a role that may, such as view in that namespace")?;

    // The chart adds modules to the role that everybody has who may look.
    let access = scene.server.access();
    let chart = testbed::product::repository().join("charts/comms-operator").display().to_string();
    let roles = access.helm(&["template", "users", &chart, "--show-only=templates/userroles.yaml"]).await?;
    access.apply(&roles).await?;
    let viewer = scene.somebody(Some("view")).await?;
    testbed::wait::eventually(crate::scene::SOON, "who may view sees the status", async || {
        let answer = run(&viewer, &[&flags[..], &["status"]].concat()).await?;
        ensure!(answer.code == Some(0) && answer.out.contains("CommsModule"), "{answer:?}");
        Ok(())
    })
    .await?;
    let answer = run(&viewer, &[&flags[..], &["password"]].concat()).await?;
    refused(&answer, 4, "cannot get resource \"secrets\"")?;
    refused(&answer, 4, "such as edit in that namespace")?;
    let answer = run(&viewer, &[&flags[..], &["rotate"]].concat()).await?;
    refused(&answer, 4, "cannot patch resource \"commsmodules\"")?;
    refused(&answer, 4, "such as edit in that namespace")
}

#[tokio::test]
async fn without_a_cluster_it_says_how_to_choose_one() -> Result<()> {
    let scene = Scene::begin().await?;
    let folder = tempfile::tempdir()?;
    let answer = run(&folder.path().join("absent"), &["status"]).await?;
    refused(&answer, 5, "no cluster is chosen: ")?;
    refused(&answer, 5, "set KUBECONFIG, or choose a context with kubectl config use-context")?;
    let answer = run(scene.server.kubeconfig(), &["--context", "elsewhere", "status"]).await?;
    refused(&answer, 5, "no cluster is chosen: ")?;

    // Nobody listens on the discard port of an address that no server has.
    let text = std::fs::read_to_string(scene.server.kubeconfig())?;
    let address = text.split("https://").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let address = address.split_whitespace().next().unwrap_or_default();
    let away = folder.path().join("away");
    std::fs::write(&away, text.replace(address, "127.99.99.99:9"))?;
    let answer = run(&away, &["status"]).await?;
    refused(&answer, 5, "the API server of the cluster cannot be reached: ")
}

#[tokio::test]
async fn without_the_definition_it_says_what_to_install() -> Result<()> {
    let bare = ApiServer::start().await?;
    for arguments in [&["status"][..], &["status", "comms"], &["status", "-A"], &["password"]] {
        refused(&run(bare.kubeconfig(), arguments).await?, 1, "install the operator's chart")?;
    }
    Ok(())
}

#[tokio::test]
async fn wrong_usage_is_told_with_what_fits() -> Result<()> {
    let scene = Scene::begin().await?;
    for (arguments, sentence) in [
        (&["status", "pod/comms"][..], "pod is no CommsModule: give the module's name alone"),
        (&["status", "--output", "text"], "[possible values: json, yaml]"),
        (&["status", "comms", "--all-namespaces"], "cannot be used with"),
        (&["passwrd"], "similar subcommand exists: 'password'"),
    ] {
        let answer = scene.run(arguments).await?;
        ensure!(
            answer.code == Some(2) && answer.err.contains(sentence),
            "{arguments:?} was to be refused with {sentence:?}: {answer:?}"
        );
    }
    Ok(())
}
