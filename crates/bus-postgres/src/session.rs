//! Two connections, from when both stand until one of them does not.
use std::{convert::Infallible, sync::Arc, time::Duration};

use offhook_bus::{
    Trouble, TroubleKind,
    adapter::{Backoff, Core, wire},
};
use offhook_postgres_line::{
    ConnectError, Connection, connect,
    tokio_postgres::{self, Client, Statement, error::SqlState},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{carrier::PostgresCarrier, options::Lines, outbox, parts::Joiner};

/// How long a statement may take until the connection is given up.
const STATEMENT_WITHIN: Duration = Duration::from_secs(5);
/// How long a node's own announcements, one a second, may stay away until the connections are given up. Less gives up connections that
/// are only slow; more, and leases of nodes that cannot be heard run out first.
const ECHO_WITHIN: Duration = Duration::from_secs(3);

/// Why a session has ended, or did not begin.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("the database ended the connection")]
    Ended,
    #[error("the connection to the database failed")]
    Failed(#[from] tokio_postgres::Error),
    #[error("the database takes no notifications, or they do not come back")]
    Silent,
}

/// Makes sessions, one after the other, for as long as it is polled.
pub(crate) async fn keep(core: Arc<Core<PostgresCarrier>>, lines: Lines, channel: String) {
    let mut backoff = Backoff::default();
    loop {
        let Err(broken) = run(&core, &lines, &channel, &mut backoff).await;
        core.away(trouble(&broken));
        let (hints, messages) = core.carrier().outbox().clear();
        core.lost(hints);
        core.tally().dropped_messages(messages);
        sleep(backoff.next_wait()).await;
    }
}

async fn run(
    core: &Arc<Core<PostgresCarrier>>,
    lines: &Lines,
    channel: &str,
    backoff: &mut Backoff,
) -> Result<Infallible, Broken> {
    let (listener, listening) = connect(&lines.listening).await?;
    let (notifier, notifying) = connect(&lines.notifying).await?;
    let mut connections = JoinSet::new();
    let (echoes, echo) = watch::channel(Instant::now());
    connections.spawn(hear(Arc::clone(core), listening, echoes));
    connections.spawn(async move { notifying.await.map_err(Broken::from) });
    // The channel's name is of small letters, digits and `_` alone.
    listener.batch_execute(&format!("LISTEN {channel}")).await?;
    let notify = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";
    let notify = notifier.prepare(notify).await?;
    let notifying = Notifying { client: notifier, notify, channel: channel.to_owned() };
    core.connected();
    backoff.reset();
    let broken = tokio::select! {
        broken = pass_on(core, &notifying) => broken,
        broken = silence(echo) => broken,
        ended = connections.join_next() => match ended {
            Some(Ok(Err(broken))) => broken,
            Some(Ok(Ok(())) | Err(_)) | None => Broken::Ended,
        },
    };
    drop(listener); // Until here, or the connection would have ended.
    Err(broken)
}

/// Hands on what is notified, until the connection ends.
async fn hear(
    core: Arc<Core<PostgresCarrier>>,
    mut connection: Connection,
    echoes: watch::Sender<Instant>,
) -> Result<(), Broken> {
    let (me, mut joiner) = (core.identity().id, Joiner::default());
    while let Some(notification) = connection.notification().await {
        match outbox::message(notification?.payload()) {
            Some(message) if wire::sender(&message) == Some(me) => {
                echoes.send_replace(Instant::now());
            }
            Some(message) => {
                if let Some(whole) = joiner.take(message) {
                    core.receive(&whole);
                }
            }
            None => core.tally().undecodable(1),
        }
    }
    Ok(())
}

/// Ends when this node's own announcements do not come back.
async fn silence(mut echo: watch::Receiver<Instant>) -> Broken {
    loop {
        let deadline = *echo.borrow_and_update() + ECHO_WITHIN;
        tokio::select! {
            () = sleep_until(deadline) => return Broken::Silent,
            // If the hearing has ended, that is reported where it is.
            changed = echo.changed() => if changed.is_err() { std::future::pending::<()>().await },
        }
    }
}

struct Notifying {
    client: Client,
    notify: Statement,
    channel: String,
}

/// Sends what is in the outbox, one statement after the other.
async fn pass_on(core: &Core<PostgresCarrier>, notifying: &Notifying) -> Broken {
    let outbox = core.carrier().outbox();
    let Notifying { client, notify, channel } = notifying;
    loop {
        outbox.filled().await;
        let batch = outbox.take(core.identity().id);
        let under_way = UnderWay { core, hints: batch.hints, messages: batch.messages };
        match timeout(STATEMENT_WITHIN, client.execute(notify, &[channel, &batch.payloads])).await {
            Ok(Ok(_)) => under_way.has_arrived(),
            Ok(Err(error)) => return Broken::from(error),
            Err(_) => return Broken::Silent,
        }
        outbox.sent();
    }
}

/// Counts what is under way as lost, unless it arrives. It may have arrived all the same; then others look without need.
struct UnderWay<'a> {
    core: &'a Core<PostgresCarrier>,
    hints: usize,
    messages: usize,
}

impl UnderWay<'_> {
    fn has_arrived(mut self) {
        (self.hints, self.messages) = (0, 0);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.core.lost(self.hints);
        self.core.tally().dropped_messages(self.messages);
    }
}

/// What it means, in a sentence that says what to do.
fn trouble(broken: &Broken) -> Trouble {
    let (kind, advice) = match broken {
        Broken::Connect(error) if !error.is_temporary() => (TroubleKind::Refused, told_whole(error)),
        Broken::Connect(error) => (TroubleKind::Unreached, told_whole(error)),
        Broken::Failed(error) if error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => (
            TroubleKind::Refused,
            "the bus needs the primary, and this is a standby: add target_session_attrs=read-write to the database's URL".to_owned(),
        ),
        Broken::Failed(error) => (TroubleKind::Lost, format!("{broken}: {}", told_whole(error))),
        Broken::Ended => (TroubleKind::Lost, broken.to_string()),
        Broken::Silent => (
            TroubleKind::Lost,
            "the database does not notify: it is overwhelmed, or the way goes through a pooler, which the bus must not".to_owned(),
        ),
    };
    Trouble { kind, advice }
}

/// The error with its causes.
fn told_whole(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told += &format!(": {error}");
        cause = error.source();
    }
    told
}
