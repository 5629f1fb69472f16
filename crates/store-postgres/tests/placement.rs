//! Where rooms live, as several nodes see it.
#![expect(clippy::unwrap_used, reason = "a test fails by it, also in what its tests share")]
mod support;

use std::sync::Arc;

use offhook_store::{Place, Placed, Placements};
use offhook_store_postgres::{Options, PostgresPlacements};
use offhook_testing_services::Database;
use offhook_types::{AppId, RoomId};
use support::{database, node, runtime};

const APP: AppId = AppId(7);

fn room(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}

/// Placements as so many nodes have them.
async fn placements(database: &Database, count: u64) -> Vec<Arc<dyn Placements>> {
    drop(node(&database.url(), 1).await); // The tables are the store's to make.
    let mut all: Vec<Arc<dyn Placements>> = Vec::new();
    for number in 1..=count {
        let opened = PostgresPlacements::open(&Options::new(&database.url(), number)).await;
        all.push(Arc::new(opened.unwrap_or_else(|error| panic!("placements open: {error}"))));
    }
    all
}

#[test]
fn a_room_lives_where_it_was_placed_first_until_it_is_released() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let all = placements(&database, 2).await;
        let (one, other, lobby) = (&all[0], &all[1], room("lobby"));
        assert_eq!(one.find(APP, &lobby).await.unwrap(), None);
        let first = one.place((APP, &lobby), 1, None).await.unwrap();
        assert_eq!(first.node, 1);
        assert_eq!(other.place((APP, &lobby), 2, None).await.unwrap(), first);
        assert_eq!(other.find(APP, &lobby).await.unwrap(), Some(first));
        assert_eq!(other.find(AppId(8), &lobby).await.unwrap(), None, "another app's rooms are others");
        other.release(APP, &lobby, first.epoch + 1).await.unwrap();
        assert_eq!(one.find(APP, &lobby).await.unwrap(), Some(first), "that was not its epoch");
        one.release(APP, &lobby, first.epoch).await.unwrap();
        assert_eq!(other.find(APP, &lobby).await.unwrap(), None);
        let second = other.place((APP, &lobby), 2, None).await.unwrap();
        assert!(second.epoch > first.epoch, "no epoch comes twice: {first:?} {second:?}");
    });
}

#[test]
fn a_room_of_a_node_that_is_gone_is_placed_anew_once() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let all = placements(&database, 2).await;
        let lobby = room("lobby");
        let dead = all[0].place((APP, &lobby), 1, None).await.unwrap();
        let next = all[1].place((APP, &lobby), 2, Some(dead.epoch)).await.unwrap();
        assert!(next.node == 2 && next.epoch > dead.epoch);
        let late = all[0].place((APP, &lobby), 3, Some(dead.epoch)).await.unwrap();
        assert_eq!(late, next, "who is late learns where it lives");
        all[0].release(APP, &lobby, dead.epoch).await.unwrap();
        assert_eq!(all[0].find(APP, &lobby).await.unwrap(), Some(next), "the dead node lets go of nothing");
    });
}

#[test]
fn of_many_nodes_that_place_one_room_at_once_one_wins_and_all_know() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let all = placements(&database, 4).await;
        for round in 0..50 {
            let room = room(&format!("room-{round}"));
            let mut over = None;
            for _ in 0..2 {
                let mut races = Vec::new();
                for (node, placements) in (1_u64..).zip(&all) {
                    let (placements, room) = (Arc::clone(placements), room.clone());
                    races.push(tokio::spawn(async move {
                        placements.place((APP, &room), node, over).await.unwrap()
                    }));
                }
                let mut winners: Vec<Place> = Vec::new();
                for race in races {
                    winners.push(race.await.unwrap());
                }
                assert!(winners.iter().all(|winner| *winner == winners[0]), "{winners:?}");
                assert_eq!(all[0].find(APP, &room).await.unwrap(), Some(winners[0]));
                assert_ne!(over, Some(winners[0].epoch), "the second time it is placed anew");
                over = Some(winners[0].epoch);
            }
        }
    });
}

#[test]
fn a_race_of_placing_and_releasing_leaves_one_placement_or_none() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let all = placements(&database, 4).await;
        let lobby = room("lobby");
        let mut races = Vec::new();
        for (node, placements) in (1_u64..).zip(&all) {
            let (placements, lobby) = (Arc::clone(placements), lobby.clone());
            races.push(tokio::spawn(async move {
                let mut own = 0;
                for _ in 0..50 {
                    let winner = placements.place((APP, &lobby), node, None).await.unwrap();
                    if winner.node == node {
                        own += 1;
                        placements.release(APP, &lobby, winner.epoch).await.unwrap();
                    }
                }
                own
            }));
        }
        let mut own = 0;
        for race in races {
            own += race.await.unwrap();
        }
        assert!(own > 0, "somebody won");
        assert_eq!(all[0].find(APP, &lobby).await.unwrap(), None, "every winner released what it had won");
    });
}

#[test]
fn a_node_is_told_what_it_hosts_and_what_nobody_hosts_is_forgotten() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let all = placements(&database, 2).await;
        let mut expected = Vec::new();
        for name in ["a", "b", "c"] {
            let place = all[0].place((APP, &room(name)), 1, None).await.unwrap();
            expected.push(Placed { app: APP, epoch: place.epoch, room: room(name) });
        }
        let foreign = all[1].place((APP, &room("d")), 2, None).await.unwrap();
        let mut held = all[1].held_by(1).await.unwrap();
        held.sort();
        assert_eq!(held, expected);
        // Node 1 has been silent for long; node 2 has not.
        database
            .query("UPDATE offhook.placement SET seen = seen - interval '1 hour' WHERE node = 1")
            .unwrap();
        assert_eq!(all[1].held_by(2).await.unwrap().len(), 1);
        assert_eq!(all[0].held_by(1).await.unwrap(), []);
        assert_eq!(all[0].find(APP, &room("d")).await.unwrap(), Some(foreign));
        // Who asks holds on to what it has, however long it was silent.
        database.query("UPDATE offhook.placement SET seen = seen - interval '1 hour'").unwrap();
        assert_eq!(all[1].held_by(2).await.unwrap().len(), 1);
        assert_eq!(all[0].held_by(1).await.unwrap(), []);
        assert_eq!(all[0].find(APP, &room("d")).await.unwrap(), Some(foreign));
    });
}
