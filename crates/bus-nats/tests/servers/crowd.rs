//! Nodes that cannot keep up, and messages that nobody can read.
use std::sync::{Arc, Condvar, Mutex};

use offhook_bus::{
    Bus as _, Hint, Listener, Missed, Peers as _,
    suite::run,
    suite::stage::{hint, until, user},
};
use offhook_bus_nats::NatsBus;
use offhook_testing_services::{self as services, NatsServer};

use super::stage::{Guest, couple, options};

/// A listener that can be held up.
#[derive(Default)]
struct Stuck {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    is_held: bool,
    heads: Vec<u64>,
    missed: usize,
}

impl Stuck {
    fn hold(&self, is_held: bool) {
        self.state.lock().unwrap().is_held = is_held;
        self.freed.notify_all();
    }
}

impl Listener for Stuck {
    fn hint(&self, hint: &Hint) {
        let mut state = self.freed.wait_while(self.state.lock().unwrap(), |state| state.is_held).unwrap();
        state.heads.push(hint.head.0);
    }

    fn missed(&self, whose: &Missed) {
        self.state.lock().unwrap().missed += usize::from(*whose == Missed::All);
    }
}

#[test]
fn a_node_that_falls_behind_drops_counts_and_looks_later() {
    run(async {
        let server = NatsServer::start(&services::NatsOptions::default()).unwrap();
        let ann = Guest::join(&server).await;
        let mut slow = options(&server);
        slow.backlog = 16;
        let bob = NatsBus::start(slow).await.unwrap();
        let stuck = Arc::new(Stuck::default());
        bob.listen(Arc::clone(&stuck) as _);
        bob.attend(&user("zoe"));
        until("hints arrive", || {
            ann.bus.publish(&[hint("zoe", 1)]);
            stuck.state.lock().unwrap().heads.contains(&1)
        })
        .await;
        stuck.hold(true);
        (10..1_000).for_each(|head| ann.bus.publish(&[hint("zoe", head)]));
        until("some are dropped", || bob.health().counts.overrun > 0).await;
        let missed = stuck.state.lock().unwrap().missed;
        stuck.hold(false);
        until("it is told to look", || stuck.state.lock().unwrap().missed > missed).await;
        until("hints flow", || {
            ann.bus.publish(&[hint("zoe", 1_000)]);
            stuck.state.lock().unwrap().heads.contains(&1_000)
        })
        .await;
        let arrived =
            stuck.state.lock().unwrap().heads.iter().filter(|head| (10..1_000).contains(*head)).count();
        assert!(arrived < 990, "what was dropped does not come");
    });
}

#[test]
fn who_could_not_send_says_so_to_those_who_may_have_missed_it() {
    run(async {
        let server = NatsServer::start(&services::NatsOptions::default()).unwrap();
        let (ann, bob) = couple(&server).await;
        let mut narrow = options(&server);
        narrow.queue = 1;
        let eve = Guest::start(narrow).await;
        eve.until_connected().await;
        // One turn of this thread: the client's task cannot take away what is in its way.
        until("some is dropped", || {
            (0..10_000).for_each(|head| eve.bus.publish(&[hint("zoe", head)]));
            eve.health().counts.dropped > 0
        })
        .await;
        until("others are told to look", || bob.heard.all_missed() > 0 && ann.heard.all_missed() > 0).await;
        assert_eq!(bob.health().counts.reconnects, 0, "their own connection was fine");
    });
}

#[test]
fn what_nobody_can_read_is_counted_and_passed_over() {
    run(async {
        let server = NatsServer::start(&services::NatsOptions::default()).unwrap();
        let (ann, bob) = couple(&server).await;
        let stranger = async_nats::connect(server.url()).await.unwrap();
        let before = bob.health().counts.undecodable;
        for bytes in
            [&b""[..], b"\x01", b"\x63 of another version", b"\x01\x63\0\0\0\0\0\0\0\x01", &[0xff; 1_000]]
        {
            stranger.publish("offhook.main.nodes", bytes.to_vec().into()).await.unwrap();
        }
        stranger.flush().await.unwrap();
        until("all are counted", || bob.health().counts.undecodable == before + 5).await;
        bob.until_heard(&ann, 77).await;
    });
}
