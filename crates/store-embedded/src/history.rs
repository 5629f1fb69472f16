//! The database: ended calls and who took part in them, keys, users, heads, devices, resources, the ledger of pushes,
//! and the live calls and unfinished jobs of the folded point.
//!
//! Ids of users are numbers here, so that the rows that are written for every call are small: a head is some ten
//! bytes, hundreds to a page, so that even heads of random users are cheap to write together.

mod devices;
mod fold;
mod load;
mod outbox;

use std::path::Path;

use offhook_store::{StoreError, call::Call, stored};
use offhook_types::{AppId, CallId, Epoch};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::{error::from_sqlite, journal::Position, memory::UserNumber};

/// The format that is written, and the newest that can be read.
const FORMAT: u32 = 2;

/// What leads to each format from the one before it.
const STEPS: [&[&str]; FORMAT as usize] = [&[SCHEMA], &[devices::SCHEMA, outbox::SCHEMA]];

const SCHEMA: &str = "
    CREATE TABLE meta (epoch INTEGER NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL) STRICT;
    CREATE TABLE user (
        number INTEGER PRIMARY KEY, app INTEGER NOT NULL, name TEXT NOT NULL,
        registered_at INTEGER, display_name TEXT, avatar_url TEXT, extended_data TEXT
    ) STRICT;
    CREATE TABLE head (number INTEGER PRIMARY KEY, offset INTEGER NOT NULL) STRICT;
    CREATE TABLE call (id BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE part (user INTEGER NOT NULL, call BLOB NOT NULL, PRIMARY KEY (user, call)) STRICT, WITHOUT ROWID;
    CREATE TABLE live (id BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TABLE key (
        at INTEGER NOT NULL, user INTEGER NOT NULL, text TEXT NOT NULL, call BLOB, fingerprint INTEGER NOT NULL
    ) STRICT;
";

/// The writing connection, for opening and for the fold thread.
pub(crate) struct History {
    connection: Connection,
}

impl History {
    /// Opens the database of a folder, or creates it with a new epoch.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path).map_err(|error| from_sqlite(&error))?;
        let mut history = Self { connection };
        history.prepare().map_err(|error| from_sqlite(&error))?;
        let found = history.format().map_err(|error| from_sqlite(&error))?;
        match found {
            0 => history.create()?,
            FORMAT => {}
            older if older < FORMAT => history.bring_up(older).map_err(|error| from_sqlite(&error))?,
            found => return Err(StoreError::Newer { found, known: FORMAT }),
        }
        Ok(history)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        self.connection.pragma_update(None, "journal_mode", "wal")?;
        self.connection.pragma_update(None, "synchronous", "full")?;
        self.connection.pragma_update(None, "cache_size", -32 * 1024)?;
        self.connection.set_prepared_statement_cache_capacity(32);
        Ok(())
    }

    fn format(&self) -> rusqlite::Result<u32> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0))
    }

    fn create(&mut self) -> Result<(), StoreError> {
        let epoch = random_epoch()?;
        let mut created = || {
            let transaction = self.connection.transaction()?;
            for schema in STEPS.concat() {
                transaction.execute_batch(schema)?;
            }
            let start = Position::START;
            transaction.execute(
                "INSERT INTO meta VALUES (?, ?, ?)",
                params![epoch.cast_signed(), start.segment.cast_signed(), start.offset.cast_signed()],
            )?;
            transaction.pragma_update(None, "user_version", FORMAT)?;
            transaction.commit()
        };
        created().map_err(|error: rusqlite::Error| from_sqlite(&error))
    }

    /// Adds what an older format lacks, whole or not at all. An older Offhook opens the folder no more.
    fn bring_up(&mut self, from: u32) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for schema in STEPS.iter().skip(from as usize).copied().flatten() {
            transaction.execute_batch(schema)?;
        }
        transaction.pragma_update(None, "user_version", FORMAT)?;
        transaction.commit()
    }

    pub(crate) fn epoch(&self) -> Result<Epoch, StoreError> {
        let epoch = self.connection.query_row("SELECT epoch FROM meta", (), |row| row.get::<_, i64>(0));
        epoch.map(|epoch| Epoch(epoch.cast_unsigned())).map_err(|error| from_sqlite(&error))
    }

    /// The point up to which the journal is folded.
    pub(crate) fn position(&self) -> Result<Position, StoreError> {
        let number = |row: &rusqlite::Row<'_>, at| row.get::<_, i64>(at).map(i64::cast_unsigned);
        let place =
            |row: &rusqlite::Row<'_>| Ok(Position { segment: number(row, 0)?, offset: number(row, 1)? });
        let position = self.connection.query_row("SELECT segment, offset FROM meta", (), place);
        position.map_err(|error| from_sqlite(&error))
    }
}

/// Random, and small enough for every reader of JSON.
fn random_epoch() -> Result<u64, StoreError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| StoreError::Unavailable(format!("no randomness: {error}")))?;
    Ok(u64::from_le_bytes(bytes) >> 12)
}

/// A reading connection.
pub(crate) struct Reading {
    connection: Connection,
}

impl Reading {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        Ok(Self { connection: connection.map_err(|error| from_sqlite(&error))? })
    }

    /// An ended call of `app`.
    pub(crate) fn call(&self, app: AppId, id: CallId) -> Result<Option<Call>, StoreError> {
        Ok(self.any_call(id)?.filter(|call| call.app == app))
    }

    /// An ended call, whoever's it is.
    pub(crate) fn any_call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        let body = || {
            let mut statement = self.connection.prepare_cached("SELECT body FROM call WHERE id = ?")?;
            statement.query_row([bytes(id)], |row| row.get::<_, Vec<u8>>(0)).optional()
        };
        let body = body().map_err(|error| from_sqlite(&error))?;
        body.map(|body| stored::read_call(&body)).transpose()
    }

    /// A user's ended calls before `before`, newest first.
    pub(crate) fn calls(
        &self,
        user: UserNumber,
        before: Option<CallId>,
        limit: usize,
    ) -> Result<Vec<Call>, StoreError> {
        let before = before.map_or([0xff; 16], bytes);
        let bodies = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT call.body FROM part CROSS JOIN call ON call.id = part.call
                 WHERE part.user = ? AND part.call < ? ORDER BY part.call DESC LIMIT ?",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![user.0, before, limit], |row| row.get::<_, Vec<u8>>(0))?;
            rows.collect::<Result<Vec<_>, _>>()
        };
        let bodies = bodies().map_err(|error: rusqlite::Error| from_sqlite(&error))?;
        bodies.iter().map(|body| stored::read_call(body)).collect()
    }
}

/// An id as a key that sorts by time.
fn bytes(id: CallId) -> [u8; 16] {
    id.as_u128().to_be_bytes()
}
