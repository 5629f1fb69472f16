//! Who is let in, and what those hear who are not.
use offhook_bus::{Peers as _, State, TroubleKind, suite::run, suite::stage::until};
use offhook_bus_postgres::PostgresBusOptions;
use offhook_testing_services::{PostgresOptions, PostgresServer};

use super::stage::{Guest, couple};

#[test]
fn a_wrong_password_and_a_missing_database_say_what_to_do() {
    run(async {
        let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
        let url = server.url("postgres");
        let (_, host) = url.rsplit_once('@').unwrap();
        let wrong = Guest::start(PostgresBusOptions::new(format!("postgres://offhook:guess@{host}")));
        let advice = wrong.advice(TroubleKind::Refused).await;
        assert!(advice.contains("password") && !advice.contains("guess"), "{advice}");
        let missing = Guest::start(PostgresBusOptions::new(server.url("nowhere")));
        assert!(missing.advice(TroubleKind::Refused).await.contains("createdb nowhere"));
    });
}

#[test]
fn tls_is_spoken_with_whom_the_roots_vouch_for() {
    run(async {
        let server =
            PostgresServer::start(&PostgresOptions { tls: true, ..PostgresOptions::default() }).unwrap();
        let mut options = PostgresBusOptions::new(server.url("postgres"));
        let advice = Guest::start(options.clone()).advice(TroubleKind::Refused).await;
        assert!(advice.contains("authority's certificate"), "{advice}");
        options.line.roots = server.authority().map(|pem| pem.as_bytes().to_vec());
        couple(&options).await;
    });
}

#[test]
fn a_standby_will_not_do_and_says_so() {
    run(async {
        let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
        let standby = server.standby("second").unwrap();
        let guest = Guest::start(PostgresBusOptions::new(standby.url("postgres")));
        let advice = guest.advice(TroubleKind::Refused).await;
        assert!(advice.contains("target_session_attrs=read-write"), "{advice}");
        // Told so, it waits for a primary, and takes the standby when it is one.
        let url = format!("{}?target_session_attrs=read-write", standby.url("postgres"));
        let waiting = Guest::start(PostgresBusOptions::new(url));
        until("it says what it waits for", || match waiting.health().state {
            State::Away { trouble, .. } => trouble.advice.contains("failover"),
            State::Connected => false,
        })
        .await;
        standby.promote().unwrap();
        until("it is connected", || waiting.health().state.is_connected()).await;
    });
}

#[test]
fn clusters_in_one_database_never_meet() {
    run(async {
        let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
        let options = PostgresBusOptions::new(server.url("postgres"));
        let (ann, bob) = couple(&options).await;
        let other = PostgresBusOptions { cluster: "other".to_owned(), ..options };
        let eve = Guest::start(other);
        until("it is connected", || eve.health().state.is_connected()).await;
        bob.until_heard(&ann, 7).await;
        assert_eq!((eve.heard.count(), eve.bus.nodes().len()), (0, 1));
    });
}
