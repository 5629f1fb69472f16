//! Placing a call: keys, busy, glare.
use std::{sync::Arc, time::Duration};

use offhook_bus::Bus;
use offhook_call::{Actor, Call, Invitation, Invitee, Media, Mode, Policy, Standing};
use offhook_signaling::{CallMode, Code, Invite, Invited, MediaKind, Problem, PushConfig, Reply};
use offhook_store::{CommitError, Guard, Key, Remembered, Store};
use offhook_types::{Account, CallId, IdempotencyKey, Party, UserId};

use crate::{
    CallControl, World,
    commands::{checked, left_out, without_repeats},
    control::{ATTEMPTS, Decision},
    policy::{AppPolicy, BusyPolicy, GlarePolicy},
    problem,
    pushes::Cause,
    view,
};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(90);
const MAX_TIMEOUT_S: u32 = 600;
/// How long a client that asks for the check waits for a ring to be acknowledged (specification, section 3.2).
const NOT_RECEIVED_CHECK: Duration = Duration::from_secs(5);

/// How the named users stand, and what must still be true of them when the decision is committed.
pub(crate) struct Standings {
    pub(crate) guards: Vec<Guard>,
    pub(crate) invitees: Vec<Invitee>,
}

/// An invite that has the right form.
struct Wanted {
    fingerprint: u64,
    invite: Invite,
    media: Media,
    mode: Mode,
    timeout: Duration,
    users: Vec<UserId>,
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Places a call, or finds the one that an earlier try of the same request placed.
    pub(crate) async fn invite(&self, party: &Party, invite: Invite) -> Result<Reply, Problem> {
        let policy = self.policy(party.account.app);
        let wanted = Wanted::of(invite, &policy)?;
        self.check_push(party, wanted.invite.push.as_deref())?;
        if let Some(key) = &wanted.invite.key {
            let remembered = self.store.remembered(&party.account, key).await;
            if let Some(remembered) = remembered.map_err(|error| problem::of_store(&error))? {
                return self.answer_again(party, &wanted, remembered).await;
            }
        }
        for _ in 0..ATTEMPTS {
            if let Some(reply) = self.try_to_place(party, &wanted, &policy).await? {
                return Ok(reply);
            }
        }
        Err(problem::contended())
    }

    /// One round of deciding; `None` if another commit came first.
    async fn try_to_place(
        &self,
        party: &Party,
        wanted: &Wanted,
        policy: &AppPolicy,
    ) -> Result<Option<Reply>, Problem> {
        let mut guards = Vec::new();
        if policy.glare == GlarePolicy::Merge
            && let [callee] = wanted.users.as_slice()
        {
            let live = self.live(&party.account).await?;
            if let Some(theirs) =
                live.calls.iter().find(|call| is_their_call_to(call, callee, &party.account.user))
            {
                return self.merge(party, wanted, theirs).await;
            }
            guards.push(Guard { account: party.account.clone(), revision: live.revision });
        }
        let standings = self.standing(party, None, &wanted.users).await?;
        guards.extend(standings.guards);
        let now = self.world.now();
        let placed = Call::invite(
            now,
            Invitation {
                app: party.account.app,
                caller: actor_of(party),
                extended_data: wanted.invite.extended_data.clone(),
                id: self.world.mint_call_id(),
                invitees: standings.invitees,
                media: wanted.media,
                mode: wanted.mode,
                policy: wanted.call_policy(policy),
                timeout: wanted.timeout,
            },
        );
        let (call, outcome) = placed.map_err(|refusal| problem::of_refusal(refusal, refusal.to_string()))?;
        let key = wanted.invite.key.clone().map(|key| wanted.key(party, key));
        let call = Arc::new(call);
        let decision = Decision {
            before: None,
            call: Arc::clone(&call),
            guards,
            cause: wanted.cause(party),
            key,
            notices: outcome.notices,
        };
        match self.commit(now, decision).await {
            Ok(()) => {
                let left_out = left_out(outcome.problems);
                let room = self.pass(&call, party, now);
                let call = view::of_call(&call, party, now);
                Ok(Some(Reply::Invited(Invited { call, left_out, merged: false, room })))
            }
            Err(CommitError::Conflict(_) | CommitError::GuardFailed) => Ok(None),
            Err(CommitError::KeyTaken(other)) => Ok(Some(self.answer_again(party, wanted, other).await?)),
            Err(CommitError::Store(error)) => Err(problem::of_store(&error)),
        }
    }

    /// The callee is calling the caller: accepts their call instead of placing another.
    async fn merge(
        &self,
        party: &Party,
        wanted: &Wanted,
        theirs: &Arc<Call>,
    ) -> Result<Option<Reply>, Problem> {
        let now = self.world.now();
        let mut call = Call::clone(theirs);
        let actor = actor_of(party);
        let Ok(outcome) = call.merge(now, &actor, wanted.media) else {
            return Ok(None);
        };
        let key = wanted.invite.key.clone().map(|key| wanted.key(party, key));
        let cause = Cause { config: None, ..wanted.cause(party) };
        let decision = Decision { cause, key, ..Decision::of(Arc::clone(theirs), call, outcome.notices) };
        let call = Arc::clone(&decision.call);
        match self.commit(now, decision).await {
            Ok(()) => {
                let room = self.pass(&call, party, now);
                let call = view::of_call(&call, party, now);
                Ok(Some(Reply::Invited(Invited { call, left_out: Vec::new(), merged: true, room })))
            }
            Err(CommitError::Conflict(_) | CommitError::GuardFailed) => Ok(None),
            Err(CommitError::KeyTaken(other)) => Ok(Some(self.answer_again(party, wanted, other).await?)),
            Err(CommitError::Store(error)) => Err(problem::of_store(&error)),
        }
    }

    /// Answers a retry from what its key stands for.
    async fn answer_again(&self, party: &Party, wanted: &Wanted, is: Remembered) -> Result<Reply, Problem> {
        let (id, fingerprint) = match is {
            Remembered::Call { call, fingerprint } => (call, fingerprint),
            Remembered::Canceled => {
                return Err(Problem::new(
                    Code::Canceled,
                    "a cancel of this invite arrived before it: nobody rang",
                ));
            }
        };
        if fingerprint != wanted.fingerprint {
            return Err(Problem::new(
                Code::KeyReused,
                "this key belongs to a different invite: use a new one",
            ));
        }
        let Some(call) = self.load(party.account.app, id).await? else {
            return Err(problem::internal("a key stands for a call that is not stored"));
        };
        let merged = call.caller != party.account.user;
        let now = self.world.now();
        let room = self.pass(&call, party, now);
        let call = view::of_call(&call, party, now);
        Ok(Reply::Invited(Invited { call, left_out: Vec::new(), merged, room }))
    }

    /// Finds out how users stand who are to be invited to a new call or to `to`. Who is in the room of a call that is
    /// over, as those of the general mode are once answered, is in a call like any other; but as rooms stand in no store,
    /// no guard holds them still until the commit.
    pub(crate) async fn standing(
        &self,
        party: &Party,
        to: Option<CallId>,
        users: &[UserId],
    ) -> Result<Standings, Problem> {
        let app = party.account.app;
        let busy = self.policy(app).busy;
        let accounts: Vec<Account> = users.iter().map(|user| Account::new(app, user.clone())).collect();
        let known = self.store.users(&accounts).await.map_err(|error| problem::of_store(&error))?;
        let mut standings = Standings { guards: Vec::new(), invitees: Vec::with_capacity(users.len()) };
        for (account, known) in accounts.into_iter().zip(known) {
            let standing = match (known, busy) {
                (None, _) => Standing::Unregistered,
                (Some(_), BusyPolicy::Ring) => Standing::Free,
                (Some(_), BusyPolicy::Reject | BusyPolicy::Waiting) => {
                    let live = self.live(&account).await?;
                    let others: Vec<_> = live.calls.iter().filter(|call| Some(call.id) != to).collect();
                    let is_busy =
                        self.rooms.occupies(&account, to) || self.occupied(&others, &account).await?;
                    standings.guards.push(Guard { account: account.clone(), revision: live.revision });
                    match (is_busy, busy) {
                        (false, _) | (true, BusyPolicy::Ring) => Standing::Free,
                        (true, BusyPolicy::Reject) => Standing::Busy,
                        (true, BusyPolicy::Waiting) => Standing::Waiting,
                    }
                }
            };
            standings.invitees.push(Invitee { standing, user: account.user });
        }
        Ok(standings)
    }

    /// Whether live calls keep the user busy: one rings for them, or they are in one and not lost for longer than their
    /// lease, so that a crashed app is not busy for ever.
    async fn occupied(&self, calls: &[&Arc<Call>], account: &Account) -> Result<bool, Problem> {
        let user = &account.user;
        if calls.iter().any(|call| view::ring_until(call, user).is_some()) {
            return Ok(true);
        }
        Ok(calls.iter().any(|call| view::is_in_call(call, user)) && self.is_here(account).await?)
    }

    /// Whether the user has a device that is connected, or lost it a short while ago.
    pub(crate) async fn is_here(&self, account: &Account) -> Result<bool, Problem> {
        self.presence.is_here(account).await.map_err(|error| problem::of_store(&error))
    }

    async fn live(&self, account: &Account) -> Result<offhook_store::LiveCalls, Problem> {
        self.store.live(account).await.map_err(|error| problem::of_store(&error))
    }
}

impl Wanted {
    /// Checks the form of an invite.
    fn of(mut invite: Invite, policy: &AppPolicy) -> Result<Self, Problem> {
        invite.extended_data = checked(invite.extended_data, policy)?;
        if invite.timeout_s > MAX_TIMEOUT_S {
            return Err(Problem::new(
                Code::BadRequest,
                "timeout_s is a whole number from 1 to 600, or 0 for 90",
            ));
        }
        let mode = match &invite.mode {
            CallMode::Advanced => Mode::Advanced,
            CallMode::General => Mode::General,
            CallMode::Unknown(_) => {
                return Err(Problem::new(Code::BadRequest, "mode is general or advanced"));
            }
        };
        let media = match &invite.media {
            MediaKind::Audio => Media::Audio,
            MediaKind::Video => Media::Video,
            MediaKind::Unknown(_) => return Err(Problem::new(Code::BadRequest, "media is audio or video")),
        };
        let timeout = match invite.timeout_s {
            0 => DEFAULT_TIMEOUT,
            seconds => Duration::from_secs(u64::from(seconds)),
        };
        let users = without_repeats(core::mem::take(&mut invite.invitees));
        let fingerprint = fingerprint(&invite, &users, timeout);
        Ok(Self { fingerprint, invite, media, mode, timeout, users })
    }

    fn call_policy(&self, policy: &AppPolicy) -> Policy {
        let mut policy = policy.call.clone();
        if self.invite.not_received_check && policy.not_received_check.is_none() {
            policy.not_received_check = Some(NOT_RECEIVED_CHECK);
        }
        policy.tell_delivery |= self.invite.delivery_updates;
        policy
    }

    fn cause(&self, party: &Party) -> Cause {
        Cause { config: self.invite.push.clone(), device: party.device.clone() }
    }

    fn key(&self, party: &Party, key: IdempotencyKey) -> Key {
        Key { account: party.account.clone(), fingerprint: self.fingerprint, key }
    }
}

fn actor_of(party: &Party) -> Actor {
    Actor { device: party.device.clone(), user: party.account.user.clone() }
}

/// Whether `call` is `callee` calling `caller`, the two of them alone, and still rings.
fn is_their_call_to(call: &Call, callee: &UserId, caller: &UserId) -> bool {
    call.caller == *callee
        && call.legs.len() == 2
        && view::ring_until(call, caller).is_some()
        && view::is_in_call(call, callee)
}

/// FNV-1a over all that makes two invites the same request.
fn fingerprint(invite: &Invite, users: &[UserId], timeout: Duration) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |bytes: &[u8]| {
        for byte in bytes.iter().chain(&[0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for user in users {
        feed(user.as_str().as_bytes());
    }
    feed(invite.mode.as_str().as_bytes());
    feed(invite.media.as_str().as_bytes());
    feed(invite.extended_data.as_str().as_bytes());
    feed(&timeout.as_secs().to_be_bytes());
    feed(&[u8::from(invite.not_received_check)]);
    if let Some(push) = &invite.push {
        feed_push(&mut feed, push);
    }
    hash
}

/// What people see of a push makes two invites different, too.
fn feed_push(feed: &mut impl FnMut(&[u8]), push: &PushConfig) {
    for text in [&push.title, &push.body, &push.payload, &push.resource, &push.thread] {
        feed(text.as_str().as_bytes());
    }
}
