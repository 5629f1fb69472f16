//! The people and calls that laws and adapters' tests speak of.
use std::{collections::BTreeMap, sync::Arc, time::Duration};

use offhook_call::{
    Audience, Call, End, EndReason, Event, Leg, LegState, Media, Mode, Notice, Policy, RejectReason, Usage,
};
use offhook_types::{Account, AppId, CallId, CallSeq, DeviceId, IdempotencyKey, Opaque, Timestamp, UserId};

use crate::{CommitError, Committed, Key, Store, Transition};

/// The app that most laws take place in.
pub const APP: AppId = AppId(1);

/// Another tenant.
pub const OTHER_APP: AppId = AppId(2);

/// The moment at which the world begins, in milliseconds.
pub const START: u64 = 1_763_700_000_000;

/// `seconds` after the beginning.
#[must_use]
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(START + seconds * 1000)
}

/// A user.
///
/// # Panics
/// If `name` is not a user id.
#[must_use]
pub fn user(name: &str) -> UserId {
    UserId::new(name).expect("a test names users by their rules")
}

/// A user of [`APP`].
#[must_use]
pub fn account(name: &str) -> Account {
    Account::new(APP, user(name))
}

/// A user of [`OTHER_APP`].
#[must_use]
pub fn stranger(name: &str) -> Account {
    Account::new(OTHER_APP, user(name))
}

/// An idempotency key of alice's.
///
/// # Panics
/// If `text` is not a key.
#[must_use]
pub fn key_text(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a test names keys by their rules")
}

/// The key of a request of `account`, with a fingerprint of 7.
#[must_use]
pub fn key(account: &Account, text: &str) -> Key {
    Key { account: account.clone(), fingerprint: 7, key: key_text(text) }
}

/// The id of a call that is minted `n` seconds after the beginning.
#[must_use]
pub fn id(n: u64) -> CallId {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    CallId::from_parts(at(n), random)
}

/// A call of [`APP`], minted `n` seconds after the beginning: the first of `parties` calls the others for 30 s.
///
/// # Panics
/// If nobody is named.
#[must_use]
pub fn ringing(n: u64, parties: &[&str]) -> Call {
    let (created_at, caller) = (at(n), user(parties[0]));
    let leg = |name: &&str| {
        let state = if *name == parties[0] {
            LegState::Accepted { main_device: DeviceId::new("phone").ok() }
        } else {
            LegState::Inviting { check_at: None, ring_until: at(n + 30), waiting: false }
        };
        (user(name), leg(&caller, created_at, state))
    };
    Call {
        app: APP,
        created_at,
        end: None,
        extended_data: Opaque::new("{\"subject\":\"a test\"}"),
        id: id(n),
        legs: parties.iter().map(leg).collect::<BTreeMap<_, _>>(),
        media: Media::Video,
        mode: Mode::Advanced,
        policy: Policy::default(),
        seq: CallSeq(1),
        timeout: Duration::from_secs(30),
        upgrade_offered: false,
        usage: BTreeMap::new(),
        caller,
    }
}

fn leg(inviter: &UserId, invited_at: Timestamp, state: LegState) -> Leg {
    Leg {
        accepted_at: None,
        data: Opaque::default(),
        delivery: None,
        ignored_on: Default::default(),
        inviter: inviter.clone(),
        invited_at,
        left_at: None,
        rung_on: Default::default(),
        state,
    }
}

/// The same call one version later, with nothing else changed.
#[must_use]
pub fn next(call: &Call) -> Call {
    Call { seq: call.seq.next(), ..call.clone() }
}

/// The call one version later, in which `name` has accepted `seconds` after the beginning.
///
/// # Panics
/// If they have no leg.
#[must_use]
pub fn accepted(call: &Call, name: &str, seconds: u64) -> Call {
    let mut call = next(call);
    let leg = call.legs.get_mut(&user(name)).expect("who accepts has a leg");
    leg.accepted_at = Some(at(seconds));
    leg.state = LegState::Accepted { main_device: DeviceId::new("tablet").ok() };
    call
}

/// The call one version later, to which `name` has been added `seconds` after the beginning.
#[must_use]
pub fn joined_by(call: &Call, name: &str, seconds: u64) -> Call {
    let mut call = next(call);
    let state = LegState::Inviting { check_at: None, ring_until: at(seconds + 30), waiting: true };
    call.legs.insert(user(name), leg(&user("bob"), at(seconds), state));
    call
}

/// The call one version later, rejected by all invitees and over `seconds` after the beginning.
#[must_use]
pub fn rejected(call: &Call, seconds: u64) -> Call {
    let mut call = next(call);
    let caller = call.caller.clone();
    for (_, leg) in call.legs.iter_mut().filter(|(user, _)| **user != caller) {
        leg.state = LegState::Rejected { reason: RejectReason::Declined };
        leg.data = Opaque::new("not now");
    }
    call.end = Some(End { at: at(seconds), by: None, reason: EndReason::Rejected });
    call
}

/// The call one version later, of whose media `name` has used `seconds` more.
#[must_use]
pub fn used(call: &Call, name: &str, seconds: u64) -> Call {
    let mut call = call.clone();
    let present = Duration::from_secs(seconds);
    call.add_usage([(&user(name), &Usage { present, sent_bytes: seconds * 1000, ..Usage::default() })]);
    call
}

/// The transition to `call`, which nobody is told of.
#[must_use]
pub fn silent(call: &Call) -> Transition {
    Transition {
        at: call.created_at,
        call: Arc::new(call.clone()),
        guards: vec![],
        jobs: vec![],
        key: None,
        notices: vec![],
    }
}

/// The transition to `call`, which these users are told of, in this order.
#[must_use]
pub fn telling(call: &Call, names: &[&str]) -> Transition {
    Transition { notices: names.iter().map(|name| notice(name)).collect(), ..silent(call) }
}

/// A notice to all devices of a user that something changed for them.
#[must_use]
pub fn notice(name: &str) -> Notice {
    Notice {
        audience: Audience::AllDevices,
        changed: Arc::from([user(name)]),
        event: Event::Changed,
        to: user(name),
    }
}

/// Commits what must succeed.
///
/// # Panics
/// If it does not.
pub async fn commit(store: &impl Store, transition: Transition) -> Committed {
    store.commit(transition).await.expect("nothing stands against this transition")
}

/// Commits what must not succeed.
///
/// # Panics
/// If it does.
pub async fn refused(store: &impl Store, transition: Transition) -> CommitError {
    store.commit(transition).await.expect_err("something stands against this transition")
}
