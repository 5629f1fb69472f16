//! Rooms over real sockets on loopback.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod world;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{IpAddr, Ipv6Addr, TcpStream, UdpSocket},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use offhook_media::{MediaConfig, MediaNode, MediaRefusal};
use offhook_sfu::{Command, LeaveCause, Refusal, RoomEvent, Transport};

use crate::world::{Heard, POISON, World, address, config, loopback, room};

/// One sends, one receives, until fifty packets have come through.
fn two_people_hear_each_other(ip: IpAddr, transport: Transport) {
    let mut world = World::new(config(ip, 1));
    world.publisher("r", "ann", transport);
    let bob = world.subscriber("r", "bob", transport);
    world.until("fifty packets", |world| world.clients[bob].received.len() >= 50);
}

#[test]
fn two_people_hear_each_other_over_udp() {
    two_people_hear_each_other(loopback(), Transport::Udp);
}

#[test]
fn two_people_hear_each_other_over_ipv6() {
    two_people_hear_each_other(Ipv6Addr::LOCALHOST.into(), Transport::Udp);
}

#[test]
fn two_people_hear_each_other_over_tcp() {
    two_people_hear_each_other(loopback(), Transport::Tcp);
}

#[test]
fn two_people_hear_each_other_over_tcp_disguised_as_tls() {
    two_people_hear_each_other(loopback(), Transport::SslTcp);
}

#[test]
fn one_of_udp_and_one_of_tcp_hear_each_other_on_a_wildcard() {
    let mut world = World::new(config([0, 0, 0, 0].into(), 1));
    world.publisher("r", "ann", Transport::Udp);
    let bob = world.subscriber("r", "bob", Transport::Tcp);
    world.until("fifty packets", |world| world.clients[bob].received.len() >= 50);
}

#[test]
fn what_a_command_makes_a_room_tell_is_told_before_the_answer() {
    let mut world = World::new(config(loopback(), 1));
    world.publisher("r", "ann", Transport::Udp);
    let bob = world.subscriber("r", "bob", Transport::Udp);
    let bob = world.clients[bob].address.clone();
    let offers = |world: &World| -> Vec<u32> {
        let events = world.heard.events.lock().unwrap();
        let number = |(to, event): &(_, RoomEvent)| {
            let RoomEvent::Offer { negotiation, .. } = event else { return None };
            (*to == bob).then_some(*negotiation)
        };
        events.iter().filter_map(number).collect()
    };
    // The answer to the first reading shows that the joining is done with.
    for made in 1..10_u32 {
        world.command(&bob, Command::Read).unwrap();
        assert_eq!(offers(&world), (1..=made + 1).collect::<Vec<_>>(), "the one before is void");
    }
}

#[test]
fn a_room_is_looked_at_from_outside_and_nobody_is_told() {
    let mut world = World::new(config(loopback(), 1));
    world.publisher("r", "ann", Transport::Udp);
    world.subscriber("r", "bob", Transport::Udp);
    let offers = |world: &World| {
        let events = world.heard.events.lock().unwrap();
        events.iter().filter(|(_, event)| matches!(event, RoomEvent::Offer { .. })).count()
    };
    // The answer to the first look shows that the joining is done with.
    let seen = world.look("r").unwrap();
    assert_eq!((seen.members.len(), seen.streams.len()), (2, 1));
    let before = offers(&world);
    world.look("r").unwrap();
    world.look("r").unwrap();
    assert_eq!(offers(&world), before, "as after a reading there would be one more");
    assert_eq!(world.look("elsewhere"), Err(MediaRefusal::Refused(Refusal::NotInRoom)));
}

#[test]
fn rooms_spread_over_workers_and_packets_find_theirs() {
    let mut world = World::new(config(loopback(), 2));
    let handed_over =
        |world: &World| world.node().statistics().iter().map(|one| one.handed_over).sum::<u64>();
    // By chance of the kernel's, every packet may come to the right worker at once; with many rooms, hardly.
    for number in 0..20 {
        let name = format!("r{number}");
        world.publisher(&name, "ann", Transport::Udp);
        let bob = world.subscriber(&name, "bob", Transport::Udp);
        world.until("fifty packets", |world| world.clients[bob].received.len() >= 50);
        let both = world.node().statistics().iter().all(|worker| worker.sfu.rooms > 0);
        if both && handed_over(&world) > 0 {
            break;
        }
    }
    world.until("figures of both workers", |world| {
        world
            .node()
            .statistics()
            .iter()
            .all(|worker| worker.sfu.rooms > 0 && worker.sfu.forwarded_packets > 0)
    });
    assert!(handed_over(&world) > 0);
    assert!(world.node().statistics().iter().all(|worker| worker.handover_dropped == 0));
    let everyone: Vec<_> = world.clients.iter().skip(1).step_by(2).map(|bob| bob.received.len()).collect();
    world.until("fifty more for each", |world| {
        let bobs = world.clients.iter().skip(1).step_by(2);
        bobs.zip(&everyone).all(|(bob, before)| bob.received.len() >= before + 50)
    });
}

#[test]
fn garbage_is_dropped_unanswered_and_a_room_does_not_notice() {
    let mut world = World::new(config(loopback(), 1));
    let ann = world.publisher("r", "ann", Transport::Udp);
    let bob = world.subscriber("r", "bob", Transport::Udp);
    world.until("packets", |world| !world.clients[bob].received.is_empty());
    let server = world.server(Transport::Udp);
    let first = world.clients[ann].sent;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let flooder = UdpSocket::bind((loopback(), 0)).unwrap();
            flooder.set_nonblocking(true).unwrap();
            let mut garbage = [[0x80; 200], [0x16; 200], [0x00; 200], [0xff; 200]];
            // Nearly a STUN request: the magic cookie of RFC 8489, and nothing that holds.
            garbage[2][..8].copy_from_slice(&[0, 1, 0, 180, 0x21, 0x12, 0xa4, 0x42]);
            while !stop.load(Ordering::Relaxed) {
                for packet in &garbage {
                    let _ = flooder.send_to(packet, server); // A full socket drops, as it should.
                }
                std::thread::sleep(Duration::from_micros(80));
            }
            assert!(flooder.recv(&mut [0; 2000]).is_err(), "nobody answers garbage");
        });
        world.until("a thousand packets beside garbage", |world| world.clients[ann].sent >= first + 1000);
        stop.store(true, Ordering::Relaxed);
    });
    let last = world.clients[ann].sent;
    world.until("later ones", |world| world.clients[bob].received.range(last..).count() >= 10);
    let received = world.clients[bob].received.range(first..last).count();
    assert!(received * 100 >= (last - first) as usize * 99, "{received} of {}", last - first);
    world.until("figures", |world| world.node().statistics()[0].unknown_dropped > 1000);
}

#[test]
fn a_node_that_drains_takes_no_new_room_and_ends_the_others_when_it_stops() {
    let mut world = World::new(config(loopback(), 2));
    let ann = address("r", "ann");
    world.publisher("r", "ann", Transport::Udp);
    let drained = world.runtime.block_on(world.node().drain(Duration::from_millis(1)));
    assert!(!drained, "a room is there");
    assert_eq!(world.join(&address("other", "eve"), true), Err(MediaRefusal::Stopped));
    assert_eq!(world.join(&address("r", "bob"), true), Ok(()), "who belongs to a room may still come");

    let node = world.node.take().unwrap();
    world.runtime.block_on(node.stop());
    world.until("the end", |world| {
        world.is_out(&ann, LeaveCause::Shutdown) && world.is_out(&address("r", "bob"), LeaveCause::Shutdown)
    });
    assert!(world.is_closed(&room("r")));
}

#[test]
fn a_node_without_rooms_is_drained_at_once() {
    let world = World::new(config(loopback(), 1));
    world.join(&address("r", "ann"), true).unwrap();
    world.node().close(&room("r"), LeaveCause::Ended);
    assert!(world.runtime.block_on(world.node().drain(Duration::from_secs(60))));
}

#[test]
fn a_node_with_enough_to_do_refuses_new_rooms() {
    let world = World::new(MediaConfig { max_load: 0.0, ..config(loopback(), 2) });
    assert_eq!(world.join(&address("r", "ann"), true), Err(MediaRefusal::Busy));
    let read = world.command(&address("r", "ann"), Command::Read);
    assert_eq!(read, Err(MediaRefusal::Refused(Refusal::NotInRoom)), "the refused join left nothing");
}

#[test]
fn a_worker_that_fails_ends_its_own_rooms_and_goes_on() {
    let mut world = World::new(config(loopback(), 2));
    world.publisher("a", "ann", Transport::Udp);
    let bob = world.subscriber("a", "bob", Transport::Udp);
    world.until("packets", |world| !world.clients[bob].received.is_empty());
    // Placed on the other worker, which has no room yet.
    world.join(&address("b", "carol"), true).unwrap();
    // The machine has let them in before the listener fails.
    let _ = world.join(&address("b", POISON), true);
    world.until("the end of the room", |world| {
        world.is_out(&address("b", "carol"), LeaveCause::Lost) && world.is_closed(&room("b"))
    });
    let before = world.clients[bob].received.len();
    world.until("more packets", |world| world.clients[bob].received.len() > before + 50);
    assert!(!world.is_closed(&room("a")));

    // New rooms come to the worker that began anew, too; which one is a matter of load.
    for number in 0..20 {
        let name = format!("c{number}");
        world.publisher(&name, "dan", Transport::Udp);
        let eve = world.subscriber(&name, "eve", Transport::Udp);
        world.until("packets of a new room", |world| world.clients[eve].received.len() > 50);
        if world.node().statistics().iter().any(|worker| worker.restarts == 1 && worker.sfu.rooms > 0) {
            break;
        }
    }
    world.until("a room on the worker that began anew", |world| {
        let workers = world.node().statistics();
        workers.iter().any(|worker| worker.restarts == 1 && worker.sfu.forwarded_packets > 50)
    });
    assert_eq!(world.node().statistics().iter().map(|worker| worker.restarts).sum::<u64>(), 1);
}

#[test]
fn strangers_on_tcp_are_put_off() {
    let world = World::new(config(loopback(), 1));
    let server = world.server(Transport::Tcp);
    let closed = |first: &[u8]| {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.write_all(first).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        match stream.read(&mut [0; 100]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset, // Bytes of ours were left unread.
        }
    };
    assert!(closed(b"GET / HTTP/1.1\r\n\r\n"), "a frame of that length is too large");
    assert!(closed(&[0, 4, 1, 2, 3, 4]), "no STUN");
    assert!(closed(&[&[0x80, 0x2e, 0x01][..], &[0; 80]].concat()), "another hello");

    let mut waiting: Vec<_> = (0..64).map(|_| TcpStream::connect(server).unwrap()).collect();
    assert!(closed(&[0]), "more of one address than may wait");
    drop(waiting.pop());
}

#[test]
fn two_nodes_do_not_share_a_port() {
    let world = World::new(config(loopback(), 2));
    let taken = vec![world.server(Transport::Udp)];
    let second = MediaConfig { udp: taken, tcp: Vec::new(), ..config(loopback(), 2) };
    assert!(MediaNode::start(second, std::sync::Arc::new(Heard::default())).is_err());
}
