//! When a campaign will be done, going on as it has so far. Pure.

use super::{Campaign, CampaignStatus};
use jiff::{SignedDuration, Timestamp};

impl Campaign {
    /// When a running campaign will have dealt with its contacts, if it takes as long for each of those that are left as
    /// it took, nights and pauses included, for each that was reached or given up since it began; or when it ends by
    /// itself, if that is earlier. None while there is nothing to tell it from.
    pub fn estimated_end(&self, now: Timestamp) -> Option<Timestamp> {
        let counters = &self.counters;
        let (done, left) = (counters.reached + counters.exhausted, counters.pending + counters.in_progress);
        let elapsed = now.duration_since(self.started_at?).as_secs();
        if self.status != CampaignStatus::Running || done <= 0 || left <= 0 || elapsed <= 0 {
            return None;
        }
        let seconds = i128::from(elapsed) * i128::from(left) / i128::from(done);
        let end = now.checked_add(SignedDuration::from_secs(i64::try_from(seconds).ok()?)).ok();
        end.into_iter().chain(self.details.ends_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::campaign::{CampaignDetails, Counters};
    use proptest::prelude::*;

    fn campaign(status: CampaignStatus, counters: Counters, ends_at: Option<Timestamp>) -> Campaign {
        let details: CampaignDetails =
            serde_json::from_str(r#"{"name":"Spring","from":"+420222333444","time_zone":"UTC"}"#).unwrap();
        let begin = Timestamp::from_second(1_000_000).unwrap();
        let mut campaign = Campaign::new("c".into(), "o".into(), details, begin);
        campaign.details.ends_at = ends_at;
        Campaign { status, counters, started_at: Some(begin), ..campaign }
    }

    fn counters(done: i64, left: i64) -> Counters {
        Counters { reached: done, pending: left, skipped: 1000, ..Counters::default() }
    }

    #[test]
    fn what_is_left_takes_as_long_as_what_is_done_took() {
        let now = Timestamp::from_second(1_003_600).unwrap();
        let end =
            |campaign: Campaign| campaign.estimated_end(now).map(|end| end.duration_since(now).as_secs());
        let running = |done, left| campaign(CampaignStatus::Running, counters(done, left), None);
        assert_eq!(end(running(100, 300)), Some(3 * 3600));
        assert_eq!(end(running(3, 1)), Some(1200));
        for (done, left) in [(0, 5), (5, 0), (0, 0)] {
            assert_eq!(end(running(done, left)), None, "{done} {left}");
        }
        assert_eq!(end(campaign(CampaignStatus::Paused, counters(1, 1), None)), None);
        let before = now.checked_add(SignedDuration::from_secs(60)).unwrap();
        assert_eq!(end(campaign(CampaignStatus::Running, counters(1, 1), Some(before))), Some(60));
        assert_eq!(running(1, 1).estimated_end(Timestamp::from_second(1_000_000).unwrap()), None);
    }

    proptest! {
        #[test]
        fn an_estimate_lies_ahead_and_none_is_an_error(done in 0..i64::MAX / 4, left in 0..i64::MAX / 4, at in 0..200_000_000_000_i64) {
            let now = Timestamp::from_second(at).unwrap();
            let end = campaign(CampaignStatus::Running, counters(done, left), None).estimated_end(now);
            prop_assert!(end.is_none_or(|end| end >= now), "{end:?}");
        }
    }
}
