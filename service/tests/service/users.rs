//! Accounts that administrators manage, and one's own password.

use crate::fixture::{ADMIN, Answer, PASSWORD, Plan, on_each_database, plan_words};
use cc_lite::identity::Role;
use cc_lite::store::listing::{Position, SortValue};
use cc_lite::store::users::{self, UserFilter, UserKey, UserOrder};
use cc_lite::store::{Store, StoreError};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row;

const NEW_PASSWORD: &str = "staple the battery";

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect()
}

on_each_database! {
    async fn an_account_is_made_and_logs_in(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let body = json!({"email": " Eva@Example.com", "name": "Eva Nová", "role": "supervisor", "password": PASSWORD});
        let answer = admin.post("/users", &body).await.expect(201);
        let user = answer.json();
        assert_eq!(
            (&user["email"], &user["name"], &user["role"], &user["version"], &user["disabled_at"]),
            (&json!("eva@example.com"), &json!("Eva Nová"), &json!("supervisor"), &json!(1), &Value::Null)
        );
        assert_eq!(user.get("password"), None, "a given password is not told again");
        let path = format!("/users/{}", user["id"].as_str().unwrap());
        assert_eq!((answer.header("location"), answer.header("etag")), (path.as_str(), "\"1\""));
        assert_eq!(admin.get(&path).await.expect(200).json(), user);
        let tokens = service.try_login("eva@example.com", PASSWORD).await.expect(200).json();
        let me = service.bearer(tokens["access_token"].as_str().unwrap()).get("/auth/me").await.expect(200).json();
        assert_eq!((&me["id"], &me["name"]), (&user["id"], &user["name"]));
    }

    async fn a_password_is_made_and_told_once_when_none_is_given(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let made = admin.post("/users", &json!({"email": "a@b", "role": "agent"})).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let made = made.json();
        let password = made["password"].as_str().expect("a password").to_owned();
        service.try_login("a@b", &password).await.expect(200);
        let path = format!("/users/{}", made["id"].as_str().unwrap());
        assert_eq!(admin.get(&path).await.expect(200).json().get("password"), None);
    }

    async fn what_does_not_fit_is_named(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let refused = async |body: Value| {
            let answer = admin.post("/users", &body).await.expect(422);
            assert_eq!(answer.problem(), "invalid-field");
            answer.text
        };
        assert!(refused(json!({"email": "nobody", "role": "agent"})).await.contains("#/email"));
        assert!(refused(json!({"email": "a@b", "role": "agent", "name": "a\nb"})).await.contains("#/name"));
        assert!(refused(json!({"email": "a@b", "role": "root"})).await.contains("a role is `admin`"));
        assert!(refused(json!({"email": "a@b", "role": "agent", "admin": true})).await.contains("admin"));
        let long = json!({"email": "a@b", "role": "agent", "password": "ž".repeat(36)});
        assert!(refused(long).await.contains("72 bytes in UTF-8, but at most 71"));
        let taken = admin.post("/users", &json!({"email": ADMIN, "role": "agent"})).await.expect(409);
        assert_eq!(taken.problem(), "address-taken");
    }

    async fn lists_come_newest_first_page_by_page_and_filtered(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let mut made = Vec::new();
        for number in 0..5 {
            let role = if number % 2 == 0 { "agent" } else { "supervisor" };
            made.push(admin.new_user(&format!("user{number}@b"), role).await);
        }
        made.reverse();
        let first = admin.get("/users?limit=3").await.expect(200).json();
        assert_eq!(ids(&first), made[..3]);
        let cursor = first["next_cursor"].as_str().expect("another page");
        let second = admin.get(&format!("/users?limit=3&cursor={cursor}")).await.expect(200).json();
        assert_eq!((ids(&second)[..2].to_vec(), &second["next_cursor"]), (vec![made[3].as_str(), &made[4]], &Value::Null));
        assert_eq!(second["items"][2]["email"], ADMIN);
        let agents = admin.get("/users?role=agent").await.expect(200).json();
        assert_eq!(ids(&agents), [&made[0], &made[2], &made[4]].map(String::as_str));
        admin.post(&format!("/users/{}/disable", made[2]), &json!({})).await.expect(200);
        assert_eq!(ids(&admin.get("/users?disabled=true").await.expect(200).json()), [made[2].as_str()]);
        assert_eq!(ids(&admin.get("/users?disabled=false&role=agent").await.expect(200).json()).len(), 2);
        for bad in ["limit=0", "limit=101", "limit=x", "cursor=x!", "role=root", "disabled=maybe", "sort=name"] {
            assert_eq!(admin.get(&format!("/users?{bad}")).await.expect(422).problem(), "invalid-field", "{bad}");
        }
    }

    async fn each_order_is_kept_from_page_to_page_and_a_cursor_goes_with_it(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let me = admin.get("/auth/me").await.expect(200).json()["id"].as_str().unwrap().to_owned();
        let mut by_age = vec![me.clone()];
        for (email, role) in [("dan@b", "agent"), ("bob@b", "agent"), ("eva@b", "supervisor"), ("cyd@b", "agent")] {
            service.clock.advance(jiff::SignedDuration::from_secs(1));
            by_age.push(admin.new_user(email, role).await);
        }
        let by_email: Vec<String> = [&me, &by_age[2], &by_age[4], &by_age[1], &by_age[3]].map(Clone::clone).into();
        let reversed = |ids: &[String]| ids.iter().rev().cloned().collect::<Vec<_>>();
        for limit in [1, 2, 100] {
            let all = async |query: &str| admin.ids_of(&format!("/users?limit={limit}{query}"), limit).await;
            assert_eq!(all("").await, reversed(&by_age), "by {limit}");
            assert_eq!(all("&sort=-created_at").await, reversed(&by_age), "by {limit}");
            assert_eq!(all("&sort=created_at").await, by_age, "by {limit}");
            assert_eq!(all("&sort=email").await, by_email, "by {limit}");
            assert_eq!(all("&sort=-email").await, reversed(&by_email), "by {limit}");
            let agents = [&by_age[2], &by_age[4], &by_age[1]].map(Clone::clone);
            assert_eq!(all("&sort=email&role=agent&disabled=false").await, agents, "by {limit}");
        }
        let page = admin.get("/users?limit=1&sort=email&role=agent").await.expect(200).json();
        let cursor = page["next_cursor"].as_str().unwrap();
        admin.get(&format!("/users?sort=email&role=agent&cursor={cursor}")).await.expect(200);
        for other in ["sort=email", "sort=-email&role=agent", "role=agent", "sort=email&role=agent&disabled=false"] {
            let refused = admin.get(&format!("/users?{other}&cursor={cursor}")).await.expect(422);
            assert_eq!(refused.json()["errors"][0]["pointer"], "#/cursor", "{other}");
        }
        let refused = admin.get("/users?sort=name").await.expect(422);
        assert_eq!(refused.json()["errors"][0]["pointer"], "#/sort");
        // Other lists hold to it in the same way.
        let page = admin.get(&format!("/audit?limit=1&user_id={me}")).await.expect(200).json();
        let audit = page["next_cursor"].as_str().unwrap();
        admin.get(&format!("/audit?user_id={me}&cursor={audit}")).await.expect(200);
        for other in ["/audit", "/suppressions", "/campaigns", "/users", "/calls", "/erasures"] {
            admin.get(&format!("{other}?cursor={audit}")).await.expect(422);
        }
    }

    async fn each_filter_and_order_is_served_by_an_index(database: Database) {
        let plan = Plan::platform(database).await;
        let store = Store::open(&plan.database()).await.unwrap();
        many_users(&store).await;
        let mut reader = store.reader().await.unwrap();
        let (prefix, column) = plan_words(store.kind());
        let after = |value| Some(Position { value: Some(value), id: "x".to_owned() });
        let (at, email) = (after(SortValue::Number(5)), after(SortValue::Text("u5".to_owned())));
        let newest = UserOrder { key: UserKey::CreatedAt, ascending: false, after: at };
        let role = UserFilter { role: Some(Role::Supervisor), disabled: None };
        let disabled = |disabled| UserFilter { role: None, disabled: Some(disabled) };
        for (filter, order) in [
            (UserFilter::default(), newest.clone()),
            (role, newest.clone()),
            (disabled(true), newest.clone()),
            (disabled(false), newest),
            (UserFilter::default(), UserOrder { key: UserKey::Email, ascending: true, after: email }),
        ] {
            let rows = users::explain(&mut reader, prefix, "o1", filter, &order).await.unwrap();
            let plan = rows.iter().map(|row| row.get::<String, _>(column)).collect::<Vec<_>>().join("\n");
            assert!(plan.to_lowercase().contains("index"), "{filter:?} {order:?}: {plan}");
            let scans = ["Seq Scan", "SCAN users", "TEMP B-TREE", "Sort"];
            assert!(!scans.iter().any(|scan| plan.contains(scan)), "{filter:?} {order:?}: {plan}");
        }
    }

    async fn a_change_is_made_to_the_version_that_was_read(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let path = format!("/users/{}", admin.new_user("a@b", "agent").await);
        let changed = admin.patch(&path, &json!({"name": "Jan"})).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.json()["name"]), ("\"2\"", &json!("Jan")));
        let stale = admin.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({"role": "admin"}));
        assert_eq!(Answer::of(stale).await.expect(412).problem(), "version-conflict");
        assert_eq!(admin.get(&path).await.expect(200).json(), changed.json());
        assert_eq!(admin.patch(&path, &json!({"email": "c@d"})).await.expect(422).problem(), "invalid-field");
    }

    async fn an_organisation_keeps_an_administrator(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let me = admin.get("/auth/me").await.expect(200).json()["id"].as_str().unwrap().to_owned();
        for (method, path, body) in [
            (Method::PATCH, format!("/users/{me}"), json!({"role": "agent"})),
            (Method::POST, format!("/users/{me}/disable"), json!({})),
        ] {
            let refused = Answer::of(admin.request(method, &path).json(&body)).await.expect(409);
            assert_eq!(refused.problem(), "last-admin", "{path}");
        }
        let second = admin.new_user("second@b", "admin").await;
        admin.post(&format!("/users/{second}/disable"), &json!({})).await.expect(200);
        let still_last = admin.post(&format!("/users/{me}/disable"), &json!({})).await.expect(409);
        assert_eq!(still_last.problem(), "last-admin", "a disabled administrator is none");
        admin.post(&format!("/users/{second}/enable"), &json!({})).await.expect(200);
        admin.post(&format!("/users/{me}/disable"), &json!({})).await.expect(200);
    }

    async fn of_two_administrators_who_disable_each_other_one_is_left(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let first = service.admin().await;
        let first_id = first.get("/auth/me").await.expect(200).json()["id"].as_str().unwrap().to_owned();
        let second_id = first.new_user("second@b", "admin").await;
        let tokens = service.try_login("second@b", PASSWORD).await.expect(200).json();
        let second = service.bearer(tokens["access_token"].as_str().unwrap());
        let nothing = json!({});
        let (path_of_second, path_of_first) =
            (format!("/users/{second_id}/disable"), format!("/users/{first_id}/disable"));
        let (one, other) =
            tokio::join!(first.post(&path_of_second, &nothing), second.post(&path_of_first, &nothing));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert!(matches!(statuses, [200, 401 | 409]), "expected one to be disabled, got {one:?} and {other:?}");
    }

    async fn ones_own_password_is_changed_by_knowing_it(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let change = async |current: &str, new: &str| {
            admin.post("/auth/password", &json!({"current_password": current, "new_password": new})).await
        };
        assert_eq!(change("wrong horse battery", NEW_PASSWORD).await.expect(422).problem(), "wrong-password");
        assert_eq!(change(PASSWORD, "short").await.expect(422).problem(), "invalid-field");
        change(PASSWORD, NEW_PASSWORD).await.expect(204);
        service.try_login(ADMIN, PASSWORD).await.expect(401);
        service.try_login(ADMIN, NEW_PASSWORD).await.expect(200);
    }

    async fn a_reset_password_takes_the_place_of_the_old_one(database: Database) {
        let service = Plan::standalone(database).await.start().await;
        let admin = service.admin().await;
        let path = format!("/users/{}/password", admin.new_user("a@b", "agent").await);
        admin.post(&path, &json!({"password": NEW_PASSWORD})).await.expect(200);
        service.try_login("a@b", PASSWORD).await.expect(401);
        service.try_login("a@b", NEW_PASSWORD).await.expect(200);
        let made = admin.post(&path, &json!({})).await.expect(200).json();
        service.try_login("a@b", made["password"].as_str().unwrap()).await.expect(200);
    }
}

/// Enough accounts, of several organisations, that no planner would rather read them all.
async fn many_users(store: &Store) {
    store
        .write::<_, StoreError, _>(|tx| {
            Box::pin(async move {
                sqlx::raw_sql(
                    "INSERT INTO users (id, organization_id, email, role, password_hash, created_at, updated_at, \
                     disabled_at) WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000) \
                     SELECT 'i' || n, 'o' || (n % 5), 'u' || n, \
                     CASE WHEN n % 90 = 1 THEN 'supervisor' ELSE 'agent' END, 'x', n, n, \
                     CASE WHEN n % 90 = 11 THEN n END FROM n",
                )
                .execute(&mut *tx)
                .await?;
                sqlx::raw_sql("ANALYZE").execute(&mut *tx).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}
