//! Which replica works: the one that holds the Lease.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    controller::Operator,
    health::Health,
    lease::{Lease, LeaseError},
};

/// How long reconciles may take to end once the replica is to end. What they have not done by then the next replica does;
/// it is waiting meanwhile.
const END: Duration = Duration::from_secs(2);

/// Runs operators, each for as long as the Lease is held, until `shutdown`; then gives the Lease up.
pub async fn run(
    lease: &Lease,
    operator: impl Fn() -> Operator,
    health: &Arc<Health>,
    shutdown: CancellationToken,
) {
    while !shutdown.is_cancelled() {
        health.metrics.set_leader(false);
        let acquired = tokio::select! {
            leading = lease.acquire(|looked| stands_by(health, &looked)) => Some(leading),
            () = shutdown.cancelled() => None,
        };
        let Some(mut leading) = acquired else { return };
        tracing::info!("this replica looks after the modules from now on");
        health.metrics.set_leader(true);
        health.set_standby(false);
        let worked = Box::pin(leading.during(work(operator(), &shutdown))).await;
        health.set_ready(false);
        if worked.is_some() {
            return leading.release().await;
        }
        tracing::warn!("this replica stands by again");
    }
}

/// Works until `shutdown`, and a little longer where something is under way.
async fn work(operator: Operator, shutdown: &CancellationToken) {
    let late = async {
        shutdown.cancelled().await;
        tokio::time::sleep(END).await;
    };
    tokio::select! {
        () = operator.run(shutdown.clone()) => {}
        () = late => tracing::warn!("what was under way after {END:?} is left to the next replica"),
    }
}

fn stands_by(health: &Health, looked: &Result<(), LeaseError>) {
    if let Err(error) = looked {
        tracing::warn!("{error}");
    }
    health.set_standby(looked.is_ok());
}
