//! The live stream of an organisation's events: server-sent events that can be resumed without gap or repeat.
//!
//! [`hub`] reads each new event once and hands it to all listeners of its organisation; [`listener`] is one of them,
//! who reads from the database what was before, or what it was too slow for. What goes over the wire is [`frame`]'s.

pub mod frame;
pub mod hub;
pub mod listener;
