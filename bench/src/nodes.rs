//! On a cluster with nodes: how soon a module answers, beside the same objects applied by hand; and how soon what is
//! deleted or edited of it is as it was.

use crate::report::table;
use crate::statistics::{Spread, figure};
use anyhow::{Context, Result, ensure};
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::{Client, ResourceExt};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use testbed::Cluster;
use testbed::access::Access;
use testbed::product::Product;
use testbed::progress::{note, step};
use testbed::wait::eventually;

const ROUNDS: usize = 5;
const REPAIRS: usize = 5;
const NAME: &str = "comms";
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(5);
const MODULE: &str = include_str!("../peers/go-operator/ours.yaml");

/// A kind of children.
struct Kind {
    group: &'static str,
    name: &'static str,
    plural: &'static str,
    /// Whether it can be deleted while its pod runs.
    goes: bool,
}

const SERVICE: Kind = Kind { group: "", name: "Service", plural: "services", goes: true };
const KINDS: [Kind; 5] = [
    Kind { group: "", name: "ServiceAccount", plural: "serviceaccounts", goes: true },
    Kind { group: "", name: "Secret", plural: "secrets", goes: true },
    Kind { group: "", name: "PersistentVolumeClaim", plural: "persistentvolumeclaims", goes: false },
    SERVICE,
    Kind { group: "apps", name: "Deployment", plural: "deployments", goes: true },
];

/// Measures both; about five minutes.
pub(crate) async fn measure() -> Result<String> {
    let product = step("building the images", Product::build()).await?;
    let cluster = step("starting a cluster with two nodes", Cluster::start()).await?;
    for image in [&product.service, &product.operator] {
        cluster.load(image).await?;
    }
    step("installing the operator", product.install(cluster.access())).await?;
    let bench = Bench { access: cluster.access(), client: cluster.client().await? };
    let (mut modules, mut bare) = (Vec::new(), Vec::new());
    // The first round is there to have everything read from the disk once.
    for round in 0..=ROUNDS {
        let (by_module, by_hand) = bench.round(round).await?;
        note(&format!("round {round}: {} s by a module, {} s bare", figure(by_module), figure(by_hand)));
        if round > 0 {
            modules.push(by_module);
            bare.push(by_hand);
        }
    }
    let answers = [
        ["from `kubectl apply` to the first 200", "s", "÷ bare"].map(str::to_owned).to_vec(),
        vec![
            "a CommsModule".to_owned(),
            Spread::of(&modules).to_string(),
            Spread::of_ratios(&modules, &bare).to_string(),
        ],
        vec!["the same objects, bare".to_owned(), Spread::of(&bare).to_string(), "1.00".to_owned()],
    ];
    Ok(format!("{}\n{}", table(&answers), table(&bench.repairs().await?)))
}

struct Bench<'a> {
    access: &'a Access,
    client: Client,
}

impl Bench<'_> {
    /// Seconds until a module answers, and until its objects do without it.
    async fn round(&self, number: usize) -> Result<(f64, f64)> {
        let (by_module, by_hand) = (format!("module-{number}"), format!("bare-{number}"));
        let module = self.first_answer(&by_module, &module_in(&by_module)).await?;
        let objects = self.bare(&by_module, &by_hand).await?;
        self.end(&by_module).await?;
        let bare = self.first_answer(&by_hand, &objects).await?;
        self.end(&by_hand).await?;
        Ok((module, bare))
    }

    /// Applies manifests in a namespace of their own; seconds until what they describe answers 200.
    async fn first_answer(&self, namespace: &str, manifests: &str) -> Result<f64> {
        self.access.namespace(namespace).await?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(1)).build()?;
        let services = self.api(namespace, &SERVICE);
        let mut url = None;
        let began = Instant::now();
        self.access.apply(manifests).await?;
        until(began, &format!("something answers in {namespace}"), async || {
            if url.is_none() {
                url = services.get_opt(NAME).await?.as_ref().and_then(health);
            }
            let Some(url) = &url else { return Ok(false) };
            Ok(http.get(url).send().await.is_ok_and(|answer| answer.status() == StatusCode::OK))
        })
        .await
        .map(|took| took.as_secs_f64())
    }

    /// The children of a namespace's module as a person would write them for another namespace.
    async fn bare(&self, namespace: &str, other: &str) -> Result<String> {
        let mut items = Vec::new();
        for kind in &KINDS {
            for mut object in self.children(namespace, kind).await? {
                // Its annotations are the cluster's: one would have a claim believe that it is bound already.
                let metadata =
                    json!({"name": object.name_any(), "namespace": other, "labels": object.labels()});
                for given in ["/spec/clusterIP", "/spec/clusterIPs", "/spec/volumeName"] {
                    let (above, field) = given.rsplit_once('/').context("a field")?;
                    object.data.pointer_mut(above).and_then(Value::as_object_mut).map(|it| it.remove(field));
                }
                let mut item = object.data;
                item.as_object_mut().context("an object")?.remove("status");
                item["metadata"] = metadata;
                item["kind"] = json!(kind.name);
                item["apiVersion"] = json!(if kind.group.is_empty() { "v1" } else { "apps/v1" });
                items.push(item);
            }
        }
        Ok(json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string())
    }

    /// Ends a namespace and waits until its pods are gone, so that the machine is as quiet as before.
    async fn end(&self, namespace: &str) -> Result<()> {
        self.access.kubectl(&["delete", "namespace", namespace, "--timeout=120s"]).await.map(drop)
    }

    /// How soon each child of a module that runs is back.
    async fn repairs(&self) -> Result<Vec<Vec<String>>> {
        let namespace = "repairs";
        self.first_answer(namespace, &module_in(namespace)).await?;
        let ready = ["wait", "commsmodule", NAME, "--for=condition=Ready", "--timeout=120s", "-n", namespace];
        let mut rows = vec![["as it was again", "deleted, ms", "edited, ms"].map(str::to_owned).to_vec()];
        for kind in &KINDS {
            for child in self.children(namespace, kind).await? {
                let (name, mut deleted, mut edited) = (child.name_any(), Vec::new(), Vec::new());
                for _ in 0..REPAIRS {
                    self.access.kubectl(&ready).await?;
                    edited.push(self.edited(namespace, kind, &name).await?);
                    if kind.goes {
                        self.access.kubectl(&ready).await?;
                        deleted.push(self.deleted(namespace, kind, &name).await?);
                    }
                }
                let deleted = if kind.goes { Spread::of(&deleted).to_string() } else { "–".to_owned() };
                rows.push(vec![format!("{} `{name}`", kind.name), deleted, Spread::of(&edited).to_string()]);
            }
        }
        self.end(namespace).await?;
        Ok(rows)
    }

    /// Milliseconds until a deleted object is there again.
    async fn deleted(&self, namespace: &str, kind: &Kind, name: &str) -> Result<f64> {
        let api = self.api(namespace, kind);
        let former = api.get(name).await?.uid();
        api.delete(name, &DeleteParams::background()).await?;
        until(Instant::now(), &format!("{} {name} is made anew", kind.name), async || {
            Ok(api.get_opt(name).await?.is_some_and(|object| object.uid() != former))
        })
        .await
        .map(milliseconds)
    }

    /// Milliseconds until a label that somebody else has changed is as it was.
    async fn edited(&self, namespace: &str, kind: &Kind, name: &str) -> Result<f64> {
        // The one by which the operator watches.
        const LABEL: &str = "app.kubernetes.io/managed-by";
        let api = self.api(namespace, kind);
        let former = api.get(name).await?.labels().get(LABEL).cloned().context("its label")?;
        let edit = json!({"metadata": {"labels": {LABEL: "somebody"}}});
        api.patch(name, &PatchParams::default(), &Patch::Merge(edit)).await?;
        until(Instant::now(), &format!("the label of {} {name} is as it was", kind.name), async || {
            Ok(api.get(name).await?.labels().get(LABEL) == Some(&former))
        })
        .await
        .map(milliseconds)
    }

    /// The module's objects of this kind, once they are there.
    async fn children(&self, namespace: &str, kind: &Kind) -> Result<Vec<DynamicObject>> {
        let of_module =
            kube::api::ListParams::default().labels(&format!("app.kubernetes.io/instance={NAME}"));
        let api = self.api(namespace, kind);
        eventually(PATIENCE, kind.plural, async || {
            let all = api.list(&of_module).await?.items;
            ensure!(!all.is_empty(), "there are none");
            Ok(all)
        })
        .await
    }

    fn api(&self, namespace: &str, kind: &Kind) -> Api<DynamicObject> {
        let gvk = GroupVersionKind::gvk(kind.group, "v1", kind.name);
        let resource = ApiResource::from_gvk_with_plural(&gvk, kind.plural);
        Api::namespaced_with(self.client.clone(), namespace, &resource)
    }
}

/// Where a Service's module says how it is.
fn health(service: &DynamicObject) -> Option<String> {
    let address = service.data.pointer("/spec/clusterIP")?.as_str()?;
    let ports = service.data.pointer("/spec/ports")?.as_array()?;
    let port = ports.iter().find(|port| port["name"] == "http")?["port"].as_u64()?;
    Some(format!("http://{address}:{port}/health"))
}

/// A module for this namespace.
fn module_in(namespace: &str) -> String {
    MODULE.replace("__NAME__", &format!("{NAME}\n  namespace: {namespace}"))
}

/// How long after `began` something is so.
async fn until(began: Instant, what: &str, mut is_so: impl AsyncFnMut() -> Result<bool>) -> Result<Duration> {
    while !is_so().await? {
        ensure!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} until {what}");
        tokio::time::sleep(LOOK).await;
    }
    Ok(began.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
