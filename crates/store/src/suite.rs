//! The conformance suite: what every store must do, law by law.
//!
//! An adapter names a [`Subject`] and writes `offhook_store::store_suite!(ItsSubject);` in an integration test. Each
//! law becomes a test of its own, with an empty store of its own. Laws speak of the port alone; what an adapter does
//! beyond it (files, locks, crashes in the middle of a write) is for its own tests.

#![expect(clippy::unwrap_used, reason = "the suite is a test that other crates run")]

mod calls;
mod commits;
mod devices;
mod events;
mod keys;
mod ledger;
mod live;
mod outbox;
pub mod pushes;
mod races;
mod reopening;
mod resources;
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
    devices:
        a_registered_device_is_known_as_it_was_brought
        devices_come_in_the_order_of_their_ids
        registering_again_replaces_what_was_known
        an_address_is_kept_in_another_form_if_it_stands_as_it_was_read
        an_address_moves_from_one_user_to_another
        an_address_moves_from_one_device_of_a_user_to_another
        a_device_whose_addresses_moved_away_is_forgotten
        a_device_registered_without_addresses_is_forgotten
        a_removed_device_is_known_no_more
        a_removed_address_is_known_no_more
        an_address_brought_anew_is_not_removed
        an_address_of_another_user_is_not_removed
        a_device_whose_last_address_is_removed_is_forgotten
        an_address_in_two_apps_belongs_to_both
        a_reopened_store_knows_its_devices;
    events:
        a_log_goes_on_after_its_events_are_forgotten
        a_trim_keeps_fresh_events
        events_after_an_offset_come_in_order
        events_after_the_head_are_none
        events_are_limited_from_the_front
        events_of_one_step_keep_their_order
        forgotten_events_move_the_floor
        heads_are_told_in_the_order_asked
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
    ledger:
        a_claim_is_written_down_as_it_was_made
        a_push_is_claimed_once_and_the_first_stays
        a_claim_says_of_each_entry_whether_it_is_new
        pushes_that_differ_in_any_part_of_their_name_are_different
        entries_come_in_the_order_of_their_keys
        a_claim_finishes_its_job_with_it
        of_ten_claimers_one_gets_each_push
        what_came_of_a_push_is_written_down
        a_settled_push_is_not_claimed_again
        what_came_of_an_unknown_push_is_passed_over
        a_ledger_of_one_app_cannot_be_read_by_another
        an_entry_is_forgotten_after_a_day
        a_ledger_is_whole_at_any_age_within_a_day
        a_reopened_store_knows_its_ledger;
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
    outbox:
        a_job_is_there_once_its_step_is_committed
        jobs_come_in_the_order_of_their_commits
        jobs_of_later_commits_are_left_out
        a_job_may_be_for_somebody_who_is_not_in_the_call
        a_refused_transition_leaves_no_job
        a_finished_job_is_done
        a_job_of_one_app_is_not_finished_by_another
        a_job_that_nobody_finished_is_forgotten_after_a_day
        a_reopened_store_knows_its_jobs;
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
    resources:
        a_resource_comes_back_as_it_was_put
        a_resource_takes_the_place_of_the_one_of_its_name
        a_resource_with_nothing_sealed_is_forgotten
        resources_come_in_the_order_of_app_and_name
        a_resource_of_one_app_does_not_touch_that_of_another
        a_reopened_store_knows_its_resources;
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
