//! The reconciler, which reads as the list of its stages.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::jiff::Timestamp;
use kube::{
    Client, Resource, ResourceExt,
    runtime::{
        controller::{self, Action},
        reflector::ObjectRef,
    },
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    api::CommsModule,
    apply::{ApplyError, apply, outstanding, try_image},
    backoff::{self, Failures},
    build::{build, image_trial::image_trial},
    clock::Clock,
    decide::{Broker, Decision, Plan, Release, decide},
    health::Health,
    kinds::Presence,
    metrics::Result as Ended,
    observe::{ObserveError, Observed, Stored, observe, stored},
    pod_status::{DatabaseState, EventsState, PodStatusClient},
    report::{Outcome, Paused, ReportError, report, report_malformed, report_switches, status, switches},
    watches::{self, Scope, Watched},
};

/// Longest time that a reconcile may take.
const DEADLINE: Duration = Duration::from_mins(1);
/// When running pods are asked again.
const POLL: Duration = Duration::from_secs(15);
/// When they are asked again while something is not as it should be.
const POLL_SOON: Duration = Duration::from_secs(3);
/// When a module that somebody else changed at the same time is looked at again.
const OUTRUN: Duration = Duration::from_millis(500);
/// When a module that waits for something is looked at again: what has taken its names is not watched.
const HELD: Duration = Duration::from_secs(20);
/// When a module is looked at again though nothing was heard of it.
const RESYNC: Duration = Duration::from_mins(10);

/// Everything that reconciles need.
pub struct Operator {
    /// Speaks to the API server.
    pub client: Client,
    /// Where modules are looked after.
    pub scope: Scope,
    /// What runs where a resource says nothing.
    pub release: Release,
    /// Tells the time.
    pub clock: Clock,
    /// What the endpoints tell.
    pub health: Arc<Health>,
    /// Asks pods.
    pub pods: PodStatusClient,
}

struct Context {
    operator: Operator,
    /// Which kinds of other projects the cluster has.
    presence: Presence,
    failures: Failures<ObjectRef<Watched>>,
}

/// Why a reconcile failed.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// Something could not be read.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// Something could not be written.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// The outcome could not be told.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// It took too long.
    #[error("the reconcile took longer than {DEADLINE:?} and was given up: is the API server overloaded?")]
    Deadline,
}

impl ReconcileError {
    fn is_conflict(&self) -> bool {
        match self {
            Self::Observe(_) | Self::Deadline => false,
            Self::Apply(error) => error.source.is_conflict(),
            Self::Report(error) => error.source.is_conflict(),
        }
    }
}

impl Operator {
    /// Looks after modules until `shutdown`, then ends what is under way and returns.
    pub async fn run(self, shutdown: CancellationToken) {
        let presence = Presence::default();
        let controller = watches::controller(&self.client, &self.scope, &presence);
        let modules = controller.store();
        let health = Arc::clone(&self.health);
        let context = Arc::new(Context { operator: self, presence, failures: Failures::default() });
        let looked = shutdown.run_until_cancelled(look_for_kinds(&context));
        let listed = async {
            // The store ends only together with the controller.
            if modules.wait_until_ready().await.is_ok() {
                health.set_ready();
            }
        };
        let reconciles = controller
            .graceful_shutdown_on(shutdown.clone().cancelled_owned())
            .run(reconcile, retry, Arc::clone(&context))
            .for_each(|outcome| {
                match outcome {
                    Ok(_) | Err(controller::Error::ReconcilerFailed(..)) => {}
                    Err(controller::Error::ObjectNotFound(gone)) => {
                        let gone =
                            ObjectRef::new(&gone.name).within(gone.namespace.as_deref().unwrap_or_default());
                        context.failures.forget(&gone);
                    }
                    Err(controller::Error::QueueError(error)) => {
                        tracing::error!("{}", watches::sentence(error));
                    }
                    Err(error @ controller::Error::RunnerError(_)) => tracing::error!("{error}"),
                }
                std::future::ready(())
            });
        // Until everything is listed once there is nothing under way, and the controller would wait for the list.
        let given_up = async {
            shutdown.cancelled().await;
            if health.is_ready() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ((), _, ()) = async { tokio::join!(listed, looked, reconciles) } => {}
            () = given_up => {}
        }
    }
}

/// Asks once which kinds of other projects the cluster has: children of these kinds may have to be removed, also where no
/// module asks for one.
async fn look_for_kinds(context: &Context) {
    let Operator { client, .. } = &context.operator;
    let mut failures = 0;
    while let Err(error) = context.presence.look_for_all(client).await {
        failures += 1;
        let pause = backoff::pause(failures, rand::random());
        tracing::warn!(?pause, "the cluster's kinds could not be listed: {error}");
        tokio::time::sleep(pause).await;
    }
}

async fn reconcile(module: Arc<Watched>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    let started = Instant::now();
    let operator = &context.operator;
    let stages = tokio::time::timeout(DEADLINE, Box::pin(stages(operator, &context.presence, &module)));
    let (ended, action) = match stages.await.map_err(|_| ReconcileError::Deadline).flatten() {
        Ok(done) => done,
        // Somebody else was quicker: that is no fault, and its outcome is looked at soon.
        Err(error) if error.is_conflict() => (Ended::Outrun, Action::requeue(OUTRUN)),
        Err(error) => {
            operator.health.metrics.reconciled(Ended::Failed, started.elapsed());
            return Err(error);
        }
    };
    operator.health.metrics.reconciled(ended, started.elapsed());
    context.failures.forget(&ObjectRef::from_obj(module.as_ref()));
    Ok(action)
}

async fn stages(
    operator: &Operator,
    presence: &Presence,
    module: &Watched,
) -> Result<(Ended, Action), ReconcileError> {
    let Operator { client, release, clock, pods, .. } = operator;
    let namespace = module.namespace().unwrap_or_default();

    // observe (client)
    let module = match stored(client, &namespace, &module.name_any()).await? {
        Stored::Module(module) => *module,
        Stored::Gone => return Ok((Ended::Gone, Action::await_change())),
        Stored::Malformed(invalid) => {
            report_malformed(client, &invalid, clock()).await?;
            return Ok((Ended::Malformed, Action::await_change()));
        }
    };
    let observed = Box::pin(observe(client, pods, presence, module)).await?;

    // decide (pure)
    let decision = decide(&observed, release, &mut rand::rng());

    // build (pure), apply (client), report (client)
    match decision {
        Decision::Run(plan) if plan.module.paused => {
            let waiting = outstanding(&plan, build(&plan), &observed.children);
            let status = status(&observed, &Outcome::Paused(Paused::of_plan(&plan, waiting)), clock());
            report(client, &observed.module, status, clock()).await?;
            Ok((Ended::Held, next_look(&observed, HELD)))
        }
        Decision::Try(trial) if trial.module.paused => {
            let status = status(&observed, &Outcome::Paused(Paused::of_trial(&trial)), clock());
            report(client, &observed.module, status, clock()).await?;
            Ok((Ended::Held, next_look(&observed, HELD)))
        }
        Decision::Run(plan) => {
            Box::pin(run(client, &plan, &observed, clock())).await?;
            let at_last = if is_unwatched(&plan, &operator.scope) { HELD } else { RESYNC };
            Ok((Ended::Applied, next_look(&observed, at_last)))
        }
        Decision::Try(trial) => {
            let (pod, live) =
                (image_trial(&trial.module, &trial.template), observed.children.image_trial.as_ref());
            try_image(client, &trial.module, pod, live).await?;
            let status = status(&observed, &Outcome::Trying(&trial), clock());
            report(client, &observed.module, status, clock()).await?;
            Ok((Ended::Held, next_look(&observed, HELD)))
        }
        Decision::Hold(hold) => {
            let status = status(&observed, &Outcome::Held(&hold), clock());
            report(client, &observed.module, status, clock()).await?;
            Ok((Ended::Held, next_look(&observed, HELD)))
        }
    }
}

async fn run(
    client: &Client,
    plan: &Plan,
    observed: &Observed,
    now: Timestamp,
) -> Result<(), ReconcileError> {
    let applied = Box::pin(apply(client, plan, build(plan), &observed.children)).await;
    if applied.is_ok() {
        report_switches(client, &observed.module, &switches(&plan.module, &observed.children), now).await;
    }
    let (outcome, failure) = match applied {
        Ok(deployment) => (Outcome::Applied { plan, deployment: Box::new(deployment) }, None),
        Err(error) if error.source.needs_a_person() => {
            let (forbidden, message) = (error.source.is_forbidden(), error.to_string());
            (Outcome::Refused { plan, forbidden, message }, Some(error))
        }
        Err(error) => return Err(error.into()),
    };
    report(client, &observed.module, status(observed, &outcome, now), now).await?;
    failure.map_or(Ok(()), |error| Err(error.into()))
}

/// Whether the module has something that no watch tells of: a kind that the cluster lacks yet, or the Secret of a namespace
/// that the operator does not look after.
fn is_unwatched(plan: &Plan, scope: &Scope) -> bool {
    let network = &plan.module.network;
    let route = network.exposure.as_ref().is_some_and(|exposure| exposure.http_route.is_some());
    let elsewhere = match &plan.module.events.broker {
        Broker::Cluster(cluster) => cluster.namespace_from(&plan.module.namespace) != plan.module.namespace,
        Broker::Address(_) | Broker::Secret(_) | Broker::Disabled | Broker::NotConfigured => false,
    };
    (route && !plan.kinds.http_route)
        || (network.monitoring.service_monitor && !plan.kinds.service_monitor)
        || (elsewhere && *scope != Scope::Cluster)
}

/// Running pods are asked now and then; all else is heard of.
fn next_look(observed: &Observed, at_last: Duration) -> Action {
    let settled = observed.reports.iter().all(|report| {
        report.answer.as_ref().is_ok_and(|answer| {
            answer.events.state != EventsState::Connecting && answer.database.state == DatabaseState::Ok
        })
    });
    let pause = match (observed.reports.is_empty(), settled) {
        (true, _) => at_last,
        (false, true) => POLL,
        (false, false) => POLL_SOON,
    };
    // Spread, so that many modules are not asked at once.
    Action::requeue(pause.mul_f64(1.0 - rand::random::<f64>() / 10.0))
}

#[expect(clippy::needless_pass_by_value, reason = "the controller's signature")]
fn retry(module: Arc<Watched>, error: &ReconcileError, context: Arc<Context>) -> Action {
    let failures = context.failures.count(ObjectRef::from_obj(module.as_ref()));
    let pause = backoff::pause(failures, rand::random());
    let (namespace, name) = (module.namespace().unwrap_or_default(), module.name_any());
    tracing::warn!(kind = %CommsModule::kind(&()), namespace, name, failures, ?pause, "{error}");
    Action::requeue(pause)
}
