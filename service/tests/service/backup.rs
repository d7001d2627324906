//! Copies of the embedded database, made under load and put back; and PostgreSQL's own tools.

use crate::fixture::{Database, Plan};
use crate::program::{command, ending};
use crate::stream::Stream;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the program told, when it ended well.
async fn told(mut command: tokio::process::Command) -> String {
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

fn ask(folder: &Path, database: &str, arguments: &[&str]) -> tokio::process::Command {
    let mut asked = command(folder, &[("DATABASE_URL", database)]);
    asked.args(arguments);
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_under_load_holds_all_that_was_answered_before_and_nothing_in_halves() {
    let plan = Plan::standalone(Database::Sqlite).await;
    let service = plan.start().await;
    let admin = service.admin().await;
    let url = plan.arguments.database_url.clone().unwrap();
    let mut before = Vec::new();
    for _ in 0..30 {
        before.push(admin.whole_call().await);
    }
    let (copied, done) = (AtomicBool::new(false), AtomicBool::new(false));
    let load = async {
        let mut count = 0;
        while !done.load(Ordering::SeqCst) {
            admin.whole_call().await;
            count += 1;
        }
        count
    };
    let copy = async {
        let text = told(ask(plan.folder(), &url, &["backup", "copy.db"])).await;
        copied.store(true, Ordering::SeqCst);
        done.store(true, Ordering::SeqCst);
        text
    };
    let (text, meanwhile) = tokio::join!(copy, load);
    assert!(text.starts_with("copy.db holds all of") && text.contains("checked"), "{text}");
    assert!(meanwhile > 0, "there was no load");
    let copy = plan.folder().join("copy.db");
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let again = ending(ask(plan.folder(), &url, &["backup", "copy.db"])).await;
    assert_eq!(
        again,
        (Some(1), "`copy.db` is there already: give another name, or move it away.\n".to_owned())
    );

    // While the service runs, nothing is put back.
    let (code, sentence) = ending(ask(plan.folder(), &url, &["restore", "copy.db"])).await;
    assert!(code == Some(1) && sentence.contains("is in use by another process"), "{sentence}");
    let lost = admin.whole_call().await;
    service.module.shutdown().await;
    drop(service);
    let text = told(ask(plan.folder(), &url, &["restore", "copy.db"])).await;
    assert!(text.contains("start the service") && text.contains("is kept as"), "{text}");

    let service = plan.start().await;
    let admin = service.admin().await;
    for id in &before {
        let call = admin.get(&format!("/calls/{id}")).await.expect(200).json();
        assert_eq!(call["status"], "completed");
    }
    admin.get(&format!("/calls/{lost}")).await.expect(404);
    let store = cc_lite::store::Store::open_beside(&plan.database()).await.unwrap();
    let odd: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM calls WHERE event_sequence <> (SELECT COUNT(*) FROM outbox WHERE subject = calls.id)",
    )
    .fetch_one(&mut *store.reader().await.unwrap())
    .await
    .unwrap();
    assert_eq!(odd, 0, "calls whose events are not those that they have had");
}

#[tokio::test]
async fn what_is_no_whole_copy_is_not_put_back() {
    let plan = Plan::standalone(Database::Sqlite).await;
    let service = plan.start().await;
    let call = service.admin().await.call().await;
    let url = plan.arguments.database_url.clone().unwrap();
    told(ask(plan.folder(), &url, &["backup", "copy.db"])).await;
    service.module.shutdown().await;
    drop(service);
    let whole = std::fs::read(plan.folder().join("copy.db")).unwrap();
    let mut bent = whole.clone();
    for byte in &mut bent[4096..12_288] {
        *byte ^= 0x55;
    }
    std::fs::write(plan.folder().join("bent.db"), bent).unwrap();
    std::fs::write(plan.folder().join("half.db"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(plan.folder().join("text.db"), "not a database").unwrap();
    std::fs::write(plan.folder().join("empty.db"), "").unwrap();
    for name in ["bent.db", "half.db", "text.db", "empty.db"] {
        let (code, sentence) = ending(ask(plan.folder(), &url, &["restore", name])).await;
        let expected = format!("`{name}` is not a whole copy of a cc-lite database");
        assert!(code == Some(1) && sentence.starts_with(&expected), "{name}: {sentence}");
    }
    let (code, sentence) = ending(ask(plan.folder(), &url, &["restore", "none.db"])).await;
    assert!(code == Some(1) && sentence.starts_with("There is no database `none.db`"), "{sentence}");
    let service = plan.start().await;
    let kept = service.admin().await.get(&format!("/calls/{call}")).await.expect(200).json();
    assert_eq!(kept["status"], json!("queued"));
}

#[tokio::test]
async fn postgresql_is_copied_by_its_own_tools_as_documented() {
    let plan = Plan::standalone(Database::Postgres).await;
    let service = plan.start().await;
    let call = service.admin().await.whole_call().await;
    let url = plan.arguments.database_url.clone().unwrap();
    let (code, sentence) = ending(ask(plan.folder(), &url, &["backup", "copy.db"])).await;
    assert_eq!(code, Some(1));
    assert!(sentence.contains("pg_dump") && !sentence.contains("postgres://"), "{sentence}");
    // The commands of the page, with another database in place of the one that is put back.
    let page = include_str!("../../../docs/backup.md");
    let mut other = Plan::standalone(Database::Postgres).await;
    let other_url = other.arguments.database_url.clone().unwrap();
    for (program, url) in [("pg_dump", &url), ("pg_restore", &other_url), ("psql", &other_url)] {
        let line = page.lines().find(|line| line.starts_with(program)).unwrap();
        let mut shell = tokio::process::Command::new("bash");
        shell.arg("-c").arg(line).env("DATABASE_URL", url).current_dir(plan.folder());
        told(shell).await;
    }
    other.arguments.keys_dir = plan.arguments.keys_dir.clone();
    let restored = other.start().await;
    let call = restored.admin().await.get(&format!("/calls/{call}")).await.expect(200).json();
    assert_eq!(call["status"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_begin_anew_after_a_restore() {
    let plan = Plan::platform(Database::Sqlite).await;
    let service = plan.start().await;
    let mut stream = Stream::of(&service.member("u1", "o1"), "/stream", None).await;
    service.member("u1", "o1").whole_call().await;
    stream.event().await;
    let position = stream.event().await;
    let url = plan.arguments.database_url.clone().unwrap();
    told(ask(plan.folder(), &url, &["backup", "copy.db"])).await;
    drop(stream);
    service.module.shutdown().await;
    drop(service);
    let service = plan.start().await;
    let call = service.member("u1", "o1").whole_call().await;
    let mut resumed = Stream::of(&service.member("u1", "o1"), "/stream", Some(position.id())).await;
    assert_eq!(resumed.event().await.what().1, call, "a restart alone changes nothing");
    drop(resumed);
    service.module.shutdown().await;
    drop(service);

    told(ask(plan.folder(), &url, &["restore", "copy.db"])).await;
    let service = plan.start().await;
    let mut stream = Stream::of(&service.member("u1", "o1"), "/stream", Some(position.id())).await;
    assert_eq!(stream.event().await.event, "reset");
}
