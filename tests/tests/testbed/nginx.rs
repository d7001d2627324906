//! nginx as tests use it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use testbed::Nginx;
use testbed::wait::eventually;

use crate::leftovers::{folder_of_a_killed_owner, hold, nothing_is_left_of, processes_of};

/// The smallest configuration that [`Nginx`] takes.
const HELLO: &str = "user www-data;
events {}
http {
    include conf.d/*.conf;
    server {
        include listen.conf;
        return 200 \"hello\";
    }
}
";

/// A configuration in a folder that goes away.
fn config(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("any-name.conf");
    fs::write(&path, text).expect("written");
    (dir, path)
}

async fn hello() -> anyhow::Result<Nginx> {
    let (_dir, path) = config(HELLO);
    Nginx::start(&path, &[]).await
}

#[tokio::test]
async fn two_run_side_by_side() {
    let (one, other) = tokio::try_join!(hello(), hello()).expect("both start");
    assert_ne!(one.address(), other.address());
    for nginx in [&one, &other] {
        let url = format!("http://{}", nginx.address());
        let answer = reqwest::get(url).await.expect("answered").text().await.expect("read");
        assert_eq!(answer, "hello");
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_told_with_the_log() {
    let (_dir, path) = config("events {}\nhttp { include conf.d/*.conf; }\nserve {}\n");
    let error = Nginx::start(&path, &[]).await.expect_err("there is no such directive");
    let shown = format!("{error:#}");
    assert!(shown.starts_with("nginx did not start; its log ends with:\n"), "{shown}");
    assert!(shown.contains("unknown directive \"serve\""), "{shown}");
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_nginx_even_with_a_connection_open() {
    let nginx = hello().await.expect("it starts");
    let dir = nginx.dir().to_owned();
    let open = tokio::net::TcpStream::connect(nginx.address()).await.expect("connected");
    // A worker goes by its master's name until it has begun to work.
    eventually(Duration::from_secs(20), "a worker is seen", async || {
        let running = processes_of(&dir);
        ensure!(running.iter().any(|process| process.contains("worker process")), "found {running:#?}");
        Ok(())
    })
    .await
    .expect("a worker is seen");

    drop(nginx);
    nothing_is_left_of(&dir).await.expect("all gone");
    drop(open);
}

#[tokio::test]
async fn nothing_is_left_of_an_nginx_whose_owner_is_killed() {
    let dir = folder_of_a_killed_owner("nginx::an_owner_to_kill").await.expect("it held an nginx");
    nothing_is_left_of(&dir).await.expect("all gone");
}

#[tokio::test]
#[ignore = "the other side of nothing_is_left_of_an_nginx_whose_owner_is_killed"]
async fn an_owner_to_kill() {
    hold(hello(), |nginx| nginx.dir().to_owned()).await;
}
