//! Taking, renewing and releasing the Lease.

use std::{future::Future, time::Duration};

use k8s_openapi::{
    api::coordination::v1::{Lease as LeaseObject, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::time::Instant;

use super::{
    Permit, Terms,
    election::{Candidate, Seen, Step, Tenure},
};
use crate::{api::FIELD_MANAGER, api_error::ApiError, clock::Clock};

/// Which replica this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(String);

impl Identity {
    /// The pod's name with something that no two processes share.
    pub fn new(pod: &str, chance: u64) -> Self {
        Self(format!("{pod}_{chance:016x}"))
    }

    /// As it stands in the Lease.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A Lease that this replica wants.
pub struct Lease {
    api: Api<LeaseObject>,
    name: String,
    identity: Identity,
    terms: Terms,
    clock: Clock,
    permit: Permit,
}

/// Why the Lease could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("Lease {name} could not be {verb}: {source}")]
pub struct LeaseError {
    name: String,
    verb: &'static str,
    /// What the API server answered.
    pub source: ApiError,
}

/// The Lease, held.
pub struct Leading<'a> {
    lease: &'a Lease,
    object: LeaseObject,
    tenure: Tenure,
}

impl Lease {
    /// The Lease of this name, by a client that needs no permit itself. It gives `permit` while it is held.
    pub fn new(
        client: Client,
        (namespace, name): (&str, &str),
        identity: Identity,
        terms: Terms,
        clock: Clock,
        permit: Permit,
    ) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity,
            terms,
            clock,
            permit,
        }
    }

    /// Stands by until the Lease is held. `standing_by` hears whether the Lease could be looked at: a replica that cannot is
    /// no good standby.
    pub async fn acquire(&self, mut standing_by: impl FnMut(Result<(), LeaseError>)) -> Leading<'_> {
        let mut candidate = Candidate::new(self.identity.as_str().to_owned(), self.terms);
        loop {
            match self.try_acquire(&mut candidate).await {
                Ok(Some(leading)) => return leading,
                Ok(None) => standing_by(Ok(())),
                Err(error) if error.source.is_conflict() => standing_by(Ok(())),
                Err(error) => standing_by(Err(error)),
            }
            // Not all at once.
            tokio::time::sleep(self.terms.retry.mul_f64(1.0 - rand::random::<f64>() / 4.0)).await;
        }
    }

    async fn try_acquire(&self, candidate: &mut Candidate) -> Result<Option<Leading<'_>>, LeaseError> {
        let found = self.within(self.api.get_opt(&self.name), "read").await?;
        let seen = found.as_ref().map(seen);
        let step = candidate.on(seen.as_ref(), Instant::now());
        let began = Instant::now();
        let object = match step {
            Step::StandBy => return Ok(None),
            Step::Create => {
                let object = self.claimed(LeaseObject::default());
                self.within(self.api.create(&params(), &object), "created").await?
            }
            Step::TakeOver(_) | Step::Hold(_) => self.write(self.claimed(found.unwrap_or_default())).await?,
        };
        let tenure = Tenure::since(began, self.terms);
        self.permit.give_until(tenure.works_until());
        Ok(Some(Leading { lease: self, object, tenure }))
    }

    /// The Lease as it is when this replica holds it. It keeps the resourceVersion that was seen.
    fn claimed(&self, found: LeaseObject) -> LeaseObject {
        let now = MicroTime((self.clock)());
        let before = found.spec.unwrap_or_default();
        let is_ours = before.holder_identity.as_deref() == Some(self.identity.as_str());
        let transitions = before.lease_transitions.unwrap_or_default();
        LeaseObject {
            metadata: ObjectMeta { name: Some(self.name.clone()), ..found.metadata },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.as_str().to_owned()),
                lease_duration_seconds: i32::try_from(self.terms.duration.as_secs()).ok(),
                acquire_time: if is_ours { before.acquire_time } else { Some(now.clone()) },
                renew_time: Some(now),
                lease_transitions: Some(if is_ours { transitions } else { transitions.saturating_add(1) }),
                ..LeaseSpec::default()
            }),
        }
    }

    async fn write(&self, object: LeaseObject) -> Result<LeaseObject, LeaseError> {
        self.within(self.api.replace(&self.name, &params(), &object), "written").await
    }

    /// No call may take so long that the next could not be made before the end.
    async fn within<T>(
        &self,
        call: impl Future<Output = Result<T, kube::Error>>,
        verb: &'static str,
    ) -> Result<T, LeaseError> {
        let longest = self.terms.work.saturating_sub(self.terms.renew) / 2;
        let answer = tokio::time::timeout(longest, call).await;
        let answer = answer.unwrap_or_else(|_| {
            Err(kube::Error::Service(format!("the API server gave no answer within {longest:?}").into()))
        });
        answer.map_err(|error| LeaseError { name: self.name.clone(), verb, source: error.into() })
    }
}

impl Leading<'_> {
    /// Does `work` while the Lease is held and gives what came of it; `None` where the Lease was lost, and the work dropped
    /// before anybody else could begin.
    pub async fn during<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.keep() => None,
            done = work => Some(done),
        }
    }

    /// Renews until the Lease is lost.
    async fn keep(&mut self) {
        let mut failed = false;
        loop {
            let (end, next) = (self.tenure.works_until(), self.tenure.next_write(Instant::now(), failed));
            if next >= end {
                tokio::time::sleep_until(end).await;
                self.lease.permit.take();
                tracing::error!("the Lease could not be renewed in time: another replica may take over");
                return;
            }
            tokio::time::sleep_until(next).await;
            match tokio::time::timeout_at(end, self.renew()).await {
                Ok(Ok(())) => failed = false,
                Ok(Err(error)) if error.source.is_conflict() && self.is_lost().await => {
                    self.lease.permit.take();
                    tracing::error!("another replica holds the Lease");
                    return;
                }
                Ok(Err(error)) => {
                    failed = true;
                    tracing::warn!("{error}");
                }
                Err(_) => failed = true,
            }
        }
    }

    async fn renew(&mut self) -> Result<(), LeaseError> {
        let began = Instant::now();
        self.object = self.lease.write(self.lease.claimed(self.object.clone())).await?;
        self.tenure = Tenure::since(began, self.lease.terms);
        self.lease.permit.give_until(self.tenure.works_until());
        Ok(())
    }

    /// Whether somebody else holds it. A conflict alone does not say so: a renewal may have landed whose answer was lost.
    async fn is_lost(&mut self) -> bool {
        match self.lease.within(self.lease.api.get_opt(&self.lease.name), "read").await {
            Ok(Some(found)) if seen(&found).holder.as_deref() == Some(self.lease.identity.as_str()) => {
                self.object = found;
                false
            }
            Ok(_) => true,
            // Not known: it is tried again while there is time.
            Err(_) => false,
        }
    }

    /// Gives the Lease up, so that another replica begins at once. The work has to have ended.
    pub async fn release(self) {
        self.lease.permit.take();
        let mut object = self.object;
        if let Some(spec) = &mut object.spec {
            spec.holder_identity = None;
            spec.lease_duration_seconds = Some(1);
            spec.renew_time = Some(MicroTime((self.lease.clock)()));
        }
        if let Err(error) = self.lease.write(object).await {
            tracing::warn!("{error}: another replica begins when it has run out");
        }
    }
}

fn seen(lease: &LeaseObject) -> Seen {
    let spec = lease.spec.clone().unwrap_or_default();
    let seconds =
        spec.lease_duration_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
    Seen {
        version: lease.metadata.resource_version.clone().unwrap_or_default(),
        holder: spec.holder_identity,
        duration: Duration::from_secs(seconds),
    }
}

fn params() -> PostParams {
    PostParams { field_manager: Some(FIELD_MANAGER.into()), ..PostParams::default() }
}
