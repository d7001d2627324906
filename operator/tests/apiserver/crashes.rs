//! The operator is killed after each of its writes, or each of its calls fails once, and all ends as it would have anyway.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Result, ensure};
use comms_operator::api::CommsModule;
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};
use testbed::wait::eventually;

use crate::{
    fault::{Call, Fault, Faults, nth_write},
    state::{differences, state},
    trial::{SOON, Trial},
};

/// More writes than anything here takes.
const MANY: usize = 40;

/// What is done to a module while the operator is at risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scenario {
    Create,
    Change,
    Repair,
}

/// Everything goes with the module, so that removals are among the writes.
fn spec() -> Value {
    json!({"database": {"embedded": {"deletionPolicy": "Delete"}}})
}

impl Scenario {
    /// A module's name that says what happens to it.
    fn module(self, what: &str) -> String {
        format!("{self:?}-{what}").to_lowercase()
    }

    async fn prepare(self, trial: &Trial, module: &str) -> Result<()> {
        if self == Self::Create {
            return Ok(());
        }
        trial.create(module, spec()).await?;
        trial.until(module, "Ready", "False", "RollingOut").await.map(drop)
    }

    async fn act(self, trial: &Trial, module: &str) -> Result<()> {
        match self {
            Self::Create => trial.create(module, spec()).await.map(drop),
            Self::Change => {
                let change = json!({
                    "mode": "Platform", "gateway": {"trustEveryone": true}, "port": 4000,
                    "database": {"embedded": null, "postgres": {"uriSecretRef": {"name": "database", "key": "uri"}}},
                });
                trial.change(module, change).await.map(drop)
            }
            Self::Repair => trial.delete::<Service>(module).await,
        }
    }

    /// What all ends in where nothing fails.
    async fn reference(self, trial: &Trial) -> Result<Value> {
        let module = self.module("whole");
        self.prepare(trial, &module).await?;
        self.act(trial, &module).await?;
        // No generation tells of a repair, and the operator hears of a deletion when the watch comes to it.
        trial.until_object::<Service, _>(&module, "is there", |_| Ok(())).await?;
        eventually(SOON, "the status is of the present spec", async || {
            let module: CommsModule = trial.get(&module).await?;
            let observed = module.status.as_ref().and_then(|status| status.observed_generation);
            ensure!(observed == module.metadata.generation, "it is of {observed:?}");
            Ok(())
        })
        .await?;
        trial.settle(&module).await?;
        state(trial, &module).await
    }
}

async fn ends_as(trial: &Trial, module: &str, expected: &Value) -> Result<()> {
    eventually(SOON, &format!("{module} is as if nothing had failed"), async || {
        let state = state(trial, module).await?;
        ensure!(state == *expected, "it differs:\n{}", differences(&state, expected).join("\n"));
        Ok(())
    })
    .await
}

async fn begin() -> Result<Trial> {
    let trial = Trial::begin().await?;
    trial.secret("database", "uri", "postgres://comms:pw@postgres/comms").await?;
    Ok(trial)
}

/// Kills the operator after each write of a scenario in turn.
async fn killed_after_any_write(scenario: Scenario) -> Result<()> {
    let mut trial = begin().await?;
    let expected = scenario.reference(&trial).await?;
    let mut killed = 0;
    for n in 1..=MANY {
        let module = scenario.module(&format!("killed-{n}"));
        scenario.prepare(&trial, &module).await?;
        trial.stop_operator().await?;
        // Once its n-th write has landed it does nothing any more; then it is gone.
        let (nth, dead) = (nth_write(n), AtomicBool::new(false));
        let faults = Faults::planned(move |call: &Call| {
            if dead.load(Ordering::SeqCst) {
                Fault::Hang
            } else if nth(call) {
                dead.store(true, Ordering::SeqCst);
                Fault::LoseAnswer
            } else {
                Fault::None
            }
        });
        trial.start_operator_with(faults.client(trial.server, &trial.user()).await?).await?;
        scenario.act(&trial, &module).await?;
        let whole = tokio::select! {
            () = faults.loss() => false,
            end = ends_as(&trial, &module, &expected) => end.map(|()| true)?,
        };
        trial.kill_operator().await?;
        trial.start_operator().await?;
        if whole {
            break;
        }
        killed += 1;
        ends_as(&trial, &module, &expected).await?;
    }
    assert!((1..MANY).contains(&killed), "{scenario:?} was killed {killed} times");
    Ok(())
}

/// Has each call of a scenario fail once in each of these ways.
async fn failing_once(scenario: Scenario, ways: &[Fault]) -> Result<()> {
    let mut trial = begin().await?;
    let before = trial.requests()?.len();
    let expected = scenario.reference(&trial).await?;
    let whole = scenario.module("whole");
    let calls: BTreeSet<String> = trial.requests()?[before..]
        .iter()
        .filter(|call| call.contains(&whole))
        .map(|call| call.replace(&whole, "NAME"))
        .collect();
    assert!(calls.len() > 2, "{calls:?}");
    let failing: Vec<(String, String, Fault)> = calls
        .iter()
        .flat_map(|call| ways.iter().map(move |way| (call, *way)))
        .enumerate()
        .map(|(number, (call, way))| (scenario.module(&format!("failed-{number}-x")), call.clone(), way))
        .collect();
    for (module, ..) in &failing {
        scenario.prepare(&trial, module).await?;
    }
    trial.stop_operator().await?;
    let left: Vec<_> =
        failing.iter().map(|(module, call, way)| (call.replace("NAME", module), *way)).collect();
    let left = std::sync::Mutex::new(left);
    let faults = Faults::planned(move |call| {
        let mut left = left.lock().expect("not poisoned");
        let hit = left.iter().position(|(awaited, _)| *awaited == call.told());
        hit.map_or(Fault::None, |hit| left.swap_remove(hit).1)
    });
    trial.start_operator_with(faults.client(trial.server, &trial.user()).await?).await?;
    for (module, ..) in &failing {
        scenario.act(&trial, module).await?;
    }
    for (module, call, way) in &failing {
        let end = ends_as(&trial, module, &expected).await;
        end.map_err(|error| error.context(format!("{way:?} of {call}")))?;
    }
    Ok(())
}

#[tokio::test]
async fn killed_after_any_of_its_writes_a_new_module_ends_the_same() -> Result<()> {
    killed_after_any_write(Scenario::Create).await
}

#[tokio::test]
async fn killed_after_any_of_its_writes_a_changed_module_ends_the_same() -> Result<()> {
    killed_after_any_write(Scenario::Change).await
}

#[tokio::test]
async fn killed_after_any_of_its_writes_a_repaired_module_ends_the_same() -> Result<()> {
    killed_after_any_write(Scenario::Repair).await
}

#[tokio::test]
async fn each_call_for_a_new_module_may_fail_once_in_any_way() -> Result<()> {
    let refusals = [409, 429, 500, 504].map(Fault::Refuse);
    failing_once(Scenario::Create, &[&refusals[..], &[Fault::NoConnection, Fault::LoseAnswer]].concat()).await
}

#[tokio::test]
async fn each_call_for_a_changed_module_may_fail_once() -> Result<()> {
    failing_once(Scenario::Change, &[Fault::Refuse(500), Fault::LoseAnswer]).await
}

#[tokio::test]
async fn each_call_for_a_repaired_module_may_fail_once() -> Result<()> {
    failing_once(Scenario::Repair, &[Fault::Refuse(500), Fault::LoseAnswer]).await
}
