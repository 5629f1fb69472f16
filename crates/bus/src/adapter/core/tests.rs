use std::time::Duration;

use offhook_types::{Account, AppId, Offset, UserId};
use tokio::time::advance;

use super::*;
use crate::{
    NodeName,
    adapter::{LEASE, wire::Verdict},
    suite::stage::Echo,
};

const BOB: NodeId = NodeId::new(0xb0b);
const EVE: NodeId = NodeId::new(0xe7e);

/// Notes what goes out; takes as much as it is told.
#[derive(Default)]
struct Noted {
    is_full: AtomicBool,
    sent: Mutex<Vec<(Target, Content)>>,
}

impl Noted {
    fn take(&self) -> Vec<(Target, Content)> {
        std::mem::take(&mut *lock(&self.sent))
    }
}

impl Carrier for Noted {
    fn carry_hints(&self, _: NodeId, hints: &[Hint]) -> usize {
        if self.is_full.load(SeqCst) { 0 } else { hints.len() }
    }

    fn carry(&self, to: Target, message: Vec<u8>) -> bool {
        let is_free = !self.is_full.load(SeqCst);
        if is_free {
            lock(&self.sent).push((to, Message::decode(&message).unwrap().content));
        }
        is_free
    }
}

/// A listener that remembers hints and what was missed.
#[derive(Default)]
struct Heard {
    hints: Mutex<Vec<Hint>>,
    missed: Mutex<Vec<Missed>>,
}

impl Listener for Heard {
    fn hint(&self, hint: &Hint) {
        lock(&self.hints).push(hint.clone());
    }

    fn missed(&self, whose: &Missed) {
        lock(&self.missed).push(whose.clone());
    }
}

fn trouble() -> Trouble {
    Trouble { kind: TroubleKind::Lost, advice: "a test".to_owned() }
}

/// A connected node, and what it hears.
fn node() -> (Core<Noted>, Arc<Heard>) {
    let identity = Identity::draw(NodeName::new("ann").ok());
    let core = Core::new(identity, Arc::new(Noted::default()), 1_000, trouble());
    let heard = Arc::new(Heard::default());
    core.listen(Arc::clone(&heard) as _);
    core.connected();
    core.carrier.take();
    (core, heard)
}

fn hear(core: &Core<Noted>, from: NodeId, content: Content) {
    core.receive(&Message { from, content }.encode());
}

fn here(is_new: bool) -> Content {
    Content::Here(Presence { up_for_ms: 0, is_new, name: None, facts: Vec::new() })
}

fn hint() -> Hint {
    Hint { head: Offset(1), account: Account::new(AppId(1), UserId::new("zoe").unwrap()) }
}

fn is_announcement((to, content): &(Target, Content)) -> bool {
    *to == Target::Registry && matches!(content, Content::Here(_))
}

#[tokio::test(start_paused = true)]
async fn leases_begin_anew_when_others_can_be_heard_again() {
    let (core, _) = node();
    hear(&core, BOB, here(false));
    core.away(trouble());
    advance(LEASE * 10).await;
    core.connected();
    core.tick();
    assert!(core.knows(BOB), "nobody could have heard of it");
    advance(LEASE).await;
    core.tick();
    assert!(!core.knows(BOB));
}

#[tokio::test]
async fn a_newcomer_is_told_at_once_who_is_here() {
    let (core, _) = node();
    hear(&core, BOB, here(true));
    assert!(core.carrier.take().iter().any(is_announcement));
    hear(&core, EVE, here(false));
    assert!(!core.carrier.take().iter().any(is_announcement));
}

#[tokio::test]
async fn a_node_asks_who_is_here_when_it_connects_and_not_every_second() {
    let (core, _) = node();
    let asked = |core: &Core<Noted>| match core.carrier.take().as_slice() {
        [(Target::Registry, Content::Here(presence))] => presence.is_new,
        other => panic!("one announcement: {other:?}"),
    };
    core.tick();
    assert!(!asked(&core));
    core.away(trouble());
    core.connected();
    assert!(asked(&core));
}

#[tokio::test]
async fn after_a_connection_that_was_lost_everything_is_to_be_looked_at_once() {
    let (core, heard) = node();
    core.tick();
    assert_eq!(*lock(&heard.missed), [], "the first connection has missed nothing");
    core.away(trouble());
    core.connected();
    core.tick();
    core.tick();
    assert_eq!(*lock(&heard.missed), [Missed::All]);
    assert_eq!(core.health().counts.reconnects, 1);
}

#[tokio::test]
async fn lost_hints_are_told_of_when_there_is_a_way_and_heard_of_once() {
    let (core, heard) = node();
    core.carrier.is_full.store(true, SeqCst);
    core.publish(&[hint(), hint()]);
    core.tick();
    core.carrier.is_full.store(false, SeqCst);
    core.tick();
    core.tick();
    let sent = core.carrier.take();
    let lapses = sent.iter().filter(|(to, content)| *to == Target::All && *content == Content::Lapse);
    assert_eq!(lapses.count(), 1);
    assert_eq!(core.health().counts.dropped, 2);
    assert_eq!(*lock(&heard.missed), [], "this node's own sessions have heard them");
    hear(&core, BOB, Content::Lapse);
    hear(&core, EVE, Content::Lapse);
    core.tick();
    assert_eq!(*lock(&heard.missed), [Missed::All], "two that say it at a time are one look");
}

#[tokio::test]
async fn what_a_bus_brings_back_or_brings_to_everyone_is_not_heard() {
    let (core, heard) = node();
    let echo = Arc::new(Echo::default());
    core.respond(Arc::clone(&echo) as _);
    let me = core.identity().id;
    hear(&core, me, Content::Hints(vec![hint()]));
    hear(&core, me, here(true));
    hear(&core, me, Content::Gone);
    let body = || b"for eve".to_vec();
    hear(&core, BOB, Content::Tell { to: Some(EVE), number: 1, body: body() });
    hear(&core, BOB, Content::Ask { to: EVE, number: 2, body: body() });
    tokio::task::yield_now().await;
    assert_eq!((lock(&heard.hints).len(), echo.messages(), core.nodes().len()), (0, Vec::new(), 1));
    assert_eq!(core.carrier.take(), []);
    hear(&core, BOB, Content::Hints(vec![hint()]));
    assert_eq!(*lock(&heard.hints), [hint()]);
}

#[tokio::test]
async fn a_doubled_or_late_message_does_no_harm() {
    let (core, heard) = node();
    for _ in 0..2 {
        hear(&core, BOB, Content::Hints(vec![hint()]));
        hear(&core, BOB, here(false));
    }
    assert_eq!(core.nodes().len(), 2);
    hear(&core, BOB, Content::Gone);
    hear(&core, BOB, Content::Gone);
    hear(&core, BOB, here(false));
    assert_eq!(core.nodes().len(), 1, "what it said before its goodbye came after it");
    let answer =
        Content::Answer { to: core.identity().id, number: 9, verdict: Verdict::Answered, body: Vec::new() };
    hear(&core, BOB, answer);
    assert_eq!(lock(&heard.hints).len(), 2, "a hint may be heard twice");
}

#[tokio::test]
async fn a_node_that_is_away_says_nothing_and_for_how_long() {
    let (core, _) = node();
    core.away(trouble());
    core.tell(Some(BOB), Vec::new()).unwrap();
    core.set_facts(b"new".to_vec()).unwrap();
    core.say_goodbye();
    assert_eq!(core.carrier.take(), []);
    let crate::State::Away { lasting, trouble: why } = core.health().state else { panic!("it is away") };
    assert!(lasting < Duration::from_hours(1) && why == trouble());
}
