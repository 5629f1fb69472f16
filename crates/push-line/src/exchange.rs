//! One request, and the answer to it or what its absence proves.
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use h2::{Reason, RecvStream};
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use offhook_push::Answer;

/// So much of an answer's body is read: every vendor's fits.
const MOST_BYTES: usize = 8_192;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The peer does not take the certificate that we show. Nothing was sent.
    Certificate(Arc<str>),
    /// The host lies where nobody may be sent to. Nothing was sent.
    Forbidden,
    /// The request may have been read: only the answer is missing.
    Lost,
    /// The request was certainly not looked at. In a sentence, why.
    Unsent(Arc<str>),
}

/// An answer that began to come.
pub(crate) enum Begun {
    Whole(Answer),
    /// The status came, but not all of the body.
    Torn(Answer),
}

impl Failure {
    pub(crate) fn unsent(why: impl Into<Arc<str>>) -> Self {
        Self::Unsent(why.into())
    }

    /// What an error of HTTP/2 proves (RFC 9113, sections 6.8 and 8.7): a stream above the last one of a GOAWAY, and one that was
    /// refused, were not looked at.
    pub(crate) fn of_http2(error: &h2::Error) -> Self {
        if error.is_remote() && error.is_go_away() {
            return Self::unsent("the vendor closed the connection before it looked at the push");
        }
        if error.is_remote() && error.reason() == Some(Reason::REFUSED_STREAM) {
            return Self::unsent("the vendor refused the push before it looked at it");
        }
        Self::Lost
    }
}

/// Reads an answer over HTTP/2.
pub(crate) async fn read_http2(response: Response<RecvStream>) -> Begun {
    let (head, mut body) = response.into_parts();
    let mut read = BytesMut::new();
    while let Some(chunk) = body.data().await {
        let Ok(chunk) = chunk else { return Begun::Torn(answer(head, read)) };
        // Fails for a stream that is over, of which no more comes.
        let _ = body.flow_control().release_capacity(chunk.len());
        if !take(&mut read, &chunk) {
            break;
        }
    }
    Begun::Whole(answer(head, read))
}

/// Reads an answer over HTTP/1.1, and says whether all of it was read, so that the connection can carry another one.
pub(crate) async fn read_http1(response: Response<Incoming>) -> (Begun, bool) {
    let (head, mut body) = response.into_parts();
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return (Begun::Torn(answer(head, read)), false) };
        if let Some(chunk) = frame.data_ref()
            && !take(&mut read, chunk)
        {
            return (Begun::Whole(answer(head, read)), false);
        }
    }
    (Begun::Whole(answer(head, read)), true)
}

/// Whether there is room for more.
fn take(read: &mut BytesMut, chunk: &[u8]) -> bool {
    let room = MOST_BYTES - read.len();
    read.extend_from_slice(&chunk[..chunk.len().min(room)]);
    read.len() < MOST_BYTES
}

fn answer(head: http::response::Parts, read: BytesMut) -> Answer {
    Answer { body: Bytes::from(read), headers: head.headers, status: head.status }
}
