//! Requests as bytes on a socket: a client would tidy up what is to be shown.

use crate::fixture::{SOON, Service};
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer as it was read from the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// By lower-case name, without those that differ from answer to answer: the request's id and the date.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("expected a head: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .filter(|(name, _)| name != "x-request-id" && name != "date")
            .collect();
        Self {
            status: status.unwrap_or_else(|| panic!("expected a status: {text:?}")),
            headers,
            body: body.to_owned(),
        }
    }

    /// `type`, without its common beginning, and `WWW-Authenticate`.
    pub(super) fn refusal(&self) -> (String, &str) {
        assert_eq!(self.status, 401, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        let kind = problem["type"].as_str().unwrap().strip_prefix("urn:cc-lite:problem:").unwrap();
        (kind.to_owned(), &self.headers["www-authenticate"])
    }
}

/// Sends bytes as they are and reads the answer to its end. A server that has answered need not read the rest.
pub(super) async fn exchange(service: &Service, request: &[u8]) -> Answer {
    let address = service.api.strip_prefix("http://").unwrap();
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let request = request.to_vec();
    let sent = tokio::spawn(async move { writer.write_all(&request).await.map(|()| writer) });
    let mut bytes = Vec::new();
    let read = timeout(SOON, reader.read_to_end(&mut bytes)).await.expect("an answer in time");
    assert!(read.is_ok() || !bytes.is_empty(), "expected an answer, got {read:?}");
    sent.abort();
    Answer::parse(&bytes)
}

/// Asks who one is, with these lines in the request's head.
pub(super) async fn ask(service: &Service, lines: &[&[u8]]) -> Answer {
    let mut request = b"GET /auth/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".to_vec();
    for line in lines {
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    exchange(service, &request).await
}

pub(super) async fn ask_with(service: &Service, token: &str) -> Answer {
    ask(service, &[format!("Authorization: Bearer {token}").as_bytes()]).await
}
