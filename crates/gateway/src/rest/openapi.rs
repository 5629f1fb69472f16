//! The OpenAPI 3.1 document, from the table of operations.
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{
    operation::{Description, Operation},
    problem::ProblemBody,
};

/// The OpenAPI 3.1 document of the REST interface, as `GET /v1/openapi.json` gives it.
#[must_use]
pub fn openapi() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    let mut operations: Vec<Description> =
        Operation::ALL.iter().map(|operation| operation.describe()).collect();
    operations.sort_by_key(|operation| (operation.path, operation.method));
    for operation in &operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = describe(operation, &mut generator);
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Offhook",
            "version": "1",
            "description": "Calls, rooms and users, for the apps' back ends. Every failure has a body of RFC 9457.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "push": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The credential that a push bears: for its call and its device alone, until a little after the ring.",
            }, "server": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "A token of the type srv+jwt, signed with a server key of the app, valid for at most 5 min.",
            } },
        },
    })
}

fn describe(operation: &Description, generator: &mut SchemaGenerator) -> Value {
    let (status, reply) = operation.reply;
    let mut responses = Map::new();
    let success = json!({ "schema": reply(generator) });
    responses.insert(
        status.to_string(),
        json!({ "description": "Done.", "content": { "application/json": success } }),
    );
    let common: &[u16] = if operation.scope.is_some() || operation.by_credential {
        &[400, 401, 403, 408, 429, 500, 503]
    } else {
        &[408]
    };
    let mut problems = [common, operation.problems].concat();
    problems.sort_unstable();
    problems.dedup();
    for status in problems {
        let schema = generator.subschema_for::<ProblemBody<'_>>();
        let content = json!({ "application/problem+json": { "schema": schema } });
        responses.insert(status.to_string(), json!({ "description": "See `code`.", "content": content }));
    }
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters(operation),
        "responses": responses,
        "description": operation.scope.map_or_else(
            || if operation.by_credential { "Needs the credential of the push." } else { "Needs no token." }.to_owned(),
            |scope| format!("Needs the word `{scope}` in the token's scope, if it has one."),
        ),
        "security": match operation.scope {
            Some(_) => json!([{ "server": [] }]),
            None if operation.by_credential => json!([{ "push": [] }]),
            None => json!([]),
        },
    });
    if let Some(body) = operation.body {
        let content = json!({ "application/json": { "schema": body(generator) } });
        described["requestBody"] = json!({ "required": !operation.by_credential, "content": content });
    }
    described
}

fn parameters(operation: &Description) -> Vec<Value> {
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        let what = match name {
            "room" => "The room.",
            "device" => "The device.",
            "name" => "The push resource.",
            "id" if !operation.path.starts_with("/v1/users") => "The call.",
            _ => "The user.",
        };
        json!({ "name": name, "in": "path", "required": true, "description": what, "schema": { "type": "string" } })
    });
    let others = operation.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": parameter.place,
            "required": parameter.required,
            "description": parameter.description,
            "schema": (parameter.schema)(),
        })
    });
    in_path.chain(others).collect()
}
