//! The tables, and how they come to be what this version needs.
use offhook_types::Epoch;
use tokio_postgres::{Client, Error};

use crate::{OpenError, Options, check};

/// What leads to each version from the one before it. Never changed once released, only added to.
const STEPS: [&str; 2] =
    [include_str!("migrations/0001_begin.sql"), include_str!("migrations/0002_placement.sql")];

/// The version that this Offhook needs.
pub(crate) const VERSION: u32 = 2;
const _: () = assert!(STEPS.len() == VERSION as usize);

/// Held while the tables are changed, so that nodes that start together wait for each other. Any number will do that nothing
/// else in the database uses: these are the letters "offhook".
const LOCK: i64 = 0x006f_6666_686f_6f6b;

/// Connects, brings the tables to this version, and returns the life of the event logs. Nodes of the version before may go on
/// meanwhile.
pub(crate) async fn open(options: &Options) -> Result<Epoch, OpenError> {
    // Without a timeout: a step may take its time, and the nodes that start meanwhile wait for it.
    let (mut client, driver) = offhook_postgres_line::connect(&options.database).await?;
    let driver = tokio::spawn(driver);
    check::server(&client).await?;
    check::writable(&client).await?;
    check::warn_of_fsync(&client).await?;
    let migrated = run(&mut client).await;
    driver.abort();
    migrated
}

async fn run(client: &mut Client) -> Result<Epoch, OpenError> {
    if version(client).await.map_err(|error| failed(&error))? != VERSION {
        step_up_alone(client).await?;
    }
    let row =
        client.query_one("SELECT epoch FROM offhook.meta", &[]).await.map_err(|error| failed(&error))?;
    Ok(Epoch(row.get::<_, i64>(0).cast_unsigned()))
}

async fn step_up_alone(client: &mut Client) -> Result<(), OpenError> {
    client.query("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(|error| failed(&error))?;
    let migrated = step_up(client).await;
    // The lock goes with the connection at the latest.
    let _ = client.query("SELECT pg_advisory_unlock($1)", &[&LOCK]).await;
    migrated
}

async fn step_up(client: &mut Client) -> Result<(), OpenError> {
    let found = version(client).await.map_err(|error| failed(&error))?;
    if found > VERSION {
        return Err(OpenError::Newer { found, known: VERSION });
    }
    for (step, number) in STEPS.iter().zip(1..).skip(found as usize) {
        tracing::info!(version = number, "bringing the tables up to date");
        apply(client, step, number).await.map_err(|error| failed(&error))?;
    }
    Ok(())
}

async fn apply(client: &mut Client, step: &str, number: i32) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute("SET LOCAL search_path = offhook").await?;
    if number == 1 {
        let sql = "CREATE SCHEMA IF NOT EXISTS offhook;
                   CREATE TABLE meta (version int NOT NULL, epoch bigint NOT NULL)";
        transaction.batch_execute(sql).await?;
        // Random, and small enough for every reader of JSON.
        let epoch = "INSERT INTO meta SELECT 0, ('x' || substr(md5(gen_random_uuid()::text), 1, 13))::bit(52)::bigint";
        transaction.batch_execute(epoch).await?;
    }
    transaction.batch_execute(step).await?;
    transaction.execute("UPDATE meta SET version = $1", &[&number]).await?;
    transaction.commit().await
}

/// The version of the tables; 0 if there are none.
async fn version(client: &Client) -> Result<u32, Error> {
    let there = client.query_one("SELECT to_regclass('offhook.meta') IS NOT NULL", &[]).await?;
    if !there.get::<_, bool>(0) {
        return Ok(0);
    }
    let row = client.query_one("SELECT version FROM offhook.meta", &[]).await?;
    Ok(row.get::<_, i32>(0).cast_unsigned())
}

fn failed(error: &Error) -> OpenError {
    let code = error.code().map_or("-", |code| code.code()).to_owned();
    let reason =
        error.as_db_error().map_or_else(|| error.to_string(), |refusal| refusal.message().to_owned());
    OpenError::Migrate { code, reason }
}
