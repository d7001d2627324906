//! `Exposed` and `Monitored`: does something lead to the module from outside, and can its metrics be found? A module is
//! ready all the same.

use crate::{
    api::RouteExposure,
    decide::Module,
    kinds::{HttpRoute, ParentReference, ParentStatus},
    observe::Observed,
};

use super::{
    conditions::{Finding, State},
    reason::Reason,
};

/// The finding; none where no way in is asked for.
pub(super) fn exposed(module: &Module, observed: &Observed) -> Option<Finding> {
    let exposure = module.network.exposure.as_ref()?;
    let url = module.outside_url();
    let where_to = url.as_deref().unwrap_or("the names of its Gateways");
    if let Some(route) = &exposure.http_route {
        return Some(if observed.kinds.http_route {
            // One that was not observed has just been made.
            taken_up(route, observed.children.http_route.as_ref(), where_to)
        } else {
            missing(
                "HTTPRoutes",
                "install the Gateway API (v1), or use spec.exposure.ingress instead of spec.exposure.httpRoute",
            )
        });
    }
    let status = observed.children.ingress.as_ref().and_then(|ingress| ingress.status.as_ref());
    let balancer = status.and_then(|status| status.load_balancer.as_ref());
    let addresses: Vec<&str> = balancer
        .and_then(|balancer| balancer.ingress.as_ref())
        .into_iter()
        .flatten()
        .filter_map(|point| point.ip.as_deref().or(point.hostname.as_deref()))
        .collect();
    Some(if addresses.is_empty() {
        let message = format!(
            "An Ingress for {where_to} is there, and no controller has given it an address: see that one looks after its \
             class. Some never tell."
        );
        Finding::new(State::Unknown, Reason::NotObserved, message)
    } else {
        let message = format!("{where_to} leads here, by {}.", addresses.join(", "));
        Finding::new(State::True, Reason::InPlace, message)
    })
}

/// The finding; none where nobody watches.
pub(super) fn monitored(module: &Module, observed: &Observed) -> Option<Finding> {
    if !module.network.monitoring.service_monitor {
        return None;
    }
    if !observed.kinds.service_monitor {
        return Some(missing(
            "ServiceMonitors",
            "install the Prometheus operator's definitions, or set spec.monitoring.serviceMonitor to false",
        ));
    }
    let message = if module.network.policy && module.network.monitoring.allow_from.is_empty() {
        "A ServiceMonitor is there, and nobody may reach the metrics: name Prometheus' pods in spec.monitoring.allowFrom."
    } else {
        "A ServiceMonitor tells where the metrics are."
    };
    Some(Finding::new(State::True, Reason::InPlace, message))
}

fn missing(kind: &str, instead: &str) -> Finding {
    let message = format!("The cluster knows no {kind}: {instead}.");
    Finding::new(State::False, Reason::KindMissing, message)
}

/// What the Gateways say of the route, the worst first.
fn taken_up(asked: &RouteExposure, route: Option<&HttpRoute>, where_to: &str) -> Finding {
    let status = route.and_then(|route| route.status.as_ref());
    let parents = status.map(|status| status.parents.as_slice()).unwrap_or_default();
    let in_state = |parent: &ParentStatus, type_: &str, state: &str| {
        let mut conditions = parent.conditions.iter();
        conditions.find(|condition| condition.type_ == type_ && condition.status == state).cloned()
    };
    let refused = parents.iter().find_map(|parent| {
        let refused =
            in_state(parent, "Accepted", "False").or_else(|| in_state(parent, "ResolvedRefs", "False"))?;
        Some((named(&parent.parent_ref), refused))
    });
    if let Some((gateway, refused)) = refused {
        let message =
            format!("{gateway} does not take the HTTPRoute: {}: {}", refused.reason, refused.message);
        return Finding::new(State::False, Reason::RouteRefused, message);
    }
    let accepted = parents.iter().filter(|parent| in_state(parent, "Accepted", "True").is_some()).count();
    if accepted >= asked.parent_refs.len() {
        return Finding::new(State::True, Reason::InPlace, format!("{where_to} leads here by its Gateways."));
    }
    let message = format!(
        "An HTTPRoute for {where_to} is there, and {accepted} of {} Gateways have taken it up: see that they exist and that \
         their controller runs.",
        asked.parent_refs.len()
    );
    Finding::new(State::Unknown, Reason::NotObserved, message)
}

fn named(parent: &ParentReference) -> String {
    format!("{} {}", parent.kind.as_deref().unwrap_or("Gateway"), parent.name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::decide::tests::{observed, planned};

    fn routed(status: Option<Value>) -> Observed {
        let route = json!({"parentRefs": [{"name": "public"}], "hostnames": ["voice.example.com"]});
        let mut observed = observed(json!({"exposure": {"httpRoute": route}}), &[]);
        observed.children.http_route = status.map(|status| {
            let owner = json!([{"apiVersion": "v", "kind": "CommsModule", "name": "comms",
                "uid": "11111111-2222-3333-4444-555555555555"}]);
            serde_json::from_value(json!({
                "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
                "metadata": {"name": "comms", "ownerReferences": owner}, "spec": {}, "status": status,
            }))
            .expect("an HTTPRoute")
        });
        observed
    }

    fn said(observed: &Observed) -> (State, Reason) {
        let finding = exposed(&planned(observed).module, observed).expect("a way in is asked for");
        (finding.state, finding.reason)
    }

    #[test]
    fn what_the_gateways_say_of_the_route_is_told() {
        let parent = |type_: &str, status: &str| {
            json!({"parents": [{"parentRef": {"name": "public"}, "controllerName": "c", "conditions": [{
                "type": type_, "status": status, "reason": "R", "message": "m", "lastTransitionTime": "2026-01-01T00:00:00Z",
            }]}]})
        };
        for (status, expected) in [
            (None, (State::Unknown, Reason::NotObserved)),
            (Some(json!({})), (State::Unknown, Reason::NotObserved)),
            (Some(parent("Accepted", "True")), (State::True, Reason::InPlace)),
            (Some(parent("Accepted", "False")), (State::False, Reason::RouteRefused)),
            (Some(parent("ResolvedRefs", "False")), (State::False, Reason::RouteRefused)),
        ] {
            assert_eq!(said(&routed(status.clone())), expected, "{status:?}");
        }
    }

    #[test]
    fn a_cluster_without_the_kind_is_told_with_what_to_do() {
        let mut observed = routed(None);
        observed.kinds.http_route = false;
        let finding = exposed(&planned(&observed).module, &observed).expect("a way in is asked for");
        assert_eq!(
            (finding.state, finding.reason, finding.message.as_str()),
            (
                State::False,
                Reason::KindMissing,
                "The cluster knows no HTTPRoutes: install the Gateway API (v1), or use spec.exposure.ingress instead of \
                 spec.exposure.httpRoute."
            )
        );
    }

    #[test]
    fn metrics_that_nobody_may_reach_are_told() {
        let message = |monitoring: Value| {
            let observed = observed(json!({ "monitoring": monitoring }), &[]);
            monitored(&planned(&observed).module, &observed).map(|finding| finding.message)
        };
        assert_eq!(message(json!({})), None);
        let alone = message(json!({"serviceMonitor": true})).expect("a finding");
        assert!(alone.contains("name Prometheus' pods in spec.monitoring.allowFrom"), "{alone}");
        let allowed = message(json!({"serviceMonitor": true, "allowFrom": [{"podSelector": {}}]}));
        assert_eq!(allowed.as_deref(), Some("A ServiceMonitor tells where the metrics are."));
    }
}
