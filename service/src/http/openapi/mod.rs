//! `/openapi.json`: the document of the API (OpenAPI 3.1), gathered from the handlers; `/docs`: the same to read.

mod page;
pub(super) mod schemas;

use super::call_list::CallOrderName;
use super::problem;
use super::users::UserOrderName;
use crate::shared::{Identification, Shared};
use axum::Router;
use axum::extract::OriginalUri;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::{OpenApi, ToResponse, ToSchema};

/// What all operations share.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Voice by Kraliki: communications",
        description = "Calls, campaigns, transcripts and sentiment of call centres. Bodies are JSON in snake_case, times \
                       RFC 3339 in UTC, ids UUIDv7. Errors are `application/problem+json` (RFC 9457) with a stable \
                       `type`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "auth", description = "Log in, stay logged in, log out. Standalone mode alone."),
        (name = "users", description = "The organisation's accounts. Standalone mode alone."),
        (name = "calls", description = "Calls and what becomes of them."),
        (name = "transcripts", description = "What was said in calls, and what is found in it."),
        (name = "sentiment", description = "Moods told from calls."),
        (name = "campaigns", description = "Campaigns, whom they call, and whom nobody may call."),
        (name = "events", description = "What happens, as it happens."),
        (name = "providers", description = "What telephony providers report. They prove themselves by signatures."),
        (name = "data protection", description = "How long what is kept, and what of a person was erased."),
        (name = "service", description = "The service itself.")
    ),
    components(schemas(problem::Body<'static>, CallOrderName, UserOrderName))
)]
pub(super) struct Document;

/// An error answer, where an operation has one that the kind of it does not tell.
#[derive(ToResponse)]
#[response(description = "An error, and what to do next.", content_type = "application/problem+json")]
#[expect(dead_code, reason = "stands in the document alone")]
pub(super) struct ProblemAnswer(#[to_schema] problem::Body<'static>);

/// What somebody may do.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case", as = Role)]
#[expect(dead_code, reason = "stands for the tokens' own type, which knows nothing of documents")]
pub(super) enum RoleName {
    Admin,
    Supervisor,
    Agent,
}

/// Where standalone mode's own paths begin.
const STANDALONE_PATHS: [&str; 3] = ["/auth/", "/users", "/.well-known/"];

/// The routes that serve the `gathered` document.
pub(super) fn routes(gathered: &utoipa::openapi::OpenApi, shared: &Shared) -> Router<Arc<Shared>> {
    let standalone = matches!(shared.identification, Identification::Standalone(_));
    let document = Arc::new(complete(serde_json::to_value(gathered).unwrap_or_default(), standalone));
    let page = Arc::new(page::page(&document));
    Router::new()
        .route(
            "/openapi.json",
            get(move |OriginalUri(uri): OriginalUri| async move {
                let mut document = (*document).clone();
                document["servers"] = json!([{"url": base_path(uri.path())}]);
                ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], document.to_string())
            }),
        )
        .route(
            "/docs",
            get(async move || {
                let headers = [
                    (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
                    (CACHE_CONTROL, "no-cache"),
                ];
                (headers, Html((*page).clone())).into_response()
            }),
        )
}

/// Where the API is mounted, as this request saw it.
fn base_path(path: &str) -> &str {
    match path.strip_suffix("/openapi.json") {
        None | Some("") => "/",
        Some(base) => base,
    }
}

/// The document with what follows from the kind of each operation: who must be known, and the errors to expect.
fn complete(mut document: Value, standalone: bool) -> Value {
    let schemes = if standalone {
        json!({"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token from /auth/login."}})
    } else {
        json!({
            "user": {"type": "apiKey", "in": "header", "name": "X-User-Id", "description": "Set by the gateway."},
            "organization": {"type": "apiKey", "in": "header", "name": "X-Org-Id", "description": "Set by the gateway."},
        })
    };
    let required =
        if standalone { json!([{"token": []}]) } else { json!([{"user": [], "organization": []}]) };
    document["components"]["securitySchemes"] = schemes;
    document["security"] = required;
    document["components"]["responses"] = json!({"ProblemAnswer": {
        "description": "An error, and what to do next.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }});
    schemas::tidy(&mut document);
    let named = document["components"]["schemas"].clone();
    let Some(Value::Object(paths)) = document.get_mut("paths") else { return document };
    if !standalone {
        paths.retain(|path, _| !STANDALONE_PATHS.iter().any(|start| path.starts_with(start)));
    }
    for (path, item) in paths.iter_mut() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let Some(operation) = operation.as_object_mut() else { continue };
            add_errors(method, operation);
            loosen_body(operation, &named);
            if method != "get" && !path.starts_with("/auth/") && !is_public(operation) {
                add_key(operation);
            }
        }
    }
    document
}

fn is_public(operation: &Map<String, Value>) -> bool {
    operation.get("security").and_then(Value::as_array).is_some_and(|list| list == &[json!({})])
}

/// A write may be repeated under a key.
fn add_key(operation: &mut Map<String, Value>) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
            "description": "The request may be repeated under it for 24 hours: it then changes nothing more, and gets the \
                            first answer.",
        }));
    }
    let responses = &mut operation["responses"];
    for status in ["400", "422"] {
        if responses.get(status).is_none() {
            responses[status] = json!({"$ref": "#/components/responses/ProblemAnswer"});
        }
    }
}

/// A body may be left out where all that it says may be.
fn loosen_body(operation: &mut Map<String, Value>, schemas: &Value) {
    let Some(body) = operation.get_mut("requestBody") else { return };
    let path = body["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
    let schema = &schemas[path.rsplit('/').next().unwrap_or_default()];
    if schema.is_object() && schema["required"].as_array().is_none_or(Vec::is_empty) {
        body["required"] = json!(false);
    }
}

fn add_errors(method: &str, operation: &mut Map<String, Value>) {
    let parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let has = |place: &str| parameters.iter().any(|parameter| parameter["in"] == place);
    let is_public = is_public(operation);
    let mut statuses = vec!["414", "431", "500", "503"];
    if !is_public {
        statuses.extend(["401", "403", "429"]);
    }
    if has("path") {
        statuses.push("404");
    }
    if has("query") {
        statuses.push("422");
    }
    if parameters.iter().any(|parameter| parameter["name"] == "If-Match") {
        statuses.extend(["400", "412"]);
    }
    if operation.contains_key("requestBody") {
        statuses.extend(["400", "413", "415", "422"]);
    }
    if method != "get" {
        statuses.push("507");
    }
    if !is_public && method != "get" {
        statuses.push("409");
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    for status in statuses {
        if responses.get(status).is_none() {
            responses[status] = json!({"$ref": "#/components/responses/ProblemAnswer"});
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_where_the_document_was_read() {
        assert_eq!(base_path("/openapi.json"), "/");
        assert_eq!(base_path("/api/communications/openapi.json"), "/api/communications");
    }
}
