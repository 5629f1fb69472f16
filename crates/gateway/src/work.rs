//! What a session has the handler do: one boxed future at a time, so that an idle session holds none.
//!
//! Work owns all it needs and is never dropped halfway, not even when its connection is gone: a commit whose events
//! nobody hears of would be worse than a late one.
use std::{future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures_util::FutureExt;
use offhook_signaling::{Code, Hello, Problem, Reply, Request};
use offhook_types::{Offset, Party};

use crate::{
    Delivery, Departure, Handler, Opened,
    gateway::Shared,
    login::{self, Member},
    metrics::kind,
    seat::Seat,
};

pub(crate) type Job = Pin<Box<dyn Future<Output = Done> + Send>>;

/// What the handler has done.
pub(crate) enum Done {
    Events(Result<Delivery, Problem>),
    Executed(Result<Reply, Problem>),
    LoggedOut,
    Opened(Result<(Box<Member>, Opened), Problem>),
}

/// Carries a request out, and counts it.
pub(crate) async fn carry_out<H: Handler>(
    shared: &Shared<H>,
    party: &Party,
    request: Request,
) -> Result<Reply, Problem> {
    let (row, begin) = (kind(&request), shared.clock.elapsed());
    let result = contained(shared.handler.execute(party, request)).await;
    shared.metrics.request(row, result.as_ref().err(), shared.clock.elapsed().saturating_sub(begin));
    result
}

/// A fault of the handler costs the request that met it, not the session, whose leave could then not be taken.
pub(crate) async fn contained<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("the handler panicked");
        Err(Problem::new(Code::Internal, "something broke on the server; it has been logged"))
    })
}

/// Carries a session's request out.
pub(crate) fn execute<H: Handler>(shared: Arc<Shared<H>>, party: Arc<Party>, request: Request) -> Job {
    Box::pin(async move { Done::Executed(carry_out(&shared, &party, request).await) })
}

/// Reads events.
pub(crate) fn fetch<H: Handler>(shared: Arc<Shared<H>>, party: Arc<Party>, after: Offset) -> Job {
    Box::pin(async move {
        let limit = shared.config.events_per_page;
        Done::Events(contained(shared.handler.events(&party, after, limit)).await)
    })
}

/// Logs the device out.
pub(crate) fn log_out<H: Handler>(shared: Arc<Shared<H>>, party: Arc<Party>) -> Job {
    Box::pin(async move {
        match contained(shared.handler.closed(&party, Departure::LoggedOut).map(Ok)).await {
            Ok(()) => Done::LoggedOut,
            Err(problem) => Done::Executed(Err(problem)),
        }
    })
}

/// Lets a device in.
pub(crate) fn open<H: Handler>(
    shared: Arc<Shared<H>>,
    seat: Arc<Seat>,
    hello: Hello,
    origin: Option<Box<str>>,
) -> Job {
    Box::pin(async move { Done::Opened(login::open(&shared, seat, hello, origin).await) })
}
