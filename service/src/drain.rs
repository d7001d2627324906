//! Leaving without anybody noticing: between the signal to stop and the end, everything is served, and each answer closes
//! its connection. Whoever comes again does so by a new connection, which leads elsewhere once this process is known to
//! leave; a connection that is just closed when a request is on its way would fail that request.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::middleware::map_response;
use axum::response::Response;
use tokio_util::sync::CancellationToken;

/// The routes, whose answers close their connections from `draining` on.
pub(crate) fn closing_connections(routes: Router, draining: CancellationToken) -> Router {
    routes.layer(map_response(move |mut response: Response| {
        if draining.is_cancelled() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        std::future::ready(response)
    }))
}
