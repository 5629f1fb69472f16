//! Each user has a log with gapless offsets.
#![expect(missing_docs, reason = "a law's name is its sentence")]
use std::{collections::BTreeMap, sync::Arc};

use super::{
    Subject,
    world::{
        accepted, account, at, commit, next, notice, rejected, ringing, silent, stranger, telling, user,
    },
};
use crate::{EventPage, Store, Transition};
use offhook_call::{Audience, Call, Event, Notice};
use offhook_types::{DeviceId, Offset, Opaque};

async fn page(store: &impl Store, name: &str, after: u64, limit: usize) -> EventPage {
    store.events(&account(name), Offset(after), limit).await.unwrap()
}

fn offsets(page: &EventPage) -> Vec<u64> {
    page.events.iter().map(|event| event.offset.0).collect()
}

/// Tells bob of `count` versions of one call.
async fn tell(store: &impl Store, count: u64) -> Call {
    let mut call = ringing(1, &["alice", "bob"]);
    for _ in 0..count {
        commit(store, telling(&call, &["bob"])).await;
        call = next(&call);
    }
    call
}

pub async fn a_log_goes_on_after_its_events_are_forgotten<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = tell(&store, 3).await;
    store.trim(at(90 * 24 * 3600)).await.unwrap();
    let committed = commit(&store, telling(&call, &["bob"])).await;
    assert_eq!(committed.heads, [(user("bob"), Offset(4))]);
    let page = page(&store, "bob", 3, 9).await;
    assert_eq!((offsets(&page), page.floor), (vec![4], Offset(3)));
}

pub async fn a_trim_keeps_fresh_events<S: Subject>(subject: &S) {
    let store = subject.open();
    tell(&store, 3).await;
    store.trim(at(30)).await.unwrap();
    let page = page(&store, "bob", 0, 9).await;
    assert_eq!((offsets(&page), page.floor), (vec![1, 2, 3], Offset(0)));
}

pub async fn events_after_an_offset_come_in_order<S: Subject>(subject: &S) {
    let store = subject.open();
    tell(&store, 9).await;
    assert_eq!(offsets(&page(&store, "bob", 0, 99).await), (1..=9).collect::<Vec<_>>());
    assert_eq!(offsets(&page(&store, "bob", 6, 99).await), [7, 8, 9]);
}

pub async fn events_after_the_head_are_none<S: Subject>(subject: &S) {
    let store = subject.open();
    tell(&store, 3).await;
    for after in [3, 4, u64::MAX] {
        let page = page(&store, "bob", after, 9).await;
        assert_eq!((offsets(&page), page.head), (vec![], Offset(3)), "after {after}");
    }
}

pub async fn events_are_limited_from_the_front<S: Subject>(subject: &S) {
    let store = subject.open();
    tell(&store, 9).await;
    let two = page(&store, "bob", 4, 2).await;
    assert_eq!((offsets(&two), two.head), (vec![5, 6], Offset(9)));
    let none = page(&store, "bob", 4, 0).await;
    assert_eq!((offsets(&none), none.head), (vec![], Offset(9)));
}

pub async fn events_of_one_step_keep_their_order<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    let events = [Event::Invited, Event::Unanswered, Event::Changed, Event::Merged];
    let notices = events.iter().map(|event| Notice { event: event.clone(), ..notice("bob") }).collect();
    commit(&store, Transition { notices, ..silent(&call) }).await;
    let page = page(&store, "bob", 0, 9).await;
    assert_eq!(page.events.into_iter().map(|event| event.notice.event).collect::<Vec<_>>(), events);
}

pub async fn forgotten_events_move_the_floor<S: Subject>(subject: &S) {
    let store = subject.open();
    tell(&store, 3).await;
    store.trim(at(90 * 24 * 3600)).await.unwrap();
    for after in [0, 3] {
        let expected = EventPage { events: vec![], floor: Offset(3), head: Offset(3) };
        assert_eq!(page(&store, "bob", after, 9).await, expected);
    }
}

pub async fn heads_name_each_receiver_once<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = ringing(1, &["alice", "bob"]);
    assert_eq!(commit(&store, silent(&call)).await.heads, []);
    let committed = commit(&store, telling(&next(&call), &["bob", "alice", "bob"])).await;
    let heads: BTreeMap<_, _> = committed.heads.iter().cloned().collect();
    assert_eq!(committed.heads.len(), 2);
    assert_eq!(heads, BTreeMap::from([(user("alice"), Offset(1)), (user("bob"), Offset(2))]));
}

pub async fn heads_are_told_in_the_order_asked<S: Subject>(subject: &S) {
    let store = subject.open();
    let call = tell(&store, 3).await;
    commit(&store, telling(&call, &["alice", "alice"])).await;
    let asked = ["alice", "nobody", "bob", "alice"].map(account);
    assert_eq!(store.heads(&asked).await, Ok(vec![Offset(2), Offset(0), Offset(3), Offset(2)]));
    assert_eq!(store.heads(&[]).await, Ok(vec![]));
    let strangers = [stranger("bob"), account("bob")];
    assert_eq!(store.heads(&strangers).await, Ok(vec![Offset(0), Offset(3)]));
}

pub async fn offsets_are_gapless_for_each_user<S: Subject>(subject: &S) {
    let store = subject.open();
    let (mut one, mut two) = (ringing(1, &["alice", "bob"]), ringing(2, &["carol", "bob"]));
    for _ in 0..5 {
        commit(&store, telling(&one, &["alice", "bob"])).await;
        commit(&store, telling(&two, &["bob", "carol"])).await;
        (one, two) = (next(&one), next(&two));
    }
    assert_eq!(offsets(&page(&store, "alice", 0, 99).await), (1..=5).collect::<Vec<_>>());
    assert_eq!(offsets(&page(&store, "bob", 0, 99).await), (1..=10).collect::<Vec<_>>());
    assert_eq!(offsets(&page(&store, "carol", 0, 99).await), (1..=5).collect::<Vec<_>>());
}

pub async fn one_step_may_tell_one_user_several_things<S: Subject>(subject: &S) {
    let store = subject.open();
    commit(&store, telling(&ringing(1, &["alice", "bob"]), &["bob", "bob", "bob"])).await;
    assert_eq!(offsets(&page(&store, "bob", 0, 9).await), [1, 2, 3]);
}

pub async fn an_event_shows_the_call_right_after_its_step<S: Subject>(subject: &S) {
    let store = subject.open();
    let first = ringing(1, &["alice", "bob"]);
    let steps = [first.clone(), accepted(&first, "bob", 2), rejected(&accepted(&first, "bob", 2), 3)];
    for step in &steps {
        commit(&store, telling(step, &["alice"])).await;
    }
    let page = page(&store, "alice", 0, 9).await;
    let shown: Vec<Call> = page.events.iter().map(|event| (*event.call).clone()).collect();
    assert_eq!(shown, steps);
}

pub async fn an_event_keeps_everything_it_says<S: Subject>(subject: &S) {
    let store = subject.open();
    let said = Notice {
        audience: Audience::Device(DeviceId::new("tablet").unwrap()),
        changed: Arc::from([user("alice"), user("bob"), user("gone")]),
        event: Event::Canceled { by: user("alice"), data: Opaque::new("sorry \u{1f4de} \"!\"") },
        to: user("bob"),
    };
    let ended = Event::Ended { by: None, data: Opaque::default() };
    let notices = vec![said.clone(), Notice { event: ended, ..notice("bob") }];
    commit(
        &store,
        Transition { at: at(77), notices: notices.clone(), ..silent(&ringing(1, &["alice", "bob"])) },
    )
    .await;
    let page = page(&store, "bob", 0, 9).await;
    assert_eq!(page.events.iter().map(|event| event.notice.clone()).collect::<Vec<_>>(), notices);
    assert_eq!(page.events[0].at, at(77));
}

pub async fn somebody_without_events_has_an_empty_log<S: Subject>(subject: &S) {
    let store = subject.open();
    assert_eq!(page(&store, "nobody", 0, 9).await, EventPage::default());
}
