//! PostgreSQL as tests use it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

use testbed::Postgres;

use crate::leftovers::{folder_of_a_killed_owner, hold, nothing_is_left_of, processes_of};

/// The name at the end of a URL.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// System V segments and POSIX ones, by which a server that was killed could be remembered.
fn shared_memory() -> Vec<String> {
    let system_v = fs::read_to_string("/proc/sysvipc/shm").expect("/proc is there");
    let ids = system_v.lines().skip(1).filter_map(|row| row.split_whitespace().nth(1).map(str::to_owned));
    let posix = fs::read_dir("/dev/shm").into_iter().flatten().flatten();
    ids.chain(posix.map(|file| file.file_name().to_string_lossy().into_owned())).collect()
}

/// The segment that a server in this folder uses.
fn segment_of(dir: &std::path::Path) -> String {
    let pid_file = fs::read_to_string(dir.join("data/postmaster.pid")).expect("it runs");
    let row = pid_file.lines().nth(6).expect("a line for shared memory");
    row.split_whitespace().nth(1).expect("an id").to_owned()
}

#[tokio::test]
async fn two_servers_run_side_by_side_and_each_database_is_empty() {
    let (one, other) = tokio::try_join!(Postgres::start(), Postgres::start()).expect("both start");
    assert_ne!(one.address(), other.address());
    let first = one.database().await.expect("made");
    one.psql(name(&first), "CREATE TABLE only_here (id int)").await.expect("created");

    let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'";
    assert_eq!(one.psql(name(&first), tables).await.expect("answered").trim(), "1");
    let second = one.database().await.expect("made");
    assert_eq!(one.psql(name(&second), tables).await.expect("answered").trim(), "0");
    assert_eq!(other.psql(name(&other.url()), tables).await.expect("answered").trim(), "0");
    assert_eq!(
        first,
        format!("postgres://{}:{}@{}/{}", one.user(), one.password(), one.address(), name(&first))
    );
}

#[tokio::test]
async fn nobody_gets_in_without_the_password() {
    let (one, other) = tokio::try_join!(Postgres::start(), Postgres::start()).expect("both start");
    let rules = "SELECT DISTINCT auth_method FROM pg_hba_file_rules";
    assert_eq!(one.psql("postgres", rules).await.expect("answered").trim(), "scram-sha-256");
    let mut psql = tokio::process::Command::new("psql");
    let wrong = format!("host={} user={} dbname=postgres", one.address().ip(), one.user());
    psql.args(["--no-password", &wrong, "--command", "SELECT 1"]).env("PGPASSWORD", other.password());
    let error = testbed::command::output(&mut psql).await.expect_err("the other's password");
    assert!(error.to_string().contains("password authentication failed"), "{error}");
}

#[tokio::test]
async fn commits_outlive_a_stop_and_a_kill_at_the_same_address() {
    let server = Postgres::builder().durable(true).start().await.expect("it starts");
    assert_eq!(server.psql("postgres", "SHOW fsync").await.expect("answered").trim(), "on");
    let url = server.database().await.expect("made");
    server.psql(name(&url), "CREATE TABLE calls (id int)").await.expect("created");
    server.psql(name(&url), "INSERT INTO calls VALUES (1)").await.expect("inserted");

    server.stop().await.expect("it stops");
    assert!(server.psql(name(&url), "SELECT 1").await.is_err(), "a stopped server does not answer");
    server.restart().await.expect("it starts again");
    server.psql(name(&url), "INSERT INTO calls VALUES (2)").await.expect("inserted");

    server.kill().await.expect("it is killed");
    assert!(server.psql(name(&url), "SELECT 1").await.is_err(), "a killed server does not answer");
    server.restart().await.expect("it starts again");
    assert_eq!(
        server.psql(name(&url), "SELECT id FROM calls ORDER BY id").await.expect("answered"),
        "1\n2\n"
    );
}

#[tokio::test]
async fn a_server_that_cannot_listen_says_so_with_its_log() {
    let [a, b] = rand::random::<[u8; 2]>();
    let address = Ipv4Addr::new(127, 63, a, b.clamp(1, 254));
    let taken = TcpListener::bind(SocketAddrV4::new(address, 5432)).expect("nobody is there");
    let error = Postgres::builder().bind(address).start().await.expect_err("the port is taken");
    drop(taken);
    let shown = format!("{error:#}");
    assert!(shown.starts_with("PostgreSQL did not start; its log ends with:\n"), "{shown}");
    assert!(shown.contains("Address already in use"), "{shown}");
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_server_even_with_a_connection_open() {
    let server = Postgres::start().await.expect("it starts");
    let dir = server.dir().to_owned();
    let segment = segment_of(&dir);
    assert!(shared_memory().contains(&segment), "segment {segment} is not among {:?}", shared_memory());
    let mut open = tokio::process::Command::new("psql")
        .args([&server.url(), "--command", "SELECT pg_sleep(600)"])
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("psql starts");
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()";
    testbed::wait::eventually(std::time::Duration::from_secs(20), "psql is connected", async || {
        let count = server.psql("postgres", busy).await?;
        anyhow::ensure!(count.trim() == "1", "seen {count}");
        Ok(())
    })
    .await
    .expect("connected");
    assert!(processes_of(&dir).len() > 3, "found {:#?}", processes_of(&dir));

    drop(server);
    nothing_is_left_of(&dir).await.expect("all gone");
    assert!(!shared_memory().contains(&segment), "segment {segment} is left");
    open.wait().await.expect("psql ends with its server");
}

#[tokio::test]
async fn nothing_is_left_of_a_killed_server() {
    let server = Postgres::start().await.expect("it starts");
    let dir = server.dir().to_owned();
    let segment = segment_of(&dir);
    server.kill().await.expect("it is killed");
    drop(server);
    nothing_is_left_of(&dir).await.expect("all gone");
    assert!(!shared_memory().contains(&segment), "segment {segment} is left");
}

#[tokio::test]
async fn nothing_is_left_of_a_server_whose_owner_is_killed() {
    let dir = folder_of_a_killed_owner("postgres::an_owner_to_kill").await.expect("it held a server");
    nothing_is_left_of(&dir).await.expect("all gone");
}

#[tokio::test]
#[ignore = "the other side of nothing_is_left_of_a_server_whose_owner_is_killed"]
async fn an_owner_to_kill() {
    hold(Postgres::start(), |server| server.dir().to_owned()).await;
}
