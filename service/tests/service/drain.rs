//! The time between the signal to stop and the end, as clients see it.

use crate::program::Program;
use reqwest::{Client, Response};
use rustix::process::Signal;

fn closes(response: &Response) -> bool {
    response.headers().get("connection").is_some_and(|value| value == "close")
}

#[tokio::test]
async fn everything_is_served_until_the_drain_delay_is_over_and_each_answer_closes_its_connection() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), &[("CC_LITE_DRAIN_DELAY", "10m")]).await;
    let (health, nowhere) = (
        format!("http://127.0.0.1:{}/health", program.port),
        format!("http://127.0.0.1:{}/nowhere", program.port),
    );
    let ready = format!("http://127.0.0.1:{}/readyz", program.management_port);
    let client = Client::new();
    let get = async |url: &str| client.get(url).send().await.unwrap();
    let before = get(&health).await;
    assert_eq!((before.status().as_u16(), closes(&before)), (200, false));
    assert_eq!(get(&ready).await.status(), 200);

    program.signal(Signal::TERM);
    program.line_with("stopping in 600s").await;

    // By the connection of before, and by a new one.
    for (url, status) in [(&health, 200), (&health, 200), (&nowhere, 404)] {
        let during = get(url).await;
        assert_eq!((during.status().as_u16(), closes(&during)), (status, true), "{url}");
    }
    let ready = get(&ready).await;
    assert_eq!((ready.status().as_u16(), ready.text().await.unwrap().as_str()), (503, "stopping\n"));
    program.signal(Signal::TERM);
    program.line_with("a second signal: stopping at once").await;
    assert_eq!(program.exit_code().await, Some(0));
}

#[tokio::test]
async fn it_ends_by_itself_when_the_drain_delay_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), &[("CC_LITE_DRAIN_DELAY", "200ms")]).await;
    program.signal(Signal::TERM);
    program.line_with("stopping in 200ms").await;
    program.line_with("stopped").await;
    assert_eq!(program.exit_code().await, Some(0));
}
