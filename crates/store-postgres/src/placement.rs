//! Which node hosts each media room.
//!
//! A row a room. Placing is one statement: insert, or replace the row that bears the epoch of a node that is gone. Epochs come from a
//! sequence, so that they never repeat, neither after a row is deleted nor after a crash of the server has emptied the table.
use std::fmt;

use offhook_store::{Place, Placed, Placements, StoreError, presence::Answer};
use offhook_types::{AppId, RoomId};
use tokio_postgres::Row;

use crate::{
    OpenError, Options,
    convert::{self, Big as _},
    line::Line,
};

/// A room can be released while it is found to be taken. So often one tries to place it before one gives up.
const ATTEMPTS: usize = 16;
/// What no node has held on to for so long is forgotten. Its node is dead, and nobody came to the room since.
const FORGOTTEN_AFTER_S: f64 = 180.0;

/// The placements of rooms, on the database of an open [`crate::PostgresStore`].
pub struct PostgresPlacements {
    line: Line,
}

impl PostgresPlacements {
    /// Connects.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the way to the database.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        Ok(Self { line: Line::open(options).await? })
    }

    async fn find(&self, app: AppId, room: &RoomId) -> Result<Option<Place>, StoreError> {
        let sql = "SELECT node, epoch FROM placement WHERE app = $1 AND room = $2";
        let row = self.line.query_opt(sql, &[&app.big(), &room.as_str()]).await?;
        Ok(row.as_ref().map(place))
    }

    async fn place(
        &self,
        (app, room): (AppId, &RoomId),
        node: u64,
        over: Option<u64>,
    ) -> Result<Place, StoreError> {
        let (node, over) = (node.cast_signed(), over.map(u64::cast_signed));
        let sql =
            "INSERT INTO placement (app, room, node, epoch) VALUES ($1, $2, $3, nextval('placement_epoch'))
                   ON CONFLICT (app, room) DO UPDATE
                     SET node = excluded.node, epoch = excluded.epoch, seen = clock_timestamp()
                     WHERE placement.epoch = $4
                   RETURNING node, epoch";
        for _ in 0..ATTEMPTS {
            let row = self.line.query_opt(sql, &[&app.big(), &room.as_str(), &node, &over]).await?;
            if let Some(row) = row {
                return Ok(place(&row));
            }
            // Another one was first, and may be gone already.
            if let Some(winner) = self.find(app, room).await? {
                return Ok(winner);
            }
        }
        Err(StoreError::Unavailable("a room is placed and released over and over".into()))
    }

    async fn release(&self, app: AppId, room: &RoomId, epoch: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM placement WHERE app = $1 AND room = $2 AND epoch = $3";
        self.line.query(sql, &[&app.big(), &room.as_str(), &epoch.cast_signed()]).await.map(drop)
    }

    async fn held_by(&self, node: u64) -> Result<Vec<Placed>, StoreError> {
        let sql = "WITH old AS (DELETE FROM placement WHERE seen < clock_timestamp() - make_interval(secs => $2) AND node <> $1)
                   UPDATE placement SET seen = clock_timestamp() WHERE node = $1 RETURNING app, room, epoch";
        let rows = self.line.query(sql, &[&node.cast_signed(), &FORGOTTEN_AFTER_S]).await?;
        rows.iter().map(placed).collect()
    }
}

fn place(row: &Row) -> Place {
    Place { node: row.get::<_, i64>(0).cast_unsigned(), epoch: row.get::<_, i64>(1).cast_unsigned() }
}

fn placed(row: &Row) -> Result<Placed, StoreError> {
    let room: &str = row.get(1);
    let room = RoomId::new(room).map_err(|_| StoreError::Damaged("a placement names no room".into()))?;
    Ok(Placed { app: convert::app(row.get(0))?, epoch: row.get::<_, i64>(2).cast_unsigned(), room })
}

impl Placements for PostgresPlacements {
    fn find<'a>(&'a self, app: AppId, room: &'a RoomId) -> Answer<'a, Option<Place>> {
        Box::pin(self.find(app, room))
    }

    fn place<'a>(&'a self, room: (AppId, &'a RoomId), node: u64, over: Option<u64>) -> Answer<'a, Place> {
        Box::pin(self.place(room, node, over))
    }

    fn release<'a>(&'a self, app: AppId, room: &'a RoomId, epoch: u64) -> Answer<'a, ()> {
        Box::pin(self.release(app, room, epoch))
    }

    fn held_by(&self, node: u64) -> Answer<'_, Vec<Placed>> {
        Box::pin(self.held_by(node))
    }
}

impl fmt::Debug for PostgresPlacements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresPlacements").finish_non_exhaustive()
    }
}
