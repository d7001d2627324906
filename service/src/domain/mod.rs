//! What the module is about, as values: calls and campaigns, what may happen to them, and the events that tell of it.

pub mod call;
pub mod calling_window;
pub mod campaign;
pub mod contact;
pub mod contact_import;
pub mod event;
pub mod hand_out;
pub mod language;
pub mod retention;
pub mod time_zone;
pub mod unfit;
