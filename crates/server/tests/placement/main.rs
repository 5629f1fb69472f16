//! Rooms of several nodes end to end: real nodes on a real PostgreSQL and a real bus, real WebSockets, real media over UDP.
#[path = "../rooms/device.rs"]
#[allow(dead_code, reason = "what only the other tests need")]
mod device;
#[path = "../bad_input/server.rs"]
#[allow(dead_code, reason = "what only the other tests need")]
mod server;
mod world;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    device::Device,
    world::{Cluster, Pair, enters, text},
};

/// A node that carries media.
const MEDIA: &str = "enabled = true\nempty_room_s = 1";

/// How long something asynchronous may take until it is seen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks until it is so.
async fn until(what: &str, mut look: impl FnMut() -> bool) {
    let looking = async {
        while !look() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "{what}: not within {PATIENCE:?}");
}

/// What a call of two on two nodes goes through, whatever carries their messages.
async fn meet_talk_and_part(mut cluster: Cluster) {
    let (one, other) = (cluster.node(MEDIA), cluster.node(MEDIA));
    let Pair { mut alice, mut bob, call } = Pair::talking((&one, &other), "advanced").await;
    assert_eq!(cluster.placed(), "1", "they are in one room");
    for device in [&mut alice, &mut bob] {
        let room = device.does("room.read", json!({ "room": call })).await;
        let users = |list: &str| -> Vec<String> {
            room[list].as_array().expect("a list").iter().map(|it| text(&it["user"])).collect()
        };
        assert_eq!((users("members").len(), users("streams").len()), (2, 2), "{room}");
    }
    let long = "x".repeat(4_000);
    for (from, to) in [("alice", "bob"), ("bob", "alice")] {
        let (sender, receiver) =
            if from == "alice" { (&mut alice, &mut bob) } else { (&mut bob, &mut alice) };
        let body = json!({ "room": call, "kind": "broadcast", "data": format!("{from} to {to} {long}") });
        sender.does("room.send", body).await;
        let is_it = |frame: &Value| frame["type"] == "room.message" && frame["body"]["from"] == from;
        receiver.sees("the message", is_it).await;
    }
    bob.does("room.leave", json!({ "room": call })).await;
    assert_eq!(alice.sees_go("bob").await, "left");
    assert_eq!(bob.fails("room.read", json!({ "room": call })).await, "not_in_room");
    bob.does("room.leave", json!({ "room": call })).await;
    enters(&mut bob, &call).await;
    bob.hears(5).await;
    alice.forget();
    bob.forget();
    bob.does("call.end", json!({ "call": call })).await;
    assert_eq!(alice.is_out(&call).await, "ended", "her node hosts the room, his ended the call");
    assert_eq!(bob.is_out(&call).await, "ended");
    until("the placement is released", || cluster.placed() == "0").await;
    assert_eq!(alice.fails("room.token", json!({ "room": call })).await, "call_ended");
}

#[tokio::test]
async fn devices_on_two_nodes_meet_in_one_room_over_nats() {
    meet_talk_and_part(Cluster::over_nats()).await;
}

#[tokio::test]
async fn devices_on_two_nodes_meet_in_one_room_over_the_database() {
    meet_talk_and_part(Cluster::over_postgres()).await;
}

#[tokio::test]
async fn when_the_node_of_a_room_is_killed_everybody_meets_again_on_another() {
    let mut cluster = Cluster::over_nats();
    let (one, other) = (cluster.node(MEDIA), cluster.node(MEDIA));
    let Pair { alice, mut bob, call } = Pair::talking((&one, &other), "advanced").await;
    let before = cluster.epoch();
    bob.forget();
    one.dies();
    assert_eq!(bob.is_out(&call).await, "shutdown");
    alice.dies();
    let mut alice = Device::log_in(&other, "alice", "phone").await;
    enters(&mut bob, &call).await;
    enters(&mut alice, &call).await;
    let mut both = Pair { alice, bob, call };
    both.hear_each_other().await;
    assert!(cluster.epoch() > before, "the room was placed anew");
}

#[tokio::test]
async fn a_node_that_stops_hands_its_rooms_over() {
    let mut cluster = Cluster::over_nats();
    let (one, other) = (cluster.node(&format!("{MEDIA}\ndrain_s = 0")), cluster.node(MEDIA));
    let Pair { mut alice, mut bob, call } = Pair::talking((&one, &other), "advanced").await;
    let before = cluster.epoch();
    alice.forget();
    bob.forget();
    one.stop();
    assert_eq!(alice.is_out(&call).await, "shutdown");
    assert_eq!(bob.is_out(&call).await, "shutdown");
    alice.dies();
    enters(&mut bob, &call).await;
    let mut alice = Device::log_in(&other, "alice", "phone").await;
    enters(&mut alice, &call).await;
    let mut both = Pair { alice, bob, call };
    both.hear_each_other().await;
    assert!(cluster.epoch() > before, "the room was placed anew");
}

#[tokio::test]
async fn a_node_that_stops_lets_rooms_end_and_takes_no_new_ones() {
    let mut cluster = Cluster::over_nats();
    let (one, other) = (cluster.node(&format!("{MEDIA}\ndrain_s = 60")), cluster.node(MEDIA));
    let both = Pair::talking((&one, &other), "advanced").await;
    one.stop();
    let mut carol = Device::log_in(&one, "carol", "phone").await;
    enters(&mut carol, "lobby").await;
    assert_eq!(cluster.placed(), "2");
    other.dies();
    assert_eq!(carol.is_out("lobby").await, "shutdown", "the new room was on the other node");
    let Pair { mut alice, bob: _, call } = both;
    let room = alice.does("room.read", json!({ "room": call })).await;
    assert_eq!(room["members"].as_array().map(Vec::len), Some(2), "the old one goes on: {room}");
}

#[tokio::test]
async fn a_node_without_media_brings_its_devices_to_the_others() {
    let mut cluster = Cluster::over_nats();
    let (bare, _media) = (cluster.node("enabled = false"), cluster.node(MEDIA));
    let Pair { mut alice, mut bob, call } = Pair::talking((&bare, &bare), "advanced").await;
    let (status, room) = bare.rest("GET", &format!("/v1/rooms/{call}"), &Value::Null);
    assert_eq!((status, room["members"].as_array().map(Vec::len)), (200, Some(2)), "{room}");
    let lobby = text(&bob.does("room.token", json!({ "room": "lobby" })).await["token"]);
    assert_eq!(bob.fails("room.join", json!({ "token": lobby })).await, "too_many_rooms");
    alice.forget();
    bob.does("session.logout", Value::Null).await;
    assert_eq!(alice.sees_go("bob").await, "left", "logging out is leaving");
    let mut bob = Device::log_in(&bare, "bob", "phone").await;
    enters(&mut bob, "lobby").await;
    assert_eq!(bare.rest("DELETE", "/v1/rooms/lobby/members/bob", &Value::Null).0, 200);
    assert_eq!(bob.is_out("lobby").await, "kicked");
    assert_eq!(bare.rest("GET", "/v1/rooms/lobby", &Value::Null).0, 404);
    assert_eq!(bare.rest("DELETE", &format!("/v1/rooms/{call}"), &Value::Null).0, 200);
    assert_eq!(alice.is_out(&call).await, "ended");
}

#[tokio::test]
async fn who_is_in_a_room_on_one_node_is_busy_on_all() {
    let mut cluster = Cluster::over_nats();
    let (one, other) = (cluster.node(MEDIA), cluster.node(MEDIA));
    let Pair { mut alice, mut bob, call } = Pair::talking((&one, &one), "general").await;
    let mut carol = Device::log_in(&other, "carol", "phone").await;
    let busy = carol.does("call.invite", json!({ "invitees": ["bob"] })).await;
    assert_eq!(busy["call"]["end"]["cause"], "rejected", "the call is over, and Bob is in its room: {busy}");
    bob.does("room.leave", json!({ "room": call })).await;
    assert_eq!(alice.sees_go("bob").await, "left");
    let mut is_free = false;
    for _ in 0..40 {
        let placed = carol.does("call.invite", json!({ "invitees": ["bob"] })).await;
        is_free = placed["call"]["end"].is_null();
        if is_free {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(is_free, "Bob has left the room");
}

#[tokio::test]
async fn a_device_that_comes_back_over_another_node_goes_on_in_its_room() {
    let mut cluster = Cluster::over_nats();
    let (one, two, three) = (cluster.node(MEDIA), cluster.node(MEDIA), cluster.node("enabled = false"));
    let Pair { mut alice, bob, call } = Pair::talking((&one, &two), "advanced").await;
    let before = cluster.epoch();
    two.dies();
    bob.dies();
    let mut bob = Device::log_in(&three, "bob", "phone").await;
    let room = bob.does("room.read", json!({ "room": call })).await;
    assert_eq!(room["members"].as_array().map(Vec::len), Some(2), "he is still in: {room}");
    bob.forget();
    let body = json!({ "room": call, "kind": "broadcast", "data": "there?" });
    alice.does("room.send", body).await;
    bob.sees("a message over the new node", |frame| frame["type"] == "room.message").await;
    enters(&mut bob, &call).await;
    let mut both = Pair { alice, bob, call };
    both.hear_each_other().await;
    assert_eq!(cluster.epoch(), before, "the room stayed where it was");
}

#[tokio::test]
async fn a_node_that_was_paused_gives_up_rooms_that_were_placed_elsewhere() {
    let mut cluster = Cluster::over_nats();
    let (one, other) = (cluster.node(MEDIA), cluster.node(MEDIA));
    let Pair { mut alice, mut bob, call } = Pair::talking((&one, &other), "advanced").await;
    let before = cluster.epoch();
    alice.forget();
    bob.forget();
    one.pause();
    assert_eq!(bob.is_out(&call).await, "shutdown");
    enters(&mut bob, &call).await;
    assert!(cluster.epoch() > before, "the room was placed anew");
    one.resume();
    assert_eq!(alice.is_out(&call).await, "shutdown", "her node hosts it no longer");
    enters(&mut alice, &call).await;
    let mut both = Pair { alice, bob, call };
    both.hear_each_other().await;
    assert_eq!(cluster.placed(), "1");
}
