//! The local cluster and its neighbours, tried by themselves.

mod api_server;
mod cluster;
mod leftovers;
mod postgres;
mod rabbitmq;
mod venv;
