//! Devices, push resources, and answers by the credential of a push.
use std::time::Duration;

use offhook_types::CallId;
use serde_json::{Value, json};

use crate::{
    kit::{OTHER_APP, World, connect_raw, read_until_closed, world},
    rest::{Answer, ask, ask_with},
};

const RING: Duration = Duration::from_secs(60);

async fn call_to_bob(world: &World) -> CallId {
    let placed = json!({ "caller": "alice", "invitees": ["bob"] });
    let answer = ask(world, "POST /v1/calls", Some(placed)).await;
    answer.body["call"]["call"].as_str().unwrap().parse().unwrap()
}

async fn ask_by(world: &World, credential: &str, method_and_path: &str, body: Option<Value>) -> Answer {
    let headers = format!("authorization: Bearer {credential}\r\n");
    ask_with(world, method_and_path, &headers, body.map(|body| body.to_string())).await
}

#[tokio::test]
async fn a_woken_device_answers_by_the_credential_of_its_push() {
    let world = world().await;
    let call = call_to_bob(&world).await;
    let credential = world.credential(("bob", "phone"), call, RING);
    for (request, body) in [
        (format!("GET /v1/invitations/{call}"), None),
        (format!("POST /v1/invitations/{call}/ringing"), None),
        (format!("POST /v1/invitations/{call}/accept"), Some(json!({ "data": "x" }))),
        (format!("POST /v1/invitations/{call}/reject"), Some(json!({ "reason": "busy" }))),
        (format!("POST /v1/invitations/{call}/accept"), None),
    ] {
        let answer = ask_by(&world, &credential, &request, body).await;
        assert_eq!(answer.status, 200, "{request}: {}", answer.body);
        assert_eq!(answer.body["call"]["call"], json!(call), "{request}");
        assert!(answer.head.contains("access-control-allow-origin: *"), "{request}");
    }
    assert!(world.handler.notes().contains(&format!("woken bob/phone {call}")));
}

#[tokio::test]
async fn a_credential_opens_nothing_but_its_own_invitation_and_says_when_it_has_run_out() {
    let world = world().await;
    let (call, other) = (call_to_bob(&world).await, call_to_bob(&world).await);
    let credential = world.credential(("bob", "phone"), call, RING);
    let server_token = world.server_token(OTHER_APP);
    for (token, request) in [
        (credential.as_str(), format!("GET /v1/invitations/{other}")),
        (credential.as_str(), "GET /v1/invitations/no-id".into()),
        (credential.as_str(), format!("GET /v1/calls/{call}?user=bob")),
        (server_token.as_str(), format!("GET /v1/invitations/{call}")),
        ("", format!("GET /v1/invitations/{call}")),
    ] {
        let answer = ask_by(&world, token, &request, None).await;
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!("token_invalid")), "{request}");
        assert!(answer.head.contains("www-authenticate: bearer"), "{request}");
    }
    let past = world.spent_credential(("bob", "phone"), call, RING * 4);
    let answer = ask_by(&world, &past, &format!("GET /v1/invitations/{call}"), None).await;
    assert_eq!((answer.status, &answer.body["code"]), (401, &json!("token_expired")));
}

#[tokio::test]
async fn a_page_of_any_origin_may_ask_for_an_invitation_and_for_nothing_else() {
    let world = world().await;
    let preflight = |path: &str| {
        format!(
            "OPTIONS {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\norigin: https://x.example\r\n\r\n"
        )
    };
    let text = preflight("/v1/invitations/1/accept");
    let answer = read_until_closed(&mut connect_raw(world.address, &text).await).await;
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 204"), "{answer}");
    assert!(answer.contains("access-control-allow-origin: *"));
    assert!(answer.contains("access-control-allow-headers: authorization, content-type"));
    let text = preflight("/v1/calls");
    let answer = read_until_closed(&mut connect_raw(world.address, &text).await).await;
    assert!(!String::from_utf8(answer).unwrap().to_lowercase().contains("access-control"));
}

#[tokio::test]
async fn a_back_end_registers_devices_and_keeps_resources() {
    let world = world().await;
    let addresses = json!({ "addresses": [{ "provider": "fcm", "token": "very-secret" }] });
    let put = ask(&world, "PUT /v1/users/bob/devices/phone", Some(addresses)).await;
    assert_eq!((put.status, put.body["status"].as_str()), (200, Some("ok")), "{}", put.body);
    assert_eq!(ask(&world, "DELETE /v1/users/bob/devices/phone", None).await.status, 200);
    let bad = json!({ "addresses": [{ "provider": "pigeon", "token": "very-secret" }] });
    let refused = ask(&world, "PUT /v1/users/bob/devices/phone", Some(bad)).await;
    assert_eq!(refused.status, 400);
    assert!(!refused.body.to_string().contains("very-secret"));

    let web = json!({ "web": { "private_key": "very-secret", "public_key": "B", "subject": "mailto:a@b.example" } });
    assert_eq!(ask(&world, "PUT /v1/push-resources/default", Some(web)).await.status, 200);
    assert_eq!(ask(&world, "GET /v1/push-resources", None).await.body, json!({ "resources": [] }));
    assert_eq!(ask(&world, "DELETE /v1/push-resources/default", None).await.status, 200);
    let call = call_to_bob(&world).await;
    let ledger = ask(&world, &format!("GET /v1/calls/{call}/pushes?user=bob"), None).await;
    assert_eq!(ledger.body, json!({ "pushes": [] }));
    assert_eq!(ask(&world, &format!("GET /v1/calls/{call}/pushes"), None).await.status, 400);
    assert!(!world.handler.notes().concat().contains("very-secret"));
}
