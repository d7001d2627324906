//! Real Kubernetes, RabbitMQ, PostgreSQL, nginx and a registry on this machine, without Docker and without a network: for
//! tests, which take them as values that end with their scope, and for `make up`.

pub mod access;
pub mod chart_metrics;
pub mod chart_tools;
pub mod chart_values;
pub mod collector;
pub mod command;
pub mod cyclonus;
pub mod demo;
pub mod fingerprint;
pub mod image;
pub mod lifetime;
pub mod metrics_server;
pub mod module;
pub mod namespace;
pub mod nginx;
pub mod pki;
pub mod postgres;
pub mod product;
pub mod progress;
pub mod rabbitmq;
pub mod registry;
pub mod subscriber;
pub mod timeline;
pub mod tools;
pub mod up;
pub mod upstream;
pub mod venv;
pub mod wait;

mod api_server;
mod audit_log;
mod cluster;
mod control_plane;
mod go_build;
mod network;
mod node;

pub use api_server::ApiServer;
pub use audit_log::Request;
pub use cluster::Cluster;
pub use nginx::Nginx;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;
pub use registry::Registry;
