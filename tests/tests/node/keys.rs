//! Keys that change under a running pod.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use keyset::{Jwk, Jwks, KeyPair, KeySet, PRIVATE_PEM};
use kube::api::{Api, Patch, PatchParams};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::module::{Module, token_parts};
use testbed::wait::eventually;

use crate::stage::Room;

crate::tests![a_running_pod_takes_changed_keys_without_a_restart, a_module_signs_with_keys_of_its_owner];

async fn a_module_signs_with_keys_of_its_owner(room: &Room<'_>) -> Result<()> {
    let own = KeySet::of_pair(KeyPair::generate(&mut rand::rng()));
    let data: serde_json::Map<_, _> =
        own.to_secret_data().into_iter().map(|(name, bytes)| (name, json!(ByteString(bytes)))).collect();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "data": data,
        "metadata": {"name": "signing", "namespace": room.namespace},
    });
    room.access().apply(&secret.to_string()).await?;
    room.apply("comms", &json!({"keys": {"secretRef": {"name": "signing"}}})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let token = room.login("comms", &module).await?;
    assert_eq!(kid(&token)?, own.signing_kid().as_str());
    module.get("/auth/me", &token).await?;
    ensure!(room.get("secret/comms-keys").await.is_err(), "others were made");
    Ok(())
}

async fn a_running_pod_takes_changed_keys_without_a_restart(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let pod = room.pod("comms").await?;
    let keys = MountedKeys::of(room, &pod).await?;
    let (first, second) = (keys.private_pem().await?, KeyPair::generate(&mut rand::rng()).to_pem());
    let old = room.login("comms", &module).await?;

    keys.change(&set(&first, &[&second])?).await?;
    assert_eq!(kid(&room.login("comms", &module).await?)?, kid(&old)?, "a staged key signs nothing");

    let promoted = set(&second, &[&first])?;
    keys.change(&promoted).await?;
    let new = room.login("comms", &module).await?;
    assert_eq!(kid(&new)?, promoted.signing_kid().as_str());
    for token in [&old, &new] {
        module.get("/auth/me", token).await?;
    }
    eventually(Duration::from_secs(20), "the resource shows the key that signs", async || {
        let status = room.get("commsmodule/comms").await?["status"].take();
        ensure!(status["keys"][0]["kid"] == promoted.signing_kid().as_str(), "seen: {status}");
        Ok(())
    })
    .await?;

    keys.change(&set(&second, &[])?).await?;
    let refused = module.call(Method::GET, "/auth/me", Some(&old), None).await?;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "the key of this token was removed");
    module.get("/auth/me", &new).await?;

    room.ready("comms").await?;
    let after = room.pod("comms").await?;
    let containers = |pod: &Value| pod["status"]["containerStatuses"].clone();
    assert_eq!(after["metadata"]["uid"], pod["metadata"]["uid"], "the pod was replaced");
    assert_eq!(containers(&after)[0]["restartCount"], 0, "seen: {}", containers(&after));
    Ok(())
}

/// A module's key Secret, and the pod that it is mounted into.
struct MountedKeys<'a> {
    room: &'a Room<'a>,
    secrets: Api<Secret>,
    pod: &'a str,
    management: Module,
}

impl<'a> MountedKeys<'a> {
    async fn of(room: &'a Room<'a>, pod: &'a Value) -> Result<Self> {
        let address = pod["status"]["podIP"].as_str().context("the pod's address")?;
        Ok(Self {
            room,
            secrets: Api::namespaced(room.access().client().await?, &room.namespace),
            pod: pod["metadata"]["name"].as_str().context("the pod's name")?,
            management: Module::at(format!("http://{address}:9018"))?,
        })
    }

    async fn private_pem(&self) -> Result<String> {
        let data = self.secrets.get("comms-keys").await?.data.context("the Secret's data")?;
        Ok(String::from_utf8(data.get(PRIVATE_PEM).context("the private key")?.0.clone())?)
    }

    /// Writes this set into the Secret, and waits until the pod has it in force.
    async fn change(&self, set: &KeySet) -> Result<()> {
        let entries = set.to_secret_data().into_iter();
        let data: serde_json::Map<_, _> =
            entries.map(|(name, bytes)| (name, json!(ByteString(bytes)))).collect();
        let patch = Patch::Merge(json!({"data": data}));
        self.secrets.patch("comms-keys", &PatchParams::default(), &patch).await?;
        let mut bumps = 0;
        eventually(Duration::from_secs(90), "the pod has the set in force", async || {
            // The kubelet refreshes a mount when the pod changes; it may see this before it sees the Secret.
            bumps += 1;
            let annotation = format!("comms.kraliki.com/seen={}-{bumps}", set.set_sha256());
            self.room.kubectl(&["annotate", "pod", self.pod, &annotation, "--overwrite"]).await?;
            eventually(Duration::from_secs(2), "it says so", async || {
                let told = self.management.call(Method::GET, "/keys", None, None).await?.body;
                ensure!(told["set_sha256"] == set.set_sha256() && told["error"].is_null(), "seen: {told}");
                Ok(())
            })
            .await
        })
        .await
    }
}

/// A set that signs with one key and accepts others too, all given by their private halves.
fn set(signing: &str, also: &[&str]) -> Result<KeySet> {
    let mut accepted = Vec::new();
    for pem in also.iter().chain([&signing]) {
        let key = KeyPair::from_pem(pem)?.public().clone();
        accepted.push(Jwk { kid: key.thumbprint(), key });
    }
    Ok(KeySet::new(KeyPair::from_pem(signing)?, Jwks::new(accepted)?)?)
}

fn kid(token: &str) -> Result<String> {
    let (header, _) = token_parts(token)?;
    Ok(header["kid"].as_str().context("a kid")?.to_owned())
}
