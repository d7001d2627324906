//! Kinds of other projects that a cluster may lack, with the fields that are used here.
//!
//! They are written by hand: the crates that have them whole bring hundreds of types, and follow kube later than we do.

mod http_route;
mod presence;
mod reference_grant;
mod service_monitor;

pub use http_route::{
    BackendRef, HttpRoute, HttpRouteSpec, HttpRouteStatus, ParentReference, ParentStatus, PathMatch,
    RouteMatch, RouteRule,
};
pub use presence::{Kind, Kinds, Presence};
pub use reference_grant::{Granted, Grantee, ReferenceGrant, ReferenceGrantSpec, grants_secret};
pub use service_monitor::{Endpoint, NamespaceSelector, ServiceMonitor, ServiceMonitorSpec};
