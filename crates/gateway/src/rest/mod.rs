//! REST for the apps' back ends: who asks, what they ask for, and the answer. Carrying it out is the handler's.
mod action;
mod body;
mod invitation;
mod openapi;
mod operation;
mod problem;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{RawPathParams, Request, State},
    routing::{MethodFilter, MethodRouter, on},
};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use offhook_auth::{ServerGrant, verify_server_token};
use offhook_signaling::{Code, MAX_FRAME_BYTES, Problem};

use crate::{Handler, gateway::Shared, login::token_problem};
use action::Asked;
use operation::Operation;

pub use openapi::openapi;
pub(crate) use problem::problem_response;

/// A request that is not carried out: its answer, boxed because it is large and rare.
type Refusal = Box<Response<Body>>;

/// All operations.
pub(crate) fn router<H: Handler>(shared: Arc<Shared<H>>) -> Router {
    let mut router = Router::new();
    for operation in Operation::ALL {
        let description = operation.describe();
        let mut routes = method::<H>(*operation);
        if description.by_credential {
            routes = routes.on(MethodFilter::OPTIONS, invitation::preflight);
        }
        router = router.route(description.path, routes);
    }
    router.fallback(no_such_address).method_not_allowed_fallback(no_such_method).with_state(shared)
}

fn method<H: Handler>(operation: Operation) -> MethodRouter<Arc<Shared<H>>> {
    let filter = match operation.describe().method {
        "delete" => MethodFilter::DELETE,
        "post" => MethodFilter::POST,
        "put" => MethodFilter::PUT,
        _ => MethodFilter::GET,
    };
    on(
        filter,
        move |State(shared): State<Arc<Shared<H>>>, parameters: RawPathParams, request: Request| async move {
            let mut path = parameters.iter().map(|(_, value)| value.to_owned());
            let path = [path.next().unwrap_or_default(), path.next().unwrap_or_default()];
            match answer(&shared, operation, path, request).await {
                Ok(response) => response,
                Err(refusal) => *refusal,
            }
        },
    )
}

async fn no_such_address() -> Response<Body> {
    problem::answer_problem(&Problem::new(Code::NotFound, "there is nothing at this address"))
}

async fn no_such_method() -> Response<Body> {
    let problem = Problem::new(Code::BadRequest, "this address does not know the method");
    problem_response(StatusCode::METHOD_NOT_ALLOWED, &problem)
}

async fn answer<H: Handler>(
    shared: &Shared<H>,
    operation: Operation,
    [id, member]: [String; 2],
    request: Request,
) -> Result<Response<Body>, Refusal> {
    let description = operation.describe();
    if description.by_credential {
        let answered = answer_by_credential(shared, operation, id, request).await;
        let response = answered.unwrap_or_else(|refusal| *refusal);
        return Ok(invitation::permit_any_origin(response));
    }
    let Some(scope) = description.scope else { return action::look(shared, operation) };
    let (parts, body) = request.into_parts();
    let grant = authenticate(shared, &parts.headers)?;
    if !grant.scope.allows(scope) {
        let problem = Problem::new(Code::TokenInvalid, "the token's scope does not hold this operation");
        return Err(Box::new(problem_response(StatusCode::FORBIDDEN, &problem)));
    }
    let body = match description.body {
        Some(_) => read_body(&parts.headers, body).await?,
        None => Bytes::new(),
    };
    let query = parts.uri.query().unwrap_or_default();
    let asked =
        Asked { app: grant.app, body: &body, headers: &parts.headers, id: &id, member: &member, query };
    match action::act(shared, operation, &asked).await {
        Ok(response) => Ok(response),
        Err(problem) => Err(Box::new(problem::answer_problem(&problem))),
    }
}

/// Answers a device that brings the credential of its push.
async fn answer_by_credential<H: Handler>(
    shared: &Shared<H>,
    operation: Operation,
    id: String,
    request: Request,
) -> Result<Response<Body>, Refusal> {
    let (parts, body) = request.into_parts();
    let grant = invitation::admit(shared, &parts.headers, &id)?;
    let body = invitation::read_body(&parts.headers, body).await?;
    let app = grant.party.account.app;
    let asked = Asked { app, body: &body, headers: &parts.headers, id: &id, member: "", query: "" };
    let acted = invitation::act(shared, operation, (grant, &asked)).await;
    acted.map_err(|problem| Box::new(problem::answer_problem(&problem)))
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn authenticate<H>(shared: &Shared<H>, headers: &HeaderMap) -> Result<ServerGrant, Refusal> {
    let refused = match bearer(headers) {
        Some(token) => match verify_server_token(&shared.keys.load(), shared.clock.now(), token) {
            Ok(grant) => return Ok(grant),
            Err(error) => token_problem(&error),
        },
        None => Problem::new(Code::TokenInvalid, "the token is not valid"),
    };
    let mut refusal = problem::answer_problem(&refused);
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Err(Box::new(refusal))
}

/// The body, unless it is too large: then it is not even read.
async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        let problem = Problem::new(Code::BadRequest, "the body is JSON, and its content type says so");
        return Err(Box::new(problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &problem)));
    }
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let too_large = || {
        let problem = Problem::new(Code::TooLarge, format!("a body has at most {MAX_FRAME_BYTES} bytes"));
        let mut refusal = problem::answer_problem(&problem);
        refusal.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Box::new(refusal)
    };
    if announced.is_some_and(|length| length > MAX_FRAME_BYTES) {
        return Err(too_large());
    }
    match Limited::new(body, MAX_FRAME_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(_) => {
            let problem = Problem::new(Code::BadRequest, "the body breaks off");
            Err(Box::new(problem::answer_problem(&problem)))
        }
    }
}
