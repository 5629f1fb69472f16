//! The TypeScript types of every frame, made from the JSON Schema.
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::Write;

use serde_json::{Map, Value};

use crate::{MAX_FRAME_BYTES, MAX_SERVER_FRAME_BYTES, SUBPROTOCOL, schema_document};

const PREFIX: &str = "#/$defs/";

/// Enumerations whose words stand for something outside the wire, with the table that tells it.
const TABLES: &[(&str, &str)] = &[
    ("CallMode", "CALL_MODES"),
    ("CallStatus", "CALL_STATUSES"),
    ("CloseCode", "CLOSE_CODES"),
    ("Code", "CODES"),
    ("LegStatus", "LEG_STATUSES"),
    ("Platform", "PLATFORMS"),
];

/// The text of `sdk/web/src/generated/frames.ts`.
#[must_use]
pub fn typescript() -> String {
    let document = schema_document();
    let defs = document["$defs"].as_object().expect("a document has definitions");
    let mut defs: Vec<(&String, &Value)> = defs.iter().collect();
    defs.sort_by_key(|(name, _)| *name);
    let mut out = header();
    for (name, schema) in defs {
        declare(&mut out, name, schema);
        if let Some((_, table)) = TABLES.iter().find(|(word, _)| word == name) {
            declare_table(&mut out, table, schema);
        }
    }
    out.push_str(FOOTER);
    out
}

fn header() -> String {
    format!(
        "// Generated from crates/signaling by `cargo xtask codegen`. Do not edit.\n\n\
         /** The WebSocket subprotocol of these frames. */\n\
         export const SUBPROTOCOL = \"{SUBPROTOCOL}\";\n\n\
         /** The largest frame of a client, in bytes. */\n\
         export const MAX_FRAME_BYTES = {MAX_FRAME_BYTES};\n\n\
         /** The largest frame of the server, in bytes. */\n\
         export const MAX_SERVER_FRAME_BYTES = {MAX_SERVER_FRAME_BYTES};\n"
    )
}

const FOOTER: &str = r#"
/** A frame of a union, without what its envelope holds beside type and body. */
export type Unframed<Frame> = Frame extends unknown ? Omit<Frame, "after" | "id" | "offset"> : never;

/** What a client asks for, before it has an id. */
export type Request = Unframed<RequestFrame>;

/** The answer to a request that was carried out, without the request's id. */
export type Reply = Unframed<ReplyFrame>;

/** What happened, without its place in the log. */
export type EventBody = Unframed<EventFrame>;

/** What happened in a room. */
export type RoomEvent = Unframed<RoomEventFrame>;
"#;

fn declare(out: &mut String, name: &str, schema: &Value) {
    out.push('\n');
    comment(out, "", schema);
    match schema.get("properties").and_then(Value::as_object) {
        Some(properties) => declare_interface(out, name, schema, properties),
        None if is_union(schema) => {
            put(out, format_args!("export type {name} =\n  | {};\n", alternatives(schema).join("\n  | ")));
        }
        None => put(out, format_args!("export type {name} = {};\n", expression(schema))),
    }
}

fn declare_interface(out: &mut String, name: &str, schema: &Value, properties: &Map<String, Value>) {
    put(out, format_args!("export interface {name} {{\n"));
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut properties: Vec<(&String, &Value)> = properties.iter().collect();
    properties.sort_by_key(|(name, _)| (*name != "type", *name));
    for (field, schema) in properties {
        comment(out, "  ", schema);
        let mark = if required.iter().any(|name| name == field) { "" } else { "?" };
        put(out, format_args!("  {field}{mark}: {};\n", expression(schema)));
    }
    out.push_str("}\n");
}

/// A constant that tells what the words of an enumeration stand for.
fn declare_table(out: &mut String, table: &str, schema: &Value) {
    put(out, format_args!("\n/** What each word stands for. */\nexport const {table} = {{\n"));
    for (word, facts) in schema["x-known"].as_object().expect("an enumeration knows words") {
        comment(out, "  ", facts);
        let facts = facts.as_object().expect("facts are an object").iter();
        let facts: Vec<String> = facts
            .filter(|(name, _)| *name != "description")
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        put(out, format_args!("  {word}: {{ {} }},\n", facts.join(", ")));
    }
    out.push_str("} as const;\n");
}

fn comment(out: &mut String, indent: &str, schema: &Value) {
    let Some(doc) = schema.get("description").and_then(Value::as_str) else { return };
    let default = match schema.get("default") {
        Some(value) if !value.is_null() && !doc.contains("Default") => format!(" Default: `{value}`."),
        Some(_) | None => String::new(),
    };
    let doc = doc.replace('\n', &format!("\n{indent} * "));
    if doc.contains('\n') {
        put(out, format_args!("{indent}/**\n{indent} * {doc}{default}\n{indent} */\n"));
    } else {
        put(out, format_args!("{indent}/** {doc}{default} */\n"));
    }
}

fn is_union(schema: &Value) -> bool {
    schema.get("oneOf").is_some() || schema.get("x-known").is_some()
}

fn alternatives(schema: &Value) -> Vec<String> {
    if let Some(known) = schema.get("x-known").and_then(Value::as_object) {
        let words = known.keys().map(|word| format!("\"{word}\""));
        return words.chain(["(string & {})".into()]).collect();
    }
    let either = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array);
    let either = either.map(Vec::as_slice).unwrap_or_default();
    either.iter().filter(|schema| schema["type"] != "null").map(expression).collect()
}

/// The type of a value. An optional field that is null means the same as an absent one, so null is left out.
fn expression(schema: &Value) -> String {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return reference.trim_start_matches(PREFIX).into();
    }
    if let Some(constant) = schema.get("const") {
        return constant.to_string();
    }
    if schema.get("oneOf").or_else(|| schema.get("anyOf")).is_some() {
        return alternatives(schema).join(" | ");
    }
    match kind(schema) {
        "array" => format!("{}[]", expression(&schema["items"])),
        "boolean" => "boolean".into(),
        "integer" | "number" => "number".into(),
        "object" => object(schema),
        "string" => "string".into(),
        other => panic!("the generator knows no type for {other:?} in {schema}"),
    }
}

/// One of several forms of an object, which has no name of its own.
fn object(schema: &Value) -> String {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let fields = properties.map(|(field, schema)| {
        let mark = if required.iter().any(|name| name == field) { "" } else { "?" };
        format!("{field}{mark}: {}", expression(schema))
    });
    format!("{{ {} }}", fields.collect::<Vec<_>>().join("; "))
}

fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => "",
    }
}

fn put(out: &mut String, text: core::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes every text");
}
