//! Imports of contacts: large files, bad rows, and connections that break off.

use crate::campaigns::{boss, new_campaign, running};
use crate::fixture::{Answer, Database, Plan, SOON, User, on_each_database};
use cc_lite::store::contacts::{ContactFilter, HEAD_SQL};
use cc_lite::store::{Store, campaigns, contact_imports, contacts, suppressions};
use futures::future::join;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;
use std::time::Duration;
use testbed::wait::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MANY: usize = 100_000;
/// How long a large file may take on a busy machine.
const LONG: Duration = Duration::from_secs(120);

async fn import(user: &User<'_>, path: &str, media_type: &str, body: String) -> Answer {
    let request = user.request(Method::POST, &format!("{path}/contacts/import"));
    let response = request.header("content-type", media_type).timeout(LONG).body(body).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

fn number(row: usize) -> String {
    format!("+42060{row:07}")
}

/// CSV of this many rows, each 10 000th of them bad.
fn csv(rows: usize) -> String {
    let mut text = "number,name,time_zone,metadata.plan\n".to_owned();
    for row in 0..rows {
        let number = if row % 10_000 == 9_999 { "601".to_owned() } else { number(row) };
        let zone = if row % 2 == 0 { "" } else { "America/New_York" };
        writeln!(text, "{number},\"Novák, {row}\",{zone},gold").unwrap();
    }
    text
}

/// The same contacts as JSON lines.
fn lines(rows: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        if row % 10_000 == 9_999 {
            text.push_str("{\"phone\":\"601\"}\n");
        } else {
            writeln!(text, "{{\"number\":\"{}\",\"name\":\"Novák\"}}", number(row)).unwrap();
        }
    }
    text
}

/// What the database says of how it does these queries, each with the index that it must use.
async fn expect_indices(plan: &Plan, database: Database, queries: &[(String, &str)]) {
    let store = Store::open_beside(&plan.database()).await.unwrap();
    if matches!(database, Database::Postgres) {
        store
            .write(|tx| {
                Box::pin(async move {
                    sqlx::query("ANALYZE").execute(tx).await.map_err(cc_lite::store::StoreError::from)
                })
            })
            .await
            .unwrap();
    }
    let mut connection = store.reader().await.unwrap();
    for (sql, index) in queries {
        let (explain, column) = match database {
            Database::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
            Database::Postgres => ("EXPLAIN", "QUERY PLAN"),
        };
        let rows = sqlx::query(AssertSqlSafe(format!("{explain} {sql}"))).fetch_all(&mut *connection).await;
        let told: Vec<String> = rows.unwrap().iter().map(|row| row.get::<String, _>(column)).collect();
        let told = told.join("\n");
        assert!(told.contains(index), "expected the index {index} for {sql}, got\n{told}");
        assert!(
            !told.contains("Seq Scan") && !told.contains("Sort") && !told.contains("TEMP B-TREE"),
            "{sql}\n{told}"
        );
    }
    drop(connection);
    store.close().await;
}

/// The query with values in place of its parameters: plans are told of whole queries alone.
fn filled(sql: &str, values: &[&str]) -> String {
    (1..).zip(values).fold(sql.to_owned(), |sql, (place, value)| sql.replace(&format!("${place}"), value))
}

on_each_database! {
    async fn a_hundred_thousand_contacts_are_imported_once_and_found_quickly(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({"max_concurrency": 10_000}), &[]).await;
        let suppressed = json!({"number": number(5), "reason": "register"});
        boss.post("/suppressions", &suppressed).await.expect(201);
        let made = import(&boss, &path, "text/csv; charset=utf-8", csv(MANY)).await.expect(201);
        let told = made.json();
        assert_eq!(
            [&told["state"], &told["rows_read"], &told["added"], &told["suppressed"], &told["duplicates"], &told["refused"]],
            [&json!("completed"), &json!(MANY), &json!(MANY - 11), &json!(1), &json!(0), &json!(10)],
            "{told}"
        );
        let errors = told["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 10);
        assert_eq!((&errors[0]["row"], &errors[0]["pointer"]), (&json!(10_000), &json!("#/number")));
        assert_eq!(errors[9]["row"], 100_000);
        let location = made.header("location").to_owned();
        assert_eq!(location, format!("{path}/imports/{}", told["id"].as_str().unwrap()));
        assert_eq!(boss.get(&location).await.expect(200).json(), told);

        // The same people from another file, while contacts are handed out.
        let again = import(&boss, &path, "application/x-ndjson", lines(MANY));
        let takers = async {
            for _ in 0..20 {
                let taken = boss.post(&format!("{path}/contacts/next"), &json!({})).await.expect(200).json();
                assert!(taken["contact"].is_object(), "{taken}");
            }
        };
        let (again, ()) = join(again, takers).await;
        let again = again.expect(201).json();
        assert_eq!(
            [&again["added"], &again["suppressed"], &again["duplicates"], &again["refused"]],
            [&json!(0), &json!(0), &json!(MANY - 10), &json!(10)]
        );
        assert!(again["errors"][0]["detail"].as_str().unwrap().contains("no field `phone`"), "{again}");
        let campaign = boss.get(&path).await.json();
        assert_eq!(
            [&campaign["counters"]["total"], &campaign["counters"]["in_progress"], &campaign["counters"]["skipped"]],
            [&json!(MANY - 10), &json!(20), &json!(1)]
        );

        let campaign = format!("'{}'", campaign["id"].as_str().unwrap());
        let status = Some(cc_lite::domain::contact::ContactStatus::Reached);
        let by_status = ContactFilter { status, number: None };
        expect_indices(&plan, database, &[
            (filled(HEAD_SQL, &[&campaign, "'America/New_York'"]), "campaign_contacts_waiting"),
            (filled(&contacts::list_sql(by_status), &[&campaign, "'g'", "21", "'reached'"]), "campaign_contacts_by_status"),
        ])
        .await;
    }

    async fn rows_that_do_not_fit_are_all_counted_and_the_first_are_kept(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = new_campaign(&boss, &json!({})).await;
        let mut text = "number;time_zone\n".to_owned();
        for row in 0..700 {
            let zone = if row % 2 == 0 { "Europe/Prague" } else { "Prague" };
            writeln!(text, "{};{zone}", number(row)).unwrap();
        }
        let told = import(&boss, &path, "text/csv", text).await.expect(201).json();
        assert_eq!((&told["added"], &told["refused"], &told["rows_read"]), (&json!(350), &json!(350), &json!(700)));
        let errors = told["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 100);
        assert_eq!((&errors[99]["row"], &errors[99]["pointer"]), (&json!(200), &json!("#/time_zone")));
    }

    async fn a_file_that_cannot_be_read_says_why_and_so_does_its_import(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = new_campaign(&boss, &json!({})).await;
        let refused = import(&boss, &path, "text/csv", "number,phone\n+420601123456,1\n".into()).await.expect(422);
        assert!(refused.json()["detail"].as_str().unwrap().contains("`phone` is not known"), "{refused:?}");
        let refused = import(&boss, &path, "application/json", "[]".into()).await.expect(415);
        assert_eq!(refused.problem(), "unsupported-media-type");
        let imports = boss.get(&format!("{path}/imports")).await.expect(200).json();
        assert_eq!(imports["items"].as_array().unwrap().len(), 1, "{imports}");
        assert_eq!(imports["items"][0]["state"], "interrupted");
        boss.post(&format!("{path}/cancel"), &json!({})).await.expect(200);
        let refused = import(&boss, &path, "text/csv", "number\n".into()).await.expect(409);
        assert_eq!(refused.problem(), "campaign-state");
    }

    async fn an_import_that_breaks_off_says_how_far_it_got_and_is_gone_on_with(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &[]).await;
        let text = lines(2_000);
        let half = &text[..text.len() / 2];
        let mut socket = send(&service.api, &path, text.len()).await;
        socket.write_all(half.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        drop(socket);
        let broken = eventually(SOON, "the import is interrupted", async || {
            let imports = boss.get(&format!("{path}/imports")).await.expect(200).json();
            anyhow::ensure!(imports["items"][0]["state"] == "interrupted", "{imports}");
            Ok(imports["items"][0].clone())
        })
        .await
        .unwrap();
        assert_eq!(broken["end_reason"], "connection_lost", "{broken}");
        let kept = broken["added"].as_i64().unwrap();
        assert!((500..=1_001).contains(&kept), "{broken}");
        let told = import(&boss, &path, "application/x-ndjson", text).await.expect(201).json();
        assert_eq!((&told["duplicates"], &told["added"]), (&json!(kept), &json!(2_000 - kept)));
        assert_eq!(boss.get(&path).await.json()["counters"]["total"], 2_000);
    }

    async fn a_campaign_does_not_complete_while_contacts_are_on_their_way_into_it(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = boss(&service);
        let path = running(&boss, &json!({}), &["+420777123456"]).await;
        let taken = boss.post(&format!("{path}/contacts/next"), &json!({})).await.expect(200).json();
        let mut socket = send(&service.api, &path, 1_000_000).await;
        socket.write_all(lines(10).as_bytes()).await.unwrap();
        eventually(SOON, "the import has begun", async || {
            let imports = boss.get(&format!("{path}/imports")).await.expect(200).json();
            anyhow::ensure!(imports["items"][0]["state"] == "running", "{imports}");
            Ok(())
        })
        .await
        .unwrap();
        let contact = format!("{path}/contacts/{}", taken["contact"]["id"].as_str().unwrap());
        boss.post(&format!("{contact}/result"), &json!({"outcome": "reached"})).await.expect(200);
        assert_eq!(boss.get(&path).await.json()["status"], "running");
        // It falls silent, as one whose process was killed does: that is noticed, and what is due happens.
        service.clock.advance(SignedDuration::from_mins(3));
        eventually(SOON, "the campaign completes", async || {
            let campaign = boss.get(&path).await.expect(200).json();
            anyhow::ensure!(campaign["end_reason"] == "contacts_exhausted", "{campaign}");
            Ok(())
        })
        .await
        .unwrap();
        drop(socket);
    }

    async fn lists_of_an_organisation_use_their_indices(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let store = Store::open_beside(&plan.database()).await.unwrap();
        // Enough rows that an index is worth its while.
        store
            .write(|tx| {
                Box::pin(async move {
                    for sql in [
                        "INSERT INTO campaigns SELECT 'c' || n, 'o' || (n % 50), CASE WHEN n % 7 = 0 THEN 'running' ELSE \
                         'draft' END, 1, 0, 'x', NULL, '+1', NULL, 'UTC', '[]', NULL, NULL, 1, '{}', 60, '{}', 0, 0, \
                         0, 0, 0, NULL, n, n, NULL, NULL FROM numbers",
                        "INSERT INTO suppressions SELECT 's' || n, 'o' || (n % 50), '+' || n, '', 'u', n FROM numbers",
                        "INSERT INTO campaign_contacts SELECT 'k' || n, 'o0', 'c' || (1 + n % 50), '+' || n, NULL, NULL, \
                         NULL, '', '{}', 'pending', NULL, 0, n, n, n FROM numbers",
                        "INSERT INTO contact_imports SELECT 'i' || n, 'o0', 'c' || (1 + n % 50), 'completed', 'csv', 0, 0, \
                         0, 0, 0, '[]', NULL, 'u', n, n, n FROM numbers",
                    ] {
                        let numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers \
                                       WHERE n < 20000)";
                        let (insert, select) = sql.split_once(" SELECT ").unwrap();
                        let sql = format!("{insert} {numbers} SELECT {select}");
                        sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
                    }
                    sqlx::query("ANALYZE").execute(tx).await?;
                    Ok::<_, cc_lite::store::StoreError>(())
                })
            })
            .await
            .unwrap();
        store.close().await;
        let unique = match database {
            Database::Sqlite => "sqlite_autoindex_campaign_contacts_2",
            Database::Postgres => "campaign_contacts_campaign_id_number_key",
        };
        let by_number = ContactFilter { status: None, number: Some("") };
        expect_indices(&plan, database, &[
            (filled(&contacts::list_sql(by_number), &["'c7'", "'z'", "21", "'+56'"]), unique),
            (filled(&campaigns::list_sql(false), &["'o7'", "'g'", "21"]), "campaigns_by_organization"),
            (filled(&campaigns::list_sql(true), &["'o7'", "'g'", "21", "'running'"]), "campaigns_by_status"),
            (filled(suppressions::LIST_SQL, &["'o7'", "'z'", "21"]), "suppressions_in_order"),
            (filled(contact_imports::LIST_SQL, &["'c7'", "'z'", "21"]), "contact_imports_by_campaign"),
            (filled(&contacts::list_sql(ContactFilter::default()), &["'c7'", "'z'", "21"]), "campaign_contacts_in_order"),
        ])
        .await;
        drop(service);
    }
}

/// A request to import this many bytes of JSON lines, without the bytes.
async fn send(api: &str, path: &str, length: usize) -> TcpStream {
    let address = api.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path}/contacts/import HTTP/1.1\r\nhost: {address}\r\nx-user-id: boss\r\nx-org-id: ours\r\n\
         x-user-role: supervisor\r\ncontent-type: application/x-ndjson\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_too_large_is_refused_before_it_comes() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let boss = boss(&service);
    let path = new_campaign(&boss, &json!({})).await;
    let mut socket = send(&service.api, &path, 64 * 1024 * 1024 + 1).await;
    let mut answer = vec![0; 4096];
    let read = socket.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("content-too-large"), "{answer}");
    let imports: Value = boss.get(&format!("{path}/imports")).await.expect(200).json();
    assert_eq!(imports["items"], json!([]));
}
