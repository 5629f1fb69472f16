//! What Google's answers mean: its statuses, and the `FcmError` detail that says more.
use std::time::Duration;

use http::header;
use offhook_push::{Answer, Verdict};
use serde::Deserialize;

/// What an answer says.
pub(crate) enum Reading {
    /// The access token is not taken: another one may be.
    TokenRefused { why: String },
    /// Anything else.
    Verdict(Verdict),
}

#[derive(Default, Deserialize)]
struct Taken {
    #[serde(default)]
    name: String,
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
struct Error {
    #[serde(default)]
    status: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    /// Of an `FcmError`.
    #[serde(default)]
    error_code: String,
    /// Of a `BadRequest`.
    #[serde(default)]
    field_violations: Vec<Violation>,
}

#[derive(Default, Deserialize)]
struct Violation {
    #[serde(default)]
    field: String,
}

pub(crate) fn read(answer: &Answer) -> Reading {
    if answer.status.is_success() {
        let taken: Taken = serde_json::from_slice(&answer.body).unwrap_or_default();
        return Reading::Verdict(Verdict::Accepted { id: Some(taken.name).filter(|name| !name.is_empty()) });
    }
    let Body { error } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = error.details.iter().map(|detail| detail.error_code.as_str()).find(|code| !code.is_empty());
    let field = error.details.iter().flat_map(|detail| &detail.field_violations).next();
    let status = answer.status.as_u16();
    let said = code.unwrap_or(&error.status);
    let why = match field {
        Some(Violation { field }) => format!("{status} {said} {field}"),
        None => format!("{status} {said}"),
    };
    Reading::Verdict(match (status, code) {
        (_, Some("UNREGISTERED")) => Verdict::AddressDead { since: None },
        (_, Some("SENDER_ID_MISMATCH")) => Verdict::AddressMisfit,
        // No field of ours is named: it is the token that cannot be read.
        (400, Some("INVALID_ARGUMENT")) if field.is_none() => Verdict::AddressMisfit,
        (400, _) if field.is_some_and(|violation| violation.field == "message.token") => {
            Verdict::AddressMisfit
        }
        (_, Some("QUOTA_EXCEEDED")) | (429, _) => Verdict::Throttled { after: after(answer) },
        (_, Some("THIRD_PARTY_AUTH_ERROR")) | (401, _) => return Reading::TokenRefused { why },
        (403, _) => Verdict::CredentialRefused { why: why.into() },
        (500.., _) => Verdict::Unavailable { after: after(answer) },
        _ => Verdict::Malformed { why: why.into() },
    })
}

/// `Retry-After` in seconds; Google writes no dates there.
pub(crate) fn after(answer: &Answer) -> Option<Duration> {
    answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
