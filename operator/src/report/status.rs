//! The whole status, from what was observed and what came of it.

use k8s_openapi::{api::apps::v1::Deployment, apimachinery::pkg::apis::meta::v1::Condition, jiff::Timestamp};

use crate::{
    api::{CommsModule, CommsModuleStatus, Effective, EffectiveRotation, GoDuration},
    build::{admin::PASSWORD, names, pod_selector},
    decide::{AdminPassword, Database, Identity, Module, Plan, Volume},
    observe::Observed,
    rotation::Report,
};

use super::{
    Outcome, Paused, around,
    conditions::{
        DATABASE_READY, EVENTS_READY, EXPOSED, Finding, KEYS_READY, MONITORED, PAUSED, PROGRESSING, READY,
        State,
    },
    keys, publishing, readiness,
    reason::Reason,
    storage,
};

/// Works the status out.
pub fn status(observed: &Observed, outcome: &Outcome<'_>, now: Timestamp) -> CommsModuleStatus {
    let live = observed.children.deployment.as_ref();
    let generation = observed.module.metadata.generation;
    let before =
        observed.module.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let told = match outcome {
        Outcome::Applied { plan, deployment } => {
            let rollout = readiness::Rollout {
                deployment,
                pods: &observed.pods,
                image: &plan.module.image,
                replicas: Some(plan.replicas),
            };
            let (ready, progressing) = readiness::rollout(&rollout);
            Told {
                module: Some(&plan.module),
                volume: plan.volume.as_ref(),
                deployment: Some(deployment),
                keys: state_of(plan),
                keys_ready: keys::finding(Some(&plan.module), state_of(plan), None),
                ready,
                progressing,
            }
        }
        Outcome::Refused { plan, forbidden, message } => {
            let reason = if *forbidden { Reason::Forbidden } else { Reason::ChildRefused };
            let stuck = Finding::new(State::False, reason, message);
            Told {
                module: Some(&plan.module),
                volume: plan.volume.as_ref(),
                deployment: live,
                keys: state_of(plan),
                keys_ready: keys::finding(Some(&plan.module), state_of(plan), None),
                ready: stuck.clone(),
                progressing: stuck,
            }
        }
        Outcome::Trying(trial) => {
            let message = format!(
                "Image {} is tried in pod {} before the pod that serves gives way to it.",
                trial.module.image,
                names(&trial.module.name).image_trial
            );
            Told {
                module: Some(&trial.module),
                volume: None,
                deployment: live,
                keys: trial.keys.as_deref(),
                keys_ready: keys::finding(Some(&trial.module), trial.keys.as_deref(), None),
                ready: Finding::new(State::False, Reason::TryingImage, message.clone()),
                progressing: Finding::new(State::True, Reason::TryingImage, message),
            }
        }
        Outcome::Paused(paused) => of_paused(paused, observed),
        Outcome::Held(hold) => {
            let stuck = Finding::new(State::False, hold.reason, &hold.message);
            Told {
                module: hold.module.as_deref(),
                volume: None,
                deployment: live,
                keys: hold.keys.as_deref(),
                keys_ready: keys::finding(hold.module.as_deref(), hold.keys.as_deref(), Some(hold)),
                ready: stuck.clone(),
                progressing: stuck,
            }
        }
    };
    told.into_status(observed, before, generation, now)
}

/// The status of a module of which something could not be read: all else stays as it was told before.
pub fn unreadable(module: &CommsModule, message: &str, now: Timestamp) -> CommsModuleStatus {
    let mut status = module.status.clone().unwrap_or_default();
    let generation = module.metadata.generation;
    let stuck = Finding::new(State::False, Reason::Forbidden, message);
    let told = [READY, PROGRESSING].map(|type_| {
        let before = &status.conditions;
        stuck.clone().into_condition(type_, before, generation, now)
    });
    status.conditions.retain(|condition| told.iter().all(|other| other.type_ != condition.type_));
    status.conditions.splice(0..0, told);
    status
}

fn of_paused<'a>(paused: &'a Paused<'_>, observed: &'a Observed) -> Told<'a> {
    let live = observed.children.deployment.as_ref();
    let (ready, progressing) = if let Some(deployment) = live.filter(|_| paused.waiting.is_empty()) {
        readiness::rollout(&readiness::Rollout {
            deployment,
            pods: &observed.pods,
            image: &paused.module.image,
            replicas: paused.replicas,
        })
    } else {
        let message = format!(
            "spec.paused is true, and these are not as the spec says: {}. Set spec.paused to false to have them changed.",
            paused.waiting.join(", ")
        );
        let waiting = Finding::new(State::False, Reason::Paused, message);
        (waiting.clone(), waiting)
    };
    Told {
        module: Some(paused.module),
        volume: paused.volume,
        deployment: live,
        keys: paused.keys.as_deref(),
        keys_ready: keys::finding(Some(paused.module), paused.keys.as_deref(), None),
        ready,
        progressing,
    }
}

fn paused_finding(paused: bool) -> Finding {
    if paused {
        let message = "spec.paused is true: nothing is changed until it is false.";
        Finding::new(State::True, Reason::Paused, message)
    } else {
        Finding::new(State::False, Reason::NotPaused, "What runs is made as the spec says.")
    }
}

struct Told<'a> {
    module: Option<&'a Module>,
    volume: Option<&'a Volume>,
    deployment: Option<&'a Deployment>,
    keys: Option<&'a Report>,
    keys_ready: Finding,
    ready: Finding,
    progressing: Finding,
}

impl Told<'_> {
    fn into_status(
        self,
        observed: &Observed,
        before: &[Condition],
        generation: Option<i64>,
        now: Timestamp,
    ) -> CommsModuleStatus {
        let unknown = || Finding::new(State::Unknown, Reason::NotObserved, "The spec is not valid.");
        let events = self.module.map(|module| publishing::finding(&module.events, &observed.reports));
        let database = self.module.map(|module| storage::finding(module, observed));
        let exposed = self.module.and_then(|module| around::exposed(module, observed));
        let monitored = self.module.and_then(|module| around::monitored(module, observed));
        let always = [
            (READY, self.ready),
            (PROGRESSING, self.progressing),
            (KEYS_READY, self.keys_ready),
            (EVENTS_READY, events.unwrap_or_else(unknown)),
            (DATABASE_READY, database.unwrap_or_else(unknown)),
            (PAUSED, paused_finding(observed.module.spec.paused)),
        ];
        let where_asked =
            [exposed.map(|finding| (EXPOSED, finding)), monitored.map(|finding| (MONITORED, finding))];
        let findings = always.into_iter().chain(where_asked.into_iter().flatten());
        let counts = self.deployment.and_then(|deployment| deployment.status.as_ref());
        CommsModuleStatus {
            observed_generation: generation,
            effective: self.module.map(|module| effective(module, self.volume)),
            conditions: findings
                .map(|(type_, finding)| finding.into_condition(type_, before, generation, now))
                .collect(),
            replicas: counts.and_then(|counts| counts.replicas).unwrap_or(0),
            ready_replicas: counts.and_then(|counts| counts.ready_replicas).unwrap_or(0),
            selector: self.module.map(|module| pod_selector(&module.name)),
            url: self.module.map(Module::url),
            image: self.module.map(|module| module.image.clone()),
            active_key: self.keys.and_then(keys::active),
            keys: self.keys.map(keys::statuses).unwrap_or_default(),
            last_rotation_time: self.keys.and_then(|report| report.last_rotation).map(keys::time),
            next_rotation_time: self.keys.and_then(|report| report.next_rotation).map(keys::time),
            observed_rotate_request: self.keys.and_then(|report| report.observed_request.clone()),
        }
    }
}

/// How it stands with the keys of a plan.
fn state_of(plan: &Plan) -> Option<&Report> {
    plan.keys.as_ref()?.state.as_deref()
}

fn effective(module: &Module, volume: Option<&Volume>) -> Effective {
    let mut effective = Effective {
        base_path: module.base_path.clone(),
        database: match module.database {
            Database::Embedded { .. } => "Embedded".into(),
            Database::Postgres(_) => "PostgreSQL".into(),
        },
        volume_size: volume.map(|volume| volume.size.clone()),
        publishing: module.events.broker.publishes(),
        backlog_limit: module.events.backlog_limit.clone().filter(|_| module.events.broker.publishes()),
        ..Effective::default()
    };
    if let Identity::Standalone(auth) = &module.identity {
        effective.access_token_ttl = Some(auth.access_token_ttl.as_str().to_owned());
        effective.refresh_token_ttl = Some(auth.refresh_token_ttl.as_str().to_owned());
        let text = |length| GoDuration::of(length).as_str().to_owned();
        effective.key_rotation = Some(EffectiveRotation {
            interval: text(auth.rotation.interval),
            propagation_delay: text(auth.rotation.propagation_delay),
            retention: text(auth.rotation.retention),
            verifier_cache_ttl: text(auth.rotation.verifier_cache_ttl),
        });
        effective.admin_password = Some(match &auth.admin_password {
            AdminPassword::Generated => format!("{}/{PASSWORD}", names(&module.name).admin),
            AdminPassword::Given(reference) => format!("{}/{}", reference.name, reference.key),
        });
    }
    effective
}
