//! Where calls and media rooms meet: who may enter the room of a call, what a room is told of its call, and what a
//! call is told of its room.
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use offhook_bus::Bus;
use offhook_call::{Actor, Call, EndReason, Incident, Mode, Usage};
use offhook_signaling::{AskRoomToken, Code, Problem, Reply, RoomRole, RoomToken};
use offhook_store::{CommitError, Store};
use offhook_types::{Account, AppId, CallId, Party, RoomId, Timestamp, UserId};

use crate::{
    CallControl, World,
    control::{ATTEMPTS, Decision},
    problem::{self, WithCall},
    view,
};

/// The media rooms of this installation. No method may block: each is called in the middle of a request. What is said
/// twice must do no harm.
pub trait Rooms: fmt::Debug + Send + Sync + 'static {
    /// Whether there is any media here.
    fn is_available(&self) -> bool;

    /// A pass into a room for this device; `None` where there is no media, or no device.
    fn token(&self, party: &Party, room: &RoomId, role: RoomRole) -> Option<RoomToken>;

    /// The call is over: its room closes.
    fn close(&self, app: AppId, call: CallId);

    /// The user is no longer in the call, and leaves its room.
    fn remove(&self, app: AppId, call: CallId, user: &UserId);

    /// Whether the user is in the room of a call, other than `except`.
    fn occupies(&self, account: &Account, except: Option<CallId>) -> bool;
}

/// An installation without media.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRooms;

impl Rooms for NoRooms {
    fn is_available(&self) -> bool {
        false
    }

    fn token(&self, _: &Party, _: &RoomId, _: RoomRole) -> Option<RoomToken> {
        None
    }

    fn close(&self, _: AppId, _: CallId) {}

    fn remove(&self, _: AppId, _: CallId, _: &UserId) {}

    fn occupies(&self, _: &Account, _: Option<CallId>) -> bool {
        false
    }
}

/// What a closed room has to add to its call. Kept by its sender until it is stored; whole milliseconds count.
#[derive(Debug)]
pub struct RoomUsage {
    app: AppId,
    call: CallId,
    /// What was to be committed when the store broke off: it may have been.
    tried: Option<Arc<Call>>,
    usage: BTreeMap<UserId, Usage>,
}

impl RoomUsage {
    /// What the users of a call's room used.
    #[must_use]
    pub fn new(app: AppId, call: CallId, usage: impl IntoIterator<Item = (UserId, Usage)>) -> Self {
        let whole =
            |time: Duration| Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        let usage = usage.into_iter().map(|(user, usage)| {
            let (present, tiers) = (whole(usage.present), usage.tiers.map(whole));
            (user, Usage { present, tiers, ..usage })
        });
        Self { app, call, tried: None, usage: usage.collect() }
    }
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Carries media in these rooms.
    #[must_use]
    pub fn with_rooms(self, rooms: Arc<dyn Rooms>) -> Self {
        Self { rooms, ..self }
    }

    /// As what the party may be in a room now. To be asked before the room lets them in, and again after: a call that
    /// ended in between has not found them there.
    ///
    /// # Errors
    /// [`Code::CallNotFound`], [`Code::CallEnded`], [`Code::RoomForbidden`], [`Code::StoreUnavailable`].
    pub async fn may_enter(&self, party: &Party, room: &RoomId) -> Result<RoomRole, Problem> {
        let app = party.account.app;
        let Some(id) = room.call() else {
            return if self.policy(app).open_rooms { Ok(RoomRole::Member) } else { Err(forbidden(CLOSED)) };
        };
        let call = self.load(app, id).await?.ok_or_else(problem::call_not_found)?;
        role_in(&call, party, self.world.now())
    }

    /// A participant of a call's room is gone for good: lost, never connected, or cut off. Returns whether the store
    /// went along; if not, say it again later.
    pub async fn participant_lost(&self, party: &Party, call: CallId) -> bool {
        let actor = Actor { device: party.device.clone(), user: party.account.user.clone() };
        let lost = |call: &mut Call, now| call.handle_incident(now, Incident::ParticipantLost(actor.clone()));
        self.befall(party.account.app, call, lost).await
    }

    /// A call's room has closed. Returns whether its usage is stored; if not, come back later with the same value.
    pub async fn room_closed(&self, room: &mut RoomUsage) -> bool {
        for _ in 0..ATTEMPTS {
            let call = match self.store.load(room.app, room.call).await {
                Ok(Some(call)) => call,
                Ok(None) => return true,
                Err(error) => {
                    tracing::warn!(%error, "the call of a closed room cannot be read");
                    return false;
                }
            };
            let is_stored = room.tried.as_ref().is_some_and(|tried| tried.usage == call.usage);
            let mut next = Call::clone(&call);
            next.add_usage(&room.usage);
            if is_stored || next.seq == call.seq {
                return true;
            }
            let decision = Decision::of(call, next, Vec::new());
            let tried = Arc::clone(&decision.call);
            match self.commit(self.world.now(), decision).await {
                Ok(()) => return true,
                Err(CommitError::Conflict(_) | CommitError::GuardFailed | CommitError::KeyTaken(_)) => {}
                Err(CommitError::Store(error)) => {
                    tracing::warn!(%error, "the usage of a room cannot be stored; it is tried again");
                    room.tried = Some(tried);
                    return false;
                }
            }
        }
        false
    }

    pub(crate) async fn ask_room_token(&self, party: &Party, ask: &AskRoomToken) -> Result<Reply, Problem> {
        if !self.rooms.is_available() {
            return Err(problem::media_unavailable());
        }
        let role = self.may_enter(party, &ask.room).await?;
        let token = self.rooms.token(party, &ask.room, role);
        token.map(Reply::RoomToken).ok_or_else(|| forbidden("a room token is for a device of a user"))
    }

    /// The pass that goes with a reply, if the party may enter the call's room.
    pub(crate) fn pass(&self, call: &Call, party: &Party, now: Timestamp) -> Option<RoomToken> {
        if !self.rooms.is_available() {
            return None;
        }
        let role = role_in(call, party, now).ok()?;
        self.rooms.token(party, &call.id.into(), role)
    }

    /// Lets the call's room follow what has been committed.
    pub(crate) fn tell_rooms(&self, before: Option<&Call>, call: &Call) {
        if is_closed(call) {
            return self.rooms.close(call.app, call.id);
        }
        let were_in = before.iter().flat_map(|before| &before.legs).filter(|(_, leg)| leg.state.is_in_call());
        for (user, _) in were_in.filter(|(user, _)| !view::is_in_call(call, user)) {
            self.rooms.remove(call.app, call.id, user);
        }
    }

    /// Says again what the room may have missed, as the server or its store broke off after the commit.
    pub(crate) fn tell_rooms_again(&self, call: &Call, user: &UserId) {
        if is_closed(call) {
            self.rooms.close(call.app, call.id);
        } else if !view::is_in_call(call, user) {
            self.rooms.remove(call.app, call.id, user);
        }
    }
}

const CLOSED: &str = "the app opens no rooms but those of calls";

fn forbidden(message: &str) -> Problem {
    Problem::new(Code::RoomForbidden, message)
}

/// Whether nobody belongs in the call's room any more. A call of the general mode that was answered is over, too, and
/// its room is where its parties talk.
fn is_closed(call: &Call) -> bool {
    call.end.as_ref().is_some_and(|end| end.reason != EndReason::Answered)
}

/// As what the party may be in the call's room. In the advanced mode only on the main device: another one joins the call
/// first, so that call and room agree on where the user is.
fn role_in(call: &Call, party: &Party, now: Timestamp) -> Result<RoomRole, Problem> {
    let user = &party.account.user;
    let leg = call.legs.get(user).ok_or_else(problem::call_not_found)?;
    if is_closed(call) || now.since(call.created_at) >= call.policy.max_age {
        return Err(Problem::new(Code::CallEnded, "the call is over").with_call(call, party, now));
    }
    if !leg.state.is_in_call() {
        return Err(forbidden("the user is not in the call").with_call(call, party, now));
    }
    let main = view::main_device(call, user);
    if call.mode == Mode::Advanced && main.is_some() && main != party.device {
        let message = "the user is in the call with another device: join the call with this one first";
        return Err(forbidden(message).with_call(call, party, now));
    }
    Ok(if *user == call.caller { RoomRole::Host } else { RoomRole::Member })
}
