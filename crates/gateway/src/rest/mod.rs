//! REST for the apps' back ends.
use std::sync::Arc;

use axum::{Router, body::Body};
use http::{HeaderValue, Response, StatusCode, header};
use offhook_signaling::Problem;

use crate::{Handler, gateway::Shared};

pub(crate) fn router<H: Handler>(shared: Arc<Shared<H>>) -> Router {
    let _ = shared;
    Router::new()
}

/// A problem as RFC 9457 has it.
pub(crate) fn problem_response(status: StatusCode, problem: &Problem) -> Response<Body> {
    let mut response = Response::new(Body::from(problem.message.clone()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
