//! The form of what a user used of a call's media.
use std::time::Duration;

use offhook_call::{Call, Usage};
use offhook_types::UserId;
use serde::{Deserialize, Serialize};

use super::call::{Who, is_default, millis};
use crate::StoreError;

#[derive(Serialize, Deserialize)]
pub(super) struct UsageForm {
    #[serde(rename = "u")]
    user: Who,
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    present: u64,
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    received_bytes: u64,
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    sent_bytes: u64,
    #[serde(rename = "t", default, skip_serializing_if = "is_default")]
    tiers: [u64; 6],
}

impl UsageForm {
    pub(super) fn all(call: &Call) -> Vec<Self> {
        let form = |(user, usage): (&UserId, &Usage)| Self {
            user: Who::of(user, call),
            present: millis(usage.present),
            received_bytes: usage.received_bytes,
            sent_bytes: usage.sent_bytes,
            tiers: usage.tiers.map(millis),
        };
        call.usage.iter().map(form).collect()
    }

    pub(super) fn into_usage(self, users: &[UserId]) -> Result<(UserId, Usage), StoreError> {
        let usage = Usage {
            present: Duration::from_millis(self.present),
            received_bytes: self.received_bytes,
            sent_bytes: self.sent_bytes,
            tiers: self.tiers.map(Duration::from_millis),
        };
        Ok((self.user.name(users)?, usage))
    }
}
