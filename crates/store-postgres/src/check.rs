//! Whether a server is one that calls can be kept on.
use thiserror::Error;
use tokio_postgres::{Client, Error};

/// The oldest version that is known to do.
const OLDEST: i32 = 150_000;

/// Why calls cannot be kept on a server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckError {
    /// Commits would be acknowledged before they are on the disk.
    #[error(
        "the database acknowledges commits that it can still lose (synchronous_commit is off): set it to on, or to \
         remote_apply, remote_write or local"
    )]
    Asynchronous,
    /// The encoding of the database.
    #[error("the database is encoded in {found}: create it with ENCODING 'UTF8'")]
    Encoding {
        /// What it is.
        found: String,
    },
    /// The server did not answer.
    #[error("the database does not say what it is ({reason})")]
    Mute {
        /// What it said instead.
        reason: String,
    },
    /// It only reads.
    #[error(
        "the database takes no writes: it is a standby, or default_transaction_read_only is on; point the URL at the \
         primary (target_session_attrs=read-write)"
    )]
    ReadOnly,
    /// The version.
    #[error("the database is PostgreSQL {found}: 15 or newer is needed")]
    TooOld {
        /// What it is.
        found: String,
    },
}

/// Asks the server whether this session may write.
pub(crate) async fn writable(client: &Client) -> Result<(), CheckError> {
    let row = client
        .query_one("SELECT current_setting('transaction_read_only')", &[])
        .await
        .map_err(|error| mute(&error))?;
    if row.get::<_, &str>(0) == "on" { Err(CheckError::ReadOnly) } else { Ok(()) }
}

/// The number of the server's process for this session.
pub(crate) async fn process(client: &Client) -> Result<i32, CheckError> {
    Ok(client.query_one("SELECT pg_backend_pid()", &[]).await.map_err(|error| mute(&error))?.get(0))
}

/// Whether a process of the server has a commit that waits for a synchronous standby.
pub(crate) async fn waits_for_standby(client: &Client, process: i32) -> Result<bool, CheckError> {
    let sql = "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SyncRep'";
    Ok(!client.query(sql, &[&process]).await.map_err(|error| mute(&error))?.is_empty())
}

fn mute(error: &Error) -> CheckError {
    CheckError::Mute { reason: error.to_string() }
}

/// Asks the server what it is.
pub(crate) async fn server(client: &Client) -> Result<(), CheckError> {
    let sql = "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                      current_setting('server_encoding'), current_setting('synchronous_commit')";
    let row = client.query_one(sql, &[]).await.map_err(|error| mute(&error))?;
    let (number, version): (i32, String) = (row.get(0), row.get(1));
    let (encoding, synchronous): (String, String) = (row.get(2), row.get(3));
    if number < OLDEST {
        return Err(CheckError::TooOld { found: version });
    }
    if encoding != "UTF8" {
        return Err(CheckError::Encoding { found: encoding });
    }
    if synchronous == "off" {
        return Err(CheckError::Asynchronous);
    }
    Ok(())
}

/// Says so if a power loss destroys what the server keeps. To be asked once, not for each connection.
pub(crate) async fn warn_of_fsync(client: &Client) -> Result<(), CheckError> {
    let row = client.query_one("SELECT current_setting('fsync')", &[]).await.map_err(|error| mute(&error))?;
    if row.get::<_, &str>(0) == "off" {
        tracing::warn!("the database runs with fsync off: a power loss destroys it");
    }
    Ok(())
}
