//! What can go wrong, in the words of the port.
use offhook_postgres_line::ConnectError;
use offhook_store::StoreError;
use thiserror::Error;
use tokio_postgres::error::SqlState;

use crate::CheckError;

/// Why the store cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The server is not one that calls can be kept on.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The node cannot take a lease on itself.
    #[error("the node cannot take a lease in the database: {reason}")]
    Lease {
        /// What went wrong.
        reason: String,
    },
    /// The tables cannot be made, or brought to this version.
    #[error("the tables cannot be made or brought up to date (SQLSTATE {code}): {reason}")]
    Migrate {
        /// The SQLSTATE, or `-` if the connection ended.
        code: String,
        /// In the words of the server.
        reason: String,
    },
    /// The tables are of a newer version of Offhook.
    #[error(
        "the tables have version {found}, this Offhook knows up to {known}: start the newer Offhook, or restore a backup"
    )]
    Newer {
        /// What was found.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
}

/// What becomes of a statement that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The server rolled it back because of others: the same may succeed now.
    Again,
    /// The server says no to something in it.
    Refused,
    /// Nobody can tell whether it was carried out, or the server cannot carry out anything now.
    Unavailable,
}

pub(crate) fn fate(error: &tokio_postgres::Error) -> Fate {
    let Some(code) = error.code() else { return Fate::Unavailable };
    match *code {
        SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::UNIQUE_VIOLATION => Fate::Again, // Another node inserted it at the same moment: now it is there to be seen.
        _ => match &code.code()[..2] {
            // Connections, resources, operators, the system, and read-only servers.
            "08" | "53" | "57" | "58" | "25" => Fate::Unavailable,
            _ => Fate::Refused,
        },
    }
}

/// Whether the session may only read, as it must not go on.
pub(crate) fn is_read_only(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION)
}

/// The port's word for an error of the driver. Without values from the statement: they may be names of users.
pub(crate) fn from_postgres(error: &tokio_postgres::Error) -> StoreError {
    let Some(refusal) = error.as_db_error() else {
        return StoreError::Unavailable("the connection to the database ended: it is made anew".into());
    };
    match *refusal.code() {
        SqlState::DISK_FULL => StoreError::Full,
        SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::Unavailable(CheckError::ReadOnly.to_string()),
        SqlState::QUERY_CANCELED => {
            StoreError::Unavailable("the database took too long for a statement".into())
        }
        _ => StoreError::Unavailable(format!(
            "the database refused a statement (SQLSTATE {})",
            refusal.code().code()
        )),
    }
}
