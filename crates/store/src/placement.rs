//! The Placements port: on which node each media room lives.
//!
//! Not a part of [`crate::Store`], as [`crate::Presence`] is not: what is written here may be lost with the server that keeps it.
//! Whoever hosts a room keeps writing down that it does, so what was lost comes back.
use std::fmt;

use offhook_types::{AppId, RoomId};

use crate::presence::Answer;

/// Where a room lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The fence. No two placements ever have the same, whichever the room, and later ones have larger ones: who acts for a
    /// placement says its epoch, and is refused once the room has been placed anew.
    pub epoch: u64,
    /// The node that hosts it: one life of one process.
    pub node: u64,
}

/// A room that lives on the node that asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// The tenant.
    pub app: AppId,
    /// The fence of its placement.
    pub epoch: u64,
    /// The room.
    pub room: RoomId,
}

/// Which node hosts each room. Of nodes that place the same room at the same time, one wins, and all of them are told which.
pub trait Placements: fmt::Debug + Send + Sync + 'static {
    /// Where the room lives, if it lives anywhere.
    fn find<'a>(&'a self, app: AppId, room: &'a RoomId) -> Answer<'a, Option<Place>>;

    /// Places a room on a node if it lives nowhere, or lives under the epoch `over`, whose node is gone. Returns where it lives
    /// then, which is elsewhere if somebody else was first.
    fn place<'a>(&'a self, room: (AppId, &'a RoomId), node: u64, over: Option<u64>) -> Answer<'a, Place>;

    /// The room is over, if it still lives under this epoch. Else nothing happens.
    fn release<'a>(&'a self, app: AppId, room: &'a RoomId, epoch: u64) -> Answer<'a, ()>;

    /// What lives on a node. That node asks at least once a minute: what nobody has asked for in a few minutes is forgotten.
    fn held_by(&self, node: u64) -> Answer<'_, Vec<Placed>>;
}
