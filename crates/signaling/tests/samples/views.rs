//! Calls and users to put into frames.
use offhook_signaling::{
    CallMode, CallStatus, CallView, EndCause, EndView, Happening, LegStatus, LegView, MediaKind, MemberUsage,
    RejectCause, UsageView, UserView,
};
use offhook_types::{CallId, CallSeq, DeviceId, Opaque, Timestamp, UserId};

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).expect("a valid id")
}

pub(crate) fn device(name: &str) -> DeviceId {
    DeviceId::new(name).expect("a valid id")
}

pub(crate) fn id() -> CallId {
    "019aa2f4-7c00-7a3b-9c4d-1e2f3a4b5c6d".parse().expect("a valid id")
}

pub(crate) fn created() -> Timestamp {
    Timestamp::from_millis(1_763_700_000_000)
}

fn at(ms: u64) -> Timestamp {
    Timestamp::from_millis(1_763_700_000_000 + ms)
}

fn leg(name: &str, status: LegStatus) -> LegView {
    LegView {
        accepted_at: None,
        data: Opaque::default(),
        delivery: None,
        left_at: None,
        reason: None,
        status,
        user: user(name),
    }
}

pub(crate) fn end_view() -> EndView {
    EndView { at: at(95_000), by: Some(user("bob@example")), cause: EndCause::Ended }
}

pub(crate) fn legs() -> Vec<LegView> {
    vec![
        LegView { accepted_at: Some(created()), ..leg("alice@example", LegStatus::Accepted) },
        LegView {
            accepted_at: Some(at(4_200)),
            data: "{\"accepted\":\"on \\\"phone\\\"\"}".into(),
            left_at: Some(at(95_000)),
            ..leg("bob@example", LegStatus::Ended)
        },
        LegView {
            data: "in a meeting".into(),
            reason: Some(RejectCause::Busy),
            ..leg("carol@example", LegStatus::Rejected)
        },
    ]
}

/// Every field says something.
pub(crate) fn full_call() -> CallView {
    CallView {
        age_ms: 95_120,
        alias: "1846023554563377723".into(),
        call: id(),
        caller: user("alice@example"),
        created_at: created(),
        end: Some(end_view()),
        extended_data: "{\"call_name\":\"Stand-up ☎\"}".into(),
        ignored: true,
        inviter: user("alice@example"),
        legs: legs(),
        main_device: Some(device("pixel-9")),
        media: MediaKind::Audio,
        missed: true,
        mode: CallMode::Advanced,
        remaining_ms: 0,
        seq: CallSeq(7),
        status: CallStatus::Ended,
        timeout_ms: 60_000,
        upgrade_offered: true,
        usage: Some(usage()),
        waiting: true,
    }
}

/// As an invitee sees a call that just began.
pub(crate) fn call_view() -> CallView {
    CallView {
        age_ms: 12,
        alias: "1846023554563377723".into(),
        call: id(),
        caller: user("alice@example"),
        created_at: created(),
        end: None,
        extended_data: Opaque::default(),
        ignored: false,
        inviter: user("alice@example"),
        legs: vec![leg("alice@example", LegStatus::Accepted), leg("bob@example", LegStatus::Inviting)],
        main_device: None,
        media: MediaKind::Video,
        missed: false,
        mode: CallMode::General,
        remaining_ms: 89_988,
        seq: CallSeq(1),
        status: CallStatus::Started,
        timeout_ms: 90_000,
        upgrade_offered: false,
        usage: None,
        waiting: false,
    }
}

pub(crate) fn full_happening() -> Happening {
    Happening {
        by: Some(user("bob@example")),
        call: id(),
        changed: legs(),
        data: "bye".into(),
        end: Some(end_view()),
        main_device: Some(device("pixel-9")),
        seq: CallSeq(7),
    }
}

pub(crate) fn happening() -> Happening {
    Happening {
        by: None,
        call: id(),
        changed: vec![],
        data: Opaque::default(),
        end: None,
        main_device: None,
        seq: CallSeq(2),
    }
}

pub(crate) fn full_user() -> UserView {
    UserView {
        avatar_url: "https://example.com/alice.png".into(),
        extended_data: "{\"team\":4}".into(),
        name: "Alice".into(),
        user: user("alice@example"),
    }
}

pub(crate) fn bare_user() -> UserView {
    UserView {
        avatar_url: Opaque::default(),
        extended_data: Opaque::default(),
        name: Opaque::default(),
        user: user("bob@example"),
    }
}

pub(crate) fn usage() -> UsageView {
    UsageView {
        members: vec![MemberUsage {
            audio_ms: 5_000,
            four_k_ms: 1,
            full_hd_ms: 20_000,
            hd_ms: 60_000,
            present_ms: 90_500,
            received_bytes: 12_582_912,
            sd_ms: 4_000,
            sent_bytes: 9_437_184,
            two_k_ms: 2,
            user: user("alice@example"),
        }],
    }
}
