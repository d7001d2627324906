//! Faults between the operator and the API server: a layer around the client that does with each call what a test says.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use anyhow::Result;
use axum::{
    BoxError,
    body::{Body as Answer, Bytes, HttpBody},
    http::{Method, Request, Response, StatusCode},
};
use futures::StreamExt;
use kube::{
    Client, Config,
    client::{Body, ClientBuilder},
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::json;
use testbed::ApiServer;
use tokio::sync::watch;
use tower_layer::Layer;
use tower_service::Service;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It does not reach the API server, which seems to answer with this status.
    Refuse(u16),
    /// It reaches the API server, and once it has the answer is lost.
    LoseAnswer,
    /// There is no connection.
    NoConnection,
    /// It goes out and nothing ever comes back.
    Hang,
}

/// A call, as tests look at it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
}

impl Call {
    pub(crate) fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// Verb and path below the namespace, as the audit log tells of it.
    pub(crate) fn told(&self) -> String {
        let path = self.path.split_once("/namespaces/").and_then(|(_, path)| path.split_once('/'));
        let path = path.map_or(self.path.as_str(), |(_, path)| path);
        let verb = match self.method.as_str() {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ if path.contains('/') => "get",
            _ => "list",
        };
        format!("{verb} {path}")
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.query.contains("watch=true")
    }
}

type Plan = Arc<dyn Fn(&Call) -> Fault + Send + Sync>;

/// What is done with calls; may be changed while they go on.
#[derive(Clone)]
pub(crate) struct Faults {
    plan: Arc<Mutex<Plan>>,
    watches: watch::Sender<u64>,
    losses: watch::Sender<u64>,
}

impl Faults {
    /// No faults.
    pub(crate) fn none() -> Self {
        Self {
            plan: Arc::new(Mutex::new(Arc::new(|_| Fault::None))),
            watches: watch::Sender::new(0),
            losses: watch::Sender::new(0),
        }
    }

    /// The faults that `plan` chooses for each call.
    pub(crate) fn planned(plan: impl Fn(&Call) -> Fault + Send + Sync + 'static) -> Self {
        let faults = Self::none();
        faults.change(plan);
        faults
    }

    /// Chooses otherwise from now on.
    pub(crate) fn change(&self, plan: impl Fn(&Call) -> Fault + Send + Sync + 'static) {
        *self.plan.lock().expect("not poisoned") = Arc::new(plan);
    }

    /// Waits until a call has reached the API server whose answer is lost.
    pub(crate) async fn loss(&self) {
        // The sender is here.
        let _ = self.losses.subscribe().wait_for(|losses| *losses > 0).await;
    }

    /// Breaks off all watches that are under way.
    pub(crate) fn cut_watches(&self) {
        self.watches.send_modify(|cuts| *cuts += 1);
    }

    /// A client of `user` with these faults.
    pub(crate) async fn client(&self, server: &ApiServer, user: &str) -> Result<Client> {
        let kubeconfig = Kubeconfig::read_from(server.kubeconfig_for(user, None)?)?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
        Ok(ClientBuilder::try_from(config)?.with_layer(self).build())
    }
}

/// Says yes at the `n`-th call that is a write, counted from 1, and no at all others.
pub(crate) fn nth_write(n: usize) -> impl Fn(&Call) -> bool + Send + Sync {
    let count = AtomicUsize::new(0);
    move |call| call.is_write() && count.fetch_add(1, Ordering::SeqCst) + 1 == n
}

impl<S> Layer<S> for Faults {
    type Service = Faulty<S>;

    fn layer(&self, inner: S) -> Faulty<S> {
        Faulty { inner, faults: self.clone() }
    }
}

pub(crate) struct Faulty<S> {
    inner: S,
    faults: Faults,
}

impl<S, B> Service<Request<Body>> for Faulty<S>
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
        let call = Call {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
        };
        let plan = Arc::clone(&self.faults.plan.lock().expect("not poisoned"));
        match plan(&call) {
            Fault::None | Fault::LoseAnswer if call.is_watch() => {
                let (answer, mut cuts) = (self.inner.call(request), self.faults.watches.subscribe());
                Box::pin(async move {
                    let (head, body) = answer.await.map_err(Into::into)?.into_parts();
                    let cut = Box::pin(async move { cuts.changed().await.is_ok() });
                    let body = Answer::new(body).into_data_stream().take_until(cut);
                    Ok(Response::from_parts(head, Answer::from_stream(body)))
                })
            }
            Fault::None => {
                let answer = self.inner.call(request);
                Box::pin(async move { Ok(answer.await.map_err(Into::into)?.map(Answer::new)) })
            }
            Fault::LoseAnswer => {
                let (answer, losses) = (self.inner.call(request), self.faults.losses.clone());
                Box::pin(async move {
                    answer.await.map_err(Into::into)?;
                    losses.send_modify(|losses| *losses += 1);
                    Err("the answer was lost".into())
                })
            }
            Fault::NoConnection => Box::pin(async { Err("connection refused".into()) }),
            Fault::Hang => Box::pin(std::future::pending()),
            Fault::Refuse(code) => Box::pin(async move { refusal(code) }),
        }
    }
}

fn refusal(code: u16) -> Result<Response<Answer>, BoxError> {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": "Fault",
        "message": "the test refuses",
    });
    Ok(Response::builder().status(StatusCode::from_u16(code)?).body(Answer::from(status.to_string()))?)
}
