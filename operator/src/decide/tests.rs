//! Decisions as values: a spec and what is there in, a plan or a hold out.

#![expect(clippy::needless_pass_by_value, reason = "specs are written in place")]

mod around;

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::core::v1::{PersistentVolumeClaim, Secret, Service},
};
use keyset::{KeyPair, KeySet};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use super::*;
use crate::{
    api::CommsModule,
    observe::{Children, ClusterSecret},
    rotation::{Next, Step},
};

/// A module with this spec, stored under this name in namespace `tel`.
pub(crate) fn stored(spec: &Value) -> CommsModule {
    serde_json::from_value(json!({
        "apiVersion": "comms.kraliki.com/v1alpha1", "kind": "CommsModule",
        "metadata": {"name": "comms", "namespace": "tel", "uid": "11111111-2222-3333-4444-555555555555", "generation": 1},
        "spec": spec,
    }))
    .expect("a CommsModule")
}

/// What is there when nothing is there but the module and these Secrets of one entry.
pub(crate) fn observed(spec: Value, secrets: &[(&str, &str, &str)]) -> Observed {
    let secret = |(name, key, value): &(&str, &str, &str)| {
        let mut secret = Secret::default();
        secret.metadata.name = Some((*name).to_owned());
        secret.data = Some([((*key).to_owned(), ByteString(value.as_bytes().to_vec()))].into());
        ((*name).to_owned(), secret)
    };
    Observed {
        module: stored(&spec),
        children: Children::default(),
        secrets: secrets.iter().map(secret).collect(),
        cluster_secret: ClusterSecret::default(),
        kinds: Kinds { http_route: true, service_monitor: true },
        pods: Vec::new(),
        reports: Vec::new(),
        serving: crate::rotation::Pods::NotAsked,
        key_secrets: super::KeySecrets::default(),
    }
}

fn release() -> Release {
    Release {
        image: "cc-lite:1.2.3".into(),
        allow_unrestricted_pods: false,
        namespace: Some("comms-system".into()),
    }
}

pub(crate) fn decided(observed: &Observed) -> Decision {
    decide(observed, &release(), Timestamp::UNIX_EPOCH, &mut StdRng::seed_from_u64(7))
}

/// The plan of a module that can run.
pub(crate) fn planned(observed: &Observed) -> Plan {
    match decided(observed) {
        Decision::Run(plan) => *plan,
        Decision::Try(trial) => panic!("image {} is tried", trial.module.image),
        Decision::Hold(hold) => panic!("it was held: {}", hold.message),
    }
}

/// The hash by which pods are rolled.
pub(crate) fn hash_of(observed: &Observed) -> String {
    let annotations = planned(observed).template.metadata.and_then(|metadata| metadata.annotations);
    annotations.and_then(|all| all.get("comms.kraliki.com/config-hash").cloned()).expect("a hash")
}

fn held(observed: &Observed) -> (HoldReason, String) {
    match decided(observed) {
        Decision::Run(plan) => panic!("it runs: {plan:?}"),
        Decision::Try(trial) => panic!("image {} is tried", trial.module.image),
        Decision::Hold(hold) => (hold.reason, hold.message),
    }
}

#[test]
fn an_empty_spec_is_a_standalone_module_on_the_embedded_database_without_a_broker() {
    let plan = planned(&observed(json!({}), &[]));
    let module = &plan.module;
    assert_eq!((module.image.as_str(), module.port, module.base_path.as_str()), ("cc-lite:1.2.3", 3018, "/"));
    assert_eq!(module.events.broker, Broker::NotConfigured);
    assert_eq!(module.url(), "http://comms.tel.svc:3018");
    assert_eq!(plan.volume, Some(Volume { size: "1Gi".into(), storage_class: None }));
    let next = next_for_keys(
        &observed(json!({}), &[]),
        &release(),
        Timestamp::UNIX_EPOCH,
        &mut StdRng::seed_from_u64(7),
    );
    assert!(matches!(next, Some(Next::Step(Step::Publish { .. }))), "keys are to be made");
    assert_eq!(plan.keys.and_then(|keys| keys.state), None, "there are none yet");
    let Some(Admin::New { email, password }) = plan.admin else { panic!("an administrator is to be made") };
    assert_eq!((email.as_str(), password.len()), ("admin@localhost", 24));
    assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{password}");
}

#[test]
fn own_keys_are_waited_for_and_then_taken_as_they_are() {
    let spec = json!({"keys": {"secretRef": {"name": "signing"}}});
    let next = |observed: &Observed| {
        next_for_keys(observed, &release(), Timestamp::UNIX_EPOCH, &mut StdRng::seed_from_u64(7))
    };
    let invents_nothing = |next| matches!(next, None | Some(Next::Rest { .. }));
    let without = observed(spec.clone(), &[]);
    assert_eq!(held(&without).0, HoldReason::SecretNotFound);
    assert!(invents_nothing(next(&without)), "none are invented");
    let mut observed = observed(spec, &[("signing", "private.pem", "none")]);
    assert_eq!(held(&observed).0, HoldReason::InvalidKeys);
    assert!(invents_nothing(next(&observed)), "none are invented");
    let set = KeySet::of_pair(KeyPair::generate(&mut StdRng::seed_from_u64(9)));
    let data = set.to_secret_data().into_iter().map(|(name, bytes)| (name, ByteString(bytes)));
    observed.secrets.get_mut("signing").expect("the user's Secret").data = Some(data.collect());
    let Some(Next::Step(Step::Publish { set: published, .. })) = next(&observed) else {
        panic!("they are to be published")
    };
    assert_eq!(published.set_sha256(), set.set_sha256());
    let keys = planned(&observed).keys.expect("keys");
    assert!(keys.state.is_none(), "nothing is there yet");
}

#[test]
fn platform_mode_makes_neither_keys_nor_an_administrator() {
    let plan = planned(&observed(json!({"mode": "Platform", "gateway": {"trustEveryone": true}}), &[]));
    assert!(plan.keys.is_none() && plan.admin.is_none());
    assert_eq!(plan.module.identity, Identity::Platform(Gateway::Everyone));
    assert_eq!(plan.module.url(), "http://comms.tel.svc:3018/api/communications");
}

#[test]
fn specs_that_admission_refuses_are_held_with_a_sentence() {
    let secret = json!({"name": "s", "key": "k"});
    let rabbitmq = |rabbitmq: Value| json!({"events": {"rabbitmq": rabbitmq}});
    for (spec, sentence) in [
        (json!({"port": 9018}), "port 9018 is the management port: choose another spec.port"),
        (
            json!({"gateway": {}}),
            "gateway is not for Standalone mode: remove spec.gateway or change spec.mode",
        ),
        (
            json!({"mode": "Platform", "auth": {}}),
            "auth is not for Platform mode: remove spec.auth or change spec.mode",
        ),
        (
            json!({"mode": "Platform", "gateway": {"proofSecretRef": secret, "trustEveryone": true}}),
            "Platform mode must know whom to trust: set spec.gateway.proofSecretRef, spec.gateway.allowFrom or both, or \
             spec.gateway.trustEveryone alone",
        ),
        (
            json!({"mode": "Platform"}),
            "Platform mode must know whom to trust: set spec.gateway.proofSecretRef, spec.gateway.allowFrom or both, or \
             spec.gateway.trustEveryone alone",
        ),
        (
            json!({"database": {"embedded": {}, "postgres": {"uriSecretRef": secret}}}),
            "a module has one database: keep spec.database.embedded or spec.database.postgres and remove the other",
        ),
        (
            json!({"database": {"embedded": {"size": "none"}}}),
            "spec.database.embedded.size \"none\" is not a quantity above zero: write one such as 1Gi",
        ),
        (
            rabbitmq(json!({})),
            "the broker has one address: keep one of spec.events.rabbitmq.uri, spec.events.rabbitmq.uriSecretRef and \
             spec.events.rabbitmq.clusterRef and remove the others",
        ),
        (
            rabbitmq(json!({"uri": "amqp://user:pw@b"})),
            "spec.events.rabbitmq.uri is not an amqp:// or amqps:// address without credentials: write it as \
             amqp://host:port/vhost, or name a Secret in spec.events.rabbitmq.uriSecretRef",
        ),
        (
            json!({"events": {"retention": "1 day"}}),
            "spec.events.retention: \"1 day\" is not a duration: write hours, minutes and seconds such as 15m, 168h or 1h30m",
        ),
        (
            json!({"replicas": 2}),
            "the embedded database is for one pod: remove spec.autoscaling and set spec.replicas to 1, or give all pods \
             one PostgreSQL by spec.database.postgres.uriSecretRef",
        ),
        (json!({"replicas": -1}), "spec.replicas is -1: set it to 0 or more"),
        (
            json!({
                "database": {"postgres": {"uriSecretRef": secret}},
                "autoscaling": {"minReplicas": 3, "maxReplicas": 2},
            }),
            "the autoscaler has no room: set spec.replicas and spec.autoscaling.minReplicas to at least 1, and \
             spec.autoscaling.maxReplicas to at least spec.autoscaling.minReplicas",
        ),
        (
            json!({"auth": {"accessTokenTtl": "2h", "refreshTokenTtl": "1h"}}),
            "make spec.auth.refreshTokenTtl at least as long as spec.auth.accessTokenTtl",
        ),
    ] {
        assert_eq!(held(&observed(spec, &[])), (HoldReason::InvalidSpec, sentence.to_owned()));
    }
}

#[test]
fn entries_of_secrets_are_checked_and_never_told() {
    let broker = json!({"events": {"rabbitmq": {"uriSecretRef": {"name": "s", "key": "k"}}}});
    let database = json!({"database": {"postgres": {"uriSecretRef": {"name": "s", "key": "k"}}}});
    let password = json!({"auth": {"admin": {"passwordSecretRef": {"name": "s", "key": "k"}}}});
    let proof = json!({"mode": "Platform", "gateway": {"proofSecretRef": {"name": "s", "key": "k"}}});
    let long = "x".repeat(72);
    for (spec, good, bad) in [
        (&broker, "amqps://u:p@host/%2f\n", ["", "amqp://:hidden@", "http://u:hidden@host", "hidden"]),
        (&database, "postgresql://u:p@host/db", ["", "\n", "mysql://u:hidden@host/db", "hidden"]),
        (&password, "correct horse", ["", "hidden", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", &long]),
        (
            &proof,
            "0123456789abcdef,fedcba9876543210",
            ["", "hidden", "0123456789 abcdef", "0123456789abcdef,0123456789abcdef,0123456789abcdef"],
        ),
    ] {
        planned(&observed(spec.clone(), &[("s", "k", good)]));
        for value in bad {
            let (reason, message) = held(&observed(spec.clone(), &[("s", "k", value)]));
            assert_eq!(reason, HoldReason::InvalidSecret, "{value:?}");
            assert!(message.starts_with("key k of Secret s, named by spec."), "{message}");
            assert!(value.trim().is_empty() || !message.contains(value), "{message}");
        }
        assert_eq!(held(&observed(spec.clone(), &[])).0, HoldReason::SecretNotFound);
        assert_eq!(held(&observed(spec.clone(), &[("s", "other", good)])).0, HoldReason::SecretNotFound);
    }
    let mut binary = observed(broker, &[("s", "k", "")]);
    let data = binary.secrets.get_mut("s").and_then(|secret| secret.data.as_mut()).expect("data");
    data.insert("k".into(), ByteString(vec![0xff]));
    assert!(held(&binary).1.contains("is not UTF-8 text"));
}

#[test]
fn the_config_hash_changes_with_what_pods_read_at_their_start_and_with_nothing_else() {
    let spec = json!({
        "auth": {"admin": {"passwordSecretRef": {"name": "admin", "key": "k"}}},
        "events": {"rabbitmq": {"uriSecretRef": {"name": "broker", "key": "k"}}},
    });
    let hash = |broker, password| {
        hash_of(&observed(spec.clone(), &[("broker", "k", broker), ("admin", "k", password)]))
    };
    let first = hash("amqp://u:one@b", "password-one");
    assert_eq!(first.len(), 64);
    assert_ne!(hash("amqp://u:two@b", "password-one"), first);
    assert_eq!(
        hash("amqp://u:one@b", "password-two"),
        first,
        "it is read only where there is no administrator"
    );

    let secrets = [("broker", "k", "amqp://u:one@b"), ("admin", "k", "password-one")];
    let mut observed = observed(spec, &secrets);
    let keys = KeySet::of_pair(KeyPair::generate(&mut StdRng::seed_from_u64(9))).to_secret_data();
    let data: BTreeMap<_, _> = keys.into_iter().map(|(name, bytes)| (name, ByteString(bytes))).collect();
    let labels = json!({"comms.kraliki.com/retained-for": "comms"});
    observed.children.keys =
        serde_json::from_value(json!({"metadata": {"name": "comms-keys", "labels": labels}, "data": data}))
            .expect("a Secret");
    assert_eq!(hash_of(&observed), first, "pods take changed keys while they run");

    let broker = observed.secrets.get_mut("broker").expect("the broker's Secret");
    broker.metadata.uid = Some("5f0c2f7e-0000-4000-8000-000000000000".into());
    assert_ne!(hash_of(&observed), first, "what nobody can guess goes in, too");
}

#[test]
fn a_volume_that_is_there_keeps_its_size_where_it_is_larger_and_its_class() {
    let claim: PersistentVolumeClaim = serde_json::from_value(json!({
        "metadata": {
            "name": "comms-data", "labels": {"comms.kraliki.com/retained-for": "comms"},
            "managedFields": [{
                "manager": "comms-operator", "operation": "Apply",
                "fieldsV1": {"f:spec": {"f:storageClassName": {}}},
            }],
        },
        "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "2Gi"}}},
    }))
    .expect("a claim");
    let volume = |spec: Value, claim: &PersistentVolumeClaim| {
        let mut observed = observed(spec, &[]);
        observed.children.volume = Some(claim.clone());
        planned(&observed).volume.expect("a volume")
    };
    let of = |size: &str, class: Option<&str>| Volume {
        size: size.into(),
        storage_class: class.map(str::to_owned),
    };
    assert_eq!(volume(json!({}), &claim), of("2Gi", Some("fast")));
    assert_eq!(
        volume(json!({"database": {"embedded": {"size": "3Gi", "storageClassName": "slow"}}}), &claim),
        of("3Gi", Some("fast"))
    );
    // A class that admission filled in is not ours to write.
    let mut defaulted = claim;
    defaulted.metadata.managed_fields = None;
    assert_eq!(volume(json!({}), &defaulted), of("2Gi", None));
}

#[test]
fn objects_are_told_apart_by_owner_and_label() {
    let service = |meta: Value| {
        let mut observed = observed(json!({}), &[]);
        observed.children.service =
            Some(serde_json::from_value::<Service>(json!({ "metadata": meta })).expect("a Service"));
        observed
    };
    let owner = |uid: &str| json!({"apiVersion": "v", "kind": "CommsModule", "name": "comms", "uid": uid});
    let uid = "11111111-2222-3333-4444-555555555555";
    planned(&service(json!({"name": "comms", "ownerReferences": [owner(uid)]})));
    let (reason, message) = held(&service(json!({"name": "comms", "ownerReferences": [owner("0")]})));
    assert_eq!(reason, HoldReason::PredecessorPresent);
    assert_eq!(
        message,
        "Service comms belongs to a deleted CommsModule of the same name: wait until Kubernetes has collected it, \
         or delete it"
    );
    // The label counts for what can be retained only.
    let labelled = json!({"name": "comms", "labels": {"comms.kraliki.com/retained-for": "comms"}});
    assert_eq!(held(&service(labelled)).0, HoldReason::NameTaken);
}

#[test]
fn an_administrator_without_a_password_is_held_rather_than_overwritten() {
    let mut observed = observed(json!({}), &[]);
    let label = json!({"comms.kraliki.com/retained-for": "comms"});
    observed.children.admin =
        serde_json::from_value(json!({"metadata": {"name": "comms-admin", "labels": label}}))
            .expect("a Secret");
    assert_eq!(
        held(&observed),
        (
            HoldReason::InvalidSecret,
            "Secret comms-admin has no key password: restore it, or delete the Secret for a new one"
                .to_owned()
        )
    );
}
