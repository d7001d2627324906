//! The Secrets with keys, whose data only the key machine writes, and the pods that read one of them.
//!
//! Each write carries the version that it was decided on, or creates: of two operators at once one is refused, and looks
//! again at what the other has done.

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::core::v1::{Pod, Secret},
    jiff::Timestamp,
};
use keyset::KeySet;
use kube::{
    Api, Resource,
    api::{Patch, PatchParams},
};
use serde_json::json;

use crate::{
    api::FIELD_MANAGER,
    build::{keys::secret, names},
    cluster::Cluster,
    decide::Module,
    lean::Lean,
    rotation::{KEYRING_JSON, Keyring},
};

use super::{ApplyError, Round, Writer, failed};

/// On pods: when the operator last made the kubelet look at what is mounted. The chart's policy lets it change no other.
const BUMPED_AT: &str = "comms.kraliki.com/keys-bumped-at";

/// Writes the keyring, over `live` where there is one.
pub async fn write_keyring(
    round: &Round<'_>,
    module: &Module,
    keyring: &Keyring,
    live: Option<&Secret>,
) -> Result<Secret, ApplyError> {
    let data = [(KEYRING_JSON.to_owned(), ByteString(keyring.to_json().to_vec()))].into();
    Writer { round, module }.write_keys(&names(&module.name).keyring, data, live).await
}

/// Writes the key set that pods read, over `live` where there is one.
pub async fn write_key_set(
    round: &Round<'_>,
    module: &Module,
    set: &KeySet,
    live: Option<&Secret>,
) -> Result<Secret, ApplyError> {
    let data = set.to_secret_data().into_iter().map(|(name, value)| (name, ByteString(value))).collect();
    Writer { round, module }.write_keys(&names(&module.name).keys, data, live).await
}

/// Changes an annotation of a pod, so that the kubelet looks at its mounts now and not within a minute. A pod that is gone
/// needs none.
pub async fn bump(
    cluster: &Cluster,
    module: &Module,
    (pod, uid): (&str, &str),
    now: Timestamp,
) -> Result<(), ApplyError> {
    let pods: Api<Pod> = Api::namespaced(cluster.client.clone(), &module.namespace);
    let patch = json!({"metadata": {"uid": uid, "annotations": {BUMPED_AT: now.to_string()}}});
    tracing::debug!(kind = "Pod", name = pod, "having its keys refreshed");
    match pods.patch(pod, &field_manager(), &Patch::Merge(patch)).await {
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409 | 422) => Ok(()),
        other => other.map(drop).map_err(failed::<Pod>(pod, "annotated")),
    }
}

impl Writer<'_> {
    async fn write_keys(
        &self,
        name: &str,
        data: BTreeMap<String, ByteString>,
        live: Option<&Secret>,
    ) -> Result<Secret, ApplyError> {
        let Some(live) = live else {
            return self.create(Secret { data: Some(data), ..secret(self.module, name) }).await;
        };
        tracing::info!(kind = "Secret", name, "updating");
        let patch = json!({
            "metadata": {"uid": live.meta().uid, "resourceVersion": live.meta().resource_version},
            "data": data,
        });
        let patched = self.api().patch(name, &field_manager(), &Patch::Merge(patch)).await;
        patched.map(|Lean(patched)| self.wrote(patched)).map_err(failed::<Secret>(name, "updated"))
    }
}

fn field_manager() -> PatchParams {
    PatchParams { field_manager: Some(FIELD_MANAGER.into()), ..PatchParams::default() }
}
