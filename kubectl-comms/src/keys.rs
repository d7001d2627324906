//! `rotate` and `revoke`: what a person asks of a module's keys, written into its spec, which is where the operator takes it
//! from. Where the spec comes from Git, that is the place to write it.

use std::io::Write;

use jiff::Timestamp;
use kube::ResourceExt;
use serde_json::{Value, json};

use crate::{
    age::now,
    arguments::{Revoke, Rotate},
    cluster::{Change, Cluster, EDIT},
    failure::Failure,
    module::{Key, Module, ModuleExt},
};

/// Fewest characters of an id that name a key.
const SHORTEST: usize = 6;

/// Asks for a new key.
pub async fn rotate(cluster: &Cluster, asked: &Rotate, out: &mut impl Write) -> Result<(), Failure> {
    let request = request(now());
    let told = cluster.change(asked.name.as_deref(), EDIT, |module| rotation(module, &request)).await?;
    Ok(writeln!(out, "{told}")?)
}

fn rotation(module: &Module, request: &str) -> Result<Change, Failure> {
    may_rotate(module)?;
    let name = module.name_any();
    let told = format!(
        "{name} is to rotate its keys (rotateRequest {request}): kubectl comms status {name} shows how far it is"
    );
    Ok(Change { spec: Some(json!({"keys": {"rotateRequest": request}})), told })
}

/// Revokes a key.
pub async fn revoke(cluster: &Cluster, asked: &Revoke, out: &mut impl Write) -> Result<(), Failure> {
    let told = cluster.change(asked.name.as_deref(), EDIT, |module| revocation(module, asked)).await?;
    Ok(writeln!(out, "{told}")?)
}

fn revocation(module: &Module, asked: &Revoke) -> Result<Change, Failure> {
    takes_changes(module)?;
    let name = module.name_any();
    let keys = module.status.as_ref().map(|status| status.keys.as_slice()).unwrap_or_default();
    let key = chosen(keys, &asked.kid)?;
    if key.phase == "Active" && !asked.yes {
        return Err(Failure::Absent(format!(
            "{} is the key that signs: revoking it ends the sessions that it has signed, and their users log in again; say \
             --yes to do it",
            key.kid
        )));
    }
    let mut revoked = revoked_before(module);
    let spec = (!revoked.contains(&key.kid)).then(|| {
        revoked.push(key.kid.clone());
        json!({"keys": {"revokedKids": revoked}})
    });
    let told = format!(
        "key {} of {name} is to be refused: kubectl comms events {name} tells when every pod does (KeyRefused)",
        key.kid
    );
    Ok(Change { spec, told })
}

fn revoked_before(module: &Module) -> Vec<String> {
    let listed = module.spec.pointer("/keys/revokedKids").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// Refuses where the operator would not carry it out.
fn takes_changes(module: &Module) -> Result<(), Failure> {
    let name = module.name_any();
    if module.spec_text("/mode") == Some("Platform") {
        return Err(Failure::Absent(format!(
            "{name} is in Platform mode and has no keys: ask who runs the platform's gateway"
        )));
    }
    if module.spec.pointer("/paused") == Some(&Value::Bool(true)) {
        return Err(Failure::Absent(format!(
            "{name} is paused, and its keys stay as they are: set spec.paused to false first"
        )));
    }
    Ok(())
}

/// The same for a rotation, which the user's own keys take by their Secret.
fn may_rotate(module: &Module) -> Result<(), Failure> {
    takes_changes(module)?;
    match module.spec_text("/keys/secretRef/name") {
        Some(secret) => Err(Failure::Absent(format!(
            "{} signs with keys of its owner: write another pair into Secret {secret}",
            module.name_any()
        ))),
        None => Ok(()),
    }
}

/// The one key whose id is this, or begins so.
fn chosen<'a>(keys: &'a [Key], beginning: &str) -> Result<&'a Key, Failure> {
    if let Some(key) = keys.iter().find(|key| key.kid == beginning) {
        return Ok(key);
    }
    let fits = |key: &&Key| beginning.len() >= SHORTEST && key.kid.starts_with(beginning);
    let mut fitting = keys.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key),
        (Some(_), Some(_)) => {
            Err(Failure::Absent(format!("several keys begin with {beginning}: give the whole id")))
        }
        (None, _) => {
            let known: Vec<_> = keys.iter().map(|key| format!("{} ({})", key.kid, key.phase)).collect();
            let known = if known.is_empty() { "none yet".to_owned() } else { known.join(", ") };
            Err(Failure::Absent(format!(
                "no key begins with {beginning}: give at least {SHORTEST} characters of the id of one of them: {known}"
            )))
        }
    }
}

/// A text that no request before had.
fn request(now: Timestamp) -> String {
    format!("{now:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_a_beginning_that_no_other_has() {
        let key = |kid: &str| Key { kid: kid.into(), phase: "Retired".into(), ..Key::default() };
        let keys = [key("abcdef-1"), key("abcdef-2"), key("short")];
        assert_eq!(chosen(&keys, "abcdef-1").map(|key| key.kid.as_str()).ok(), Some("abcdef-1"));
        assert_eq!(chosen(&keys, "short").map(|key| key.kid.as_str()).ok(), Some("short"));
        let told = |keys: &[Key], beginning: &str| chosen(keys, beginning).expect_err("none").to_string();
        assert_eq!(told(&keys, "abcdef"), "several keys begin with abcdef: give the whole id");
        assert_eq!(
            told(&keys, "abc"),
            "no key begins with abc: give at least 6 characters of the id of one of them: abcdef-1 (Retired), abcdef-2 \
             (Retired), short (Retired)"
        );
        assert!(told(&[], "abcdef-1").ends_with(": none yet"));
    }

    #[test]
    fn what_the_operator_would_not_carry_out_is_refused() {
        let refusal = |check: fn(&Module) -> Result<(), Failure>, spec: Value| {
            let module = json!({"metadata": {"name": "comms"}, "spec": spec});
            check(&serde_json::from_value(module).expect("a module")).err().map(|error| error.to_string())
        };
        let own = json!({"keys": {"secretRef": {"name": "signing"}}});
        for check in [takes_changes, may_rotate] {
            assert_eq!(refusal(check, json!({})), None);
            assert_eq!(refusal(check, json!({"paused": false, "keys": {"revokedKids": ["a"]}})), None);
        }
        assert_eq!(refusal(takes_changes, own.clone()), None, "they are revoked like others");
        for (check, spec, advice) in [
            (
                takes_changes as fn(&_) -> _,
                json!({"mode": "Platform"}),
                "ask who runs the platform's gateway",
            ),
            (takes_changes, json!({"paused": true}), "set spec.paused to false first"),
            (may_rotate, json!({"paused": true}), "set spec.paused to false first"),
            (may_rotate, own, "write another pair into Secret signing"),
        ] {
            let told = refusal(check, spec.clone()).unwrap_or_default();
            assert!(told.ends_with(advice), "{spec} was answered by {told:?} and not by {advice:?}");
        }
    }
}
