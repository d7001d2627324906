//! What is known of the request that is being answered, wherever the answer is worked on.

use crate::audit::Entry;
use crate::identity::Identity;
use crate::numbers::masked;
use crate::store::idempotency::{self, Claim};
use crate::store::{StoreError, audit};
use jiff::Timestamp;
use sqlx::AnyConnection;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

tokio::task_local! {
    static SCOPE: Arc<RequestScope>;
}

/// A request that is being answered.
#[derive(Debug)]
pub struct RequestScope {
    action: String,
    object: String,
    request_id: String,
    who: OnceLock<(String, String)>,
    /// The caller's key, until the first change takes it.
    claim: Mutex<Option<Claim>>,
}

/// What a request adds to the change that it makes.
#[derive(Debug, Default)]
pub struct OfChange {
    /// For the audit log.
    pub entry: Option<Entry>,
    /// The caller's key, to be taken by the change.
    pub claim: Option<Claim>,
}

impl OfChange {
    /// Takes the key, before anything else is done.
    pub async fn begin(&self, tx: &mut AnyConnection, now: Timestamp) -> Result<(), StoreError> {
        let Some(claim) = &self.claim else { return Ok(()) };
        let object = self.entry.as_ref().map_or("", |entry| entry.object.as_str());
        if idempotency::claim(tx, claim, object, now).await? { Ok(()) } else { Err(StoreError::Repeated) }
    }

    /// Enters the change under the id `entry_id`. `about` is the path of what was made, where the request's own path
    /// does not say.
    pub async fn end(
        self,
        tx: &mut AnyConnection,
        entry_id: String,
        about: Option<String>,
    ) -> Result<(), StoreError> {
        if let (Some(claim), Some(object)) = (&self.claim, &about) {
            idempotency::set_object(tx, claim, object).await?;
        }
        if let Some(mut entry) = self.entry {
            entry.object = about.unwrap_or(entry.object);
            audit::append(tx, entry_id, entry).await?;
        }
        Ok(())
    }
}

impl RequestScope {
    /// A request with this `method` and `route` for `path`, whose base path is left out, and `query`.
    pub fn new(method: &str, route: &str, path: &str, query: Option<&str>, request_id: &str) -> Self {
        Self {
            action: format!("{method} {route}"),
            object: object(path, query),
            request_id: request_id.to_owned(),
            who: OnceLock::new(),
            claim: Mutex::default(),
        }
    }

    /// The entry of a read that was answered with `status`, if it is known who asked.
    pub fn of_read(&self, status: u16, now: Timestamp) -> Option<Entry> {
        self.entry(i64::from(status), now)
    }

    fn claim(&self) -> MutexGuard<'_, Option<Claim>> {
        self.claim.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entry(&self, status: i64, now: Timestamp) -> Option<Entry> {
        let (organization_id, user_id) = self.who.get()?.clone();
        Some(Entry {
            organization_id,
            at: now,
            user_id,
            action: self.action.clone(),
            object: self.object.clone(),
            status,
            count: 1,
            request_id: self.request_id.clone(),
        })
    }
}

/// Works on the answer to a request.
pub async fn in_scope<T>(scope: Arc<RequestScope>, work: impl Future<Output = T>) -> T {
    SCOPE.scope(scope, work).await
}

/// From here on it is known who asks.
pub fn identified(identity: &Identity) {
    let _ = SCOPE.try_with(|scope| {
        scope.who.set((identity.organization_id.clone(), identity.user_id.clone())).ok();
    });
}

/// The request's first change takes this key.
pub fn claims(claim: Claim) {
    let _ = SCOPE.try_with(|scope| *scope.claim() = Some(claim));
}

/// Whether the request's first change is still to take a key.
pub fn has_claim() -> bool {
    let has = |scope: &Arc<RequestScope>| scope.claim().is_some();
    SCOPE.try_with(has).unwrap_or_default()
}

/// What the request adds to a change that it makes; nothing where there is no request.
pub fn of_change(now: Timestamp) -> OfChange {
    let of_scope =
        |scope: &Arc<RequestScope>| OfChange { entry: scope.entry(0, now), claim: scope.claim().take() };
    SCOPE.try_with(of_scope).unwrap_or_default()
}

/// The resource in a path, and the names of the filters of a list. Numbers are masked.
fn object(path: &str, query: Option<&str>) -> String {
    let mut object = String::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()).take(2) {
        object.push('/');
        let number = segment.starts_with('+') || segment.starts_with("%2B");
        object.push_str(&if number { masked(segment) } else { segment.to_owned() });
    }
    let names: Vec<&str> = query
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .filter(|name| !name.is_empty() && !matches!(*name, "limit" | "cursor" | "sort"))
        .collect();
    if !names.is_empty() {
        object.push('?');
        object.push_str(&names.join("&"));
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_the_resource_without_values_that_tell_of_persons() {
        assert_eq!(object("/calls/1/transcript", None), "/calls/1");
        assert_eq!(object("/calls", Some("limit=5&from=%2B420601123456&status=busy")), "/calls?from&status");
        assert_eq!(object("/suppressions/+420601123456", None), "/suppressions/+*********456");
    }

    #[tokio::test]
    async fn nobody_is_entered_before_it_is_known_who_asks() {
        let scope = Arc::new(RequestScope::new("POST", "/calls", "/calls", None, "r1"));
        in_scope(Arc::clone(&scope), async {
            assert_eq!(of_change(Timestamp::UNIX_EPOCH).entry, None);
            identified(&Identity {
                user_id: "u".into(),
                organization_id: "o".into(),
                role: crate::identity::Role::Agent,
                email: None,
                session_id: None,
            });
            let entry = of_change(Timestamp::UNIX_EPOCH).entry.unwrap();
            assert_eq!((entry.user_id.as_str(), entry.action.as_str()), ("u", "POST /calls"));
        })
        .await;
        assert_eq!(of_change(Timestamp::UNIX_EPOCH).entry, None, "outside of a request");
    }
}
