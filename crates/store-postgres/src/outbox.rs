//! Jobs, and the ledger of what was sent.
use std::collections::HashSet;

use offhook_store::{Job, JobKey, LedgerEntry, LedgerKey, LedgerOutcome, StoreError, Turn, stored};
use offhook_types::{AppId, CallId, CallSeq, Opaque, Timestamp};
use tokio_postgres::Row;

use crate::{
    convert::{self, Big as _, Uuid},
    line::Line,
};

/// Jobs of this node, and those of others that are older than `others`.
pub(crate) async fn jobs(
    line: &Line,
    (at, others): (Timestamp, Timestamp),
    home: i64,
) -> Result<Vec<Job>, StoreError> {
    let sql = "SELECT at, body, app, call, seq, usr FROM job
               WHERE at <= $1 AND (home = $2 OR at <= $3) ORDER BY n";
    let rows = line.query(sql, &[&at.big(), &home, &others.big()]).await?;
    rows.iter().map(job).collect()
}

fn job(row: &Row) -> Result<Job, StoreError> {
    let body = std::str::from_utf8(row.get(1)).map_err(|_| convert::damaged("a job"))?;
    let key = JobKey {
        app: convert::app(row.get(2))?,
        call: convert::call(row.get(3))?,
        seq: CallSeq(row.get::<_, i64>(4).cast_unsigned()),
        user: convert::user(row.get(5))?,
    };
    Ok(Job { at: convert::time(row.get(0)), body: Opaque::new(body), key })
}

/// In the order of their names, so that two claims of the same entries do not wait for each other.
pub(crate) async fn claim(
    line: &Line,
    entries: &[LedgerEntry],
    finished: Option<&JobKey>,
) -> Result<Vec<bool>, StoreError> {
    let sql = "WITH done AS (
                 DELETE FROM job WHERE call = $12 AND seq = $13 AND app = $14 AND usr = $15
               )
               INSERT INTO ledger (app, call, usr, device, ring, turn, at, digest, provider, push, resource)
               SELECT * FROM unnest(
                 $1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::smallint[], $7::bigint[], $8::bytea[],
                 $9::text[], $10::uuid[], $11::text[]
               ) AS new(app, call, usr, device, ring, turn, at, digest, provider, push, resource)
               ORDER BY call, usr, device, ring, turn, app
               ON CONFLICT DO NOTHING RETURNING app, call, usr, device, ring, turn";
    let keys = || entries.iter().map(|entry| &entry.key);
    let apps: Vec<i64> = keys().map(|key| key.app.big()).collect();
    let calls: Vec<Uuid> = keys().map(|key| key.call.into()).collect();
    let users: Vec<&str> = keys().map(|key| key.user.as_str()).collect();
    let devices: Vec<&str> = keys().map(|key| key.device.as_str()).collect();
    let rings: Vec<i64> = keys().map(|key| key.ring.big()).collect();
    let turns: Vec<i16> = keys().map(|key| number(key.turn)).collect();
    let times: Vec<i64> = entries.iter().map(|entry| entry.at.big()).collect();
    let digests: Vec<&[u8]> = entries.iter().map(|entry| &entry.digest[..]).collect();
    let providers: Vec<&str> = entries.iter().map(|entry| &*entry.provider).collect();
    let pushes: Vec<Uuid> = entries.iter().map(|entry| Uuid(entry.push)).collect();
    let resources: Vec<&str> = entries.iter().map(|entry| &*entry.resource).collect();
    let call = finished.map(|key| Uuid::from(key.call));
    let seq = finished.map(|key| key.seq.big());
    let app = finished.map(|key| key.app.big());
    let user = finished.map(|key| key.user.as_str());
    let rows = line
        .query(
            sql,
            &[
                &apps, &calls, &users, &devices, &rings, &turns, &times, &digests, &providers, &pushes,
                &resources, &call, &seq, &app, &user,
            ],
        )
        .await?;
    let mut new = rows.iter().map(key).collect::<Result<HashSet<_>, StoreError>>()?;
    // Of two entries of one name in one claim, the first is the new one.
    Ok(keys().map(|key| new.remove(key)).collect())
}

pub(crate) async fn settle(line: &Line, key: &LedgerKey, outcome: &LedgerOutcome) -> Result<(), StoreError> {
    let sql = "UPDATE ledger SET outcome = $7
               WHERE call = $1 AND usr = $2 AND device = $3 AND ring = $4 AND turn = $5 AND app = $6";
    let (call, ring, turn) = (Uuid::from(key.call), key.ring.big(), number(key.turn));
    let (user, device, app) = (key.user.as_str(), key.device.as_str(), key.app.big());
    let mut body = Vec::with_capacity(128);
    stored::write_outcome(outcome, &mut body);
    line.query(sql, &[&call, &user, &device, &ring, &turn, &app, &body]).await.map(drop)
}

pub(crate) async fn ledger(line: &Line, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
    let sql =
        "SELECT app, call, usr, device, ring, turn, at, digest, provider, push, resource, outcome FROM ledger
               WHERE call = $1 AND app = $2 ORDER BY usr, device, ring, turn";
    let rows = line.query(sql, &[&Uuid::from(call), &app.big()]).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<LedgerEntry, StoreError> {
    let (digest, outcome): (&[u8], Option<&[u8]>) = (row.get(7), row.get(11));
    Ok(LedgerEntry {
        at: convert::time(row.get(6)),
        digest: digest.try_into().map_err(|_| convert::damaged("an entry of the ledger"))?,
        key: key(row)?,
        outcome: outcome.map(stored::read_outcome).transpose()?,
        provider: row.get(8),
        push: row.get::<_, Uuid>(9).0,
        resource: row.get(10),
    })
}

/// The first six columns.
fn key(row: &Row) -> Result<LedgerKey, StoreError> {
    Ok(LedgerKey {
        app: convert::app(row.get(0))?,
        call: convert::call(row.get(1))?,
        user: convert::user(row.get(2))?,
        device: convert::device(row.get(3))?,
        ring: CallSeq(row.get::<_, i64>(4).cast_unsigned()),
        turn: turn(row.get(5))?,
    })
}

/// In their order.
fn number(turn: Turn) -> i16 {
    match turn {
        Turn::Ring => 0,
        Turn::Stop => 1,
        Turn::Missed => 2,
    }
}

fn turn(stored: i16) -> Result<Turn, StoreError> {
    match stored {
        0 => Ok(Turn::Ring),
        1 => Ok(Turn::Stop),
        2 => Ok(Turn::Missed),
        _ => Err(convert::damaged("an entry of the ledger")),
    }
}
