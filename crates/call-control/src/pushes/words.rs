//! What a push says, from what callers, policies and the call's record say.
use offhook_call::{Call, Media};
use offhook_push::{HandleKind, Kind, Lines, Order, Resource, StopReason, Text, Voip, Words};
use offhook_signaling::{Code, HandleKind as WireKind, Problem, PushConfig, VoipConfig};
use offhook_types::{CallSeq, DeviceId, Opaque, Timestamp, UserId};

use super::Pushes;

const MOST_TITLE: usize = 256;
const MOST_BODY: usize = 1_024;
const MOST_PAYLOAD: usize = 2_048;
const MOST_THREAD: usize = 64;
const MOST_HANDLE: usize = 256;
const MOST_BADGE: u32 = 99;

/// What all pushes of one errand have in common.
pub(super) struct Letter<'a> {
    pub(super) call: &'a Call,
    /// The caller's name to show.
    pub(super) caller: Opaque,
    pub(super) config: Option<&'a PushConfig>,
    pub(super) kind: Kind,
    pub(super) resource: &'a Resource,
    pub(super) rung_at: Timestamp,
    pub(super) ring_until: Timestamp,
    pub(super) seq: CallSeq,
    pub(super) user: &'a UserId,
}

impl Letter<'_> {
    /// The letter to one device.
    pub(super) fn to(&self, device: &DeviceId, credential: Opaque, pushes: &dyn Pushes) -> Order {
        let (call, config) = (self.call, self.config);
        let text = |of: fn(&PushConfig) -> &Opaque| config.map(of).cloned().unwrap_or_default();
        Order {
            app: call.app,
            badge: config.and_then(|config| config.badge),
            call: call.id,
            caller: call.caller.clone(),
            credential,
            device: device.clone(),
            kind: self.kind,
            payload: text(|config| &config.payload),
            push: pushes.mint_push_id(),
            rung_at: self.rung_at,
            ring_until: self.ring_until,
            seq: self.seq,
            text: self.text(),
            thread: text(|config| &config.thread).as_str().to_owned(),
            user: self.user.clone(),
            voip: self.voip(),
        }
    }

    /// The caller's own words, line by line, and where there are none the policy's.
    fn text(&self) -> Text {
        let own = |of: fn(&PushConfig) -> &Opaque| self.config.map_or("", |config| of(config).as_str());
        let (title, body) = (own(|config| &config.title), own(|config| &config.body));
        let words = Words { body, caller: self.caller.as_str(), media: media(self.call), title };
        let Lines { title: first, body: second } = self.lines();
        let either = |own: &str, template: &offhook_push::Template| {
            if own.is_empty() { template.fill(words) } else { own.to_owned() }
        };
        Text { title: either(title, first), body: either(body, second) }
    }

    fn lines(&self) -> &Lines {
        let texts = &self.resource.texts;
        match self.kind {
            Kind::Ring => &texts.ring,
            Kind::Stop(StopReason::AnsweredElsewhere | StopReason::RejectedElsewhere) => &texts.elsewhere,
            Kind::Stop(StopReason::Canceled | StopReason::Ended | StopReason::TimedOut) | Kind::Missed => {
                &texts.missed
            }
        }
    }

    fn voip(&self) -> Voip {
        let config = self.config.and_then(|config| config.voip.as_ref());
        let is_video = match self.call.media {
            Media::Audio => false,
            Media::Video => true,
        };
        Voip {
            handle_kind: config.map_or(HandleKind::Generic, kind_of),
            handle: config.map(|config| config.handle.clone()).unwrap_or_default(),
            has_video: config.and_then(|config| config.has_video).unwrap_or(is_video),
        }
    }
}

fn kind_of(config: &VoipConfig) -> HandleKind {
    match config.handle_kind {
        WireKind::Email => HandleKind::Email,
        WireKind::Phone => HandleKind::Phone,
        WireKind::Generic | WireKind::Unknown(_) => HandleKind::Generic,
    }
}

fn media(call: &Call) -> &'static str {
    match call.media {
        Media::Audio => "audio",
        Media::Video => "video",
    }
}

/// Checks what a caller sends along, before anything is decided.
pub(crate) fn check_config(
    config: Option<&PushConfig>,
    exists: impl Fn(&str) -> bool,
) -> Result<(), Problem> {
    let Some(config) = config else { return Ok(()) };
    let handle = config.voip.as_ref().map_or(0, |voip| voip.handle.len());
    let sizes = [
        ("title", config.title.len(), MOST_TITLE),
        ("body", config.body.len(), MOST_BODY),
        ("payload", config.payload.len(), MOST_PAYLOAD),
        ("thread", config.thread.len(), MOST_THREAD),
        ("voip.handle", handle, MOST_HANDLE),
    ];
    if let Some((name, _, most)) = sizes.into_iter().find(|(_, length, most)| length > most) {
        return Err(Problem::new(Code::TooLarge, format!("push.{name} has at most {most} bytes")));
    }
    if config.badge.is_some_and(|badge| badge > MOST_BADGE) {
        return Err(Problem::new(Code::PushInvalid, "push.badge is 0 to 99"));
    }
    if config.voip.as_ref().is_some_and(|voip| matches!(voip.handle_kind, WireKind::Unknown(_))) {
        return Err(Problem::new(Code::PushInvalid, "push.voip.handle_kind is generic, phone or email"));
    }
    if !exists(config.resource.as_str()) {
        let text =
            "push.resource names no push resource of this app: create it, or leave it out for `default`";
        return Err(Problem::new(Code::PushInvalid, text));
    }
    Ok(())
}

/// The policy that a caller names.
pub(super) fn resource_name(config: Option<&PushConfig>) -> &str {
    config.map_or(offhook_push::DEFAULT_RESOURCE, |config| or_default(&config.resource))
}

/// A policy by its name, absent for the default one.
pub(super) fn or_default(name: &Opaque) -> &str {
    if name.is_empty() { offhook_push::DEFAULT_RESOURCE } else { name.as_str() }
}
