//! A registry as tests use it; `current_context` pushes to one and pulls from it.

use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use testbed::Registry;

use crate::leftovers::{folder_of_a_killed_owner, hold, nothing_is_left_of, processes_of};

/// A loopback address that nobody else is likely to use.
fn somewhere() -> Ipv4Addr {
    let [a, b] = rand::random();
    Ipv4Addr::new(127, 62, a, b.clamp(1, 254))
}

#[tokio::test]
async fn a_registry_listens_where_it_is_told_and_is_empty() {
    let host = somewhere();
    let registry = Registry::start(host).await.expect("it starts");
    assert_eq!(registry.address(), SocketAddrV4::new(host, 5000));
    assert_eq!(registry.repositories().await.expect("answered"), Vec::<String>::new());
}

#[tokio::test]
async fn a_registry_that_cannot_listen_says_so_with_its_log() {
    let host = somewhere();
    let taken = TcpListener::bind(SocketAddrV4::new(host, 5000)).expect("nobody is there");
    let error = Registry::start(host).await.expect_err("the port is taken");
    drop(taken);
    let shown = format!("{error:#}");
    assert!(shown.starts_with("the registry did not start; its log ends with:\n"), "{shown}");
    assert!(shown.contains("address already in use"), "{shown}");
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_registry() {
    let registry = Registry::start(somewhere()).await.expect("it starts");
    let dir = registry.dir().to_owned();
    assert!(!processes_of(&dir).is_empty(), "it runs");
    drop(registry);
    nothing_is_left_of(&dir).await.expect("all gone");
}

#[tokio::test]
async fn nothing_is_left_of_a_registry_whose_owner_is_killed() {
    let dir = folder_of_a_killed_owner("registry::an_owner_to_kill").await.expect("it held a registry");
    nothing_is_left_of(&dir).await.expect("all gone");
}

#[tokio::test]
#[ignore = "the other side of nothing_is_left_of_a_registry_whose_owner_is_killed"]
async fn an_owner_to_kill() {
    hold(Registry::start(somewhere()), |registry| registry.dir().to_owned()).await;
}
