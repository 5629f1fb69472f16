//! Two users who call each other at the same time share one call. The names bear the numbers of the race table.
use offhook_call::{EndReason, Media, Mode, Refusal};

use crate::kit::*;

#[test]
fn race_12_two_who_call_each_other_share_the_first_call() {
    let mut scene = Scene::advanced(&["bob"]);
    let outcome = scene.call.merge(s(2), &who("bob/phone"), Media::Video).expect("bob rings");
    assert_eq!(notices(&outcome.notices), ["bob@all: Merged [bob]", "alice@phone: Merged [bob]"]);
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) | live");
    assert_eq!((scene.call.media, scene.call.upgrade_offered, scene.call.seq.0), (Media::Video, false, 2));

    let before = scene.call.clone();
    let again = scene.call.merge(s(3), &who("bob/phone"), Media::Audio).expect("a retry is harmless");
    assert_eq!((again.notices, &scene.call), (vec![], &before));
    let elsewhere = scene.call.merge(s(3), &who("bob/tablet"), Media::Video);
    assert_eq!(elsewhere, Err(Refusal::AnsweredElsewhere));
    assert_eq!(scene.call.merge(s(3), &who("alice/phone"), Media::Video), Err(Refusal::NotInvited));
    assert_eq!(scene.call.merge(s(3), &who("zoe/phone"), Media::Video), Err(Refusal::NotInvited));
    assert_eq!(scene.call, before);
}

#[test]
fn race_12_a_merge_ends_a_general_call_and_then_comes_too_late() {
    let mut scene = Scene::general(&["bob"]);
    let outcome = scene.call.merge(s(2), &who("bob/phone"), Media::Video).expect("bob rings");
    assert_eq!(notices(&outcome.notices), ["bob@all: Merged [bob]", "alice@phone: Merged [bob]"]);
    scene.stands("alice=Accepted(phone) bob=Accepted(phone) | Answered");
    let again = scene.call.merge(s(2), &who("bob/phone"), Media::Video);
    assert_eq!(again, Err(Refusal::CallEnded(EndReason::Answered)));
}

#[test]
fn a_merge_in_a_larger_call_is_an_acceptance_to_the_others() {
    let mut scene = Scene::advanced(&["bob", "carol"]);
    let outcome = scene.call.merge(s(2), &who("bob/phone"), Media::Video).expect("bob rings");
    assert_eq!(
        notices(&outcome.notices),
        ["bob@all: Merged [bob]", "alice@phone: Merged [bob]", "carol@all: Changed [bob]"]
    );
}

#[test]
fn race_14_audio_and_video_merge_into_audio_with_an_offer() {
    for (first, second) in [(Media::Audio, Media::Video), (Media::Video, Media::Audio)] {
        let mut placed = invitation(Mode::Advanced, &["bob"]);
        placed.media = first;
        let mut scene = Scene::quiet(placed);
        scene.call.merge(s(2), &who("bob/phone"), second).expect("bob rings");
        assert_eq!((scene.call.media, scene.call.upgrade_offered), (Media::Audio, true));
    }
}
