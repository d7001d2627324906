//! What `rotate` and `revoke` bring about.

use std::{cell::Cell, process::Command};

use anyhow::{Context, Result, ensure};
use kubectl_comms::{
    arguments::ClusterChoice,
    cluster::{Change, Cluster, EDIT},
};
use serde_json::{Value, json};
use testbed::wait::eventually;

use crate::scene::{SOON, Scene};

/// The keys of the only module, once they are as `is` says.
async fn keys(scene: &Scene, what: &str, is: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>> {
    eventually(SOON, what, async || {
        let module: Value = serde_json::from_str(&scene.shows(&["status", "comms", "-o", "json"]).await?)?;
        let keys = module["keys"].as_array().cloned().unwrap_or_default();
        ensure!(is(&keys), "the keys are {keys:?}");
        Ok(keys)
    })
    .await
}

fn in_phase<'a>(keys: &'a [Value], phase: &str) -> Option<&'a str> {
    keys.iter().find(|key| key["phase"] == phase)?["kid"].as_str()
}

#[tokio::test]
async fn rotate_has_a_key_made_and_revoke_has_the_one_that_signs_replaced() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({})).await?;
    let first = keys(&scene, "a key signs", |keys| in_phase(keys, "Active").is_some()).await?;
    let first = in_phase(&first, "Active").context("none signs")?.to_owned();

    let told = scene.shows(&["rotate"]).await?;
    ensure!(told.starts_with("comms is to rotate its keys (rotateRequest 2"), "{told}");
    keys(&scene, "another key is staged", |keys| in_phase(keys, "Staged").is_some()).await?;

    let refused = scene.run(&["revoke", "--kid", &first[..10]]).await?;
    ensure!(refused.code == Some(1) && refused.err.contains("say --yes to do it"), "{refused:?}");
    let told = scene.shows(&["revoke", "comms", "--kid", &first[..10], "--yes"]).await?;
    ensure!(told.starts_with(&format!("key {first} of comms is to be refused")), "{told}");
    let seen = keys(&scene, "the revoked key is replaced", |keys| {
        in_phase(keys, "Active").is_some_and(|kid| kid != first)
    })
    .await?;
    ensure!(in_phase(&seen, "Staged").is_none(), "what was staged has gone with it: {seen:?}");

    // Once more changes nothing.
    let replacing = in_phase(&seen, "Active").context("none signs")?;
    let get = [
        "get",
        "comms/comms",
        "--namespace",
        &scene.namespace,
        "--output",
        "jsonpath={.metadata.generation}",
    ];
    let before = scene.server.kubectl(&get).await?;
    let again = scene.run(&["revoke", "comms", "--kid", &first, "--yes"]).await?;
    let known = again.code == Some(0) || again.err.contains(&format!("{replacing} (Active)"));
    ensure!(known, "{again:?}");
    assert_eq!(scene.server.kubectl(&get).await?, before);
    Ok(())
}

#[tokio::test]
async fn a_change_that_somebody_was_quicker_than_is_decided_on_anew() -> Result<()> {
    let scene = Scene::begin().await?;
    scene.apply("comms", json!({"keys": {"revokedKids": ["first"]}})).await?;
    let choice = ClusterChoice {
        namespace: Some(scene.namespace.clone()),
        kubeconfig: Some(scene.server.kubeconfig().to_owned()),
        ..ClusterChoice::default()
    };
    let cluster = Cluster::connect(&choice).await?;
    let looks = Cell::new(0);

    let told = cluster.change(Some("comms"), EDIT, |module| {
        looks.set(looks.get() + 1);
        // Between reading and writing somebody else revokes a key, the first time.
        if looks.get() == 1 {
            let patch = r#"{"spec": {"keys": {"revokedKids": ["first", "second"]}}}"#;
            let kubectl = Command::new(scene.server.access().tools().program("kubectl"))
                .arg("--kubeconfig")
                .arg(scene.server.kubeconfig())
                .args([
                    "--namespace",
                    &scene.namespace,
                    "patch",
                    "comms/comms",
                    "--type=merge",
                    "--patch",
                    patch,
                ])
                .output();
            assert!(kubectl.expect("kubectl runs").status.success());
        }
        let mut revoked = module.spec.pointer("/keys/revokedKids").cloned().unwrap_or_default();
        revoked.as_array_mut().expect("a list").push(json!("third"));
        Ok(Change { spec: Some(json!({"keys": {"revokedKids": revoked}})), told: "done".to_owned() })
    });

    assert_eq!(told.await?, "done");
    let revoked = "jsonpath={.spec.keys.revokedKids}";
    let get = ["get", "comms/comms", "--namespace", &scene.namespace, "--output", revoked];
    assert_eq!(scene.server.kubectl(&get).await?, r#"["first","second","third"]"#);
    assert!(looks.get() >= 2, "it was decided on {} times", looks.get());
    Ok(())
}
