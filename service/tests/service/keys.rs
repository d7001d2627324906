//! Keys that change while the service runs.

use crate::fixture::{Answer, Database, Plan, SOON, Service};
use crate::key_directory::{Access, Files, KeyDirectory, Layout, pair, set};
use anyhow::{Result, ensure};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures::future::join_all;
use keyset::{JWKS_JSON, KeySet, PRIVATE_PEM, PUBLIC_PEM};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use testbed::wait::eventually;
use tokio_util::sync::CancellationToken;

/// A service over a key directory with this set.
async fn started(layout: Layout, set: &KeySet) -> (KeyDirectory, Service) {
    let mut plan = Plan::standalone(Database::Sqlite).await;
    plan.keys_interval = Some(Duration::from_millis(2));
    let directory = KeyDirectory::with(plan.folder().join("keys"), layout, set);
    (directory, plan.start().await)
}

async fn keys(service: &Service) -> Value {
    service.manage("/keys").await.expect(200).json()
}

async fn until_in_force(service: &Service, set: &KeySet) {
    eventually(SOON, "the set is in force", async || {
        let keys = keys(service).await;
        ensure!(keys["set_sha256"] == set.set_sha256() && keys["error"].is_null(), "seen: {keys}");
        Ok(())
    })
    .await
    .unwrap();
}

async fn until_refused(service: &Service, reason: &str) {
    eventually(SOON, &format!("the reason is `…{reason}…`"), async || {
        let keys = keys(service).await;
        ensure!(keys["error"].as_str().is_some_and(|error| error.contains(reason)), "seen: {keys}");
        Ok(())
    })
    .await
    .unwrap();
}

/// What a metric without further labels than these says.
async fn metric(service: &Service, name: &str) -> u64 {
    let text = service.manage("/metrics").await.expect(200).text;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.unwrap_or_else(|| panic!("expected {name} in\n{text}"))
}

const TAKEN: &str = r#"cc_lite_key_reloads_total{outcome="taken"}"#;
const REFUSED: &str = r#"cc_lite_key_reloads_total{outcome="refused"}"#;
const IN_ERROR: &str = "cc_lite_key_directory_in_error";

async fn access_token(service: &Service) -> String {
    service.login().await["access_token"].as_str().unwrap().to_owned()
}

async fn me(service: &Service, token: &str) -> Answer {
    Answer::of(service.request(Method::GET, "/auth/me").bearer_auth(token)).await
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

fn claim(token: &str, name: &str) -> String {
    part(token, 1)[name].as_str().unwrap().to_owned()
}

fn part(token: &str, number: usize) -> Value {
    let part = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap();
    serde_json::from_slice(&part).unwrap()
}

async fn published(service: &Service) -> String {
    service.get("/.well-known/jwks.json").await.expect(200).text
}

/// Files that make no key set, what is wrong with them, and what is said of it.
fn faults(good: &KeySet) -> Vec<(&'static str, Files, Access)> {
    let with = |name: &str, bytes: Vec<u8>| {
        let mut files = good.to_secret_data();
        files.insert(name.to_owned(), bytes);
        files
    };
    let half = |name: &str| {
        let bytes = good.to_secret_data().remove(name).unwrap();
        with(name, bytes[..bytes.len() / 2].to_vec())
    };
    let without = |name: &str| {
        let mut files = good.to_secret_data();
        files.remove(name);
        files
    };
    // The neutral point of the curve, under which anybody can sign.
    let weak = BASE64_URL_SAFE_NO_PAD.encode([&[1_u8][..], &[0; 31]].concat());
    let weak = json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "x": BASE64_URL_SAFE_NO_PAD.encode(pair(1).public().as_bytes())},
        {"kty": "OKP", "crv": "Ed25519", "x": weak},
    ]});
    let others = set(2, &[]).to_secret_data();
    vec![
        ("ed25519_private.pem: the private key is not", half(PRIVATE_PEM), Access::Proper),
        ("ed25519_public.pem: the public key is not", half(PUBLIC_PEM), Access::Proper),
        ("jwks.json: the JWK set is not", half(JWKS_JSON), Access::Proper),
        ("is not the public half of", with(PRIVATE_PEM, others[PRIVATE_PEM].clone()), Access::Proper),
        ("does not hold the signing key", with(JWKS_JSON, others[JWKS_JSON].clone()), Access::Proper),
        ("is weak", with(JWKS_JSON, weak.to_string().into_bytes()), Access::Proper),
        ("ed25519_private.pem is missing", without(PRIVATE_PEM), Access::Proper),
        ("ed25519_public.pem is missing", without(PUBLIC_PEM), Access::Proper),
        ("has mode 0", good.to_secret_data(), Access::Loose),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_key_set_leaves_the_keys_in_force_and_is_told_until_it_is_mended() {
    for layout in Layout::all() {
        let good = set(1, &[3]);
        let (directory, service) = started(*layout, &good).await;
        let token = access_token(&service).await;
        let (in_force, jwks) = (keys(&service).await, published(&service).await);
        let unchanged = async |reason: &str| {
            let mut now = keys(&service).await;
            now["error"] = Value::Null;
            assert_eq!(now, in_force, "{reason}");
            assert_eq!(published(&service).await, jwks, "{reason}");
            me(&service, &token).await.expect(200);
            assert_eq!(kid(&access_token(&service).await), kid(&token), "{reason}");
            assert_eq!(metric(&service, IN_ERROR).await, 1, "{reason}");
        };
        for (reason, files, access) in faults(&good) {
            let refused = metric(&service, REFUSED).await;
            directory.put(&files, access);
            until_refused(&service, reason).await;
            unchanged(reason).await;
            assert!(metric(&service, REFUSED).await > refused, "{reason}");

            directory.put(&good.to_secret_data(), Access::Proper);
            until_in_force(&service, &good).await;
            assert_eq!(metric(&service, IN_ERROR).await, 0, "{reason}");
        }
        directory.remove();
        until_refused(&service, "there is no key directory").await;
        unchanged("there is no key directory").await;
        assert!(!directory.path().exists(), "no keys are made while the service runs");
        directory.restore();
        until_in_force(&service, &good).await;
        assert_eq!(metric(&service, TAKEN).await, 0, "{layout:?}: the set never changed");
        assert_eq!(keys(&service).await, in_force);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_keeps_every_token_whose_key_is_accepted() {
    for layout in Layout::all() {
        let (directory, service) = started(*layout, &set(1, &[])).await;
        let old = access_token(&service).await;
        let put = async |set: &KeySet| {
            directory.put(&set.to_secret_data(), Access::Proper);
            until_in_force(&service, set).await;
            assert_eq!(published(&service).await, set.jwks().to_json());
        };

        let staged = set(1, &[2]);
        put(&staged).await;
        assert_eq!(kid(&access_token(&service).await), kid(&old), "a staged key does not sign");
        me(&service, &old).await.expect(200);

        let promoted = set(2, &[1]);
        put(&promoted).await;
        let new = access_token(&service).await;
        assert_eq!(kid(&new), pair(2).public().thumbprint().as_str());
        for token in [&old, &new] {
            me(&service, token).await.expect(200);
        }

        put(&set(2, &[])).await;
        assert_eq!(me(&service, &old).await.expect(401).problem(), "token-invalid");
        me(&service, &new).await.expect(200);
        assert_eq!(metric(&service, TAKEN).await, 3, "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_of_a_removed_key_are_refused_at_once_seen_before_or_not() {
    for layout in Layout::all() {
        let (directory, service) = started(*layout, &set(1, &[2])).await;
        let login = service.login().await;
        let (seen, unseen) = (access_token(&service).await, access_token(&service).await);
        me(&service, &seen).await.expect(200);

        let replaced = set(2, &[]);
        directory.put(&replaced.to_secret_data(), Access::Proper);
        until_in_force(&service, &replaced).await;

        for token in [&seen, &unseen] {
            assert_eq!(me(&service, token).await.expect(401).problem(), "token-invalid");
        }
        let refresh = json!({"refresh_token": login["refresh_token"]});
        assert_eq!(service.post("/auth/refresh", &refresh).await.expect(401).problem(), "token-invalid");
        me(&service, &access_token(&service).await).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_go_on_across_a_rotation_and_a_replay_still_ends_them() {
    let (directory, service) = started(Layout::Bare, &set(1, &[2])).await;
    let refresh = async |tokens: &Value| {
        let body = json!({"refresh_token": tokens["refresh_token"]});
        service.post("/auth/refresh", &body).await
    };
    let first = service.login().await;
    let second = refresh(&first).await.expect(200).json();
    let rotated = set(2, &[1]);
    directory.put(&rotated.to_secret_data(), Access::Proper);
    until_in_force(&service, &rotated).await;

    let again = refresh(&first).await.expect(200).json();
    let jti = |tokens: &Value| claim(tokens["refresh_token"].as_str().unwrap(), "jti");
    assert_eq!(jti(&again), jti(&second), "the same successor, whichever key signs it");
    let third = refresh(&second).await.expect(200).json();
    assert_eq!(refresh(&first).await.expect(401).problem(), "session-ended", "a replay");
    for tokens in [&second, &again, &third] {
        assert_eq!(refresh(tokens).await.expect(401).problem(), "session-ended", "its family");
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(me(&service, access).await.expect(401).problem(), "session-ended");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_during_a_thousand_changes_under_load() {
    const CHANGES: u64 = 1000;
    // Keys 1 and 2 are accepted by all of them, and each differs from the next in what signs or in what is accepted.
    let sets = [set(1, &[2]), set(2, &[1]), set(2, &[1, 3]), set(1, &[2, 3])];
    for layout in Layout::all() {
        let (directory, service) = started(*layout, &sets[0]).await;
        let first = access_token(&service).await;
        directory.put(&sets[1].to_secret_data(), Access::Proper);
        until_in_force(&service, &sets[1]).await;
        let tokens = [first, access_token(&service).await];
        assert_ne!(kid(&tokens[0]), kid(&tokens[1]));

        let stop = CancellationToken::new();
        let clients: Vec<_> = (0..4).map(|_| tokio::spawn(load(&service, &tokens, stop.clone()))).collect();
        let mut number = 1;
        let changes = async {
            while metric(&service, TAKEN).await < CHANGES {
                number += 1;
                directory.put(&sets[number % sets.len()].to_secret_data(), Access::Proper);
            }
        };
        tokio::time::timeout(Duration::from_mins(2), changes).await.expect("a thousand changes are taken");
        stop.cancel();
        let mut answers = 0;
        for answered in join_all(clients).await {
            let answered = answered.unwrap().unwrap();
            assert!(answered > 0, "a client was not answered at all");
            answers += answered;
        }
        let taken = metric(&service, TAKEN).await;
        println!("{layout:?}: {taken} of {number} changes taken during {answers} good answers");
        let last = &sets[number % sets.len()];
        until_in_force(&service, last).await;
        assert_eq!(kid(&access_token(&service).await), last.signing_kid().as_str());
    }
}

/// Asks who the bearers are until told to stop: how often, if every answer was good.
fn load(
    service: &Service,
    tokens: &[String; 2],
    stop: CancellationToken,
) -> impl Future<Output = Result<u64>> + use<> {
    let (client, tokens) = (service.client.clone(), tokens.clone());
    let url = format!("{}/auth/me", service.api);
    async move {
        let mut answered = 0;
        while !stop.is_cancelled() {
            for token in &tokens {
                let response = client.get(&url).bearer_auth(token).timeout(SOON).send().await?;
                ensure!(response.status() == 200, "answer {answered} was {}", response.status());
                answered += 1;
            }
        }
        Ok(answered)
    }
}
