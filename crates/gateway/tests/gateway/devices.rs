//! Which of a user's devices may be here together.
use std::time::Duration;

use offhook_gateway::LoginPolicy;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error;

use crate::kit::{Client, account, config, large, world, world_with};

#[tokio::test]
async fn under_the_single_policy_the_newest_login_stays() {
    let world = world_with(config(LoginPolicy::Single)).await;
    let phone = world.open("alice", "phone").await;
    let mut web = world.open_on("alice", "browser", "web").await;
    let closed = phone.closed().await;
    assert_eq!((closed.code, &closed.frames[0]["body"]["code"]), (Some(4409), &"kicked_out".into()));
    assert_eq!(closed.frames[0]["body"].get("reconnect_in_ms"), None);
    world.handler.noted("alice Lost phone").await;
    world.handler.write(&account("alice"), large(1), true);
    web.expect("call.changed").await;
}

#[tokio::test]
async fn under_the_dual_policy_a_device_and_a_browser_live_together() {
    let world = world_with(config(LoginPolicy::Dual)).await;
    let phone = world.open("alice", "phone").await;
    let mut web = world.open_on("alice", "browser", "web").await;
    let mut tablet = world.open_on("alice", "tablet", "ipados").await;
    assert_eq!(phone.closed().await.code, Some(4409));
    world.handler.write(&account("alice"), large(1), true);
    web.expect("call.changed").await;
    tablet.expect("call.changed").await;
}

#[tokio::test]
async fn under_the_multi_policy_the_earliest_of_eleven_goes() {
    let world = world().await;
    let first = world.open("alice", "device0").await;
    let mut others = vec![world.open_on("alice", "browser", "web").await];
    for number in 1..=10 {
        others.push(world.open("alice", &format!("device{number}")).await);
    }
    assert_eq!(first.closed().await.code, Some(4409));
    world.handler.write(&account("alice"), large(1), true);
    for other in &mut others {
        other.expect("call.changed").await;
    }
}

#[tokio::test]
async fn a_device_that_comes_again_replaces_its_old_socket_and_nobody_hears_of_a_departure() {
    let world = world_with(config(LoginPolicy::Single)).await;
    let old = world.open("alice", "phone").await;
    let new = world.open("alice", "phone").await;
    assert_eq!(old.closed().await.code, Some(4410));
    drop(new);
    world.handler.noted("alice Lost phone").await;
    assert_eq!(world.handler.notes(), ["alice opens phone", "alice opens phone", "alice Lost phone"]);
}

#[tokio::test]
async fn a_device_that_comes_back_at_once_is_heard_of_after_its_departure() {
    let world = world().await;
    let old = world.open("alice", "phone").await;
    let mut other = world.open("bob", "phone").await;
    let store = world.handler.store.acquire_many(u32::MAX >> 4).await.unwrap();
    world.handler.store.forget_permits(world.handler.store.available_permits());
    drop(old);
    world.handler.departing.notified().await;
    let mut new = world.dial().await;
    new.hello(&world.token("alice"), "phone", "ios").await;
    for _ in 0..20 {
        other.send(json!({ "type": "heartbeat", "body": { "offset": 0 } })).await;
        other.expect("heartbeat").await;
    }
    drop(store);
    new.expect("welcome").await;
    let alices = world.handler.notes().into_iter().filter(|note| note.starts_with("alice"));
    assert_eq!(alices.collect::<Vec<_>>(), ["alice opens phone", "alice Lost phone", "alice opens phone"]);
}

#[tokio::test]
async fn users_of_the_same_name_in_other_apps_are_strangers() {
    let world = world_with(config(LoginPolicy::Single)).await;
    let mut alice = world.open("alice", "phone").await;
    let stranger = offhook_types::Account::new(crate::kit::OTHER_APP, account("alice").user);
    let mut other = world.dial().await;
    other.hello(&world.token_for(stranger.clone(), Duration::from_secs(60)), "phone", "ios").await;
    other.expect("welcome").await;
    world.handler.write(&stranger, large(1), true);
    other.expect("call.changed").await;
    world.handler.write(&account("alice"), large(2), true);
    assert_eq!(alice.expect("call.changed").await["body"]["data"], "xx");
}

#[tokio::test]
async fn pages_of_other_origins_do_not_get_in() {
    let world = world().await;
    match Client::dial(world.address, Some("https://evil.example")).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("an evil page got {:?}", other.map(|_| "in")),
    }
    let mut page = Client::dial(world.address, Some("https://app.example")).await.unwrap();
    page.hello(&world.token("alice"), "browser", "web").await;
    page.expect("welcome").await;
    let mut headless = world.dial().await;
    headless.hello(&world.token("alice"), "browser", "web").await;
    assert_eq!(headless.closed().await.code, Some(4401), "a browser without an origin is none");
}
