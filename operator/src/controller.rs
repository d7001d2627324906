//! The reconciler, which reads as the list of its stages.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::jiff::Timestamp;
use kube::{
    Client, Resource, ResourceExt,
    runtime::{
        controller::{self, Action},
        reflector::ObjectRef,
        watcher,
    },
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    api::{CommsModule, CommsModuleStatus},
    apply::{ApplyError, Round, apply, outstanding, try_image},
    backoff::{self, Failures},
    build::{build, image_trial::image_trial},
    clock::Clock,
    cluster::Cluster,
    decide::{Broker, Decision, HoldReason, Plan, Release, decide},
    health::Health,
    kinds::Presence,
    metrics::Result as Ended,
    newest::{Doubt, Newest},
    observe::{self, ObserveError, Observed, Trust},
    pod_status::{DatabaseState, EventsState, PodReport, PodStatusClient},
    queue::Queue,
    report::{
        Outcome, Paused, ReportError, Telling, report, report_malformed, report_switches, status, switches,
        unreadable,
    },
    settled::{self, AllSettled},
    spreading::Spreading,
    traces::{self, stage},
    turn_keys::Turning,
    watches::{self, ModuleRef, Scope, Watched, module_ref},
};

/// Reconciles at the same time.
const CONCURRENCY: u16 = 10;
/// Longest time that a reconcile may take.
const DEADLINE: Duration = Duration::from_mins(1);
/// When running pods are asked again.
const POLL: Duration = Duration::from_secs(15);
/// When they are asked again while something is not as it should be.
const POLL_SOON: Duration = Duration::from_secs(3);
/// When a module that somebody else changed at the same time is looked at again, or a little later.
const OUTRUN: Duration = Duration::from_millis(250);
/// When a module that waits for something is looked at again: what has taken its names is not watched.
const HELD: Duration = Duration::from_secs(20);
/// When a module is looked at again though nothing was heard of it.
const RESYNC: Duration = Duration::from_mins(10);

/// Everything that reconciles need.
#[derive(Clone)]
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
    cluster: Cluster,
    /// Which kinds of other projects the cluster has.
    presence: Presence,
    queue: Queue,
    failures: Failures<ModuleRef>,
    newest: Newest,
    settled: AllSettled,
    telling: Telling,
    spreading: Spreading,
}

type Ending = controller::Error<ReconcileError, watcher::Error>;

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

    /// What a conflict shows to be out of date.
    fn doubt(&self) -> Doubt {
        if matches!(self, Self::Report(_)) { Doubt::Module } else { Doubt::Everything }
    }
}

impl Operator {
    /// Looks after modules until `shutdown`, then ends what is under way and returns. It may be dropped at any time: what is
    /// under way is then given up between two requests, and the next to look goes on from there.
    pub async fn run(self, shutdown: CancellationToken) {
        let cluster = Cluster { client: self.client.clone(), cache: Arc::new(watches::cache(&self.scope)) };
        let presence = Presence::default();
        let (modules, wakeups) = watches::wakeups(&cluster, &self.scope, &presence);
        let health = Arc::clone(&self.health);
        let context = Arc::new(Context {
            cluster,
            presence,
            queue: Queue::new(health.metrics.queue_depth()),
            operator: self,
            failures: Failures::default(),
            newest: Newest::default(),
            settled: AllSettled::default(),
            telling: Telling::default(),
            spreading: Spreading::default(),
        });
        let ready = modules.clone();
        let looked = shutdown.run_until_cancelled(look_for_kinds(&context));
        let listed = async {
            // The store ends only together with what fills it.
            if ready.wait_until_ready().await.is_ok() {
                health.set_ready(true);
            }
        };
        let counted = Arc::clone(&context);
        let wakeups = wakeups
            .inspect_ok(move |request| counted.queue.woken(request.obj_ref.clone()))
            .take_until(shutdown.clone().cancelled_owned());
        let reconciles = controller::applier(
            |module, context| Box::pin(reconcile(module, context)),
            retry,
            Arc::clone(&context),
            modules,
            wakeups,
            controller::Config::default().concurrency(CONCURRENCY),
        )
        .for_each(|outcome| {
            context.ended(outcome);
            std::future::ready(())
        });
        // Until everything is listed once there is nothing under way, and the controller would wait for the list.
        let given_up = async {
            shutdown.cancelled().await;
            if health.is_listed() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ((), _, ()) = async { tokio::join!(listed, looked, reconciles) } => {}
            () = given_up => {}
        }
        health.metrics.keys().clear();
    }
}

/// Asks once which kinds of other projects the cluster has: children of these kinds may have to be removed, also where no
/// module asks for one.
async fn look_for_kinds(context: &Context) {
    let mut failures = 0;
    while let Err(error) = context.presence.look_for_all(&context.cluster.client).await {
        failures += 1;
        let pause = backoff::pause(failures, rand::random());
        tracing::warn!(?pause, "the cluster's kinds could not be listed: {error}");
        tokio::time::sleep(pause).await;
    }
}

impl Context {
    fn ended(&self, outcome: Result<(ModuleRef, Action), Ending>) {
        match outcome {
            Ok(_) | Err(controller::Error::ReconcilerFailed(..)) => {}
            Err(controller::Error::ObjectNotFound(gone)) => {
                let gone = ObjectRef::new(&gone.name).within(gone.namespace.as_deref().unwrap_or_default());
                self.queue.begun(&gone);
                self.forget(&gone);
            }
            Err(controller::Error::QueueError(error)) => tracing::error!("{}", watches::sentence(error)),
            Err(error @ controller::Error::RunnerError(_)) => tracing::error!("{error}"),
        }
    }

    /// Forgets what is remembered of a module that is gone, or on its way out.
    fn forget(&self, module: &ModuleRef) {
        self.failures.forget(module);
        self.newest.forget(module);
        self.settled.forget(module);
        self.spreading.forget(module);
        self.operator.health.metrics.keys().note(module, None);
        self.telling.forget(module.namespace.as_deref().unwrap_or_default(), &module.name);
        self.cluster.cache.versions.forget(module);
    }
}

async fn reconcile(module: Arc<Watched>, context: Arc<Context>) -> Result<Action, ReconcileError> {
    let started = Instant::now();
    let (metrics, reference) = (&context.operator.health.metrics, ObjectRef::from_obj(module.as_ref()));
    context.queue.begun(&reference);
    let span = traces::reconcile(&module);
    let stages = tokio::time::timeout(DEADLINE, Box::pin(stages(&context, &module)).instrument(span.clone()));
    let (ended, action) = match stages.await.map_err(|_| ReconcileError::Deadline).flatten() {
        Ok(done) => done,
        // Somebody else was quicker: that is no fault, and its outcome is looked at soon.
        Err(error) if error.is_conflict() => {
            tracing::debug!("outrun: {error}");
            context.newest.doubt(&reference, error.doubt());
            (Ended::Outrun, Action::requeue(OUTRUN.mul_f64(1.0 + rand::random::<f64>())))
        }
        Err(error) => {
            traces::failed(&span, &error);
            metrics.reconciled(Ended::Failed, started.elapsed());
            return Err(error);
        }
    };
    traces::ended(&span, ended);
    metrics.reconciled(ended, started.elapsed());
    context.failures.forget(&reference);
    Ok(action)
}

async fn stages(context: &Context, module: &Watched) -> Result<(Ended, Action), ReconcileError> {
    let Context { cluster, presence, operator, newest, settled, telling, spreading, .. } = context;
    let Operator { release, clock, pods, scope, .. } = operator;
    let client = &cluster.client;

    // observe (client)
    let watched = match module.module() {
        Ok(module) => module,
        Err(malformed) => {
            report_malformed(client, telling, &malformed, clock()).instrument(stage("report")).await?;
            return Ok((Ended::Malformed, Action::await_change()));
        }
    };
    let reference = module_ref(&watched);
    let doubt = newest.take_doubt(&reference);
    let trust = if doubt == Some(Doubt::Everything) { Trust::ApiServerOnly } else { Trust::Cache };
    let module = if doubt.is_none() {
        Some(newest.of(watched))
    } else {
        let (namespace, name) = (watched.namespace().unwrap_or_default(), watched.name_any());
        observe::module(cluster, &namespace, &name).instrument(stage("observe")).await?
    };
    // Its children go by their owner references.
    let Some(module) = module.filter(|module| module.metadata.deletion_timestamp.is_none()) else {
        context.forget(&reference);
        return Ok((Ended::Gone, Action::await_change()));
    };
    if let Some(before) = settled.outcome_if_unchanged(&module, &cluster.cache)
        && before.keys_due.is_none_or(|due| clock() < due)
        && before.reports == observe::reports(cluster, pods, &module).instrument(stage("observe")).await?
    {
        let pause = next_look(&before.reports, before.at_last);
        return Ok((Ended::Unchanged, Action::requeue(until(pause, before.keys_due, clock()))));
    }
    // However this ends, what was remembered is out of date.
    settled.forget(&reference);
    let observed = Box::pin(observe::observe(cluster, pods, presence, module.clone(), trust));
    let observed = observed.instrument(stage("observe")).await;
    let (mut observed, basis) = match observed {
        Err(error) if error.source.is_forbidden() => {
            let status = unreadable(&module, &error.to_string(), clock());
            tell(context, &module, status, clock()).await?;
            return Err(error.into());
        }
        observed => observed?,
    };

    // the keys: decide (pure), apply (client), report (client), until they rest
    let round = Round::new(cluster, &basis, &module);
    let turning = Turning { operator, cluster, round: &round, spreading, telling };
    let turned = Box::pin(turning.turn(&mut observed)).instrument(stage("keys")).await;

    // decide (pure)
    let decision = decide(&observed, release, clock(), &mut rand::rng());
    let keys_due = match turned {
        Err(ReconcileError::Apply(error)) if error.source.needs_a_person() => {
            if let Decision::Run(plan) = &decision {
                tell_refusal(context, plan, &observed, &error).await?;
            }
            return Err(error.into());
        }
        turned => turned?,
    };

    // build (pure), apply (client), report (client)
    let (ended, at_last, status) = match decision {
        Decision::Run(plan) if plan.module.paused => {
            let waiting = outstanding(&plan, build(&plan), &observed.children);
            let outcome = Outcome::Paused(Paused::of_plan(&plan, waiting));
            (Ended::Held, HELD, status(&observed, &outcome, clock()))
        }
        Decision::Try(trial) if trial.module.paused => {
            let outcome = Outcome::Paused(Paused::of_trial(&trial));
            (Ended::Held, HELD, status(&observed, &outcome, clock()))
        }
        Decision::Run(plan) => {
            let status = Box::pin(run(context, &round, &plan, &mut observed, clock())).await?;
            let at_last = if is_unwatched(&plan, scope) { HELD } else { RESYNC };
            (Ended::Applied, at_last, status)
        }
        Decision::Try(trial) => {
            let (pod, live) =
                (image_trial(&trial.module, &trial.template), observed.children.image_trial.as_ref());
            try_image(&round, &trial.module, pod, live).instrument(stage("apply")).await?;
            (Ended::Held, HELD, status(&observed, &Outcome::Trying(&trial), clock()))
        }
        Decision::Hold(hold) => {
            if matches!(hold.reason, HoldReason::NameTaken | HoldReason::PredecessorPresent) {
                // The cache knows nothing of what is in the way.
                newest.doubt(&reference, Doubt::Everything);
            }
            (Ended::Held, HELD, status(&observed, &Outcome::Held(&hold), clock()))
        }
    };
    tell(context, &observed.module, status.clone(), clock()).await?;
    let pause = until(next_look(&observed.reports, at_last), keys_due, clock());
    let outcome = settled::Outcome { reports: observed.reports, at_last, keys_due };
    settled.remember(&observed.module, &status, basis, outcome);
    Ok((ended, Action::requeue(pause)))
}

async fn tell(
    context: &Context,
    module: &CommsModule,
    status: CommsModuleStatus,
    now: Timestamp,
) -> Result<(), ReconcileError> {
    let told = report(&context.cluster.client, &context.telling, module, status, now);
    if let Some(written) = told.instrument(stage("report")).await? {
        context.newest.put(written);
    }
    Ok(())
}

/// Makes the children as planned, and gives the status that tells so. A refusal is told before it is given as an error.
async fn run(
    context: &Context,
    round: &Round<'_>,
    plan: &Plan,
    observed: &mut Observed,
    now: Timestamp,
) -> Result<CommsModuleStatus, ReconcileError> {
    let Context { cluster, telling, .. } = context;
    let switches = switches(&plan.module, &observed.children);
    let applied = Box::pin(apply(round, plan, build(plan), &mut observed.children));
    let applied = applied.instrument(stage("apply")).await;
    match applied {
        Ok(deployment) => {
            report_switches(&cluster.client, telling, &observed.module, &switches, now).await;
            let outcome = Outcome::Applied { plan, deployment: Box::new(deployment) };
            Ok(status(observed, &outcome, now))
        }
        Err(error) if error.source.needs_a_person() => {
            tell_refusal(context, plan, observed, &error).await?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn tell_refusal(
    context: &Context,
    plan: &Plan,
    observed: &Observed,
    error: &ApplyError,
) -> Result<(), ReconcileError> {
    let now = (context.operator.clock)();
    let (forbidden, message) = (error.source.is_forbidden(), error.to_string());
    let status = status(observed, &Outcome::Refused { plan, forbidden, message }, now);
    tell(context, &observed.module, status, now).await
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
fn next_look(reports: &[PodReport], at_last: Duration) -> Duration {
    let settled = reports.iter().all(|report| {
        report.answer.as_ref().is_ok_and(|answer| {
            answer.events.state != EventsState::Connecting && answer.database.state == DatabaseState::Ok
        })
    });
    let pause = match (reports.is_empty(), settled) {
        (true, _) => at_last,
        (false, true) => POLL,
        (false, false) => POLL_SOON,
    };
    // Spread, so that many modules are not asked at once.
    pause.mul_f64(1.0 - rand::random::<f64>() / 10.0)
}

/// A pause that ends when the keys are due, if that is sooner.
fn until(pause: Duration, keys_due: Option<Timestamp>, now: Timestamp) -> Duration {
    let left = keys_due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default());
    left.map_or(pause, |left| pause.min(left))
}

#[expect(clippy::needless_pass_by_value, reason = "the controller's signature")]
fn retry(module: Arc<Watched>, error: &ReconcileError, context: Arc<Context>) -> Action {
    let failures = context.failures.count(ObjectRef::from_obj(module.as_ref()));
    let pause = backoff::pause(failures, rand::random());
    let (namespace, name) = (module.namespace().unwrap_or_default(), module.name_any());
    tracing::warn!(kind = %CommsModule::kind(&()), namespace, name, failures, ?pause, "{error}");
    Action::requeue(pause)
}
