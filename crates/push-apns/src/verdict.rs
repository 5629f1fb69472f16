//! What Apple's answers mean (its table of statuses and reasons).
use std::time::Duration;

use http::{StatusCode, header};
use offhook_push::{Answer, Environment, Verdict};
use offhook_types::Timestamp;
use serde::Deserialize;

/// What the provider itself may mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// `ExpiredProviderToken`.
    TokenTooOld,
    /// Everything else.
    Other,
}

#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    reason: String,
    /// When the token ceased to be one, in milliseconds since 1970.
    #[serde(default)]
    timestamp: Option<u64>,
}

/// Reads an answer; `other` is the service that was not asked.
pub(crate) fn read(answer: &Answer, other: Environment) -> (Reason, Verdict) {
    if answer.status == StatusCode::OK {
        let id = answer.headers.get("apns-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        return (Reason::Other, Verdict::Accepted { id });
    }
    let body: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
    let why = || body.reason.clone().into();
    let after = || {
        let seconds = answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    };
    let since = body.timestamp.map(Timestamp::from_millis);
    let verdict = match (answer.status.as_u16(), body.reason.as_str()) {
        (_, "ExpiredProviderToken") => {
            return (Reason::TokenTooOld, Verdict::CredentialRefused { why: why() });
        }
        // A token of the sandbox looks so to the other service, and the other way round.
        (_, "BadDeviceToken") => Verdict::WrongEnvironment { other },
        (_, "Unregistered" | "ExpiredToken") | (410, _) => Verdict::AddressDead { since },
        (_, "DeviceTokenNotForTopic") => Verdict::AddressMisfit,
        // The connection began with another key.
        (_, "UnrelatedKeyIdInToken") => Verdict::Again,
        (
            _,
            "BadCertificate"
            | "BadCertificateEnvironment"
            | "BadEnvironmentKeyIdInToken"
            | "BadTopic"
            | "Forbidden"
            | "InvalidProviderToken"
            | "MissingProviderToken"
            | "MissingTopic"
            | "TopicDisallowed",
        )
        | (403, _) => Verdict::CredentialRefused { why: why() },
        (429, _) => Verdict::Throttled { after: after() },
        (500.., _) => Verdict::Unavailable { after: after() },
        _ => Verdict::Malformed { why: format!("{} {}", answer.status.as_u16(), body.reason).into() },
    };
    (Reason::Other, verdict)
}
