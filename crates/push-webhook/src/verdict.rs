//! What the answers of an app's provider mean.
use std::time::Duration;

use http::header;
use offhook_push::{Answer, Verdict};

pub(crate) fn read(answer: &Answer) -> Verdict {
    let status = answer.status.as_u16();
    let why = || format!("the webhook answered {status}").into();
    match status {
        200..=299 => Verdict::Accepted { id: None },
        401 | 403 => Verdict::CredentialRefused { why: why() },
        410 => Verdict::AddressDead { since: None },
        429 => Verdict::Throttled { after: after(answer) },
        500.. => Verdict::Unavailable { after: after(answer) },
        // Redirects among them: a signed request goes to the URL that was configured and nowhere else.
        _ => Verdict::Malformed { why: why() },
    }
}

/// `Retry-After` in seconds.
fn after(answer: &Answer) -> Option<Duration> {
    answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
