//! The form of a notice. Its users point into the legs of the call it speaks of.
use offhook_call::{Audience, Call, Event, Notice};
use offhook_types::{DeviceId, Opaque, UserId};
use serde::{Deserialize, Serialize};

use super::call::Who;
use crate::StoreError;

#[derive(Serialize, Deserialize)]
pub(super) struct NoticeForm {
    #[serde(rename = "t")]
    to: Who,
    /// Left out if all devices hear it.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<Who>,
    #[serde(rename = "e")]
    kind: Kind,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    by: Option<Who>,
    #[serde(rename = "x", default, skip_serializing_if = "Opaque::is_empty")]
    data: Opaque,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Canceled,
    Changed,
    Created,
    Ended,
    Invited,
    Merged,
    Unanswered,
}

impl NoticeForm {
    pub(super) fn new(notice: &Notice, call: &Call) -> Self {
        let (kind, by, data) = match &notice.event {
            Event::Canceled { by, data } => (Kind::Canceled, Some(by), data.clone()),
            Event::Changed => (Kind::Changed, None, Opaque::default()),
            Event::Created => (Kind::Created, None, Opaque::default()),
            Event::Ended { by, data } => (Kind::Ended, by.as_ref(), data.clone()),
            Event::Invited => (Kind::Invited, None, Opaque::default()),
            Event::Merged => (Kind::Merged, None, Opaque::default()),
            Event::Unanswered => (Kind::Unanswered, None, Opaque::default()),
        };
        Self {
            to: Who::of(&notice.to, call),
            device: match &notice.audience {
                Audience::AllDevices => None,
                Audience::Device(device) => Some(device.clone()),
            },
            changed: notice.changed.iter().map(|user| Who::of(user, call)).collect(),
            kind,
            by: by.map(|user| Who::of(user, call)),
            data,
        }
    }

    pub(super) fn into_notice(self, users: &[UserId]) -> Result<Notice, StoreError> {
        let by = self.by.map(|who| who.name(users)).transpose()?;
        let event = match (self.kind, by) {
            (Kind::Canceled, Some(by)) => Event::Canceled { by, data: self.data },
            (Kind::Canceled, None) => return Err(super::damaged(&"a cancel by nobody")),
            (Kind::Changed, _) => Event::Changed,
            (Kind::Created, _) => Event::Created,
            (Kind::Ended, by) => Event::Ended { by, data: self.data },
            (Kind::Invited, _) => Event::Invited,
            (Kind::Merged, _) => Event::Merged,
            (Kind::Unanswered, _) => Event::Unanswered,
        };
        Ok(Notice {
            audience: self.device.map_or(Audience::AllDevices, Audience::Device),
            changed: self.changed.into_iter().map(|who| who.name(users)).collect::<Result<_, _>>()?,
            event,
            to: self.to.name(users)?,
        })
    }
}
