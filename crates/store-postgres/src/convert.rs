//! Between our types and those of PostgreSQL.
use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use offhook_store::StoreError;
use offhook_types::{AppId, CallId, CallSeq, DeviceId, Offset, Timestamp, UserId};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A `uuid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Uuid(pub(crate) u128);

impl ToSql for Uuid {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_u128(self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Uuid {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(u128::from_be_bytes(raw.try_into()?)))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID
    }
}

impl From<CallId> for Uuid {
    fn from(call: CallId) -> Self {
        Self(call.as_u128())
    }
}

/// What is 64 bits wide in PostgreSQL, which knows no unsigned numbers. Ours never reach the sign.
pub(crate) trait Big {
    fn big(self) -> i64;
}

impl Big for AppId {
    fn big(self) -> i64 {
        i64::from(self.0)
    }
}

impl Big for CallSeq {
    fn big(self) -> i64 {
        self.0.cast_signed()
    }
}

impl Big for Offset {
    fn big(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl Big for Timestamp {
    fn big(self) -> i64 {
        i64::try_from(self.as_millis()).unwrap_or(i64::MAX)
    }
}

pub(crate) fn app(stored: i64) -> Result<AppId, StoreError> {
    u32::try_from(stored).map(AppId).map_err(|_| damaged("an app's id"))
}

pub(crate) fn call(stored: Uuid) -> Result<CallId, StoreError> {
    CallId::from_u128(stored.0).ok_or_else(|| damaged("a call's id"))
}

pub(crate) fn device(stored: &str) -> Result<DeviceId, StoreError> {
    DeviceId::new(stored).map_err(|_| damaged("a device's id"))
}

pub(crate) fn user(stored: &str) -> Result<UserId, StoreError> {
    UserId::new(stored).map_err(|_| damaged("a user's id"))
}

pub(crate) fn offset(stored: i64) -> Offset {
    Offset(stored.cast_unsigned())
}

pub(crate) fn time(stored: i64) -> Timestamp {
    Timestamp::from_millis(stored.cast_unsigned())
}

pub(crate) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("{what} in the database makes no sense: restore from a backup"))
}
