//! Frames of rooms.
use offhook_signaling::{
    AddCandidate, AnswerMedia, AskRoomToken, Hidden, IceServer, JoinRoom, Layer, LayersChanged, LeaveCause,
    LeaveRoom, Levels, MediaAnswer, MemberLevel, MemberQuality, MemberView, MembersChanged, MessageKind,
    OfferMedia, OfferedStream, OfferedTrack, Presence, Quality, ReadRoom, RemoveMember, RemovedMember, Reply,
    Request, RoomEvent, RoomLeft, RoomMessage, RoomReset, RoomRole, RoomToken, RoomView, SendMessage,
    SentTrack, ServerOffer, StreamView, StreamsChanged, Subscribe, TrackLayer, TrackMute, TrackSource,
    TrackView, TrackWish, UpdateStream,
};
use offhook_types::{Opaque, RoomId, StreamId};

use super::{id, user};

pub(crate) fn room() -> RoomId {
    id().into()
}

fn stream(name: &str) -> StreamId {
    StreamId::new(name).expect("a valid id")
}

fn hidden(text: &str) -> Hidden {
    Hidden(text.into())
}

fn sdp() -> Hidden {
    hidden("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")
}

pub(crate) fn room_token() -> RoomToken {
    RoomToken { expires_in_ms: 120_000, token: hidden("eyJ0eXAiOiJyb29tK2p3dCJ9.e30.c2ln") }
}

/// Every field says something.
pub(crate) fn room_requests() -> Vec<Request> {
    vec![
        Request::AnswerMedia(AnswerMedia { negotiation: 3, room: room(), sdp: sdp() }),
        Request::AddCandidate(AddCandidate {
            candidate: hidden("candidate:1 1 udp 2113937151 192.0.2.7 52000 typ host"),
            room: room(),
        }),
        Request::JoinRoom(JoinRoom { max_members: 10, subscribe_all: false, token: room_token().token }),
        Request::LeaveRoom(LeaveRoom { room: room() }),
        Request::OfferMedia(OfferMedia { room: room(), sdp: sdp(), streams: vec![offered_stream()] }),
        Request::ReadRoom(ReadRoom { room: room() }),
        Request::RemoveMember(RemoveMember { room: room(), user: user("bob@example") }),
        Request::SendMessage(SendMessage {
            data: Opaque::new("{\"text\":\"line\\nbreak \\\"quoted\\\" ☎\"}"),
            kind: MessageKind::Command,
            room: room(),
            to: vec![user("bob@example")],
        }),
        Request::Subscribe(Subscribe {
            room: room(),
            wishes: vec![TrackWish {
                height: 360,
                source: TrackSource::Camera,
                stream: stream("bob-1"),
                wanted: false,
                width: 640,
            }],
        }),
        Request::AskRoomToken(AskRoomToken { room: room() }),
        Request::UpdateStream(UpdateStream {
            extra_info: Some("{\"hand\":\"up\"}".into()),
            muted: vec![TrackMute { muted: true, source: TrackSource::Microphone }],
            room: room(),
            stream: stream("alice-1"),
        }),
    ]
}

fn offered_stream() -> OfferedStream {
    let track = |mid: &str, muted, source| OfferedTrack { mid: mid.into(), muted, source };
    OfferedStream {
        extra_info: "{\"title\":\"slides\"}".into(),
        stream: stream("alice-1"),
        tracks: vec![
            track("0", true, TrackSource::Microphone),
            track("1", false, TrackSource::Camera),
            track("2", false, TrackSource::Screen),
            track("3", false, TrackSource::ScreenAudio),
        ],
    }
}

pub(crate) fn minimal_room_requests() -> Vec<Request> {
    vec![
        Request::JoinRoom(JoinRoom { max_members: 0, subscribe_all: true, token: room_token().token }),
        Request::OfferMedia(OfferMedia { room: room(), sdp: sdp(), streams: vec![] }),
        Request::SendMessage(SendMessage {
            data: "hello".into(),
            kind: MessageKind::Broadcast,
            room: room(),
            to: vec![],
        }),
        Request::UpdateStream(UpdateStream {
            extra_info: None,
            muted: vec![],
            room: room(),
            stream: stream("alice-1"),
        }),
    ]
}

pub(crate) fn room_replies() -> Vec<Reply> {
    vec![
        Reply::Answer(MediaAnswer { sdp: sdp(), voids: None }),
        Reply::Answer(MediaAnswer { sdp: sdp(), voids: Some(4) }),
        Reply::Room(RoomView {
            ice_servers: vec![
                IceServer { credential: None, urls: vec!["stun:198.51.100.4:3478".into()], username: None },
                IceServer {
                    credential: Some(hidden("s3cret")),
                    urls: vec!["turn:198.51.100.4:3478?transport=tcp".into()],
                    username: Some(hidden("1763719200:alice@example")),
                },
            ],
            members: vec![member("Alice", "alice@example", Presence::Joined), bob()],
            role: RoomRole::Host,
            room: room(),
            streams: vec![stream_view()],
        }),
        Reply::Room(RoomView {
            ice_servers: vec![],
            members: vec![],
            role: RoomRole::Viewer,
            room: room(),
            streams: vec![],
        }),
        Reply::RoomToken(room_token()),
    ]
}

fn member(name: &str, of: &str, presence: Presence) -> MemberView {
    MemberView { name: name.into(), presence, user: user(of) }
}

fn bob() -> MemberView {
    member("", "bob@example", Presence::Flowing)
}

fn stream_view() -> StreamView {
    let track = |muted, source| TrackView { muted, source };
    StreamView {
        extra_info: "{\"title\":\"applause\"}".into(),
        stream: stream("bob-1"),
        tracks: vec![track(true, TrackSource::Microphone), track(false, TrackSource::Camera)],
        user: user("bob@example"),
    }
}

pub(crate) fn room_events() -> Vec<RoomEvent> {
    vec![
        RoomEvent::Layers(LayersChanged {
            room: room(),
            tracks: vec![TrackLayer {
                layer: Layer::Medium,
                source: TrackSource::Camera,
                stream: stream("bob-1"),
            }],
        }),
        RoomEvent::Left(RoomLeft { cause: LeaveCause::TakenOver, room: room() }),
        RoomEvent::Levels(Levels {
            active: Some(user("bob@example")),
            levels: vec![MemberLevel { level: 63, user: user("bob@example") }],
            room: room(),
        }),
        RoomEvent::Levels(Levels { active: None, levels: vec![], room: room() }),
        RoomEvent::Members(MembersChanged {
            added: vec![member("Carol", "carol@example", Presence::Joined)],
            changed: vec![bob()],
            removed: vec![RemovedMember { cause: LeaveCause::Lost, user: user("dave@example") }],
            room: room(),
        }),
        RoomEvent::Members(MembersChanged { added: vec![], changed: vec![], removed: vec![], room: room() }),
        RoomEvent::Message(RoomMessage {
            data: "applause".into(),
            from: user("bob@example"),
            kind: MessageKind::Broadcast,
            room: room(),
        }),
        RoomEvent::Offer(ServerOffer {
            negotiation: 3,
            room: room(),
            sdp: sdp(),
            tracks: vec![SentTrack {
                mid: "0".into(),
                source: TrackSource::Camera,
                stream: stream("bob-1"),
                user: user("bob@example"),
            }],
        }),
        RoomEvent::Quality(Quality {
            downlink_bps: 2_400_000,
            members: vec![MemberQuality { downlink: 5, uplink: 4, user: user("bob@example") }],
            room: room(),
            rtt_ms: 48,
        }),
        RoomEvent::Reset(RoomReset { room: room() }),
        RoomEvent::Streams(StreamsChanged {
            added: vec![stream_view()],
            changed: vec![stream_view()],
            removed: vec![stream("carol-1")],
            room: room(),
        }),
        RoomEvent::Streams(StreamsChanged { added: vec![], changed: vec![], removed: vec![], room: room() }),
    ]
}
