//! A running service, and what it needs to run.

use cc_lite::clock::Clock;
use cc_lite::settings::{Arguments, DatabaseSettings, Settings};
use cc_lite::store::DatabaseKind;
use cc_lite::{CommsModule, EventPublisher, SentimentAnalyzer};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use testbed::{Postgres, RabbitMq};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio_util::task::AbortOnDropHandle;

/// How long anything that is waited for may take.
pub(crate) const SOON: Duration = Duration::from_secs(20);
pub(crate) const ADMIN: &str = "admin@localhost";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Runs each test on SQLite and on PostgreSQL.
macro_rules! on_each_database {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident: Database) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn scenario($database: $crate::fixture::Database) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                scenario($crate::fixture::Database::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                scenario($crate::fixture::Database::Postgres).await;
            }
        }
    )*};
}
pub(crate) use on_each_database;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// `DATABASE_URL` of an empty database.
    pub(crate) async fn url(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", folder.join("voice.db").display()),
            Self::Postgres => postgres().await.database().await.unwrap(),
        }
    }
}

/// The server that all tests share; each uses databases of its own. It ends with the test process.
pub(crate) async fn postgres() -> &'static Postgres {
    static POSTGRES: OnceCell<Postgres> = OnceCell::const_new();
    POSTGRES.get_or_init(async || Postgres::start().await.unwrap()).await
}

/// The broker that all tests share; each uses a virtual host of its own. It ends with the test process.
pub(crate) async fn rabbitmq() -> &'static RabbitMq {
    static RABBITMQ: OnceCell<RabbitMq> = OnceCell::const_new();
    RABBITMQ.get_or_init(async || RabbitMq::start().await.unwrap()).await
}

/// What asks the database for its plan of a query, and the column of the answer.
pub(crate) fn plan_words(kind: DatabaseKind) -> (&'static str, &'static str) {
    match kind {
        DatabaseKind::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        DatabaseKind::Postgres => ("EXPLAIN", "QUERY PLAN"),
    }
}

/// A clock that a test sets.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    fn now_on() -> Self {
        let now = cc_lite::clock::SystemClock.now();
        Self(AtomicI64::new(now.as_microsecond()))
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        let microseconds = i64::try_from(by.as_micros()).unwrap();
        self.0.fetch_add(microseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// What a service is to be like.
pub(crate) struct Plan {
    pub(crate) arguments: Arguments,
    pub(crate) publisher: Option<Arc<dyn EventPublisher>>,
    pub(crate) keys_interval: Option<Duration>,
    pub(crate) analyzer: Option<Arc<dyn SentimentAnalyzer>>,
    folder: Arc<TempDir>,
}

impl Plan {
    /// Standalone, on a database of its own, without events.
    pub(crate) async fn standalone(database: Database) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let arguments = Arguments {
            database_url: Some(database.url(folder.path()).await),
            keys_dir: Some(folder.path().join("keys").display().to_string()),
            admin_password: Some(PASSWORD.to_owned()),
            enable_events: Some("false".to_owned()),
            ..Arguments::default()
        };
        Self { arguments, publisher: None, keys_interval: None, analyzer: None, folder }
    }

    /// Platform mode, on a database of its own, without events.
    pub(crate) async fn platform(database: Database) -> Self {
        let mut plan = Self::standalone(database).await;
        plan.arguments.mode = Some("platform".to_owned());
        plan
    }

    /// Publishes to this broker.
    pub(crate) fn events(mut self, url: &str) -> Self {
        self.arguments.enable_events = Some("true".to_owned());
        self.arguments.rabbitmq_url = Some(url.to_owned());
        self
    }

    /// Publishes with this.
    pub(crate) fn publisher(mut self, publisher: Arc<dyn EventPublisher>) -> Self {
        self.publisher = Some(publisher);
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings::check(&self.arguments).unwrap()
    }

    pub(crate) fn database(&self) -> DatabaseSettings {
        self.settings().database
    }

    /// The events of a call as they are written, in order: type and `data`.
    pub(crate) async fn events_of(&self, call: &str) -> Vec<(String, Value)> {
        let store = cc_lite::store::Store::open_beside(&self.database()).await.unwrap();
        let mut reader = store.reader().await.unwrap();
        let sql = "SELECT type, body FROM outbox WHERE subject = $1 ORDER BY sequence";
        let rows: Vec<(String, String)> =
            sqlx::query_as(sql).bind(call).fetch_all(&mut *reader).await.unwrap();
        let data = |body: &str| serde_json::from_str::<Value>(body).unwrap()["data"].clone();
        rows.into_iter().map(|(kind, body)| (kind, data(&body))).collect()
    }

    /// Starts a service like this; another one with the same database is another replica.
    pub(crate) async fn start(&self) -> Service {
        self.start_at(SignedDuration::ZERO).await
    }

    /// Starts a service whose clock is ahead by this much.
    pub(crate) async fn start_at(&self, ahead: SignedDuration) -> Service {
        let clock = Arc::new(TestClock::now_on());
        clock.advance(ahead);
        let mut builder = CommsModule::builder()
            .settings(self.settings())
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .password_cost(4);
        if let Some(publisher) = &self.publisher {
            builder = builder.event_publisher(Arc::clone(publisher));
        }
        if let Some(analyzer) = &self.analyzer {
            builder = builder.sentiment_analyzer(Arc::clone(analyzer));
        }
        if let Some(interval) = self.keys_interval {
            builder = builder.keys_interval(interval);
        }
        let module = builder.build().await.unwrap();
        let (api, api_task) = serve(module.router()).await;
        let (management, management_task) = serve(module.management_router()).await;
        Service {
            module,
            clock,
            client: Client::new(),
            api: format!("http://{api}"),
            management: format!("http://{management}"),
            _tasks: [api_task, management_task],
            _folder: Arc::clone(&self.folder),
        }
    }
}

/// Serves at an address of its own for as long as the task is held.
pub(crate) async fn serve(router: axum::Router) -> (SocketAddr, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    (address, AbortOnDropHandle::new(task))
}

/// A running service. It ends with this value.
pub(crate) struct Service {
    pub(crate) module: CommsModule,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) client: Client,
    pub(crate) api: String,
    pub(crate) management: String,
    _tasks: [AbortOnDropHandle<()>; 2],
    _folder: Arc<TempDir>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.timeout(SOON).send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("expected JSON, got {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("expected the header {name}: {self:?}"));
        value.to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "expected {status}, got {self:?}");
        self
    }

    /// The problem's `type` without its common beginning.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["status"], self.status, "{self:?}");
        body["type"].as_str().unwrap().strip_prefix("urn:cc-lite:problem:").unwrap().to_owned()
    }
}

impl Service {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.api))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn manage(&self, path: &str) -> Answer {
        Answer::of(self.client.get(format!("{}{path}", self.management))).await
    }

    pub(crate) async fn status(&self) -> Value {
        self.manage("/status").await.expect(200).json()
    }

    /// Logs in as the administrator.
    pub(crate) async fn login(&self) -> Value {
        let body = serde_json::json!({"email": ADMIN, "password": PASSWORD});
        self.post("/auth/login", &body).await.expect(200).json()
    }

    /// An attempt to log in.
    pub(crate) async fn try_login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", &serde_json::json!({"email": email, "password": password})).await
    }

    /// As the administrator, in standalone mode.
    pub(crate) async fn admin(&self) -> User<'_> {
        self.bearer(self.login().await["access_token"].as_str().unwrap())
    }

    /// As whoever has this access token.
    pub(crate) fn bearer(&self, token: &str) -> User<'_> {
        User { service: self, headers: vec![("authorization", format!("Bearer {token}"))] }
    }

    /// As this user of this organisation, in platform mode.
    pub(crate) fn member(&self, user: &str, organization: &str) -> User<'_> {
        let headers = vec![("x-user-id", user.to_owned()), ("x-org-id", organization.to_owned())];
        User { service: self, headers }
    }
}

/// Somebody who asks the service for something.
pub(crate) struct User<'a> {
    service: &'a Service,
    headers: Vec<(&'static str, String)>,
}

impl User<'_> {
    /// The same with another header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.service.request(method, path);
        self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// Ids of a list, which has a query with this limit already, page by page.
    pub(crate) async fn ids_of(&self, path: &str, limit: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}{cursor}")).await.expect(200).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit, "{page}");
            ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { return ids };
            assert_eq!(items.len(), limit, "a page that is not the last is full");
            cursor = format!("&cursor={next}");
        }
    }

    /// Makes an account with this address and role, whose password is [`PASSWORD`]; its id.
    pub(crate) async fn new_user(&self, email: &str, role: &str) -> String {
        let body = serde_json::json!({"email": email, "role": role, "password": PASSWORD});
        let user = self.post("/users", &body).await.expect(201).json();
        user["id"].as_str().unwrap().to_owned()
    }

    /// A new call's id.
    pub(crate) async fn call(&self) -> String {
        let body = serde_json::json!({
            "direction": "inbound", "from": "+420123456789", "to": "+420987654321", "agent_id": "agent-7",
        });
        let call = self.post("/calls", &body).await.expect(201).json();
        call["id"].as_str().unwrap().to_owned()
    }

    /// Moves a call on.
    pub(crate) async fn act(&self, call: &str, action: &str) -> Answer {
        self.post(&format!("/calls/{call}/{action}"), &serde_json::json!({})).await
    }

    /// A call that was started and ended.
    pub(crate) async fn whole_call(&self) -> String {
        let call = self.call().await;
        self.act(&call, "start").await.expect(200);
        self.act(&call, "end").await.expect(200);
        call
    }
}
