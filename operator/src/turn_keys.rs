//! The keys, between observing and deciding: the key machine is asked, and what it wants is done, until it rests. What it
//! wants is written one Secret at a time, so that it may be killed in between.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use crate::{
    apply::{Round, bump, write_key_set, write_keyring},
    cluster::Cluster,
    controller::{Operator, ReconcileError},
    decide::{Module, key_standing, next_for_keys, published_set},
    observe::{self, Observed},
    report::{Telling, report_keys},
    rotation::{Happening, Next, Pods, Step, after},
    spreading::Spreading,
    watches::module_ref,
};

/// More steps than one look takes; the next look goes on.
const STEPS: usize = 16;
/// When the next look comes then, and where nothing says which pods there are.
const SOON: Duration = Duration::from_secs(3);

/// What keys are turned with.
pub(crate) struct Turning<'a> {
    pub(crate) operator: &'a Operator,
    pub(crate) cluster: &'a Cluster,
    pub(crate) round: &'a Round<'a>,
    pub(crate) spreading: &'a Spreading,
    pub(crate) telling: &'a Telling,
}

impl Turning<'_> {
    /// Does what is to be done now, and gives the time of the next look.
    pub(crate) async fn turn(&self, observed: &mut Observed) -> Result<Option<Timestamp>, ReconcileError> {
        let Operator { release, clock, .. } = self.operator;
        let Ok(module) = Module::new(&observed.module, release) else { return Ok(None) };
        let reference = module_ref(&observed.module);
        let is_new = observed.children.keyring.is_none() && observed.children.keys.is_none();
        let mut steps = 0;
        let (until, waits) = loop {
            let step = match next_for_keys(observed, release, clock(), &mut rand::rng()) {
                Some(Next::Step(step)) => step,
                Some(Next::Rest { until, pods }) => break (until, pods),
                Some(Next::Stuck(_)) | None => break (None, false),
            };
            if steps == STEPS {
                return Ok(Some(after(clock(), SOON)));
            }
            steps += 1;
            let happened = self.take(step, &module, observed, is_new).await?;
            self.measure(&happened);
            report_keys(&self.cluster.client, self.telling, &observed.module, &happened, clock()).await;
        };
        let standing = key_standing(observed, release, clock());
        self.operator.health.metrics.keys().note(&reference, standing);
        if waits && let Some(set) = published_set(observed) {
            self.spreading.begin(&reference, &set, clock());
        }
        let again = self.spread(&module, observed).await?;
        let unknown = (waits && observed.serving == Pods::Unknown).then_some(SOON);
        let again = again.or(unknown).map(|pause| after(clock(), pause));
        Ok(until.into_iter().chain(again).min())
    }

    async fn take(
        &self,
        step: Step,
        module: &Module,
        observed: &mut Observed,
        is_new: bool,
    ) -> Result<Vec<Happening>, ReconcileError> {
        let clock = self.operator.clock;
        match step {
            Step::Ask { list_anew } => {
                self.ask(observed, list_anew).await?;
                Ok(Vec::new())
            }
            Step::Record { keyring, happened } => {
                let live = observed.children.keyring.as_ref();
                let written = write_keyring(self.round, module, &keyring, live).await?;
                observed.children.keyring = Some(written);
                // That a new module has keys is no news.
                Ok(if is_new { Vec::new() } else { happened })
            }
            Step::Publish { set, happened } => {
                let live = observed.children.keys.as_ref();
                let written = write_key_set(self.round, module, &set, live).await?;
                observed.children.keys = Some(written);
                // What they said is of before.
                observed.serving = Pods::NotAsked;
                if is_new {
                    // Nothing was lost, and no pod has anything of before.
                    return Ok(Vec::new());
                }
                self.spreading.begin(&module_ref(&observed.module), set.set_sha256(), clock());
                Ok(happened.into_iter().collect())
            }
        }
    }

    fn measure(&self, happened: &[Happening]) {
        for happening in happened {
            if let Happening::Promoted { after, .. } = happening {
                self.operator.health.metrics.keys().promoted(*after);
            }
        }
    }

    async fn ask(&self, observed: &mut Observed, list_anew: bool) -> Result<(), ReconcileError> {
        let Operator { pods, clock, .. } = self.operator;
        observed.serving = observe::serving(self.cluster, pods, &observed.module, list_anew, clock()).await?;
        Ok(())
    }

    /// Has kubelets look at their mounts while a set is on its way, and gives when to ask again.
    async fn spread(
        &self,
        module: &Module,
        observed: &mut Observed,
    ) -> Result<Option<Duration>, ReconcileError> {
        let (clock, reference) = (self.operator.clock, module_ref(&observed.module));
        if module.paused || !self.spreading.is_under_way(&reference) {
            return Ok(None);
        }
        if observed.serving == Pods::NotAsked {
            self.ask(observed, false).await?;
        }
        let Pods::Asked { pods, .. } = &observed.serving else { return Ok(None) };
        let due = self.spreading.hear(&reference, pods, clock());
        for (pod, uid) in &due.bump {
            // Without it the kubelet looks by itself, within a minute or two.
            if let Err(error) = bump(self.cluster, module, (pod, uid), clock()).await {
                tracing::warn!("{error}");
            }
        }
        Ok(due.again)
    }
}
