//! What a node says when it cannot be one of several.
use std::process::Command;

use crate::{
    server::Refused,
    world::{Cluster, free_address, until_shown},
};

/// That the node ended with a failure, without a panic, and said all of this in one line.
#[track_caller]
fn assert_said(refused: &Refused, parts: &[&str]) {
    assert_eq!(refused.code, Some(1), "{}", refused.said);
    let last = refused.said.lines().last().unwrap_or_default();
    for part in parts {
        assert!(last.contains(part), "{part:?} is not in {last:?}");
    }
    assert!(!refused.said.contains("panicked"), "{}", refused.said);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let cluster = Cluster::start(1, "");
    cluster.database().query("UPDATE offhook.meta SET version = 99").expect("written");
    assert_said(&cluster.refuse(&[]), &["version 99", "newer Offhook"]);
}

#[tokio::test]
async fn a_database_that_only_reads_is_refused() {
    let cluster = Cluster::start(1, "");
    let name = cluster.database().name();
    let only_reads = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    cluster.database().query(&only_reads).expect("set");
    assert_said(&cluster.refuse(&[]), &["takes no writes", "point the URL at the primary"]);
}

#[tokio::test]
async fn nodes_without_a_common_secret_are_refused() {
    let cluster = Cluster::start(1, "");
    assert_said(&cluster.refuse_without("secret_file"), &["must share the secret", "push.secret_file"]);
}

#[tokio::test]
async fn a_clock_that_is_five_minutes_off_is_refused() {
    let library = Command::new("faketime").args(["-f", "+300", "printenv", "LD_PRELOAD"]).output();
    let library = library.expect("faketime is installed: Debian's package of that name has it").stdout;
    let library = String::from_utf8(library).expect("a path").trim().to_owned();
    let cluster = Cluster::start(1, "");
    for (offset, said) in [("+300", "s ahead of the database's"), ("-300", "s behind the database's")] {
        let preload = [("LD_PRELOAD", library.as_str()), ("FAKETIME", offset), ("DONT_FAKE_MONOTONIC", "1")];
        assert_said(&cluster.refuse(&preload), &[said, "NTP"]);
    }
}

#[tokio::test]
async fn a_node_that_bears_anothers_name_is_seen_in_its_metrics() {
    let mut cluster = Cluster::start(1, "");
    let metrics = free_address();
    cluster.add(&[("OFFHOOK_CLUSTER_NODE", "ann"), ("OFFHOOK_SERVER_METRICS_LISTEN", &metrics)]);
    until_shown(&metrics, "/metrics", |text| text.contains("offhook_bus_namesakes 0")).await;
    cluster.add(&[("OFFHOOK_CLUSTER_NODE", "ann")]);
    until_shown(&metrics, "/metrics", |text| text.contains("offhook_bus_namesakes 1")).await;
}
