//! The stored form gives back what it was given, stays as it is, and refuses what it does not know.
use std::{sync::Arc, time::Duration};

use offhook_call::{
    Call, Delivery, End, EndPolicy, EndReason, Event, JoinPolicy, LateCancel, Leg, LegState, Media, Mode,
    Notice, Policy, RejectReason, Usage,
};
use offhook_store::{
    StoreError, Transition, User,
    stored::{Record, read_call, read_record, write_buried, write_call, write_transition, write_user},
    suite::world::{accepted, account, at, key, key_text, next, notice, ringing, silent, used, user},
};
use offhook_types::{CallSeq, DeviceId, Offset, Opaque, Timestamp};
use proptest::{option, prelude::*};

#[test]
fn a_transition_looks_like_this() {
    let mut call = accepted(&ringing(1, &["alice", "bob", "carol"]), "bob", 4);
    call.mode = Mode::General;
    call.policy.not_received_check = Some(Duration::from_secs(5));
    let ended = Event::Ended { by: Some(user("bob")), data: Opaque::new("bye") };
    let notices = vec![notice("alice"), Notice { event: ended, ..notice("carol") }];
    let transition = Transition { key: Some(key(&account("alice"), "k-1")), notices, ..silent(&call) };
    let form = write_transition(&transition, &[Offset(7), Offset(1)]);
    insta::assert_snapshot!(String::from_utf8(form).unwrap(), @r#"{"t":{"at":1763700001000,"c":{"v":1,"id":"019aa4b6-48e8-7000-8000-000000000001","a":1,"q":2,"t":1763700001000,"c":0,"r":30000,"x":"{\"subject\":\"a test\"}","p":{"not_received_check":5000},"l":[{"u":"alice","s":1,"m":"phone"},{"u":"bob","s":1,"m":"tablet","a":1763700004000},{"u":"carol","s":0,"r":1763700031000}]},"k":{"u":"alice","f":7,"k":"k-1"},"n":[{"t":0,"c":[0],"e":"changed"},{"t":2,"c":[2],"e":"ended","b":1,"x":"bye"}],"o":[7,1]}}"#);
}

#[test]
fn a_tombstone_and_a_user_look_like_this() {
    let grave = write_buried(&account("alice"), &key_text("k-1"), at(1));
    insta::assert_snapshot!(String::from_utf8(grave).unwrap(), @r#"{"b":{"a":1,"u":"alice","k":"k-1","at":1763700001000}}"#);
    let known = User { name: Opaque::new("Alice"), registered_at: at(2), ..User::default() };
    let known = write_user(&account("alice"), &known);
    insta::assert_snapshot!(String::from_utf8(known).unwrap(), @r#"{"u":{"a":1,"u":"alice","n":"Alice","t":1763700002000}}"#);
}

#[test]
fn a_form_of_a_newer_version_is_refused_as_newer() {
    let call = ringing(1, &["alice", "bob"]);
    let mut bytes = vec![];
    write_call(&call, &mut bytes);
    let newer = String::from_utf8(bytes).unwrap().replacen("\"v\":1", "\"v\":3", 1);
    assert_eq!(read_call(newer.as_bytes()), Err(StoreError::Newer { found: 3, known: 2 }));
    let newer_and_strange = newer.replacen("\"l\":", "\"legs\":", 1);
    assert_eq!(read_call(newer_and_strange.as_bytes()), Err(StoreError::Newer { found: 3, known: 2 }));
    let record = String::from_utf8(write_transition(&silent(&call), &[])).unwrap();
    let record = record.replacen("\"v\":1", "\"v\":4", 1).replacen("\"l\":", "\"legs\":", 1);
    let refused = read_record(record.as_bytes()).unwrap_err();
    assert_eq!(refused, StoreError::Newer { found: 4, known: 2 });
}

#[test]
fn the_usage_of_a_call_looks_like_this() {
    let mut call =
        Call { extended_data: Opaque::default(), ..used(&ringing(1, &["alice", "bob"]), "bob", 60) };
    let tiers = [1, 0, 0, 2, 0, 0].map(Duration::from_secs);
    call.add_usage([(&user("gone"), &Usage { received_bytes: 7, tiers, ..Usage::default() })]);
    let mut form = vec![];
    write_call(&call, &mut form);
    insta::assert_snapshot!(String::from_utf8(form).unwrap(), @r#"{"v":2,"id":"019aa4b6-48e8-7000-8000-000000000001","a":1,"q":3,"t":1763700001000,"c":0,"r":30000,"adv":true,"l":[{"u":"alice","s":1,"m":"phone"},{"u":"bob","s":0,"r":1763700031000}],"us":[{"u":1,"p":60000,"s":60000},{"u":"gone","r":7,"t":[1000,0,0,2000,0,0]}]}"#);
}

#[test]
fn a_damaged_form_is_refused_without_showing_its_content() {
    let mut whole = vec![];
    write_call(&ringing(1, &["alice", "bob"]), &mut whole);
    for end in 0..whole.len() {
        let refused = read_call(&whole[..end]).unwrap_err();
        assert!(matches!(&refused, StoreError::Damaged(text) if !text.contains("alice")), "{refused:?}");
    }
    let text = String::from_utf8(whole).unwrap();
    for (from, to) in
        [("\"s\":0", "\"s\":4"), ("\"s\":0", "\"s\":9"), ("\"c\":0", "\"c\":5"), ("\"r\":1", "\"z\":1")]
    {
        assert!(text.contains(from), "{from} in {text}");
        let broken = text.replacen(from, to, 2);
        if from != "\"s\":0" || to == "\"s\":4" {
            assert!(matches!(read_call(broken.as_bytes()), Err(StoreError::Damaged(_))), "{from} to {to}");
        }
    }
}

fn opaque() -> impl Strategy<Value = Opaque> {
    prop_oneof![Just(Opaque::default()), "\\PC{1,12}".prop_map(Opaque::new)]
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

fn state() -> impl Strategy<Value = LegState> {
    let device = option::of("[ -~&&[^ ]]{1,8}".prop_map(|text| DeviceId::new(text).expect("an id")));
    prop_oneof![
        device.prop_map(|main_device| LegState::Accepted { main_device }),
        Just(LegState::BeCanceled),
        Just(LegState::Canceled),
        Just(LegState::Ended),
        (option::of(time()), time(), any::<bool>())
            .prop_map(|(check_at, ring_until, waiting)| LegState::Inviting { check_at, ring_until, waiting }),
        (time(), any::<bool>())
            .prop_map(|(ring_until, waiting)| LegState::NotYetReceived { ring_until, waiting }),
        Just(LegState::Quit),
        (time(), any::<bool>()).prop_map(|(ring_until, waiting)| LegState::Received { ring_until, waiting }),
        Just(LegState::Rejected { reason: RejectReason::Busy }),
        Just(LegState::Rejected { reason: RejectReason::Declined }),
        Just(LegState::TimedOut),
    ]
}

fn leg() -> impl Strategy<Value = Leg> {
    let inviter = prop_oneof!["[a-d]", "gone"].prop_map(|name| user(&name));
    let ignored = proptest::collection::btree_set(
        "[a-z]{1,4}".prop_map(|text| DeviceId::new(text).expect("an id")),
        0..3,
    );
    let devices = (ignored.clone(), ignored);
    let delivery = option::of(proptest::sample::select(vec![
        Delivery::Queued,
        Delivery::PushAccepted,
        Delivery::Delivered,
    ]));
    (option::of(time()), opaque(), (devices, delivery), inviter, time(), option::of(time()), state())
        .prop_map(
            |(accepted_at, data, ((ignored_on, rung_on), delivery), inviter, invited_at, left_at, state)| {
                Leg { accepted_at, data, delivery, ignored_on, inviter, invited_at, left_at, rung_on, state }
            },
        )
}

fn policy() -> impl Strategy<Value = Policy> {
    let small = || (0_u64..100_000).prop_map(Duration::from_millis);
    (any::<[bool; 5]>(), small(), small(), any::<[u16; 2]>(), option::of(small())).prop_map(
        |(flags, grace, max_age, [max_invitees, max_participants], not_received_check)| Policy {
            end: EndPolicy { caller_leaves: flags[0], last_one_left: flags[1] },
            grace,
            join: if flags[2] { JoinPolicy::Invited } else { JoinPolicy::Anyone },
            late_cancel: if flags[3] { LateCancel::End } else { LateCancel::Refuse },
            max_age,
            max_invitees,
            max_participants,
            not_received_check,
            tell_delivery: flags[4],
        },
    )
}

fn end() -> impl Strategy<Value = End> {
    let reasons = [
        EndReason::AllLeft,
        EndReason::Answered,
        EndReason::CallerLeft,
        EndReason::CallerLost,
        EndReason::Canceled,
        EndReason::Rejected,
        EndReason::Ended,
        EndReason::LastOneLeft,
        EndReason::MaxAge,
        EndReason::Unanswered,
    ];
    let by = option::of(prop_oneof!["[a-d]", "gone"].prop_map(|name| user(&name)));
    (time(), by, proptest::sample::select(reasons.to_vec())).prop_map(|(at, by, reason)| End {
        at,
        by,
        reason,
    })
}

fn usage() -> impl Strategy<Value = Usage> {
    let time = || any::<u64>().prop_map(Duration::from_millis);
    (time(), any::<u64>(), any::<u64>(), time()).prop_map(|(present, received_bytes, sent_bytes, tier)| {
        let mut tiers = [Duration::ZERO; 6];
        tiers[usize::try_from(sent_bytes % 6).expect("small")] = tier;
        Usage { present, received_bytes, sent_bytes, tiers }
    })
}

fn call() -> impl Strategy<Value = Call> {
    let legs = proptest::collection::btree_map("[a-d]".prop_map(|name| user(&name)), leg(), 1..4);
    let policy = prop_oneof![Just(Policy::default()), policy()];
    let usage = proptest::collection::btree_map(
        prop_oneof!["[a-d]", "gone"].prop_map(|name| user(&name)),
        usage(),
        0..3,
    );
    (legs, policy, option::of(end()), opaque(), any::<[bool; 3]>(), any::<u64>(), usage).prop_map(
        |(legs, policy, end, extended_data, flags, seq, usage)| Call {
            legs,
            policy,
            usage,
            end,
            extended_data,
            mode: if flags[0] { Mode::Advanced } else { Mode::General },
            media: if flags[1] { Media::Audio } else { Media::Video },
            upgrade_offered: flags[2],
            seq: CallSeq(seq),
            ..ringing(1, &["a", "b"])
        },
    )
}

proptest! {
    #[test]
    fn every_call_comes_back_as_it_was(call in call()) {
        let mut bytes = vec![];
        write_call(&call, &mut bytes);
        prop_assert_eq!(read_call(&bytes).unwrap(), call);
    }

    #[test]
    fn every_transition_comes_back_as_it_was(call in call(), told in 0_usize..4) {
        let notices: Vec<Notice> = (0..told).map(|at| notice(["a", "b", "c", "gone"][at])).collect();
        let offsets: Vec<Offset> = (0..told).map(|at| Offset(at as u64 * 1000 + 1)).collect();
        let written = Transition { notices, ..silent(&next(&Call { seq: CallSeq(1), ..call })) };
        let Record::Transition { transition, offsets: read } = read_record(&write_transition(&written, &offsets)).unwrap()
        else { panic!("a transition was written") };
        prop_assert_eq!(read, offsets);
        prop_assert_eq!((transition.at, transition.call, transition.notices), (written.at, written.call, written.notices));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = (read_call(&bytes), read_record(&bytes));
    }
}

#[test]
fn a_user_comes_back_as_it_was() {
    let known =
        User { name: Opaque::new("Alice \"A\""), avatar_url: Opaque::new("https://a"), ..User::default() };
    let Record::User { account: read, user } = read_record(&write_user(&account("alice"), &known)).unwrap()
    else {
        panic!("a user was written")
    };
    assert_eq!((read, user), (account("alice"), Arc::new(known)));
}
