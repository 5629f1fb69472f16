//! One connection while it speaks HTTP: REST requests, or the upgrade to a WebSocket session.
//!
//! The whole of this phase lives in one box, which is gone before the session begins: an idle session holds nothing of
//! HTTP.
use std::{
    convert::Infallible,
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, body::Body};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::{
    body::Incoming,
    server::conn::http1,
    service::service_fn,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::{TokioIo, TokioTimer};
use offhook_signaling::{Code, Problem, SUBPROTOCOL};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::{Handler, connection::Connection, gateway::Shared, rest::problem_response};

/// The path of sessions.
const SESSION_PATH: &str = "/v1/ws";

/// The socket of a session to be, what was read of it already, and the origin of the page that opened it.
pub(crate) struct Handover {
    pub(crate) origin: Option<Box<str>>,
    pub(crate) read_ahead: Vec<u8>,
    pub(crate) stream: TcpStream,
}

/// What the upgrade request leaves behind for the time after HTTP.
type Slot = Arc<Mutex<Option<(OnUpgrade, Option<Box<str>>)>>>;

/// Serves a connection to its end.
pub(crate) async fn serve<H: Handler>(
    shared: Arc<Shared<H>>,
    router: Router,
    stream: TcpStream,
    stop: CancellationToken,
) {
    let handover: Pin<Box<dyn Future<Output = Option<Handover>> + Send>> =
        Box::pin(speak_http(Arc::clone(&shared), router, stream, stop));
    if let Some(handover) = handover.await {
        Connection::new(shared, handover).await.run().await;
    }
}

async fn speak_http<H: Handler>(
    shared: Arc<Shared<H>>,
    router: Router,
    stream: TcpStream,
    stop: CancellationToken,
) -> Option<Handover> {
    let slot = Slot::default();
    let header_timeout = shared.config.header_timeout;
    let service = {
        let slot = Arc::clone(&slot);
        service_fn(move |request: Request<Incoming>| {
            let (shared, router, slot) = (Arc::clone(&shared), router.clone(), Arc::clone(&slot));
            async move { Ok::<_, Infallible>(respond(&shared, router, &slot, request).await) }
        })
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    // A peer that breaks HTTP or leaves early is its own matter.
    ended.ok()?;
    let (upgrade, origin) = slot.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let upgraded: Upgraded = upgrade.await.ok()?;
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    Some(Handover { origin, read_ahead: parts.read_buf.to_vec(), stream: parts.io.into_inner() })
}

async fn respond<H: Handler>(
    shared: &Shared<H>,
    router: Router,
    slot: &Slot,
    mut request: Request<Incoming>,
) -> Response<Body> {
    if request.uri().path() == SESSION_PATH {
        return upgrade(shared, slot, &mut request).unwrap_or_else(|refusal| *refusal);
    }
    let answer = router.oneshot(request.map(Body::new));
    match tokio::time::timeout(shared.config.request_timeout, answer).await {
        Ok(Ok(response)) => response,
        Err(_) => {
            let problem = Problem::new(Code::BadRequest, "the request did not arrive, or end, in time");
            let mut response = problem_response(StatusCode::REQUEST_TIMEOUT, &problem);
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

/// Answers the opening handshake (RFC 6455, section 4.2). The token comes in the first frame, never here.
fn upgrade<H>(
    shared: &Shared<H>,
    slot: &Slot,
    request: &mut Request<Incoming>,
) -> Result<Response<Body>, Box<Response<Body>>> {
    let headers = request.headers();
    let refuse =
        |status, message| Box::new(problem_response(status, &Problem::new(Code::BadRequest, message)));
    let is_upgrade = request.method() == Method::GET
        && names(headers, &header::CONNECTION, "upgrade")
        && names(headers, &header::UPGRADE, "websocket");
    if !is_upgrade {
        return Err(refuse(StatusCode::UPGRADE_REQUIRED, "this is the address of WebSocket sessions"));
    }
    if request.uri().query().is_some() {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "the address takes no query; the token belongs into hello",
        ));
    }
    if !names(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
        let mut refusal = refuse(StatusCode::UPGRADE_REQUIRED, "the WebSocket version is 13");
        refusal.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return Err(refusal);
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let key = key.ok_or_else(|| refuse(StatusCode::BAD_REQUEST, "the WebSocket key is missing"))?;
    let offered = headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    if offered && !names(headers, &header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return Err(refuse(StatusCode::BAD_REQUEST, "the subprotocol is offhook.v1"));
    }
    let origin = origin(shared, headers).map_err(|()| {
        refuse(StatusCode::FORBIDDEN, "no app lets pages of this origin in; list it in the app's origins")
    })?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes())).expect("base64 is a header value");
    let answer = response.headers_mut();
    answer.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    answer.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if offered {
        answer.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    let on_upgrade = hyper::upgrade::on(request);
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((on_upgrade, origin));
    Ok(response)
}

/// The page's origin, unless no app at all admits it. Which app the page wants is known only after hello.
fn origin<H>(shared: &Shared<H>, headers: &HeaderMap) -> Result<Option<Box<str>>, ()> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(None) };
    let origin = origin.to_str().map_err(|_| ())?;
    if shared.config.some_app_admits(origin) { Ok(Some(origin.into())) } else { Err(()) }
}

/// Whether the comma-separated header holds the word.
fn names(headers: &HeaderMap, name: &header::HeaderName, word: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(word))
}
