//! The cluster: which one, and its modules.

use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use kube::{
    Api, Client, Config, Resource, ResourceExt,
    api::{ListParams, Patch, PatchParams},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::{Value, json};

use crate::{
    arguments::ClusterChoice,
    failure::Failure,
    module::{Module, resource},
};

/// A role that may see modules.
pub const VIEW: &str = "view";
/// A role that may see Secrets and reach pods.
pub const EDIT: &str = "edit";

/// After the first conflict of a change it is tried anew so soon, then twice as late each time,
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
/// until the pause would be longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What is to become of a module.
#[derive(Debug)]
pub struct Change {
    /// Fields of its spec, as a merge patch (RFC 7396); none where it is so already.
    pub spec: Option<Value>,
    /// What the user is told then.
    pub told: String,
}

/// A cluster and a namespace in it.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    /// The namespace that was chosen, or the context's.
    pub namespace: String,
}

impl Cluster {
    /// The cluster that was chosen, else that of the kubeconfig's current context, else the one that this runs in.
    pub async fn connect(choice: &ClusterChoice) -> Result<Self, Failure> {
        let options = KubeConfigOptions { context: choice.context.clone(), ..KubeConfigOptions::default() };
        let mut config = match (&choice.kubeconfig, &choice.context) {
            (Some(path), _) => Config::from_custom_kubeconfig(Kubeconfig::read_from(path)?, &options).await?,
            (None, Some(_)) => Config::from_kubeconfig(&options).await?,
            (None, None) => match Config::from_kubeconfig(&options).await {
                Ok(config) => config,
                Err(error) => Config::incluster().map_err(|_| Failure::from(error))?,
            },
        };
        config.connect_timeout = Some(Duration::from_secs(10));
        let namespace = choice.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        let client = Client::try_from(config).map_err(|error| Failure::of_call(error, VIEW))?;
        Ok(Self { client, namespace })
    }

    /// Objects of a kind in the namespace.
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        self.api_in(&self.namespace)
    }

    /// Objects of a kind in another namespace.
    pub fn api_in<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The modules of the namespace, or of all of them, by namespace and name.
    pub async fn modules(&self, all_namespaces: bool) -> Result<Vec<Module>, Failure> {
        let api: Api<Module> = if all_namespaces {
            Api::all_with(self.client.clone(), &resource())
        } else {
            Api::namespaced_with(self.client.clone(), &self.namespace, &resource())
        };
        let listed = api.list(&ListParams::default()).await.map_err(|error| Failure::of_call(error, VIEW))?;
        let mut modules = listed.items;
        modules.sort_by_key(|module| (module.namespace(), module.name_any()));
        Ok(modules)
    }

    /// The module of that name; without one, the only one of the namespace.
    pub async fn module(&self, name: Option<&str>) -> Result<Module, Failure> {
        let Some(name) = name else { return self.only_module().await };
        let api: Api<Module> = Api::namespaced_with(self.client.clone(), &self.namespace, &resource());
        match api.get_opt(name).await.map_err(|error| Failure::of_call(error, VIEW))? {
            Some(module) => Ok(module),
            // A kind that is not known looks the same; listing tells them apart.
            None => Err(Failure::NoSuchModule {
                name: name.to_owned(),
                namespace: self.namespace.clone(),
                known: names(&self.modules(false).await?),
            }),
        }
    }

    /// Changes a module as `decide` says, which reads it first. Where somebody else has changed the module between reading
    /// and writing, as the operator does with its status, it is read and decided on anew. `role` allows that.
    pub async fn change(
        &self,
        name: Option<&str>,
        role: &'static str,
        decide: impl Fn(&Module) -> Result<Change, Failure>,
    ) -> Result<String, Failure> {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let module = self.module(name).await?;
            let Change { spec, told } = decide(&module)?;
            let Some(spec) = spec else { return Ok(told) };
            let patch = json!({"metadata": {"resourceVersion": module.resource_version()}, "spec": spec});
            let api: Api<Module> = Api::namespaced_with(self.client.clone(), &self.namespace, &resource());
            match api.patch(&module.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await {
                Ok(_) => return Ok(told),
                Err(kube::Error::Api(status)) if status.is_conflict() && pause <= LONGEST_PAUSE => {}
                Err(error) => return Err(Failure::of_call(error, role)),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn only_module(&self) -> Result<Module, Failure> {
        let mut modules = self.modules(false).await?;
        match (modules.pop(), modules.is_empty()) {
            (None, _) => Err(Failure::NoModule(self.namespace.clone())),
            (Some(only), true) => Ok(only),
            (Some(last), false) => {
                modules.push(last);
                Err(Failure::SeveralModules { namespace: self.namespace.clone(), known: names(&modules) })
            }
        }
    }
}

fn names(modules: &[Module]) -> Vec<String> {
    modules.iter().map(ResourceExt::name_any).collect()
}
