//! Between the frames of the wire and the words of the media machine. Nothing is decided here.
use offhook_media::MediaRefusal;
use offhook_sfu as sfu;
use offhook_signaling as wire;
use offhook_signaling::{Code, Hidden, Problem};
use offhook_types::{RoomId, UserId};

/// How long a client waits before it tries again where the media threads are full.
const BUSY_RETRY_MS: u64 = 1_000;

pub(super) fn refused(refusal: MediaRefusal) -> Problem {
    match refusal {
        MediaRefusal::Busy => busy("the media threads of this server are full: try again"),
        MediaRefusal::Refused(refusal) => Problem::new(code(refusal), refusal.to_string()),
        MediaRefusal::Stopped => busy("this server stops: try again, or another one"),
    }
}

pub(super) fn busy(message: &str) -> Problem {
    let mut problem = Problem::new(Code::MediaBusy, message);
    problem.retry_after_ms = Some(BUSY_RETRY_MS);
    problem
}

fn code(refusal: sfu::Refusal) -> Code {
    match refusal {
        sfu::Refusal::BadSdp => Code::BadSdp,
        sfu::Refusal::Kicked => Code::Kicked,
        sfu::Refusal::NegotiationOver => Code::NegotiationOver,
        sfu::Refusal::NotInRoom => Code::NotInRoom,
        sfu::Refusal::RoleForbids => Code::RoleForbids,
        sfu::Refusal::RoomFull => Code::RoomFull,
        sfu::Refusal::StreamNotFound => Code::StreamNotFound,
        sfu::Refusal::StreamTaken => Code::StreamTaken,
        sfu::Refusal::TooLarge => Code::TooLarge,
        sfu::Refusal::TooFast => Code::RateLimited,
        sfu::Refusal::TooManyTracks => Code::TooManyTracks,
    }
}

fn unknown(what: &str) -> Problem {
    Problem::new(Code::BadRequest, format!("{what} is none that this server knows"))
}

pub(super) fn role_of(role: &wire::RoomRole) -> Result<sfu::Role, Problem> {
    match role {
        wire::RoomRole::Host => Ok(sfu::Role::Host),
        wire::RoomRole::Member => Ok(sfu::Role::Member),
        wire::RoomRole::Viewer => Ok(sfu::Role::Viewer),
        wire::RoomRole::Unknown(_) => Err(unknown("the role")),
    }
}

fn role(role: sfu::Role) -> wire::RoomRole {
    match role {
        sfu::Role::Host => wire::RoomRole::Host,
        sfu::Role::Member => wire::RoomRole::Member,
        sfu::Role::Viewer => wire::RoomRole::Viewer,
    }
}

fn source_of(source: &wire::TrackSource) -> Result<sfu::Source, Problem> {
    match source {
        wire::TrackSource::Camera => Ok(sfu::Source::Camera),
        wire::TrackSource::Microphone => Ok(sfu::Source::Microphone),
        wire::TrackSource::Screen => Ok(sfu::Source::Screen),
        wire::TrackSource::ScreenAudio => Ok(sfu::Source::ScreenAudio),
        wire::TrackSource::Unknown(_) => Err(unknown("the source")),
    }
}

fn source(source: sfu::Source) -> wire::TrackSource {
    match source {
        sfu::Source::Camera => wire::TrackSource::Camera,
        sfu::Source::Microphone => wire::TrackSource::Microphone,
        sfu::Source::Screen => wire::TrackSource::Screen,
        sfu::Source::ScreenAudio => wire::TrackSource::ScreenAudio,
    }
}

fn kind_of(kind: &wire::MessageKind) -> Result<sfu::MessageKind, Problem> {
    match kind {
        wire::MessageKind::Broadcast => Ok(sfu::MessageKind::Broadcast),
        wire::MessageKind::Command => Ok(sfu::MessageKind::Command),
        wire::MessageKind::Unknown(_) => Err(unknown("the kind of message")),
    }
}

fn kind(kind: sfu::MessageKind) -> wire::MessageKind {
    match kind {
        sfu::MessageKind::Broadcast => wire::MessageKind::Broadcast,
        sfu::MessageKind::Command => wire::MessageKind::Command,
    }
}

pub(super) fn cause(cause: sfu::LeaveCause) -> wire::LeaveCause {
    match cause {
        sfu::LeaveCause::Ended => wire::LeaveCause::Ended,
        sfu::LeaveCause::Kicked => wire::LeaveCause::Kicked,
        sfu::LeaveCause::Left => wire::LeaveCause::Left,
        sfu::LeaveCause::Lost => wire::LeaveCause::Lost,
        sfu::LeaveCause::Shutdown => wire::LeaveCause::Shutdown,
        sfu::LeaveCause::TakenOver => wire::LeaveCause::TakenOver,
    }
}

fn presence(presence: sfu::Presence) -> wire::Presence {
    match presence {
        sfu::Presence::Connected => wire::Presence::Connected,
        sfu::Presence::Flowing => wire::Presence::Flowing,
        sfu::Presence::Joined => wire::Presence::Joined,
        sfu::Presence::Reconnecting => wire::Presence::Reconnecting,
    }
}

fn layer(layer: sfu::Layer) -> wire::Layer {
    match layer {
        sfu::Layer::Off => wire::Layer::Off,
        sfu::Layer::Low => wire::Layer::Low,
        sfu::Layer::Medium => wire::Layer::Medium,
        sfu::Layer::High => wire::Layer::High,
    }
}

/// What a device offers to publish.
pub(super) fn offer(body: wire::OfferMedia) -> Result<sfu::Command, Problem> {
    let track = |track: wire::OfferedTrack| {
        let source = source_of(&track.source)?;
        Ok(sfu::OfferedTrack { mid: track.mid, muted: track.muted, source })
    };
    let stream = |offered: wire::OfferedStream| {
        let tracks = offered.tracks.into_iter().map(track).collect::<Result<_, Problem>>()?;
        Ok(sfu::OfferedStream { extra_info: offered.extra_info, stream: offered.stream, tracks })
    };
    let streams = body.streams.into_iter().map(stream).collect::<Result<_, Problem>>()?;
    Ok(sfu::Command::Offer { sdp: body.sdp.0, streams })
}

/// What a device wants to receive.
pub(super) fn subscribe(body: wire::Subscribe) -> Result<sfu::Command, Problem> {
    let wish = |wish: wire::TrackWish| {
        let source = source_of(&wish.source)?;
        Ok(sfu::Wish {
            height: wish.height,
            source,
            stream: wish.stream,
            wanted: wish.wanted,
            width: wish.width,
        })
    };
    Ok(sfu::Command::Subscribe(body.wishes.into_iter().map(wish).collect::<Result<_, Problem>>()?))
}

pub(super) fn send(body: wire::SendMessage) -> Result<sfu::Command, Problem> {
    Ok(sfu::Command::Send { data: body.data, kind: kind_of(&body.kind)?, to: body.to })
}

pub(super) fn update(body: wire::UpdateStream) -> Result<sfu::Command, Problem> {
    let muted = body.muted.iter().map(|mute| Ok((source_of(&mute.source)?, mute.muted)));
    Ok(sfu::Command::UpdateStream {
        extra_info: body.extra_info,
        muted: muted.collect::<Result<_, Problem>>()?,
        stream: body.stream,
    })
}

/// A room as a device is shown it.
pub(super) fn view(room: RoomId, state: sfu::RoomState, ice_servers: Vec<wire::IceServer>) -> wire::RoomView {
    wire::RoomView {
        ice_servers,
        members: state.members.into_iter().map(member).collect(),
        role: role(state.role),
        room,
        streams: state.streams.into_iter().map(stream).collect(),
    }
}

fn member(member: sfu::Member) -> wire::MemberView {
    wire::MemberView { name: member.name, presence: presence(member.presence), user: member.user }
}

fn stream(stream: sfu::Stream) -> wire::StreamView {
    let track = |(from, muted)| wire::TrackView { muted, source: source(from) };
    wire::StreamView {
        extra_info: stream.extra_info,
        stream: stream.stream,
        tracks: stream.tracks.into_iter().map(track).collect(),
        user: stream.user,
    }
}

/// What a device in a room is told.
pub(super) fn event(room: RoomId, event: sfu::RoomEvent) -> wire::RoomEvent {
    match event {
        sfu::RoomEvent::Layers(tracks) => {
            let track =
                |(stream, from, size)| wire::TrackLayer { layer: layer(size), source: source(from), stream };
            wire::RoomEvent::Layers(wire::LayersChanged {
                room,
                tracks: tracks.into_iter().map(track).collect(),
            })
        }
        sfu::RoomEvent::Left(why) => wire::RoomEvent::Left(wire::RoomLeft { cause: cause(why), room }),
        sfu::RoomEvent::Levels { active, levels } => {
            let level = |(user, level)| wire::MemberLevel { level, user };
            let levels = levels.into_iter().map(level).collect();
            wire::RoomEvent::Levels(wire::Levels { active, levels, room })
        }
        sfu::RoomEvent::Members { added, changed, removed } => {
            let gone = |(user, why)| wire::RemovedMember { cause: cause(why), user };
            wire::RoomEvent::Members(wire::MembersChanged {
                added: added.into_iter().map(member).collect(),
                changed: changed.into_iter().map(member).collect(),
                removed: removed.into_iter().map(gone).collect(),
                room,
            })
        }
        sfu::RoomEvent::Message { data, from, kind: what } => {
            wire::RoomEvent::Message(wire::RoomMessage { data, from, kind: kind(what), room })
        }
        sfu::RoomEvent::Offer { negotiation, sdp, tracks } => {
            let tracks = tracks.into_iter().map(sent).collect();
            wire::RoomEvent::Offer(wire::ServerOffer { negotiation, room, sdp: Hidden(sdp), tracks })
        }
        sfu::RoomEvent::Quality { downlink_bps, members, rtt } => {
            let rtt_ms = u32::try_from(rtt.as_millis()).unwrap_or(u32::MAX);
            let members = members.into_iter().map(quality).collect();
            wire::RoomEvent::Quality(wire::Quality { downlink_bps, members, room, rtt_ms })
        }
        sfu::RoomEvent::Streams { added, changed, removed } => {
            wire::RoomEvent::Streams(wire::StreamsChanged {
                added: added.into_iter().map(stream).collect(),
                changed: changed.into_iter().map(stream).collect(),
                removed,
                room,
            })
        }
    }
}

fn sent(track: sfu::SentTrack) -> wire::SentTrack {
    wire::SentTrack { mid: track.mid, source: source(track.source), stream: track.stream, user: track.user }
}

fn quality(quality: sfu::MemberQuality) -> wire::MemberQuality {
    wire::MemberQuality { downlink: quality.downlink, uplink: quality.uplink, user: quality.user }
}

/// What a user used, for the history of the call.
pub(super) fn usage(used: &sfu::Usage) -> (UserId, offhook_call::Usage) {
    let usage = offhook_call::Usage {
        present: used.present,
        received_bytes: used.received_bytes,
        sent_bytes: used.sent_bytes,
        tiers: used.tiers,
    };
    (used.user.clone(), usage)
}
