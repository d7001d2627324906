//! The operator of Voice by Kraliki's communications module.
//!
//! A `CommsModule` ([`api`]) is reconciled in five stages, each with a module of its own: [`observe`] what is there,
//! [`decide`] what should be (pure), [`build`] the objects (pure), [`apply`] what differs, and [`report`] the outcome.
//! [`controller`] strings them together, [`watches`] say when and fill the [`cache`]; [`standby`] says in which replica.

#[expect(unreachable_pub, reason = "the schema derive copies each type into a function")]
pub mod api;
mod api_error;
pub mod apply;
mod backoff;
pub mod build;
pub mod cache;
pub mod client;
pub mod clock;
pub mod cluster;
pub mod controller;
pub mod crd;
pub mod decide;
mod fingerprint;
pub mod health;
mod key_metrics;
pub mod kinds;
mod lean;
pub mod lease;
pub mod log;
mod metrics;
mod newest;
pub mod observe;
mod packed;
mod pod_keys;
pub mod pod_status;
mod queue;
pub mod report;
pub mod rotation;
pub mod settings;
mod settled;
mod spreading;
pub mod standby;
pub mod traces;
mod turn_keys;
pub mod watches;
