use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use offhook_types::DeviceId;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::wake::{
    Wake, WakeConfig,
    testing::{CALL, document},
};

/// A server that gives these answers in turn, the last one for ever, each on a connection of its own; an empty one breaks off.
struct Answers {
    asked: Arc<AtomicUsize>,
    url: String,
}

impl Answers {
    async fn serve(answers: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let url = format!("http://{}/base/", listener.local_addr().expect("bound"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let turn = count.fetch_add(1, Ordering::SeqCst);
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.expect("a head"));
                }
                let head = String::from_utf8(head).expect("text").to_lowercase();
                assert!(
                    head.starts_with(&format!("post /base/v1/invitations/{CALL}/ringing http/1.1")),
                    "{head}"
                );
                assert!(head.contains("authorization: bearer secret"), "{head}");
                let answer = answers[turn.min(answers.len() - 1)];
                stream.write_all(answer.as_bytes()).await.expect("sent");
            }
        });
        Self { asked, url }
    }

    /// What a ring of so many milliseconds is told.
    async fn ring(&self, remaining_ms: u64) -> AnswerError {
        let mut document = document("ring", 1);
        document["offhook"]["remaining_ms"] = remaining_ms.into();
        document["offhook"]["ring_until_ms"] = u64::MAX.into();
        let device = DeviceId::new("phone-1").expect("valid");
        let config = WakeConfig::new(&self.url, device, offhook_signaling::Platform::Ios);
        let wake = Wake::from_push(&document.to_string(), &config).expect("ours");
        wake.ring().await.expect_err("no server gives a whole call here")
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

const LOST: &str = "";
const AWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\n<>";
const BUSY: &str = "HTTP/1.1 429 Too Many\r\nconnection: close\r\n\r\n{\"code\":\"rate_limited\",\"retryable\":true,\"retry_after_ms\":1}";
const OVER: &str = "HTTP/1.1 409 Conflict\r\nconnection: close\r\n\r\n{\"code\":\"ring_over\",\"retryable\":false,\"detail\":\"late\"}";
const NO_MEDIA: &str =
    "HTTP/1.1 501 No\r\nconnection: close\r\n\r\n{\"code\":\"media_unavailable\",\"retryable\":false}";
const PAGE: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\n\r\n<html>";
const OTHER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]";

#[tokio::test]
async fn who_cannot_be_reached_is_asked_again_while_it_rings() {
    let server = Answers::serve(&[LOST, AWAY, BUSY, OVER]).await;
    let error = server.ring(60_000).await;
    assert!(matches!(error, AnswerError::RingOver(None)), "{error:?}");
    assert_eq!(server.asked(), 4);
}

#[tokio::test]
async fn when_the_ring_is_over_nobody_is_asked_again() {
    let server = Answers::serve(&[LOST]).await;
    let error = server.ring(0).await;
    assert!(matches!(error, AnswerError::Unreachable), "{error:?}");
    assert!(!error.is_final());
    assert_eq!(server.asked(), 1, "but once in any case: the server judges who is late");
}

#[tokio::test]
async fn what_is_no_answer_of_ours_is_not_asked_for_again() {
    for (answer, is_final) in [(&[PAGE], false), (&[OTHER], false), (&[NO_MEDIA], true)] {
        let server = Answers::serve(answer).await;
        let error = server.ring(60_000).await;
        assert_eq!(error.is_final(), is_final, "{error:?}");
        assert_eq!(server.asked(), 1, "{error:?}");
    }
}

#[test]
fn each_code_of_the_server_has_its_error() {
    for (code, error) in [
        (Code::AnsweredElsewhere, "another device of the user answered first"),
        (Code::CallEnded, "the call is over"),
        (Code::RingOver, "the ring is over"),
        (Code::TokenExpired, "the credential of the push has run out"),
        (Code::TokenInvalid, "the server does not take the credential of the push"),
        (Code::NotInvited, "the server refused (not_invited): why"),
    ] {
        assert_eq!(AnswerError::from(Problem::new(code, "why")).to_string(), error);
    }
}

#[tokio::test]
async fn an_address_that_would_show_the_credential_to_all_is_not_asked() {
    for (server, refused) in
        [("http://calls.example", "Plaintext"), ("ftp://calls.example", "Url"), ("calls.example", "Url")]
    {
        let device = DeviceId::new("phone-1").expect("valid");
        let config = WakeConfig::new(server, device, offhook_signaling::Platform::Ios);
        let wake = Wake::from_push(&document("ring", 1).to_string(), &config).expect("ours");
        let Err(AnswerError::Server(error)) = wake.ring().await else { panic!("{server} was asked") };
        assert_eq!(format!("{error:?}"), refused, "{server}");
    }
}
