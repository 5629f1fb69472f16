//! Writing a batch.
use offhook_store::KEY_RETENTION;
use offhook_store::{Remembered, StoreError, stored};
use rusqlite::{Transaction, params};

use super::{History, bytes, devices, outbox};
use crate::{error::from_sqlite, memory::Batch};

impl History {
    /// Writes a batch in one transaction. On an error nothing of it is written; it may be written again.
    pub(crate) fn fold(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        self.write(batch).map_err(|error| from_sqlite(&error))
    }

    fn write(&mut self, batch: &mut Batch) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        write_users(&transaction, batch)?;
        write_heads(&transaction, batch)?;
        write_ended(&transaction, batch)?;
        write_parts(&transaction, batch)?;
        write_live(&transaction, batch)?;
        write_keys(&transaction, batch)?;
        devices::write(&transaction, &batch.devices)?;
        outbox::write(&transaction, &batch.outbox)?;
        let position = batch.position;
        transaction.execute(
            "UPDATE meta SET segment = ?, offset = ?",
            params![position.segment.cast_signed(), position.offset.cast_signed()],
        )?;
        transaction.commit()
    }
}

fn write_users(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut statement =
        transaction.prepare_cached("INSERT OR REPLACE INTO user VALUES (?, ?, ?, ?, ?, ?, ?)")?;
    for (number, account, profile) in &batch.users {
        let profile = profile.as_deref();
        statement.execute(params![
            number.0,
            account.app.0,
            account.user.as_str(),
            profile.map(|user| user.registered_at.as_millis().cast_signed()),
            profile.map(|user| user.name.as_str()),
            profile.map(|user| user.avatar_url.as_str()),
            profile.map(|user| user.extended_data.as_str()),
        ])?;
    }
    Ok(())
}

/// In the order of the table, so that each page is visited once.
fn write_heads(transaction: &Transaction<'_>, batch: &mut Batch) -> rusqlite::Result<()> {
    batch.heads.sort_unstable_by_key(|(number, _)| *number);
    let mut statement = transaction.prepare_cached("INSERT OR REPLACE INTO head VALUES (?, ?)")?;
    for (number, head) in &batch.heads {
        statement.execute(params![number.0, head.0.cast_signed()])?;
    }
    Ok(())
}

fn write_ended(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO call VALUES (?, ?)")?;
    let mut delete = transaction.prepare_cached("DELETE FROM live WHERE id = ?")?;
    let mut body = Vec::with_capacity(1024);
    for call in &batch.ended {
        body.clear();
        stored::write_call(call, &mut body);
        let id = bytes(call.id);
        insert.execute(params![id, body])?;
        delete.execute([id])?;
    }
    Ok(())
}

fn write_parts(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let calls = batch.ended.iter().zip(&batch.parts);
    let mut parts: Vec<_> =
        calls.flat_map(|(call, users)| users.iter().map(|user| (user.0, bytes(call.id)))).collect();
    parts.sort_unstable();
    let mut statement = transaction.prepare_cached("INSERT OR IGNORE INTO part VALUES (?, ?)")?;
    for (user, call) in parts {
        statement.execute(params![user, call])?;
    }
    Ok(())
}

fn write_live(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached("INSERT OR REPLACE INTO live VALUES (?, ?)")?;
    let mut body = Vec::with_capacity(1024);
    for call in &batch.live {
        body.clear();
        stored::write_call(call, &mut body);
        statement.execute(params![bytes(call.id), body])?;
    }
    Ok(())
}

fn write_keys(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached("INSERT INTO key VALUES (?, ?, ?, ?, ?)")?;
    for key in &batch.keys {
        let (call, fingerprint) = match key.remembered {
            Remembered::Call { call, fingerprint } => (Some(bytes(call)), fingerprint),
            Remembered::Canceled => (None, 0),
        };
        let fingerprint = fingerprint.cast_signed();
        statement.execute(params![
            key.at.as_millis().cast_signed(),
            key.user.0,
            key.key.as_str(),
            call,
            fingerprint
        ])?;
    }
    if let Some(now) = batch.trimmed_at {
        let retention = u64::try_from(KEY_RETENTION.as_millis()).expect("a day fits");
        let oldest = now.as_millis().saturating_sub(retention);
        // Rows stand in the order of commits: the first that is young enough ends the search.
        let oldest = i64::try_from(oldest).unwrap_or(i64::MAX);
        transaction.prepare_cached(
            "DELETE FROM key WHERE rowid < coalesce((SELECT rowid FROM key WHERE at > ?1 ORDER BY rowid LIMIT 1),
                                                    9223372036854775807)",
        )?.execute([oldest])?;
    }
    Ok(())
}
