//! Frames of a client.
use offhook_signaling::{
    Accept, Acknowledge, Add, CallMode, Cancel, ClientFrame, End, Heartbeat, Hello, Ignore, Invite, Join,
    ListCalls, MediaKind, Platform, QueryUsers, Quit, ReadCall, Reject, RejectCause, RenewToken, Request,
    RequestId, Resume, UpdateUser,
};
use offhook_types::{AppId, Epoch, IdempotencyKey, Offset, Opaque, UserId};

use super::{device, id, minimal_room_requests, room_requests, user};

/// A full and a minimal frame of every type.
pub(crate) fn client_frames() -> Vec<ClientFrame> {
    let mut frames = vec![
        ClientFrame::Heartbeat(Heartbeat { offset: Offset(41) }),
        ClientFrame::Heartbeat(Heartbeat { offset: Offset(0) }),
        ClientFrame::Hello(full_hello()),
        ClientFrame::Hello(Hello {
            app: None,
            name: Opaque::default(),
            resume: None,
            user: None,
            ..full_hello()
        }),
    ];
    let rooms = room_requests().into_iter().chain(minimal_room_requests());
    let requests = full_requests().into_iter().chain(minimal_requests()).chain(rooms);
    frames.extend((1..).zip(requests).map(|(id, request)| ClientFrame::Request(RequestId(id), request)));
    frames
}

fn full_hello() -> Hello {
    Hello {
        app: Some(AppId(1)),
        device: device("pixel-9"),
        name: "Alice".into(),
        platform: Platform::Android,
        resume: Some(Resume { epoch: Epoch(3), offset: Offset(41) }),
        token: "04AAAAAGkgfakQ".into(),
        user: Some(user("alice@example")),
    }
}

fn invitees() -> Vec<UserId> {
    vec![user("bob@example"), user("carol@example")]
}

fn key() -> IdempotencyKey {
    IdempotencyKey::new("invite-5f0c").expect("a valid key")
}

fn full_requests() -> Vec<Request> {
    let (call, data) = (id(), Opaque::new("{\"text\":\"line\\nbreak \\\"quoted\\\" ☎\"}"));
    vec![
        Request::Accept(Accept { call, data: data.clone() }),
        Request::Acknowledge(Acknowledge { call }),
        Request::Add(Add { call, invitees: invitees() }),
        Request::Cancel(Cancel {
            call: Some(call),
            data: data.clone(),
            invitees: invitees(),
            key: Some(key()),
        }),
        Request::End(End { call, data: data.clone() }),
        Request::Ignore(Ignore { call }),
        Request::Invite(Invite {
            extended_data: data.clone(),
            invitees: invitees(),
            key: Some(key()),
            media: MediaKind::Audio,
            mode: CallMode::Advanced,
            not_received_check: true,
            timeout_s: 60,
        }),
        Request::Join(Join { call, data: data.clone() }),
        Request::ListCalls(ListCalls { cursor: Some("1846".into()), limit: 50 }),
        Request::QueryUsers(QueryUsers { users: invitees() }),
        Request::Quit(Quit { call, data: data.clone() }),
        Request::ReadCall(ReadCall { call }),
        Request::Reject(Reject { call, data: data.clone(), reason: RejectCause::Busy }),
        Request::RenewToken(RenewToken { token: "04AAAAAGkgfakQ".into() }),
        Request::Logout,
        Request::UpdateUser(UpdateUser {
            avatar_url: Some("https://example.com/alice.png".into()),
            extended_data: Some(data),
            name: Some("Alice".into()),
        }),
    ]
}

fn minimal_requests() -> Vec<Request> {
    let (call, data) = (id(), Opaque::default());
    vec![
        Request::Accept(Accept { call, data: data.clone() }),
        Request::Add(Add { call, invitees: vec![user("bob@example")] }),
        Request::Cancel(Cancel { call: Some(call), data: data.clone(), invitees: vec![], key: None }),
        Request::End(End { call, data: data.clone() }),
        Request::Invite(Invite {
            extended_data: data.clone(),
            invitees: vec![user("bob@example")],
            key: None,
            media: MediaKind::Video,
            mode: CallMode::General,
            not_received_check: false,
            timeout_s: 0,
        }),
        Request::Join(Join { call, data: data.clone() }),
        Request::ListCalls(ListCalls { cursor: None, limit: 20 }),
        Request::Quit(Quit { call, data: data.clone() }),
        Request::Reject(Reject { call, data, reason: RejectCause::Declined }),
        Request::UpdateUser(UpdateUser { avatar_url: None, extended_data: None, name: None }),
    ]
}
