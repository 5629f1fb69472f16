//! Calls and their rooms end to end: the real binary, real WebSockets, real media over UDP on loopback.
mod device;
#[path = "../bad_input/server.rs"]
#[allow(dead_code, reason = "what only the other tests need")]
mod server;
mod world;

use serde_json::{Value, json};

use crate::{
    device::Device,
    world::{Accepted, World, text},
};

#[tokio::test]
async fn an_accepted_call_is_a_room_whose_use_stands_in_its_history() {
    let world = World::new();
    let Accepted { mut alice, mut bob, call, .. } = Accepted::talking(&world, "advanced").await;
    alice.hears(50).await;
    bob.hears(50).await;
    bob.does("call.end", json!({ "call": call })).await;
    assert_eq!(alice.is_out(&call).await, "ended");
    assert_eq!(bob.is_out(&call).await, "ended");
    assert_eq!(alice.fails("room.read", json!({ "room": call })).await, "not_in_room");
    let usage = usage_of(&mut alice, &call).await;
    for (member, user) in usage.iter().zip(["alice", "bob"]) {
        assert_eq!(member["user"], user);
        for part in ["present_ms", "audio_ms", "sent_bytes", "received_bytes"] {
            assert!(member[part].as_u64().expect("a number") > 0, "{part} of {member}");
        }
        assert_eq!((&member["sd_ms"], &member["four_k_ms"]), (&json!(0), &json!(0)), "nobody sent a picture");
    }
    assert_eq!(alice.fails("room.token", json!({ "room": call })).await, "call_ended");
}

/// Asks until the room has been counted.
async fn usage_of(device: &mut Device, call: &str) -> Vec<Value> {
    loop {
        let read = device.does("call.read", json!({ "call": call })).await;
        if let Some(members) = read["call"]["usage"]["members"].as_array() {
            return members.clone();
        }
    }
}

#[tokio::test]
async fn an_answered_call_of_the_general_mode_talks_on_until_all_have_left() {
    let world = World::with("empty_room_s = 1", "");
    let Accepted { mut alice, mut bob, call, .. } = Accepted::talking(&world, "general").await;
    let mut carol = Device::log_in(&world, "carol", "phone").await;
    let busy = carol.does("call.invite", json!({ "invitees": ["bob"] })).await;
    assert_eq!(busy["call"]["end"]["cause"], "rejected", "the call is over, and Bob is in its room: {busy}");
    alice.does("room.leave", json!({ "room": call })).await;
    assert_eq!(bob.sees_go("alice").await, "left");
    bob.does("session.logout", Value::Null).await;
    assert_eq!(usage_of(&mut alice, &call).await.len(), 2);
    let free = carol.does("call.invite", json!({ "invitees": ["bob"] })).await;
    assert_eq!(free["call"]["end"], Value::Null, "{free}");
}

#[tokio::test]
async fn who_vanishes_is_lost_after_the_lease_and_frees_the_call() {
    let world = World::with("lease_s = 1\nsignaling_lease_s = 1", "");
    let Accepted { mut alice, bob, call, .. } = Accepted::talking(&world, "advanced").await;
    alice.forget();
    bob.dies();
    assert_eq!(alice.sees_go("bob").await, "lost");
    alice.sees_leg("bob", "quit").await;
    let again = alice.does("call.add", json!({ "call": call, "invitees": ["bob"] })).await;
    assert_eq!(again["left_out"], Value::Null, "Bob is free: {again}");
}

#[tokio::test]
async fn race_23_who_accepts_and_never_connects_quits() {
    let world = World::with("connect_timeout_s = 1", "");
    let Accepted { mut alice, mut bob, call, tokens } = Accepted::new(&world, "advanced").await;
    alice.does("room.join", json!({ "token": tokens[0] })).await;
    alice.publishes(&call).await;
    bob.does("room.join", json!({ "token": tokens[1] })).await;
    assert_eq!(bob.offers(&call, true).await["type"], "reply.answer");
    assert_eq!(bob.is_out(&call).await, "lost");
    alice.sees_leg("bob", "quit").await;
    bob.sees_leg("bob", "quit").await;
    assert_eq!(bob.fails("room.join", json!({ "token": tokens[1] })).await, "room_forbidden");
}

#[tokio::test]
async fn a_token_lets_in_nobody_but_its_device_and_nobody_once_the_call_is_over() {
    let world = World::new();
    let Accepted { mut alice, mut bob, call, tokens } = Accepted::new(&world, "advanced").await;
    let [of_alice, of_bob] = tokens;
    let mut tablet = Device::log_in(&world, "bob", "tablet").await;
    let mut mallory = Device::log_in(&world, "mallory", "phone").await;
    assert_eq!(bob.fails("room.join", json!({ "token": of_alice })).await, "room_token_invalid");
    assert_eq!(tablet.fails("room.join", json!({ "token": of_bob })).await, "room_token_invalid");
    assert_eq!(mallory.fails("room.join", json!({ "token": of_bob })).await, "room_token_invalid");
    assert_eq!(mallory.fails("room.token", json!({ "room": call })).await, "call_not_found");
    for forged in forgeries(&of_bob) {
        assert_eq!(bob.fails("room.join", json!({ "token": forged })).await, "room_token_invalid");
    }
    bob.does("room.join", json!({ "token": of_bob })).await;
    bob.does("room.leave", json!({ "room": call })).await;
    bob.does("room.leave", json!({ "room": call })).await;
    bob.does("room.join", json!({ "token": of_bob })).await;
    bob.does("call.quit", json!({ "call": call })).await;
    assert_eq!(bob.is_out(&call).await, "left");
    assert_eq!(bob.fails("room.join", json!({ "token": of_bob })).await, "room_forbidden");
    alice.does("call.end", json!({ "call": call })).await;
    assert_eq!(bob.fails("room.join", json!({ "token": of_bob })).await, "call_ended");
    assert_eq!(alice.fails("room.join", json!({ "token": of_alice })).await, "call_ended");
}

/// The token with a byte of its claims or its signature changed, without its end, and as nothing at all.
fn forgeries(token: &str) -> Vec<String> {
    let claims = token.find('.').expect("a token has parts") + 20;
    let signature = token.rfind('.').expect("a token has parts") + 20;
    let swapped = |at: usize| {
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    };
    vec![swapped(claims), swapped(signature), token[..signature].to_owned(), String::new()]
}

#[tokio::test]
async fn who_is_kicked_by_the_back_end_is_out_of_room_and_call_and_cannot_come_back() {
    let world = World::new();
    let Accepted { mut alice, mut bob, call, tokens } = Accepted::talking(&world, "advanced").await;
    let (status, read) = world.rest("GET", &format!("/v1/rooms/{call}"), &Value::Null);
    assert_eq!((status, read["members"].as_array().map(Vec::len)), (200, Some(2)), "{read}");
    let member = format!("/v1/rooms/{call}/members/bob");
    assert_eq!(world.rest("DELETE", &member, &Value::Null).0, 200);
    assert_eq!(bob.is_out(&call).await, "kicked");
    assert_eq!(alice.sees_go("bob").await, "kicked");
    alice.sees_leg("bob", "quit").await;
    assert_eq!(bob.fails("room.join", json!({ "token": tokens[1] })).await, "room_forbidden");
    assert_eq!(bob.fails("room.token", json!({ "room": call })).await, "room_forbidden");
    bob.does("call.join", json!({ "call": call })).await;
    let token = text(&bob.does("room.token", json!({ "room": call })).await["token"]);
    assert_eq!(
        bob.fails("room.join", json!({ "token": token })).await,
        "kicked",
        "back in the call, not in its room"
    );
    assert_eq!(world.rest("DELETE", &member, &Value::Null).0, 404);
}

#[tokio::test]
async fn a_host_removes_others_and_members_do_not() {
    let world = World::new();
    let Accepted { mut alice, mut bob, call, .. } = Accepted::talking(&world, "general").await;
    let remove = |user: &str| json!({ "room": call, "user": user });
    assert_eq!(bob.fails("room.remove", remove("alice")).await, "role_forbids");
    alice.does("room.remove", remove("bob")).await;
    assert_eq!(bob.is_out(&call).await, "kicked");
    let token = text(&bob.does("room.token", json!({ "room": call })).await["token"]);
    assert_eq!(bob.fails("room.join", json!({ "token": token })).await, "kicked");
}

#[tokio::test]
async fn a_second_device_takes_over() {
    let world = World::new();
    let Accepted { mut alice, mut bob, call, tokens } = Accepted::talking(&world, "advanced").await;
    let mut tablet = Device::log_in(&world, "bob", "tablet").await;
    assert_eq!(
        tablet.fails("room.token", json!({ "room": call })).await,
        "room_forbidden",
        "the phone is in the call"
    );
    let joined = tablet.does("call.join", json!({ "call": call })).await;
    tablet.does("room.join", json!({ "token": joined["room"]["token"] })).await;
    assert_eq!(bob.is_out(&call).await, "taken_over");
    tablet.publishes(&call).await;
    tablet.hears(5).await;
    alice.hears(20).await;
    assert_eq!(bob.fails("room.join", json!({ "token": tokens[1] })).await, "room_forbidden");
    let read = alice.does("room.read", json!({ "room": call })).await;
    assert_eq!(read["members"].as_array().map(Vec::len), Some(2), "{read}");
}

#[tokio::test]
async fn a_user_is_in_one_room_at_a_time_unless_the_app_permits_more() {
    for (rooms, is_permitted) in [("", false), ("max_per_user = 2", true)] {
        let world = World::with("", rooms);
        let Accepted { mut bob, call, tokens, .. } = Accepted::new(&world, "advanced").await;
        bob.does("room.join", json!({ "token": tokens[1] })).await;
        bob.does("room.join", json!({ "token": tokens[1] })).await;
        let lobby = text(&bob.does("room.token", json!({ "room": "lobby" })).await["token"]);
        let answer = bob.ask("room.join", json!({ "token": lobby })).await;
        if is_permitted {
            assert_eq!(answer["type"], "reply.room", "{answer}");
        } else {
            assert_eq!(answer["body"]["code"], "too_many_rooms", "{answer}");
            bob.does("room.leave", json!({ "room": call })).await;
            bob.does("room.join", json!({ "token": lobby })).await;
        }
    }
}

#[tokio::test]
async fn a_back_end_gives_tokens_looks_and_closes() {
    let world = World::new();
    let mut alice = Device::log_in(&world, "alice", "phone").await;
    let ask = json!({ "user": "alice", "device": "phone", "role": "viewer" });
    let (status, token) = world.rest("POST", "/v1/rooms/stage/tokens", &ask);
    assert_eq!(status, 200, "{token}");
    assert_eq!(world.rest("GET", "/v1/rooms/stage", &Value::Null).0, 404);
    let room = alice.does("room.join", json!({ "token": token["token"] })).await;
    assert_eq!(room["role"], "viewer");
    assert_eq!(alice.offers("stage", false).await["body"]["code"], "role_forbids");
    let (status, read) = world.rest("GET", "/v1/rooms/stage", &Value::Null);
    assert_eq!((status, &read["members"][0]["user"]), (200, &json!("alice")));
    assert_eq!(world.rest("DELETE", "/v1/rooms/stage", &Value::Null).0, 200);
    assert_eq!(alice.is_out("stage").await, "ended");
}

#[tokio::test]
async fn a_back_end_that_looks_voids_no_offer() {
    let world = World::new();
    let enters = async |user: &str, role: &str| {
        let mut device = Device::log_in(&world, user, "phone").await;
        let ask = json!({ "user": user, "device": "phone", "role": role });
        let (_, token) = world.rest("POST", "/v1/rooms/stage/tokens", &ask);
        device.does("room.join", json!({ "token": token["token"] })).await;
        device
    };
    let mut alice = enters("alice", "viewer").await;
    let mut bob = enters("bob", "member").await;
    bob.publishes("stage").await;
    let offer = alice.sees("an offer", |frame| frame["type"] == "room.offer").await;
    assert_eq!(world.rest("GET", "/v1/rooms/stage", &Value::Null).0, 200);
    let answer = json!({ "room": "stage", "negotiation": offer["body"]["negotiation"], "sdp": "v=0" });
    assert_eq!(alice.fails("room.answer", answer).await, "bad_sdp", "it is read, as the offer stands");
}

#[tokio::test]
async fn a_server_that_stops_ends_its_rooms_and_says_so() {
    let world = World::new();
    let Accepted { mut alice, mut bob, call, .. } = Accepted::talking(&world, "general").await;
    world.stop();
    assert_eq!(alice.is_out(&call).await, "shutdown");
    assert_eq!(bob.is_out(&call).await, "shutdown");
}
