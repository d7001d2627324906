//! Key sets on their way to pods: whose kubelet is to look at its mounts again, and when to ask the pods the next time.
//!
//! This is known only as long as the operator runs. What was forgotten costs time, a minute at most, and nothing else: the
//! kubelet looks by itself then.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use k8s_openapi::jiff::Timestamp;

use crate::{rotation::PodKeys, watches::ModuleRef};

/// When a kubelet is made to look a second time: the first may come before it has heard of the changed Secret.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// The longest time between two.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The key sets that are on their way.
#[derive(Debug, Default)]
pub(crate) struct Spreading(Mutex<HashMap<ModuleRef, Spread>>);

#[derive(Debug)]
struct Spread {
    set_sha256: String,
    since: Timestamp,
    /// How often each pod's kubelet was made to look, and when last, by the pod's UID.
    bumps: HashMap<String, (u32, Timestamp)>,
}

/// What is to be done for a set that is on its way.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Due {
    /// Names and UIDs of the pods whose kubelets are to look again.
    pub(crate) bump: Vec<(String, String)>,
    /// When pods are to be asked again. None once all have the set.
    pub(crate) again: Option<Duration>,
}

impl Spreading {
    /// A set was published.
    pub(crate) fn begin(&self, module: &ModuleRef, set_sha256: &str, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(module).is_none_or(|spread| spread.set_sha256 != set_sha256) {
            let spread = Spread { set_sha256: set_sha256.to_owned(), since: now, bumps: HashMap::new() };
            all.insert(module.clone(), spread);
        }
    }

    /// Whether a set of a module is on its way.
    pub(crate) fn is_under_way(&self, module: &ModuleRef) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(module)
    }

    /// Takes what the serving pods say.
    pub(crate) fn hear(&self, module: &ModuleRef, pods: &[PodKeys], now: Timestamp) -> Due {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(spread) = all.get_mut(module) else { return Due::default() };
        let has_it =
            |pod: &PodKeys| pod.answer.as_ref().is_ok_and(|answer| answer.set_sha256 == spread.set_sha256);
        let behind: Vec<&PodKeys> = pods.iter().filter(|pod| !has_it(pod)).collect();
        if behind.is_empty() {
            all.remove(module);
            return Due::default();
        }
        spread.bumps.retain(|uid, _| behind.iter().any(|pod| pod.uid == *uid));
        let mut bump = Vec::new();
        for pod in behind {
            let (count, last) = spread.bumps.entry(pod.uid.clone()).or_insert((0, now));
            if *count == 0 || elapsed(*last, now) >= pause(*count) {
                (*count, *last) = (count.saturating_add(1), now);
                bump.push((pod.pod.clone(), pod.uid.clone()));
            }
        }
        Due { bump, again: Some(ask_again(elapsed(spread.since, now))) }
    }

    /// Forgets a module that is gone.
    pub(crate) fn forget(&self, module: &ModuleRef) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(module);
    }
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    // A clock that was set back makes it begin anew.
    Duration::try_from(now.duration_since(since)).unwrap_or(LONGEST_PAUSE)
}

fn pause(count: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << count.saturating_sub(1).min(5)).min(LONGEST_PAUSE)
}

/// Soon at first, for most pods need a second.
fn ask_again(elapsed: Duration) -> Duration {
    match elapsed.as_secs() {
        0..15 => Duration::from_millis(500),
        15..120 => Duration::from_secs(3),
        _ => Duration::from_secs(15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rotation::KeysAnswer;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("in range")
    }

    fn pod(name: &str, set: &str) -> PodKeys {
        let answer = KeysAnswer {
            signing: "k".into(),
            accepted: ["k".into()].into(),
            pod_uid: None,
            set_sha256: set.into(),
            error: None,
        };
        PodKeys { pod: name.into(), uid: name.into(), ready: true, answer: Ok(answer) }
    }

    #[test]
    fn kubelets_of_pods_that_lag_behind_are_made_to_look_at_once_after_two_seconds_and_then_seldom() {
        let (spreading, module) = (Spreading::default(), ModuleRef::new("comms").within("tel"));
        assert_eq!(
            spreading.hear(&module, &[pod("a", "old")], at(0)),
            Due::default(),
            "nothing is on its way"
        );
        spreading.begin(&module, "new", at(0));
        let mut bumped = Vec::new();
        for second in 0..=200 {
            let due = spreading.hear(&module, &[pod("a", "old"), pod("b", "new")], at(second));
            assert!(due.bump.iter().all(|(pod, _)| pod == "a"), "{due:?}");
            if !due.bump.is_empty() {
                bumped.push(second);
            }
        }
        assert_eq!(bumped, [0, 2, 6, 14, 30, 62, 122, 182]);
        assert_eq!(spreading.hear(&module, &[pod("a", "new")], at(201)), Due::default());
        assert!(!spreading.is_under_way(&module), "it has arrived");
    }

    #[test]
    fn pods_are_asked_soon_at_first_and_another_set_begins_anew() {
        let (spreading, module) = (Spreading::default(), ModuleRef::new("comms").within("tel"));
        let again = |second| spreading.hear(&module, &[pod("a", "old")], at(second)).again;
        spreading.begin(&module, "new", at(0));
        spreading.begin(&module, "new", at(10));
        assert_eq!(
            [again(0), again(20), again(200)],
            [500, 3000, 15_000].map(|pause| Some(Duration::from_millis(pause)))
        );
        spreading.begin(&module, "newer", at(200));
        assert_eq!(again(200), Some(Duration::from_millis(500)));
        spreading.forget(&module);
        assert_eq!(again(201), None);
    }
}
