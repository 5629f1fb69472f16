//! Reading everything that memory holds, while opening.
use std::sync::Arc;

use offhook_store::{Remembered, StoreError, User, stored};
use offhook_types::{AppId, CallId, IdempotencyKey, Offset, Opaque, Timestamp, UserId};
use rusqlite::{Row, types::FromSql};

use super::History;
use crate::{
    error::from_sqlite,
    memory::{KeyOf, Memory, UserNumber},
};

impl History {
    /// Puts what stood at the folded point into memory.
    pub(crate) fn load(&self, memory: &mut Memory) -> Result<(), StoreError> {
        self.load_users(memory)?;
        self.each("SELECT number, offset FROM head", |row| {
            let number = UserNumber(column(row, 0)?);
            check_number(memory, number)?;
            memory.users[number].head = Offset(unsigned(row, 1)?);
            Ok(())
        })?;
        self.each("SELECT body FROM live ORDER BY id", |row| {
            let call = stored::read_call(&column::<Vec<u8>>(row, 0)?)?;
            memory.restore(&Arc::new(call));
            Ok(())
        })?;
        self.each("SELECT at, user, text, call, fingerprint FROM key ORDER BY rowid", |row| {
            load_key(memory, row)
        })?;
        self.load_devices(memory)?;
        self.load_outbox(memory)?;
        self.each("SELECT max(id) FROM call", |row| {
            let newest = column::<Option<[u8; 16]>>(row, 0)?.map(call_id).transpose()?;
            memory.newest_folded = newest.map_or(Timestamp::default(), CallId::created);
            Ok(())
        })
    }

    fn load_users(&self, memory: &mut Memory) -> Result<(), StoreError> {
        self.each("SELECT * FROM user ORDER BY number", |row| {
            let name = UserId::new(column::<String>(row, 2)?).map_err(|_| damaged("user"))?;
            let number = memory.users.number(AppId(column(row, 1)?), &name);
            if number != UserNumber(column(row, 0)?) {
                return Err(damaged("user"));
            }
            let text =
                |at| column::<Option<String>>(row, at).map(|text| Opaque::new(text.unwrap_or_default()));
            if let Some(registered_at) = column::<Option<i64>>(row, 3)? {
                memory.users[number].profile = Some(Arc::new(User {
                    avatar_url: text(5)?,
                    extended_data: text(6)?,
                    name: text(4)?,
                    registered_at: Timestamp::from_millis(registered_at.cast_unsigned()),
                }));
            }
            Ok(())
        })?;
        memory.stored_users = memory.users.len();
        Ok(())
    }

    pub(super) fn each(
        &self,
        query: &str,
        mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |error| from_sqlite(&error);
        let mut statement = self.connection.prepare(query).map_err(failed)?;
        let mut rows = statement.query(()).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(row)?;
        }
        Ok(())
    }
}

fn load_key(memory: &mut Memory, row: &Row<'_>) -> Result<(), StoreError> {
    let user = UserNumber(column(row, 1)?);
    check_number(memory, user)?;
    let key = IdempotencyKey::new(column::<String>(row, 2)?).map_err(|_| damaged("key"))?;
    let fingerprint = unsigned(row, 4)?;
    let remembered = match column::<Option<[u8; 16]>>(row, 3)? {
        Some(id) => Remembered::Call { call: call_id(id)?, fingerprint },
        None => Remembered::Canceled,
    };
    let account = memory.users[user].account.clone();
    let key = KeyOf { account: &account, key: &key };
    memory.keys.insert(Timestamp::from_millis(unsigned(row, 0)?), key, remembered);
    Ok(())
}

pub(super) fn check_number(memory: &Memory, user: UserNumber) -> Result<(), StoreError> {
    if (user.0 as usize) < memory.users.len() { Ok(()) } else { Err(damaged("user")) }
}

pub(super) fn call_id(bytes: [u8; 16]) -> Result<CallId, StoreError> {
    CallId::from_u128(u128::from_be_bytes(bytes)).ok_or_else(|| damaged("call"))
}

pub(super) fn column<T: FromSql>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
    row.get(at).map_err(|error| from_sqlite(&error))
}

pub(super) fn unsigned(row: &Row<'_>, at: usize) -> Result<u64, StoreError> {
    column(row, at).map(i64::cast_unsigned)
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!(
        "the history database holds a {what} that makes no sense: restore from a backup"
    ))
}
