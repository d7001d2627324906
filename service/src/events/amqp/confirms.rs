//! What became of messages under way: which the broker has, and which came back since no queue takes them.
//!
//! The broker sends a message back before it confirms it, but the library hands what came back, in the order of its
//! coming, to whichever confirmation is next, which may be another message's: several may be confirmed at once, in any
//! order. So what came back is known by its own id. A confirmation that carries nothing says that all which had come back
//! by then was handed out before, so its message is safe unless one of the confirmations that are here tells otherwise.
//! One that carries another message leaves its own in doubt, for more may be waiting behind that one: the broker is asked
//! something on the same channel, and once it has answered, all that it had sent by then has been looked at. A message
//! in doubt is no longer unconfirmed, so that others may take its place.

use super::{CONFIRM_TIMEOUT, PUBLISH_TIMEOUT, within};
use crate::events::publisher::PublishError;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use lapin::message::BasicReturnMessage;
use lapin::options::{BasicPublishOptions, BasicQosOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::sync::{mpsc, oneshot};
use tokio::task::unconstrained;

/// How many messages the broker has not confirmed, at most.
pub(super) const UNCONFIRMED: usize = 200;

type Verdict = Result<(), PublishError>;

/// Where messages are handed in. Clones share it; when the last is gone, it ends.
#[derive(Debug, Clone)]
pub(super) struct Confirms {
    handed_in: mpsc::UnboundedSender<Message>,
}

/// What is to be published.
#[derive(Debug)]
pub(super) struct Publication {
    pub(super) id: String,
    pub(super) exchange: ShortString,
    pub(super) routing_key: ShortString,
    pub(super) properties: BasicProperties,
    pub(super) body: String,
}

/// A message that was handed in.
#[derive(Debug)]
struct Message {
    publication: Publication,
    verdict: oneshot::Sender<Verdict>,
}

/// A message that the broker has confirmed.
struct Confirmed {
    id: String,
    confirmation: Confirmation,
    verdict: oneshot::Sender<Verdict>,
}

/// Those that were in doubt before the broker was asked something, and its answer.
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

    /// Publishes, and waits until it is known what became of the message.
    pub(super) async fn publish(&self, publication: Publication) -> Verdict {
        let gone = || PublishError::Unavailable("the connection is being made anew".to_owned());
        let (verdict, told) = oneshot::channel();
        self.handed_in.send(Message { publication, verdict }).map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Sees to all messages of a channel. They are published in here too, so that none is confirmed unseen: its confirmation
/// may be what another one's return comes with.
async fn collect(channel: Channel, mut handed_in: mpsc::UnboundedReceiver<Message>) {
    let mut messages = Messages::new(|message| follow(&channel, message));
    let mut came_back = HashMap::new();
    let mut in_doubt = Vec::new();
    let mut asked: Option<Asked> = None;
    loop {
        if asked.is_none() && !in_doubt.is_empty() {
            let those = std::mem::take(&mut in_doubt);
            asked = Some(Asked { those, answer: ask(channel.clone()).boxed() });
        }
        let (first, settled) = tokio::select! {
            message = handed_in.recv() => match message {
                Some(message) => {
                    messages.waiting.push_back(message);
                    messages.publish();
                    continue;
                }
                // Whoever waits can still hand in: so nobody waits.
                None => return,
            },
            message = messages.next() => (Some(message), None),
            settled = answered(&mut asked) => (None, Some(settled)),
        };
        // What the broker said before is here by now.
        let here: Vec<Confirmed> = first.into_iter().chain(messages.all_ready().await).flatten().collect();
        for message in &here {
            note(&mut came_back, &message.confirmation);
        }
        for message in here {
            if came_back.contains_key(&message.id) || carried(&message.confirmation).is_none() {
                message.tell(Ok(()), &mut came_back);
            } else {
                in_doubt.push(message);
            }
        }
        let (those, answer) = settled.unwrap_or_else(|| (Vec::new(), Ok(())));
        for message in those {
            message.tell(answer.clone(), &mut came_back);
        }
    }
}

/// The messages that were handed in.
struct Messages<B, F> {
    begin: B,
    under_way: FuturesUnordered<F>,
    /// In here too, so that one follows another without anybody else's doing.
    waiting: VecDeque<Message>,
}

impl<B: Fn(Message) -> F, F: Future<Output = Option<Confirmed>>> Messages<B, F> {
    fn new(begin: B) -> Self {
        Self { begin, under_way: FuturesUnordered::new(), waiting: VecDeque::new() }
    }

    /// Has those that wait take the places that are free.
    fn publish(&mut self) {
        let places = UNCONFIRMED.saturating_sub(self.under_way.len());
        let places = places.min(self.waiting.len());
        self.under_way.extend(self.waiting.drain(..places).map(&self.begin));
    }

    /// The next whose end is known. Where none is under way, none comes.
    async fn next(&mut self) -> Option<Confirmed> {
        match self.under_way.next().await {
            Some(message) => {
                self.publish();
                message
            }
            None => std::future::pending().await,
        }
    }

    /// All whose end is known by now, without exception: a set of futures may say that it is pending though some of them
    /// are not, and then wakes whoever asked.
    async fn all_ready(&mut self) -> Vec<Option<Confirmed>> {
        let mut those = Vec::new();
        // Nor is the runtime to say so for them, when it is another task's turn.
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let all = poll_fn(|_| {
            loop {
                woken.0.store(false, Ordering::SeqCst);
                match self.under_way.poll_next_unpin(&mut Context::from_waker(&waker)) {
                    Poll::Ready(Some(message)) => {
                        self.publish();
                        those.push(message);
                    }
                    Poll::Pending if woken.0.load(Ordering::SeqCst) => {}
                    Poll::Ready(None) | Poll::Pending => return Poll::Ready(()),
                }
            }
        });
        unconstrained(all).await;
        those
    }
}

impl Confirmed {
    /// Tells what became of it, if it is known what came back.
    fn tell(self, known: Verdict, came_back: &mut HashMap<String, String>) {
        let told = known.and_then(|()| judge(came_back.remove(&self.id), &self.confirmation));
        // Whoever waited may have given up.
        let _ = self.verdict.send(told);
    }
}

/// Publishes a message and waits for its confirmation; whatever fails is told at once.
async fn follow(channel: &Channel, Message { publication, verdict }: Message) -> Option<Confirmed> {
    // Whoever waited for its turn may have given up.
    if verdict.is_closed() {
        return None;
    }
    let Publication { id, exchange, routing_key, properties, body } = publication;
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let publishing = channel.basic_publish(exchange, routing_key, options, body.as_bytes(), properties);
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

/// Remembers whether it was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The message that came back and is handed out with this confirmation, whosever that is.
fn carried(confirmation: &Confirmation) -> Option<&BasicReturnMessage> {
    match confirmation {
        Confirmation::Ack(returned) | Confirmation::Nack(returned) => returned.as_ref(),
        Confirmation::NotRequested => None,
    }
}

/// Notes which message came back, whichever's confirmation says so.
fn note(came_back: &mut HashMap<String, String>, confirmation: &Confirmation) {
    if let Some(returned) = carried(confirmation) {
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
    use lapin::message::Delivery;

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
