//! Answers of a device that is not logged in: over HTTPS, with the credential that its ring brought (docs/protocol.md,
//! "Answering without a login").
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use offhook_signaling::{CallReply, CallView, Code, Hidden, Problem, RejectCause, RoomToken};
use offhook_types::{CallId, Opaque};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::http::Host;
use crate::ConnectError;

/// The pause before the next try, doubled each time up to the second. Shorter would flood a server that comes back.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long one try may take. Longer holds up the next one on a network that has changed.
const TRY: Duration = Duration::from_secs(10);

/// A call that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Accepted {
    /// The call as it then was.
    pub call: CallView,
    /// The way into its room; absent where the server carries no media. For this device, and for as long as it says.
    pub room: Option<RoomToken>,
}

/// Why an answer did not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Another device of the user answered first. To do: stop ringing, and say so.
    #[error("another device of the user answered first")]
    AnsweredElsewhere(Option<Box<CallView>>),
    /// The call is over. To do: show how it ended, by the call.
    #[error("the call is over")]
    CallEnded(Option<Box<CallView>>),
    /// The credential has run out, two minutes after the ring. To do: stop ringing; the call was missed.
    #[error("the credential of the push has run out")]
    CredentialExpired,
    /// The credential is not one of this call. To do: log in, and answer there.
    #[error("the server does not take the credential of the push")]
    CredentialInvalid,
    /// The push brings no credential: it is no ring. To do: log in.
    #[error("the push has no credential")]
    NoCredential,
    /// The server refused for another reason; the problem says why.
    #[error("the server refused ({}): {}", .0.code.as_str(), .0.message)]
    Refused(Box<Problem>),
    /// The invitation is no longer open. To do: stop ringing; the call was missed.
    #[error("the ring is over")]
    RingOver(Option<Box<CallView>>),
    /// The server's address cannot be used.
    #[error("the server cannot be asked")]
    Server(#[from] ConnectError),
    /// The answer cannot be read: whatever answers is no server of these pushes. The answer may have counted.
    #[error("the server's answer cannot be read")]
    Unreadable,
    /// No answer came while it rang. The answer may have counted. To do: leave it to an [`Outbox`](super::Outbox).
    #[error("the server could not be reached")]
    Unreachable,
}

impl AnswerError {
    /// The call as it now is, if the server said so.
    #[must_use]
    pub fn call(&self) -> Option<&CallView> {
        match self {
            Self::AnsweredElsewhere(call) | Self::CallEnded(call) | Self::RingOver(call) => call.as_deref(),
            Self::Refused(problem) => problem.call.as_ref(),
            Self::CredentialExpired
            | Self::CredentialInvalid
            | Self::NoCredential
            | Self::Server(_)
            | Self::Unreachable
            | Self::Unreadable => None,
        }
    }

    /// Whether the server has said no, and will say so again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::AnsweredElsewhere(_)
            | Self::CallEnded(_)
            | Self::CredentialExpired
            | Self::CredentialInvalid
            | Self::NoCredential
            | Self::RingOver(_) => true,
            Self::Refused(problem) => !problem.retryable,
            Self::Server(_) | Self::Unreachable | Self::Unreadable => false,
        }
    }
}

impl From<Problem> for AnswerError {
    fn from(mut problem: Problem) -> Self {
        let code = problem.code.clone();
        if code == Code::TokenExpired {
            return Self::CredentialExpired;
        }
        if code == Code::TokenInvalid {
            return Self::CredentialInvalid;
        }
        let kind = [
            (Code::AnsweredElsewhere, Self::AnsweredElsewhere as fn(_) -> _),
            (Code::CallEnded, Self::CallEnded),
            (Code::RingOver, Self::RingOver),
        ];
        match kind.into_iter().find(|(known, _)| *known == code) {
            Some((_, error)) => error(problem.call.take().map(Box::new)),
            None => Self::Refused(Box::new(problem)),
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) enum Verb {
    Accept { data: Opaque },
    Read,
    Reject { data: Opaque, reason: RejectCause },
    Ringing,
}

/// A question to the server, and what it takes to ask it.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) allow_plaintext: bool,
    pub(super) call: CallId,
    pub(super) credential: Option<Hidden>,
    pub(super) server: String,
    pub(super) verb: Verb,
}

/// What the server said.
#[derive(Debug)]
pub(super) struct Said(CallReply);

impl Said {
    pub(super) fn into_call(self) -> Result<CallView, AnswerError> {
        self.0.call.ok_or(AnswerError::Unreadable)
    }

    pub(super) fn into_accepted(self) -> Result<Accepted, AnswerError> {
        let CallReply { call, room, .. } = self.0;
        Ok(Accepted { call: call.ok_or(AnswerError::Unreadable)?, room })
    }
}

/// Why one try brought nothing.
enum Failed {
    /// Worth another try; the server may have said when.
    Again(Duration),
    For(AnswerError),
}

/// A problem as REST words it (RFC 9457).
#[derive(Deserialize)]
struct Details {
    #[serde(default)]
    call: Option<CallView>,
    code: Code,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    retry_after_ms: Option<u64>,
    retryable: bool,
}

impl Ask {
    /// Asks once at least, and again and again while the server cannot be reached and `until` has not come.
    pub(super) async fn send(&self, until: Instant) -> Result<Said, AnswerError> {
        let Some(credential) = &self.credential else { return Err(AnswerError::NoCredential) };
        let host = Host::new(&self.server, self.allow_plaintext)?;
        let mut pause = FIRST_PAUSE;
        loop {
            let wished = match self.try_once(&host, credential).await {
                Ok(said) => return Ok(said),
                Err(Failed::For(error)) => return Err(error),
                Err(Failed::Again(wished)) => wished,
            };
            let wait = pause.max(wished);
            if Instant::now() + wait >= until {
                return Err(AnswerError::Unreachable);
            }
            sleep(wait).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn try_once(&self, host: &Host, credential: &Hidden) -> Result<Said, Failed> {
        let request = self.request(credential).ok_or(Failed::For(AnswerError::CredentialInvalid))?;
        let answer = match timeout(TRY, host.send(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::debug!(error = &error as &dyn std::error::Error, "a try to answer a ring failed");
                return Err(Failed::Again(Duration::ZERO));
            }
            Err(_) => return Err(Failed::Again(Duration::ZERO)),
        };
        let (status, body) = (answer.status(), answer.body());
        if status.is_success() {
            return serde_json::from_slice(body).map(Said).map_err(|_| Failed::For(AnswerError::Unreadable));
        }
        let is_away = status.is_server_error() || status.as_u16() == 429;
        match serde_json::from_slice::<Details>(body) {
            Ok(details) if details.retryable => {
                Err(Failed::Again(Duration::from_millis(details.retry_after_ms.unwrap_or_default())))
            }
            Ok(Details { call, code, detail, retry_after_ms, retryable: _ }) => {
                let problem = Problem { call, retry_after_ms, ..Problem::new(code, detail) };
                Err(Failed::For(problem.into()))
            }
            // Something between here and the server speaks for it.
            Err(_) if is_away => Err(Failed::Again(Duration::ZERO)),
            Err(_) => Err(Failed::For(AnswerError::Unreadable)),
        }
    }

    /// `None` for a credential that cannot be sent.
    fn request(&self, credential: &Hidden) -> Option<Request<Full<Bytes>>> {
        let (method, path, body) = match &self.verb {
            Verb::Accept { data } => (Method::POST, "/accept", Some(json!({ "data": data }))),
            Verb::Read => (Method::GET, "", None),
            Verb::Reject { data, reason } => {
                (Method::POST, "/reject", Some(json!({ "data": data, "reason": reason })))
            }
            Verb::Ringing => (Method::POST, "/ringing", None),
        };
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", credential.0)).ok()?;
        bearer.set_sensitive(true);
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1/invitations/{}{path}", self.call))
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONNECTION, "close");
        let request = match &body {
            Some(_) => request.header(header::CONTENT_TYPE, "application/json"),
            None => request,
        };
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        Some(request.body(Full::from(body)).expect("a path and headers of ours are a request"))
    }
}

#[cfg(test)]
mod tests;
