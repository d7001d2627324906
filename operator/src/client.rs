//! The client of the API server, and what each of its calls gets: a time-out, a place in the metrics and in the traces, and,
//! where it would change something, the lease's permit.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Body as Answer, Bytes, HttpBody, to_bytes},
    http::{Method, Request, Response},
};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder},
};
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;
use tracing::Instrument;

use crate::{
    lease::Permit,
    metrics::{ApiCall, ApiCalls},
    traces,
};

/// Longest time until a connection is made.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest time that a call may take, its answer's body included; of a watch, until it begins. Waiting for an API server
/// that asks for patience (429, 503) counts in.
const CALL: Duration = Duration::from_secs(20);

/// Why a call was not made or given up.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the API server gave no answer within {CALL:?}")]
    TimedOut,
    #[error("the lease is no longer held, so nothing is written")]
    NotLeading,
}

/// A client whose calls are timed out and counted, and whose writes end with the lease.
pub fn client(mut config: Config, calls: ApiCalls, permit: Permit) -> Result<Client, kube::Error> {
    config.connect_timeout = Some(CONNECT);
    Ok(ClientBuilder::try_from(config)?.with_layer(&Guarded { calls, permit }).build())
}

/// The layer that does it.
#[derive(Clone, Debug)]
struct Guarded {
    calls: ApiCalls,
    permit: Permit,
}

impl<S> Layer<S> for Guarded {
    type Service = GuardedService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardedService { inner, guard: self.clone() }
    }
}

struct GuardedService<S> {
    inner: S,
    guard: Guarded,
}

impl<S, B> Service<Request<Body>> for GuardedService<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Answer>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Guarded { calls, permit } = self.guard.clone();
        let (verb, resource) = target(request.method(), request.uri().path(), request.uri().query());
        let timeout = Instant::now() + CALL;
        let until = if is_write(request.method()) { permit.until().min(timeout) } else { timeout };
        if until <= Instant::now() {
            return Box::pin(std::future::ready(Err(Refused::NotLeading.into())));
        }
        let span = traces::call(verb, &resource, request.method().as_str(), request.uri().path());
        let told = span.clone();
        let answer = self.inner.call(request);
        let whole = async move {
            let whole = async {
                let (head, body) = answer.await.map_err(Into::into)?.into_parts();
                let body = Answer::new(body);
                // A watch goes on; anything else is over when its body is here.
                let body =
                    if verb == "watch" { body } else { Answer::from(to_bytes(body, usize::MAX).await?) };
                Ok(Response::from_parts(head, body))
            };
            let answer: Result<_, BoxError> = match tokio::time::timeout_at(until, whole).await {
                Ok(answer) => answer,
                Err(_) if until < timeout => Err(Refused::NotLeading.into()),
                Err(_) => Err(Refused::TimedOut.into()),
            };
            let code =
                answer.as_ref().map_or_else(|_| "none".into(), |answer| answer.status().as_u16().to_string());
            traces::answered(&told, answer.as_ref().ok().map(|answer| answer.status().as_u16()));
            calls.count(&ApiCall { verb, resource, code });
            answer
        };
        Box::pin(whole.instrument(span))
    }
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// The verb and the resource of a request, as RBAC calls them: `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE/NAME/SUB`.
fn target(method: &Method, path: &str, query: Option<&str>) -> (&'static str, String) {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let below = match parts.next() {
        Some("api") => parts.next().map(|_| parts),
        Some("apis") => parts.nth(1).map(|_| parts),
        _ => None,
    };
    let mut below: Vec<&str> = below.into_iter().flatten().collect();
    if below.first() == Some(&"namespaces") && below.len() > 2 {
        below.drain(..2);
    }
    let (resource, name, sub) = (below.first(), below.get(1), below.get(2));
    let watches =
        query.is_some_and(|query| query.split('&').any(|pair| matches!(pair, "watch=true" | "watch=1")));
    let verb = match (method.as_str(), name) {
        ("GET", None) if watches => "watch",
        ("GET", None) => "list",
        ("GET", Some(_)) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", None) => "deletecollection",
        ("DELETE", Some(_)) => "delete",
        _ => "other",
    };
    let resource = match (resource, sub) {
        (Some(resource), Some(sub)) => format!("{resource}/{sub}"),
        (Some(resource), None) => (*resource).to_owned(),
        (None, _) => "none".to_owned(),
    };
    (verb, resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_what_they_ask_for_and_never_by_a_name() {
        for (method, path, query, expected) in [
            (Method::GET, "/api/v1/namespaces/tel/secrets/comms-keys", None, ("get", "secrets")),
            (Method::GET, "/apis/apps/v1/deployments", Some("limit=100"), ("list", "deployments")),
            (Method::GET, "/api/v1/pods", Some("watch=true&timeoutSeconds=290"), ("watch", "pods")),
            (Method::GET, "/api/v1/namespaces/tel/pods", Some("limit=1"), ("list", "pods")),
            (Method::POST, "/api/v1/namespaces/tel/secrets", None, ("create", "secrets")),
            (
                Method::PATCH,
                "/apis/comms.kraliki.com/v1alpha1/namespaces/tel/commsmodules/comms/status",
                Some("force=true"),
                ("patch", "commsmodules/status"),
            ),
            (
                Method::PUT,
                "/apis/coordination.k8s.io/v1/namespaces/tel/leases/comms-operator",
                None,
                ("update", "leases"),
            ),
            (Method::DELETE, "/api/v1/namespaces/tel/pods/comms-image-trial", None, ("delete", "pods")),
            (Method::GET, "/version", None, ("list", "none")),
        ] {
            let (verb, resource) = target(&method, path, query);
            assert_eq!((verb, resource.as_str()), expected, "{method} {path}");
        }
    }
}
