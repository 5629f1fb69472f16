//! Frames of a client.
use offhook_signaling::{
    Accept, Acknowledge, Add, ApnsEnvironment, AskPushKey, CallMode, Cancel, ClientFrame, DeviceAddress, End,
    HandleKind, Heartbeat, Hello, Ignore, Invite, Join, ListCalls, MediaKind, Platform, PushConfig,
    QueryUsers, Quit, ReadCall, RegisterDevice, Reject, RejectCause, RenewToken, Request, RequestId, Resume,
    UpdateUser, VoipConfig,
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

fn push() -> Option<Box<PushConfig>> {
    Some(Box::new(PushConfig {
        badge: Some(3),
        body: "Video call".into(),
        payload: "{\"call_id\":\"room\"}".into(),
        resource: "voip".into(),
        thread: "family".into(),
        title: "Alice".into(),
        voip: Some(VoipConfig {
            handle: "0123456".into(),
            handle_kind: HandleKind::Phone,
            has_video: Some(true),
        }),
    }))
}

fn addresses() -> Vec<DeviceAddress> {
    let token = || "00ff".to_owned();
    vec![
        DeviceAddress::ApnsAlert { environment: ApnsEnvironment::Production, token: token() },
        DeviceAddress::ApnsVoip { environment: ApnsEnvironment::Sandbox, token: token() },
        DeviceAddress::Fcm { token: token() },
        DeviceAddress::Web {
            auth: "BTBZMqHH6r4Tts7J_aSIgg".into(),
            endpoint: "https://push.example/7".into(),
            p256dh: "BCVx".into(),
        },
        DeviceAddress::Webhook { token: token() },
    ]
}

fn full_requests() -> Vec<Request> {
    let (call, data) = (id(), Opaque::new("{\"text\":\"line\\nbreak \\\"quoted\\\" ☎\"}"));
    vec![
        Request::Accept(Accept { call, data: data.clone() }),
        Request::Acknowledge(Acknowledge { call }),
        Request::Add(Add { call, invitees: invitees(), push: push() }),
        Request::Cancel(Cancel {
            call: Some(call),
            data: data.clone(),
            invitees: invitees(),
            key: Some(key()),
            push: push(),
        }),
        Request::End(End { call, data: data.clone(), push: push() }),
        Request::Ignore(Ignore { call }),
        Request::Invite(Invite {
            delivery_updates: true,
            extended_data: data.clone(),
            invitees: invitees(),
            key: Some(key()),
            media: MediaKind::Audio,
            mode: CallMode::Advanced,
            not_received_check: true,
            push: push(),
            timeout_s: 60,
        }),
        Request::Join(Join { call, data: data.clone() }),
        Request::ListCalls(ListCalls { cursor: Some("1846".into()), limit: 50 }),
        Request::QueryUsers(QueryUsers { users: invitees() }),
        Request::Quit(Quit { call, data: data.clone(), push: push() }),
        Request::ReadCall(ReadCall { call }),
        Request::Reject(Reject { call, data: data.clone(), reason: RejectCause::Busy }),
        Request::RenewToken(RenewToken { token: "04AAAAAGkgfakQ".into() }),
        Request::Logout,
        Request::AskPushKey(AskPushKey { resource: "voip".into() }),
        Request::RegisterDevice(RegisterDevice { addresses: addresses() }),
        Request::UnregisterDevice,
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
        Request::Add(Add { call, invitees: vec![user("bob@example")], push: None }),
        Request::AskPushKey(AskPushKey { resource: Opaque::default() }),
        Request::Cancel(Cancel {
            call: Some(call),
            data: data.clone(),
            invitees: vec![],
            key: None,
            push: None,
        }),
        Request::End(End { call, data: data.clone(), push: None }),
        Request::Invite(Invite {
            delivery_updates: false,
            extended_data: data.clone(),
            invitees: vec![user("bob@example")],
            key: None,
            media: MediaKind::Video,
            mode: CallMode::General,
            not_received_check: false,
            push: None,
            timeout_s: 0,
        }),
        Request::Join(Join { call, data: data.clone() }),
        Request::ListCalls(ListCalls { cursor: None, limit: 20 }),
        Request::Quit(Quit { call, data: data.clone(), push: None }),
        Request::Reject(Reject { call, data, reason: RejectCause::Declined }),
        Request::UpdateUser(UpdateUser { avatar_url: None, extended_data: None, name: None }),
    ]
}
