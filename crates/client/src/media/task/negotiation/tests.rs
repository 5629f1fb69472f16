//! Offers that cross, between the task of a room and the server's machine.
use std::{future::ready, net::SocketAddr};

use offhook_sfu::{
    Address, Answer, Candidate, Command, Config, Join, Limits, OfferedTrack, Output, Role, RoomKey, Sfu,
    Source, Transport,
    endpoint::{Endpoint, EndpointConfig, TrackSpec},
};
use offhook_signaling::Platform;
use offhook_types::{AppId, DeviceId, Opaque, RoomId, StreamId, UserId};
use tokio::net::UdpSocket;

use super::*;
use crate::Client;

#[tokio::test]
async fn a_void_offer_that_comes_before_the_answer_is_passed_over() {
    let mut world = World::new().await;
    let void = world.server_offers();
    let answer = world.offers();
    world.bob.hear(Some(void));
    assert!(world.bob.needs.answer.is_none(), "the own offer is unanswered");

    world.bob.answered(Answered::Offer(Ok(answer)));
    let next = world.server_offers();
    world.bob.hear(Some(next));
    assert_eq!(world.answers(), 2);
}

#[tokio::test]
async fn a_void_offer_that_comes_after_the_answer_is_passed_over_too() {
    let mut world = World::new().await;
    let void = world.server_offers();
    let answer = world.offers();
    assert_eq!(answer.voids, Some(1));
    world.bob.answered(Answered::Offer(Ok(answer)));
    world.bob.hear(Some(void));
    assert!(world.bob.needs.answer.is_none(), "the answer said that it is void");

    let next = world.server_offers();
    world.bob.hear(Some(next));
    assert_eq!(world.answers(), 2);
}

#[tokio::test]
async fn an_answer_that_is_there_counts_before_the_offer_behind_it() {
    let mut world = World::new().await;
    world.server_offers();
    let answer = world.offers();
    world.bob.asking = Some(Box::pin(ready(Answered::Offer(Ok(answer)))));
    let next = world.server_offers();
    world.bob.hear(Some(next));
    assert!(world.bob.asking.is_none());
    assert_eq!(world.answers(), 2);
}

#[tokio::test]
async fn an_answer_that_does_not_say_what_is_void_leaves_the_next_offer_to_count() {
    let mut world = World::new().await;
    world.server_offers();
    let answer = MediaAnswer { voids: None, ..world.offers() };
    world.bob.answered(Answered::Offer(Ok(answer)));
    let next = world.server_offers();
    world.bob.hear(Some(next));
    assert_eq!(world.answers(), 2);
}

/// Alice publishes sound in a room that Bob is in; Bob is the task.
struct World {
    bob: Task,
    sfu: Sfu,
}

impl World {
    async fn new() -> Self {
        offhook_sfu::install_crypto();
        let transport = Transport::Udp;
        let candidates = [Candidate { address: "127.0.0.1:7000".parse().expect("an address"), transport }];
        let config = Config {
            candidates: candidates.into(),
            ice_lite: true,
            limits: Limits::default(),
            seed: 1,
            worker: 0,
        };
        let mut world = Self { bob: bob().await, sfu: Sfu::new(config, now()) };
        for user in ["alice", "bob"] {
            let (name, role) = (Opaque::default(), Role::Member);
            let join = Join { address: address(user), max_members: 0, name, role, subscribe_all: true };
            world.sfu.join(now(), join).expect("may join");
        }
        let mut alice = endpoint("127.0.0.1:9001".parse().expect("an address"));
        alice.publish(TrackSpec::microphone());
        let offer = alice.offer(now()).expect("a microphone to offer");
        let (mid, source) = (offer.tracks[0].1.clone(), Source::Microphone);
        let streams = vec![offhook_sfu::OfferedStream {
            extra_info: Opaque::default(),
            stream: StreamId::new("alice").expect("a good name"),
            tracks: vec![OfferedTrack { mid, muted: false, source }],
        }];
        let command = Command::Offer { sdp: offer.sdp, streams };
        world.sfu.command(now(), &address("alice"), command).expect("a good offer");
        world
    }

    /// The offer that the server makes to Bob.
    fn server_offers(&mut self) -> RoomEvent {
        let outputs = std::iter::from_fn(|| self.sfu.poll_output());
        let offers = outputs.filter_map(|output| match output {
            Output::Event(to, offhook_sfu::RoomEvent::Offer { negotiation, sdp, .. })
                if to == address("bob") =>
            {
                Some(ServerOffer { negotiation, room: room(), sdp: Hidden(sdp), tracks: vec![] })
            }
            Output::Event(..) | Output::Fact(_) | Output::Transmit(_) => None,
        });
        let offers: Vec<_> = offers.collect();
        let [offer] = &offers[..] else { panic!("one offer at a time") };
        RoomEvent::Offer(offer.clone())
    }

    /// Bob offers, and the server takes it; the reply has yet to reach him.
    fn offers(&mut self) -> MediaAnswer {
        self.bob.endpoint.publish(TrackSpec::microphone());
        let OfferMedia { sdp, .. } = self.bob.offer().expect("a microphone to offer");
        let command = Command::Offer { sdp: sdp.0, streams: vec![] };
        let answer = self.sfu.command(now(), &address("bob"), command).expect("a good offer");
        let Answer::Description(answer) = answer else { panic!("an offer is answered by a description") };
        MediaAnswer { sdp: Hidden(answer.sdp), voids: answer.voids }
    }

    /// Bob's answer reaches the server, which takes it; which offer it was for.
    fn answers(&mut self) -> u32 {
        let AnswerMedia { negotiation, sdp, .. } = self.bob.needs.answer.take().expect("an answer");
        let command = Command::Answer { negotiation, sdp: sdp.0 };
        assert_eq!(self.sfu.command(now(), &address("bob"), command), Ok(Answer::Done));
        negotiation
    }
}

/// The task of a client that reaches nobody.
async fn bob() -> Task {
    let config = crate::Config::new("ws://127.0.0.1:9", device(), Platform::Linux, "token");
    let (client, _) = Client::connect(config).expect("a good address");
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
    let local = socket.local_addr().expect("it is bound");
    Task::new(client, (endpoint(local), socket, local), room())
}

fn endpoint(local: SocketAddr) -> Endpoint {
    Endpoint::new(EndpointConfig::new(vec![local]), now()).expect("an address")
}

fn address(user: &str) -> Address {
    let user = UserId::new(user).expect("a good name");
    Address { device: device(), room: RoomKey { app: AppId(1), room: room() }, user }
}

fn device() -> DeviceId {
    DeviceId::new("device").expect("a good name")
}

fn room() -> RoomId {
    RoomId::new("room").expect("a good name")
}
