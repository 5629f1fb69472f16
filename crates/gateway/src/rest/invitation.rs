//! Answers to rings by the credential that a push bears: from devices whose app does not run.
use axum::body::{Body, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use offhook_auth::PassGrant;
use offhook_signaling::{Accept, Acknowledge, Code, Problem, ReadCall, Reject, Reply, Request};
use offhook_types::CallId;

use super::{
    Refusal,
    action::{Asked, show},
    body::{AcceptInvitation, RejectInvitation},
    operation::Operation,
    problem::answer_problem,
};
use crate::{Handler, gateway::Shared, login::token_problem, work};

/// How long a browser may believe that any origin may ask, in seconds.
const PREFLIGHT_AGE: &str = "3600";

/// Says to a browser that any page may ask: who has no credential is told nothing, and nobody's cookies count here.
pub(super) async fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    say(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
    say(header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
    say(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_AGE);
    permit_any_origin(response)
}

/// Lets pages of any origin read the response.
pub(super) fn permit_any_origin(mut response: Response<Body>) -> Response<Body> {
    let any = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}

/// The right that a request brings, if it brings one for this call.
pub(super) fn admit<H>(shared: &Shared<H>, headers: &HeaderMap, id: &str) -> Result<PassGrant, Refusal> {
    let token = super::bearer(headers);
    let call: Option<CallId> = id.parse().ok();
    let (Some(passes), Some(token), Some(call)) = (&shared.passes, token, call) else {
        return Err(Box::new(unauthorized(&invalid())));
    };
    let granted = passes.verify(shared.clock.now(), token, call);
    granted.map_err(|error| Box::new(unauthorized(&token_problem(&error))))
}

/// Carries out what the device wants.
pub(super) async fn act<H: Handler>(
    shared: &Shared<H>,
    operation: Operation,
    (grant, asked): (PassGrant, &Asked<'_>),
) -> Result<Response<Body>, Problem> {
    let PassGrant { call, party } = grant;
    let request = if operation == Operation::AcceptInvitation {
        let AcceptInvitation { data } = asked.parse_or_default()?;
        Request::Accept(Accept { call, data })
    } else if operation == Operation::RejectInvitation {
        let RejectInvitation { data, reason } = asked.parse_or_default()?;
        Request::Reject(Reject { call, data, reason })
    } else {
        if operation == Operation::RingInvitation {
            work::carry_out(shared, &party, Request::Acknowledge(Acknowledge { call })).await?;
        } else {
            let woken = async {
                shared.handler.woken(&party, call).await;
                Ok(())
            };
            work::contained(woken).await?;
        }
        Request::ReadCall(ReadCall { call })
    };
    let reply: Reply = work::carry_out(shared, &party, request).await?;
    Ok(show(reply))
}

/// The body, if there is one at all.
pub(super) async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let is_empty = match headers.get(header::CONTENT_LENGTH) {
        Some(length) => length == "0",
        None => !headers.contains_key(header::TRANSFER_ENCODING),
    };
    if !is_empty {
        return super::read_body(headers, body).await;
    }
    drop(body.collect().await); // Nothing is in it; a connection that goes on wants it read.
    Ok(Bytes::new())
}

fn unauthorized(problem: &Problem) -> Response<Body> {
    let mut refusal = answer_problem(problem);
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    refusal
}

fn invalid() -> Problem {
    Problem::new(Code::TokenInvalid, "the credential is not that of this invitation's push")
}
