//! The operator's listener: metrics, apart from everything that clients can reach.
use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::body::Body;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// How long a scraper may take for the head of a request, and an idle connection may stay.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// How many scrapers there may be at a time.
const MAX_CONNECTIONS: usize = 64;

/// What there is to count, in the text form of Prometheus.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// Answers `GET /metrics` with what `render` gives until `stop` is canceled. Meant for an address of its own.
pub async fn serve_metrics(listener: TcpListener, render: Render, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            accepted = listener.accept(), if tasks.len() < MAX_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    tasks.spawn(serve(stream, Arc::clone(&render)));
                }
                Err(error) => {
                    tracing::warn!(%error, "no scraper can be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
    tasks.shutdown().await;
}

async fn serve(stream: TcpStream, render: Render) {
    let service = service_fn(move |request: Request<Incoming>| {
        let response = answer(&request, &render);
        async move { Ok::<_, Infallible>(response) }
    });
    // A scraper that breaks HTTP or leaves early is its own matter.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(request: &Request<Incoming>, render: &Render) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    if request.method() == Method::GET && request.uri().path() == "/metrics" {
        *response.body_mut() = Body::from(render());
        let text = HeaderValue::from_static("text/plain; version=0.0.4");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
    } else {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
