//! The conformance suite: what every bus for several processes must do, law by law.
//!
//! An adapter names a [`Subject`] and writes `offhook_bus::bus_suite!(ItsSubject);` in an integration test. Each law becomes a test of
//! its own, on a bus of its own, over real connections. Laws speak of the port alone; what an adapter does beyond it (credentials, TLS,
//! a server that is replaced) is for its own tests. What may come late is waited for, up to [`PATIENCE`]; nothing is measured.

#![expect(clippy::unwrap_used, reason = "the suite is a test that other crates run")]

mod asking;
mod hints;
mod nodes;
mod outages;
pub mod relay;
pub mod stage;
mod telling;

use std::{sync::Arc, time::Duration};

use crate::{Bus, Listener, Peers};

/// How long something may take that must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A bus on which nodes can be opened. Dropped at the end of the test.
pub trait Subject: Sized + Send + Sync + 'static {
    /// One node's end of the bus under test. When the last handle is dropped, the node dies without a word.
    type Bus: Bus + Peers;

    /// Over how many shards users are spread; `None` if every node hears every hint.
    const SHARDS: Option<u16>;

    /// A bus that nobody is on.
    fn create() -> impl Future<Output = Self> + Send;

    /// Starts a node, which connects when it can.
    fn open(&self, name: Option<&str>) -> impl Future<Output = Self::Bus> + Send;

    /// Sets the node's listener.
    fn listen(bus: &Self::Bus, listener: Arc<dyn Listener>);

    /// Stops a node, which says goodbye.
    fn goodbye(bus: &Self::Bus) -> impl Future<Output = ()> + Send;

    /// Cuts every connection, and lets no new one come about.
    fn cut(&self) -> impl Future<Output = ()> + Send;

    /// Lets connections come about again.
    fn mend(&self) -> impl Future<Output = ()> + Send;
}

/// Runs a law to its end, on a runtime of its own.
pub fn run(law: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(law);
    // Nodes that are dropped with the runtime must not keep the test waiting.
    runtime.shutdown_background();
}

macro_rules! laws {
    ($($module:ident: $($law:ident)+;)+) => {
        /// The laws, to be called by [`bus_suite!`](crate::bus_suite).
        pub mod laws {
            $(pub use super::$module::{$($law),+};)+
        }

        /// Makes a test of every law of the suite for a [`Subject`](crate::suite::Subject).
        #[macro_export]
        macro_rules! bus_suite {
            ($subject:ty) => {
                $($(#[test]
                fn $law() {
                    $crate::suite::run($crate::suite::laws::$law::<$subject>());
                })+)+
            };
        }
    };
}

laws! {
    asking:
        a_node_answers_its_own_questions
        a_question_is_answered
        a_question_that_nobody_answers_in_time_ends
        a_question_to_a_node_that_is_gone_says_so
        a_question_to_a_node_that_nobody_knows_says_so
        a_question_to_a_node_with_nobody_to_answer_is_turned_away
        an_overloaded_node_turns_questions_away_and_recovers
        questions_at_the_same_time_are_not_mixed_up
        what_is_too_large_is_refused;
    hints:
        a_burst_of_ten_thousand_hints_arrives
        a_hint_reaches_every_node_that_attends
        a_hint_reaches_the_publishing_node_at_once_and_once
        a_hint_stays_away_from_nodes_that_attend_nobody_of_its_shard
        hints_at_the_time_of_a_login_are_heard_or_told_of
        hints_of_a_user_keep_their_order
        interest_is_counted
        the_same_hint_twice_is_heard_and_does_no_harm;
    nodes:
        a_goodbye_is_heard
        a_node_that_dies_without_a_word_is_gone_after_its_lease
        facts_can_be_changed_and_are_limited
        nodes_find_each_other
        two_nodes_of_one_name_are_noticed;
    outages:
        a_node_that_starts_during_an_outage_is_there_after_it
        after_an_outage_hints_flow_and_what_was_missed_is_told
        an_outage_is_held_against_no_node
        publishing_does_not_wait_for_a_bus_that_is_away
        questions_during_an_outage_are_refused;
    telling:
        a_message_reaches_its_node_and_no_other
        a_message_to_all_reaches_all_others
        messages_that_are_equal_arrive_each;
}
