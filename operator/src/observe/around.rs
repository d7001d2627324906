//! What is around the pods: rules of the network, ways in, who watches, and the broker's Secret in another namespace.

use kube::{Api, api::ListParams};

use crate::{
    api::CommsModuleSpec,
    api_error::ApiError,
    build::Names,
    kinds::{Kind, Kinds, Presence, ReferenceGrant, grants_secret},
};

use super::{Children, ClusterSecret, ObserveError, Reader};

impl Reader<'_> {
    /// The kinds that the cluster has, looked for anew where the spec asks for one that it had not.
    pub(super) async fn kinds(
        &self,
        presence: &Presence,
        spec: &CommsModuleSpec,
    ) -> Result<Kinds, ObserveError> {
        let route = spec.exposure.as_ref().is_some_and(|exposure| exposure.http_route.is_some());
        let monitor = spec.monitoring.as_ref().is_some_and(|monitoring| monitoring.service_monitor);
        let has = async |kind: Kind, asked: bool| {
            let there = if asked { self.look(presence, kind).await? } else { presence.has(kind) };
            if !there && !asked {
                self.basis.lacking(kind.name().into(), &self.namespace, &self.module.name);
            }
            Ok(there)
        };
        Ok(Kinds {
            http_route: has(Kind::HttpRoute, route).await?,
            service_monitor: has(Kind::ServiceMonitor, monitor).await?,
        })
    }

    /// Whether the cluster has a kind that is asked for. No watch tells of one that comes.
    async fn look(&self, presence: &Presence, kind: Kind) -> Result<bool, ObserveError> {
        let there = presence.look(&self.cluster.client, kind).await.map_err(|source| ObserveError {
            kind: kind.name().into(),
            name: "among the cluster's kinds".into(),
            source,
        })?;
        if !there {
            self.basis.unwatched(kind.name().into(), &self.namespace, &self.module.name);
        }
        Ok(there)
    }

    /// Reads the children around the pods, also those that are no longer asked for.
    pub(super) async fn around(&self, names: &Names, kinds: Kinds) -> Result<Children, ObserveError> {
        let http_route = async { if kinds.http_route { self.get(&names.base).await } else { Ok(None) } };
        let service_monitor =
            async { if kinds.service_monitor { self.get(&names.base).await } else { Ok(None) } };
        let (broker, providers, network_policy, metrics, ingress, http_route, service_monitor) = tokio::try_join!(
            self.own_secret(&names.broker),
            self.own_secret(&names.providers),
            self.get(&names.base),
            self.get(&names.metrics),
            self.get(&names.base),
            http_route,
            service_monitor,
        )?;
        Ok(Children {
            broker,
            providers,
            network_policy,
            metrics,
            ingress,
            http_route,
            service_monitor,
            ..Children::default()
        })
    }

    /// Reads the Secret of the `RabbitmqCluster` that the spec refers to, in another namespace only where that grants it.
    pub(super) async fn cluster_secret(
        &self,
        presence: &Presence,
        spec: &CommsModuleSpec,
    ) -> Result<ClusterSecret, ObserveError> {
        let Some(cluster) = spec.broker_cluster() else { return Ok(ClusterSecret::NotAsked) };
        let (namespace, secret) = (cluster.namespace_from(&self.namespace), cluster.secret());
        let elsewhere = namespace != self.namespace;
        if elsewhere && !self.is_granted(presence, namespace, &secret).await? {
            return Ok(ClusterSecret::NotGranted);
        }
        match self.secret(namespace, &secret).await {
            Ok(found) => {
                Ok(found.map_or(ClusterSecret::Absent, |secret| ClusterSecret::Found(Box::new(secret))))
            }
            // The operator may look after one namespace only, and not have been let into this one.
            Err(error) if elsewhere && error.source.is_forbidden() => Ok(ClusterSecret::NotGranted),
            Err(error) => Err(error),
        }
    }

    /// Whether `namespace` lets modules of ours refer to its Secret `secret`. Where the operator may not read the grants,
    /// there are none for it.
    async fn is_granted(
        &self,
        presence: &Presence,
        namespace: &str,
        secret: &str,
    ) -> Result<bool, ObserveError> {
        // Lists of another namespace's grants are not kept.
        self.basis.unwatched(Kind::ReferenceGrant.name().into(), namespace, secret);
        if !self.look(presence, Kind::ReferenceGrant).await? {
            return Ok(false);
        }
        let grants: Api<ReferenceGrant> = Api::namespaced(self.cluster.client.clone(), namespace);
        match grants.list(&ListParams::default()).await.map_err(ApiError::from) {
            Ok(grants) => {
                Ok(grants_secret(grants.items.iter().map(|grant| &grant.spec), &self.namespace, secret))
            }
            Err(error) if error.is_forbidden() => Ok(false),
            Err(source) => Err(ObserveError {
                kind: "ReferenceGrants of namespace".into(),
                name: namespace.into(),
                source,
            }),
        }
    }
}
