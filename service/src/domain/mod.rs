//! What the module is about, as values: calls, what may happen to them, and the events that tell of it.

pub mod call;
pub mod event;
pub mod retention;
pub mod statistics;
