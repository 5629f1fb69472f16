//! The public schema of Google's messages (`projects.messages` of HTTP v1), as far as a message for Android has fields.
use serde_json::{Map, Value};

/// The fields of an object, by the path at which it stands. What is not here may hold anything.
const FIELDS: &[(&str, &[&str])] = &[
    ("", &["message", "validate_only"]),
    (
        "message",
        &[
            "name",
            "data",
            "notification",
            "android",
            "webpush",
            "apns",
            "fcm_options",
            "token",
            "topic",
            "condition",
        ],
    ),
    (
        "message.android",
        &[
            "collapse_key",
            "priority",
            "ttl",
            "restricted_package_name",
            "data",
            "notification",
            "fcm_options",
            "direct_boot_ok",
            "bandwidth_constrained_ok",
            "restricted_satellite_ok",
        ],
    ),
    ("message.notification", &["title", "body", "image"]),
    ("message.fcm_options", &["analytics_label"]),
    ("message.android.fcm_options", &["analytics_label"]),
];

/// The longest time to live: four weeks.
const MOST_SECONDS: u64 = 2_419_200;
/// The most that names and values of data may have together.
const MOST_DATA: usize = 4_096;

/// A field that Google refuses, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) why: String,
}

/// The first thing that is wrong with a request, if anything is.
pub(crate) fn check(request: &Value) -> Result<(), Violation> {
    let Value::Object(root) = request else { return no("", "Root element must be a message.") };
    check_names("", root)?;
    let message = &request["message"];
    let targets = ["token", "topic", "condition"].iter().filter(|name| message[**name].is_string()).count();
    if targets != 1 {
        return no("message", "Recipient of the message is not set.");
    }
    check_data(&message["data"])?;
    let android = &message["android"];
    if let Some(ttl) = android.get("ttl") {
        let seconds = ttl.as_str().and_then(seconds).filter(|seconds| *seconds <= MOST_SECONDS);
        if seconds.is_none() {
            return no("message.android.ttl", "Illegal duration format; duration must end with 's'");
        }
    }
    match android.get("priority") {
        None => {}
        Some(priority) if ["NORMAL", "HIGH", "normal", "high"].iter().any(|word| priority == word) => {}
        Some(_) => return no("message.android.priority", "Invalid value at 'message.android.priority'"),
    }
    match android.get("restricted_package_name") {
        None | Some(Value::String(_)) => Ok(()),
        Some(_) => no("message.android.restricted_package_name", "Invalid value (TYPE_STRING)"),
    }
}

fn no(field: &str, why: &str) -> Result<(), Violation> {
    Err(Violation { field: field.to_owned(), why: why.to_owned() })
}

fn check_names(path: &str, object: &Map<String, Value>) -> Result<(), Violation> {
    let Some((_, fields)) = FIELDS.iter().find(|(at, _)| *at == path) else { return Ok(()) };
    for (name, value) in object {
        if !fields.contains(&snake(name).as_str()) {
            let why = format!(
                "Invalid JSON payload received. Unknown name \"{name}\" at '{path}': Cannot find field."
            );
            return no(path, &why);
        }
        if let Value::Object(inner) = value {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            check_names(&below, inner)?;
        }
    }
    Ok(())
}

/// Google takes a field's name in both spellings.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn check_data(data: &Value) -> Result<(), Violation> {
    let Value::Object(data) = data else {
        return if data.is_null() { Ok(()) } else { no("message.data", "Invalid value (Map)") };
    };
    for (name, value) in data {
        if !value.is_string() {
            return no(
                "message.data",
                &format!("Invalid value at 'message.data[{name}].value' (TYPE_STRING)"),
            );
        }
        let is_reserved = ["from", "message_type"].contains(&name.as_str())
            || name.starts_with("google")
            || name.starts_with("gcm");
        if is_reserved {
            return no("message.data", &format!("Invalid data payload key: {name}"));
        }
    }
    let bytes: usize = data.iter().map(|(name, value)| name.len() + value.as_str().map_or(0, str::len)).sum();
    if bytes > MOST_DATA { no("message", "Android message is too big") } else { Ok(()) }
}

/// The whole seconds of a duration like `30s` or `1.5s`.
fn seconds(text: &str) -> Option<u64> {
    let number = text.strip_suffix('s')?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(whole) && is_digits(part) && part.len() <= 9).then(|| whole.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(message: &Value) -> Option<String> {
        check(&json!({ "message": message })).err().map(|violation| violation.field)
    }

    #[test]
    fn a_message_of_the_schema_is_taken() {
        let android = json!({"priority": "HIGH", "ttl": "3.5s", "restrictedPackageName": "a.b"});
        assert_eq!(field(&json!({"token": "t", "data": {"a": "b"}, "android": android})), None);
        assert_eq!(field(&json!({"token": "t", "apns": {"payload": {"anything": 1}}})), None);
    }

    #[test]
    fn what_google_refuses_is_named() {
        for (message, at) in [
            (json!({"data": {}}), "message"),
            (json!({"token": "t", "topic": "u"}), "message"),
            (json!({"token": "t", "dat": {}}), "message"),
            (json!({"token": "t", "android": {"tll": "1s"}}), "message.android"),
            (json!({"token": "t", "android": {"ttl": "30"}}), "message.android.ttl"),
            (json!({"token": "t", "android": {"ttl": "-1s"}}), "message.android.ttl"),
            (json!({"token": "t", "android": {"ttl": 30}}), "message.android.ttl"),
            (json!({"token": "t", "android": {"ttl": "2419201s"}}), "message.android.ttl"),
            (json!({"token": "t", "android": {"priority": "max"}}), "message.android.priority"),
            (json!({"token": "t", "data": {"a": 1}}), "message.data"),
            (json!({"token": "t", "data": {"gcm.a": "1"}}), "message.data"),
            (json!({"token": "t", "data": {"from": "1"}}), "message.data"),
            (json!({"token": "t", "data": {"a": "x".repeat(4_096)}}), "message"),
        ] {
            assert_eq!(field(&message).as_deref(), Some(at), "{message:.80}");
        }
        assert!(check(&json!([])).is_err() && check(&json!({"mesage": {}})).is_err());
    }
}
