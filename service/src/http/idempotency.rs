//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is repeated under its key changes
//! nothing and gets the first answer again.
//!
//! The key is taken in the transaction of the change, so there is no change without its key and no key without its
//! change, whatever crashes. The answer is kept when it is known. Where it could not be (a crash in between) or must not
//! be (it holds a secret), a repetition is answered with what was changed or made, as it is now.

use super::identity::identify;
use super::problem::{Problem, ProblemKind};
use crate::identity::hex;
use crate::scope;
use crate::shared::Shared;
use crate::store::StoreError;
use crate::store::idempotency::{self, Claim, KeptAnswer, Known};
use crate::wording::say;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tower_service::Service;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Headers that belong to an answer.
const KEPT_HEADERS: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];
/// For how long a repetition waits for the first request's answer, and how often it looks.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(50));
/// After this time the first request has been cut short: none may take as long.
const CUT_SHORT: SignedDuration = SignedDuration::from_secs(60);
/// The longest body of a request under a key, in bytes.
const MAX_REQUEST: usize = 1024 * 1024;
/// The longest body of an answer that is kept, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;

/// What the middleware works with: the routes themselves are asked for what a request made.
#[derive(Clone)]
pub(super) struct Repetitions {
    pub(super) shared: Arc<Shared>,
    pub(super) routes: Router,
}

pub(super) async fn handle(State(repetitions): State<Repetitions>, request: Request, next: Next) -> Response {
    let is_write = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    // Tokens are never given out twice, and an import that is repeated adds nothing twice by itself.
    let path = request.uri().path();
    let has_answers = !path.starts_with("/auth/") && !path.ends_with("/contacts/import");
    if !is_write || !has_answers || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    repetitions.answer(request, next).await.unwrap_or_else(IntoResponse::into_response)
}

impl Repetitions {
    async fn answer(mut self, request: Request, next: Next) -> Result<Response, Problem> {
        let key = key(request.headers())?;
        let (parts, body) = request.into_parts();
        let identity = identify(&parts.headers, &self.shared)?;
        let body = to_bytes(body, MAX_REQUEST)
            .await
            .map_err(|_| Problem::new(ProblemKind::ContentTooLarge, say!("idempotency-body-too-large")))?;
        let claim = Claim {
            organization_id: identity.organization_id,
            user_id: identity.user_id,
            key: hex(&Sha256::digest(&key)),
            request: fingerprint(&key, &parts, &body)?,
        };
        // A key that was used for another request is refused by the change, after whatever else is wrong.
        if let Some(known) = self.known(&claim).await?.filter(|known| known.request == claim.request) {
            return self.again(&parts.headers, &claim, known).await;
        }
        scope::claims(claim.clone());
        let headers = parts.headers.clone();
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        if response.extensions().get::<Taken>().is_some()
            && let Some(known) = self.known(&claim).await?
        {
            return self.again(&headers, &claim, known).await;
        }
        if !response.status().is_success() {
            return Ok(response);
        }
        self.keep(claim, response).await
    }

    async fn known(&self, claim: &Claim) -> Result<Option<Known>, StoreError> {
        idempotency::find(&mut *self.shared.store.reader().await?, claim).await
    }

    /// Answers a repetition.
    async fn again(
        &mut self,
        headers: &HeaderMap,
        claim: &Claim,
        mut known: Known,
    ) -> Result<Response, Problem> {
        if known.request != claim.request {
            return Err(Problem::new(ProblemKind::IdempotencyKeyReused, say!("idempotency-key-reused")));
        }
        for _ in 0..PATIENCE.0 {
            if let Some(answer) = known.answer {
                return Ok(replayed(answer));
            }
            if self.shared.clock.now().duration_since(known.created_at) > CUT_SHORT {
                break;
            }
            tokio::time::sleep(PATIENCE.1).await;
            let Some(later) = self.known(claim).await? else { return Err(in_use()) };
            known = later;
        }
        self.as_it_is_now(headers, &known.object).await
    }

    /// What the first request changed or made.
    async fn as_it_is_now(&mut self, headers: &HeaderMap, object: &str) -> Result<Response, Problem> {
        let uri: Uri = object.parse().map_err(|_| Problem::internal())?;
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri;
        *request.headers_mut() = headers.clone();
        request.headers_mut().remove(KEY);
        request.headers_mut().remove(IF_MATCH);
        let Ok(mut response) = self.routes.call(request).await;
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }

    /// Keeps the answer for a repetition, unless it holds a secret.
    async fn keep(&self, claim: Claim, response: Response) -> Result<Response, Problem> {
        if response.headers().get(CACHE_CONTROL).is_some_and(|value| value == "no-store") {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_ANSWER).await.map_err(|_| Problem::internal())?;
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let answer = KeptAnswer {
            status: parts.status.as_u16(),
            headers: KEPT_HEADERS
                .iter()
                .filter_map(|name| Some((name.to_string(), text(parts.headers.get(name)?)?)))
                .collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        let kept = self
            .shared
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(async move { idempotency::complete(tx, &claim, &answer).await })
            })
            .await;
        if let Err(error) = kept {
            // The change is safe; a repetition is answered with what it made.
            tracing::warn!(%error, "an answer could not be kept for its repetition");
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

/// Marks the answer of a request that found its key taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken;

/// The one key: 1 to 255 visible characters, in quotes or without.
fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all(KEY).iter();
    let value = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
    let key =
        value.map(|value| value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value));
    key.filter(|key| (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(str::to_owned)
        .ok_or_else(|| Problem::new(ProblemKind::MalformedRequest, say!("idempotency-key-unreadable")))
}

/// What makes a request the same: method, path, the version that it is meant for, and the body.
///
/// Bodies may hold numbers, which are few enough to be tried out. So the key, of which a hash alone is kept, goes into
/// it as HMAC's; and passwords, which nobody must try out at this speed, are left out.
fn fingerprint(key: &str, parts: &Parts, body: &Bytes) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| Problem::internal())?;
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let version = parts.headers.get(IF_MATCH).map_or(&b""[..], HeaderValue::as_bytes);
    for part in [parts.method.as_str().as_bytes(), b" ", target.as_bytes(), b"\n", version, b"\n"] {
        mac.update(part);
    }
    let mut fields: serde_json::Map<_, _> = serde_json::from_slice(body).unwrap_or_default();
    if fields.remove("password").is_some() {
        mac.update(serde_json::Value::Object(fields).to_string().as_bytes());
    } else {
        mac.update(body);
    }
    Ok(hex(&mac.finalize().into_bytes()))
}

fn replayed(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// The first request has not ended.
fn in_use() -> Problem {
    Problem::new(ProblemKind::IdempotencyKeyInUse, say!("idempotency-key-in-use")).with_retry_after()
}
