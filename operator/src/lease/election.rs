//! What to do about a Lease, as a state machine: what was seen and the time go in, the next step comes out.

use std::time::Duration;

use tokio::time::Instant;

use super::Terms;

/// A Lease as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Its resourceVersion.
    pub(super) version: String,
    /// Who holds it; nobody where it was released.
    pub(super) holder: Option<String>,
    /// How long its holder asked others to wait.
    pub(super) duration: Duration,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// There is none: create it.
    Create,
    /// Take it over, in this version.
    TakeOver(String),
    /// It is ours, from this version on.
    Hold(String),
    /// Look again later.
    StandBy,
}

/// A candidate.
#[derive(Debug)]
pub(super) struct Candidate {
    me: String,
    terms: Terms,
    /// The version seen last, and since when it was the same.
    seen: Option<(String, Instant)>,
}

impl Candidate {
    pub(super) fn new(me: String, terms: Terms) -> Self {
        Self { me, terms, seen: None }
    }

    /// Decides about what was read at a time before which the reading had not begun.
    pub(super) fn on(&mut self, lease: Option<&Seen>, now: Instant) -> Step {
        let Some(lease) = lease else { return Step::Create };
        let since = match &self.seen {
            Some((version, since)) if *version == lease.version => *since,
            _ => {
                self.seen = Some((lease.version.clone(), now));
                now
            }
        };
        match lease.holder.as_deref() {
            None | Some("") => Step::TakeOver(lease.version.clone()),
            // A write of ours landed and its answer did not.
            Some(holder) if holder == self.me => Step::Hold(lease.version.clone()),
            // Whoever asked for longer than we do is waited for.
            Some(_) if now.duration_since(since) >= lease.duration.max(self.terms.duration) => {
                Step::TakeOver(lease.version.clone())
            }
            Some(_) => Step::StandBy,
        }
    }
}

/// A holder: how long it may work.
#[derive(Debug)]
pub(super) struct Tenure {
    terms: Terms,
    renewed: Instant,
}

impl Tenure {
    /// It was taken or renewed by a write that began then.
    pub(super) fn since(write_began: Instant, terms: Terms) -> Self {
        Self { terms, renewed: write_began }
    }

    /// Until when it may work.
    pub(super) fn works_until(&self) -> Instant {
        self.renewed + self.terms.work
    }

    /// When to renew after a success, or after a failure.
    pub(super) fn next_write(&self, now: Instant, failed: bool) -> Instant {
        if failed { now + self.terms.retry } else { self.renewed + self.terms.renew }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(version: &str, holder: Option<&str>) -> Seen {
        Seen { version: version.into(), holder: holder.map(str::to_owned), duration: Duration::from_secs(15) }
    }

    fn candidate() -> Candidate {
        Candidate::new("me".into(), Terms::default())
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_lease_that_nobody_holds_is_taken_at_once_in_the_version_that_was_seen() {
        let now = Instant::now();
        assert_eq!(candidate().on(None, now), Step::Create);
        assert_eq!(candidate().on(Some(&seen("1", None)), now), Step::TakeOver("1".into()));
        assert_eq!(candidate().on(Some(&seen("1", Some(""))), now), Step::TakeOver("1".into()));
    }

    #[test]
    fn a_held_lease_is_taken_when_it_has_not_changed_for_its_duration() {
        let (start, mut candidate) = (Instant::now(), candidate());
        assert_eq!(candidate.on(Some(&seen("1", Some("other"))), start), Step::StandBy);
        assert_eq!(candidate.on(Some(&seen("1", Some("other"))), after(start, 14)), Step::StandBy);
        assert_eq!(candidate.on(Some(&seen("2", Some("other"))), after(start, 15)), Step::StandBy, "renewed");
        assert_eq!(candidate.on(Some(&seen("2", Some("other"))), after(start, 29)), Step::StandBy);
        assert_eq!(
            candidate.on(Some(&seen("2", Some("other"))), after(start, 30)),
            Step::TakeOver("2".into())
        );
    }

    #[test]
    fn a_holder_that_asked_for_longer_is_waited_for() {
        let (start, mut candidate) = (Instant::now(), candidate());
        let patient = Seen { duration: Duration::from_secs(60), ..seen("1", Some("other")) };
        candidate.on(Some(&patient), start);
        assert_eq!(candidate.on(Some(&patient), after(start, 59)), Step::StandBy);
        assert_eq!(candidate.on(Some(&patient), after(start, 60)), Step::TakeOver("1".into()));
    }

    #[test]
    fn a_lost_answer_is_found_out_by_ones_own_name() {
        assert_eq!(candidate().on(Some(&seen("1", Some("me"))), Instant::now()), Step::Hold("1".into()));
    }

    #[test]
    fn work_ends_before_anybody_may_take_over_however_late_the_answer_came() {
        let (start, terms) = (Instant::now(), Terms::default());
        let tenure = Tenure::since(start, terms);
        // Others count from when they see the renewal, which is after it began.
        let taken_over_at_the_earliest = start + terms.duration;
        assert!(tenure.works_until() + Duration::from_secs(5) <= taken_over_at_the_earliest);
        assert!(tenure.next_write(start, false) + terms.retry < tenure.works_until());
        assert_eq!(tenure.next_write(after(start, 6), true), after(start, 7));
    }
}
