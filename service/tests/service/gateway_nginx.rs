//! The example of a gateway, `examples/gateway/nginx.conf`, by a real nginx in front of a real module.

use crate::fixture::{Answer, Database, Plan, SOON, Service, serve};
use crate::stream::Stream;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use testbed::Nginx;
use testbed::product::repository;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

const SECRET: &str = "0123456789abcdef";
const CALLS: &str = "/api/communications/calls";

/// What the session service answers to whom.
fn session(cookie: &str) -> Response {
    match cookie {
        "session=alice" => [
            ("x-user-id", "alice"),
            ("x-org-id", "first"),
            ("x-user-role", "supervisor"),
            ("x-user-email", "alice@example.com"),
        ]
        .into_response(),
        "session=bob" => [("x-user-id", "bob"), ("x-org-id", "second")].into_response(),
        "session=unknown-to-all" => StatusCode::NO_CONTENT.into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// A request as it arrived at the module.
#[derive(Debug, Clone)]
struct Arrived {
    peer: SocketAddr,
    headers: HeaderMap,
}

impl Arrived {
    /// The headers that concern who is asking, in alphabetical order.
    fn identity(&self) -> Vec<(&str, &str)> {
        let mut told: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .filter(|(name, _)| {
                let name = name.replace('_', "-");
                let ours =
                    ["x-user-", "x-org-", "x-gateway-"].iter().any(|beginning| name.starts_with(beginning));
                ours || ["cookie", "authorization", "connection"].contains(&name.as_str())
            })
            .collect();
        told.sort_unstable();
        told
    }
}

type Arrivals = Arc<Mutex<Vec<Arrived>>>;

async fn note(
    State(arrivals): State<Arrivals>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    arrivals.lock().unwrap().push(Arrived { peer, headers: request.headers().clone() });
    next.run(request).await
}

/// nginx, the session service, and a module with a secret.
struct Platform {
    nginx: Nginx,
    module: SocketAddr,
    arrivals: Arrivals,
    client: Client,
    _service: Service,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Platform {
    async fn start() -> Self {
        let mut plan = Plan::platform(Database::Sqlite).await;
        plan.arguments.gateway_secret = Some(SECRET.to_owned());
        let service = plan.start().await;
        let arrivals = Arrivals::default();
        let router = Router::new()
            .nest("/api/communications", service.module.router())
            .layer(from_fn_with_state(Arc::clone(&arrivals), note));
        let (module, module_task) = serve(router).await;
        let sessions = Router::new().route(
            "/session",
            get(async |headers: HeaderMap| {
                session(headers.get("cookie").map_or("", |cookie| cookie.to_str().unwrap()))
            }),
        );
        let (sessions, sessions_task) = serve(sessions).await;

        let upstreams =
            std::fs::read_to_string(repository().join("examples/gateway/conf.d/upstreams.conf")).unwrap();
        let upstreams = [("127.0.0.1:8081", sessions), ("127.0.0.1:3018", module)].into_iter().fold(
            upstreams,
            |text, (example, own)| {
                assert_eq!(text.matches(example).count(), 1, "one server {example} in {text}");
                text.replace(example, &own.to_string())
            },
        );
        let secret = format!("proxy_set_header X-Gateway-Secret \"{SECRET}\";\n");
        let beside = [("conf.d/upstreams.conf", upstreams.as_str()), ("secret.conf", secret.as_str())];
        let nginx = Nginx::start(&repository().join("examples/gateway/nginx.conf"), &beside).await.unwrap();
        Self {
            nginx,
            module,
            arrivals,
            client: Client::new(),
            _service: service,
            _tasks: [module_task, sessions_task],
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.nginx.address()))
    }

    /// With the cookie of a session.
    fn signed_in(&self, session: &str, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).header("cookie", format!("session={session}"))
    }

    /// Alice's call: its path.
    async fn call(&self) -> String {
        let body = json!({"direction": "inbound", "from": "+420123456789", "to": "+420987654321"});
        let made = Answer::of(self.signed_in("alice", Method::POST, CALLS).json(&body)).await.expect(201);
        let path = made.header("location").to_owned();
        assert_eq!(path, format!("{CALLS}/{}", made.json()["id"].as_str().unwrap()));
        path
    }

    /// What has arrived at the module since this was last asked.
    fn arrived(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.arrivals.lock().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_in_user_arrives_as_who_they_are() {
    let platform = Platform::start().await;
    let call = platform.call().await;
    let arrived = platform.arrived();
    assert_eq!(
        arrived[0].identity(),
        [
            ("x-gateway-secret", SECRET),
            ("x-org-id", "first"),
            ("x-user-email", "alice@example.com"),
            ("x-user-id", "alice"),
            ("x-user-role", "supervisor"),
        ]
    );
    let seen = Answer::of(platform.signed_in("alice", Method::GET, &call)).await.expect(200);
    assert_eq!(seen.json()["from"], "+420123456789");
    let id = arrived[0].headers["x-request-id"].to_str().unwrap();
    assert_eq!(id.len(), 32, "nginx gives requests their ids: {id}");

    Answer::of(platform.signed_in("bob", Method::GET, &call)).await.expect(404);
    let bob = [("x-gateway-secret", SECRET), ("x-org-id", "second"), ("x-user-id", "bob")];
    assert_eq!(
        platform.arrived().pop().unwrap().identity(),
        bob,
        "what the session does not say is not sent"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_sends_in_the_gateways_name_does_not_arrive() {
    let platform = Platform::start().await;
    let call = platform.call().await;
    platform.arrived();
    for (name, value) in [
        ("X-User-Id", "alice"),
        ("X-Org-Id", "first"),
        ("x-oRG-iD", "first"),
        ("X-User-Role", "admin"),
        ("X-User-Email", "alice@example.com"),
        ("X-Gateway-Secret", "fedcba9876543210"),
        ("X-Gateway-Secret", SECRET),
        ("X_User_Id", "alice"),
        ("X_Org_Id", "first"),
        ("x-org_id", "first"),
        ("X_User_Role", "admin"),
        ("X_Gateway_Secret", SECRET),
        ("Connection", "X-Org-Id, X-Gateway-Secret"),
        ("Authorization", "Bearer anything"),
    ] {
        // nginx itself refuses a second Authorization.
        let times = if name == "Authorization" { 1 } else { 2 };
        let request = (0..times)
            .fold(platform.signed_in("bob", Method::GET, &call), |request, _| request.header(name, value));
        Answer::of(request).await.expect(404);
        let arrived = platform.arrived();
        let expected = [("x-gateway-secret", SECRET), ("x-org-id", "second"), ("x-user-id", "bob")];
        assert_eq!(arrived.len(), 1, "{name}: {value}");
        assert_eq!(arrived[0].identity(), expected, "{name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_session_nothing_arrives() {
    let platform = Platform::start().await;
    let call = platform.call().await;
    platform.arrived();
    Answer::of(platform.request(Method::GET, &call)).await.expect(401);
    let with_headers = platform.signed_in("made-up", Method::GET, &call);
    let with_headers = with_headers.header("x-user-id", "alice").header("x-org-id", "first");
    Answer::of(with_headers.header("x-gateway-secret", SECRET)).await.expect(401);
    for path in ["/session", "/", "/api/session", "/calls"] {
        Answer::of(platform.signed_in("alice", Method::GET, path)).await.expect(404);
    }
    assert_eq!(platform.arrived().len(), 0);

    let nameless = Answer::of(platform.signed_in("unknown-to-all", Method::GET, &call)).await.expect(401);
    assert_eq!(nameless.problem(), "identity-missing");
    assert_eq!(nameless.json()["detail"], "The header X-User-Id is missing: the gateway has to set it.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_the_gateway_nobody_is_answered() {
    let platform = Platform::start().await;
    let call = platform.call().await;
    let direct = || {
        let request = platform.client.get(format!("http://{}{call}", platform.module));
        request.header("x-user-id", "alice").header("x-org-id", "first")
    };
    let refused = Answer::of(direct()).await.expect(401).json();
    assert_eq!(
        refused["detail"],
        "The request does not come through the gateway: call the platform's address instead."
    );
    Answer::of(direct().header("x-gateway-secret", SECRET)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_to_the_module_are_kept() {
    let platform = Platform::start().await;
    // Both by one connection of the client's, so that the same worker of nginx has both.
    let request = |connection: &str| {
        format!(
            "GET {CALLS}/none HTTP/1.1\r\nHost: voice\r\nCookie: session=bob\r\nConnection: {connection}\r\n\r\n"
        )
    };
    let mut client = TcpStream::connect(platform.nginx.address()).await.unwrap();
    client.write_all((request("keep-alive") + &request("close")).as_bytes()).await.unwrap();
    let mut answers = String::new();
    timeout(SOON, client.read_to_string(&mut answers)).await.expect("answered").unwrap();
    assert_eq!(answers.matches("HTTP/1.1 404 Not Found\r\n").count(), 2, "{answers}");
    let peers: Vec<SocketAddr> = platform.arrived().iter().map(|arrived| arrived.peer).collect();
    assert!(matches!(peers[..], [first, second] if first == second), "two connections: {peers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_arrive_while_the_stream_goes_on() {
    let platform = Platform::start().await;
    let mut stream =
        Stream::open(platform.signed_in("alice", Method::GET, "/api/communications/stream")).await;
    // Each event is read before the next one comes about.
    let call = Answer::of(platform.signed_in("alice", Method::GET, &platform.call().await)).await.json();
    let id = call["id"].as_str().unwrap();
    for (action, event) in [("start", "call.started"), ("end", "call.ended")] {
        let act = platform.signed_in("alice", Method::POST, &format!("{CALLS}/{id}/{action}"));
        Answer::of(act.json(&json!({}))).await.expect(200);
        let arrived = stream.event().await;
        assert_eq!((arrived.event.as_str(), &arrived.data["data"]["call_id"]), (event, &call["id"]));
    }
    let arrived = platform.arrived();
    assert_eq!(arrived[0].identity()[1..3], [("x-org-id", "first"), ("x-user-email", "alice@example.com")]);
}
