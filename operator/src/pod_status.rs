//! What running pods say of themselves: `/status` on their management port.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use serde::{Deserialize, de::DeserializeOwned};

use crate::api::MANAGEMENT_PORT;

/// Pods asked at the same time for one module.
pub(crate) const CONCURRENCY: usize = 8;
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 16 * 1024;

/// One pod's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct PodReport {
    /// Name of the pod.
    pub pod: String,
    /// What it answered, or why there is no answer.
    pub answer: Result<Answer, String>,
}

/// The body of `/status`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Answer {
    /// Publishing, as seen from the pod.
    pub events: EventsAnswer,
    /// The database, as seen from the pod.
    pub database: DatabaseAnswer,
}

/// Publishing, as seen from a pod.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EventsAnswer {
    /// The link to the broker.
    pub state: EventsState,
    /// Why the link is down.
    pub last_error: Option<String>,
}

/// The link to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventsState {
    /// Events are published.
    Connected,
    /// The pod is about to connect, again maybe.
    Connecting,
    /// Nothing is published.
    Disabled,
}

/// The database, as seen from a pod.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DatabaseAnswer {
    /// Whether it can be used.
    pub state: DatabaseState,
    /// Why it cannot.
    pub error: Option<String>,
}

/// Whether the database can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseState {
    /// It answers.
    Ok,
    /// It does not.
    Error,
}

/// Asks pods for their status.
#[derive(Clone, Debug)]
pub struct PodStatusClient(reqwest::Client);

impl PodStatusClient {
    /// A client with short time-outs that follows no redirect and uses no proxy.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }

    /// The answers of those of the pods that run, in the order of their names. A pod that is not ready is asked, too: it
    /// is the one that knows why.
    pub async fn ask(&self, pods: &[Pod]) -> Vec<PodReport> {
        // Owned values: the stream's future has to outlive this borrow on its way through the executor.
        let addresses: BTreeMap<String, String> = pods
            .iter()
            .filter(|pod| is_running(pod))
            .filter_map(|pod| Some((pod.name_any(), pod.status.as_ref()?.pod_ip.clone()?)))
            .collect();
        stream::iter(addresses)
            .map(|(pod, ip)| async move { PodReport { pod, answer: self.get(&ip, "status").await } })
            .buffered(CONCURRENCY)
            .collect()
            .await
    }

    /// What a pod answers at a path of its management port.
    pub(crate) async fn get<T: DeserializeOwned>(&self, ip: &str, path: &str) -> Result<T, String> {
        let host = if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
        let url = format!("http://{host}:{MANAGEMENT_PORT}/{path}");
        let tell = |error: reqwest::Error| error.without_url().to_string();
        let mut response =
            self.0.get(&url).send().await.and_then(reqwest::Response::error_for_status).map_err(tell)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(tell)? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER {
                return Err(format!("the answer is longer than {MAX_ANSWER} bytes"));
            }
        }
        serde_json::from_slice(&body).map_err(|error| format!("the answer is not understood: {error}"))
    }
}

/// The kubelet has started the pod and nothing wants it gone.
fn is_running(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    pod.metadata.deletion_timestamp.is_none() && phase == Some("Running")
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use axum::{Router, http::StatusCode, routing::get};
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;

    fn pod(name: &str, address: Option<IpAddr>, phase: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": name},
            "status": {"podIP": address, "phase": phase},
        }))
        .expect("a pod")
    }

    /// Serves one answer on a loopback address of its own for as long as the test runs.
    async fn serve(last: u8, status: StatusCode, body: String) -> IpAddr {
        let address = Ipv4Addr::new(127, 31, 0, last);
        let router = Router::new().route("/status", get(move || async move { (status, body) }));
        let listener = TcpListener::bind((address, MANAGEMENT_PORT)).await.expect("a free address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        address.into()
    }

    #[tokio::test]
    async fn only_running_pods_are_asked_and_each_failure_says_why() {
        let body = json!({
            "events": {"state": "connected", "last_error": null, "backlog": 0, "oldest_age_seconds": null},
            "database": {"kind": "sqlite", "state": "ok", "error": null},
        });
        let sound = serve(1, StatusCode::OK, body.to_string()).await;
        let long = serve(2, StatusCode::OK, " ".repeat(MAX_ANSWER + 1)).await;
        let strange = serve(3, StatusCode::OK, "hello".into()).await;
        let broken = serve(4, StatusCode::INTERNAL_SERVER_ERROR, String::new()).await;
        let pods = [
            pod("d-broken", Some(broken), "Running"),
            pod("a-sound", Some(sound), "Running"),
            pod("b-long", Some(long), "Running"),
            pod("c-strange", Some(strange), "Running"),
            pod("pending", Some(sound), "Pending"),
            pod("nowhere", None, "Running"),
        ];
        let reports = PodStatusClient::new().expect("a client").ask(&pods).await;
        let told: Vec<_> = reports
            .iter()
            .map(|report| {
                (report.pod.as_str(), report.answer.as_ref().err().map(String::as_str).unwrap_or_default())
            })
            .collect();
        assert_eq!(told[0], ("a-sound", ""));
        assert_eq!(told[1], ("b-long", "the answer is longer than 16384 bytes"));
        assert_eq!(told[2], ("c-strange", "the answer is not understood: expected value at line 1 column 1"));
        assert_eq!(told[3].0, "d-broken");
        assert!(told[3].1.contains("500"), "{}", told[3].1);
        assert_eq!(told.len(), 4);
        let expected = Answer {
            events: EventsAnswer { state: EventsState::Connected, last_error: None },
            database: DatabaseAnswer { state: DatabaseState::Ok, error: None },
        };
        assert_eq!(reports[0].answer, Ok(expected));
    }
}
