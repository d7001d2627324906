//! What became of messages under way: which the broker has, and which came back since no queue takes them.
//!
//! The broker sends a message back before it confirms it, but the library hands what came back to whichever
//! confirmation is next, which may be another message's: several may be confirmed at once, in any order. So a plain
//! confirmation alone does not say that its message was taken. It does once all that the broker had sent by then has been
//! looked at, which an answer of the broker to a question on the same channel tells; and what came back is known by its
//! own id. Until it has answered the message is no longer unconfirmed, so that others may take its place.

use super::{CONFIRM_TIMEOUT, PUBLISH_TIMEOUT, within};
use crate::events::publisher::PublishError;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lapin::options::BasicQosOptions;
use lapin::{Channel, Confirmation, PublisherConfirm};
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep_until};

/// How many messages the broker has not confirmed, at most.
pub(super) const UNCONFIRMED: usize = 200;
/// So many confirmed messages are made sure of at once, or fewer where nothing else is under way or this time has passed:
/// each question costs the broker as much as a message, and has it confirm fewer at a time.
const TOGETHER: usize = 64;
const TOGETHER_WITHIN: Duration = Duration::from_millis(2);

type Verdict = Result<(), PublishError>;

/// Where messages are handed in. Clones share it; when the last is gone, it ends.
#[derive(Debug, Clone)]
pub(super) struct Confirms {
    handed_in: mpsc::UnboundedSender<UnderWay>,
}

/// A message under way, and in the end what the broker says.
type UnderWay = BoxFuture<'static, Option<Confirmed>>;

/// A message that the broker has confirmed.
struct Confirmed {
    id: String,
    confirmation: Confirmation,
    verdict: oneshot::Sender<Verdict>,
}

/// Those that were confirmed before the broker was asked something, and its answer.
struct Asked {
    those: Vec<Confirmed>,
    answer: BoxFuture<'static, Verdict>,
}

impl Confirms {
    /// For messages on this channel.
    pub(super) fn start(channel: Channel) -> Self {
        let (handed_in, receiver) = mpsc::unbounded_channel();
        tokio::spawn(collect(channel, receiver));
        Self { handed_in }
    }

    /// Publishes the message with this id, and waits until it is known what became of it.
    pub(super) async fn publish(
        &self,
        id: &str,
        publishing: impl Future<Output = lapin::Result<PublisherConfirm>> + Send + 'static,
    ) -> Verdict {
        let gone = || PublishError::Unavailable("the connection is being made anew".to_owned());
        let (verdict, told) = oneshot::channel();
        let message = follow(id.to_owned(), publishing, verdict).boxed();
        self.handed_in.send(message).map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Sees to all messages of a channel. They are published in here too, so that none is confirmed unseen: its confirmation
/// may be what another one's return comes with.
async fn collect(channel: Channel, mut handed_in: mpsc::UnboundedReceiver<UnderWay>) {
    let mut under_way: FuturesUnordered<UnderWay> = FuturesUnordered::new();
    // In here too, so that one follows another without anybody else's doing.
    let mut waiting = VecDeque::new();
    let mut confirmed = Vec::new();
    let mut came_back = HashMap::new();
    let mut asked: Option<Asked> = None;
    // By when those that are confirmed are to be made sure of.
    let mut until: Option<Instant> = None;
    loop {
        let places = UNCONFIRMED.saturating_sub(under_way.len());
        under_way.extend(waiting.drain(..places.min(waiting.len())));
        if !confirmed.is_empty() {
            let now = Instant::now();
            let at_last = *until.get_or_insert(now + TOGETHER_WITHIN);
            let is_time = confirmed.len() >= TOGETHER || under_way.is_empty() || now >= at_last;
            if asked.is_none() && is_time {
                let those = std::mem::take(&mut confirmed);
                asked = Some(Asked { those, answer: ask(channel.clone()).boxed() });
                until = None;
            }
        }
        let due = sleep_until(until.unwrap_or_else(Instant::now));
        tokio::select! {
            () = due, if asked.is_none() && until.is_some() => {}
            message = handed_in.recv() => match message {
                Some(message) => waiting.push_back(message),
                // Whoever waits can still hand in: so nobody waits.
                None => return,
            },
            Some(message) = under_way.next(), if !under_way.is_empty() => {
                take(&mut confirmed, &mut came_back, message);
            }
            (those, answer) = answered(&mut asked) => {
                // What the broker said before its answer is here by now.
                for message in ready(&mut under_way).await {
                    take(&mut confirmed, &mut came_back, message);
                }
                for Confirmed { id, confirmation, verdict } in those {
                    let told = match &answer {
                        Ok(()) => judge(came_back.remove(&id), &confirmation),
                        Err(failure) => Err(failure.clone()),
                    };
                    // Whoever waited may have given up.
                    let _ = verdict.send(told);
                }
            }
        }
    }
}

/// Publishes a message and waits for its confirmation; whatever fails is told at once.
async fn follow(
    id: String,
    publishing: impl Future<Output = lapin::Result<PublisherConfirm>>,
    verdict: oneshot::Sender<Verdict>,
) -> Option<Confirmed> {
    // Whoever waited for its turn may have given up.
    if verdict.is_closed() {
        return None;
    }
    let outcome = match within(PUBLISH_TIMEOUT, "taking a message", publishing).await {
        Ok(confirm) => within(CONFIRM_TIMEOUT, "confirming a message", confirm).await,
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(confirmation) => Some(Confirmed { id, confirmation, verdict }),
        Err(failure) => {
            let _ = verdict.send(Err(failure));
            None
        }
    }
}

/// Asks the broker something that it answers in its turn.
async fn ask(channel: Channel) -> Verdict {
    within(PUBLISH_TIMEOUT, "answering", channel.basic_qos(0, BasicQosOptions::default())).await
}

async fn answered(asked: &mut Option<Asked>) -> (Vec<Confirmed>, Verdict) {
    let answer = match asked {
        Some(asked) => (&mut asked.answer).await,
        None => std::future::pending().await,
    };
    (asked.take().map(|asked| asked.those).unwrap_or_default(), answer)
}

/// All whose end is known by now, without exception: a set of futures may say that it is pending though some of them are
/// not, and then wakes whoever asked.
async fn ready(under_way: &mut FuturesUnordered<UnderWay>) -> Vec<Option<Confirmed>> {
    let mut those = Vec::new();
    // Nor is the runtime to say so for them, when it is another task's turn.
    let all = poll_fn(|_| {
        loop {
            let woken = Arc::new(Woken::default());
            match under_way.poll_next_unpin(&mut Context::from_waker(&Arc::clone(&woken).into())) {
                Poll::Ready(Some(message)) => those.push(message),
                Poll::Pending if woken.0.load(Ordering::SeqCst) => {}
                Poll::Ready(None) | Poll::Pending => return Poll::Ready(()),
            }
        }
    });
    unconstrained(all).await;
    those
}

/// Remembers whether it was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn take(confirmed: &mut Vec<Confirmed>, came_back: &mut HashMap<String, String>, message: Option<Confirmed>) {
    let Some(message) = message else { return };
    note(came_back, &message.confirmation);
    confirmed.push(message);
}

/// Notes which message came back, whichever's confirmation says so.
fn note(came_back: &mut HashMap<String, String>, confirmation: &Confirmation) {
    if let Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) = confirmation {
        let id = returned.properties.message_id().as_ref().map(ToString::to_string);
        let reason = format!("it came back: {} {}", returned.reply_code, returned.reply_text);
        came_back.insert(id.unwrap_or_default(), reason);
    }
}

/// What it means for a message that it came back, or did not, and was confirmed like this.
fn judge(came_back: Option<String>, confirmation: &Confirmation) -> Verdict {
    match (came_back, confirmation) {
        (Some(reason), _) => Err(PublishError::Unroutable(reason)),
        (None, Confirmation::Ack(_)) => Ok(()),
        (None, Confirmation::Nack(_)) => Err(PublishError::Refused("it was not stored".to_owned())),
        (None, Confirmation::NotRequested) => {
            Err(PublishError::Unavailable("publisher confirms are not on".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapin::BasicProperties;
    use lapin::message::{BasicReturnMessage, Delivery};

    fn returned(id: &str) -> BasicReturnMessage {
        let mut delivery =
            Delivery::mock(0, "ocelot.events".into(), "comms.call.ended".into(), false, Vec::new());
        delivery.properties = BasicProperties::default().with_message_id(id.into());
        BasicReturnMessage { delivery, reply_code: 312, reply_text: "NO_ROUTE".into() }
    }

    #[test]
    fn only_what_did_not_come_back_and_was_confirmed_is_safe() {
        let mut came_back = HashMap::new();
        // Another message's confirmation brings it.
        let of_another = Confirmation::Ack(Some(returned("a")));
        note(&mut came_back, &of_another);
        let reason = "it came back: 312 NO_ROUTE".to_owned();
        assert_eq!(judge(came_back.remove("b"), &of_another), Ok(()));
        assert_eq!(
            judge(came_back.remove("a"), &Confirmation::Ack(None)),
            Err(PublishError::Unroutable(reason))
        );
        assert_eq!(judge(None, &Confirmation::Ack(None)), Ok(()));
        assert!(matches!(judge(None, &Confirmation::Nack(None)), Err(PublishError::Refused(_))));
        assert!(matches!(judge(None, &Confirmation::NotRequested), Err(PublishError::Unavailable(_))));
    }
}
