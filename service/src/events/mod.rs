//! How events leave: from the outbox, through a publisher, at least once and in order per subject.

pub mod amqp;
pub mod backoff;
pub mod destination;
pub mod dispatcher;
pub mod publisher;
pub mod retention;
pub mod sequencer;
