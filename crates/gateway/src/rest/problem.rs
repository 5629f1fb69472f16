//! Problems as RFC 9457 has them.
use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use offhook_signaling::{CallView, Code, Problem};
use schemars::JsonSchema;
use serde::Serialize;

static NUMBER: AtomicU64 = AtomicU64::new(0);
static MIXER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProblemDetails")]
pub(crate) struct ProblemBody<'a> {
    /// Names the kind of problem; the last part is `code`.
    r#type: String,
    /// The code in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A sentence for the developer: what is wrong, and what to do.
    detail: &'a str,
    /// The call as it now is, if the request named one and the user has to do with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a CallView>,
    /// The stable code.
    code: &'a Code,
    /// The nearest code of the reference's ZIM packages; for rooms, of its Express packages.
    zim_code: u32,
    /// Whether the same request may succeed later.
    retryable: bool,
    /// When to try again, in milliseconds, if that may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// Names this request in the server's log.
    request_id: &'a str,
}

/// The answer that tells of a problem, with another status than its code has.
pub(crate) fn problem_response(status: StatusCode, problem: &Problem) -> Response<Body> {
    let code = problem.code.as_str();
    let request_id = request_id();
    tracing::debug!(request = request_id, status = status.as_u16(), code, "a request failed");
    let body = ProblemBody {
        r#type: format!("urn:offhook:problem:{code}"),
        title: code.replace('_', " "),
        status: status.as_u16(),
        detail: &problem.message,
        call: problem.call.as_ref(),
        code: &problem.code,
        zim_code: problem.zim_code,
        retryable: problem.retryable,
        retry_after_ms: problem.retry_after_ms,
        request_id: &request_id,
    };
    let text = serde_json::to_vec(&body).expect("a problem holds text keys and finite numbers only");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let id = HeaderValue::try_from(request_id.as_str()).expect("digits are a header value");
    headers.insert(HeaderName::from_static("x-request-id"), id);
    if let Some(wait) = problem.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.div_ceil(1000)));
    }
    response
}

/// The answer that tells of a problem.
pub(crate) fn answer_problem(problem: &Problem) -> Response<Body> {
    let status =
        StatusCode::from_u16(problem.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    problem_response(status, problem)
}

/// Unlike any other of this process, and telling nothing of how many there were.
fn request_id() -> String {
    format!("{:016x}", MIXER.hash_one(NUMBER.fetch_add(1, Ordering::Relaxed)))
}
