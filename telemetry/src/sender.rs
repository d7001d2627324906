//! How batches are sent: by the runtime that the program has, since the thread that makes them has none.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;

/// Longest time that a collector may take over a batch.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer that is read, in bytes: what was not taken, and why.
const MAX_ANSWER: usize = 64 * 1024;

/// Why the last batch was not sent, where there was no answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<String>>>);

impl Failure {
    pub(crate) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, reason: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }
}

/// Sends by the runtime in which it was made.
#[derive(Debug)]
pub(crate) struct Sender {
    runtime: Handle,
    client: reqwest::Client,
    failure: Failure,
}

impl Sender {
    /// The collector is nearby: neither proxies nor redirects lead to it.
    pub(crate) fn new(failure: Failure) -> Result<Self, reqwest::Error> {
        let client =
            reqwest::Client::builder().timeout(TIMEOUT).redirect(Policy::none()).no_proxy().build()?;
        Ok(Self { runtime: Handle::current(), client, failure })
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = self.runtime.spawn(send(self.client.clone(), request));
        let outcome = match sending.await {
            Ok(outcome) => outcome,
            Err(ended) => Err(ended.into()),
        };
        self.failure.set(outcome.as_ref().err().map(|error| sentence(error.as_ref())));
        outcome
    }
}

async fn send(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request)?;
    let mut answer = client.execute(request).await.map_err(reqwest::Error::without_url)?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err(format!("the answer is longer than {MAX_ANSWER} bytes").into());
        }
    }
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}

/// What went wrong, down to its cause.
fn sentence(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}
