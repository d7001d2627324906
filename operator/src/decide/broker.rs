//! The broker's address from the default user of a `RabbitmqCluster`.
//!
//! RabbitMQ's cluster operator writes that user into the Secret `<cluster>-default-user`, with the keys that the service
//! binding specification names: `host`, `port`, `username` and `password`. The port is that of TLS exactly where the
//! cluster serves TLS.

use k8s_openapi::api::core::v1::Secret;
use url::Url;

use crate::observe::ClusterSecret;

use super::{Broker, Hold, HoldReason, Module};

/// AMQP over TLS (IANA: `amqps`).
const TLS_PORT: u16 = 5671;

/// The broker's address, credentials included.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    /// `amqp://…` or `amqps://…`
    pub uri: String,
    /// UID of the Secret that it comes from.
    pub(super) secret_uid: String,
}

impl std::fmt::Debug for BrokerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrokerAddress").finish_non_exhaustive()
    }
}

/// Finds the address where the spec refers to a cluster.
pub(super) fn decide(module: &Module, found: &ClusterSecret) -> Result<Option<BrokerAddress>, Hold> {
    let Broker::Cluster(cluster) = &module.events.broker else { return Ok(None) };
    let namespace = cluster.namespace_from(&module.namespace);
    let secret = cluster.secret();
    match found {
        ClusterSecret::Found(found) => address(found, &secret, namespace).map(Some),
        ClusterSecret::Absent => Err(Hold::new(
            HoldReason::SecretNotFound,
            format!(
                "spec.events.rabbitmq.clusterRef names RabbitmqCluster {}, whose Secret {secret} is not in namespace \
                 {namespace}: wait until the cluster has it, or correct the name",
                cluster.name
            ),
        )),
        // The same whether or not the cluster exists: who was granted nothing learns nothing.
        ClusterSecret::NotAsked | ClusterSecret::NotGranted => Err(Hold::new(
            HoldReason::ReferenceNotGranted,
            format!(
                "spec.events.rabbitmq.clusterRef names namespace {namespace}, which grants no CommsModule of namespace {} \
                 the Secret {secret}: have a ReferenceGrant made there, and where the operator looks after one namespace \
                 only, let it read ReferenceGrants and that Secret there",
                module.namespace
            ),
        )),
    }
}

fn address(secret: &Secret, name: &str, namespace: &str) -> Result<BrokerAddress, Hold> {
    let told = |reason, fault: &str| {
        Hold::new(
            reason,
            format!(
                "Secret {name} of namespace {namespace}, to which spec.events.rabbitmq.clusterRef leads, {fault}: name a \
                 RabbitmqCluster of RabbitMQ's cluster operator, or use spec.events.rabbitmq.uriSecretRef"
            ),
        )
    };
    let entry = |key: &str| {
        let value = secret.data.as_ref().and_then(|data| data.get(key)).map(|value| value.0.as_slice());
        let value = value.and_then(|value| str::from_utf8(value).ok()).map(str::trim).unwrap_or_default();
        if value.is_empty() {
            Err(told(HoldReason::SecretNotFound, &format!("has no key {key}")))
        } else {
            Ok(value)
        }
    };
    let (host, port, username, password) =
        (entry("host")?, entry("port")?, entry("username")?, entry("password")?);
    let unfit = || told(HoldReason::InvalidSecret, "has a host or port that is none");
    let port: u16 = port.parse().map_err(|_| unfit())?;
    let scheme = if port == TLS_PORT { "amqps" } else { "amqp" };
    let mut url = Url::parse(&format!("{scheme}://{host}:{port}/%2f")).map_err(|_| unfit())?;
    // A host that is more than a host would lead the credentials elsewhere.
    let is_host = url.host_str().is_some_and(|parsed| parsed.eq_ignore_ascii_case(host));
    let set = is_host && url.set_username(username).is_ok() && url.set_password(Some(password)).is_ok();
    if !set {
        return Err(unfit());
    }
    let secret_uid = secret.metadata.uid.clone().unwrap_or_default();
    Ok(BrokerAddress { uri: url.into(), secret_uid })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::ByteString;
    use serde_json::json;

    use super::super::{
        Decision, HoldReason,
        tests::{decided, hash_of, observed, planned},
    };
    use super::*;
    use crate::observe::Observed;

    fn referring(found: ClusterSecret) -> Observed {
        let cluster = json!({"name": "broker", "namespace": "messaging"});
        let mut observed = observed(json!({"events": {"rabbitmq": {"clusterRef": cluster}}}), &[]);
        observed.cluster_secret = found;
        observed
    }

    fn secret(port: &str, host: &str) -> ClusterSecret {
        let entries =
            [("host", host), ("port", port), ("username", "default_user_x"), ("password", "p/w@=#1")];
        let data = entries.into_iter().filter(|(_, value)| !value.is_empty());
        let data = data.map(|(key, value)| (key.to_owned(), ByteString(value.as_bytes().to_vec()))).collect();
        ClusterSecret::Found(Box::new(Secret { data: Some(data), ..Secret::default() }))
    }

    fn told(found: ClusterSecret) -> (HoldReason, String) {
        match decided(&referring(found)) {
            Decision::Hold(hold) => (hold.reason, hold.message),
            other => panic!("it was to be held: {other:?}"),
        }
    }

    #[test]
    fn the_default_user_of_a_cluster_becomes_an_address() {
        for (port, expected) in [
            ("5672", "amqp://default_user_x:p%2Fw%40%3D%231@broker.messaging.svc:5672/%2f"),
            ("5671", "amqps://default_user_x:p%2Fw%40%3D%231@broker.messaging.svc:5671/%2f"),
        ] {
            let plan = planned(&referring(secret(port, "broker.messaging.svc")));
            assert_eq!(plan.broker.expect("an address").uri, expected);
        }
    }

    #[test]
    fn without_a_grant_nothing_is_said_of_the_cluster() {
        assert_eq!(
            told(ClusterSecret::NotGranted),
            (
                HoldReason::ReferenceNotGranted,
                "spec.events.rabbitmq.clusterRef names namespace messaging, which grants no CommsModule of namespace tel \
                 the Secret broker-default-user: have a ReferenceGrant made there, and where the operator looks after one \
                 namespace only, let it read ReferenceGrants and that Secret there"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_secret_that_is_no_default_user_is_told_without_its_values() {
        assert_eq!(told(ClusterSecret::Absent).0, HoldReason::SecretNotFound);
        let (reason, message) = told(secret("5672", ""));
        assert_eq!(reason, HoldReason::SecretNotFound);
        assert!(message.contains("has no key host"), "{message}");
        for (port, host) in
            [("amqp", "h"), ("5672", "h/x"), ("5672", "u@elsewhere"), ("99999", "h"), ("5672", "a b")]
        {
            let (reason, message) = told(secret(port, host));
            assert_eq!(reason, HoldReason::InvalidSecret, "{host}:{port}");
            assert!(!message.contains("p/w@"), "{message}");
        }
    }

    #[test]
    fn another_password_is_another_config() {
        let hash = |port| hash_of(&referring(secret(port, "h")));
        assert_eq!(hash("5672"), hash("5672"));
        assert_ne!(hash("5672"), hash("5671"));
    }
}
