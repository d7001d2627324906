//! Events about changed conditions, for `kubectl describe` and `kubectl events`.

use k8s_openapi::{
    api::{core::v1::ObjectReference, events::v1::Event},
    apimachinery::pkg::apis::meta::v1::{Condition, MicroTime},
    jiff::Timestamp,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::{api::FIELD_MANAGER, api_error::ApiError};

use super::{
    conditions::PROGRESSING,
    reason::Reason,
    telling::{Say, Telling},
};

/// Reasons that every start goes through.
const USUAL: [Reason; 7] = [
    Reason::RollingOut,
    Reason::NotObserved,
    Reason::NotConfigured,
    Reason::Disabled,
    Reason::NotUsed,
    Reason::Connecting,
    Reason::NotPaused,
];

/// Publishes one event for each condition that changed to something worth telling. A failure is logged and no more:
/// the status already says it.
pub(super) async fn publish(
    client: &Client,
    telling: &Telling,
    regarding: &ObjectReference,
    before: &[Condition],
    after: &[Condition],
    now: Timestamp,
) {
    let namespace = regarding.namespace.as_deref().unwrap_or_default();
    let api: Api<Event> = Api::namespaced(client.clone(), namespace);
    for condition in worth_telling(before, after) {
        let type_ = if condition.status == "True" { "Normal" } else { "Warning" };
        let about =
            About { type_, topic: &condition.type_, reason: &condition.reason, note: &condition.message };
        say(&api, telling, regarding, &about, now).await;
    }
}

/// Publishes one event about something that is no condition.
pub(super) async fn tell(
    client: &Client,
    telling: &Telling,
    regarding: &ObjectReference,
    (type_, reason, note): (&str, &str, &str),
    now: Timestamp,
) {
    let api: Api<Event> = Api::namespaced(client.clone(), regarding.namespace.as_deref().unwrap_or_default());
    let about = About { type_, topic: reason, reason, note };
    say(&api, telling, regarding, &about, now).await;
}

/// Creates an event, or counts one that was told already, as far as [`Telling`] lets it.
async fn say(
    api: &Api<Event>,
    telling: &Telling,
    regarding: &ObjectReference,
    about: &About<'_>,
    now: Timestamp,
) {
    let new = event(regarding, about, now);
    let name = new.metadata.name.clone().unwrap_or_default();
    let of = |part: &Option<String>| part.clone().unwrap_or_default();
    let module = (of(&regarding.namespace), of(&regarding.name));
    let told = match telling.say(module, (about.reason, about.note), &name, now) {
        Say::Nothing => return,
        Say::New => api.create(&PostParams::default(), &new).await,
        Say::Again { name, count } => {
            let series = json!({"series": {"count": count, "lastObservedTime": MicroTime(now)}});
            api.patch(&name, &PatchParams::default(), &Patch::Merge(series)).await
        }
    };
    if let Err(error) = told {
        tracing::warn!(reason = about.reason, "an event could not be published: {}", ApiError::from(error));
    }
}

/// Problems that are new, and the end of problems.
pub(super) fn worth_telling<'a>(
    before: &'a [Condition],
    after: &'a [Condition],
) -> impl Iterator<Item = &'a Condition> {
    after.iter().filter(|condition| {
        let earlier = before.iter().find(|earlier| earlier.type_ == condition.type_);
        let changed = earlier.is_none_or(|earlier| {
            (&earlier.status, &earlier.reason) != (&condition.status, &condition.reason)
        });
        let good = condition.status == "True";
        // That keys or a database are there from the start is no news.
        let recovered = earlier.is_some_and(|earlier| earlier.status == "False");
        let usual = USUAL.iter().any(|usual| usual.as_str() == condition.reason);
        condition.type_ != PROGRESSING && changed && !usual && (!good || recovered)
    })
}

/// What an event says.
struct About<'a> {
    /// `Normal` or `Warning`.
    type_: &'a str,
    /// What it is about, for its name.
    topic: &'a str,
    reason: &'a str,
    note: &'a str,
}

fn event(regarding: &ObjectReference, about: &About<'_>, now: Timestamp) -> Event {
    let name = regarding.name.as_deref().unwrap_or_default();
    Event {
        metadata: ObjectMeta {
            namespace: regarding.namespace.clone(),
            name: Some(format!("{name}.{}.{:x}", about.topic.to_lowercase(), now.as_nanosecond())),
            ..ObjectMeta::default()
        },
        event_time: Some(MicroTime(now)),
        reporting_controller: Some(format!("comms.kraliki.com/{FIELD_MANAGER}")),
        reporting_instance: Some(FIELD_MANAGER.into()),
        action: Some("Reconcile".into()),
        reason: Some(about.reason.to_owned()),
        note: Some(about.note.to_owned()),
        regarding: Some(regarding.clone()),
        type_: Some(about.type_.into()),
        ..Event::default()
    }
}
