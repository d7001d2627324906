//! Searching what was said, on both databases alike.

use crate::fixture::{Answer, Plan, User, on_each_database};
use crate::transcripts::{append, said, user};
use cc_lite::domain::transcript::query::SearchQuery;
use cc_lite::store::{DatabaseKind, Store, transcript_search};
use serde_json::{Value, json};

async fn ask(user: &User<'_>, query: &str) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    user.get(&format!("/transcripts/search?{query}")).await
}

async fn search(user: &User<'_>, query: &str) -> Value {
    ask(user, query).await.expect(200).json()
}

async fn places(user: &User<'_>, query: &str) -> Vec<i64> {
    let page = search(user, query).await;
    page["items"].as_array().unwrap().iter().map(|hit| hit["sequence"].as_i64().unwrap()).collect()
}

on_each_database! {
    async fn words_phrases_and_beginnings_are_found_without_case_and_diacritics(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = user(&service, "o1", "supervisor");
        let call = boss.call().await;
        let texts = [
            "Příliš žluťoučký kůň úpěl ďábelské ódy.",
            "prilis zlutoucky pes, kun doma",
            "Číslo smlouvy je 12-345/A; e-mail: jan.novak@example.com",
            "Reklamuji! Don't you know it's broken?",
            "z\u{30c}luty\u{301} Straße ŁÓDŹ 日本語",
        ];
        let segments: Vec<Value> = (1..).zip(texts).map(|(place, text)| said(place, text)).collect();
        append(&boss, &call, &segments).await.expect(200);
        append(&boss, &call, &[said(6, &"ano ".repeat(1000)), said(7, &"x".repeat(4000))]).await.expect(200);
        for (query, expected) in [
            ("\"ano ano ano\"", vec![6]),
            ("xxx*", vec![7]),
            ("zlutoucky", vec![2, 1]),
            ("ŽLUŤOUČKÝ", vec![2, 1]),
            ("\"žluťoučký kůň\"", vec![1]),
            ("\"kůň žluťoučký\"", vec![]),
            ("kun zlutoucky", vec![2, 1]),
            ("zlut*", vec![5, 2, 1]),
            ("\"zlutoucky k*\"", vec![1]),
            ("zlut", vec![]),
            ("12-345/A", vec![3]),
            ("345", vec![3]),
            ("jan.novak@example.com", vec![3]),
            ("novak@example", vec![3]),
            ("don't", vec![4]),
            ("strasse", vec![5]),
            ("lodz", vec![5]),
            ("日本*", vec![5]),
            ("pes kůň ódy", vec![]),
        ] {
            assert_eq!(places(&boss, query).await, expected, "{query}");
        }
        let hit = &search(&boss, "\"číslo smlouvy\" 345").await["items"][0];
        assert_eq!((&hit["call_id"], &hit["snippet"], &hit["snippet_offset"]), (&json!(call), &json!(texts[2]), &json!(0)));
        assert_eq!(hit["highlights"], json!([{"start": 0, "end": 13}, {"start": 20, "end": 23}]));
        assert_eq!((&hit["party"], &hit["starts_ms"], &hit["ends_ms"]), (&json!("customer"), &json!(3000), &json!(3900)));
    }

    async fn no_query_is_an_error_of_the_index(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let boss = user(&service, "o1", "admin");
        let call = boss.call().await;
        append(&boss, &call, &[said(1, "not or and near words organization")]).await.expect(200);
        for query in [
            "AND", "NOT x", "a OR", "words : x", "organization : o6f31", "a\"", "\"a", "'a", "a'b", "a\\", "a:*b",
            "(a", "a)", "a & b", "a | !b", "a <-> b", "^a", "{a}", "a^2", "NEAR(a b)", "a*b", "**a", "a\0b", "-a", "%a_",
            "\u{202e}a", "a\u{301}\u{301}", "ﬃ ½ Ⅷ", "x \u{1f600}", "aaaa* \"b c* d\" e'f'g",
        ] {
            search(&boss, query).await;
        }
        assert_eq!(places(&boss, "NEAR or \"AND near\"").await, [1]);
        for query in ["", " ", "*", "\"\"", "\"", "%_", "-", "\u{1f600}"] {
            let refused = ask(&boss, query).await.expect(422);
            assert_eq!(refused.json()["errors"][0]["pointer"], "#/q", "{query:?}");
        }
        let long = format!("/transcripts/search?q={}", "a".repeat(201));
        boss.get(&long).await.expect(422);
        boss.get("/transcripts/search").await.expect(422);
        boss.get("/transcripts/search?q=a&limit=0").await.expect(422);
    }

    async fn results_come_newest_first_page_by_page_of_ones_own_organisation_alone(database: Database) {
        let service = Plan::platform(database).await.start().await;
        let (boss, other) = (user(&service, "o1", "admin"), user(&service, "o2", "admin"));
        let (mine, theirs) = (boss.call().await, other.call().await);
        for place in 1..=5 {
            append(&boss, &mine, &[said(place, "stejné slovo")]).await.expect(200);
            append(&other, &theirs, &[said(place, "stejné slovo cizí")]).await.expect(200);
        }
        let mut partial = said(6, "stejné rozepsané");
        partial["is_final"] = json!(false);
        append(&boss, &mine, &[partial]).await.expect(200);
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = boss.get(&format!("/transcripts/search?q=stejne&limit=2{cursor}")).await.expect(200).json();
            for hit in page["items"].as_array().unwrap() {
                assert_eq!(hit["call_id"], json!(mine));
                seen.push(hit["sequence"].as_i64().unwrap());
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, [5, 4, 3, 2, 1], "final segments alone");
        assert_eq!(places(&boss, "cizi").await, Vec::<i64>::new());
        assert_eq!(places(&other, "cizi").await.len(), 5);
        boss.get("/transcripts/search?q=a&cursor=!").await.expect(422);
        user(&service, "o1", "agent").get("/transcripts/search?q=stejne").await.expect(403);
    }

    async fn a_search_reads_the_index(database: Database) {
        let plan = Plan::platform(database).await;
        let service = plan.start().await;
        let boss = user(&service, "o1", "admin");
        let call = boss.call().await;
        let segments: Vec<Value> = (1..=300).map(|place| said(place, &format!("slovo cislo{place}"))).collect();
        append(&boss, &call, &segments).await.expect(200);
        let store = Store::open_beside(&plan.database()).await.unwrap();
        let (kind, mut reader) = (store.kind(), store.reader().await.unwrap());
        if kind == DatabaseKind::Postgres {
            // A small table is read as a whole otherwise.
            sqlx::query("SET enable_seqscan = off").execute(&mut *reader).await.unwrap();
        }
        let query = SearchQuery::parse("cislo7 slo*").unwrap();
        let explain = if kind == DatabaseKind::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
        let sql = format!("{explain} {}", transcript_search::statement(kind));
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(transcript_search::expression(kind, "o1", &query))
            .bind("o1")
            .bind("")
            .bind(20_i64)
            .fetch_all(&mut *reader)
            .await
            .unwrap();
        let column = usize::from(kind == DatabaseKind::Sqlite) * 3;
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, column)).collect();
        let plan = plan.join("\n");
        match kind {
            DatabaseKind::Sqlite => {
                assert!(plan.contains("f VIRTUAL TABLE INDEX 0:>M") || plan.contains("f VIRTUAL TABLE INDEX"), "{plan}");
                assert!(plan.contains("SEARCH n USING INTEGER PRIMARY KEY"), "{plan}");
                assert!(plan.contains("SEARCH s USING INDEX"), "{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "the index gives the order itself: {plan}");
            }
            DatabaseKind::Postgres => {
                assert!(plan.contains("Bitmap Index Scan on transcript_search_words"), "{plan}");
                assert!(plan.contains("transcript_segments_pkey"), "{plan}");
            }
        }
    }
}
