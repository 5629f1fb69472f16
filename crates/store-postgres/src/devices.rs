//! Devices that can be woken, and the policies by which that is done.
use offhook_store::{Device, SealedAddress, StoreError, StoredResource};
use offhook_types::{Account, DeviceId, Timestamp};

use crate::{
    convert::{self, Big as _},
    error::{Fate, fate, from_postgres},
    line::{Line, Parameters},
};

/// How often a change is tried that the server rolled back because of others.
const TRIES: u32 = 5;

/// Registers a device in place of what was known of it. An address that was another's is written over, so that there is no
/// moment at which it is nobody's or two devices'.
pub(crate) async fn put(line: &Line, account: &Account, device: &Device) -> Result<(), StoreError> {
    let sql = "WITH new AS MATERIALIZED (
                 SELECT * FROM ROWS FROM (
                   unnest($4::bytea[]), unnest($5::text[]), unnest($6::bigint[]), unnest($7::bytea[]), generate_series(1, $8::int)
                 ) AS new(digest, kind, registered_at, sealed, place)
               ),
               kept AS (
                 INSERT INTO address (app, digest, usr, device, place, kind, registered_at, sealed)
                 SELECT $1, digest, $2, $3, place, kind, registered_at, sealed FROM new ORDER BY digest
                 ON CONFLICT (app, digest) DO UPDATE SET usr = excluded.usr, device = excluded.device, place = excluded.place,
                   kind = excluded.kind, registered_at = excluded.registered_at, sealed = excluded.sealed
               )
               DELETE FROM address WHERE app = $1 AND usr = $2 AND device = $3 AND NOT digest = ANY($4::bytea[])";
    let addresses = &device.addresses;
    let digests: Vec<&[u8]> = addresses.iter().map(|address| &address.digest[..]).collect();
    let kinds: Vec<&str> = addresses.iter().map(|address| &*address.kind).collect();
    let times: Vec<i64> = addresses.iter().map(|address| address.registered_at.big()).collect();
    let sealed: Vec<&[u8]> = addresses.iter().map(|address| &address.sealed[..]).collect();
    let count = i32::try_from(addresses.len()).unwrap_or(i32::MAX);
    let (app, user, id) = (account.app.big(), account.user.as_str(), device.id.as_str());
    changed(line, sql, &[&app, &user, &id, &digests, &kinds, &times, &sealed, &count]).await.map(drop)
}

pub(crate) async fn remove(line: &Line, account: &Account, device: &DeviceId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM address WHERE app = $1 AND usr = $2 AND device = $3";
    changed(line, sql, &[&account.app.big(), &account.user.as_str(), &device.as_str()]).await
}

pub(crate) async fn remove_address(
    line: &Line,
    account: &Account,
    (digest, since): ([u8; 16], Timestamp),
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM address WHERE app = $1 AND usr = $2 AND digest = $3 AND registered_at <= $4";
    changed(line, sql, &[&account.app.big(), &account.user.as_str(), &&digest[..], &since.big()]).await
}

pub(crate) async fn exchange_address(
    line: &Line,
    account: &Account,
    (known, sealed): (&SealedAddress, &[u8]),
) -> Result<bool, StoreError> {
    let sql = "UPDATE address SET sealed = $7
               WHERE app = $1 AND usr = $2 AND digest = $3 AND kind = $4 AND registered_at = $5 AND sealed = $6";
    let (app, user, digest) = (account.app.big(), account.user.as_str(), &known.digest[..]);
    let (kind, time, before) = (&*known.kind, known.registered_at.big(), &known.sealed[..]);
    changed(line, sql, &[&app, &user, &digest, &kind, &time, &before, &sealed]).await
}

pub(crate) async fn list(line: &Line, account: &Account) -> Result<Vec<Device>, StoreError> {
    let sql = "SELECT device, digest, kind, registered_at, sealed FROM address
               WHERE app = $1 AND usr = $2 ORDER BY device, place";
    let rows = line.query(sql, &[&account.app.big(), &account.user.as_str()]).await?;
    let mut devices: Vec<Device> = Vec::new();
    for row in &rows {
        let (id, digest): (&str, &[u8]) = (row.get(0), row.get(1));
        let address = SealedAddress {
            digest: digest.try_into().map_err(|_| convert::damaged("an address of a device"))?,
            kind: row.get(2),
            registered_at: convert::time(row.get(3)),
            sealed: row.get(4),
        };
        match devices.last_mut().filter(|device| device.id.as_str() == id) {
            Some(device) => device.addresses.push(address),
            None => devices.push(Device { addresses: vec![address], id: convert::device(id)? }),
        }
    }
    Ok(devices)
}

pub(crate) async fn put_resource(line: &Line, resource: &StoredResource) -> Result<(), StoreError> {
    let (app, name, sealed) = (resource.app.big(), &*resource.name, &resource.sealed[..]);
    if sealed.is_empty() {
        let sql = "DELETE FROM resource WHERE app = $1 AND name = $2";
        return changed(line, sql, &[&app, &name]).await.map(drop);
    }
    let sql = "INSERT INTO resource (app, name, sealed) VALUES ($1, $2, $3)
               ON CONFLICT (app, name) DO UPDATE SET sealed = excluded.sealed";
    changed(line, sql, &[&app, &name, &sealed]).await.map(drop)
}

pub(crate) async fn resources(line: &Line) -> Result<Vec<StoredResource>, StoreError> {
    let rows = line.query("SELECT app, name, sealed FROM resource ORDER BY app, name", &[]).await?;
    let resource = |row: &tokio_postgres::Row| {
        Ok(StoredResource { app: convert::app(row.get(0))?, name: row.get(1), sealed: row.get(2) })
    };
    rows.iter().map(resource).collect()
}

/// Whether the statement changed a row.
async fn changed(line: &Line, sql: &'static str, parameters: Parameters<'_>) -> Result<bool, StoreError> {
    let mut tries = 0;
    loop {
        let link = line.link().await?;
        let execute = async {
            let statement = link.statement(sql).await?;
            link.client.execute(&statement, parameters).await
        };
        match line.in_time(&link, execute).await? {
            Ok(rows) => return Ok(rows > 0),
            Err(error) if fate(&error) == Fate::Again && tries < TRIES => tries += 1,
            Err(error) => return Err(from_postgres(&error)),
        }
    }
}
