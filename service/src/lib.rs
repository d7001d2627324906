//! Voice by Kraliki's communications module: calls, and the events that tell of them.
//!
//! [`CommsModule`] is the whole of it, to be mounted in a program of one's own; [`serve`] makes it one by itself. Inside,
//! [`domain`] decides (pure), [`store`] keeps, [`events`] publishes, [`identity`] tells who is asking, and the routes
//! put it together.

mod app;
pub mod audit;
pub mod calls;
pub mod campaigns;
pub mod clock;
pub mod command;
pub mod data_retention;
pub mod deliveries;
pub mod domain;
mod drain;
pub mod erasure;
pub mod events;
mod http;
pub mod identity;
pub mod ids;
pub mod ledger;
pub mod logging;
mod management;
mod metrics;
mod module;
pub mod numbers;
mod outage;
pub mod scope;
pub mod sentiments;
pub mod serve;
pub mod settings;
mod shared;
pub mod store;
pub mod stream;
pub mod traces;
pub mod transcripts;
pub mod twilio;
pub mod upkeep;
pub mod wording;

pub use domain::event::EventMessage;
pub use events::publisher::{BrokerConnection, EventPublisher, PublishError};
pub use module::{BuildError, Builder, CommsModule};
pub use sentiments::analyzer::{AnalyzerError, SentimentAnalyzer};
