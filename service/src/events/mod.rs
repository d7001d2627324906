//! How events leave: from the outbox, through a publisher, at least once and in order per subject.

pub mod amqp;
pub mod backlog;
pub mod backoff;
pub mod destination;
pub mod dispatcher;
mod holds;
mod offer;
pub mod publisher;
mod reading;
pub mod retention;
pub mod sequencer;
mod settlement;
mod trouble;
mod window;
