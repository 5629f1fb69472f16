//! The form of a call.
use std::{collections::BTreeMap, time::Duration};

use offhook_call::{Call, End, EndPolicy, EndReason, JoinPolicy, LateCancel, Leg, Media, Mode, Policy};
use offhook_types::{AppId, CallId, CallSeq, Opaque, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{check_version, damaged, leg::LegForm, usage::UsageForm};
use crate::StoreError;

#[derive(Serialize, Deserialize)]
pub(super) struct CallForm {
    v: u32,
    id: CallId,
    #[serde(rename = "a")]
    app: AppId,
    #[serde(rename = "q")]
    seq: CallSeq,
    #[serde(rename = "t")]
    created_at: Timestamp,
    #[serde(rename = "c")]
    caller: Who,
    #[serde(rename = "r")]
    timeout: u64,
    #[serde(rename = "adv", default, skip_serializing_if = "is_default")]
    advanced: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    audio: bool,
    #[serde(rename = "x", default, skip_serializing_if = "Opaque::is_empty")]
    extended_data: Opaque,
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    policy: PolicyForm,
    #[serde(rename = "up", default, skip_serializing_if = "is_default")]
    upgrade_offered: bool,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    end: Option<EndForm>,
    #[serde(rename = "l")]
    legs: Vec<LegForm>,
    /// Since version 2.
    #[serde(rename = "us", default, skip_serializing_if = "Vec::is_empty")]
    usage: Vec<UsageForm>,
}

impl From<&Call> for CallForm {
    fn from(call: &Call) -> Self {
        Self {
            v: if call.usage.is_empty() { 1 } else { 2 },
            id: call.id,
            app: call.app,
            seq: call.seq,
            created_at: call.created_at,
            caller: Who::of(&call.caller, call),
            timeout: millis(call.timeout),
            advanced: match call.mode {
                Mode::Advanced => true,
                Mode::General => false,
            },
            audio: match call.media {
                Media::Audio => true,
                Media::Video => false,
            },
            extended_data: call.extended_data.clone(),
            policy: PolicyForm::from(&call.policy),
            upgrade_offered: call.upgrade_offered,
            end: call.end.as_ref().map(|end| EndForm::new(end, call)),
            legs: call.legs.iter().map(|(user, leg)| LegForm::new(user, leg, call)).collect(),
            usage: UsageForm::all(call),
        }
    }
}

impl CallForm {
    pub(super) fn into_call(self) -> Result<Call, StoreError> {
        check_version(self.v)?;
        let users: Vec<UserId> = self.legs.iter().map(|leg| leg.user.clone()).collect();
        let caller = self.caller.name(&users)?;
        let mut legs: BTreeMap<UserId, Leg> = BTreeMap::new();
        for leg in self.legs {
            legs.insert(leg.user.clone(), leg.into_leg(&users, &caller, self.created_at)?);
        }
        Ok(Call {
            app: self.app,
            created_at: self.created_at,
            end: self.end.map(|end| end.into_end(&users)).transpose()?,
            extended_data: self.extended_data,
            id: self.id,
            legs,
            media: if self.audio { Media::Audio } else { Media::Video },
            mode: if self.advanced { Mode::Advanced } else { Mode::General },
            policy: self.policy.into(),
            seq: self.seq,
            timeout: Duration::from_millis(self.timeout),
            upgrade_offered: self.upgrade_offered,
            usage: self.usage.into_iter().map(|form| form.into_usage(&users)).collect::<Result<_, _>>()?,
            caller,
        })
    }
}

/// A user: the place of their leg in the call, or their name if they have none.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Who {
    Leg(usize),
    Named(UserId),
}

impl Who {
    pub(super) fn of(user: &UserId, call: &Call) -> Self {
        call.legs.keys().position(|other| other == user).map_or_else(|| Self::Named(user.clone()), Self::Leg)
    }

    pub(super) fn name(self, users: &[UserId]) -> Result<UserId, StoreError> {
        match self {
            Self::Leg(at) => users.get(at).cloned().ok_or_else(|| damaged(&"no such leg")),
            Self::Named(user) => Ok(user),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct EndForm {
    #[serde(rename = "t")]
    at: Timestamp,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    by: Option<Who>,
    #[serde(rename = "y", with = "EndReasonForm")]
    reason: EndReason,
}

impl EndForm {
    fn new(end: &End, call: &Call) -> Self {
        Self { at: end.at, by: end.by.as_ref().map(|user| Who::of(user, call)), reason: end.reason }
    }

    fn into_end(self, users: &[UserId]) -> Result<End, StoreError> {
        Ok(End { at: self.at, by: self.by.map(|who| who.name(users)).transpose()?, reason: self.reason })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EndReason", rename_all = "snake_case")]
enum EndReasonForm {
    AllLeft,
    Answered,
    CallerLeft,
    CallerLost,
    Canceled,
    Rejected,
    Ended,
    LastOneLeft,
    MaxAge,
    Unanswered,
}

/// What differs from the default policy, durations in milliseconds.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct PolicyForm {
    #[serde(skip_serializing_if = "is_default")]
    end_caller_leaves: bool,
    #[serde(skip_serializing_if = "is_default")]
    end_last_one_left: bool,
    #[serde(skip_serializing_if = "is_default")]
    grace: u64,
    #[serde(skip_serializing_if = "is_default")]
    invited_only: bool,
    #[serde(skip_serializing_if = "is_default")]
    late_cancel_ends: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_invitees: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_participants: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_received_check: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    tell_delivery: bool,
}

impl From<&Policy> for PolicyForm {
    fn from(policy: &Policy) -> Self {
        let usual = Policy::default();
        Self {
            end_caller_leaves: policy.end.caller_leaves,
            end_last_one_left: policy.end.last_one_left,
            grace: millis(policy.grace),
            invited_only: match policy.join {
                JoinPolicy::Anyone => false,
                JoinPolicy::Invited => true,
            },
            late_cancel_ends: match policy.late_cancel {
                LateCancel::End => true,
                LateCancel::Refuse => false,
            },
            max_age: (policy.max_age != usual.max_age).then(|| millis(policy.max_age)),
            max_invitees: (policy.max_invitees != usual.max_invitees).then_some(policy.max_invitees),
            max_participants: (policy.max_participants != usual.max_participants)
                .then_some(policy.max_participants),
            not_received_check: policy.not_received_check.map(millis),
            tell_delivery: policy.tell_delivery,
        }
    }
}

impl From<PolicyForm> for Policy {
    fn from(form: PolicyForm) -> Self {
        let usual = Self::default();
        Self {
            end: EndPolicy { caller_leaves: form.end_caller_leaves, last_one_left: form.end_last_one_left },
            grace: Duration::from_millis(form.grace),
            join: if form.invited_only { JoinPolicy::Invited } else { JoinPolicy::Anyone },
            late_cancel: if form.late_cancel_ends { LateCancel::End } else { LateCancel::Refuse },
            max_age: form.max_age.map_or(usual.max_age, Duration::from_millis),
            max_invitees: form.max_invitees.unwrap_or(usual.max_invitees),
            max_participants: form.max_participants.unwrap_or(usual.max_participants),
            not_received_check: form.not_received_check.map(Duration::from_millis),
            tell_delivery: form.tell_delivery,
        }
    }
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
