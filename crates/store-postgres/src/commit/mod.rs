//! The commit path: transitions that come at the same time share a statement.
//!
//! Tasks put their transitions into a [`queue::Queue`]. Each committing connection has a lane, which takes what waits there as a
//! group and has PostgreSQL decide it whole ([`sql`]). A group is of one kind: new calls, or steps of known ones; and
//! no two of its transitions have to do with the same call or user, so that the statement may number events and compare
//! revisions without looking at its other rows. What does not fit waits for the next group.
//!
//! **Locks are taken in one order**, which is why groups of different nodes cannot wait for each other in a circle: calls by
//! their ids, then users by app and name. The statement takes a step's call before it decides; a new call needs no
//! lock, for nobody knows its id yet. Births without guards take their keys, in order, before the users. Births with guards take their
//! users before the keys, and all of them have rows by then: whoever names one key twice names the same user, who is theirs to
//! wait for. The two kinds never share a group.
//!
//! What the statement does not make true is looked at once more, one by one, to find out what stood against it
//! ([`verdict`]). Two kinds of transitions are rare and go alone ([`alone`]): steps with guards, and the usage of ended calls.
mod alone;
mod arguments;
mod lane;
mod queue;
mod sql;
mod verdict;

use std::sync::Arc;

use offhook_store::{CommitError, Committed, StoreError, Transition};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{OpenError, Options, line::Line};
use queue::{Queue, Work};

pub(crate) use alone::Introduced;
pub(crate) use arguments::period;

/// What takes transitions.
pub(crate) struct Committer {
    lanes: Vec<JoinHandle<()>>,
    lines: Vec<Arc<Line>>,
    queue: Arc<Queue>,
}

impl Committer {
    pub(crate) async fn open(options: &Options, reading: &Arc<Line>) -> Result<Self, OpenError> {
        let queue = Arc::new(Queue::new(options));
        let (mut lanes, mut lines) = (Vec::new(), Vec::new());
        for _ in 0..options.commit_connections.max(1) {
            let line = Arc::new(Line::open_to_commit(options).await?);
            let lane = lane::Lane {
                committing: Arc::clone(&line),
                home: options.node.cast_signed(),
                queue: Arc::clone(&queue),
                reading: Arc::clone(reading),
                retention: options.event_retention,
            };
            lanes.push(tokio::spawn(lane.run()));
            lines.push(line);
        }
        Ok(Self { lanes, lines, queue })
    }

    pub(crate) async fn commit(&self, transition: Transition) -> Result<Committed, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.queue.put(Work::new(transition, reply))?;
        let closing = |_| StoreError::Unavailable("the store is closing".into());
        answer.await.map_err(closing)?
    }

    /// Whether one of the connections stands.
    pub(crate) fn health(&self) -> Result<(), StoreError> {
        let mut health = Ok(());
        for line in &self.lines {
            health = line.health();
            if health.is_ok() {
                return health;
            }
        }
        health
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.lanes.iter().for_each(JoinHandle::abort);
    }
}
