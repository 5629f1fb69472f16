//! The form of a leg. Its state is the specification's code (call-semantics section 3.1).
use std::collections::BTreeSet;

use offhook_call::{Call, Delivery, Leg, LegState, RejectReason};
use offhook_types::{DeviceId, Opaque, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{
    call::{Who, is_default},
    damaged,
};
use crate::StoreError;

const INVITING: u8 = 0;
const ACCEPTED: u8 = 1;
const REJECTED: u8 = 2;
const CANCELED: u8 = 3;
const RECEIVED: u8 = 5;
const TIMED_OUT: u8 = 6;
const QUIT: u8 = 7;
const ENDED: u8 = 8;
const NOT_YET_RECEIVED: u8 = 9;
const BE_CANCELED: u8 = 10;

const QUEUED: u8 = 0;
const PUSH_ACCEPTED: u8 = 1;
const DELIVERED: u8 = 2;

#[derive(Serialize, Deserialize)]
pub(super) struct LegForm {
    #[serde(rename = "u")]
    pub(super) user: UserId,
    #[serde(rename = "s")]
    state: u8,
    /// The main device of one who is in the call.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    main_device: Option<DeviceId>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    ring_until: Option<Timestamp>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    check_at: Option<Timestamp>,
    #[serde(rename = "w", default, skip_serializing_if = "is_default")]
    waiting: bool,
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    busy: bool,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    accepted_at: Option<Timestamp>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    left_at: Option<Timestamp>,
    /// Left out if it is the call's creation.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    invited_at: Option<Timestamp>,
    /// Left out if it is the caller.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    inviter: Option<Who>,
    #[serde(rename = "x", default, skip_serializing_if = "Opaque::is_empty")]
    data: Opaque,
    #[serde(rename = "g", default, skip_serializing_if = "BTreeSet::is_empty")]
    ignored_on: BTreeSet<DeviceId>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    delivery: Option<u8>,
    #[serde(rename = "o", default, skip_serializing_if = "BTreeSet::is_empty")]
    rung_on: BTreeSet<DeviceId>,
}

impl LegForm {
    pub(super) fn new(user: &UserId, leg: &Leg, call: &Call) -> Self {
        let mut form = Self {
            user: user.clone(),
            state: 0,
            main_device: None,
            ring_until: leg.state.ring_until(),
            check_at: None,
            waiting: false,
            busy: false,
            accepted_at: leg.accepted_at,
            left_at: leg.left_at,
            invited_at: (leg.invited_at != call.created_at).then_some(leg.invited_at),
            inviter: (leg.inviter != call.caller).then(|| Who::of(&leg.inviter, call)),
            data: leg.data.clone(),
            ignored_on: leg.ignored_on.clone(),
            delivery: leg.delivery.map(|delivery| match delivery {
                Delivery::Queued => QUEUED,
                Delivery::PushAccepted => PUSH_ACCEPTED,
                Delivery::Delivered => DELIVERED,
            }),
            rung_on: leg.rung_on.clone(),
        };
        form.take_state(&leg.state);
        form
    }

    fn take_state(&mut self, state: &LegState) {
        self.state = match state {
            LegState::Accepted { main_device } => {
                self.main_device.clone_from(main_device);
                ACCEPTED
            }
            LegState::BeCanceled => BE_CANCELED,
            LegState::Canceled => CANCELED,
            LegState::Ended => ENDED,
            LegState::Inviting { check_at, waiting, .. } => {
                self.check_at = *check_at;
                self.waiting = *waiting;
                INVITING
            }
            LegState::NotYetReceived { waiting, .. } => {
                self.waiting = *waiting;
                NOT_YET_RECEIVED
            }
            LegState::Quit => QUIT,
            LegState::Received { waiting, .. } => {
                self.waiting = *waiting;
                RECEIVED
            }
            LegState::Rejected { reason } => {
                self.busy = match reason {
                    RejectReason::Busy => true,
                    RejectReason::Declined => false,
                };
                REJECTED
            }
            LegState::TimedOut => TIMED_OUT,
        };
    }

    pub(super) fn into_leg(
        self,
        users: &[UserId],
        caller: &UserId,
        created_at: Timestamp,
    ) -> Result<Leg, StoreError> {
        let state = self.state()?;
        let delivery = match self.delivery {
            None => None,
            Some(QUEUED) => Some(Delivery::Queued),
            Some(PUSH_ACCEPTED) => Some(Delivery::PushAccepted),
            Some(DELIVERED) => Some(Delivery::Delivered),
            Some(unknown) => return Err(damaged(&format_args!("delivery {unknown}"))),
        };
        Ok(Leg {
            accepted_at: self.accepted_at,
            data: self.data,
            delivery,
            ignored_on: self.ignored_on,
            inviter: self.inviter.map_or_else(|| Ok(caller.clone()), |who| who.name(users))?,
            invited_at: self.invited_at.unwrap_or(created_at),
            left_at: self.left_at,
            rung_on: self.rung_on,
            state,
        })
    }

    fn state(&self) -> Result<LegState, StoreError> {
        let waiting = self.waiting;
        let ring_until = || self.ring_until.ok_or_else(|| damaged(&"a ring without an end"));
        Ok(match self.state {
            INVITING => LegState::Inviting { check_at: self.check_at, ring_until: ring_until()?, waiting },
            ACCEPTED => LegState::Accepted { main_device: self.main_device.clone() },
            REJECTED => LegState::Rejected {
                reason: if self.busy { RejectReason::Busy } else { RejectReason::Declined },
            },
            CANCELED => LegState::Canceled,
            RECEIVED => LegState::Received { ring_until: ring_until()?, waiting },
            TIMED_OUT => LegState::TimedOut,
            QUIT => LegState::Quit,
            ENDED => LegState::Ended,
            NOT_YET_RECEIVED => LegState::NotYetReceived { ring_until: ring_until()?, waiting },
            BE_CANCELED => LegState::BeCanceled,
            unknown => return Err(damaged(&format_args!("leg state {unknown}"))),
        })
    }
}
