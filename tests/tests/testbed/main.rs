//! The local cluster and its neighbours, tried by themselves.

mod api_server;
mod chart;
mod cluster;
mod current_context;
mod leftovers;
mod nginx;
mod postgres;
mod rabbitmq;
mod registry;
mod venv;
