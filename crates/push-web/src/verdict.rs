//! What the answers of push services mean (RFC 8030, section 5; RFC 8292, section 4.2).
use std::time::Duration;

use http::header;
use offhook_push::{Answer, Verdict};

/// Apple's word for a signature that it does not take, whoever the browser is.
const BAD_SIGNATURE: &[u8] = b"BadJwtToken";

pub(crate) fn read(answer: &Answer) -> Verdict {
    let status = answer.status.as_u16();
    let why = || format!("the push service answered {status}").into();
    match status {
        200..=299 => Verdict::Accepted {
            id: answer.headers.get(header::LOCATION).and_then(|at| at.to_str().ok()).map(str::to_owned),
        },
        404 | 410 => Verdict::AddressDead { since: None },
        401 => Verdict::CredentialRefused { why: why() },
        403 if contains(&answer.body, BAD_SIGNATURE) => Verdict::CredentialRefused { why: why() },
        // Subscribed with another key: the browser must subscribe anew, and all others are well.
        403 => Verdict::AddressMisfit,
        429 => Verdict::Throttled { after: after(answer) },
        500.. => Verdict::Unavailable { after: after(answer) },
        _ => Verdict::Malformed { why: why() },
    }
}

fn contains(body: &[u8], word: &[u8]) -> bool {
    body.windows(word.len()).any(|window| window == word)
}

/// `Retry-After` in seconds. The other form, a date, needs a calendar, and no push service was seen to use it.
fn after(answer: &Answer) -> Option<Duration> {
    answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}
