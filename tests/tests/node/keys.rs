//! Keys that change under running pods.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use k8s_openapi::ByteString;
use keyset::{KeyPair, KeySet};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testbed::module::{Account, Module, token_parts};
use testbed::wait::eventually;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::load::Load;
use crate::recording::{keep, record};
use crate::stage::Room;

crate::tests![
    keys_rotate_under_load_and_no_valid_token_is_refused,
    a_revoked_key_is_refused_from_the_last_acknowledgement_on,
    a_module_signs_with_keys_of_its_owner,
];

/// Longest time that a rotation may take with the windows below.
const SOON: Duration = Duration::from_secs(90);

/// Windows as short as admission lets them be.
pub(crate) fn windows() -> Value {
    json!({"propagationDelay": "2s", "verifierCacheTtl": "2s"})
}

async fn keys_rotate_under_load_and_no_valid_token_is_refused(room: &Room<'_>) -> Result<()> {
    let database = room.postgres().await?;
    let spec = |request: &str| {
        let keys = json!({"rotation": windows(), "rotateRequest": request});
        json!({"replicas": 3, "database": database, "keys": keys})
    };
    room.apply("comms", &spec("at the beginning")).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let restarts = restarts(room).await?;
    let account = Account::admin_of(&room.access().client().await?, &room.namespace, "comms").await?;
    let old = module.login(&account).await?;
    let load = Load::begin(module.base(), &old).await?;
    let fresh = Fresh::begin(module.clone(), &account).await?;

    let mut kids = vec![kid(&old)?];
    for request in ["one", "two"] {
        let (asked, stop) = (Instant::now(), CancellationToken::new());
        let rotated = async {
            // Whatever comes of it, nobody records on.
            let _stop = stop.clone().drop_guard();
            room.apply("comms", &spec(request)).await?;
            rotated(room, "comms", request, SOON).await
        };
        let (status, timeline) = tokio::try_join!(rotated, record(room, stop.clone()))?;
        for (pod, seen) in &timeline.pods {
            let mut signing: Vec<_> = seen.iter().map(|seen| &seen.value.signing).collect();
            signing.dedup();
            ensure!(signing.len() == 2 && signing.first().copied() == kids.last(), "{pod}: {seen:?}");
        }
        if request == "one" {
            keep(&timeline)?;
        }
        println!("rotation {request} took {:.1} s with a delay of 2 s", asked.elapsed().as_secs_f64());
        assert_eq!(of_phase(&status, "Retired").len(), kids.len(), "seen: {status}");
        let active = of_phase(&status, "Active")[0]["kid"].as_str().context("a kid")?.to_owned();
        ensure!(!kids.contains(&active), "no other key signs");
        let signs = kid(&module.login(&account).await?)?;
        assert_eq!(signs, active, "the new key signs everywhere");
        kids.push(active);
    }
    load.goes_on().await?;
    let tokens = fresh.end().await?;
    println!("{} requests with an old token and {tokens} fresh tokens, none refused", load.end().await?);
    module.get("/auth/me", &old).await?;
    assert_eq!(self::restarts(room).await?, restarts, "pods were replaced");
    Ok(())
}

async fn a_revoked_key_is_refused_from_the_last_acknowledgement_on(room: &Room<'_>) -> Result<()> {
    room.apply("comms", &json!({})).await?;
    room.ready("comms").await?;
    let module = room.module("comms").await?;
    let old = room.login("comms", &module).await?;
    module.get("/auth/me", &old).await?;
    let revoked = kid(&old)?;
    let asked = Instant::now();
    room.apply("comms", &json!({"keys": {"revokedKids": [revoked]}})).await?;
    let note = eventually(SOON, "every pod refuses the key", async || {
        let events: Value =
            serde_json::from_str(&room.kubectl(&["get", "events.events.k8s.io", "--output", "json"]).await?)?;
        let mut events = events["items"].as_array().cloned().unwrap_or_default().into_iter();
        let refused = events.find(|event| event["reason"] == "KeyRefused").context("it is not told")?;
        Ok(refused["note"].as_str().context("a note")?.to_owned())
    })
    .await?;
    println!("{note} Known {:.1} s after it was asked for.", asked.elapsed().as_secs_f64());
    ensure!(note.contains(&revoked), "{note}");
    let refused = module.call(Method::GET, "/auth/me", Some(&old), None).await?;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "the token was remembered");
    let new = room.login("comms", &module).await?;
    assert_ne!(kid(&new)?, revoked);
    module.get("/auth/me", &new).await?;
    let seen = status(room, "comms").await?;
    assert_eq!(of_phase(&seen, "Revoked")[0]["kid"], revoked.as_str(), "seen: {seen}");
    assert_eq!(restarts(room).await?[0].1, 0);
    Ok(())
}

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
    let seen = status(room, "comms").await?;
    assert_eq!(of_phase(&seen, "Active")[0]["kid"], own.signing_kid().as_str(), "seen: {seen}");
    Ok(())
}

/// Waits until the rotation that was asked for is over; the module's status then.
pub(crate) async fn rotated(room: &Room<'_>, name: &str, request: &str, within: Duration) -> Result<Value> {
    eventually(within, &format!("rotation {request} is over"), async || {
        let status = status(room, name).await?;
        let retired = of_phase(&status, "Retired");
        ensure!(status["observedRotateRequest"] == request, "seen: {status}");
        ensure!(retired.iter().all(|key| key["removeAt"].is_string()), "seen: {status}");
        Ok(status)
    })
    .await
}

pub(crate) async fn status(room: &Room<'_>, name: &str) -> Result<Value> {
    Ok(room.get(&format!("commsmodule/{name}")).await?["status"].take())
}

/// The keys of a phase, as the status shows them.
pub(crate) fn of_phase(status: &Value, phase: &str) -> Vec<Value> {
    let keys = status["keys"].as_array().into_iter().flatten();
    keys.filter(|key| key["phase"] == phase).cloned().collect()
}

/// UIDs of the pods, and how often their containers were restarted.
async fn restarts(room: &Room<'_>) -> Result<Vec<(String, u64)>> {
    let selector = "app.kubernetes.io/name=cc-lite,app.kubernetes.io/instance=comms";
    let pods: Value = serde_json::from_str(
        &room.kubectl(&["get", "pods", "--selector", selector, "--output", "json"]).await?,
    )?;
    let of = |pod: &Value| {
        let uid = pod["metadata"]["uid"].as_str().context("a UID")?.to_owned();
        let count = pod["status"]["containerStatuses"][0]["restartCount"].as_u64().context("a count")?;
        Ok((uid, count))
    };
    let mut all: Vec<_> = pods["items"].as_array().into_iter().flatten().map(of).collect::<Result<_>>()?;
    all.sort();
    Ok(all)
}

/// Renews a session again and again, and uses each token at once and ten renewals later, through the Service: so by
/// whichever pod. Each refusal counts.
struct Fresh {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<usize>>,
}

impl Fresh {
    async fn begin(module: Module, account: &Account) -> Result<Self> {
        let body = json!({"email": account.email, "password": account.password});
        let login = module.call(Method::POST, "/auth/login", None, Some(&body)).await?.body;
        let refresh = login["refresh_token"].as_str().context("a refresh token")?.to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(renew(module, refresh, Arc::clone(&stop)));
        Ok(Self { stop, task })
    }

    /// Ends, and gives the number of tokens. Fails where one was refused.
    async fn end(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await?
    }
}

async fn renew(module: Module, mut refresh: String, stop: Arc<AtomicBool>) -> Result<usize> {
    let mut tokens: Vec<String> = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let answer = module
            .call(Method::POST, "/auth/refresh", None, Some(&json!({"refresh_token": refresh})))
            .await
            .context("the session was to be renewed")?;
        ensure!(answer.status == StatusCode::OK, "renewal {} was refused: {answer:?}", tokens.len());
        let text = |name: &str| answer.body[name].as_str().map(str::to_owned).context("a token");
        refresh = text("refresh_token")?;
        tokens.push(text("access_token")?);
        let before = tokens.len().saturating_sub(10);
        for token in [&tokens[tokens.len() - 1], &tokens[before]] {
            module.get("/auth/me", token).await.with_context(|| format!("of {} tokens", tokens.len()))?;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(tokens.len())
}

fn kid(token: &str) -> Result<String> {
    let (header, _) = token_parts(token)?;
    Ok(header["kid"].as_str().context("a kid")?.to_owned())
}
