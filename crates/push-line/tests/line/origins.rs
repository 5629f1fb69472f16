//! Browsers' endpoints are named by clients: the connections that are kept to them are bounded.
use offhook_push::testing::order;
use offhook_push::{Address, Answer, Kind, Order, Prepared, Token, Unsendable, Vendor, Verdict};
use offhook_push_line::Line;
use offhook_types::Timestamp;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinSet,
};

use crate::stage::{Clock, config};

/// Sends to whatever port the token names.
struct ToPort;

impl Vendor for ToPort {
    fn prepare(&mut self, _: Timestamp, _: &Order, to: &Address) -> Result<Prepared, Unsendable> {
        let Address::Webhook { token } = to else { return Err(Unsendable::Address) };
        let request = http::Request::post(format!("http://127.0.0.1:{}/", token.as_str()));
        Ok(Prepared::Push(request.body(bytes::Bytes::from_static(b"!")).expect("a port")))
    }

    fn granted(&mut self, _: Timestamp, _: &Answer) -> Result<(), Verdict> {
        Ok(())
    }

    fn verdict(&mut self, _: Timestamp, _: &Address, _: &Answer) -> Verdict {
        Verdict::Accepted { id: None }
    }
}

#[tokio::test]
async fn to_forty_origins_thirty_two_connections_are_kept() {
    let line = Line::new(Box::new(ToPort), config(), Clock::new().ours()).expect("a line");
    let mut servers = JoinSet::new();
    for _ in 0..40 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        servers.spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut seen = Vec::new();
            while stream.read_buf(&mut seen).await.is_ok_and(|bytes| bytes > 0) {
                if seen.ends_with(b"!") {
                    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("a client");
                }
            }
        });
        let to = Address::Webhook { token: Token::new(port.to_string()).expect("a token") };
        let verdict = line.send(&order(Kind::Ring), &to).await;
        assert_eq!(verdict, Ok(Verdict::Accepted { id: None }));
    }
    assert_eq!(line.state().connections, 32);
    for _ in 0..8 {
        servers.join_next().await.expect("closed").expect("a server whose client went");
    }
}
