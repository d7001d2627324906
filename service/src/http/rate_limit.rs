//! How much one user may ask for, by setting: `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers), and 429 beyond it. Each process counts for itself.

use super::identity::identify;
use super::problem::{Problem, ProblemKind};
use crate::settings::RateLimit;
use crate::shared::Shared;
use crate::wording::say;
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::sync::Arc;
use std::time::Duration;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Organisation and user.
type Key = (String, String);

/// What each user has left.
pub(crate) struct Allowances {
    limit: RateLimit,
    limiter: RateLimiter<Key, HashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>,
}

impl Allowances {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let every = limit.window / limit.requests.get();
        // A window is never so short that its parts vanish: settings see to it.
        let quota = Quota::with_period(every)
            .unwrap_or(Quota::per_second(limit.requests))
            .allow_burst(limit.requests);
        Self { limit, limiter: RateLimiter::hashmap(quota).with_middleware() }
    }

    /// Forgets users who have all of their allowance back.
    pub(crate) fn forget(&self) {
        self.limiter.retain_recent();
    }

    /// Takes one request from the user's allowance: how many are left, or how long to wait.
    fn take(&self, key: &Key) -> Result<u32, Duration> {
        match self.limiter.check_key(key) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(refused) => Err(refused.wait_time_from(DefaultClock::default().now())),
        }
    }

    fn policy(&self) -> String {
        format!("\"default\";q={};w={}", self.limit.requests, self.limit.window.as_secs())
    }

    /// For how many seconds an allowance of which so much is left takes to come back as a whole.
    fn whole_again(&self, left: u32) -> u64 {
        let spent = self.limit.requests.get().saturating_sub(left);
        let time = self.limit.window * spent / self.limit.requests.get();
        time.as_secs() + u64::from(time.subsec_nanos() > 0)
    }
}

pub(super) async fn handle(
    State((shared, allowances)): State<(Arc<Shared>, Arc<Allowances>)>,
    request: Request,
    next: Next,
) -> Response {
    // Who is not known is refused, or has limits of their own to log in.
    let Ok(identity) = identify(request.headers(), &shared) else { return next.run(request).await };
    let taken = allowances.take(&(identity.organization_id, identity.user_id));
    let (mut response, left, wait) = match taken {
        Ok(left) => (next.run(request).await, left, allowances.whole_again(left)),
        Err(wait) => {
            let wait = wait.as_secs() + 1;
            let detail = say!("rate-limited", seconds = i64::try_from(wait).unwrap_or(i64::MAX));
            let mut response = Problem::new(ProblemKind::RateLimited, detail).into_response();
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
            (response, 0, wait)
        }
    };
    for (name, value) in [(POLICY, allowances.policy()), (LIMIT, format!("\"default\";r={left};t={wait}"))] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_used_up_and_each_user_has_their_own() {
        let limit = RateLimit { requests: 3.try_into().unwrap(), window: Duration::from_hours(1) };
        let allowances = Allowances::new(limit);
        let key = |user: &str| ("o".to_owned(), user.to_owned());
        assert_eq!(
            [allowances.take(&key("a")), allowances.take(&key("a")), allowances.take(&key("a"))],
            [Ok(2), Ok(1), Ok(0)]
        );
        let wait = allowances.take(&key("a")).unwrap_err();
        assert!(wait > Duration::from_mins(19) && wait <= Duration::from_mins(20), "{wait:?}");
        assert_eq!(allowances.take(&key("b")), Ok(2));
        assert_eq!((allowances.whole_again(3), allowances.whole_again(1)), (0, 2400));
        assert_eq!(allowances.policy(), "\"default\";q=3;w=3600");
    }
}
