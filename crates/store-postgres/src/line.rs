//! One connection that is made anew whenever it ends.
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use offhook_store::StoreError;
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinHandle},
    time::timeout,
};
use tokio_postgres::{Client, Error, Row, Statement, types::ToSql};

use crate::{OpenError, Options, check, commit::Introduced, error::from_postgres};

/// The pauses between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The server ends a statement when patience ends; its word for that may take so much longer to come.
const GRACE: Duration = Duration::from_millis(500);
/// How often it is looked whether what was given up is over.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The parameters of a statement.
pub(crate) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection, or the place where there will be one again.
pub(crate) struct Line {
    patience: Duration,
    state: watch::Receiver<State>,
    task: JoinHandle<()>,
}

/// How it stands with a line.
#[derive(Clone)]
enum State {
    Down(StoreError),
    Up(Arc<Link>),
}

/// A connection that stands, with what was prepared on it.
pub(crate) struct Link {
    pub(crate) client: Client,
    driver: AbortHandle,
    pub(crate) introduced: Introduced,
    /// The number of the server's process.
    process: i32,
    statements: Mutex<HashMap<&'static str, Statement>>,
}

/// How a line is made.
struct Way {
    /// Whether a server that only reads will not do.
    is_to_write: bool,
    settings: Settings,
}

impl Line {
    /// Connects, and keeps it so. Settings hold for this connection.
    pub(crate) async fn open(options: &Options) -> Result<Self, OpenError> {
        Self::with(options, Way { is_to_write: false, settings: settings(options) }).await
    }

    /// As [`Line::open`], for the statements that decide groups of transitions.
    pub(crate) async fn open_to_commit(options: &Options) -> Result<Self, OpenError> {
        let mut settings = settings(options);
        settings.settings.push(("enable_nestloop".to_owned(), "off".to_owned()));
        Self::with(options, Way { is_to_write: true, settings }).await
    }

    async fn with(options: &Options, way: Way) -> Result<Self, OpenError> {
        let (link, driver) = connect(&way).await?;
        let process = link.process;
        let (state, watched) = watch::channel(State::Up(Arc::new(link)));
        let task = tokio::spawn(keep(way, (process, driver), state));
        Ok(Self { patience: options.patience, state: watched, task })
    }

    /// The connection, if there is one now.
    pub(crate) fn standing(&self) -> Option<Arc<Link>> {
        match &*self.state.borrow() {
            State::Up(link) if link.stands() => Some(Arc::clone(link)),
            State::Down(_) | State::Up(_) => None,
        }
    }

    /// The connection, once there is one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if there is none for as long as one may wait.
    pub(crate) async fn link(&self) -> Result<Arc<Link>, StoreError> {
        if let Some(link) = self.standing() {
            return Ok(link);
        }
        let mut state = self.state.clone();
        let is_up = |state: &State| match state {
            State::Up(link) => link.stands(),
            State::Down(_) => false,
        };
        let _ = timeout(self.patience, state.wait_for(is_up)).await; // Whichever comes first.
        self.standing().ok_or_else(|| self.trouble())
    }

    /// Rows of a statement that changes nothing or may safely be repeated by whoever asked.
    pub(crate) async fn query(
        &self,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let link = self.link().await?;
        let rows = self.in_time(&link, link.query(sql, parameters)).await?;
        rows.map_err(|error| from_postgres(&error))
    }

    /// The one row of a statement, if there is one.
    pub(crate) async fn query_opt(
        &self,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, parameters).await?.into_iter().next())
    }

    /// What comes of a request, unless it takes too long. A connection on which something took too long is given up: nobody
    /// knows when it would be free again, and a transaction that was begun on it would take in whatever came next.
    pub(crate) async fn in_time<T>(
        &self,
        link: &Link,
        request: impl Future<Output = T>,
    ) -> Result<T, StoreError> {
        match timeout(self.patience + GRACE, request).await {
            Ok(answer) => Ok(answer),
            Err(_) => {
                link.give_up();
                Err(StoreError::Unavailable("the database does not answer in time".into()))
            }
        }
    }

    /// Why there is no connection, if there is none.
    pub(crate) fn health(&self) -> Result<(), StoreError> {
        match &*self.state.borrow() {
            State::Up(link) if link.stands() => Ok(()),
            State::Up(_) => {
                Err(StoreError::Unavailable("the connection to the database ended: it is made anew".into()))
            }
            State::Down(error) => Err(error.clone()),
        }
    }

    /// Why there is no connection.
    pub(crate) fn trouble(&self) -> StoreError {
        let ended = || StoreError::Unavailable("there is no connection to the database".into());
        self.health().err().unwrap_or_else(ended)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    fn stands(&self) -> bool {
        !self.client.is_closed()
    }

    /// Ends the connection, so that it is made anew. What was asked over it may become true or not.
    pub(crate) fn give_up(&self) {
        self.driver.abort();
    }

    pub(crate) async fn statement(&self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(known) = self.statements().get(sql) {
            return Ok(known.clone());
        }
        let prepared = self.client.prepare(sql).await?;
        self.statements().insert(sql, prepared.clone());
        Ok(prepared)
    }

    pub(crate) async fn query(
        &self,
        sql: &'static str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql).await?;
        self.client.query(&statement, parameters).await
    }

    fn statements(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        // Every change of the map is one insert: whoever died in the middle left it whole.
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Driver = offhook_postgres_line::Connection;
type Settings = offhook_postgres_line::Options;

/// Settings of every session. The plans are those for parameters that nobody knows, made once; the statements are written so
/// that an index leads to every row, and the planner is not to think otherwise while a table is still small.
fn settings(options: &Options) -> Settings {
    let mut database = options.database.clone();
    database.statement_timeout = Some(options.patience);
    let ours = [
        ("search_path", "offhook"),
        ("default_transaction_isolation", "read committed"),
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_mergejoin", "off"),
        ("jit", "off"),
        ("idle_in_transaction_session_timeout", "10s"),
    ];
    database.settings.extend(ours.map(|(name, value)| (name.to_owned(), value.to_owned())));
    database
}

async fn connect(way: &Way) -> Result<(Link, JoinHandle<()>), OpenError> {
    let (client, driver) = offhook_postgres_line::connect(&way.settings).await?;
    let driver = tokio::spawn(drive(driver));
    check::server(&client).await?;
    if way.is_to_write {
        check::writable(&client).await?;
    }
    let process = check::process(&client).await?;
    let link = Link {
        client,
        driver: driver.abort_handle(),
        introduced: Introduced::default(),
        process,
        statements: Mutex::default(),
    };
    Ok((link, driver))
}

async fn drive(driver: Driver) {
    if let Err(error) = driver.await {
        tracing::warn!(%error, "a connection to the database ended");
    }
}

/// Watches a connection, and makes it anew when it ended, for as long as the line is there.
async fn keep(way: Way, (mut process, mut driver): (i32, JoinHandle<()>), state: watch::Sender<State>) {
    loop {
        let _ = driver.await; // It has told of its own end.
        let (mut pause, mut said) = (FIRST_PAUSE, String::new());
        driver = loop {
            match connect(&way).await {
                Ok((link, driver)) => {
                    outlive(&link, process, &state).await;
                    tracing::info!("a connection to the database stands again");
                    process = link.process;
                    state.send_replace(State::Up(Arc::new(link)));
                    break driver;
                }
                Err(error) => {
                    let reason = chain(&error);
                    // One line for each reason: a database that is away for an hour is tried thousands of times.
                    if reason == said {
                        tracing::debug!(error = reason, "still no connection to the database");
                    } else {
                        tracing::warn!(error = reason, "no connection to the database; it is tried again");
                        said = reason;
                    }
                    state.send_replace(State::Down(StoreError::Unavailable(error.to_string())));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        };
    }
}

/// Waits until the server is done with what was given up, if that is a commit that waits for a standby: as long as it does, so
/// would the next, on one connection more.
async fn outlive(link: &Link, process: i32, state: &watch::Sender<State>) {
    while let Ok(true) = check::waits_for_standby(&link.client, process).await {
        tracing::warn!(
            "commits wait for a synchronous standby: bring one back, or change synchronous_standby_names"
        );
        let why = "commits wait for a synchronous standby that does not answer";
        state.send_replace(State::Down(StoreError::Unavailable(why.into())));
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
