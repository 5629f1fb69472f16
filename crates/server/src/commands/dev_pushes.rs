//! The pushes of `offhook dev` over HTTP: what was sent, what shall happen to it, and phones that sleep.
use std::{convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::{Stream, stream};
use offhook_signaling::{DeviceAddress, RegisterDevice, Request};
use offhook_types::{Account, DeviceId, Party, UserId};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;

use super::dev::{self, APP};
use crate::{
    handler::Control,
    pushes::{DevOffice, Mode},
};

#[derive(Clone)]
struct Desk {
    control: Arc<Control>,
    office: Arc<DevOffice>,
}

/// The endpoints of the page `/dev/push` and of phones that sleep.
pub(super) fn router(control: &Arc<Control>, office: Arc<DevOffice>) -> Router {
    Router::new()
        .route("/dev/push/events", get(events))
        .route("/dev/push/mode", get(mode).post(set_mode))
        .route("/dev/push/{id}/deliver", post(deliver))
        .route("/dev/push/{id}/lose", post(lose))
        .route("/dev/push/devices/{user}/{device}", get(deliveries).post(fall_asleep))
        .with_state(Desk { control: Arc::clone(control), office })
}

#[derive(Deserialize, Serialize)]
struct ModeBody {
    mode: Mode,
}

async fn mode(State(desk): State<Desk>) -> Json<ModeBody> {
    Json(ModeBody { mode: desk.office.mode() })
}

async fn set_mode(State(desk): State<Desk>, Json(body): Json<ModeBody>) -> Json<ModeBody> {
    desk.office.set_mode(body.mode);
    Json(body)
}

async fn deliver(State(desk): State<Desk>, Path(id): Path<String>) -> StatusCode {
    found(desk.office.deliver(&id))
}

async fn lose(State(desk): State<Desk>, Path(id): Path<String>) -> StatusCode {
    found(desk.office.lose(&id))
}

fn found(is_known: bool) -> StatusCode {
    if is_known { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

/// Everything that was sent, anew with each change.
async fn events(State(desk): State<Desk>) -> Response {
    let mut changes = desk.office.watch_all();
    changes.mark_changed();
    let snapshots = stream::unfold((changes, desk.office), |(mut changes, office)| async move {
        changes.changed().await.ok()?;
        let snapshot = office.snapshot();
        Some((snapshot, (changes, office)))
    });
    event_stream(snapshots)
}

/// What reaches one phone.
async fn deliveries(State(desk): State<Desk>, Path((user, device)): Path<(String, String)>) -> Response {
    let receiver = desk.office.deliveries();
    let documents = stream::unfold((receiver, user, device), |(mut receiver, user, device)| async move {
        loop {
            match receiver.recv().await {
                Ok(delivery) if delivery.user == user && delivery.device == device => {
                    let document = serde_json::to_string(&*delivery.document).ok()?;
                    return Some((document, (receiver, user, device)));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    event_stream(documents)
}

/// A phone falls asleep: it registers where it is woken, and goes.
async fn fall_asleep(State(desk): State<Desk>, Path((user, device)): Path<(String, String)>) -> Response {
    let (Ok(user), Ok(device)) = (UserId::new(user), DeviceId::new(device)) else {
        return (StatusCode::BAD_REQUEST, "this is no user's or no device's id").into_response();
    };
    if let Err(error) = dev::register(&desk.control, user.as_str()).await {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{error:#}")).into_response();
    }
    desk.office.fell_asleep(user.clone());
    let token = format!("{}/{}", user.as_str(), device.as_str());
    let party = Party { account: Account::new(APP, user), device: Some(device) };
    let register = RegisterDevice { addresses: vec![DeviceAddress::Webhook { token }] };
    match desk.control.execute(&party, Request::RegisterDevice(register)).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem.message).into_response(),
    }
}

/// Server-sent events, each one line of data (HTML, section 9.2).
fn event_stream(texts: impl Stream<Item = String> + Send + 'static) -> Response {
    use futures_util::StreamExt as _;
    let lines = texts.map(|text| Ok::<_, Infallible>(format!("data: {text}\n\n")));
    let begun = stream::once(async { Ok(": listening\n\n".to_owned()) });
    let mut response = Response::new(Body::from_stream(begun.chain(lines)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
