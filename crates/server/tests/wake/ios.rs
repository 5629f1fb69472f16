//! The flows of an iPhone whose app is killed: the push starts the app itself, which reports the call and goes on with it.
use offhook_client::{
    ApnsEnvironment, DeviceAddress, LegStatus, Opaque, Platform, RejectCause,
    wake::{Verdict, Wake, WakeConfig, WakeEvent, Woken},
};
use serde_json::Value;

use crate::{
    phones::{IosDevice, KitCall},
    world::{Person, Pushes, World, in_time},
};

const PHONE: &str = "iphone";

/// Bob's phone, asleep, and Alice.
struct Scene {
    alice: Person,
    config: WakeConfig,
    phone: IosDevice,
    pushes: Pushes,
    world: World,
}

impl Scene {
    async fn new() -> Self {
        let world = World::start();
        let environment = ApnsEnvironment::Production;
        let voip = DeviceAddress::ApnsVoip { environment, token: "00fc13adff78512e".into() };
        let alert = DeviceAddress::ApnsAlert { environment, token: "a1b2c3d4a1b2c3d4".into() };
        let pushes = world.asleep(PHONE, vec![voip, alert]).await;
        Self {
            alice: world.log_in("alice", "laptop").await,
            config: world.wake_config(PHONE, Platform::Ios),
            phone: IosDevice::default(),
            pushes,
            world,
        }
    }

    /// The next push, in the hands of the app.
    async fn pushed(&mut self) -> (Wake, Verdict) {
        let payload = self.pushes.next().await;
        self.phone.voip_push(|kit| kit.app(&payload, &self.config)).expect("the app lives")
    }

    /// Alice calls; the phone rings, and the app connects.
    async fn rings(&mut self, timeout_s: u32) -> (Wake, Woken) {
        self.alice.call_bob(timeout_s).await;
        let (wake, verdict) = self.pushed().await;
        assert_eq!((verdict, self.call(&wake)), (Verdict::Ring, KitCall::Ringing));
        let mut woken = wake.connect(self.world.token("bob").await).expect("an address");
        assert_eq!(next(&mut woken).await, WakeEvent::Connected);
        let WakeEvent::Ringing(_) = next(&mut woken).await else { panic!("the session rings, too") };
        self.alice.until_bob_is(&LegStatus::Received).await;
        (wake, woken)
    }

    fn call(&self, wake: &Wake) -> KitCall {
        self.phone.kit.calls[&wake.call()]
    }
}

async fn next(woken: &mut Woken) -> WakeEvent {
    in_time(woken.next()).await.expect("the ring has not ended before")
}

#[tokio::test]
async fn an_answer_on_the_lock_screen_accepts_and_a_hang_up_leaves_the_call() {
    let mut scene = Scene::new().await;
    let (wake, mut woken) = scene.rings(60).await;
    scene.phone.kit.answered(wake.call());
    let accepted = woken.accept(Opaque::default()).await.expect("accepted");
    assert_eq!((accepted.call.call, accepted.room.is_some()), (wake.call(), true));
    assert_eq!(next(&mut woken).await, WakeEvent::AnsweredHere);
    scene.alice.until_bob_is(&LegStatus::Accepted).await;

    let (client, _events) = woken.into_client();
    scene.phone.kit.end(wake.call(), "hung up");
    client.quit(wake.call()).await.expect("the app goes on with the session that it was woken for");
    scene.alice.until_bob_is(&LegStatus::Quit).await;
}

#[tokio::test]
async fn a_decline_on_the_lock_screen_rejects() {
    let mut scene = Scene::new().await;
    let (wake, mut woken) = scene.rings(60).await;
    scene.phone.kit.end(wake.call(), "declined");
    woken.reject(RejectCause::Declined).await.expect("rejected");
    assert_eq!(next(&mut woken).await, WakeEvent::RejectedHere);
    scene.alice.until_bob_is(&LegStatus::Rejected).await;
}

#[tokio::test]
async fn a_cancel_comes_over_the_session_and_ends_the_call_on_the_lock_screen() {
    let mut scene = Scene::new().await;
    let (wake, mut woken) = scene.rings(60).await;
    scene.alice.client.cancel(wake.call()).await.expect("canceled");
    assert_eq!(next(&mut woken).await, WakeEvent::Canceled(Opaque::default()));
    scene.phone.kit.end(wake.call(), "remote ended");
    assert_eq!(scene.call(&wake), KitCall::Ended("remote ended"));
    assert!(!scene.phone.is_killed);
}

#[tokio::test]
async fn a_push_whose_ring_is_over_is_reported_and_ended_at_once() {
    let mut scene = Scene::new().await;
    scene.world.ask("POST", "/dev/push/mode", r#"{"mode":"hold"}"#).await;
    let mut shown = Pushes::all(&scene.world).await;
    scene.alice.call_bob(1).await;
    scene.alice.until_bob_is(&LegStatus::TimedOut).await;
    let held = loop {
        let all: Value = serde_json::from_str(&shown.next().await).expect("JSON");
        let all = all.as_array().expect("a list");
        if let Some(ring) = all.iter().find(|push| push["kind"] == "ring" && push["state"] == "held") {
            break ring["id"].as_str().expect("text").to_owned();
        }
    };
    scene.world.ask("POST", &format!("/dev/push/{held}/deliver"), "").await;
    let (wake, verdict) = scene.pushed().await;
    assert_eq!((verdict, scene.call(&wake)), (Verdict::Missed, KitCall::Ended("unanswered")));
    assert!(!scene.phone.is_killed, "it was reported");
    assert_eq!(scene.phone.kit.calls.len(), 1);
}

#[tokio::test]
async fn an_app_that_reports_no_call_is_killed_and_loses_the_next_push() {
    let mut scene = Scene::new().await;
    scene.alice.call_bob(60).await;
    let payload = scene.pushes.next().await;
    scene.phone.voip_push(|_| ());
    assert!(scene.phone.is_killed);
    assert!(scene.phone.voip_push(|kit| kit.app(&payload, &scene.config)).is_none());
    assert_eq!(scene.phone.lost, 1);
}
