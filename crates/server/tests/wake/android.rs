//! The flows of an Android phone whose app is killed. A process that a push starts is a scope here: what it leaves for the app is
//! in the outbox, and nowhere else.
use offhook_client::{
    DeviceAddress, Event, JoinRoom, LegStatus, Opaque, Platform, RejectCause, UserId,
    wake::{
        AnswerError, Answered, AnsweredKind, Outbox, OutboxError, Outcome, PendingKind, PushStop, Verdict,
        Wake, WakeConfig, WakeEvent, Woken,
    },
};
use tempfile::TempDir;

use crate::{
    phones::{AndroidDevice, Face},
    world::{Person, Pushes, World, in_time},
};

const PHONE: &str = "phone-1";

/// Bob's phone, asleep, and Alice.
struct Scene {
    alice: Person,
    config: WakeConfig,
    folder: TempDir,
    phone: AndroidDevice,
    pushes: Pushes,
    world: World,
}

impl Scene {
    async fn new() -> Self {
        Self::on(World::start()).await
    }

    async fn on(world: World) -> Self {
        let address = DeviceAddress::Fcm { token: "fcm-1".into() };
        let pushes = world.asleep(PHONE, vec![address]).await;
        Self {
            alice: world.log_in("alice", "laptop").await,
            config: world.wake_config(PHONE, Platform::Android),
            folder: tempfile::tempdir().expect("a folder"),
            phone: AndroidDevice::default(),
            pushes,
            world,
        }
    }

    /// The next push, in the hands of the app.
    async fn pushed(&mut self) -> (Wake, Verdict) {
        let payload = self.pushes.next().await;
        self.phone.push(|phone| phone.app(&payload, &self.config))
    }

    /// The next push rings, and Alice sees that it does.
    async fn rings(&mut self) -> Wake {
        let (wake, verdict) = self.pushed().await;
        assert_eq!((verdict, self.face(&wake)), (Verdict::Ring, Face::Ringing));
        wake.ring().await.expect("the server hears that it rings");
        self.alice.until_bob_is(&LegStatus::Received).await;
        wake
    }

    /// The process connects, and rings on.
    async fn connects(&self, wake: &Wake) -> Woken {
        let mut woken = wake.connect(self.world.token("bob").await).expect("an address");
        assert_eq!(next(&mut woken).await, WakeEvent::Connected);
        let WakeEvent::Ringing(call) = next(&mut woken).await else { panic!("the session rings, too") };
        assert_eq!(call.call, wake.call());
        woken
    }

    /// What whoever opens it finds: a process that was started by a push, or the app.
    fn outbox(&self) -> Outbox {
        Outbox::open(self.folder.path().join("outbox")).expect("usable")
    }

    fn left(&self) -> Option<Answered> {
        let bob = UserId::new("bob").expect("valid");
        self.outbox().take_answered(Some(&bob)).expect("readable")
    }

    fn face(&self, wake: &Wake) -> Face {
        self.phone.faces[&wake.call()]
    }

    fn show(&mut self, wake: &Wake, face: Face) {
        self.phone.show(wake.call(), face);
    }
}

async fn next(woken: &mut Woken) -> WakeEvent {
    in_time(woken.next()).await.expect("the ring has not ended before")
}

#[tokio::test]
async fn an_accept_outlives_its_process_and_the_app_joins_when_it_starts() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    let mut woken = scene.connects(&wake).await;
    let accepted = scene.outbox().accept(&wake, Opaque::new("hello")).await.expect("accepted");
    assert_eq!(accepted.call.main_device.expect("one").as_str(), PHONE);
    assert_eq!(next(&mut woken).await, WakeEvent::AnsweredHere);
    assert_eq!(in_time(woken.next()).await, None, "nothing is told after the end");
    scene.show(&wake, Face::Gone);
    woken.leave().await;
    scene.alice.until_bob_is(&LegStatus::Accepted).await;

    let left = scene.left().expect("the app finds what was accepted");
    assert_eq!((left.invitation.call, left.device.as_str()), (wake.call(), PHONE));
    let AnsweredKind::Accepted { room, .. } = left.kind else { panic!("accepted, not {:?}", left.kind) };
    let token = room.expect("this server carries media").token;
    let bob = scene.world.log_in("bob", PHONE).await;
    let join = JoinRoom { max_members: 0, subscribe_all: true, token };
    let room = bob.client.enter_room(join).await.expect("the way into the room");
    assert!(room.members.iter().any(|member| member.user.as_str() == "bob"));
    assert_eq!(scene.left(), None, "it is found once");
    assert_eq!(scene.phone.demerits, 0);
}

#[tokio::test]
async fn a_reject_ends_the_ring_and_leaves_nothing() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    let outbox = scene.outbox();
    outbox.reject(&wake, RejectCause::Declined).await.expect("rejected");
    scene.show(&wake, Face::Gone);
    scene.alice.until_bob_is(&LegStatus::Rejected).await;
    assert_eq!((outbox.pending().expect("readable"), scene.left()), (Vec::new(), None));
    assert_eq!(scene.phone.demerits, 0);
}

#[tokio::test]
async fn a_tap_answers_nothing_and_the_app_that_it_starts_rings_again() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    let woken = scene.connects(&wake).await;
    scene.outbox().tapped(&wake).await.expect("kept");
    scene.show(&wake, Face::Gone);
    woken.leave().await;

    let left = scene.left().expect("the app finds what was tapped");
    assert_eq!((left.kind, left.invitation.call), (AnsweredKind::Tapped, wake.call()));
    let mut bob = scene.world.log_in("bob", PHONE).await;
    let rings = |event: &Event| {
        let Event::Incoming(call) = event else { return None };
        Some(call.call)
    };
    assert_eq!(bob.until(rings).await, wake.call());
    bob.client.accept(wake.call()).await.expect("accepted");
    scene.alice.until_bob_is(&LegStatus::Accepted).await;
}

#[tokio::test]
async fn a_cancel_reaches_a_process_that_is_connected() {
    let mut scene = Scene::new().await;
    let call = scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    let mut woken = scene.connects(&wake).await;
    scene.alice.client.cancel_some(call, [], "sorry".into()).await.expect("canceled");
    assert_eq!(next(&mut woken).await, WakeEvent::Canceled("sorry".into()));
    scene.show(&wake, Face::Missed);
    woken.leave().await;
    let refused = wake.accept(Opaque::default()).await;
    let Err(AnswerError::CallEnded(Some(now)) | AnswerError::RingOver(Some(now))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(now.call, call, "who is late learns how it ended");
}

#[tokio::test]
async fn a_cancel_reaches_a_process_that_is_not_connected_by_a_push() {
    let mut scene = Scene::new().await;
    let call = scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    scene.alice.client.cancel(call).await.expect("canceled");
    let (stop, verdict) = scene.pushed().await;
    assert_eq!((stop.call(), verdict), (call, Verdict::Stop(PushStop::Canceled)));
    assert_eq!(scene.face(&wake), Face::Missed);
    assert_eq!(scene.phone.demerits, 0);
}

#[tokio::test]
async fn a_ring_that_nobody_answers_ends_where_a_process_is_connected() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(5).await;
    let wake = scene.rings().await;
    let mut woken = scene.connects(&wake).await;
    assert_eq!(next(&mut woken).await, WakeEvent::TimedOut);
    scene.alice.until_bob_is(&LegStatus::TimedOut).await;
    woken.leave().await;
}

#[tokio::test]
async fn a_ring_that_nobody_answers_ends_by_a_push_where_none_is() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(4).await;
    let wake = scene.rings().await;
    let (stop, verdict) = scene.pushed().await;
    assert_eq!((stop.call(), verdict), (wake.call(), Verdict::Stop(PushStop::TimedOut)));
    assert_eq!(scene.face(&wake), Face::Missed);
    assert_eq!(scene.phone.demerits, 0);
}

#[tokio::test]
async fn a_ring_ends_by_its_own_clock_where_there_is_no_session() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(4).await;
    let wake = scene.rings().await;
    let mut woken = wake.connect("no token").expect("an address");
    let WakeEvent::SessionStopped(_) = next(&mut woken).await else { panic!("the token is none") };
    assert_eq!(next(&mut woken).await, WakeEvent::TimedOut);
}

#[tokio::test]
async fn a_call_that_another_device_answered_is_told_so_to_whoever_comes_late() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    let tablet = scene.world.log_in("bob", "tablet").await;
    let mut woken = scene.connects(&wake).await;
    tablet.client.accept(wake.call()).await.expect("accepted");
    assert_eq!(next(&mut woken).await, WakeEvent::AnsweredElsewhere);
    woken.leave().await;

    let mut late = wake.connect(scene.world.token("bob").await).expect("an address");
    assert_eq!(next(&mut late).await, WakeEvent::Connected);
    assert_eq!(next(&mut late).await, WakeEvent::AnsweredElsewhere, "the session began after the end");
    let refused = late.accept(Opaque::default()).await;
    assert!(matches!(refused, Err(AnswerError::AnsweredElsewhere(Some(_)))), "{refused:?}");
    let refused = scene.outbox().accept(&wake, Opaque::default()).await;
    let Err(OutboxError::Answer(AnswerError::AnsweredElsewhere(_))) = refused else { panic!("{refused:?}") };
    assert_eq!((scene.outbox().pending().expect("readable"), scene.left()), (Vec::new(), None));
}

#[tokio::test]
async fn a_push_that_comes_twice_rings_once_and_shows_something_each_time() {
    let mut scene = Scene::new().await;
    scene.world.ask("POST", "/dev/push/mode", r#"{"mode":"double"}"#).await;
    scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    let (_, again) = scene.pushed().await;
    assert!(matches!(again, Verdict::Ignore(_)), "{again:?}");
    assert_eq!((scene.face(&wake), scene.phone.demerits), (Face::Ringing, 0));
    scene.phone.push(|_| ());
    assert_eq!(scene.phone.demerits, 1, "the phone counts what shows nothing");
}

#[tokio::test]
async fn an_accept_that_did_not_get_through_is_sent_at_the_next_start() {
    let store = tempfile::tempdir().expect("a folder");
    let mut scene = Scene::on(World::start_in(store.path(), "127.0.0.1:0")).await;
    scene.alice.call_bob(60).await;
    let wake = scene.rings().await;
    scene.world.kill();
    let (outbox, ours) = (scene.outbox(), wake.clone());
    let accepting = tokio::spawn(async move { outbox.accept(&ours, Opaque::default()).await });
    // The process is killed while it tries.
    in_time(async {
        while scene.outbox().pending().expect("readable").is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    accepting.abort();
    let _ = accepting.await;
    let pending = scene.outbox().pending().expect("readable");
    assert_eq!((pending.len(), pending[0].kind), (1, PendingKind::Accept));

    let address = scene.world.address.clone();
    scene.world = World::start_in(store.path(), &address);
    let flushed = scene.outbox().flush().await.expect("readable");
    assert!(matches!(flushed[0].outcome, Outcome::Sent), "{flushed:?}");
    let left = scene.left().expect("the app finds what was accepted");
    assert!(matches!(left.kind, AnsweredKind::Accepted { .. }), "{left:?}");
    scene.alice.until_bob_is(&LegStatus::Accepted).await;
}
