//! Rooms: what sessions are told of them, and what back ends order.
use offhook_auth::Scope;
use offhook_signaling::{MessageKind, Quality, RoomEvent, RoomMessage};
use offhook_types::{DeviceId, Party, RoomId, UserId};
use serde_json::{Value, json};

use crate::{
    kit::{APP, World, account, world},
    rest::{ask, ask_with},
};

fn room(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}

fn party(user: &str, device: &str) -> Party {
    Party { account: account(user), device: Some(DeviceId::new(device).unwrap()) }
}

fn message(of: &str, text: &str) -> RoomEvent {
    let from = UserId::new("bob").unwrap();
    RoomEvent::Message(RoomMessage { data: text.into(), from, kind: MessageKind::Broadcast, room: room(of) })
}

fn quality(of: &str, rtt_ms: u32) -> RoomEvent {
    RoomEvent::Quality(Quality { downlink_bps: 1, members: vec![], room: room(of), rtt_ms })
}

#[tokio::test]
async fn a_device_hears_of_its_rooms_in_order_and_no_other_device_does() {
    let world = world().await;
    let mut phone = world.open("alice", "phone").await;
    let mut tablet = world.open("alice", "tablet").await;
    let hub = world.gateway.hub();
    for text in ["1", "2", "3"] {
        assert!(hub.tell(&party("alice", "phone"), message("r", text)));
    }
    for text in ["1", "2", "3"] {
        let frame = phone.expect("room.message").await;
        assert_eq!(frame["body"]["data"], text);
        assert_eq!((&frame["id"], &frame["offset"]), (&Value::Null, &Value::Null), "it stands in no log");
    }
    assert!(hub.tell(&party("alice", "tablet"), message("r", "tablet")));
    assert_eq!(tablet.expect("room.message").await["body"]["data"], "tablet");
    for nobody in
        [party("alice", "watch"), party("bob", "phone"), Party { device: None, ..party("alice", "phone") }]
    {
        assert!(!hub.tell(&nobody, message("r", "lost")));
    }
    drop(phone);
    world.handler.noted("alice Lost phone").await;
    assert!(!hub.tell(&party("alice", "phone"), message("r", "lost")), "whoever is gone hears nothing");
}

#[tokio::test]
async fn what_a_device_does_not_take_becomes_a_reset() {
    let world = world().await;
    let mut phone = world.open("alice", "phone").await;
    let hub = world.gateway.hub();
    // The session's task cannot run in between: this one does not wait.
    for number in 0..300 {
        assert!(hub.tell(&party("alice", "phone"), message("r", &number.to_string())));
    }
    for rtt_ms in [1, 2] {
        hub.tell(&party("alice", "phone"), quality("other", rtt_ms));
    }
    assert_eq!(phone.expect("room.reset").await["body"], json!({ "room": "r" }));
    assert_eq!(phone.expect("room.quality").await["body"]["rtt_ms"], 2, "of these only the newest counts");
    hub.tell(&party("alice", "phone"), message("r", "after"));
    assert_eq!(phone.expect("room.message").await["body"]["data"], "after");
    let counted = world.gateway.metrics().render();
    for line in ["room_events_delivered_total 3", "room_resets_total 1"] {
        assert!(counted.contains(&format!("offhook_gateway_{line}\n")), "{line} in {counted}");
    }
}

#[tokio::test]
async fn the_reply_about_a_room_goes_before_events_that_come_meanwhile() {
    let world = world().await;
    let mut phone = world.open("alice", "phone").await;
    let (hub, store) = (world.gateway.hub(), &world.handler.store);
    store.forget_permits(store.available_permits());
    let id = phone.ask("room.read", json!({ "room": "r" })).await;
    world.handler.noted("reads r").await;
    hub.tell(&party("alice", "phone"), message("r", "newer than the reply"));
    store.add_permits(1);
    let reply = phone.expect("reply.room").await;
    assert_eq!((&reply["id"], &reply["body"]["role"]), (&json!(id), &json!("member")));
    phone.expect("room.message").await;
}

#[tokio::test]
async fn the_newer_connection_of_a_device_hears_of_its_rooms() {
    let world = world().await;
    let older = world.open("alice", "phone").await;
    let mut newer = world.open("alice", "phone").await;
    assert!(world.gateway.hub().tell(&party("alice", "phone"), message("r", "new")));
    assert_eq!(newer.expect("room.message").await["body"]["data"], "new");
    let told: Vec<Value> = older.closed().await.frames;
    assert!(told.iter().all(|frame| frame["type"] != "room.message"), "{told:?}");
}

async fn noted(world: &World) -> String {
    world.handler.notes().pop().unwrap_or_default()
}

#[tokio::test]
async fn a_back_end_lets_users_into_a_room_and_removes_them() {
    let world = world().await;
    let body = json!({ "user": "bob", "device": "phone", "role": "host" });
    let answer = ask(&world, "POST /v1/rooms/lobby/tokens", Some(body)).await;
    assert_eq!((answer.status, answer.body), (200, json!({ "expires_in_ms": 120_000, "token": "t" })));
    assert_eq!(noted(&world).await, "1 lobby mint bob phone host");
    assert!(answer.head.contains("cache-control: no-store"));

    let body = json!({ "user": "bob", "device": "phone" });
    ask(&world, "POST /v1/rooms/a%2Fb%20c/tokens", Some(body.clone())).await;
    assert_eq!(noted(&world).await, "1 lobby mint bob phone host", "a room's name has no blank");
    ask(&world, "POST /v1/rooms/a%2Fb%3Fc/tokens", Some(body)).await;
    assert_eq!(
        noted(&world).await,
        "1 a/b?c mint bob phone member",
        "any visible character, and the usual role"
    );

    let answer = ask(&world, "GET /v1/rooms/lobby", None).await;
    let members = json!([{ "user": "alice", "presence": "flowing" }]);
    assert_eq!(
        (answer.status, answer.body),
        (200, json!({ "members": members, "room": "lobby", "streams": [] }))
    );

    let answer = ask(&world, "DELETE /v1/rooms/lobby/members/bob", None).await;
    assert_eq!((answer.status, noted(&world).await), (200, "1 lobby remove bob".into()));
    let answer = ask(&world, "DELETE /v1/rooms/lobby", None).await;
    assert_eq!((answer.status, noted(&world).await), (200, "1 lobby close".into()));
}

#[tokio::test]
async fn a_back_end_learns_why_a_room_is_not_to_be_had() {
    let world = world().await;
    for request in
        ["GET /v1/rooms/nowhere", "DELETE /v1/rooms/nowhere", "DELETE /v1/rooms/nowhere/members/bob"]
    {
        let answer = ask(&world, request, None).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")), "{request}");
    }
    let long = "r".repeat(129);
    let answer = ask(&world, &format!("GET /v1/rooms/{long}"), None).await;
    assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not_found")));
    let wrong = [
        json!({ "user": "bob", "device": "phone", "role": "king" }),
        json!({ "user": "bob" }),
        json!({ "user": "no/body", "device": "phone" }),
        json!({ "user": "bob", "device": "phone", "lifetime": 1 }),
    ];
    for body in wrong {
        let answer = ask(&world, "POST /v1/rooms/lobby/tokens", Some(body.clone())).await;
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("bad_request")), "{body}");
    }
    assert_eq!(world.handler.notes().iter().filter(|note| note.contains("mint")).count(), 0);
    let token = world.server_token_limited(APP, Scope::limited("calls").unwrap());
    let headers = format!("authorization: Bearer {token}\r\n");
    assert_eq!(ask_with(&world, "GET /v1/rooms/lobby", &headers, None).await.status, 403, "another scope");
}
