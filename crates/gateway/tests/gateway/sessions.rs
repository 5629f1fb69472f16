//! Sessions from hello to the end.
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use offhook_gateway::{Clock, LoginPolicy};
use offhook_types::{Account, UserId};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::kit::{APP, Client, OTHER_APP, account, config, large, ring, world, world_with};

#[tokio::test]
async fn an_invite_reaches_the_callee_and_the_caller_hears_of_it_before_the_reply() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    let mut bob = world.open("bob", "phone").await;

    let id = alice.ask("call.invite", json!({ "invitees": ["bob"] })).await;
    let changed = alice.expect("call.changed").await;
    assert_eq!(changed["offset"], 1);
    let reply = alice.expect("reply.invited").await;
    assert_eq!(reply["id"], id);

    let invited = bob.expect("call.invited").await;
    assert_eq!(invited["offset"], 1);
    assert_eq!(invited["body"]["call"], reply["body"]["call"]["call"]);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    let mut ids = vec![];
    for _ in 0..20 {
        ids.push(alice.ask("call.list", json!({})).await);
    }
    for id in ids {
        assert_eq!(alice.expect("reply.calls").await["id"], id);
    }
}

#[tokio::test]
async fn a_socket_that_says_no_hello_is_closed() {
    let mut config = config(LoginPolicy::Single);
    config.session.hello_timeout = Duration::from_millis(20);
    let world = world_with(config).await;
    assert_eq!(world.dial().await.closed().await.code, Some(4401));
}

#[tokio::test]
async fn a_request_before_hello_is_not_carried_out() {
    let world = world().await;
    let mut client = world.dial().await;
    client.ask("call.invite", json!({ "invitees": ["bob"] })).await;
    assert_eq!(client.closed().await.code, Some(4401));
    assert_eq!(world.handler.notes(), [""; 0]);
}

#[tokio::test]
async fn a_silent_session_is_closed_as_lost() {
    let mut config = config(LoginPolicy::Single);
    config.session.lost_after = Duration::from_millis(50);
    let world = world_with(config).await;
    let closed = world.open("alice", "phone").await.closed().await;
    assert_eq!(closed.code, Some(4411));
    assert_eq!(closed.frames[0]["body"]["code"], "lost");
    world.handler.noted("alice Lost phone").await;
}

#[tokio::test]
async fn a_client_whose_scripts_sleep_stays_by_answering_pings_alone() {
    let mut config = config(LoginPolicy::Single);
    config.session.heartbeat = Duration::from_millis(10);
    config.session.lost_after = Duration::from_secs(1);
    let world = world_with(config).await;
    let mut client = world.open("alice", "phone").await;
    let opened = world.clock.now();
    while world.clock.now().since(opened) < Duration::from_millis(1_500) {
        // The next read answers the ping, as browsers do without asking the page.
        let message = client.socket.next().await.expect("the session goes on").expect("the socket works");
        assert_eq!(message, Message::Ping(Bytes::new()), "nothing else is said");
    }
    assert_eq!(client.answer("call.list", json!({})).await["type"], "reply.calls");
    assert_eq!(world.handler.notes(), ["alice opens phone"], "it was never lost");
}

#[tokio::test]
async fn bad_tokens_are_refused_alike_and_say_what_helps() {
    let world = world().await;
    let foreign =
        world.token_for(Account::new(OTHER_APP, UserId::new("alice").unwrap()), Duration::from_secs(60));
    let tokens = ["".into(), "x.y.z".into(), world.server_token(APP), format!("{}x", world.token("alice"))];
    for token in tokens {
        let mut client = world.dial().await;
        client.hello(&token, "phone", "ios").await;
        let closed = client.closed().await;
        assert_eq!(closed.code, Some(4401));
        assert_eq!(closed.frames[0]["body"]["code"], "token_invalid");
        assert_eq!(closed.frames[1]["type"], "closing");
    }
    let mut client = world.dial().await;
    let body = json!({ "app": 1, "device": "phone", "platform": "ios", "token": foreign });
    client.send(json!({ "type": "hello", "body": body })).await;
    assert_eq!(client.closed().await.code, Some(4401), "another app than the token's");
}

#[tokio::test]
async fn a_device_resumes_where_it_stopped() {
    let world = world().await;
    let mut bob = world.open("bob", "phone").await;
    world.handler.write(&account("bob"), large(1), true);
    assert_eq!(bob.expect("call.changed").await["offset"], 1);
    drop(bob);
    world.handler.noted("bob Lost phone").await;
    for _ in 0..100 {
        world.handler.write(&account("bob"), large(1), true);
    }
    let mut bob = world.dial().await;
    let resume = json!({ "epoch": 1, "offset": 1 });
    let body = json!({ "device": "phone", "platform": "ios", "token": world.token("bob"), "resume": resume });
    bob.send(json!({ "type": "hello", "body": body })).await;
    let welcome = bob.expect("welcome").await;
    assert_eq!((&welcome["body"]["offset"], welcome["body"].get("snapshot")), (&json!(1), None));
    bob.send(json!({ "type": "heartbeat", "body": { "offset": 1 } })).await;
    for offset in 2..=101 {
        let mut frame = bob.next().await;
        if frame["type"] == "heartbeat" {
            frame = bob.next().await;
        }
        assert_eq!(frame["offset"], offset, "{frame}");
    }
}

#[tokio::test]
async fn a_lost_hint_is_healed_by_the_heartbeat() {
    let world = world().await;
    let mut bob = world.open("bob", "phone").await;
    world.handler.write(&account("bob"), large(1), false);
    bob.send(json!({ "type": "heartbeat", "body": { "offset": 0 } })).await;
    assert_eq!(bob.expect("call.changed").await["offset"], 1);
    assert_eq!(bob.expect("heartbeat").await["body"]["offset"], 1);
}

#[tokio::test]
async fn a_token_is_renewed_on_the_socket_by_one_of_the_same_user() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    let later = world.token_for(account("alice"), Duration::from_secs(7200));
    let renewed = alice.answer("session.renew_token", json!({ "token": later })).await;
    assert!(renewed["body"]["expires_in_ms"].as_u64().unwrap() > 7_100_000, "{renewed}");
    let foreign = world.token_for(account("bob"), Duration::from_secs(9000));
    let refused = alice.answer("session.renew_token", json!({ "token": foreign })).await;
    assert_eq!(refused["body"]["code"], "token_invalid");
    let same = alice.answer("session.renew_token", json!({ "token": later })).await;
    assert_eq!(same["body"]["code"], "bad_request", "no later than the present one");
}

#[tokio::test]
async fn a_session_whose_token_ends_is_warned_and_closed() {
    let mut config = config(LoginPolicy::Single);
    // A busy machine must not skip the warning.
    config.session.token_grace = Duration::from_secs(1);
    let world = world_with(config).await;
    let mut alice = world.dial().await;
    alice.hello(&world.token_for(account("alice"), Duration::from_secs(1)), "phone", "ios").await;
    let closed = alice.closed().await;
    let kinds: Vec<_> = closed.frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["welcome", "token_will_expire", "closing"]);
    assert_eq!(closed.code, Some(4403));
}

#[tokio::test]
async fn a_disabled_key_closes_the_sessions_of_its_tokens() {
    let world = world().await;
    let alice = world.open("alice", "phone").await;
    world.keys.replace(&ring(false));
    assert_eq!(alice.closed().await.code, Some(4403));
}

#[tokio::test]
async fn a_logout_is_told_before_it_is_answered() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    alice.answer("session.logout", json!({})).await;
    assert_eq!(world.handler.notes(), ["alice opens phone", "alice LoggedOut phone"]);
    assert_eq!(alice.closed().await.code, Some(4412));
    assert_eq!(world.handler.notes().len(), 2, "and told once");
}

#[tokio::test]
async fn a_request_that_has_begun_is_carried_out_though_its_client_is_gone() {
    let world = world().await;
    let mut bob = world.open("bob", "phone").await;
    let mut alice = world.open("alice", "phone").await;
    let store = world.handler.store.acquire_many(u32::MAX >> 4).await.unwrap();
    let rest = world.handler.store.available_permits();
    world.handler.store.forget_permits(rest);
    alice.ask("call.invite", json!({ "invitees": ["bob"] })).await;
    drop(alice);
    drop(store);
    bob.expect("call.invited").await;
    world.handler.noted("alice Lost phone").await;
}

#[tokio::test]
async fn a_fault_of_the_handler_costs_one_request() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    let call = "00000000-0000-7000-8000-000000000000";
    let problem = alice.answer("call.ignore", json!({ "call": call })).await;
    assert_eq!((&problem["type"], &problem["body"]["code"]), (&json!("problem"), &json!("internal")));
    alice.answer("call.list", json!({})).await;
    drop(alice);
    world.handler.noted("alice Lost phone").await;
}

#[tokio::test]
async fn a_stopping_gateway_tells_every_client_when_to_come_back() {
    let world = world().await;
    let waiting = world.dial().await;
    let mut clients = vec![];
    for number in 0..8 {
        clients.push(world.open(&format!("user{number}"), "phone").await);
    }
    world.stop.cancel();
    let mut returns = vec![];
    for client in clients {
        let closed = client.closed().await;
        assert_eq!(closed.code, Some(4503));
        returns.push(closed.frames[0]["body"]["reconnect_in_ms"].as_u64().unwrap());
    }
    assert_eq!(waiting.closed().await.code, Some(4503), "also those who have not said hello");
    returns.sort_unstable();
    returns.dedup();
    assert_eq!(returns.len(), 8, "at different times");
    assert!(returns.iter().all(|wait| *wait < 10_000));
    world.served.await.unwrap();
    assert!(Client::dial(world.address, None).await.is_err());
}
