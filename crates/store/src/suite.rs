//! The conformance suite: what every store must do, law by law.
//!
//! An adapter names a [`Subject`] and writes `offhook_store::store_suite!(ItsSubject);` in an integration test. Each
//! law becomes a test of its own, with an empty store of its own. Laws speak of the port alone; what an adapter does
//! beyond it (files, locks, crashes in the middle of a write) is for its own tests.

#![expect(clippy::unwrap_used, reason = "the suite is a test that other crates run")]

mod calls;
mod commits;
mod events;
mod keys;
mod live;
pub mod pushes;
mod races;
mod reopening;
mod timers;
mod users;
mod wall;
pub mod world;

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use crate::Store;

/// A place where a store can live: a folder, a database schema. Dropped at the end of the test.
pub trait Subject: Send + Sync + 'static {
    /// The store under test.
    type Store: Store;

    /// An empty place.
    fn create() -> Self;

    /// Opens the store, which finds whatever an earlier one has left. Only one is open at a time.
    fn open(&self) -> Self::Store;

    /// Runs a future to its end on this thread. Called from several threads at once. By default with no executor.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(future)
    }
}

/// Runs a future to its end on this thread, with no executor.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

macro_rules! laws {
    ($($module:ident: $($law:ident)+;)+) => {
        /// The laws, to be called by [`store_suite!`](crate::store_suite).
        pub mod laws {
            $(pub use super::$module::{$($law),+};)+
        }

        /// Makes a test of every law of the suite for a [`Subject`](crate::suite::Subject).
        #[macro_export]
        macro_rules! store_suite {
            ($subject:ty) => {
                $($(#[test]
                fn $law() {
                    let subject = <$subject as $crate::suite::Subject>::create();
                    $crate::suite::Subject::block_on(&subject, $crate::suite::laws::$law(&subject));
                })+)+
            };
        }
    };
}

laws! {
    calls:
        an_ended_call_stays_readable
        calls_of_one_millisecond_are_all_listed_once
        calls_are_listed_newest_first
        calls_are_paged_without_gap_or_repetition
        a_live_call_is_listed_in_its_newest_state
        every_party_finds_the_call_in_their_list
        somebody_without_calls_has_an_empty_list;
    commits:
        a_call_begins_at_version_one
        a_call_cannot_be_created_twice
        a_call_comes_back_as_it_was_committed
        a_conflict_gives_the_call_as_it_stands
        a_conflict_over_an_unknown_call_gives_none
        a_refused_transition_leaves_nothing_behind
        a_version_cannot_be_skipped
        an_ended_call_takes_its_usage
        an_ended_call_takes_no_transition
        usage_after_the_end_leaves_everything_else_in_place
        each_version_follows_the_one_before;
    events:
        a_log_goes_on_after_its_events_are_forgotten
        a_trim_keeps_fresh_events
        events_after_an_offset_come_in_order
        events_after_the_head_are_none
        events_are_limited_from_the_front
        events_of_one_step_keep_their_order
        forgotten_events_move_the_floor
        heads_name_each_receiver_once
        offsets_are_gapless_for_each_user
        one_step_may_tell_one_user_several_things
        an_event_shows_the_call_right_after_its_step
        an_event_keeps_everything_it_says
        somebody_without_events_has_an_empty_log;
    keys:
        a_buried_key_can_be_buried_again
        a_canceled_key_creates_no_call
        a_key_is_remembered_with_its_fingerprint
        a_key_belongs_to_its_user
        a_key_is_forgotten_after_a_day
        a_key_that_created_a_call_cannot_be_buried
        a_refused_transition_does_not_use_up_its_key
        a_taken_key_is_named_before_a_conflict
        a_taken_key_says_which_call_it_created
        an_unknown_key_stands_for_nothing;
    live:
        a_call_leaves_the_list_when_it_ends
        a_guard_holds_while_nothing_changes
        a_guard_is_broken_by_a_new_call
        a_guard_is_broken_by_a_step
        a_guard_is_broken_by_an_end
        a_guard_on_a_stranger_stands_at_zero
        a_user_may_be_in_several_calls
        live_calls_come_oldest_first
        one_broken_guard_of_several_refuses
        someone_added_later_has_the_call_in_their_list;
    races:
        concurrent_commits_number_a_shared_log_without_gap
        concurrent_users_of_one_key_create_one_call
        of_ten_committers_one_wins_each_version
        of_two_guarded_invitations_one_wins;
    reopening:
        a_reopened_store_goes_on_where_it_stopped
        a_reopened_store_has_the_same_epoch
        a_reopened_store_knows_its_calls
        a_reopened_store_knows_its_deadlines
        a_reopened_store_knows_its_events
        a_reopened_store_knows_its_keys
        a_reopened_store_knows_its_users
        a_reopened_store_takes_the_usage_of_ended_calls;
    timers:
        a_step_moves_the_deadline
        an_ended_call_has_no_deadline
        due_calls_come_in_the_order_of_their_deadlines
        due_calls_are_limited
        nothing_is_due_before_its_time
        the_next_deadline_is_the_earliest
        waiting_callers_are_those_whom_nobody_accepted;
    users:
        a_change_keeps_what_it_does_not_name
        a_registered_user_is_known
        a_text_can_be_cleared
        the_first_registration_counts
        users_come_in_the_order_asked;
    wall:
        a_call_of_one_app_cannot_be_read_by_another
        a_call_of_one_app_cannot_be_changed_by_another
        equal_keys_of_two_apps_do_not_meet
        equal_names_of_two_apps_have_their_own_logs
        equal_names_of_two_apps_have_their_own_calls
        equal_names_of_two_apps_are_different_users;
}
