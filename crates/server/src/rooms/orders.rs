//! What an app's back end orders for its rooms.
use offhook_gateway::{RoomAction, RoomOrder};
use offhook_media::MediaRefusal;
use offhook_sfu::{LeaveCause, RoomKey};
use offhook_signaling::{Code, Problem, Reply};
use offhook_types::{Account, AppId, Party};

use super::{MediaRooms, convert, fleet::Action};
use crate::handler::Control;

impl MediaRooms {
    /// Carries out an order where its room lives.
    pub(crate) async fn order(
        &self,
        control: &Control,
        app: AppId,
        order: RoomOrder,
    ) -> Result<Reply, Problem> {
        let action = match &order.action {
            RoomAction::Close => Some(Action::Close),
            RoomAction::Mint { .. } => None,
            RoomAction::Read => Some(Action::Read),
            RoomAction::Remove { user } => Some(Action::Remove(user.clone())),
        };
        let key = RoomKey { app, room: order.room.clone() };
        if let Some(action) = action
            && let Some(reply) = self.order_elsewhere(&key, action).await?
        {
            return Ok(reply);
        }
        self.order_here(control, app, order).await
    }

    /// Carries out an order for a room of this node.
    pub(super) async fn order_here(
        &self,
        control: &Control,
        app: AppId,
        order: RoomOrder,
    ) -> Result<Reply, Problem> {
        let RoomOrder { action, room } = order;
        let key = RoomKey { app, room };
        match action {
            RoomAction::Close => {
                self.check_open(&key)?;
                self.node()?.close(&key, LeaveCause::Ended);
                Ok(Reply::Done)
            }
            RoomAction::Mint { device, role, user } => {
                let party = Party { account: Account::new(app, user), device: Some(device) };
                convert::role_of(&role)?;
                if key.room.call().is_some() {
                    control.may_enter(&party, &key.room).await?;
                }
                let token = self.passes.mint(&party, &key.room, &role);
                token.map(Reply::RoomToken).ok_or_else(|| Problem::new(Code::BadRequest, "no such role"))
            }
            RoomAction::Read => self.look(key).await,
            RoomAction::Remove { user } => {
                let is_here = self.ears.index.device_in(&key, &user).is_some();
                if !is_here {
                    return Err(Problem::new(Code::NotFound, "no such user is in the room"));
                }
                self.node()?.remove(&key, &user, LeaveCause::Kicked);
                Ok(Reply::Done)
            }
        }
    }

    /// Shows a room, of which nobody in it notices anything.
    async fn look(&self, key: RoomKey) -> Result<Reply, Problem> {
        self.check_open(&key)?;
        let state = self.node()?.look(&key).await.map_err(|refusal| match refusal {
            MediaRefusal::Refused(_) => no_such_room(),
            MediaRefusal::Busy | MediaRefusal::Stopped => convert::refused(refusal),
        })?;
        // A room is kept for a while without anybody.
        if state.members.is_empty() {
            return Err(no_such_room());
        }
        Ok(Reply::Room(convert::view(key.room, state, Vec::new())))
    }

    fn check_open(&self, key: &RoomKey) -> Result<(), Problem> {
        if self.ears.index.is_open(key) { Ok(()) } else { Err(no_such_room()) }
    }
}

fn no_such_room() -> Problem {
    Problem::new(Code::NotFound, "nobody is in a room of this name")
}
