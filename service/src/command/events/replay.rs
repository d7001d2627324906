//! `cc-lite events replay`: published again, under the ids that they had.

use super::{EventsError, types};
use crate::clock::Clock;
use crate::events::amqp::AmqpPublisher;
use crate::events::publisher::{BrokerConnection, EventPublisher, PublishError};
use crate::settings::{SettingError, Settings, duration};
use crate::store::Store;
use crate::store::history::{self, KeptEvent, Selection};
use crate::store::outbox;
use clap::Args;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How many events are looked at, and are on their way, at once.
const PAGE: i64 = 200;

/// Which events are published again.
#[derive(Debug, Clone, Args)]
pub struct Replay {
    /// From when on: a time such as 2026-01-05T10:00:00Z, or how long ago, such as 2h
    #[arg(long)]
    pub since: String,
    /// Until when, in the same forms; now by default
    #[arg(long)]
    pub until: Option<String>,
    /// Only events of this type or pattern, such as call.ended or 'call.*'; several with commas between them
    #[arg(long = "type", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Only events of the call with this id
    #[arg(long, conflicts_with = "campaign")]
    pub call: Option<String>,
    /// Only events of the campaign with this id
    #[arg(long)]
    pub campaign: Option<String>,
    /// Say what would be published, and publish nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What has been published again.
#[derive(Debug, Default)]
struct Account {
    events: u64,
    by_type: BTreeMap<String, u64>,
    subjects: BTreeSet<String>,
    span: Option<(Timestamp, Timestamp)>,
}

impl Account {
    fn add(&mut self, event: &KeptEvent) {
        self.events += 1;
        *self.by_type.entry(event.message.event_type.clone()).or_default() += 1;
        self.subjects.insert(event.subject.clone());
        let at = event.message.timestamp;
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
    }

    fn told(&self, is_real: bool) -> String {
        let Some((first, last)) = self.span else {
            return "No event that is kept fits: nothing was published.\n".to_owned();
        };
        let types: Vec<String> = self.by_type.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let beginning = if is_real { "Published" } else { "Would publish" };
        format!(
            "{beginning} {} events of {} calls and campaigns again, from {first} to {last}: {}.\n",
            self.events,
            self.subjects.len(),
            types.join(", ")
        )
    }
}

/// Publishes events of the database of `settings` again, also beside a service that runs on it, each call's and
/// campaign's in order, and gives what to tell the person who asked.
pub async fn replay(settings: &Settings, asked: &Replay, clock: &dyn Clock) -> Result<String, EventsError> {
    let now = clock.now();
    let selection = Selection {
        since: time("--since", &asked.since, now)?,
        until: asked.until.as_deref().map_or(Ok(now), |until| time("--until", until, now))?,
        types: types::chosen(&asked.types)?,
        subject: asked.call.clone().or_else(|| asked.campaign.clone()),
    };
    if selection.since >= selection.until {
        return Err(EventsError::EmptySpan { since: selection.since, until: selection.until });
    }
    let store = Store::open_beside(&settings.database).await?;
    let outcome = from_store(&store, settings, asked, &selection, now).await;
    store.close().await;
    outcome
}

async fn from_store(
    store: &Store,
    settings: &Settings,
    asked: &Replay,
    selection: &Selection,
    now: Timestamp,
) -> Result<String, EventsError> {
    let reach = history::reach(&mut *store.reader().await?).await?;
    let kept = SignedDuration::try_from(settings.events.retention).unwrap_or(SignedDuration::MAX);
    // What was deleted was older than the retention; what is kept may be older still.
    let surely = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
    let begin = reach.oldest.map_or(surely, |oldest| oldest.min(surely));
    if reach.is_cut && selection.since < begin {
        // Whoever reads this and asks again does so a moment later.
        let begin = if begin == surely { minute_after(begin) } else { begin };
        return Err(EventsError::Deleted { begin });
    }
    let publisher = if asked.dry_run { None } else { Some(connected(settings).await?) };
    let outcome = run(store, publisher.as_ref(), selection).await;
    if let Some(publisher) = &publisher {
        publisher.close().await;
    }
    let mut told = vec![outcome?.told(!asked.dry_run)];
    if let Some(oldest) = reach.oldest.filter(|_| reach.is_cut) {
        told.push(format!("The oldest event that is kept is of {oldest}.\n"));
    }
    let waiting = outbox::backlog(&mut *store.reader().await?).await?.events;
    if waiting > 0 {
        told.push(format!(
            "{waiting} events wait to be published for the first time: the service sees to these.\n"
        ));
    }
    Ok(told.concat())
}

async fn run(
    store: &Store,
    publisher: Option<&AmqpPublisher>,
    selection: &Selection,
) -> Result<Account, EventsError> {
    let mut account = Account::default();
    // They get their positions any moment, and come last in their call or campaign.
    let newest = history::without_position(&mut *store.reader().await?, selection).await?;
    let known: BTreeSet<&str> = newest.iter().map(|event| event.message.id.as_str()).collect();
    let mut place = 0;
    loop {
        let mut page = history::after(&mut *store.reader().await?, selection, place, PAGE).await?;
        let Some(last) = page.last().and_then(|event| event.position) else { break };
        place = last;
        page.retain(|event| !known.contains(event.message.id.as_str()));
        publish(publisher, &page, &mut account).await?;
    }
    publish(publisher, &newest, &mut account).await?;
    Ok(account)
}

/// Publishes events: one of each call or campaign at a time, each when the one before is safe.
async fn publish(
    publisher: Option<&AmqpPublisher>,
    events: &[KeptEvent],
    account: &mut Account,
) -> Result<(), EventsError> {
    let mut subjects: BTreeMap<&str, Vec<&KeptEvent>> = BTreeMap::new();
    for event in events {
        subjects.entry(&event.subject).or_default().push(event);
    }
    let chains = join_all(subjects.into_values().map(async |chain| {
        let mut safe = Vec::new();
        for event in chain {
            if let Some(publisher) = publisher
                && let Err(error) = publisher.publish(&event.message).await
            {
                return (safe, Some(error));
            }
            safe.push(event);
        }
        (safe, None)
    }));
    let mut trouble = None;
    for (safe, error) in chains.await {
        for event in safe {
            account.add(event);
        }
        trouble = trouble.or(error);
    }
    trouble.map_or(Ok(()), |why| Err(EventsError::Stopped { published: account.events, why }))
}

/// A publisher that is connected; otherwise why it is not.
async fn connected(settings: &Settings) -> Result<AmqpPublisher, EventsError> {
    let publisher = AmqpPublisher::start(&settings.events);
    loop {
        let change = publisher.connection_changed();
        match publisher.connection() {
            BrokerConnection::Connected => {
                drop(change);
                return Ok(publisher);
            }
            BrokerConnection::Connecting { last_error: Some(reason) } => {
                return Err(EventsError::Stopped { published: 0, why: PublishError::Unavailable(reason) });
            }
            BrokerConnection::Connecting { last_error: None } => change.await,
        }
    }
}

/// A whole minute, one to two minutes later.
fn minute_after(time: Timestamp) -> Timestamp {
    let seconds = time.as_second().div_euclid(60).saturating_add(2).saturating_mul(60);
    Timestamp::from_second(seconds).unwrap_or(time)
}

fn time(name: &'static str, text: &str, now: Timestamp) -> Result<Timestamp, SettingError> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let expected = "a time such as `2026-01-05T10:00:00Z`, or how long ago, such as `2h`";
    let most = Duration::from_hours(24 * 366 * 10);
    let ago = duration(name, text, Duration::from_millis(1), most, expected)?;
    let unfit = || SettingError::Invalid { name, value: text.to_owned(), expected };
    now.checked_sub(ago).map_err(|_| unfit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_given_as_such_or_as_how_long_ago() {
        let now: Timestamp = "2026-02-02T12:00:00Z".parse().unwrap();
        let read = |text| time("--since", text, now).map_err(|error| error.to_string());
        assert_eq!(read("2h"), Ok("2026-02-02T10:00:00Z".parse().unwrap()));
        assert_eq!(read("2026-02-01T13:00:00+01:00"), Ok("2026-02-01T12:00:00Z".parse().unwrap()));
        for unfit in ["", "yesterday", "2026-02-01", "-2h", "2 hours", "0s"] {
            assert_eq!(
                read(unfit),
                Err(format!(
                    "--since is `{unfit}`, which does not fit: give a time such as `2026-01-05T10:00:00Z`, or how long \
                     ago, such as `2h`."
                ))
            );
        }
    }
}
