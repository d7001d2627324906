//! The way to the cluster.

use std::sync::Arc;

use kube::Client;

use crate::cache::Cache;

/// The cluster: its API server, and what is known without asking it.
#[derive(Clone)]
pub struct Cluster {
    /// Speaks to the API server.
    pub client: Client,
    /// What watches have told.
    pub cache: Arc<Cache>,
}
