//! A handler that keeps calls in memory, in the real types.
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use offhook_bus::{Hint, Listener};
use offhook_gateway::{
    Delivery, Departure, Handler, Hub, Login, Opened, PushAnswer, PushOrder, RoomAction, RoomOrder,
};
use offhook_signaling::{
    CallReply, CallStatus, CallView, Calls, Code, Event, EventBody, Happening, Hidden, Invite, Invited,
    LegStatus, LegView, MemberView, Presence, Problem, PushLedger, PushResources, Reply, Request, RoomRole,
    RoomToken, RoomView, Snapshot, UserView, Users,
};
use offhook_types::{
    Account, AppId, CallId, CallSeq, Epoch, Offset, Opaque, Party, RoomId, Timestamp, UserId,
};
use tokio::sync::{Notify, Semaphore};

/// Every user has a log; an invite writes `call.invited` to each invitee and `call.changed` to the caller.
pub struct TestHandler {
    state: Mutex<State>,
    noted: Notify,
    /// A departure has begun.
    pub departing: Notify,
    hub: OnceLock<Arc<Hub>>,
    /// Requests take a permit while they are carried out; none left means that the store hangs.
    pub store: Semaphore,
}

#[derive(Default)]
struct State {
    calls: BTreeMap<CallId, (Account, CallView)>,
    log: BTreeMap<Account, Vec<EventBody>>,
    notes: Vec<String>,
    users: BTreeMap<Account, UserView>,
}

impl Default for TestHandler {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            noted: Notify::new(),
            departing: Notify::new(),
            hub: OnceLock::new(),
            store: Semaphore::new(Semaphore::MAX_PERMITS),
        }
    }
}

impl TestHandler {
    pub fn listen(&self, hub: Arc<Hub>) {
        assert!(self.hub.set(hub).is_ok());
    }

    /// Who came and went, in order.
    pub fn notes(&self) -> Vec<String> {
        self.state.lock().unwrap().notes.clone()
    }

    /// Waits until this has been noted.
    pub async fn noted(&self, note: &str) {
        loop {
            let noted = self.noted.notified();
            if self.notes().iter().any(|other| other == note) {
                return;
            }
            noted.await;
        }
    }

    fn note(&self, note: String) {
        self.state.lock().unwrap().notes.push(note);
        self.noted.notify_waiters();
    }

    /// Writes to a user's log, with a hint or without.
    pub fn write(&self, account: &Account, body: EventBody, hinted: bool) {
        let head = self.state.lock().unwrap().append(account, body);
        if hinted {
            self.hint(account, head);
        }
    }

    fn hint(&self, account: &Account, head: Offset) {
        self.hub.get().unwrap().hint(&Hint { head, account: account.clone() });
    }

    fn invite(&self, party: &Party, invite: &Invite) -> Result<Reply, Problem> {
        if invite.invitees.is_empty() {
            return Err(Problem::new(Code::NoInvitees, "nobody was named"));
        }
        let mut state = self.state.lock().unwrap();
        let call = view(&party.account.user, invite, state.calls.len() as u64 + 1);
        state.calls.insert(call.call, (party.account.clone(), call.clone()));
        let mut hints = Vec::new();
        for user in &invite.invitees {
            let account = Account::new(party.account.app, user.clone());
            let head = state.append(&account, EventBody::Invited(call.clone()));
            hints.push((account, head));
        }
        let head = state.append(&party.account, EventBody::Changed(happening(call.call)));
        hints.push((party.account.clone(), head));
        drop(state);
        hints.iter().for_each(|(account, head)| self.hint(account, *head));
        Ok(Reply::Invited(Invited { call, left_out: vec![], merged: false, room: None }))
    }

    fn find(&self, party: &Party, call: CallId) -> Result<Reply, Problem> {
        let state = self.state.lock().unwrap();
        let found = state.calls.get(&call).filter(|(caller, view)| {
            let involved = view.legs.iter().any(|leg| leg.user == party.account.user);
            caller.app == party.account.app && involved
        });
        let (_, call) = found.ok_or_else(|| Problem::new(Code::CallNotFound, "no such call"))?;
        Ok(Reply::Call(CallReply { call: Some(call.clone()), left_out: vec![], room: None }))
    }
}

impl State {
    fn append(&mut self, account: &Account, body: EventBody) -> Offset {
        let log = self.log.entry(account.clone()).or_default();
        log.push(body);
        Offset(log.len() as u64)
    }

    fn user(&mut self, account: &Account) -> &mut UserView {
        self.users.entry(account.clone()).or_insert_with(|| UserView {
            avatar_url: Opaque::default(),
            extended_data: Opaque::default(),
            name: Opaque::default(),
            user: account.user.clone(),
        })
    }
}

impl Handler for TestHandler {
    async fn woken(&self, party: &Party, call: CallId) {
        let device = party.device.as_ref().map_or("-", |device| device.as_str());
        self.note(format!("woken {}/{device} {call}", party.account.user.as_str()));
    }

    async fn push(&self, app: AppId, order: PushOrder) -> Result<PushAnswer, Problem> {
        self.note(format!("push {app} {order:?}"));
        Ok(match order {
            PushOrder::List => PushAnswer::Resources(PushResources { resources: vec![] }),
            PushOrder::Put { .. } | PushOrder::Remove { .. } => PushAnswer::Done,
            PushOrder::Read { .. } => PushAnswer::Ledger(PushLedger { pushes: vec![] }),
        })
    }

    async fn open(&self, login: Login) -> Result<Opened, Problem> {
        let account = &login.party.account;
        let device = login.party.device.as_ref().unwrap().as_str();
        self.note(format!("{} opens {device}", account.user.as_str()));
        let mut state = self.state.lock().unwrap();
        state.user(account);
        let head = Offset(state.log.get(account).map_or(0, Vec::len) as u64);
        let epoch = Epoch(1);
        Ok(match login.resume {
            Some(resume) if resume.epoch == epoch && resume.offset <= head => {
                Opened { epoch, offset: resume.offset, snapshot: None }
            }
            _ => Opened { epoch, offset: head, snapshot: Some(Snapshot { calls: vec![], ended: vec![] }) },
        })
    }

    async fn closed(&self, party: &Party, departure: Departure) {
        self.departing.notify_one();
        let _permit = self.store.acquire().await.unwrap();
        let device = party.device.as_ref().unwrap().as_str();
        self.note(format!("{} {departure:?} {device}", party.account.user.as_str()));
    }

    async fn execute(&self, party: &Party, request: Request) -> Result<Reply, Problem> {
        if let Request::ReadRoom(read) = &request {
            self.note(format!("reads {}", read.room.as_str()));
        }
        let _permit = self.store.acquire().await.unwrap();
        match request {
            Request::Invite(invite) => {
                self.note(format!("key {:?}", invite.key.as_ref().map(|key| key.as_str())));
                self.invite(party, &invite)
            }
            Request::ReadRoom(read) => Ok(Reply::Room(room_view(read.room, RoomRole::Member))),
            Request::ReadCall(read) => self.find(party, read.call),
            Request::Ignore(_) => panic!("a fault of the handler"),
            Request::Accept(accept) => self.find(party, accept.call),
            Request::Reject(reject) => self.find(party, reject.call),
            Request::Cancel(cancel) => self.find(party, cancel.call.unwrap()),
            Request::End(end) => self.find(party, end.call),
            Request::ListCalls(_) => {
                let state = self.state.lock().unwrap();
                let own = state.calls.values().filter(|(caller, _)| *caller == party.account);
                Ok(Reply::Calls(Calls { calls: own.map(|(_, call)| call.clone()).collect(), next: None }))
            }
            Request::QueryUsers(query) => {
                let state = self.state.lock().unwrap();
                let find = |user: &UserId| state.users.get(&Account::new(party.account.app, user.clone()));
                let (known, unknown): (Vec<_>, Vec<_>) =
                    query.users.into_iter().partition(|user| find(user).is_some());
                let users = known.iter().filter_map(|user| find(user).cloned()).collect();
                Ok(Reply::Users(Users { unknown, users }))
            }
            Request::UpdateUser(update) => {
                let mut state = self.state.lock().unwrap();
                let user = state.user(&party.account);
                user.name = update.name.unwrap_or_else(|| user.name.clone());
                Ok(Reply::Users(Users { unknown: vec![], users: vec![user.clone()] }))
            }
            _ => Ok(Reply::Done),
        }
    }

    async fn room(&self, app: AppId, order: RoomOrder) -> Result<Reply, Problem> {
        let RoomOrder { action, room } = order;
        let what = match &action {
            RoomAction::Close => "close".to_owned(),
            RoomAction::Mint { device, role, user } => {
                format!("mint {} {} {}", user.as_str(), device.as_str(), role.as_str())
            }
            RoomAction::Read => "read".to_owned(),
            RoomAction::Remove { user } => format!("remove {}", user.as_str()),
        };
        self.note(format!("{app} {} {what}", room.as_str()));
        if room.as_str() == "nowhere" {
            return Err(Problem::new(Code::NotFound, "no such room"));
        }
        Ok(match action {
            RoomAction::Close | RoomAction::Remove { .. } => Reply::Done,
            RoomAction::Mint { .. } => {
                Reply::RoomToken(RoomToken { expires_in_ms: 120_000, token: Hidden("t".into()) })
            }
            RoomAction::Read => Reply::Room(room_view(room, RoomRole::Host)),
        })
    }

    async fn events(&self, party: &Party, after: Offset, limit: usize) -> Result<Delivery, Problem> {
        let state = self.state.lock().unwrap();
        let log = state.log.get(&party.account).map_or(&[][..], Vec::as_slice);
        let begin = after.0 as usize;
        let end = log.len().min(begin + limit);
        let events = (begin..end).map(|place| Event {
            after: Offset(place as u64),
            body: log[place].clone(),
            offset: Offset(place as u64 + 1),
        });
        let (events, through) = (events.collect(), Offset(end.max(begin) as u64));
        Ok(Delivery::Events { events, through, more: end < log.len() })
    }
}

fn room_view(room: RoomId, role: RoomRole) -> RoomView {
    let user = UserId::new("alice").unwrap();
    let alice = MemberView { name: Opaque::default(), presence: Presence::Flowing, user };
    RoomView { ice_servers: vec![], members: vec![alice], role, room, streams: vec![] }
}

/// An event with a body of about `bytes`.
pub fn large(bytes: usize) -> EventBody {
    let mut event = happening(CallId::from_parts(Timestamp::from_millis(1), [0; 10]));
    event.data = Opaque::new("x".repeat(bytes));
    EventBody::Changed(event)
}

fn happening(call: CallId) -> Happening {
    Happening {
        by: None,
        call,
        changed: vec![],
        data: Opaque::default(),
        end: None,
        main_device: None,
        seq: CallSeq(1),
    }
}

fn view(caller: &UserId, invite: &Invite, number: u64) -> CallView {
    let call = CallId::from_parts(Timestamp::from_millis(number), [0; 10]);
    let leg = |user: &UserId, status| LegView {
        accepted_at: None,
        data: Opaque::default(),
        delivery: None,
        left_at: None,
        reason: None,
        status,
        user: user.clone(),
    };
    let mut legs = vec![leg(caller, LegStatus::Accepted)];
    legs.extend(invite.invitees.iter().map(|user| leg(user, LegStatus::Inviting)));
    CallView {
        age_ms: 0,
        alias: call.alias().to_string(),
        call,
        caller: caller.clone(),
        created_at: call.created(),
        end: None,
        extended_data: invite.extended_data.clone(),
        ignored: false,
        inviter: caller.clone(),
        legs,
        main_device: None,
        media: invite.media.clone(),
        missed: false,
        mode: invite.mode.clone(),
        remaining_ms: 90_000,
        seq: CallSeq(1),
        status: CallStatus::Started,
        timeout_ms: 90_000,
        upgrade_offered: false,
        usage: None,
        waiting: false,
    }
}
