//! When keys are rotated: the windows of the spec, checked, and what the key machine is asked for.

use std::{collections::BTreeSet, time::Duration};

use k8s_openapi::api::core::v1::Pod;

use crate::{
    api::{self, GoDuration, ParseDurationError},
    build::{CONTAINER, TOKEN_LIVES},
    rotation::{CLOCK_MARGIN, Rules, Source},
};

/// What a rotation takes beside the propagation delay, as far as admission cares.
const LEAST_PAUSE: Duration = Duration::from_secs(300);

/// When keys are rotated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How old a key becomes while it signs.
    pub interval: Duration,
    /// How long all pods accept a key before it signs.
    pub propagation_delay: Duration,
    /// How long a key is accepted after it has signed for the last time, at least.
    pub retention: Duration,
    /// How long verifiers elsewhere may go on with keys that they have read.
    pub verifier_cache_ttl: Duration,
    /// Another text than before asks for a rotation.
    pub request: Option<String>,
    /// Keys to refuse.
    pub revoked: BTreeSet<String>,
    /// The longest life of a token.
    pub token_life: Duration,
}

/// Why keys cannot be rotated so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRotation {
    /// A duration is not one.
    #[error("spec.keys.rotation.{field}: {source}")]
    Duration {
        /// The field.
        field: &'static str,
        /// Why.
        source: ParseDurationError,
    },
    /// Keys of the user's and the operator's at once.
    #[error(
        "keys of your own change when you change their Secret: remove spec.keys.rotateRequest, or remove spec.keys.secretRef to \
         have keys made and rotated"
    )]
    OwnKeys,
    /// Verifiers would not know the key.
    #[error(
        "verifiers must know a key before it signs: make spec.keys.rotation.propagationDelay at least as long as \
         spec.keys.rotation.verifierCacheTtl"
    )]
    Delay,
    /// The next rotation would come before one is over.
    #[error(
        "a rotation takes the propagationDelay and some minutes: make spec.keys.rotation.interval at least 5m longer than \
         spec.keys.rotation.propagationDelay"
    )]
    Interval,
}

pub(super) fn rotation(
    keys: Option<&api::Keys>,
    access_ttl: Duration,
    refresh_ttl: Duration,
) -> Result<Rotation, InvalidRotation> {
    let keys = keys.cloned().unwrap_or_default();
    if keys.secret_ref.is_some() && keys.rotate_request.is_some() {
        return Err(InvalidRotation::OwnKeys);
    }
    let windows = keys.rotation.unwrap_or_default();
    let token_life = access_ttl.max(refresh_ttl);
    let retention = windows.retention.as_ref().map(|retention| parsed("retention", retention)).transpose()?;
    let rotation = Rotation {
        interval: parsed("interval", &windows.interval)?,
        propagation_delay: parsed("propagationDelay", &windows.propagation_delay)?,
        retention: retention.unwrap_or_else(|| token_life.saturating_add(CLOCK_MARGIN)),
        verifier_cache_ttl: parsed("verifierCacheTtl", &windows.verifier_cache_ttl)?,
        request: keys.rotate_request,
        revoked: keys.revoked_kids.into_iter().collect(),
        token_life,
    };
    if rotation.propagation_delay < rotation.verifier_cache_ttl {
        return Err(InvalidRotation::Delay);
    }
    if rotation.interval < rotation.propagation_delay.saturating_add(LEAST_PAUSE) {
        return Err(InvalidRotation::Interval);
    }
    Ok(rotation)
}

impl Rotation {
    /// What the key machine is asked for. Pods of a former spec sign as they were told then.
    pub fn rules(&self, pods: &[Pod], source: Source) -> Rules {
        Rules {
            interval: self.interval,
            propagation_delay: self.propagation_delay,
            retention: self.retention,
            token_life: pods.iter().flat_map(lives).fold(self.token_life, Duration::max),
            request: self.request.clone(),
            revoked: self.revoked.clone(),
            source,
        }
    }
}

/// The lives of the tokens that a pod signs.
fn lives(pod: &Pod) -> impl Iterator<Item = Duration> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let ours = containers.filter(|container| container.name == CONTAINER);
    let settings = ours.flat_map(|container| container.env.iter().flatten());
    settings
        .filter(|setting| TOKEN_LIVES.contains(&setting.name.as_str()))
        .filter_map(|setting| GoDuration::new(setting.value.as_deref()?).parse().ok())
}

fn parsed(field: &'static str, duration: &GoDuration) -> Result<Duration, InvalidRotation> {
    duration.parse().map_err(|source| InvalidRotation::Duration { field, source })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(keys: serde_json::Value) -> Result<Rotation, InvalidRotation> {
        let keys: api::Keys = serde_json::from_value(keys).expect("keys");
        rotation(Some(&keys), Duration::from_secs(900), Duration::from_secs(3600))
    }

    #[test]
    fn windows_that_cannot_work_are_refused_and_the_others_are_taken() {
        let default = rotation(None, Duration::from_secs(900), Duration::from_secs(3600)).expect("defaults");
        assert_eq!(default.interval, Duration::from_secs(720 * 3600));
        assert_eq!((default.propagation_delay.as_secs(), default.retention.as_secs()), (60, 3660));
        assert_eq!(of(json!({"rotation": {}})), Ok(default));

        let delay = json!({"rotation": {"propagationDelay": "59s"}});
        assert_eq!(of(delay), Err(InvalidRotation::Delay));
        let interval = json!({"rotation": {"interval": "5m"}});
        assert_eq!(of(interval), Err(InvalidRotation::Interval));
        let own = json!({"secretRef": {"name": "signing"}, "rotateRequest": "now"});
        assert_eq!(of(own), Err(InvalidRotation::OwnKeys));
        let invalid = of(json!({"rotation": {"retention": "1 day"}})).expect_err("no duration").to_string();
        assert!(
            invalid.starts_with("spec.keys.rotation.retention: \"1 day\" is not a duration"),
            "{invalid}"
        );
    }

    #[test]
    fn pods_that_still_give_out_longer_tokens_count() {
        let pod = |life: &str| -> Pod {
            let setting = json!({"name": "CC_LITE_REFRESH_TOKEN_TTL", "value": life});
            let container = json!({"name": "cc-lite", "env": [setting]});
            serde_json::from_value(json!({"spec": {"containers": [container]}})).expect("a pod")
        };
        let rotation = of(json!({})).expect("it works");
        let life = |pods: &[Pod]| rotation.rules(pods, Source::Made).token_life.as_secs();
        assert_eq!([life(&[]), life(&[pod("30m")]), life(&[pod("30m"), pod("2h")])], [3600, 3600, 7200]);
    }
}
