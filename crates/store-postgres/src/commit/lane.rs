//! One committing connection, and what goes over it: group after group.
use std::{collections::HashMap, sync::Arc, time::Duration};

use offhook_store::{Committed, StoreError};
use tokio_postgres::Row;

use super::{
    alone,
    arguments::Arguments,
    queue::{Busy, Group, Kind, Queue, Work},
    sql, verdict,
};
use crate::{
    convert,
    error::{Fate, fate, from_postgres, is_read_only},
    line::{Line, Link},
};

/// How often it is looked whether a connection stands again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How often a group is tried that the server rolled back because of others.
const TRIES: u32 = 5;

pub(super) struct Lane {
    pub(super) committing: Arc<Line>,
    pub(super) home: i64,
    pub(super) queue: Arc<Queue>,
    pub(super) reading: Arc<Line>,
    pub(super) retention: Duration,
}

/// What came of a group.
enum Served {
    /// Rows for what became true.
    Decided(Vec<Row>),
    /// None of it became true, or nobody knows.
    Failed(StoreError),
    /// Something in it is not acceptable to the server.
    Refused(StoreError),
}

impl Lane {
    pub(super) async fn run(self) {
        loop {
            // What others can serve is not to wait for this connection.
            self.stand().await;
            let Group { busy, kind, mut work } = self.queue.take().await;
            match self.committing.standing() {
                Some(link) => {
                    work.sort_by_key(|work| work.transition.call.id);
                    self.serve(&link, (kind, work), busy).await;
                }
                None => self.queue.put_back(work),
            }
        }
    }

    /// Waits until there is a connection. Whoever waits too long meanwhile is told why.
    async fn stand(&self) {
        while self.committing.standing().is_none() {
            self.queue.refuse_late(&self.committing.trouble());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn serve(&self, link: &Link, (kind, work): (Kind, Vec<Work>), busy: Busy<'_>) {
        let served = self.decide(link, kind, &work).await;
        drop(busy);
        match served {
            Served::Decided(rows) => self.answer(work, &rows),
            Served::Failed(error) => {
                for work in work {
                    work.done(Err(error.clone().into()));
                }
            }
            Served::Refused(error) if work.len() == 1 => {
                tracing::error!(%error, "a transition cannot be committed");
                for work in work {
                    work.done(Err(error.clone().into()));
                }
            }
            Served::Refused(error) => self.serve_singly(link, kind, (work, error)).await,
        }
    }

    /// One that is not acceptable must not keep the others from being committed.
    async fn serve_singly(&self, link: &Link, kind: Kind, (group, error): (Vec<Work>, StoreError)) {
        tracing::warn!(%error, size = group.len(), "a group of transitions was refused; they are tried one by one");
        for work in group {
            let alone = vec![work];
            match self.decide(link, kind, &alone).await {
                Served::Decided(rows) => self.answer(alone, &rows),
                Served::Failed(error) | Served::Refused(error) => {
                    for work in alone {
                        work.done(Err(error.clone().into()));
                    }
                }
            }
        }
    }

    async fn decide(&self, link: &Link, kind: Kind, group: &[Work]) -> Served {
        let arguments = Arguments::new(group, (self.home, self.retention));
        for _ in 0..TRIES {
            let executed = self.execute(link, (kind, group), &arguments);
            let error = match self.committing.in_time(link, executed).await {
                Ok(Ok(rows)) => return Served::Decided(rows),
                Ok(Err(error)) => error,
                Err(error) => return Served::Failed(error),
            };
            match fate(&error) {
                Fate::Again => {
                    tracing::debug!(%error, "a group of transitions is tried again");
                }
                Fate::Refused => return Served::Refused(from_postgres(&error)),
                Fate::Unavailable => {
                    if is_read_only(&error) {
                        link.give_up(); // The next one goes to whoever writes by then.
                    }
                    return Served::Failed(from_postgres(&error));
                }
            }
        }
        // One by one, each has a better chance.
        Served::Refused(StoreError::Unavailable(
            "others have kept a commit from being made for too long".into(),
        ))
    }

    async fn execute(
        &self,
        link: &Link,
        (kind, group): (Kind, &[Work]),
        arguments: &Arguments<'_>,
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        match kind {
            Kind::Alone | Kind::CreateGuarded => alone::introduce(link, group).await?,
            Kind::Create | Kind::Step | Kind::Usage => {}
        }
        let columns = arguments.all();
        let of_step = &columns[..Arguments::OF_STEPS];
        match kind {
            Kind::Alone => alone::guarded(link, group, of_step).await,
            Kind::Create | Kind::CreateGuarded => link.query(sql::CREATE, &columns).await,
            Kind::Step => link.query(sql::STEP, of_step).await,
            Kind::Usage => link.query(sql::USAGE, of_step).await,
        }
    }

    /// Tells the winners, and finds out what stood against the others.
    fn answer(&self, group: Vec<Work>, rows: &[Row]) {
        let mut won = committed(rows);
        for (work, number) in group.into_iter().zip(1..) {
            match won.remove(&number) {
                Some(Ok(committed)) => work.done(Ok(committed)),
                Some(Err(error)) => work.done(Err(error.into())),
                None => {
                    let (reading, queue) = (Arc::clone(&self.reading), Arc::clone(&self.queue));
                    tokio::spawn(async move { verdict::pronounce(&reading, &queue, work).await });
                }
            }
        }
    }
}

/// The transitions that became true, by their numbers.
fn committed(rows: &[Row]) -> HashMap<i32, Result<Committed, StoreError>> {
    let mut won: HashMap<i32, Result<Committed, StoreError>> = HashMap::with_capacity(rows.len());
    for row in rows {
        let committed = won.entry(row.get(0)).or_insert_with(|| Ok(Committed::default()));
        let Some(user) = row.get::<_, Option<&str>>(1) else { continue };
        match (convert::user(user), committed) {
            (Ok(user), Ok(committed)) => committed.heads.push((user, convert::offset(row.get(2)))),
            (Err(error), committed) => *committed = Err(error),
            (Ok(_), Err(_)) => {}
        }
    }
    won
}
