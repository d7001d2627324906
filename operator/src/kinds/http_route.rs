//! `HTTPRoute` of the Gateway API (`gateway.networking.k8s.io/v1`).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use serde::{Deserialize, Serialize};

/// What is asked of the Gateways.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "gateway.networking.k8s.io",
    version = "v1",
    kind = "HTTPRoute",
    root = "HttpRoute",
    plural = "httproutes",
    namespaced,
    status = "HttpRouteStatus",
    schema = "disabled",
    derive = "PartialEq"
)]
#[serde(rename_all = "camelCase")]
pub struct HttpRouteSpec {
    /// What the route wants to be attached to.
    #[serde(default)]
    pub parent_refs: Vec<ParentReference>,
    /// Names that it is for; all of the Gateways' where there are none.
    #[serde(default)]
    pub hostnames: Vec<String>,
    /// Where requests go.
    #[serde(default)]
    pub rules: Vec<RouteRule>,
}

/// A Gateway, or whatever else takes routes.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ParentReference {
    /// API group; that of the Gateway API where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Kind; `Gateway` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Namespace; the route's where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: String,
    /// Listener.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
    /// Port of listeners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}

/// Which requests go where.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct RouteRule {
    /// Which requests.
    #[serde(default)]
    pub matches: Vec<RouteMatch>,
    /// Where.
    #[serde(default)]
    pub backend_refs: Vec<BackendRef>,
}

/// Requests by their path.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteMatch {
    /// The path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathMatch>,
}

/// A path.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct PathMatch {
    /// `PathPrefix`, here.
    #[serde(rename = "type", default)]
    pub type_: String,
    /// What the path begins with.
    #[serde(default)]
    pub value: String,
}

/// A Service of the route's namespace.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct BackendRef {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
}

/// What the Gateways say.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct HttpRouteStatus {
    /// Each of those that have taken a look.
    #[serde(default)]
    pub parents: Vec<ParentStatus>,
}

/// What one of them says.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ParentStatus {
    /// Which one.
    #[serde(default)]
    pub parent_ref: ParentReference,
    /// `Accepted` and `ResolvedRefs`, among others.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}
