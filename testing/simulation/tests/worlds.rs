//! A few worlds, so that `cargo test` sees a broken simulator; `cargo xtask simulate` plays thousands.
use offhook_testing_simulation::play;

#[test]
fn worlds_hold_every_invariant_and_some_are_played_twice_alike() {
    for seed in 0..30 {
        let played = play(seed);
        assert_eq!(played.failure, None, "seed {seed}");
        assert!(played.events > 100, "seed {seed} was played at all");
    }
}
