//! The volume of the embedded database, full.

use super::{Came, Victim, committed, new_call};
use crate::events::Inbox;
use crate::fixture::{Database, Plan, rabbitmq};
use reqwest::Method;
use serde_json::json;
use testbed::command::output;
use testbed::lifetime::Lifetime;
use tokio::process::Command;

const SMALL: &str = "size=4m";
const LARGE: &str = "size=64m";

/// A volume of its own, which is unmounted with this value.
struct Volume(Lifetime);

impl Volume {
    async fn mount() -> Self {
        let life = Lifetime::begin("volume").unwrap();
        let place = life.dir().join("data");
        std::fs::create_dir(&place).unwrap();
        let place = place.to_str().unwrap();
        life.on_end("umount", &["--lazy", place]).unwrap();
        output(Command::new("mount").args(["-t", "tmpfs", "-o", SMALL, "tmpfs", place])).await.unwrap();
        Self(life)
    }

    fn database(&self) -> String {
        format!("sqlite://{}", self.0.dir().join("data/voice.db").display())
    }

    async fn enlarge(&self) {
        let options = format!("remount,{LARGE}");
        let place = self.0.dir().join("data");
        output(Command::new("mount").args(["-o", &options]).arg(place)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_volume_refuses_changes_keeps_what_was_acknowledged_and_goes_on_when_there_is_room() {
    let url = rabbitmq().await.vhost().await.unwrap();
    let inbox = Inbox::open(&url).await;
    let volume = Volume::mount().await;
    let mut plan = Plan::platform(Database::Sqlite).await;
    plan.arguments.database_url = Some(volume.database());
    let victim = Victim::start(&plan, &url).await;

    let mut made = Vec::new();
    let mut full = None;
    let metadata = json!({"note": "x".repeat(8000)});
    for _ in 0..5000 {
        let mut body = new_call();
        body["metadata"] = metadata.clone();
        let answer = victim.ask(Method::POST, "/calls", Some(&body)).await;
        if answer.status != 201 {
            full = Some(answer);
            break;
        }
        let call = answer.json();
        let path = format!("/calls/{}", call["id"].as_str().unwrap());
        made.push(path.clone());
        let started = victim.ask(Method::POST, &format!("{path}/start"), Some(&json!({}))).await;
        if started.status != 200 {
            full = Some(started);
            break;
        }
    }
    let full = full.expect("four megabytes are full before 5 000 calls");
    assert_eq!((full.status, &full.json()["type"]), (507, &json!("urn:cc-lite:problem:storage-full")));
    assert!(made.len() > 10, "{} calls", made.len());
    for path in [&made[0], made.last().unwrap()] {
        let read = victim.ask(Method::GET, path, None).await;
        assert_eq!(read.status, 200, "reading goes on: {read:?}");
    }
    let ready = victim.manage("/readyz").await.unwrap();
    assert!(ready.contains("ok"), "whoever only reads is served: {ready}");

    volume.enlarge().await;
    victim.calls().await;
    victim.until_delivered().await;
    for path in &made {
        assert_eq!(victim.ask(Method::GET, path, None).await.status, 200, "{path} was acknowledged");
    }
    let mut came = Came::default();
    came.take(&inbox).await;
    came.assert_is(&committed(&plan).await);
}
