//! Platform mode against requests that no HTTP library sends: bytes by hand, over a socket. Whatever a client gets past
//! the gateway, it does not become somebody of another organisation.

use crate::fixture::{Answer, Database, Plan, SOON, Service};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const SECRET: &str = "0123456789abcdef";
/// What the gateway sets for a client of organisation `mine`.
const MINE: &str = "X-Gateway-Secret: 0123456789abcdef\r\nX-User-Id: u1\r\nX-Org-Id: mine\r\n";
/// What it sets for a client of organisation `victim`.
const VICTIM: &str = "X-Gateway-Secret: 0123456789abcdef\r\nX-User-Id: u1\r\nX-Org-Id: victim\r\n";
/// The number that called: whoever gets to see it has read the victim's call.
const CALLER: &str = "+420123456789";

/// A service behind a gateway, and a call of organisation `victim`.
struct Target {
    service: Service,
    call: String,
}

/// One answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: String,
}

impl Target {
    async fn start() -> Self {
        let mut plan = Plan::platform(Database::Sqlite).await;
        plan.arguments.gateway_secret = Some(SECRET.to_owned());
        let service = plan.start().await;
        let body = json!({"direction": "inbound", "from": CALLER, "to": "+420987654321"});
        let made = service.member("u1", "victim").request(Method::POST, "/calls");
        let made = Answer::of(made.header("x-gateway-secret", SECRET).json(&body)).await.expect(201).json();
        Self { service, call: made["id"].as_str().unwrap().to_owned() }
    }

    /// A request for the victim's call with these header lines.
    fn request(&self, lines: &str) -> String {
        format!("GET /calls/{} HTTP/1.1\r\nHost: voice\r\nConnection: close\r\n{lines}\r\n", self.call)
    }

    /// Asserts that these bytes are answered with `expected` and nothing more, and that the call is seen with 200 alone.
    async fn expect(&self, what: &str, request: &str, expected: &[u16]) {
        let replies = send(&self.service, request).await;
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!(statuses, expected, "{what}: {replies:#?}");
        for reply in &replies {
            assert_eq!(reply.status == 200, reply.body.contains(CALLER), "{what}: {reply:#?}");
        }
    }
}

/// Sends bytes, written as the characters of Latin-1, and reads answers until the service closes the connection.
async fn send(service: &Service, request: &str) -> Vec<Reply> {
    let bytes: Vec<u8> = request.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let stream = TcpStream::connect(service.api.strip_prefix("http://").unwrap()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let mut answered = Vec::new();
    let exchange = async {
        tokio::join!(
            // A service that has read enough closes the connection, and what is written then fails.
            async { drop(writing.write_all(&bytes).await) },
            async {
                let mut part = [0; 4096];
                while let Ok(count @ 1..) = reading.read(&mut part).await {
                    answered.extend_from_slice(&part[..count]);
                }
            }
        )
    };
    timeout(SOON, exchange).await.unwrap_or_else(|_| panic!("the connection stays open after {request:?}"));
    replies(&String::from_utf8(answered).unwrap())
}

/// Takes what was answered apart.
fn replies(mut answered: &str) -> Vec<Reply> {
    let mut replies = Vec::new();
    while let Some((head, rest)) = answered.split_once("\r\n\r\n") {
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let (body, rest) = rest.split_at(length);
        replies.push(Reply { status, body: body.to_owned() });
        answered = rest;
    }
    assert_eq!(answered, "", "something is left after {replies:#?}");
    replies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_gateway_says_holds() {
    let target = Target::start().await;
    target.expect("the victim", &target.request(VICTIM), &[200]).await;
    target.expect("a client of another organisation", &target.request(MINE), &[404]).await;
    target.expect("nobody", &target.request(""), &[401]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_adds_gains_nothing_before_or_after_what_the_gateway_sets() {
    let target = Target::start().await;
    let long = format!("X-Org-Id: {}", "v".repeat(24 * 1024));
    let endless = format!("X-Anything: {}", "v".repeat(512 * 1024));
    for (what, line, status) in [
        ("the header in another case", "x-oRG-iD: victim", 401),
        ("the same value twice", "X-Org-Id: mine", 401),
        ("the header without a value", "X-Org-Id:", 401),
        ("a role that does not exist", "X-User-Role: root", 401),
        ("a very long value", &long, 401),
        ("headers without an end", &endless, 431),
        ("a folded line", " victim", 400),
        ("a folded line with a tab", "\tvictim", 400),
        ("a line feed alone", "X-Forwarded-For: 192.0.2.1\nX-Org-Id: victim", 401),
        ("a carriage return alone", "X-Forwarded-For: 192.0.2.1\rX-Org-Id: victim", 400),
        ("a NUL in another value", "X-Forwarded-For: 192.0.2.1\0X-Org-Id: victim", 400),
        ("a space before the colon", "X-Org-Id : victim", 400),
        ("a tab before the colon", "X-Org-Id\t: victim", 400),
        ("a NUL before the colon", "X-Org-Id\0: victim", 400),
        ("a name outside of ASCII", "X-\u{d6}rg-Id: victim", 400),
        ("a name that is no token", "X-Org-Id(: victim", 400),
        ("no colon", "X-Org-Id victim", 400),
        ("underscores", "X_Org_Id: victim", 401),
        ("an underscore and a hyphen", "x-org_id: victim", 401),
        ("underscores in a header that is optional", "X_User_Role: admin", 401),
        ("underscores in the proof", "X_Gateway_Secret: 0123456789abcdef", 401),
        ("a header to be dropped on the way", "Connection: X-Org-Id", 401),
        ("the proof to be dropped on the way", "Connection: keep-alive, x-gateway-secret", 401),
        ("a header to be dropped, with underscores", "Connection: close,X_USER_ID", 401),
        ("a wrong proof beside the right one", "X-Gateway-Secret: fedcba9876543210", 401),
        ("the right proof twice", "X-Gateway-Secret: 0123456789abcdef", 401),
        ("a header announced as a trailer", "Trailer: X-Org-Id", 404),
        ("headers of other gateways", "X-Forwarded-User: u1\r\nX-Organization-Id: victim", 404),
    ] {
        let (before, after) = (format!("{line}\r\n{MINE}"), format!("{MINE}{line}\r\n"));
        target.expect(&format!("{what}, before"), &target.request(&before), &[status]).await;
        target.expect(&format!("{what}, after"), &target.request(&after), &[status]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_is_nearly_an_organisation_is_none() {
    let target = Target::start().await;
    let (longer, long) = ("v".repeat(129), "v".repeat(24 * 1024));
    for (what, value, status) in [
        // RFC 9110 section 5.5: white space around a value does not belong to it.
        ("white space around", " \t victim \t ", 200),
        ("another case", " Victim", 404),
        ("nothing", "", 401),
        ("white space alone", " \t ", 401),
        ("a space inside", " vic tim", 401),
        ("a tab inside", " vic\ttim", 401),
        ("two in one", " victim,mine", 401),
        ("quotes", " \"victim\"", 401),
        ("percent encoding", " %76ictim", 401),
        ("a byte outside of ASCII", " v\u{ed}ctim", 401),
        ("a space of Unicode's", " victim\u{c2}\u{a0}", 401),
        ("a byte order mark", " \u{ef}\u{bb}\u{bf}victim", 401),
        ("a NUL", " victim\0", 400),
        ("a control byte", " vic\x01tim", 400),
        ("an escape", " \x1bvictim", 400),
        ("a delete", " victim\x7f", 400),
        ("one character too many", &longer, 401),
        ("24 KiB", &long, 401),
    ] {
        let lines = MINE.replace(" mine", value);
        target.expect(what, &target.request(&lines), &[status]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proof_is_there_once_and_right() {
    let target = Target::start().await;
    let right = "X-Gateway-Secret: 0123456789abcdef\r\n";
    let user = VICTIM.replace(right, "");
    for (what, proof, status) in [
        ("right", right, 200),
        ("missing", "", 401),
        ("empty", "X-Gateway-Secret:\r\n", 401),
        ("wrong", "X-Gateway-Secret: 0123456789abcdeX\r\n", 401),
        ("its beginning", "X-Gateway-Secret: 0123456789abcde\r\n", 401),
        ("more than it", "X-Gateway-Secret: 0123456789abcdef0\r\n", 401),
        ("in another case", "X-Gateway-Secret: 0123456789ABCDEF\r\n", 401),
        ("in bytes outside of ASCII", "X-Gateway-Secret: 0123456789abcde\u{e6}\r\n", 401),
        ("twice in one", "X-Gateway-Secret: 0123456789abcdef, 0123456789abcdef\r\n", 401),
        ("right, then wrong", &format!("{right}X-Gateway-Secret: fedcba9876543210\r\n"), 401),
        ("wrong, then right", &format!("X-Gateway-Secret: fedcba9876543210\r\n{right}"), 401),
        ("right, then empty", &format!("{right}x-gateway-secret:\r\n"), 401),
        ("by another name", "X_Gateway_Secret: 0123456789abcdef\r\n", 401),
    ] {
        target.expect(what, &target.request(&format!("{proof}{user}")), &[status]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_of_the_request_line_does_not_matter() {
    let target = Target::start().await;
    let call = &target.call;
    for (what, line) in [
        ("absolute form", format!("GET http://voice/calls/{call} HTTP/1.1\r\nHost: voice")),
        (
            "absolute form with a user",
            format!("GET http://victim@voice/calls/{call} HTTP/1.1\r\nHost: voice"),
        ),
        ("HTTP/1.0", format!("GET /calls/{call} HTTP/1.0")),
        ("HTTP/1.0 with a host", format!("GET /calls/{call} HTTP/1.0\r\nHost: voice")),
        ("a query", format!("GET /calls/{call}?X-Org-Id=victim&x_org_id=victim HTTP/1.1\r\nHost: voice")),
    ] {
        for (lines, status) in [("", 401), (MINE, 404), (VICTIM, 200)] {
            let request = format!("{line}\r\nConnection: close\r\n{lines}\r\n");
            target.expect(what, &request, &[status]).await;
        }
    }
    target.expect("HTTP/0.9", &format!("GET /calls/{call}\r\n\r\n"), &[400]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trailers_name_nobody() {
    let target = Target::start().await;
    for (what, headers, status) in [("alone", "", 401), ("after another user's headers", MINE, 404)] {
        let request = format!(
            "POST /calls/{}/end HTTP/1.1\r\nHost: voice\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\nTrailer: X-Org-Id\r\n{headers}\r\n2\r\n{{}}\r\n0\r\n{VICTIM}\r\n",
            target.call
        );
        target.expect(what, &request, &[status]).await;
    }
    let replies = send(&target.service, &target.request(VICTIM)).await;
    assert!(replies[0].body.contains(r#""status":"queued""#), "the call was touched: {replies:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_inside_of_another_ones_body_is_not_read_as_one() {
    let target = Target::start().await;
    let inner = target.request(VICTIM);
    let (chunked, sized) =
        ("Transfer-Encoding: chunked\r\n", format!("Content-Length: {}\r\n", inner.len() + 5));
    for (what, framing, status) in [
        ("length, then chunks", format!("{sized}{chunked}"), 404),
        ("chunks, then length", format!("{chunked}{sized}"), 404),
        ("two lengths", format!("Content-Length: 5\r\n{sized}"), 400),
        ("two lengths in one", "Content-Length: 5, 5\r\n".to_owned(), 400),
        ("a length with a sign", "Content-Length: +5\r\n".to_owned(), 400),
        ("a length below zero", "Content-Length: -5\r\n".to_owned(), 400),
        ("a hexadecimal length", "Content-Length: 0x5\r\n".to_owned(), 400),
        ("an empty length", "Content-Length:\r\n".to_owned(), 400),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n".to_owned(), 400),
        ("chunks that are not last", "Transfer-Encoding: chunked, identity\r\n".to_owned(), 400),
        ("chunks, then none", format!("{chunked}Transfer-Encoding: identity\r\n"), 400),
        ("a coding after a vertical tab", "Transfer-Encoding:\x0bchunked\r\n".to_owned(), 400),
        ("a space before the colon", format!("Transfer-Encoding : chunked\r\n{sized}"), 400),
        ("a folded coding", "Transfer-Encoding:\r\n chunked\r\n".to_owned(), 400),
    ] {
        let outer =
            format!("GET /calls/{} HTTP/1.1\r\nHost: voice\r\n{MINE}{framing}\r\n0\r\n\r\n", target.call);
        target.expect(what, &format!("{outer}{inner}"), &[status]).await;
    }
    let old = format!(
        "GET /calls/{} HTTP/1.0\r\nConnection: keep-alive\r\n{MINE}{chunked}\r\n0\r\n\r\n",
        target.call
    );
    target.expect("chunks in HTTP/1.0", &format!("{old}{inner}"), &[400]).await;
    let body = format!(
        "GET /calls/{} HTTP/1.1\r\nHost: voice\r\nConnection: close\r\n{MINE}Content-Length: {}\r\n\r\n",
        target.call,
        inner.len()
    );
    target.expect("a body that looks like a request", &format!("{body}{inner}"), &[404]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_standalone_mode_the_headers_mean_nothing() {
    let service = Plan::standalone(Database::Sqlite).await.start().await;
    let admin = service.admin().await;
    let call = admin.call().await;
    let token = service.login().await["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for (what, lines) in [
        ("none", String::new()),
        ("somebody of another organisation", VICTIM.to_owned()),
        ("two users", format!("{MINE}{VICTIM}")),
        ("values that do not fit", "X-User-Id: a b\r\nX-Org-Id:\r\nX-User-Role: root\r\n".to_owned()),
        ("underscores", "X_User_Id: u1\r\nX_Org_Id: default\r\n".to_owned()),
        ("headers to be dropped on the way", "Connection: X-User-Id, X-Org-Id\r\n".to_owned()),
    ] {
        for (authorization, status) in [("", 401), (bearer.as_str(), 200)] {
            let request = format!(
                "GET /calls/{call} HTTP/1.1\r\nHost: voice\r\nConnection: close\r\n{lines}{authorization}\r\n"
            );
            let replies = send(&service, &request).await;
            assert!(
                matches!(replies[..], [Reply { status: seen, .. }] if seen == status),
                "{what}: {replies:#?}"
            );
        }
    }
}
