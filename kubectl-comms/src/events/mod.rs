//! `events`: what happened to a module and to what was made for it.

mod regarding;
mod told;

use std::{collections::BTreeSet, io::Write};

use futures::TryStreamExt;
use k8s_openapi::api::events::v1::Event;
use kube::{
    Api, ResourceExt,
    api::ListParams,
    runtime::{WatchStreamExt, watcher},
};

use crate::{
    age::{age, now},
    arguments::Events,
    cluster::{Cluster, VIEW},
    failure::Failure,
    output::{Format, table},
};

use regarding::is_about;
use told::Told;

/// Shows the events that there are, oldest first, and goes on with new ones where that was asked for.
pub async fn run(cluster: &Cluster, asked: &Events, out: &mut impl Write) -> Result<(), Failure> {
    let module = cluster.module(asked.name.as_deref()).await?.name_any();
    let api: Api<Event> = cluster.api();
    if asked.follow {
        return follow(api, &module, asked.output, out).await;
    }
    let listed = api.list(&ListParams::default()).await.map_err(|error| Failure::of_call(error, VIEW))?;
    let mut all: Vec<Told> =
        listed.items.iter().filter(|event| is_about(event, &module)).map(Told::of).collect();
    all.sort_by_key(|told| told.time);
    if let Some(format) = asked.output {
        return format.write(&all, out);
    }
    if all.is_empty() {
        // The API server forgets events after an hour.
        writeln!(out, "Nothing happened to {module} lately: events are kept for an hour.")?;
        return Ok(());
    }
    let now = now();
    let rows = all.into_iter().map(|told| told.cells(age(told.time, now))).collect::<Vec<_>>();
    table("", ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"], &rows, out)
}

/// Prints events as they come, each repetition again. Ends with the program.
async fn follow(
    api: Api<Event>,
    module: &str,
    format: Option<Format>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    // What cannot be listed is told at once, while an interrupted watch goes on by itself.
    api.list(&ListParams::default().limit(1)).await.map_err(|error| Failure::of_call(error, VIEW))?;
    let mut events = Box::pin(watcher(api, watcher::Config::default()).default_backoff());
    let mut first = Vec::new();
    let mut shown = BTreeSet::new();
    loop {
        let next = match events.try_next().await {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(()),
            Err(error) => {
                eprintln!("kubectl comms: {error}; trying again");
                continue;
            }
        };
        let mut new = match next {
            watcher::Event::Init | watcher::Event::Delete(_) => continue,
            watcher::Event::InitApply(event) => {
                first.push(event);
                continue;
            }
            watcher::Event::InitDone => std::mem::take(&mut first),
            watcher::Event::Apply(event) => vec![event],
        };
        new.retain(|event| is_about(event, module));
        let mut new: Vec<_> = new
            .iter()
            .filter(|event| shown.insert((event.uid(), event.resource_version())))
            .map(Told::of)
            .collect();
        new.sort_by_key(|told| told.time);
        for told in new {
            match format {
                Some(format) => format.write_one_of_many(&told, out)?,
                None => writeln!(out, "{}", told.line())?,
            }
        }
        out.flush()?;
    }
}
