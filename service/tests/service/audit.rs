//! Who read or changed what.

use crate::fixture::{Answer, Plan, SOON, User, on_each_database};
use anyhow::ensure;
use cc_lite::audit::Entry;
use cc_lite::clock::{Clock, SystemClock};
use cc_lite::ids::{IdSource, RandomIds, first_id_of};
use cc_lite::store::{DatabaseKind, Store, StoreError, audit};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use testbed::wait::eventually;

/// The newest entries: user, action, object, status, count.
async fn entries(admin: &User<'_>, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/audit{query}")).await.expect(200).json();
    let short = |entry: &Value| {
        json!([entry["user_id"], entry["action"], entry["object"], entry["status"], entry["count"]])
    };
    page["items"].as_array().unwrap().iter().map(short).collect()
}

/// An entry of so many days ago; its id.
async fn append(store: &Store, organization: &str, days: i64) -> String {
    let at = SystemClock.now() - SignedDuration::from_hours(24 * days);
    let id = first_id_of(at) + &RandomIds.next_id().to_string()[14..];
    let entry = Entry {
        organization_id: organization.to_owned(),
        at,
        user_id: "ada".to_owned(),
        action: "POST /calls".to_owned(),
        object: format!("/calls/{days}"),
        status: 0,
        count: 1,
        request_id: "r".to_owned(),
    };
    let appended = id.clone();
    store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { audit::append(tx, appended, entry).await })
        })
        .await
        .unwrap();
    id
}

async fn run(store: &Store, sql: &str) -> Result<(), StoreError> {
    let sql = sql.to_owned();
    store
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query(AssertSqlSafe(sql)).execute(tx).await?;
                Ok(())
            })
        })
        .await
}

on_each_database! {
    async fn a_change_is_entered_with_it_and_reads_soon_after(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (ada, boss) = (service.member("ada", "ours"), service.member("boss", "ours").with("x-user-role", "admin"));
        let call = ada.call().await;
        let path = format!("/calls/{call}");
        let refused = ada.act(&call, "answer").await.expect(409);
        ada.act(&call, "start").await.expect(200);
        let filter = format!("?object={path}");
        let changes = [
            json!(["ada", "POST /calls/{id}/start", path, null, 1]),
            json!(["ada", "POST /calls", path, null, 1]),
        ];
        assert_eq!(entries(&boss, &filter).await, changes, "what was refused ({refused:?}) is no change");

        for _ in 0..3 {
            ada.get(&path).await.expect(200);
        }
        ada.get("/audit").await.expect(403);
        service.member("eve", "theirs").get(&path).await.expect(404);
        eventually(SOON, "the reads are entered", async || {
            let seen = entries(&boss, "?user_id=ada").await;
            let reads = |entry: &&Value| entry[1] == "GET /calls/{id}" && entry[2] == path && entry[3] == 200;
            let count: i64 = seen.iter().filter(reads).filter_map(|entry| entry[4].as_i64()).sum();
            let refusal = json!(["ada", "GET /audit", "/audit", 403, 1]);
            ensure!(count == 3 && seen.contains(&refusal), "{seen:?}");
            Ok(())
        })
        .await
        .unwrap();
        let theirs = service.member("eve", "theirs").with("x-user-role", "admin");
        assert_eq!(entries(&theirs, &filter).await, Vec::<Value>::new());
    }

    async fn what_is_done_to_accounts_is_entered_and_no_password_is(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let id = admin.new_user("a@b", "agent").await;
        admin.patch(&format!("/users/{id}"), &json!({"role": "supervisor"})).await.expect(200);
        admin.post(&format!("/users/{id}/password"), &json!({"password": "a new password"})).await.expect(200);
        let page = admin.get(&format!("/audit?object=/users/{id}")).await.expect(200);
        assert!(!page.text.contains("a new password"), "{page:?}");
        let page = page.json();
        let seen = page["items"].as_array().unwrap();
        let actions: Vec<&str> = seen.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["POST /users/{id}/password", "PATCH /users/{id}", "POST /users"]);
        let named = Answer::of(
            admin.request(Method::PATCH, &format!("/users/{id}")).header("x-request-id", "r-7").json(&json!({"name": "A"})),
        );
        named.await.expect(200);
        let page = admin.get("/audit?limit=1").await.expect(200).json();
        assert_eq!(page["items"][0]["request_id"], "r-7");
    }

    async fn entries_that_are_older_than_wanted_are_deleted(database: Database) {
        let plan = Plan::platform(database).await;
        let first = plan.start().await;
        let boss = first.member("boss", "ours").with("x-user-role", "admin");
        let new = boss.call().await;
        let policy = json!({"calls_days": null, "transcripts_days": null, "audit_days": 30});
        Answer::of(boss.request(Method::PUT, "/retention").json(&policy)).await.expect(200);
        first.module.shutdown().await;
        drop(first);
        let store = Store::open_beside(&plan.database()).await.unwrap();
        for (organization, days) in [("ours", 40), ("ours", 29), ("theirs", 40)] {
            append(&store, organization, days).await;
        }
        store.close().await;
        let service = plan.start().await;
        let boss = service.member("boss", "ours").with("x-user-role", "admin");
        let aged = |days: i64| json!(["ada", "POST /calls", format!("/calls/{days}"), null, 1]);
        eventually(SOON, "the old entry is deleted", async || {
            let seen = entries(&boss, "?user_id=ada").await;
            ensure!(seen == [aged(29)], "{seen:?}");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(entries(&boss, &format!("?object=/calls/{new}")).await.len(), 1);
        let theirs = service.member("boss", "theirs").with("x-user-role", "admin");
        assert_eq!(entries(&theirs, "?user_id=ada").await, [aged(40)], "who wants all kept keeps all");
    }

    async fn the_database_itself_lets_no_entry_change_and_none_go_before_its_time(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = service.member("boss", "ours").with("x-user-role", "admin");
        let policy = json!({"calls_days": null, "transcripts_days": null, "audit_days": 30});
        Answer::of(boss.request(Method::PUT, "/retention").json(&policy)).await.expect(200);
        service.module.shutdown().await;
        drop(service);
        let store = Store::open_beside(&plan.database()).await.unwrap();
        let (old, young) = (append(&store, "ours", 31).await, append(&store, "ours", 29).await);
        let kept_for_ever = append(&store, "theirs", 4000).await;
        let never = "an entry of the audit log never changes";
        let early = "an entry of the audit log goes only once it is older than the retention policy says";
        let mut refused = vec![
            ("UPDATE audit SET user_id = 'eve'".to_owned(), never),
            (format!("UPDATE audit SET count = 2 WHERE id = '{old}'"), never),
            ("DELETE FROM audit".to_owned(), early),
            (format!("DELETE FROM audit WHERE id = '{young}'"), early),
            (format!("DELETE FROM audit WHERE id = '{kept_for_ever}'"), early),
            (format!("INSERT INTO audit SELECT * FROM audit WHERE id = '{young}' \
                ON CONFLICT (id) DO UPDATE SET user_id = 'eve'"), never),
        ];
        match store.kind() {
            DatabaseKind::Sqlite => refused.push((format!("REPLACE INTO audit SELECT * FROM audit WHERE id = '{young}'"), never)),
            DatabaseKind::Postgres => refused.push(("TRUNCATE audit".to_owned(), early)),
        }
        let all = "SELECT id || user_id || action || object || CAST(count AS TEXT) FROM audit ORDER BY id";
        let before: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut *store.reader().await.unwrap()).await.unwrap();
        for (sql, reason) in refused {
            let told = run(&store, &sql).await.expect_err(&sql).to_string();
            assert!(told.contains(reason), "{sql}: {told}");
        }
        let after: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut *store.reader().await.unwrap()).await.unwrap();
        assert_eq!(after, before);
        run(&store, &format!("DELETE FROM audit WHERE id = '{old}'")).await.unwrap();
        // Without a policy nothing goes.
        run(&store, "UPDATE retention_policies SET audit_days = NULL").await.unwrap();
        let old = append(&store, "ours", 31).await;
        run(&store, &format!("DELETE FROM audit WHERE id = '{old}'")).await.unwrap_err();
    }

    async fn reads_of_the_last_second_are_entered_at_the_end(database: Database) {
        let plan = Plan::platform(database).await;
        let first = plan.start().await;
        let ada = first.member("ada", "ours");
        let path = format!("/calls/{}", ada.call().await);
        ada.get(&path).await.expect(200);
        first.module.shutdown().await;
        drop(first);
        let service = plan.start().await;
        let boss = service.member("boss", "ours").with("x-user-role", "admin");
        let seen = entries(&boss, "?user_id=ada").await;
        assert!(seen.contains(&json!(["ada", "GET /calls/{id}", path, 200, 1])), "{seen:?}");
    }

    async fn counts_that_a_wallboard_asks_for_each_second_are_no_entries(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (ada, boss) = (service.member("ada", "ours"), service.member("boss", "ours").with("x-user-role", "admin"));
        ada.get("/stats").await.expect(200);
        ada.get("/calls").await.expect(200);
        eventually(SOON, "what was read afterwards is entered", async || {
            let seen = entries(&boss, "?user_id=ada").await;
            ensure!(seen == [json!(["ada", "GET /calls", "/calls", 200, 1])], "{seen:?}");
            Ok(())
        })
        .await
        .unwrap();
    }
}
