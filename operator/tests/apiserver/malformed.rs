//! A stored object that is no `CommsModule` waits for its fix and stops no other.

use anyhow::{Context, Result, ensure};
use comms_operator::{
    api::CommsModule, clock, controller::Operator, decide::Release, health::Health,
    pod_status::PodStatusClient, watches::Scope,
};
use k8s_openapi::api::events::v1::Event;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams, PostParams},
};
use serde_json::json;
use testbed::{ApiServer, product::repository, wait::eventually};
use tokio_util::sync::CancellationToken;

use crate::trial::{IMAGE, SOON, condition, define, module};

/// A definition of former days that takes anything.
const LOOSE: &str = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: commsmodules.comms.kraliki.com}
spec:
  group: comms.kraliki.com
  scope: Namespaced
  names: {kind: CommsModule, plural: commsmodules, singular: commsmodule, shortNames: [comms], categories: [ocelot]}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";

/// Gives a user the rights that the chart gives an operator for all namespaces.
async fn cluster_wide(server: &ApiServer) -> Result<String> {
    let chart = repository().join("charts/comms-operator").display().to_string();
    let show = ["--show-only=templates/serviceaccount.yaml", "--show-only=templates/rbac.yaml"];
    let template = ["template", "comms-operator", &chart, "--namespace=default", "--set=crds.install=false"];
    let rights = server.access().helm(&[&template[..], &show[..]].concat()).await?;
    server.access().apply(&rights).await?;
    Ok("system:serviceaccount:default:comms-operator".into())
}

#[tokio::test]
async fn a_malformed_module_is_told_what_is_wrong_while_others_go_on() -> Result<()> {
    // A server of its own, for the definition is changed; and the scope of the whole cluster.
    let server = ApiServer::start().await?;
    define(&server, LOOSE).await?;
    let client = server.client().await?;
    let resource = ApiResource::erase::<CommsModule>(&());
    let untyped: Api<DynamicObject> = Api::namespaced_with(client.clone(), "default", &resource);
    // Of the second the API server takes no status any more, so that only an event can tell.
    for (name, spec) in
        [("broken", json!({"mode": "Other"})), ("hopeless", json!({"port": "three", "mode": ["?"]}))]
    {
        let malformed = DynamicObject::new(name, &resource).data(json!({ "spec": spec }));
        untyped.create(&PostParams::default(), &malformed).await?;
    }
    define(&server, &comms_operator::crd::yaml()?).await?;

    let shutdown = CancellationToken::new();
    let operator = Operator {
        client: server.client_for(&cluster_wide(&server).await?, None).await?,
        scope: Scope::Cluster,
        release: Release { image: IMAGE.into(), allow_unrestricted_pods: false, namespace: None },
        clock: clock::system,
        health: std::sync::Arc::new(Health::default()),
        pods: PodStatusClient::new()?,
    };
    let running = tokio::spawn(operator.run(shutdown.clone()));

    let modules: Api<CommsModule> = Api::namespaced(client.clone(), "default");
    let rolled_out = async |name: &str| {
        eventually(SOON, &format!("{name} is rolled out"), async || {
            let module = modules.get(name).await?;
            let ready = condition(&module, "Ready")?;
            ensure!(ready.reason == "RollingOut", "it is {ready:?}");
            Ok(())
        })
        .await
    };
    modules.create(&PostParams::default(), &module("sound", json!({}))?).await?;
    rolled_out("sound").await?;
    let message = eventually(SOON, "the broken module is told", async || {
        let broken = untyped.get("broken").await?;
        let ready = broken.data.pointer("/status/conditions/0").cloned().context("no condition")?;
        ensure!(ready["reason"] == "Malformed" && ready["status"] == "False", "it is {ready}");
        Ok(ready["message"].as_str().unwrap_or_default().to_owned())
    })
    .await?;
    assert_eq!(
        message,
        "this is no CommsModule: spec.mode: unknown variant `Other`, expected `Standalone` or `Platform`; \
         correct the field, or delete the object"
    );
    let events: Api<Event> = Api::namespaced(client, "default");
    let note = eventually(SOON, "an event tells of the hopeless module", async || {
        let all = events.list(&ListParams::default()).await?.items.into_iter();
        let is_about = |event: &Event| {
            event.regarding.as_ref().is_some_and(|regarding| regarding.name.as_deref() == Some("hopeless"))
        };
        all.filter(is_about).find_map(|event| event.note).context("there is none")
    })
    .await?;
    assert!(note.starts_with("this is no CommsModule: spec."), "{note}");

    for name in ["broken", "hopeless"] {
        let fix = json!({"spec": {"port": 3018, "mode": "Standalone"}});
        untyped.patch(name, &PatchParams::default(), &Patch::Merge(fix)).await?;
        rolled_out(name).await?;
    }
    shutdown.cancel();
    Ok(tokio::time::timeout(SOON, running).await??)
}
