//! Hints reach the nodes that want them.
use super::{
    Subject,
    stage::{Guest, couple, hint, stranger, until, user},
};
use crate::{Bus as _, Hint};

/// Every node with a session of the user hears of it.
pub async fn a_hint_reaches_every_node_that_attends<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let eve = Guest::join(&subject, None).await;
    bob.attend(&user("zoe"), &ann).await;
    eve.attend(&user("zoe"), &ann).await;
    ann.bus.publish(&[hint("zoe", 7)]);
    for node in [&bob, &eve] {
        until("the hint arrives", || node.heard.heads(&user("zoe")).contains(&7)).await;
    }
}

/// A session beside the committing task needs no network, and is told once.
pub async fn a_hint_reaches_the_publishing_node_at_once_and_once<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.attend(&user("zoe"), &ann).await;
    ann.attend(&user("zoe"), &bob).await;
    let before = ann.heard.count();
    ann.bus.publish(&[hint("zoe", 7)]);
    assert_eq!(ann.heard.count(), before + 1, "it was heard within the call");
    // What follows it from the other side has come the same way.
    until("it arrives elsewhere", || bob.heard.heads(&user("zoe")).contains(&7)).await;
    bob.bus.publish(&[hint("zoe", 8)]);
    until("an answer to it is here", || ann.heard.heads(&user("zoe")).contains(&8)).await;
    assert_eq!(ann.heard.heads(&user("zoe")).iter().filter(|head| **head == 7).count(), 1);
}

/// Interest keeps the traffic of a large cluster away from nodes that it does not concern.
pub async fn a_hint_stays_away_from_nodes_that_attend_nobody_of_its_shard<S: Subject>() {
    if S::SHARDS.is_none() {
        return; // On this bus every node hears every hint.
    }
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let (zoe, other) = (user("zoe"), stranger::<S>(&user("zoe")));
    bob.attend(&zoe, &ann).await;
    let elsewhere = Hint { head: hint("zoe", 1).head, account: other.clone() };
    ann.bus.publish(&[elsewhere]);
    ann.bus.publish(&[hint("zoe", 9)]);
    until("what comes after it is here", || bob.heard.heads(&zoe).contains(&9)).await;
    assert!(bob.heard.heads(&other).is_empty(), "nobody here attends that user");
}

/// Two sessions of a user are two attendances.
pub async fn interest_is_counted<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let zoe = user("zoe");
    bob.attend(&zoe, &ann).await;
    bob.bus.attend(&zoe);
    bob.bus.forsake(&zoe);
    ann.bus.publish(&[hint("zoe", 1)]);
    until("one session is left", || bob.heard.heads(&zoe).contains(&1)).await;
    bob.bus.forsake(&zoe);
    bob.attend(&zoe, &ann).await;
    ann.bus.publish(&[hint("zoe", 2)]);
    until("it is attended again", || bob.heard.heads(&zoe).contains(&2)).await;
    bob.bus.forsake(&zoe);
    if S::SHARDS.is_some() {
        stays_away(&ann, &bob).await;
    }
}

/// Hints stop some time after the last session has gone.
async fn stays_away<S: Subject>(ann: &Guest<S>, bob: &Guest<S>) {
    let marker = stranger::<S>(&user("zoe"));
    bob.attend(&marker, ann).await;
    let mut head = 100;
    until("hints stay away", || {
        // The last pair of hints, the second of which has arrived: if the first has not, it stays away.
        let last = head;
        let marked = bob.heard.heads(&marker).contains(&last);
        let is_away = marked && !bob.heard.heads(&user("zoe")).contains(&last);
        head += 1;
        let after = Hint { head: hint("zoe", head).head, account: marker.clone() };
        ann.bus.publish(&[hint("zoe", head)]);
        ann.bus.publish(&[after]);
        is_away
    })
    .await;
}

/// Interest takes effect after a moment; whoever logs in in between learns that there is something to look at.
pub async fn hints_at_the_time_of_a_login_are_heard_or_told_of<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    for n in 0..20 {
        let name = format!("user-{n}");
        bob.bus.attend(&user(&name));
        ann.bus.publish(&[hint(&name, 1)]);
        until("it is heard, or told of", || {
            bob.heard.heads(&user(&name)).contains(&1) || bob.heard.was_missed(&user(&name))
        })
        .await;
    }
}

/// What one commit after the other has to tell is told in their order.
pub async fn hints_of_a_user_keep_their_order<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.attend(&user("zoe"), &ann).await;
    for head in 1..=500 {
        ann.bus.publish(&[hint("zoe", head)]);
    }
    until("the last arrives", || bob.heard.heads(&user("zoe")).contains(&500)).await;
    let heads = bob.heard.heads(&user("zoe"));
    assert!(
        heads.is_sorted(),
        "some may be left out for newer ones, but none comes after a newer one: {heads:?}"
    );
}

/// A burst, such as a crowd that is called at once, is not too much.
pub async fn a_burst_of_ten_thousand_hints_arrives<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    let names: Vec<String> = (0..10_000).map(|n| format!("user-{n}")).collect();
    names.iter().for_each(|name| bob.bus.attend(&user(name)));
    let last = stranger::<S>(&user("zoe"));
    bob.attend(&last, &ann).await;
    let attended = names.iter().map(|name| user(name)).collect::<Vec<_>>();
    until("the interest has taken effect", || {
        let is_missing = |account: &&_| bob.heard.heads(account).is_empty();
        let missing = attended.iter().filter(is_missing).take(500).cloned();
        let callings: Vec<Hint> =
            missing.map(|account| Hint { head: hint("zoe", 0).head, account }).collect();
        ann.bus.publish(&callings);
        callings.is_empty()
    })
    .await;
    let (half, rest) = names.split_at(5_000);
    half.iter().for_each(|name| ann.bus.publish(&[hint(name, 1)]));
    let rest: Vec<Hint> = rest.iter().map(|name| hint(name, 1)).collect();
    ann.bus.publish(&rest);
    until("all have arrived", || attended.iter().all(|account| bob.heard.heads(account).contains(&1))).await;
}

/// Hints say how far a log reaches, so that hearing one again is nothing new.
pub async fn the_same_hint_twice_is_heard_and_does_no_harm<S: Subject>() {
    let subject = S::create().await;
    let (ann, bob) = couple(&subject).await;
    bob.attend(&user("zoe"), &ann).await;
    ann.bus.publish(&[hint("zoe", 3), hint("zoe", 3)]);
    ann.bus.publish(&[hint("zoe", 3)]);
    ann.bus.publish(&[hint("zoe", 2)]);
    ann.bus.publish(&[hint("zoe", 4)]);
    until("the newest arrives", || bob.heard.heads(&user("zoe")).contains(&4)).await;
    assert!(bob.heard.heads(&user("zoe")).iter().all(|head| *head <= 4));
}
