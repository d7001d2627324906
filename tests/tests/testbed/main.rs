//! The local cluster and its neighbours, tried by themselves.

mod api_server;
mod cluster;
mod leftovers;
mod nginx;
mod postgres;
mod rabbitmq;
