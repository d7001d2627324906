//! The wallboard's files at `/app/`.

use crate::fixture::{Answer, Database, Plan, Service, serve};
use reqwest::Method;
use reqwest::redirect::Policy;

/// A file of the wallboard, as who takes this encoding gets it.
async fn file(service: &Service, name: &str, encoding: &str) -> Answer {
    let request = service.request(Method::GET, &format!("/app/{name}"));
    Answer::of(request.header("accept-encoding", encoding)).await
}

/// The names that the page gives its script and its style.
fn named(page: &str) -> Vec<String> {
    let names = page.split('"').filter(|part| part.starts_with("app-"));
    names.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wallboard_is_served_to_who_is_not_known_and_may_do_nothing_but_ask_this_service() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let page = file(&service, "", "identity").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text.contains("data-mode=\"standalone\""), "{page:?}");
    let policy = page.header("content-security-policy");
    let parts: Vec<&str> = policy.split("; ").collect();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ] {
        assert!(parts.contains(&part), "expected {part} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let types = [
        ("icon.svg", "image/svg+xml"),
        ("icon-192.png", "image/png"),
        ("icon-512.png", "image/png"),
        ("index.html", "text/html; charset=utf-8"),
        ("licences.txt", "text/plain; charset=utf-8"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("service-worker.js", "text/javascript; charset=utf-8"),
    ];
    for (name, media_type) in types {
        let answer = file(&service, name, "identity").await.expect(200);
        assert_eq!(answer.header("content-type"), media_type, "{name}");
        assert_eq!(answer.header("content-security-policy"), policy, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_whose_names_say_their_content_are_kept_for_ever_and_others_are_asked_for_anew() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let page = file(&service, "", "identity").await.expect(200);
    let names = named(&page.text);
    assert_eq!(names.len(), 2, "expected a style and a script in {page:?}");
    for name in &names {
        let answer = file(&service, name, "identity").await.expect(200);
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{name}");
    }
    for name in ["", "service-worker.js", "manifest.webmanifest", "icon.svg"] {
        let answer = file(&service, name, "identity").await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-cache", "{name}");
        let request = service.request(Method::GET, &format!("/app/{name}"));
        let again = Answer::of(request.header("if-none-match", answer.header("etag"))).await.expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", answer.header("etag")), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_gzip_gets_the_same_in_fewer_bytes() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let page = file(&service, "", "gzip").await.expect(200);
    assert!(!page.headers.contains_key("content-encoding"), "{page:?}");
    for name in named(&page.text) {
        let plain = file(&service, &name, "identity").await.expect(200);
        let request = service.request(Method::GET, &format!("/app/{name}"));
        let packed = request.header("accept-encoding", "gzip").send().await.unwrap();
        let header = |name: &str| packed.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("content-encoding"), header("vary")), ("gzip".into(), "accept-encoding".into()));
        assert_ne!(header("etag"), plain.header("etag"), "{name}");
        let bytes = packed.bytes().await.unwrap();
        assert_eq!(bytes[..2], [0x1f, 0x8b], "{name}");
        assert!(bytes.len() * 2 < plain.text.len(), "{} of {} bytes", bytes.len(), plain.text.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_of_it_is_not_found() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    for path in ["/app/nothing.js", "/app/dist/index.html", "/app/..%2Findex.html", "/app/index.html/"] {
        assert_eq!(service.get(path).await.expect(404).problem(), "not-found", "{path}");
    }
    let posted = service.post("/app/", &serde_json::json!({})).await.expect(405);
    assert_eq!(posted.problem(), "method-not-allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_below_a_base_path_and_has_no_login_in_platform_mode() {
    let service = Plan::platform(Database::Sqlite).await.start().await;
    let host = axum::Router::new().nest("/api/communications", service.module.router());
    let (address, _task) = serve(host).await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let url = format!("http://{address}/api/communications/app");
    let moved = Answer::of(client.get(format!("{url}?from=menu"))).await.expect(308);
    assert_eq!(moved.header("location"), "app/?from=menu");
    let page = Answer::of(client.get(format!("{url}/"))).await.expect(200);
    assert!(page.text.contains("data-mode=\"platform\""), "{page:?}");
    let parts = named(&page.text);
    assert_eq!(parts.len(), 2, "expected a style and a script, by names relative to the page, in {page:?}");
    for part in parts {
        Answer::of(client.get(format!("{url}/{part}"))).await.expect(200);
    }
    let document = service.get("/openapi.json").await.expect(200).json();
    assert!(!document["paths"].as_object().unwrap().keys().any(|path| path.starts_with("/app")));
}
