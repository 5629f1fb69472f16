//! Jobs that are not finished, and the ledger.
use offhook_store::{Job, JobKey, LEDGER_RETENTION, LedgerEntry, LedgerKey, StoreError, Turn, stored};
use offhook_types::{AppId, CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};
use rusqlite::{Row, Transaction, params};

use super::{
    History, Reading, bytes,
    load::{call_id, check_number, column, damaged, unsigned},
};
use crate::{
    error::from_sqlite,
    memory::{KEPT, Memory, OutboxBatch, UserNumber},
};

pub(super) const SCHEMA: &str = "
    CREATE TABLE job (
        number INTEGER PRIMARY KEY, at INTEGER NOT NULL, user INTEGER NOT NULL, call BLOB NOT NULL,
        seq INTEGER NOT NULL, body TEXT NOT NULL
    ) STRICT;
    CREATE TABLE push (
        at INTEGER NOT NULL, user INTEGER NOT NULL, call BLOB NOT NULL, device TEXT NOT NULL, ring INTEGER NOT NULL,
        turn INTEGER NOT NULL, digest BLOB NOT NULL, provider TEXT NOT NULL, push BLOB NOT NULL,
        resource TEXT NOT NULL, outcome BLOB
    ) STRICT;
    CREATE UNIQUE INDEX push_name ON push (call, user, device, ring, turn);
    CREATE INDEX push_time ON push (at);
";

const RING: u8 = 0;
const STOP: u8 = 1;
const MISSED: u8 = 2;

pub(super) fn write(transaction: &Transaction<'_>, batch: &OutboxBatch) -> rusqlite::Result<()> {
    if let Some(now) = batch.trimmed_at {
        let oldest =
            millis(now).saturating_sub(i64::try_from(LEDGER_RETENTION.as_millis()).unwrap_or(i64::MAX));
        transaction.prepare_cached("DELETE FROM push WHERE at <= ?")?.execute([oldest])?;
    }
    let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO job VALUES (?, ?, ?, ?, ?, ?)")?;
    for (number, user, job) in &batch.jobs {
        insert.execute(params![
            number.cast_signed(),
            millis(job.at),
            user.0,
            bytes(job.key.call),
            job.key.seq.0.cast_signed(),
            job.body.as_str(),
        ])?;
    }
    let mut finish = transaction.prepare_cached("DELETE FROM job WHERE number = ?")?;
    for number in &batch.finished {
        finish.execute([number.cast_signed()])?;
    }
    write_entries(transaction, batch)
}

fn write_entries(transaction: &Transaction<'_>, batch: &OutboxBatch) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO push VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (call, user, device, ring, turn) DO UPDATE SET outcome = excluded.outcome",
    )?;
    for (user, entry) in &batch.entries {
        let outcome = entry.outcome.as_ref().map(|outcome| {
            let mut form = Vec::with_capacity(128);
            stored::write_outcome(outcome, &mut form);
            form
        });
        statement.execute(params![
            millis(entry.at),
            user.0,
            bytes(entry.key.call),
            entry.key.device.as_str(),
            entry.key.ring.0.cast_signed(),
            code(entry.key.turn),
            entry.digest,
            entry.provider,
            entry.push.to_be_bytes(),
            entry.resource,
            outcome,
        ])?;
    }
    Ok(())
}

impl History {
    pub(super) fn load_outbox(&self, memory: &mut Memory) -> Result<(), StoreError> {
        self.each("SELECT number, at, user, call, seq, body FROM job ORDER BY number", |row| {
            let user = UserNumber(column(row, 2)?);
            check_number(memory, user)?;
            let account = memory.users[user].account.clone();
            let (call, seq) = (call_id(column(row, 3)?)?, CallSeq(unsigned(row, 4)?));
            let key = JobKey { app: account.app, call, seq, user: account.user };
            let body = Opaque::new(column::<String>(row, 5)?);
            let job = Job { at: Timestamp::from_millis(unsigned(row, 1)?), body, key };
            memory.outbox.restore_job(unsigned(row, 0)?, job);
            Ok(())
        })?;
        let mut span = None;
        self.each("SELECT min(at), max(at) FROM push", |row| {
            let bound = |at| column::<Option<i64>>(row, at).map(|at| at.map(i64::cast_unsigned));
            span = bound(0)?
                .zip(bound(1)?)
                .map(|(oldest, newest)| (Timestamp::from_millis(oldest), Timestamp::from_millis(newest)));
            Ok(())
        })?;
        self.each("SELECT max(call) FROM push", |row| {
            let newest = column::<Option<[u8; 16]>>(row, 0)?.map(call_id).transpose()?;
            memory.outbox.restore_bounds(span, newest);
            Ok(())
        })?;
        let Some((_, newest)) = span else { return Ok(()) };
        let kept = u64::try_from(KEPT.as_millis()).expect("minutes fit");
        let query =
            format!("{ENTRIES} WHERE push.at > {} ORDER BY push.at", newest.as_millis().saturating_sub(kept));
        self.each(&query, |row| {
            memory.outbox.restore_entry(entry(row)?);
            Ok(())
        })
    }
}

impl Reading {
    /// The entries of a call of `app`.
    pub(crate) fn ledger(&self, app: AppId, call: CallId) -> Result<Vec<LedgerEntry>, StoreError> {
        let failed = |error| from_sqlite(&error);
        let query = format!("{ENTRIES} WHERE push.call = ? AND user.app = ?");
        let mut statement = self.connection.prepare_cached(&query).map_err(failed)?;
        let mut rows = statement.query(params![bytes(call), app.0]).map_err(failed)?;
        let mut entries = vec![];
        while let Some(row) = rows.next().map_err(failed)? {
            entries.push(entry(row)?);
        }
        Ok(entries)
    }
}

const ENTRIES: &str = "
    SELECT user.app, user.name, push.at, push.call, push.device, push.ring, push.turn, push.digest, push.provider,
           push.push, push.resource, push.outcome
    FROM push CROSS JOIN user ON user.number = push.user";

fn entry(row: &Row<'_>) -> Result<LedgerEntry, StoreError> {
    let key = LedgerKey {
        app: AppId(column(row, 0)?),
        user: UserId::new(column::<String>(row, 1)?).map_err(|_| damaged("user"))?,
        call: call_id(column(row, 3)?)?,
        device: DeviceId::new(column::<String>(row, 4)?).map_err(|_| damaged("device"))?,
        ring: CallSeq(unsigned(row, 5)?),
        turn: turn(column(row, 6)?)?,
    };
    let outcome = column::<Option<Vec<u8>>>(row, 11)?;
    Ok(LedgerEntry {
        at: Timestamp::from_millis(unsigned(row, 2)?),
        digest: column(row, 7)?,
        key,
        outcome: outcome.map(|form| stored::read_outcome(&form)).transpose()?,
        provider: column(row, 8)?,
        push: u128::from_be_bytes(column(row, 9)?),
        resource: column(row, 10)?,
    })
}

fn code(turn: Turn) -> u8 {
    match turn {
        Turn::Ring => RING,
        Turn::Stop => STOP,
        Turn::Missed => MISSED,
    }
}

fn turn(code: u8) -> Result<Turn, StoreError> {
    match code {
        RING => Ok(Turn::Ring),
        STOP => Ok(Turn::Stop),
        MISSED => Ok(Turn::Missed),
        _ => Err(damaged("push")),
    }
}

fn millis(at: Timestamp) -> i64 {
    at.as_millis().cast_signed()
}
