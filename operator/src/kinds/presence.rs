//! Which of these kinds the cluster has. What was seen once is taken to stay; what was not is looked for again whenever a
//! module asks for it, so that a definition may come after the operator.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResourceList;
use kube::Client;
use tokio::sync::watch;

use crate::api_error::ApiError;

/// A kind that a cluster may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `HTTPRoute`
    HttpRoute,
    /// `ReferenceGrant`
    ReferenceGrant,
    /// `ServiceMonitor`
    ServiceMonitor,
}

impl Kind {
    const ALL: [Self; 3] = [Self::HttpRoute, Self::ReferenceGrant, Self::ServiceMonitor];

    /// As its objects say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpRoute => "HTTPRoute",
            Self::ReferenceGrant => "ReferenceGrant",
            Self::ServiceMonitor => "ServiceMonitor",
        }
    }

    /// Group and version, and the name by which the API server lists the kind.
    fn resource(self) -> (&'static str, &'static str) {
        match self {
            Self::HttpRoute => ("gateway.networking.k8s.io/v1", "httproutes"),
            Self::ReferenceGrant => ("gateway.networking.k8s.io/v1beta1", "referencegrants"),
            Self::ServiceMonitor => ("monitoring.coreos.com/v1", "servicemonitors"),
        }
    }
}

/// The kinds of which modules have children, as far as the cluster has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Whether there are `HTTPRoutes`.
    pub http_route: bool,
    /// Whether there are `ServiceMonitors`.
    pub service_monitor: bool,
}

/// What is known of the cluster's kinds; shared by reconciles and watches.
#[derive(Debug)]
pub struct Presence {
    /// Which were seen.
    kinds: watch::Sender<Vec<Kind>>,
    /// Whether all were looked for once.
    looked: watch::Sender<bool>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { kinds: watch::Sender::new(Vec::new()), looked: watch::Sender::new(false) }
    }
}

impl Presence {
    /// Whether the cluster has been seen to have the kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.kinds.borrow().contains(&kind)
    }

    /// Whether the cluster has the kind, asked anew where it had not.
    pub async fn look(&self, client: &Client, kind: Kind) -> Result<bool, ApiError> {
        if !self.has(kind) && is_served(client, kind).await? {
            self.kinds.send_if_modified(|kinds| {
                let new = !kinds.contains(&kind);
                kinds.extend(new.then_some(kind));
                new
            });
        }
        Ok(self.has(kind))
    }

    /// Asks for all kinds.
    pub async fn look_for_all(&self, client: &Client) -> Result<(), ApiError> {
        for kind in Kind::ALL {
            self.look(client, kind).await?;
        }
        self.looked.send_replace(true);
        Ok(())
    }

    /// Waits until all kinds were looked for once, and gives those that the cluster has.
    pub(crate) fn looked(&self) -> impl Future<Output = Vec<Kind>> + Send + use<> {
        let (mut looked, kinds) = (self.looked.subscribe(), self.kinds.subscribe());
        async move {
            if looked.wait_for(|looked| *looked).await.is_err() {
                // The operator ends.
                std::future::pending::<()>().await;
            }
            kinds.borrow().clone()
        }
    }

    /// Waits until the cluster is seen to have the kind.
    pub(crate) fn until(&self, kind: Kind) -> impl Future<Output = ()> + Send + use<> {
        let mut seen = self.kinds.subscribe();
        async move {
            if seen.wait_for(|seen| seen.contains(&kind)).await.is_err() {
                // The operator ends.
                std::future::pending::<()>().await;
            }
        }
    }
}

async fn is_served(client: &Client, kind: Kind) -> Result<bool, ApiError> {
    let (group_version, name) = kind.resource();
    match client.list_api_group_resources(group_version).await {
        Ok(APIResourceList { resources, .. }) => Ok(resources.iter().any(|resource| resource.name == name)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(false),
        Err(error) => Err(error.into()),
    }
}
