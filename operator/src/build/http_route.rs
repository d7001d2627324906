//! The way in from outside, by the Gateway API.

use crate::{
    api::ParentRef,
    decide::Module,
    kinds::{BackendRef, HttpRoute, HttpRouteSpec, ParentReference, PathMatch, RouteMatch, RouteRule},
};

use super::labels;

/// The `HTTPRoute`; none where none is asked for.
pub(super) fn http_route(module: &Module) -> Option<HttpRoute> {
    let asked = module.network.exposure.as_ref()?.http_route.as_ref()?;
    let path = PathMatch { type_: "PathPrefix".into(), value: module.base_path.clone() };
    let spec = HttpRouteSpec {
        parent_refs: asked.parent_refs.iter().map(parent).collect(),
        hostnames: asked.hostnames.clone(),
        rules: vec![RouteRule {
            matches: vec![RouteMatch { path: Some(path) }],
            backend_refs: vec![BackendRef { name: module.name.clone(), port: Some(i32::from(module.port)) }],
        }],
    };
    Some(HttpRoute { metadata: labels::owned(module, &module.name), spec, status: None })
}

fn parent(parent: &ParentRef) -> ParentReference {
    ParentReference {
        group: parent.group.clone(),
        kind: parent.kind.clone(),
        namespace: parent.namespace.clone(),
        name: parent.name.clone(),
        section_name: parent.section_name.clone(),
        port: parent.port.map(i32::from),
    }
}
