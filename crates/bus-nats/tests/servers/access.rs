//! Who is let in, and what those hear who are not.
use offhook_bus::{Bus as _, Peers as _, TroubleKind, suite::run, suite::stage::user};
use offhook_bus_nats::{Credentials, NatsBus, NatsOptions, StartError};
use offhook_testing_services::{self as services, NatsAccess, NatsServer};

use super::stage::{Guest, couple, options};

fn server(access: NatsAccess, tls: bool) -> NatsServer {
    NatsServer::start(&services::NatsOptions { access, tls, ..Default::default() }).unwrap()
}

/// The URL without what stands before the host.
fn bare(server: &NatsServer) -> String {
    let url = server.url();
    let (scheme, rest) = url.split_once("://").unwrap();
    format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host))
}

#[test]
fn a_user_is_let_in_with_the_password_and_told_if_it_is_wrong() {
    run(async {
        let server = server(NatsAccess::User, false);
        drop(couple(&server).await);
        let mut wrong = NatsOptions::new([bare(&server)]);
        wrong.credentials = Credentials::User { name: "offhook".to_owned(), password: "guess".to_owned() };
        let advice = Guest::start(wrong).await.advice(TroubleKind::Refused).await;
        assert!(advice.contains("credentials") && !advice.contains("guess"), "{advice}");
        let nothing = Guest::start(NatsOptions::new([bare(&server)])).await;
        assert!(nothing.advice(TroubleKind::Refused).await.contains("credentials"));
    });
}

#[test]
fn a_token_lets_in() {
    run(async {
        let server = server(NatsAccess::Token, false);
        drop(couple(&server).await);
        let mut wrong = NatsOptions::new([bare(&server)]);
        wrong.credentials = Credentials::Token("guess".to_owned());
        Guest::start(wrong).await.advice(TroubleKind::Refused).await;
    });
}

#[test]
fn an_nkey_lets_in() {
    run(async {
        // A pair that was made for this test and guards nothing.
        let settings =
            "authorization { users: [ { nkey: UAV6W3OAWFOCJR2XLYHQE7OR2AHGLKL2KCMVV27QKB7QGIHNONT542M7 } ] }";
        let options = services::NatsOptions { settings: settings.to_owned(), ..Default::default() };
        let server = NatsServer::start(&options).unwrap();
        let mut options = NatsOptions::new([server.url()]);
        let seed = "SUAGI4YO6NR2U3467NAAEEDDOXSZOULDA6BFALTZGNMNSHXSKAS5QBHPJU";
        options.credentials = Credentials::Nkey(seed.to_owned());
        Guest::start(options).await.until_connected().await;
        Guest::start(NatsOptions::new([server.url()])).await.advice(TroubleKind::Refused).await;
    });
}

#[test]
fn leave_for_the_subjects_of_the_cluster_is_all_that_a_node_needs() {
    run(async {
        let settings = "authorization { users: [ { user: a, password: b, permissions: \
            { publish: \"offhook.main.>\", subscribe: \"offhook.main.>\" } } ] }";
        let options = services::NatsOptions { settings: settings.to_owned(), ..Default::default() };
        let server = NatsServer::start(&options).unwrap();
        let mut options = NatsOptions::new([server.url()]);
        options.credentials = Credentials::User { name: "a".to_owned(), password: "b".to_owned() };
        let (ann, bob) = (Guest::start(options.clone()).await, Guest::start(options).await);
        bob.bus.attend(&user("zoe"));
        bob.until_heard(&ann, 1).await;
        offhook_bus::suite::stage::until("they know each other", || ann.bus.nodes().len() == 2).await;
        let answer = ann.bus.ask(bob.bus.me(), b"?".to_vec(), offhook_bus::suite::PATIENCE).await;
        assert_eq!(answer, Err(offhook_bus::AskError::Busy), "it is heard, and there is nobody to answer");
    });
}

#[test]
fn tls_is_spoken_with_whom_the_roots_vouch_for() {
    run(async {
        let server = server(NatsAccess::User, true);
        assert!(server.url().starts_with("tls://"));
        drop(couple(&server).await);
        let advice = Guest::start(NatsOptions::new([server.url()])).await.advice(TroubleKind::Refused).await;
        assert!(advice.contains("authority's certificate"), "{advice}");
        let open = self::server(NatsAccess::Open, false);
        let wanted = NatsOptions::new([open.url().replace("nats://", "tls://")]);
        assert!(!Guest::start(wanted).await.health().state.is_connected(), "never in the clear");
    });
}

#[test]
fn clusters_on_one_server_never_meet() {
    run(async {
        let server = server(NatsAccess::Open, false);
        let (ann, bob) = couple(&server).await;
        let mut other = options(&server);
        other.cluster = "other".to_owned();
        let eve = Guest::start(other).await;
        eve.until_connected().await;
        eve.bus.attend(&user("zoe"));
        bob.until_heard(&ann, 7).await;
        assert_eq!((eve.heard.count(), eve.bus.nodes().len()), (0, 1));
    });
}

#[test]
fn options_that_cannot_be_used_are_refused_at_once() {
    run(async {
        let start = |change: fn(&mut NatsOptions)| async move {
            let mut options = NatsOptions::new(["nats://127.0.0.1".to_owned()]);
            change(&mut options);
            NatsBus::start(options).await.err().unwrap()
        };
        assert!(matches!(start(|it| it.cluster = "a.b".to_owned()).await, StartError::Cluster));
        assert!(matches!(start(|it| it.urls.0.clear()).await, StartError::NoUrl));
        assert!(matches!(
            start(|it| it.urls.0[0] = "http://a".to_owned()).await,
            StartError::Url { number: 1 }
        ));
        assert!(matches!(start(|it| it.roots = Some(Vec::new())).await, StartError::NoRoots));
        let broken = |it: &mut NatsOptions| it.credentials = Credentials::File("nothing".to_owned());
        assert!(matches!(start(broken).await, StartError::Credentials));
        let broken = |it: &mut NatsOptions| it.credentials = Credentials::Nkey("SU".to_owned());
        assert!(matches!(start(broken).await, StartError::Credentials));
    });
}
