//! The files that are made from these types are those in the repository.
use std::{fs, path::Path};

use offhook_signaling::{schema_document, schema_text, typescript};
use serde_json::Value;

#[test]
fn the_committed_schema_is_the_one_the_code_makes() {
    assert_same("docs/schema/offhook.v1.json", &schema_text());
}

#[test]
fn the_committed_typescript_is_the_one_the_code_makes() {
    assert_same("sdk/web/src/generated/frames.ts", &typescript());
}

#[test]
fn every_reference_of_the_schema_leads_somewhere() {
    let document = schema_document();
    let defs = document["$defs"].as_object().expect("a document has definitions");
    let mut references = vec![];
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let name = reference.strip_prefix("#/$defs/").expect("references stay inside the document");
        assert!(defs.contains_key(name), "{reference}");
    }
}

fn assert_same(path: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == made, "{} is out of date: run `cargo xtask codegen`", path.display());
}

fn collect_references<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| collect_references(field, references));
        }
        Value::Bool(_) | Value::Null | Value::Number(_) | Value::String(_) => {}
    }
}
