//! Devices, each address a row, and resources.
use offhook_store::{Device, SealedAddress, StoreError, StoredResource};
use offhook_types::{AppId, DeviceId, Timestamp};
use rusqlite::{Row, Transaction, params};

use super::{
    History,
    load::{check_number, column, damaged, unsigned},
};
use crate::memory::{DeviceBatch, Memory, UserNumber};

pub(super) const SCHEMA: &str = "
    CREATE TABLE address (
        user INTEGER NOT NULL, device TEXT NOT NULL, place INTEGER NOT NULL, digest BLOB NOT NULL, kind TEXT NOT NULL,
        registered_at INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (user, device, place)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE resource (
        app INTEGER NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (app, name)
    ) STRICT, WITHOUT ROWID;
";

pub(super) fn write(transaction: &Transaction<'_>, batch: &DeviceBatch) -> rusqlite::Result<()> {
    let mut forget = transaction.prepare_cached("DELETE FROM address WHERE user = ? AND device = ?")?;
    let mut insert = transaction.prepare_cached("INSERT INTO address VALUES (?, ?, ?, ?, ?, ?, ?)")?;
    for (user, device) in &batch.devices {
        forget.execute(params![user.0, device.id.as_str()])?;
        for (place, address) in (0_i64..).zip(&device.addresses) {
            insert.execute(params![
                user.0,
                device.id.as_str(),
                place,
                address.digest,
                address.kind,
                address.registered_at.as_millis().cast_signed(),
                address.sealed,
            ])?;
        }
    }
    let mut forget = transaction.prepare_cached("DELETE FROM resource WHERE app = ? AND name = ?")?;
    let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO resource VALUES (?, ?, ?)")?;
    for resource in &batch.resources {
        if resource.sealed.is_empty() {
            forget.execute(params![resource.app.0, resource.name])?;
        } else {
            insert.execute(params![resource.app.0, resource.name, resource.sealed])?;
        }
    }
    Ok(())
}

impl History {
    pub(super) fn load_devices(&self, memory: &mut Memory) -> Result<(), StoreError> {
        let mut open: Option<(UserNumber, Device)> = None;
        self.each("SELECT * FROM address ORDER BY user, device, place", |row| {
            let user = UserNumber(column(row, 0)?);
            check_number(memory, user)?;
            let id = DeviceId::new(column::<String>(row, 1)?).map_err(|_| damaged("device"))?;
            let address = address(row)?;
            match &mut open {
                Some((of, device)) if *of == user && device.id == id => device.addresses.push(address),
                Some(_) | None => {
                    let whole = open.replace((user, Device { addresses: vec![address], id }));
                    whole.into_iter().for_each(|device| put(memory, device));
                }
            }
            Ok(())
        })?;
        open.into_iter().for_each(|device| put(memory, device));
        self.each("SELECT app, name, sealed FROM resource", |row| {
            let (app, name) = (AppId(column(row, 0)?), column(row, 1)?);
            memory.devices.put_resource(StoredResource { app, name, sealed: column(row, 2)? });
            Ok(())
        })?;
        memory.devices.is_stored();
        Ok(())
    }
}

fn put(memory: &mut Memory, (user, device): (UserNumber, Device)) {
    let account = memory.users[user].account.clone();
    memory.put_device(&account, device);
}

fn address(row: &Row<'_>) -> Result<SealedAddress, StoreError> {
    Ok(SealedAddress {
        digest: column(row, 3)?,
        kind: column(row, 4)?,
        registered_at: Timestamp::from_millis(unsigned(row, 5)?),
        sealed: column(row, 6)?,
    })
}
