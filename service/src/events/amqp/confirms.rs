//! What became of messages under way: which the broker has, and which came back since no queue takes them.
//!
//! The broker sends a message back before it confirms it, but the library hands what came back to whichever
//! confirmation is next, which may be another message's: several may be confirmed at once, in any order. So a plain
//! confirmation alone does not say that its message was taken. It does once all that the broker had sent by then has been
//! looked at, which an answer of the broker to a question on the same channel tells; and what came back is known by its
//! own id.

use super::{CONFIRM_TIMEOUT, PUBLISH_TIMEOUT, failed, within};
use crate::events::publisher::PublishError;
use lapin::options::BasicQosOptions;
use lapin::{Channel, Confirmation, PublisherConfirm};
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

type Verdict = Result<(), PublishError>;

/// Where messages under way are handed in. Clones share it; when the last is gone, it ends.
#[derive(Debug, Clone)]
pub(super) struct Confirms(mpsc::UnboundedSender<UnderWay>);

/// A message under way.
#[derive(Debug)]
struct UnderWay {
    id: String,
    confirm: Pin<Box<PublisherConfirm>>,
    until: Instant,
    verdict: oneshot::Sender<Verdict>,
}

/// A message that the broker has confirmed, and what came back beside it.
struct Confirmed {
    id: String,
    confirmation: Confirmation,
    verdict: oneshot::Sender<Verdict>,
}

impl Confirms {
    /// For messages on this channel.
    pub(super) fn start(channel: Channel) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(collect(channel, receiver));
        Self(sender)
    }

    /// Waits until it is known what became of the message with this id.
    pub(super) async fn of(&self, id: &str, confirm: PublisherConfirm) -> Verdict {
        let gone = || PublishError::Unavailable("the connection is being made anew".to_owned());
        let (verdict, told) = oneshot::channel();
        let until = Instant::now() + CONFIRM_TIMEOUT;
        let message = UnderWay { id: id.to_owned(), confirm: Box::pin(confirm), until, verdict };
        self.0.send(message).map_err(|_| gone())?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn collect(channel: Channel, mut handed_in: mpsc::UnboundedReceiver<UnderWay>) {
    let (mut under_way, mut confirmed) = (Vec::new(), Vec::new());
    let mut came_back = HashMap::new();
    loop {
        if confirmed.is_empty() {
            // The first was handed in first.
            let until = under_way.first().map(|message: &UnderWay| message.until);
            tokio::select! {
                message = handed_in.recv() => match message {
                    Some(message) => under_way.push(message),
                    // Whoever waits can still hand in: so nobody waits.
                    None => return,
                },
                those = poll_fn(|context| some(&mut under_way, context)), if !under_way.is_empty() => {
                    confirmed = those;
                }
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    give_up_late(&mut under_way);
                }
            }
            continue;
        }
        let question = channel.basic_qos(0, BasicQosOptions::default());
        let answered = within(PUBLISH_TIMEOUT, "answering", question).await;
        while let Ok(message) = handed_in.try_recv() {
            under_way.push(message);
        }
        // What they say of others counts now, they themselves with the next answer.
        let later = poll_fn(|context| Poll::Ready(resolved(&mut under_way, context))).await;
        for one in confirmed.iter().chain(&later) {
            note(&mut came_back, &one.confirmation);
        }
        for Confirmed { id, confirmation, verdict } in std::mem::replace(&mut confirmed, later) {
            let told = match &answered {
                Ok(()) => judge(came_back.remove(&id), &confirmation),
                Err(failure) => Err(failure.clone()),
            };
            // Whoever waited may have given up.
            let _ = verdict.send(told);
        }
    }
}

/// Those that are confirmed, as soon as there are some.
fn some(under_way: &mut Vec<UnderWay>, context: &mut Context<'_>) -> Poll<Vec<Confirmed>> {
    let those = resolved(under_way, context);
    if those.is_empty() { Poll::Pending } else { Poll::Ready(those) }
}

/// Those that are confirmed by now; whatever failed is told at once.
fn resolved(under_way: &mut Vec<UnderWay>, context: &mut Context<'_>) -> Vec<Confirmed> {
    let mut those = Vec::new();
    for mut message in std::mem::take(under_way) {
        match message.confirm.as_mut().poll(context) {
            Poll::Pending => under_way.push(message),
            Poll::Ready(Ok(confirmation)) => {
                those.push(Confirmed { id: message.id, confirmation, verdict: message.verdict });
            }
            Poll::Ready(Err(error)) => {
                let _ = message.verdict.send(Err(failed(&error)));
            }
        }
    }
    those
}

fn give_up_late(under_way: &mut Vec<UnderWay>) {
    let now = Instant::now();
    for message in std::mem::take(under_way) {
        if message.until > now {
            under_way.push(message);
        } else {
            let reason = format!("the broker spent more than {CONFIRM_TIMEOUT:?} confirming a message");
            let _ = message.verdict.send(Err(PublishError::Unavailable(reason)));
        }
    }
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
