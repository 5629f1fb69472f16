//! Sessions over real sockets, from hello to the end.

use crate::kit::world;
use serde_json::json;

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
