//! What raw sockets may try, and what becomes of them.
use std::time::Duration;

use offhook_gateway::{Gateway, LoginPolicy, ServeError, SystemClock, serve_metrics};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::kit::{Client, account, config, connect_raw, large, read_until_closed, world, world_with};

const HANDSHAKE: &str = "GET /v1/ws HTTP/1.1\r\nhost: h\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A raw socket past the opening handshake.
async fn upgraded(address: std::net::SocketAddr) -> TcpStream {
    let mut stream = connect_raw(address, HANDSHAKE).await;
    read_head(&mut stream).await;
    stream
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// A frame of a client, masked with zeros.
fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | short as u8),
        medium @ 126..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend((medium as u16).to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// The close code after which the server closes the socket.
async fn close_code(stream: &mut TcpStream) -> Option<u16> {
    let bytes = read_until_closed(stream).await;
    let mut rest = &bytes[..];
    while let [opcode, length, ..] = *rest {
        let (begin, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes([rest[2], rest[3]]))),
            short => (2, usize::from(short)),
        };
        let payload = &rest[begin..begin + length];
        if opcode == 0x88 {
            return Some(u16::from_be_bytes([payload[0], payload[1]]));
        }
        rest = &rest[begin + length..];
    }
    None
}

#[tokio::test]
async fn frames_that_break_the_protocol_close_with_its_codes() {
    let world = world().await;
    let unmasked = [0x81, 2, b'h', b'i'].to_vec();
    let too_large = masked(1, &vec![b'x'; 64 * 1024 + 1]);
    let not_utf8 = masked(1, &[0xff, 0xfe]);
    let binary = masked(2, b"hi");
    for (frame, code) in [(unmasked, 1002), (too_large, 1009), (not_utf8, 1007), (binary, 4400)] {
        let mut stream = upgraded(world.address).await;
        stream.write_all(&frame).await.unwrap();
        // The server reads on until the client has closed, too.
        let mut half = stream;
        let code_seen = close_code_after_shutdown(&mut half).await;
        assert_eq!(code_seen, Some(code));
    }
}

async fn close_code_after_shutdown(stream: &mut TcpStream) -> Option<u16> {
    stream.shutdown().await.unwrap();
    close_code(stream).await
}

#[tokio::test]
async fn a_frame_of_exactly_the_limit_is_read() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    let empty = json!({ "type": "x", "id": 1, "body": { "pad": "" } }).to_string();
    let pad = "x".repeat(64 * 1024 - empty.len());
    alice.send(json!({ "type": "x", "id": 1, "body": { "pad": pad } })).await;
    assert_eq!(alice.expect("problem").await["body"]["code"], "unknown_type");
}

#[tokio::test]
async fn deep_json_is_a_problem_and_not_a_crash() {
    let world = world().await;
    let mut alice = world.open("alice", "phone").await;
    alice.send_text(format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000))).await;
    assert_eq!(alice.expect("problem").await["body"]["code"], "bad_request");
    alice.answer("call.list", json!({})).await;
}

#[tokio::test]
async fn a_token_in_the_address_is_refused_unread() {
    let world = world().await;
    let handshake = HANDSHAKE.replace("/v1/ws", &format!("/v1/ws?token={}", world.token("alice")));
    let mut stream = connect_raw(world.address, &handshake).await;
    let head = read_head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(!head.contains(&world.token("alice")));
}

#[tokio::test]
async fn the_subprotocol_is_agreed_on_if_the_client_offers_any() {
    let world = world().await;
    for (offer, answer) in [
        ("", "101"),
        ("sec-websocket-protocol: chat, offhook.v1\r\n", "101"),
        ("sec-websocket-protocol: chat\r\n", "400"),
    ] {
        let handshake = HANDSHAKE.replace("\r\n\r\n", &format!("\r\n{offer}\r\n"));
        let head = read_head(&mut connect_raw(world.address, &handshake).await).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {answer}")), "{offer}: {head}");
        assert_eq!(head.contains("sec-websocket-protocol: offhook.v1"), offer.contains("offhook"));
    }
}

#[tokio::test]
async fn half_a_head_and_half_a_body_are_closed() {
    let mut config = config(LoginPolicy::Single);
    config.header_timeout = Duration::from_millis(30);
    config.request_timeout = Duration::from_millis(30);
    let world = world_with(config).await;
    read_until_closed(&mut connect_raw(world.address, "GET /v1/ws HTTP/1.1\r\nhost:").await).await;
    read_until_closed(&mut connect_raw(world.address, "").await).await;
    let token = world.server_token(crate::kit::APP);
    let head = format!(
        "POST /v1/calls HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{"
    );
    let answer = read_until_closed(&mut connect_raw(world.address, &head).await).await;
    assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn there_are_as_many_connections_as_permitted_also_of_one_address() {
    for per_ip in [false, true] {
        let mut config = config(LoginPolicy::Multi);
        if per_ip {
            config.max_connections_per_ip = Some(2);
        } else {
            config.max_connections = 2;
        }
        let world = world_with(config).await;
        let first = world.open("alice", "phone").await;
        let mut second = world.open("alice", "tablet").await;
        assert!(Client::dial(world.address, None).await.is_err());
        drop(first);
        world.handler.noted("alice Lost phone").await;
        second.answer("call.list", json!({})).await;
        while Client::dial(world.address, None).await.is_err() {}
    }
}

#[tokio::test]
async fn a_slow_reader_is_closed_and_others_do_not_notice() {
    let mut config = config(LoginPolicy::Multi);
    // A busy machine must not hold the quick one up for so long.
    config.session.stall_after = Duration::from_secs(1);
    config.close_timeout = Duration::from_millis(50);
    let world = world_with(config).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(world.address).await.unwrap();
    slow.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    read_head(&mut slow).await;
    let body = json!({ "device": "slow", "platform": "ios", "token": world.token("bob") });
    slow.write_all(&masked(1, json!({ "type": "hello", "body": body }).to_string().as_bytes()))
        .await
        .unwrap();
    let mut quick = world.open("bob", "quick").await;
    world.handler.noted("bob opens slow").await;
    let events = 2_000;
    for _ in 0..events {
        world.handler.write(&account("bob"), large(16 * 1024), true);
    }
    for offset in 1..=events {
        assert_eq!(quick.expect("call.changed").await["offset"], offset);
    }
    world.handler.noted("bob Lost slow").await;
    assert!(world.gateway.metrics().render().contains("closed_total{code=\"slow_reader\"} 1"));
}

#[tokio::test]
async fn the_metrics_tell_what_happened_and_of_nobody() {
    let world = world().await;
    let mut alice = world.open("alice-canary", "device-canary").await;
    alice.answer("call.list", json!({})).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = world.gateway.metrics();
    tokio::spawn(serve_metrics(
        listener,
        std::sync::Arc::new(move || metrics.render()),
        CancellationToken::new(),
    ));
    let request = "GET /metrics HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
    let text = read_until_closed(&mut connect_raw(address, request).await).await;
    let text = String::from_utf8(text).unwrap();
    for line in [
        "offhook_gateway_sessions 1",
        "offhook_gateway_connections 1",
        "offhook_gateway_logins_total 1",
        "offhook_gateway_requests_total{type=\"call.list\",code=\"ok\"} 1",
        "offhook_gateway_request_duration_seconds_count 1",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("canary"));
}

#[tokio::test]
async fn without_a_proxy_only_loopback_addresses_are_served() {
    let world = world().await;
    let keys = std::sync::Arc::clone(&world.keys);
    let clock = std::sync::Arc::new(SystemClock::new());
    let gateway =
        Gateway::new(std::sync::Arc::clone(&world.handler), keys, config(LoginPolicy::Single), clock);
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let served = gateway.serve(listener, CancellationToken::new()).await;
    assert!(matches!(served, Err(ServeError::NotLoopback)));
}
