//! REST for back ends.
use serde_json::{Value, json};

use crate::kit::{APP, Client, OTHER_APP, World, connect_raw, read_until_closed, world};

/// An answer: its status, its head, and its body.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

/// Asks as the back end of `APP`.
pub async fn ask(world: &World, method_and_path: &str, body: Option<Value>) -> Answer {
    let token = world.server_token(APP);
    ask_with(
        world,
        method_and_path,
        &format!("authorization: Bearer {token}\r\n"),
        body.map(|body| body.to_string()),
    )
    .await
}

pub async fn ask_with(world: &World, method_and_path: &str, headers: &str, body: Option<String>) -> Answer {
    let body = body.unwrap_or_default();
    let length = match method_and_path.starts_with("GET") {
        true => String::new(),
        false => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
    };
    let request =
        format!("{method_and_path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{headers}{length}\r\n{body}");
    let answer = read_until_closed(&mut connect_raw(world.address, &request).await).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
}

fn placed() -> Option<Value> {
    Some(json!({ "caller": "alice", "invitees": ["bob"], "extended_data": "hi" }))
}

#[tokio::test]
async fn a_back_end_places_reads_and_answers_a_call() {
    let world = world().await;
    let mut bob: Client = world.open("bob", "phone").await;
    let answer = ask(&world, "POST /v1/calls", placed()).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let id = answer.body["call"]["call"].as_str().unwrap();
    assert!(answer.head.contains(&format!("location: /v1/calls/{id}")));
    assert_eq!(bob.expect("call.invited").await["body"]["extended_data"], "hi");

    let read = ask(&world, &format!("GET /v1/calls/{id}?user=bob"), None).await;
    assert_eq!((read.status, &read.body["call"]["call"]), (200, &json!(id)));
    for (action, body) in [
        ("accept", json!({ "user": "bob", "data": "x" })),
        ("reject", json!({ "user": "bob", "reason": "busy" })),
        ("cancel", json!({ "user": "alice", "invitees": ["bob"] })),
        ("end", json!({ "user": "alice" })),
    ] {
        let answer = ask(&world, &format!("POST /v1/calls/{id}/{action}"), Some(body)).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
    }
    let list = ask(&world, "GET /v1/users/alice/calls?limit=5", None).await;
    assert_eq!(list.body["calls"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_idempotency_key_reaches_the_call() {
    let world = world().await;
    let headers = format!("authorization: Bearer {}\r\nidempotency-key: abc\r\n", world.server_token(APP));
    let body = placed().map(|body| body.to_string());
    assert_eq!(ask_with(&world, "POST /v1/calls", &headers, body.clone()).await.status, 201);
    assert_eq!(world.handler.notes(), ["key Some(\"abc\")"]);
    let headers = headers.replace("abc", &"k".repeat(65));
    assert_eq!(ask_with(&world, "POST /v1/calls", &headers, body).await.status, 400);
}

#[tokio::test]
async fn users_are_registered_read_and_queried() {
    let world = world().await;
    assert_eq!(ask(&world, "GET /v1/users/zoe", None).await.status, 404);
    let put = ask(&world, "PUT /v1/users/zoe", Some(json!({ "name": "Zoë" }))).await;
    assert_eq!((put.status, &put.body["name"]), (200, &json!("Zoë")));
    assert_eq!(ask(&world, "GET /v1/users/zoe", None).await.body["name"], "Zoë");
    let query = ask(&world, "POST /v1/users/query", Some(json!({ "users": ["zoe", "nobody"] }))).await;
    assert_eq!(query.body["users"][0]["user"], "zoe");
    assert_eq!(query.body["unknown"], json!(["nobody"]));
}

#[tokio::test]
async fn without_a_valid_server_token_nothing_is_said() {
    let world = world().await;
    let user_token = format!("authorization: Bearer {}\r\n", world.token("alice"));
    let mut bodies = vec![];
    for headers in ["", "authorization: Basic eDp5\r\n", "authorization: Bearer x.y.z\r\n", &user_token] {
        let mut answer = ask_with(&world, "GET /v1/users/zoe", headers, None).await;
        assert_eq!(answer.status, 401);
        assert!(answer.head.contains("www-authenticate: bearer"));
        assert!(answer.head.contains("content-type: application/problem+json"));
        answer.body["request_id"] = Value::Null;
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn what_belongs_to_another_app_is_answered_like_what_does_not_exist() {
    let world = world().await;
    ask(&world, "PUT /v1/users/zoe", Some(json!({}))).await;
    let call =
        ask(&world, "POST /v1/calls", placed()).await.body["call"]["call"].as_str().unwrap().to_owned();
    let foreign = format!("authorization: Bearer {}\r\n", world.server_token(OTHER_APP));
    let unknown = "00000000-0000-7000-8000-000000000000";
    for (existing, missing, body) in [
        ("GET /v1/users/zoe".to_owned(), "GET /v1/users/nobody".into(), None),
        (format!("GET /v1/calls/{call}?user=alice"), format!("GET /v1/calls/{unknown}?user=alice"), None),
        (format!("GET /v1/calls/{call}?user=alice"), "GET /v1/calls/no-id?user=alice".into(), None),
        (
            format!("POST /v1/calls/{call}/end"),
            format!("POST /v1/calls/{unknown}/end"),
            Some(json!({ "user": "alice" }).to_string()),
        ),
    ] {
        let mut first = ask_with(&world, &existing, &foreign, body.clone()).await;
        let mut second = ask_with(&world, &missing, &foreign, body).await;
        first.body["request_id"] = Value::Null;
        second.body["request_id"] = Value::Null;
        assert_eq!((first.status, &first.body), (404, &second.body), "{existing}");
        assert_eq!(second.status, 404);
    }
}

#[tokio::test]
async fn a_request_of_the_wrong_form_is_a_problem_that_says_why() {
    let world = world().await;
    let deep = format!("{{\"caller\":{}", "[".repeat(10_000));
    let token = format!("authorization: Bearer {}\r\n", world.server_token(APP));
    let large = "x".repeat(64 * 1024 + 1);
    for (request, body, status) in [
        ("POST /v1/calls", "{\"caller\":\"alice\",\"invitees\":[],\"inviter\":\"eve\"}", 400),
        ("POST /v1/calls", "{\"caller\":\"alice\"}", 400),
        ("POST /v1/calls", "{\"caller\":\"a/b\",\"invitees\":[]}", 400),
        ("POST /v1/calls", "{\"caller\":\"alice\",\"invitees\":[]}", 422),
        ("POST /v1/calls", "", 400),
        ("POST /v1/calls", &deep, 400),
        ("POST /v1/calls", &large, 413),
        ("GET /v1/users/alice/calls?limit=101", "", 400),
        ("GET /v1/calls/00000000-0000-7000-8000-000000000000", "", 400),
        ("GET /v1/nothing", "", 404),
        ("DELETE /v1/calls", "", 405),
        ("GET /v1/ws", "", 426),
    ] {
        let answer = ask_with(&world, request, &token, Some(body.into())).await;
        assert_eq!(answer.status, status, "{request} {}", &body[..body.len().min(80)]);
        assert_eq!(answer.body["status"], status);
        for field in ["type", "title", "detail", "code", "zim_code", "retryable", "request_id"] {
            assert!(!answer.body[field].is_null(), "{field} in {}", answer.body);
        }
        assert!(!answer.body.to_string().contains("eve"), "values are not quoted");
    }
    let headers = format!("{token}content-type: text/plain\r\n");
    let request = format!("POST /v1/calls HTTP/1.1\r\nhost: h\r\nconnection: close\r\n{headers}\r\n");
    let answer = read_until_closed(&mut connect_raw(world.address, &request).await).await;
    assert!(answer.starts_with(b"HTTP/1.1 415"));
}
