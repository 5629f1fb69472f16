//! Calls of the advanced mode: users come and go until the call is ended or everyone has left.
use offhook_call::Refusal;

use crate::kit::*;

#[test]
fn a_party_adds_users_and_is_their_inviter() {
    let mut scene = talk();
    scene.does(
        2,
        "bob/phone",
        add(&["dave", "erin:busy"]),
        &[
            "dave@all: Invited []",
            "alice@phone: Changed [dave, erin]",
            "bob@phone: Changed [dave, erin]",
            "carol@all: Changed [dave, erin]",
        ],
    );
    scene.stands(
        "alice=Accepted(phone) bob=Accepted(phone) carol=Inviting dave=Inviting erin=Rejected(Busy) | live",
    );
    let dave = &scene.call.legs[&user("dave")];
    assert_eq!((dave.inviter.as_str(), dave.invited_at), ("bob", s(2)));
}

#[test]
fn only_a_party_in_the_call_may_add() {
    let mut scene = talk();
    scene.refuses(2, "carol/phone", add(&["dave"]), Refusal::NotJoined);
    scene.refuses(2, "mallory/phone", add(&["dave"]), Refusal::NotJoined);
    scene.refuses(2, "bob/phone", add(&[]), Refusal::NoInvitees);
    scene.refuses(2, "bob/phone", add(&["zoe:unregistered"]), Refusal::NobodyRegistered);
}

#[test]
fn adding_those_who_are_there_is_named_and_changes_nothing() {
    let mut scene = talk();
    let before = scene.call.clone();
    scene.does_in_part(
        2,
        "bob/phone",
        add(&["carol", "alice", "bob", "zoe:unregistered"]),
        (&[], &["carol: AlreadyInCall", "alice: AlreadyInCall", "bob: AlreadyInCall", "zoe: Unregistered"]),
    );
    assert_eq!(scene.call, before);
    scene.does_in_part(
        3,
        "bob/phone",
        add(&["carol", "dave"]),
        (
            &[
                "dave@all: Invited []",
                "alice@phone: Changed [dave]",
                "bob@phone: Changed [dave]",
                "carol@all: Changed [dave]",
            ],
            &["carol: AlreadyInCall"],
        ),
    );
}

#[test]
fn adding_keeps_within_the_limits() {
    let mut scene = Scene::quiet(advanced_with(&["bob", "carol"], |policy| {
        policy.max_participants = 4;
        policy.max_invitees = 3;
    }));
    scene.refuses(1, "alice/phone", add(&["dave", "erin"]), Refusal::TooManyInvitees);
    scene.refuses(1, "alice/phone", add(&["bob", "carol", "alice", "dave"]), Refusal::TooManyInvitees);
    scene.does(
        2,
        "bob/phone",
        reject(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    scene.does(
        3,
        "alice/phone",
        add(&["dave", "erin"]),
        &[
            "dave@all: Invited []",
            "erin@all: Invited []",
            "alice@phone: Changed [dave, erin]",
            "carol@all: Changed [dave, erin]",
        ],
    );
    scene.refuses(4, "mallory/phone", join(), Refusal::TooManyInvitees);
    scene.refuses(4, "bob/phone", join(), Refusal::TooManyInvitees);
    scene.does(
        5,
        "dave/phone",
        join(),
        &[
            "dave@all: Changed [dave]",
            "alice@phone: Changed [dave]",
            "carol@all: Changed [dave]",
            "erin@all: Changed [dave]",
        ],
    );
}

#[test]
fn a_former_member_is_invited_again_and_keeps_the_first_acceptance() {
    let mut scene = talk();
    scene.does(
        2,
        "bob/phone",
        quit(),
        &["bob@phone: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    let bob = scene.call.legs[&user("bob")].clone();
    assert_eq!((bob.accepted_at, bob.left_at, bob.data.as_str()), (Some(s(1)), Some(s(2)), "off"));
    scene.repeats(2, "bob/phone", quit());
    scene.refuses(3, "bob/phone", accept(), Refusal::RingOver);
    scene.refuses(3, "bob/phone", reject(), Refusal::RingOver);
    scene.refuses(3, "bob/phone", end(), Refusal::NotJoined);
    scene.does(
        4,
        "alice/phone",
        add(&["bob"]),
        &["bob@all: Invited []", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    let bob = scene.call.legs[&user("bob")].clone();
    assert_eq!((bob.accepted_at, bob.left_at, bob.data.as_str()), (Some(s(1)), Some(s(2)), ""));
    assert_eq!((bob.inviter.as_str(), bob.invited_at), ("alice", s(4)));
    scene.does(
        5,
        "bob/tablet",
        accept(),
        &["bob@all: Changed [bob]", "alice@phone: Changed [bob]", "carol@all: Changed [bob]"],
    );
    let bob = &scene.call.legs[&user("bob")];
    assert_eq!((bob.accepted_at, bob.left_at), (Some(s(1)), None));
}

#[test]
fn a_silenced_ring_is_heard_again_when_invited_again() {
    let mut scene = talk();
    scene.does(2, "carol/phone", ignore(), &[]);
    scene.does(
        3,
        "carol/tablet",
        reject(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    scene.does(
        4,
        "bob/phone",
        add(&["carol"]),
        &["carol@all: Invited []", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    assert!(scene.call.legs[&user("carol")].ignored_on.is_empty());
}

#[test]
fn whoever_knows_the_call_may_join_it() {
    let mut scene = talk();
    scene.does(
        2,
        "dave/phone",
        join(),
        &[
            "dave@all: Changed [dave]",
            "alice@phone: Changed [dave]",
            "bob@phone: Changed [dave]",
            "carol@all: Changed [dave]",
        ],
    );
    let dave = &scene.call.legs[&user("dave")];
    assert_eq!((dave.inviter.as_str(), dave.invited_at, dave.accepted_at), ("dave", s(2), Some(s(2))));
    assert_eq!(dave.data.as_str(), "hi");
}

#[test]
fn the_first_join_is_the_first_acceptance() {
    let mut scene = Scene::advanced(&["bob"]);
    scene.does(
        2,
        "dave/phone",
        join(),
        &["dave@all: Changed [dave]", "alice@phone: Changed [dave]", "bob@all: Changed [dave]"],
    );
    assert_eq!(scene.call.legs[&user("alice")].accepted_at, Some(s(2)));
    scene.refuses(3, "alice/phone", cancel(&[]), Refusal::AlreadyAccepted);
}

#[test]
fn an_invitee_may_join_even_after_the_ring() {
    let mut scene = talk();
    scene.does(
        60,
        "carol/phone",
        join(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    assert_eq!(scene.call.legs[&user("carol")].inviter.as_str(), "alice", "it was an answer");
}

#[test]
fn a_former_member_joins_of_their_own_accord() {
    let mut scene = talk();
    scene.does(
        2,
        "carol/phone",
        reject(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    scene.does(
        3,
        "carol/phone",
        join(),
        &["carol@all: Changed [carol]", "alice@phone: Changed [carol]", "bob@phone: Changed [carol]"],
    );
    let carol = &scene.call.legs[&user("carol")];
    assert_eq!((carol.inviter.as_str(), carol.invited_at, carol.accepted_at), ("carol", s(3), Some(s(3))));
}

#[test]
fn a_policy_keeps_strangers_out_but_not_former_members() {
    let mut scene = Scene::quiet(advanced_with(&["bob"], only_invited_join));
    scene.refuses(1, "dave/phone", join(), Refusal::NotInvited);
    scene.does(2, "bob/phone", reject(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
    scene.does(3, "bob/phone", join(), &["bob@all: Changed [bob]", "alice@phone: Changed [bob]"]);
}
