//! Keys that rotate. The pods are those that the `ReplicaSet` controller makes; what a kubelet and the service would do is
//! done by the tests: the key set that is published is in force in a pod once the operator has had its mounts refreshed.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use axum::{Json, Router, extract::State, routing::get};
use comms_operator::{
    api::{CommsModule, CommsModuleStatus, KeyPhase, MANAGEMENT_PORT},
    apply::{Round, write_key_set, write_keyring},
    cache::Basis,
    cluster::Cluster,
    decide::{Module, Release},
    rotation::{KEYRING_JSON, Keyring},
    watches::{Scope, cache},
};
use k8s_openapi::{
    ByteString,
    api::{
        core::v1::{Pod, Secret},
        events::v1::Event,
    },
};
use keyset::{KeyPair, KeySet};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use testbed::wait::eventually;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    pods::serving,
    trial::{IMAGE, SOON, Trial},
};

/// Windows as short as admission lets them be.
fn windows() -> Value {
    json!({"propagationDelay": "2s", "verifierCacheTtl": "2s"})
}

/// A pod of a module, as its kubelet and the service in it would make it look.
struct Standin {
    name: String,
    /// Whether its kubelet does anything.
    moves: Arc<AtomicBool>,
    /// Each set that was in force, as the signing key and the number of accepted ones.
    seen: Arc<Mutex<Vec<(String, usize)>>>,
    tasks: [JoinHandle<()>; 2],
}

impl Standin {
    /// Makes the module's pod serve, with the keys that are published now.
    async fn start(trial: &Trial, address: Ipv4Addr) -> Result<Self> {
        let pod = trial.newest_pod("comms").await?;
        let (name, uid) = (pod.name_any(), pod.uid().context("a UID")?);
        let in_force = Arc::new(Mutex::new(Value::Null));
        let tell = async |State(answer): State<Arc<Mutex<Value>>>| {
            Json(answer.lock().expect("not poisoned").clone())
        };
        let status = json!({
            "events": {"state": "disabled", "last_error": null}, "database": {"state": "ok", "error": null},
        });
        let router = Router::new()
            .route("/keys", get(tell))
            .with_state(Arc::clone(&in_force))
            .route("/status", get(async || Json(status)));
        let listener = TcpListener::bind(SocketAddr::from((address, MANAGEMENT_PORT))).await?;
        let serve = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves until it is aborted");
        });
        let (moves, seen) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let kubelet = Kubelet {
            pods: trial.api(),
            secrets: trial.api(),
            pod: name.clone(),
            uid,
            moves: Arc::clone(&moves),
            seen: Arc::clone(&seen),
            in_force,
        };
        kubelet.refresh().await?;
        let kubelet = tokio::spawn(kubelet.run());
        trial.as_kubelet(&name, serving(address)).await?;
        Ok(Self { name, moves, seen, tasks: [serve, kubelet] })
    }

    fn seen(&self) -> Vec<(String, usize)> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Looks at a pod's mounts when the pod changes, and never otherwise.
struct Kubelet {
    pods: Api<Pod>,
    secrets: Api<Secret>,
    pod: String,
    uid: String,
    moves: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<(String, usize)>>>,
    in_force: Arc<Mutex<Value>>,
}

impl Kubelet {
    async fn run(self) {
        let mut before = String::new();
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let Ok(pod) = self.pods.get(&self.pod).await else { continue };
            let bumped =
                pod.annotations().get("comms.kraliki.com/keys-bumped-at").cloned().unwrap_or_default();
            if bumped != before && self.moves.load(Ordering::SeqCst) && self.refresh().await.is_ok() {
                before = bumped;
            }
        }
    }

    async fn refresh(&self) -> Result<()> {
        let set = set_of(&self.secrets.get("comms-keys").await?)?;
        let accepted: Vec<_> = set.jwks().iter().map(|(kid, _)| kid.as_str()).collect();
        let answer = json!({
            "signing": set.signing_kid().as_str(), "accepted": accepted, "pod_uid": self.uid,
            "set_sha256": set.set_sha256(), "error": null,
        });
        *self.in_force.lock().expect("not poisoned") = answer;
        let now = (set.signing_kid().to_string(), accepted.len());
        let mut seen = self.seen.lock().expect("not poisoned");
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        Ok(())
    }
}

fn set_of(secret: &Secret) -> Result<KeySet> {
    let data = secret.data.iter().flatten().map(|(name, value)| (name.clone(), value.0.clone()));
    Ok(KeySet::from_secret_data(&data.collect())?)
}

async fn published(trial: &Trial) -> Result<KeySet> {
    set_of(&trial.get("comms-keys").await?)
}

async fn keyring(trial: &Trial) -> Result<Keyring> {
    let secret: Secret = trial.get("comms-keyring").await?;
    let data = secret.data.context("no data")?;
    Ok(Keyring::from_json(&data.get(KEYRING_JSON).context("no entry")?.0)?)
}

async fn until_status<T>(
    trial: &Trial,
    what: &str,
    check: impl Fn(&CommsModuleStatus) -> Result<T>,
) -> Result<T> {
    trial
        .until_object::<CommsModule, _>("comms", what, |module| {
            let status = module.status.as_ref().context("no status")?;
            check(status).with_context(|| format!("its keys are {:?}", status.keys))
        })
        .await
}

/// The id of the key that is staged, once the module waits for its one pod to accept it.
async fn until_staged(trial: &Trial) -> Result<String> {
    until_status(trial, "waits for its pod", |status| {
        let staged =
            status.keys.iter().find(|key| key.phase == KeyPhase::Staged).context("none is staged")?;
        ensure!(
            staged.acknowledged.as_deref() == Some("0/1"),
            "it is acknowledged by {:?}",
            staged.acknowledged
        );
        Ok(staged.kid.clone())
    })
    .await
}

/// Phases and ids of the keys that the status shows.
fn phases(status: &CommsModuleStatus) -> Vec<(KeyPhase, String)> {
    status.keys.iter().map(|key| (key.phase, key.kid.clone())).collect()
}

async fn told(trial: &Trial) -> Result<BTreeSet<String>> {
    let events = trial.api::<Event>().list(&ListParams::default()).await?;
    let about_keys = events.items.into_iter().filter_map(|event| event.reason);
    Ok(about_keys.filter(|reason| reason.starts_with("Key")).collect())
}

async fn until_told(trial: &Trial, expected: &[&str]) -> Result<()> {
    eventually(SOON, "the events are told", async || {
        let told = told(trial).await?;
        let lacking: Vec<_> = expected.iter().filter(|reason| !told.contains(**reason)).collect();
        ensure!(lacking.is_empty(), "told is {told:?}, lacking {lacking:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_request_rotates_the_keys_as_pods_acknowledge_them() -> Result<()> {
    let trial = Trial::begin().await?;
    let spec = json!({"keys": {"rotation": windows(), "rotateRequest": "at the beginning"}});
    trial.create("comms", spec).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    let pod = Standin::start(&trial, Ipv4Addr::new(127, 31, 0, 1)).await?;
    let first = published(&trial).await?.signing_kid().to_string();
    let status = until_status(&trial, "shows its key", |status| {
        ensure!(phases(status) == [(KeyPhase::Active, first.clone())], "there are others");
        Ok(status.clone())
    })
    .await?;
    assert_eq!(status.observed_rotate_request.as_deref(), Some("at the beginning"), "it is not carried out");
    assert_eq!(status.last_rotation_time, None);
    assert!(status.next_rotation_time.is_some());

    pod.moves.store(false, Ordering::SeqCst);
    trial.change("comms", json!({"keys": {"rotateRequest": "now"}})).await?;
    let staged = until_staged(&trial).await?;
    trial.until("comms", "KeysReady", "True", "Rotating").await?;
    assert_eq!(published(&trial).await?.signing_kid().as_str(), first, "nothing signs with it yet");

    pod.moves.store(true, Ordering::SeqCst);
    let status = until_status(&trial, "has rotated its keys", |status| {
        let expected = [(KeyPhase::Active, staged.clone()), (KeyPhase::Retired, first.clone())];
        ensure!(phases(status) == expected, "they have other phases");
        ensure!(status.keys[1].remove_at.is_some(), "some pod may still sign with the former one");
        Ok(status.clone())
    })
    .await?;
    assert_eq!(status.observed_rotate_request.as_deref(), Some("now"));
    assert!(status.last_rotation_time.is_some());
    assert_eq!(status.active_key.as_deref(), staged.get(..8));
    assert_eq!(pod.seen(), [(first.clone(), 1), (first, 2), (staged, 2)]);
    trial.until("comms", "KeysReady", "True", "Available").await?;
    until_told(&trial, &["KeyStaged", "KeyPromoted", "KeyRetired"]).await?;
    let json = String::from_utf8(keyring(&trial).await?.to_json().to_vec())?;
    assert_eq!(json.matches("BEGIN PRIVATE KEY").count(), 1, "the former private half is gone");
    trial.settle("comms").await.map(drop)
}

#[tokio::test]
async fn a_revoked_key_that_signs_is_replaced_at_once_by_one_write_and_never_comes_back() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"keys": {"rotation": windows()}})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    let pod = Standin::start(&trial, Ipv4Addr::new(127, 31, 0, 2)).await?;
    trial.until("comms", "Ready", "True", "Serving").await?;
    let stolen: Secret = trial.get("comms-keys").await?;
    let revoked = set_of(&stolen)?.signing_kid().to_string();
    let before = trial.settle("comms").await?;

    // Also where its pod takes its time, and where something else holds the module.
    pod.moves.store(false, Ordering::SeqCst);
    let broken = json!({"rabbitmq": {"uriSecretRef": {"name": "absent", "key": "uri"}}});
    trial.change("comms", json!({"events": broken, "keys": {"revokedKids": [revoked, "nobody"]}})).await?;
    let active = trial
        .until_object::<Secret, _>("comms-keys", "no longer holds the revoked key", |secret| {
            let set = set_of(secret)?;
            ensure!(set.verifier(&revoked).is_none(), "it does");
            Ok(set.signing_kid().to_string())
        })
        .await?;
    until_status(&trial, "waits for its pod", |status| {
        let expected = [(KeyPhase::Active, active.clone()), (KeyPhase::Revoked, revoked.clone())];
        ensure!(phases(status) == expected, "they have other phases");
        ensure!(status.keys[1].acknowledged.as_deref() == Some("0/1"), "nobody is waited for");
        Ok(())
    })
    .await?;
    let writes: Vec<_> = trial.writes()?.split_off(before.len());
    let count =
        |secret: &str| writes.iter().filter(|write| **write == format!("patch secrets/{secret}")).count();
    assert_eq!(count("comms-keys"), 1, "{writes:?}");

    pod.moves.store(true, Ordering::SeqCst);
    trial.change("comms", json!({"events": null})).await?;
    let message = trial.until("comms", "KeysReady", "True", "Available").await?;
    assert!(message.ends_with("names nobody, no key of this module: correct or remove it."), "{message}");
    until_told(&trial, &["KeyRevoked", "KeyRefused"]).await?;
    assert_eq!(pod.seen(), [(revoked.clone(), 1), (active.clone(), 1)]);

    // Neither leaving the list nor somebody's backup brings it back.
    trial.change("comms", json!({"keys": {"revokedKids": null}})).await?;
    trial.settle("comms").await?;
    let data = json!({"data": stolen.data});
    trial.api::<Secret>().patch("comms-keys", &PatchParams::default(), &Patch::Merge(data)).await?;
    trial
        .until_object::<Secret, _>("comms-keys", "is as the keyring says again", |secret| {
            ensure!(set_of(secret)?.signing_kid().as_str() == active, "it is not");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn lost_and_damaged_keys_come_back_and_no_session_ends_while_either_secret_is_left() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    trial.settle("comms").await?;
    let sha256 = published(&trial).await?.set_sha256().to_owned();
    let until_whole = async |lost: &str| {
        eventually(SOON, &format!("all is as it was after {lost}"), async || {
            let set = published(&trial).await?;
            ensure!(set.set_sha256() == sha256, "other keys are published");
            ensure!(keyring(&trial).await?.set().set_sha256() == sha256, "the keyring has other keys");
            Ok(())
        })
        .await
    };
    let damage = async |secret: &str, entry: &str| -> Result<()> {
        let damage = json!({"stringData": {entry: "damaged"}});
        trial.api::<Secret>().patch(secret, &PatchParams::default(), &Patch::Merge(damage)).await?;
        Ok(())
    };
    trial.delete::<Secret>("comms-keys").await?;
    until_whole("the deletion of the keys").await?;
    trial.delete::<Secret>("comms-keyring").await?;
    until_whole("the deletion of the keyring").await?;
    damage("comms-keys", "ed25519_private.pem").await?;
    until_whole("damage to the keys").await?;
    damage("comms-keyring", KEYRING_JSON).await?;
    until_whole("damage to the keyring").await?;
    until_told(&trial, &["KeysRestored", "KeysAdopted", "KeyringRebuilt"]).await?;

    // Nothing is left to go by: nothing is invented.
    let mut trial = trial;
    trial.settle("comms").await?;
    trial.stop_operator().await?;
    let damage = json!({"stringData": {"ed25519_private.pem": "damaged", KEYRING_JSON: "damaged"}});
    for secret in ["comms-keys", "comms-keyring"] {
        trial.api::<Secret>().patch(secret, &PatchParams::default(), &Patch::Merge(&damage)).await?;
    }
    trial.start_operator().await?;
    let message = trial.until("comms", "KeysReady", "False", "InvalidKeys").await?;
    assert!(message.starts_with("Secret comms-keyring holds no keyring ("), "{message}");
    assert!(message.ends_with("or delete both for new keys, which ends all sessions"), "{message}");
    for secret in ["comms-keys", "comms-keyring"] {
        trial.delete::<Secret>(secret).await?;
    }
    trial.until("comms", "KeysReady", "True", "Available").await?;
    assert_ne!(published(&trial).await?.set_sha256(), sha256);
    Ok(())
}

#[tokio::test]
async fn a_keyring_that_is_all_that_was_restored_decides_over_the_first_key_of_a_new_module() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("former", json!({})).await?;
    trial.until("former", "KeysReady", "True", "Available").await?;
    let former: Secret = trial.get("former-keyring").await?;
    // As somebody restores it who leaves the label out by which the operator watches.
    let restored = json!({
        "apiVersion": "v1", "kind": "Secret", "data": former.data,
        "metadata": {"name": "comms-keyring", "labels": {"comms.kraliki.com/retained-for": "comms"}},
    });
    trial.by_a_user::<Secret>(restored).await?;
    let ring = keyring(&trial).await?;
    trial.create("comms", json!({})).await?;
    trial
        .until_object::<Secret, _>("comms-keys", "signs with the key of the keyring", |secret| {
            let kid = set_of(secret)?.signing_kid().clone();
            ensure!(kid == ring.active.jwk.kid, "it signs with {kid}");
            Ok(())
        })
        .await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    trial.settle("comms").await?;
    assert_eq!(*published(&trial).await?.signing_kid(), ring.active.jwk.kid);
    assert_eq!(keyring(&trial).await?.active.jwk.kid, ring.active.jwk.kid);
    Ok(())
}

#[tokio::test]
async fn keys_of_a_former_release_are_taken_over_as_they_are() -> Result<()> {
    let trial = Trial::begin().await?;
    let set = KeySet::of_pair(KeyPair::generate(&mut rand::rng()));
    let data: serde_json::Map<_, _> =
        set.to_secret_data().into_iter().map(|(name, bytes)| (name, json!(ByteString(bytes)))).collect();
    let former = json!({
        "apiVersion": "v1", "kind": "Secret", "data": data,
        "metadata": {"name": "comms-keys", "labels": {"comms.kraliki.com/retained-for": "comms"}},
    });
    trial.by_a_user::<Secret>(former).await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    trial.settle("comms").await?;
    assert_eq!(published(&trial).await?.set_sha256(), set.set_sha256());
    assert_eq!(keyring(&trial).await?.active.jwk.kid, *set.signing_kid());
    until_told(&trial, &["KeysAdopted"]).await
}

#[tokio::test]
async fn a_leader_that_wakes_up_late_cannot_overwrite_keys() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    trial.settle("comms").await?;
    // What it had read, and was about to write.
    let (ring, set): (Secret, Secret) = (trial.get("comms-keyring").await?, trial.get("comms-keys").await?);
    let (old_ring, old_set) = (keyring(&trial).await?, published(&trial).await?);
    let revoked = old_set.signing_kid().to_string();
    trial.change("comms", json!({"keys": {"revokedKids": [revoked]}})).await?;
    trial
        .until_object::<Secret, _>("comms-keys", "has another key", |secret| {
            ensure!(set_of(secret)?.verifier(&revoked).is_none(), "it has not");
            Ok(())
        })
        .await?;
    trial.settle("comms").await?;
    let now = published(&trial).await?.set_sha256().to_owned();

    let resource: CommsModule = trial.get("comms").await?;
    let release = Release { image: IMAGE.into(), allow_unrestricted_pods: false, namespace: None };
    let module = Module::new(&resource, &release)?;
    let scope = Scope::Namespace(trial.namespace.clone());
    let cluster = Cluster { client: trial.client.clone(), cache: Arc::new(cache(&scope)) };
    let basis = Basis::default();
    let round = Round::new(&cluster, &basis, &resource);
    for late in [
        write_keyring(&round, &module, &old_ring, Some(&ring)).await,
        write_key_set(&round, &module, &old_set, Some(&set)).await,
        write_keyring(&round, &module, &old_ring, None).await,
        write_key_set(&round, &module, &old_set, None).await,
    ] {
        let error = late.err().context("it was written")?;
        ensure!(error.source.is_conflict(), "it was refused for another reason: {error}");
    }
    assert_eq!(published(&trial).await?.set_sha256(), now);
    Ok(())
}

#[tokio::test]
async fn a_pod_is_named_by_what_it_waits_for_only_while_it_serves() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"keys": {"rotation": windows()}})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    let pod = Standin::start(&trial, Ipv4Addr::new(127, 31, 0, 3)).await?;
    trial.until("comms", "Ready", "True", "Serving").await?;
    pod.moves.store(false, Ordering::SeqCst);
    trial.change("comms", json!({"keys": {"rotateRequest": "now"}})).await?;
    let first = published(&trial).await?.signing_kid().to_string();
    until_staged(&trial).await?;
    assert_eq!(published(&trial).await?.signing_kid().as_str(), first);

    // Its container has crashed: whoever does not run neither signs nor judges.
    let crashed = json!({
        "phase": "Running",
        "containerStatuses": [{
            "name": "cc-lite", "image": IMAGE, "imageID": "sha256:0", "ready": false, "restartCount": 1,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        }],
    });
    trial.as_kubelet(&pod.name, crashed).await?;
    until_status(&trial, "goes on without it", |status| {
        ensure!(status.observed_rotate_request.as_deref() == Some("now"), "it waits");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_pod_that_has_its_mounts_and_is_about_to_start_is_waited_for() -> Result<()> {
    let trial = Trial::begin().await?;
    trial.create("comms", json!({"keys": {"rotation": windows()}})).await?;
    trial.until("comms", "KeysReady", "True", "Available").await?;
    let pod = trial.newest_pod("comms").await?.name_any();
    let pulls_its_image = json!({
        "phase": "Pending",
        "conditions": [{"type": "PodReadyToStartContainers", "status": "True"}],
        "containerStatuses": [{
            "name": "cc-lite", "image": IMAGE, "imageID": "", "ready": false, "restartCount": 0,
            "state": {"waiting": {"reason": "ContainerCreating"}},
        }],
    });
    trial.as_kubelet(&pod, pulls_its_image).await?;
    trial.change("comms", json!({"keys": {"rotateRequest": "now"}})).await?;
    let first = published(&trial).await?.signing_kid().to_string();
    until_staged(&trial).await?;
    assert_eq!(published(&trial).await?.signing_kid().as_str(), first);
    let _pod = Standin::start(&trial, Ipv4Addr::new(127, 31, 0, 5)).await?;
    until_status(&trial, "goes on with it", |status| {
        ensure!(status.observed_rotate_request.as_deref() == Some("now"), "it waits");
        Ok(())
    })
    .await
}
