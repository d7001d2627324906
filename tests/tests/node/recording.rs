//! A rotation, recorded while it happens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use serde_json::Value;
use testbed::timeline::{PodKeys, Timeline, note};
use tokio_util::sync::CancellationToken;

use crate::stage::Room;

/// Between two looks.
const PACE: Duration = Duration::from_millis(20);

/// Records what the pods of the one module in the room say of their keys, and the phases in its status, until told to stop.
pub(crate) async fn record(room: &Room<'_>, stop: CancellationToken) -> Result<Timeline> {
    let begun = Instant::now();
    let at = || begun.elapsed().as_secs_f64();
    let mut pods: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut phases = Vec::new();
    let addresses = addresses(room).await?;
    let client = reqwest::Client::new();
    let watched = async {
        loop {
            // Once more after the end, so that it is in the record.
            let last = stop.is_cancelled();
            let asked = try_join_all(addresses.iter().map(|(name, address)| {
                let asked = client.get(format!("http://{address}:9018/keys")).send();
                async move { Ok::<_, reqwest::Error>((name, asked.await?.json::<Value>().await?)) }
            }));
            for (name, answer) in asked.await? {
                let accepted = answer["accepted"].as_array().into_iter().flatten();
                let accepted: BTreeSet<_> =
                    accepted.filter_map(|kid| kid.as_str().map(str::to_owned)).collect();
                let signing = answer["signing"].as_str().context("no key signs")?.to_owned();
                note(pods.entry(name.clone()).or_default(), at(), PodKeys { signing, accepted });
            }
            if last {
                return Ok::<_, anyhow::Error>(());
            }
            tokio::time::sleep(PACE).await;
        }
    };
    let told = async {
        loop {
            let last = stop.is_cancelled();
            let module = room.get("commsmodule/comms").await?;
            let keys = module["status"]["keys"].as_array().into_iter().flatten();
            let phase =
                |key: &Value| Some((key["kid"].as_str()?.to_owned(), key["phase"].as_str()?.to_owned()));
            note(&mut phases, at(), keys.filter_map(phase).collect());
            if last {
                return Ok(());
            }
        }
    };
    tokio::try_join!(watched, told)?;
    Ok(Timeline { until: (at() * 10.0).ceil() / 10.0, pods, phases })
}

/// Keeps the record, where `RECORD_ROTATION` names a file for it.
pub(crate) fn keep(timeline: &Timeline) -> Result<()> {
    let Some(file) = std::env::var_os("RECORD_ROTATION") else { return Ok(()) };
    let mut json = serde_json::to_string_pretty(timeline)?;
    json.push('\n');
    std::fs::write(Path::new(&file), json).with_context(|| format!("{} to be written", file.display()))
}

async fn addresses(room: &Room<'_>) -> Result<Vec<(String, String)>> {
    let pods = room.get("pods").await?;
    let of = |pod: &Value| {
        Some((pod["metadata"]["name"].as_str()?.to_owned(), pod["status"]["podIP"].as_str()?.to_owned()))
    };
    let serving = pods["items"].as_array().into_iter().flatten();
    let serving = serving.filter(|pod| pod["metadata"]["labels"]["app.kubernetes.io/name"] == "cc-lite");
    serving.map(|pod| of(pod).context("a pod's address")).collect()
}
