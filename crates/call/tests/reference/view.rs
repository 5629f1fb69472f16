//! The machine's values in the words of the model, so that both can be compared.
use std::time::Duration;

use offhook_call::{
    Actor, Audience, Call, Command, EndPolicy, Event, Invitation, Invitee, JoinPolicy, LateCancel, LegState,
    Mode, Notice, Policy, Standing,
};
use offhook_types::{AppId, CallId, DeviceId, Opaque, Timestamp, UserId};

use crate::facts::{Device, Stand, Text, User};
use crate::model::{Act, Model, News, Rules, TIMEOUT, Told, USERS};

const START: u64 = 1_000_000;

pub(crate) fn time(at: u64) -> Timestamp {
    Timestamp::from_millis(START + at * 1000)
}

fn seconds(time: Timestamp) -> u64 {
    (time.as_millis() - START) / 1000
}

/// The ids of all users and devices, made once.
pub(crate) struct Names {
    users: Vec<UserId>,
    devices: Vec<DeviceId>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self {
            users: (0..USERS).map(|user| UserId::new(user.to_string()).expect("a valid id")).collect(),
            devices: (0..2).map(|device| DeviceId::new(device.to_string()).expect("a valid id")).collect(),
        }
    }

    fn user(&self, user: User) -> UserId {
        self.users[usize::from(user)].clone()
    }

    pub(crate) fn actor(&self, user: User, device: Device) -> Actor {
        Actor {
            device: device.map(|device| self.devices[usize::from(device)].clone()),
            user: self.user(user),
        }
    }

    fn invitees(&self, named: &[(User, Standing)]) -> Vec<Invitee> {
        named.iter().map(|(user, standing)| Invitee { standing: *standing, user: self.user(*user) }).collect()
    }

    /// The command of the machine; a merge is none.
    pub(crate) fn command(&self, act: &Act, text: Text) -> Option<Command> {
        let data = texted(text);
        Some(match act {
            Act::Accept => Command::Accept { data },
            Act::Acknowledge => Command::AcknowledgeRinging,
            Act::Add(named) => Command::Add { invitees: self.invitees(named) },
            Act::Cancel(named) => {
                Command::Cancel { data, invitees: named.iter().map(|user| self.user(*user)).collect() }
            }
            Act::End => Command::End { data },
            Act::Ignore => Command::Ignore,
            Act::Join => Command::Join { data },
            Act::Merge(_) => return None,
            Act::Quit => Command::Quit { data },
            Act::Reject(reason) => Command::Reject { data, reason: *reason },
        })
    }

    pub(crate) fn invitation(&self, model: &Model, device: Device, named: &[(User, Standing)]) -> Invitation {
        Invitation {
            app: AppId(1),
            caller: self.actor(0, device),
            extended_data: Opaque::default(),
            id: CallId::from_parts(time(0), [0; 10]),
            invitees: self.invitees(named),
            media: model.media,
            mode: if model.rules.advanced { Mode::Advanced } else { Mode::General },
            policy: policy(&model.rules),
            timeout: Duration::from_secs(TIMEOUT),
        }
    }
}

fn policy(rules: &Rules) -> Policy {
    Policy {
        end: EndPolicy { caller_leaves: rules.caller_leaves_ends, last_one_left: rules.last_one_ends },
        grace: Duration::from_secs(rules.grace),
        join: if rules.strangers_join { JoinPolicy::Anyone } else { JoinPolicy::Invited },
        late_cancel: if rules.late_cancel_ends { LateCancel::End } else { LateCancel::Refuse },
        max_age: Duration::from_secs(rules.max_age),
        max_invitees: rules.max_invitees.try_into().expect("few"),
        max_participants: rules.max_participants.try_into().expect("few"),
        not_received_check: rules.check.map(Duration::from_secs),
        tell_delivery: rules.tell_delivery,
    }
}

fn texted(text: Text) -> Opaque {
    if text == 0 { Opaque::default() } else { Opaque::new(text.to_string()) }
}

fn text(data: &Opaque) -> Text {
    if data.is_empty() { 0 } else { data.as_str().parse().expect("a number") }
}

pub(crate) fn number(user: &UserId) -> User {
    user.as_str().parse().expect("a number")
}

fn device(device: &DeviceId) -> u8 {
    device.as_str().parse().expect("a number")
}

pub(crate) fn told(notice: &Notice) -> Told {
    let on = match &notice.audience {
        Audience::AllDevices => None,
        Audience::Device(main) => Some(device(main)),
    };
    let news = match &notice.event {
        Event::Canceled { by, data } => News::Canceled(number(by), text(data)),
        Event::Changed => News::Changed,
        Event::Created => News::Created,
        Event::Ended { by, data } => News::Ended(by.as_ref().map(number), text(data)),
        Event::Invited => News::Invited,
        Event::Merged => News::Merged,
        Event::Unanswered => News::Unanswered,
    };
    (number(&notice.to), on, notice.changed.iter().map(number).collect(), news)
}

fn stand(call: &Call, user: &UserId) -> Stand {
    let rings = |ring_until: &Timestamp, waiting: &bool, reached| {
        let since = seconds(*ring_until) - TIMEOUT;
        Stand::Rings { since, waiting: *waiting, reached }
    };
    match &call.legs[user].state {
        LegState::Accepted { main_device } => Stand::In(main_device.as_ref().map(device)),
        LegState::BeCanceled => Stand::BeCanceled,
        LegState::Canceled => Stand::Canceled,
        LegState::Ended => Stand::Ended,
        LegState::Inviting { ring_until, waiting, .. } => rings(ring_until, waiting, None),
        LegState::NotYetReceived { ring_until, waiting } => rings(ring_until, waiting, Some(false)),
        LegState::Quit => Stand::Quit,
        LegState::Received { ring_until, waiting } => rings(ring_until, waiting, Some(true)),
        LegState::Rejected { reason } => Stand::Rejected(*reason),
        LegState::TimedOut => Stand::Missed,
    }
}

/// Holds the whole call against the log.
pub(crate) fn assert_same(call: &Call, model: &Model) {
    let log = &model.log;
    assert_eq!(call.seq.0, model.changes, "one version per change");
    let end = call.end.as_ref().map(|end| (seconds(end.at), end.reason, end.by.as_ref().map(number)));
    assert_eq!(end, log.over());
    assert_eq!((call.media, call.upgrade_offered), (model.media, model.offered));
    let known = (0..USERS).filter(|user| model.stand(*user).is_some()).count();
    assert_eq!(call.legs.len(), known, "a leg for each party and nobody else");
    for (name, leg) in &call.legs {
        let user = number(name);
        assert_eq!(Some(stand(call, name)), model.stand(user), "user {user}");
        assert_eq!(leg.accepted_at.map(seconds), log.accepted_at(user), "acceptance of user {user}");
        assert_eq!(leg.left_at.map(seconds), log.left_at(user), "departure of user {user}");
        assert_eq!(text(&leg.data), log.text(user), "text of user {user}");
        let brought_in = (number(&leg.inviter), seconds(leg.invited_at));
        assert_eq!(Some(brought_in), log.brought_in(user), "inviter of user {user}");
        let silenced: Vec<u8> = leg.ignored_on.iter().map(device).collect();
        assert_eq!(silenced, log.silenced(user), "silenced devices of user {user}");
        let rung: Vec<u8> = leg.rung_on.iter().map(device).collect();
        assert_eq!(rung, log.sounded(user), "devices of user {user} that rang");
        let carried = log.carried(user).filter(|_| model.rules.tell_delivery);
        assert_eq!(leg.delivery, carried, "how far the invitation of user {user} got");
    }
}
