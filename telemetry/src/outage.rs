//! What is lost on the way to the collector is told once when that begins, and once when it is over.

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The collector takes nothing from now on, for this reason.
    Begins(String),
    /// It takes all again; so many spans were lost meanwhile.
    Over(u64),
    /// It takes less than there is.
    Overrun,
}

/// Whether spans are lost at present.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    state: State,
    lost: u64,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Fine,
    Failing,
    Overrun,
}

impl Outage {
    /// Takes in what became of a batch of `count` spans, and that `dropped` others found no place in the queue since the
    /// last one.
    pub(crate) fn observe(&mut self, count: u64, dropped: u64, outcome: Result<(), String>) -> Option<News> {
        self.lost += dropped;
        match outcome {
            Err(reason) => {
                self.lost += count;
                let begins = self.state != State::Failing;
                self.state = State::Failing;
                begins.then_some(News::Begins(reason))
            }
            // What was dropped while nothing was taken belongs to the outage that is over now.
            Ok(()) if self.state == State::Failing || (self.state == State::Overrun && dropped == 0) => {
                self.state = State::Fine;
                Some(News::Over(std::mem::take(&mut self.lost)))
            }
            Ok(()) if dropped > 0 && self.state == State::Fine => {
                self.state = State::Overrun;
                Some(News::Overrun)
            }
            Ok(()) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: &str = "connection refused";

    fn fails(outage: &mut Outage, dropped: u64) -> Option<News> {
        outage.observe(10, dropped, Err(AWAY.into()))
    }

    #[test]
    fn an_outage_is_told_once_when_it_begins_and_once_when_it_is_over() {
        let mut outage = Outage::default();
        assert_eq!(outage.observe(10, 0, Ok(())), None);
        assert_eq!(fails(&mut outage, 0), Some(News::Begins(AWAY.into())));
        assert_eq!(fails(&mut outage, 5), None);
        assert_eq!(outage.observe(10, 2, Ok(())), Some(News::Over(27)));
        assert_eq!(outage.observe(10, 0, Ok(())), None);
        assert_eq!(fails(&mut outage, 0), Some(News::Begins(AWAY.into())));
        assert_eq!(
            outage.observe(10, 0, Ok(())),
            Some(News::Over(10)),
            "what was lost before is told already"
        );
    }

    #[test]
    fn a_collector_that_is_too_slow_is_told_once_until_it_keeps_up() {
        let mut outage = Outage::default();
        assert_eq!(outage.observe(10, 3, Ok(())), Some(News::Overrun));
        assert_eq!(outage.observe(10, 4, Ok(())), None);
        assert_eq!(outage.observe(10, 0, Ok(())), Some(News::Over(7)));
        assert_eq!(outage.observe(10, 3, Ok(())), Some(News::Overrun));
        assert_eq!(fails(&mut outage, 0), Some(News::Begins(AWAY.into())));
        assert_eq!(outage.observe(10, 0, Ok(())), Some(News::Over(13)));
    }
}
