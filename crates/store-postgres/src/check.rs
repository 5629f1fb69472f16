//! Whether a server is one that calls can be kept on.
use thiserror::Error;
use tokio_postgres::Client;

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
    /// The version.
    #[error("the database is PostgreSQL {found}: 15 or newer is needed")]
    TooOld {
        /// What it is.
        found: String,
    },
}

/// Asks the server what it is.
pub(crate) async fn server(client: &Client) -> Result<(), CheckError> {
    let sql = "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                      current_setting('server_encoding'), current_setting('synchronous_commit'),
                      current_setting('fsync')";
    let row =
        client.query_one(sql, &[]).await.map_err(|error| CheckError::Mute { reason: error.to_string() })?;
    let (number, version): (i32, String) = (row.get(0), row.get(1));
    let (encoding, synchronous, fsync): (String, String, String) = (row.get(2), row.get(3), row.get(4));
    if number < OLDEST {
        return Err(CheckError::TooOld { found: version });
    }
    if encoding != "UTF8" {
        return Err(CheckError::Encoding { found: encoding });
    }
    if synchronous == "off" {
        return Err(CheckError::Asynchronous);
    }
    if fsync == "off" {
        tracing::warn!("the database runs with fsync off: a power loss destroys it");
    }
    Ok(())
}
