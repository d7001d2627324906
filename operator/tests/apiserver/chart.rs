//! The chart: what it makes is accepted, and gives the operator what it needs and no more.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    rbac::v1::{PolicyRule, Role},
};
use kube::api::{ListParams, PostParams};
use serde_json::json;
use testbed::{ApiServer, product::repository, wait::eventually};

use crate::trial::{SOON, Trial, server};

fn chart() -> String {
    repository().join("charts/comms-operator").display().to_string()
}

#[tokio::test]
async fn helm_lint_finds_nothing() -> Result<()> {
    server().await?.access().helm(&["lint", "--strict", "--quiet", &chart()]).await.map(drop)
}

#[tokio::test]
async fn a_value_that_does_not_exist_is_refused_by_its_name() -> Result<()> {
    let helm = server().await?.access().helm(&["template", &chart(), "--set", "watchNamespaces=a"]).await;
    let refused = format!("{:#}", helm.err().context("it was accepted")?);
    assert!(refused.contains("watchNamespaces"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_release_is_installed_upgraded_and_uninstalled_and_leaves_the_definition() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let access = trial.server.access();
    let release = format!("operator-{}", trial.namespace);
    let (chart, watched) = (chart(), format!("watchNamespace={}", trial.namespace));
    // The definition is there already, for all tests.
    let run = async |verb: &str, more: &[&str]| {
        let set = ["--namespace", &trial.namespace, "--set", &watched, "--set", "crds.install=false"];
        access.helm(&[&[verb, &release, &chart], &set[..], more].concat()).await
    };
    let notes = run("install", &[]).await?;
    assert!(notes.contains(&format!("The operator looks after namespace {}.", trial.namespace)), "{notes}");
    let deployment = format!("deployment/{release}-comms-operator");
    let image = async || {
        let image = "jsonpath={.spec.template.spec.containers[0].image}";
        trial.server.kubectl(&["get", &deployment, "--namespace", &trial.namespace, "--output", image]).await
    };
    assert_eq!(image().await?, "comms-operator:0.1.0");
    eventually(SOON, "the restricted namespace takes the operator's pod", async || {
        let pods = trial.api::<Pod>().list(&ListParams::default()).await?;
        ensure!(pods.items.len() == 1, "there are {}", pods.items.len());
        Ok(())
    })
    .await?;
    run("upgrade", &["--set", "image.tag=next"]).await?;
    assert_eq!(image().await?, "comms-operator:next");
    access.helm(&["uninstall", &release, "--namespace", &trial.namespace]).await?;
    trial.server.kubectl(&["get", "commsmodules", "--namespace", &trial.namespace]).await.map(drop)
}

#[tokio::test]
async fn an_upgrade_upgrades_the_definition_and_an_uninstall_keeps_it_and_its_modules() -> Result<()> {
    let server = ApiServer::start().await?;
    let access = server.access();
    // A former chart, whose modules have no log level.
    let former = tempfile::tempdir()?;
    copy(Path::new(&chart()), former.path())?;
    let definition = former.path().join("files/commsmodules.yaml");
    let text = fs::read_to_string(&definition)?;
    fs::write(&definition, text.replace("logLevel:", "formerLevel:"))?;
    let former = former.path().display().to_string();

    access.helm(&["install", "comms-operator", &former]).await?;
    let levels = async || server.kubectl(&["explain", "commsmodule.spec.logLevel"]).await;
    ensure!(levels().await.is_err(), "the former definition knows log levels");
    server
        .kubectl(&["apply", "--filename", &repository().join("examples/minimal.yaml").display().to_string()])
        .await?;
    access.helm(&["upgrade", "comms-operator", &chart()]).await?;
    eventually(SOON, "the upgraded definition knows log levels", async || levels().await.map(drop)).await?;
    let told = access.helm(&["uninstall", "comms-operator"]).await?;
    ensure!(told.contains("commsmodules.comms.kraliki.com"), "what is kept is not told: {told}");
    server.kubectl(&["get", "commsmodule", "comms"]).await.map(drop)
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn users_get_rights_on_modules_by_the_roles_that_they_have() -> Result<()> {
    let trial = Trial::without_operator().await?;
    let access = trial.server.access();
    let roles = access.helm(&["template", "users", &chart(), "--show-only=templates/userroles.yaml"]).await?;
    access.apply(&roles).await?;
    for (role, create, get) in [("edit", "yes", "yes"), ("view", "no", "yes")] {
        let (user, binding) = (format!("{role}-user"), format!("--clusterrole={role}"));
        let user_flag = format!("--user={user}");
        let create_binding =
            ["create", "rolebinding", role, &binding, &user_flag, "--namespace", &trial.namespace];
        trial.server.kubectl(&create_binding).await?;
        for (verb, expected) in [("create", create), ("get", get)] {
            testbed::wait::eventually(
                crate::trial::SOON,
                &format!("{user} may {verb}: {expected}"),
                async || {
                    let asked = [
                        "auth",
                        "can-i",
                        verb,
                        "commsmodules",
                        "--as",
                        &user,
                        "--namespace",
                        &trial.namespace,
                    ];
                    // kubectl ends with 1 where the answer is no.
                    let answer = trial.server.kubectl(&asked).await.unwrap_or_else(|_| "no".to_owned());
                    ensure!(answer.trim() == expected, "the answer is {answer}");
                    Ok(())
                },
            )
            .await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_missing_permission_is_told_with_verb_and_resource() -> Result<()> {
    let trial = Trial::begin().await?;
    let mut role: Role = trial.get("comms-operator").await?;
    for rule in role.rules.iter_mut().flatten() {
        if let Some(resources) = &mut rule.resources {
            resources.retain(|resource| resource != "services");
        }
    }
    role.rules.get_or_insert_default().retain(|rule| rule.resources != Some(Vec::new()));
    role.rules.get_or_insert_default().push(PolicyRule {
        api_groups: Some(vec![String::new()]),
        resources: Some(vec!["services".into()]),
        verbs: vec!["get".into(), "list".into(), "watch".into()],
        ..PolicyRule::default()
    });
    trial.api::<Role>().replace("comms-operator", &PostParams::default(), &role).await?;

    trial.create("comms", json!({})).await?;
    let message = trial.until("comms", "Ready", "False", "Forbidden").await?;
    assert!(message.starts_with("Service comms could not be applied: "), "{message}");
    assert!(message.contains("cannot patch resource \"services\" in API group \"\""), "{message}");
    assert!(message.contains("grant the operator's ServiceAccount that verb"), "{message}");
    assert!(trial.api::<Service>().get_opt("comms").await?.is_none());
    Ok(())
}
