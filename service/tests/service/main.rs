//! The service over real sockets, on SQLite and PostgreSQL, with RabbitMQ.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod accounts;
mod audit;
mod backlog;
mod backup;
mod browsers;
mod call_list;
mod calls;
mod campaign_contacts;
mod campaign_imports;
mod campaigns;
mod contract;
mod data_protection;
mod database;
mod delivery;
mod events;
mod fixture;
mod gateway_nginx;
mod idempotency;
mod interop;
mod key_directory;
mod keys;
mod library;
mod limits;
mod management;
mod openapi;
mod organizations;
mod parked;
mod permissions;
mod platform;
mod platform_headers;
mod program;
mod replicas;
mod requests;
mod revocation;
mod sentiment;
mod stats;
mod stream;
mod tls;
mod tokens;
mod transcript_search;
mod transcripts;
mod twilio;
mod users;
mod walk;
