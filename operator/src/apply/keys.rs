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
    Resource,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::{
    api::FIELD_MANAGER,
    build::{keys::secret, names},
    cluster::Cluster,
    decide::Module,
    rotation::{KEYRING_JSON, Keyring},
};

use super::{ApplyError, Writer, failed};

/// On pods: when the operator last made the kubelet look at what is mounted. The chart's policy lets it change no other.
const BUMPED_AT: &str = "comms.kraliki.com/keys-bumped-at";

/// Writes the keyring, over `live` where there is one.
pub async fn write_keyring(
    cluster: &Cluster,
    module: &Module,
    keyring: &Keyring,
    live: Option<&Secret>,
) -> Result<Secret, ApplyError> {
    let data = [(KEYRING_JSON.to_owned(), ByteString(keyring.to_json().to_vec()))].into();
    Writer::new(cluster, module).write_keys(&names(&module.name).keyring, data, live).await
}

/// Writes the key set that pods read, over `live` where there is one.
pub async fn write_key_set(
    cluster: &Cluster,
    module: &Module,
    set: &KeySet,
    live: Option<&Secret>,
) -> Result<Secret, ApplyError> {
    let data = set.to_secret_data().into_iter().map(|(name, value)| (name, ByteString(value))).collect();
    Writer::new(cluster, module).write_keys(&names(&module.name).keys, data, live).await
}

/// Changes an annotation of a pod, so that the kubelet looks at its mounts now and not within a minute. A pod that is gone
/// needs none.
pub async fn bump(
    cluster: &Cluster,
    module: &Module,
    (pod, uid): (&str, &str),
    now: Timestamp,
) -> Result<(), ApplyError> {
    let writer = Writer::new(cluster, module);
    let patch = json!({"metadata": {"uid": uid, "annotations": {BUMPED_AT: now.to_string()}}});
    tracing::debug!(kind = "Pod", name = pod, "having its keys refreshed");
    match writer.writing::<Pod>().patch(pod, &field_manager(), &Patch::Merge(patch)).await {
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
            self.module_is_there().await?;
            tracing::info!(kind = "Secret", name, "creating");
            let secret = Secret { data: Some(data), ..secret(self.module, name) };
            let params = PostParams { field_manager: Some(FIELD_MANAGER.into()), ..PostParams::default() };
            return self.writing().create(&params, &secret).await.map_err(failed::<Secret>(name, "created"));
        };
        tracing::info!(kind = "Secret", name, "updating");
        let patch = json!({
            "metadata": {"uid": live.meta().uid, "resourceVersion": live.meta().resource_version},
            "data": data,
        });
        let patched = self.writing::<Secret>().patch(name, &field_manager(), &Patch::Merge(patch)).await;
        patched.map_err(failed::<Secret>(name, "updated"))
    }
}

fn field_manager() -> PatchParams {
    PatchParams { field_manager: Some(FIELD_MANAGER.into()), ..PatchParams::default() }
}
