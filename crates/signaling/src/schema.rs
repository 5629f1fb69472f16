//! The JSON Schema of every frame, as one document (draft 2020-12).
use alloc::{format, string::String, vec::Vec};

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use crate::{
    Closing, EventBody, Heartbeat, Hello, MAX_WORD_BYTES, Problem, Reply, Request, RequestId, RoomEvent,
    TokenWillExpire, Welcome,
};

/// The largest integer that every JSON reader keeps exactly.
const MAX_EXACT_INTEGER: u64 = (1 << 53) - 1;

/// The JSON Schema of every frame. `ClientFrame` and `ServerFrame` in its `$defs` are the unions of all frames of a
/// side. An enumeration is a string with the known words under `x-known`, each with its facts; other words are valid.
#[must_use]
pub fn schema_document() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut frames = Vec::new();
    for union in unions(&mut generator) {
        frames.push((union.name.into(), union.schema()));
        frames.extend(union.frames.into_iter().map(|frame| (frame.name, frame.schema)));
    }
    let mut defs = generator.take_definitions(true);
    for name in ["EventBody", "Reply", "Request", "RoomEvent"] {
        defs.remove(name);
    }
    defs.extend(frames);
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The frames of offhook.v1",
        "description": "One frame is one JSON object in one WebSocket text message. docs/protocol.md is normative.",
        "anyOf": [{ "$ref": "#/$defs/ClientFrame" }, { "$ref": "#/$defs/ServerFrame" }],
        "$defs": defs,
    });
    polish(&mut document);
    document
}

/// [`schema_document`] as the text of `docs/schema/offhook.v1.json`.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema_document()).expect("a schema holds text keys only");
    text.push('\n');
    text
}

/// The schema of an open enumeration: any word, the known ones with their facts.
pub(crate) fn word(doc: &str, known: impl IntoIterator<Item = (&'static str, Value)>) -> Schema {
    let known: Map<String, Value> = known.into_iter().map(|(text, facts)| (text.into(), facts)).collect();
    let doc = doc.trim();
    json_schema!({ "type": "string", "maxLength": MAX_WORD_BYTES, "description": doc, "x-known": known })
}

/// Frames of which one is meant.
struct Union {
    doc: &'static str,
    frames: Vec<Frame>,
    name: &'static str,
    /// Unions that are part of this one.
    parts: &'static [&'static str],
}

/// A frame with its envelope.
struct Frame {
    name: String,
    schema: Value,
}

impl Union {
    fn schema(&self) -> Value {
        let names = self.frames.iter().map(|frame| frame.name.as_str()).chain(self.parts.iter().copied());
        let references: Vec<Value> = names.map(|name| json!({ "$ref": format!("#/$defs/{name}") })).collect();
        json!({ "description": self.doc, "oneOf": references })
    }
}

fn unions(generator: &mut SchemaGenerator) -> [Union; 6] {
    let id = Extra::id();
    let problem_id = Extra { required: false, ..Extra::id() };
    [
        Union {
            doc: "What a client sends.",
            frames: closed(Vec::from([
                named::<Heartbeat>(generator, ("heartbeat", "ClientHeartbeatFrame"), None),
                named::<Hello>(generator, ("hello", "HelloFrame"), None),
            ])),
            name: "ClientFrame",
            parts: &["RequestFrame"],
        },
        Union {
            doc: "What a client asks for.",
            frames: closed(family::<Request>(generator, "Request", "RequestFrame", &id)),
            name: "RequestFrame",
            parts: &[],
        },
        Union {
            doc: "What the server sends. A client ignores types that it does not know.",
            frames: Vec::from([
                named::<Closing>(generator, ("closing", "ClosingFrame"), None),
                named::<Heartbeat>(generator, ("heartbeat", "ServerHeartbeatFrame"), None),
                named::<Problem>(generator, ("problem", "ProblemFrame"), Some(&problem_id)),
                named::<TokenWillExpire>(generator, ("token_will_expire", "TokenWillExpireFrame"), None),
                named::<Welcome>(generator, ("welcome", "WelcomeFrame"), None),
            ]),
            name: "ServerFrame",
            parts: &["EventFrame", "ReplyFrame", "RoomEventFrame"],
        },
        Union {
            doc: "What happened.",
            frames: family::<EventBody>(generator, "EventBody", "EventFrame", &Extra::offset()),
            name: "EventFrame",
            parts: &[],
        },
        Union {
            doc: "The answer to a request that was carried out.",
            frames: family::<Reply>(generator, "Reply", "Frame", &id),
            name: "ReplyFrame",
            parts: &[],
        },
        Union {
            doc: "What a device that is in a room is told. It stands in no log.",
            frames: family::<RoomEvent>(generator, "RoomEvent", "EventFrame", &Extra::nothing()),
            name: "RoomEventFrame",
            parts: &[],
        },
    ]
}

/// A client's frame holds nothing that the schema does not name.
fn closed(mut frames: Vec<Frame>) -> Vec<Frame> {
    for frame in &mut frames {
        frame.schema["additionalProperties"] = false.into();
    }
    frames
}

/// What an envelope holds beside type and body.
struct Extra {
    fields: Value,
    name: &'static str,
    required: bool,
}

impl Extra {
    fn nothing() -> Self {
        Self { fields: json!({}), name: "", required: false }
    }

    fn id() -> Self {
        Self { fields: json!({ "id": { "$ref": "#/$defs/RequestId" } }), name: "id", required: true }
    }

    fn offset() -> Self {
        let after = "The last event before this one that was meant for this device. Absent: `offset` − 1.";
        let fields = json!({
            "offset": { "$ref": "#/$defs/Offset" },
            "after": { "$ref": "#/$defs/Offset", "description": after },
        });
        Self { fields, name: "offset", required: true }
    }

    fn add_to(&self, frame: &mut Value) {
        let properties = frame["properties"].as_object_mut().expect("a frame has properties");
        properties.extend(self.fields.as_object().expect("fields are an object").clone());
        if self.required {
            frame["required"].as_array_mut().expect("a frame has required fields").push(self.name.into());
        }
    }
}

/// A frame that belongs to no family, of a type and under a name.
fn named<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    (r#type, name): (&str, &str),
    extra: Option<&Extra>,
) -> Frame {
    generator.subschema_for::<RequestId>();
    let body = generator.subschema_for::<T>();
    let mut schema = json!({
        "type": "object",
        "properties": { "type": { "const": r#type }, "body": body },
        "required": ["type", "body"],
    });
    if let Some(extra) = extra {
        extra.add_to(&mut schema);
    }
    Frame { name: name.into(), schema }
}

/// The frames of an enumeration. Their names come from the types on the wire.
fn family<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    definition: &str,
    suffix: &str,
    extra: &Extra,
) -> Vec<Frame> {
    generator.subschema_for::<T>();
    let variants =
        generator.definitions()[definition]["oneOf"].as_array().expect("a family is a union").clone();
    let frame = |mut schema: Value| {
        extra.add_to(&mut schema);
        let r#type = schema["properties"]["type"]["const"].as_str().expect("a frame has a type");
        Frame { name: format!("{}{suffix}", pascal_case(r#type)), schema }
    };
    variants.into_iter().map(frame).collect()
}

/// `session.renew_token` becomes `SessionRenewToken`.
fn pascal_case(text: &str) -> String {
    let capitalized = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    };
    text.split(['.', '_']).map(capitalized).collect()
}

/// Makes the document the same on every machine, and true for readers whose numbers are doubles.
fn polish(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(polish),
        Value::Object(fields) => {
            bound_integer(fields);
            fields.values_mut().for_each(polish);
            // With serde_json's `preserve_order`, which another crate may switch on, a map does not sort itself.
            let mut sorted: Vec<(String, Value)> = core::mem::take(fields).into_iter().collect();
            sorted.sort_by(|left, right| left.0.cmp(&right.0));
            fields.extend(sorted);
        }
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces formats that JSON Schema does not know by bounds.
fn bound_integer(fields: &mut Map<String, Value>) {
    let holds_integers = match fields.get("type") {
        Some(Value::String(kind)) => kind == "integer",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "integer"),
        Some(Value::Bool(_) | Value::Null | Value::Number(_) | Value::Object(_)) | None => false,
    };
    if !holds_integers {
        return;
    }
    let max = match fields.remove("format").as_ref().and_then(Value::as_str) {
        Some("uint16") => u64::from(u16::MAX),
        Some("uint32") => u64::from(u32::MAX),
        Some(_) | None => MAX_EXACT_INTEGER,
    };
    fields.entry("maximum").or_insert_with(|| max.into());
}
