//! The task that takes the backlog to the calls, and writes the log of rooms.
use std::{
    collections::BTreeSet, collections::VecDeque, sync::Arc, sync::atomic::Ordering::Relaxed, time::Duration,
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{
    backlog::{Line, Waiting, leg_of},
    convert,
    listener::Ears,
};
use crate::handler::Control;

/// How long to wait before the store is tried again that would not go along.
const RETRY: Duration = Duration::from_millis(500);

/// Settles what comes until `stop`, and once more after it: what the last rooms used is to be stored.
pub(super) async fn run(ears: Arc<Ears>, control: Arc<Control>, stop: CancellationToken) {
    let mut is_settled = true;
    loop {
        let wait = async { if is_settled { ears.backlog.arrived().await } else { sleep(RETRY).await } };
        let goes_on = stop.run_until_cancelled(wait).await.is_some();
        is_settled = settle(&ears, &control).await;
        if !goes_on {
            if !is_settled {
                tracing::error!(
                    "the store would not take what the last rooms used, and who was lost in them"
                );
            }
            return;
        }
    }
}

/// Takes all that waits to the calls. Returns whether nothing is left to be tried again.
async fn settle(ears: &Ears, control: &Control) -> bool {
    let Waiting { closed, dropped_lines, dropped_usage, lines, lost } = ears.backlog.take();
    lines.iter().for_each(write);
    if dropped_lines > 0 {
        tracing::warn!(dropped_lines, "rooms changed faster than their log could be written");
    }
    if dropped_usage > 0 {
        ears.counters.lost_usage.fetch_add(dropped_usage, Relaxed);
        tracing::error!(
            dropped_usage,
            "the usage of rooms was dropped, as the store has been away for too long"
        );
    }
    let (mut lost_again, mut closed_again) = (BTreeSet::new(), VecDeque::new());
    for address in lost {
        // Who is back in the room with this device was not lost for long.
        let is_back = ears.index.device_in(&address.room, &address.user).as_ref() == Some(&address.device);
        if !is_back
            && let Some((party, call)) = leg_of(&address)
            && !control.participant_lost(&party, call).await
        {
            lost_again.insert(address);
        }
    }
    for mut usage in closed {
        if !control.room_closed(&mut usage).await {
            closed_again.push_back(usage);
        }
    }
    let is_settled = lost_again.is_empty() && closed_again.is_empty();
    ears.backlog.put_back(lost_again, closed_again);
    is_settled
}

/// One line for each coming and going. Ids hide themselves.
fn write(line: &Line) {
    match line {
        Line::Opened(room) => tracing::info!(app = room.app.0, room = ?room.room, "a room opened"),
        Line::Closed { members, room } => {
            tracing::info!(app = room.app.0, room = ?room.room, members, "a room closed");
        }
        Line::Joined(address) => {
            let room = &address.room;
            tracing::info!(app = room.app.0, room = ?room.room, user = ?address.user, "a participant joined");
        }
        Line::Left(address, cause) => {
            let (room, cause) = (&address.room, convert::cause(*cause));
            let cause = cause.as_str();
            tracing::info!(app = room.app.0, room = ?room.room, user = ?address.user, cause, "a participant left");
        }
    }
}
