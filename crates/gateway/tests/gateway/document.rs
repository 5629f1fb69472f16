//! The OpenAPI document and the routes say the same.
use offhook_gateway::openapi;
use serde_json::Value;

use crate::{kit::world, rest::ask_with};

#[test]
fn the_committed_document_is_current() {
    let committed = include_str!("../../../../docs/openapi.json");
    let committed: Value = serde_json::from_str(committed).unwrap();
    assert!(
        committed == openapi(),
        "run `cargo run -p offhook-gateway --example openapi > docs/openapi.json`"
    );
}

#[tokio::test]
async fn every_operation_of_the_document_is_served_and_guarded() {
    let world = world().await;
    let document = openapi();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 12);
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            let request = format!("{} {}", method.to_uppercase(), path.replace(['{', '}'], ""));
            let answer = ask_with(&world, &request, "", None).await;
            let guarded = !operation["security"].as_array().unwrap().is_empty();
            assert_eq!(answer.status, if guarded { 401 } else { 200 }, "{request}");
            assert!(operation["responses"].get(answer.status.to_string()).is_some(), "{request}");
        }
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = openapi();
    let text = document.to_string();
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
