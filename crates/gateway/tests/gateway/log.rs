//! What the log may not hold.
use std::{
    io,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{
    kit::{APP, world},
    rest::ask_with,
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

// One thread, so that the log of this test is the log of its gateway.
#[tokio::test(flavor = "current_thread")]
async fn the_log_holds_no_token_no_user_and_no_text_of_theirs() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("offhook_gateway=trace,offhook_session=trace,offhook_auth=trace"))
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // Where there is one subscriber alone, tracing judges a log line by the thread that meets it first, which may be another
    // test's. With two it asks all of them.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let world = world().await;

    let mut alice = world.open("canary-user", "canary-device").await;
    let invite = json!({ "invitees": ["canary-callee"], "extended_data": "canary-data" });
    alice.ask("call.invite", invite).await;
    alice.expect("call.changed").await;
    alice.expect("reply.invited").await;
    alice.answer("session.renew_token", json!({ "token": "canary-token" })).await;
    alice.answer("canary-type", json!({ "canary": "canary" })).await;
    drop(alice);
    world.handler.noted("canary-user Lost canary-device").await;
    let mut refused = world.dial().await;
    refused.hello("canary-token", "canary-device", "ios").await;
    assert_eq!(refused.closed().await.code, Some(4401));
    ask_with(&world, "GET /v1/users/canary", "authorization: Bearer canary-token\r\n", None).await;
    let headers = format!("authorization: Bearer {}\r\n", world.server_token(APP));
    ask_with(&world, "POST /v1/calls", &headers, Some("{\"caller\":\"canary\"}".into())).await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("session opened") && text.contains("a token was refused"), "{text}");
    assert!(!text.contains("canary") && !text.contains(&world.token("canary-user")[..20]), "{text}");
}
