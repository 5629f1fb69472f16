//! Connections to real servers: what comes of them, and what those hear who get none.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use offhook_postgres_line::{ConnectError, Options, connect, tokio_postgres::Client};
use offhook_testing_services::{PostgresOptions, PostgresServer};

/// A connection whose other half runs in a task.
async fn open(options: &Options) -> Result<Client, ConnectError> {
    let (client, connection) = connect(options).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn refused(options: &Options) -> ConnectError {
    open(options).await.expect_err("there is no connection")
}

fn shared() -> String {
    PostgresServer::for_tests().unwrap().url("postgres")
}

/// The URL with another user, password and database.
fn with(url: &str, login: &str, database: &str) -> String {
    let (_, rest) = url.rsplit_once('@').unwrap();
    let host = rest.split('/').next().unwrap();
    format!("postgres://{login}@{host}/{database}")
}

async fn setting(client: &Client, name: &str) -> String {
    client.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn what_an_operator_sets_is_in_force() {
    let mut options = Options::new(shared());
    options.application_name = "a test".to_owned();
    options.statement_timeout = Some(Duration::from_millis(1_500));
    options.settings = vec![("offhook.text".to_owned(), r"a b\c".to_owned())];
    let client = open(&options).await.unwrap();
    assert_eq!(setting(&client, "application_name").await, "a test");
    assert_eq!(setting(&client, "statement_timeout").await, "1500ms");
    assert_eq!(setting(&client, "offhook.text").await, r"a b\c");
    options.settings = vec![("no_such_setting".to_owned(), "1".to_owned())];
    let error = refused(&options).await;
    assert!(matches!(&error, ConnectError::Refused { code, .. } if code == "42704"), "{error:?}");
}

#[tokio::test]
async fn notifications_come_out_of_the_connection() {
    let (listener, mut connection) = connect(&Options::new(shared())).await.unwrap();
    let notifier = open(&Options::new(shared())).await.unwrap();
    let listening = tokio::spawn(async move {
        let notification = connection.notification().await.unwrap().unwrap();
        (notification.channel().to_owned(), notification.payload().to_owned())
    });
    listener.batch_execute("LISTEN line_test").await.unwrap();
    notifier.batch_execute("NOTIFY line_test, 'here'").await.unwrap();
    assert_eq!(listening.await.unwrap(), ("line_test".to_owned(), "here".to_owned()));
}

#[tokio::test]
async fn a_login_that_fails_says_why_and_shows_no_password() {
    let url = shared();
    let wrong = refused(&Options::new(with(&url, "offhook:guess", "postgres"))).await;
    assert!(matches!(wrong, ConnectError::PasswordRefused { .. }), "{wrong:?}");
    assert!(!wrong.to_string().contains("guess") && !wrong.is_temporary());
    let stranger = refused(&Options::new(with(&url, "nobody:guess", "postgres"))).await;
    assert!(matches!(stranger, ConnectError::PasswordRefused { .. }), "{stranger:?}");
    let silent = refused(&Options::new(with(&url, "offhook", "postgres"))).await;
    assert!(matches!(silent, ConnectError::PasswordMissing { .. }), "{silent:?}");
    let missing = refused(&Options::new(url.replace("/postgres", "/nowhere"))).await;
    assert!(matches!(&missing, ConnectError::DatabaseMissing { database, .. } if database == "nowhere"));
}

#[tokio::test]
async fn who_may_not_log_in_is_not_let_in() {
    let server = PostgresServer::for_tests().unwrap();
    let database = server.database().unwrap();
    let role = format!("{}_guest", database.name());
    server.query("postgres", &format!("CREATE ROLE {role} NOLOGIN PASSWORD 'guest'")).unwrap();
    let url = with(&database.url(), &format!("{role}:guest"), database.name());
    let error = refused(&Options::new(url)).await;
    server.query("postgres", &format!("DROP ROLE {role}")).unwrap();
    assert!(matches!(error, ConnectError::NotAdmitted { .. }), "{error:?}");
}

#[tokio::test]
async fn tls_is_spoken_with_whom_the_roots_vouch_for() {
    let server = PostgresServer::start(&PostgresOptions { tls: true, ..PostgresOptions::default() }).unwrap();
    let mut options = Options::new(server.url("postgres"));
    let untrusted = refused(&options).await;
    assert!(matches!(untrusted, ConnectError::Tls { .. }), "{untrusted:?}");
    options.roots = server.authority().map(|pem| pem.as_bytes().to_vec());
    let client = open(&options).await.unwrap();
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert!(client.query_one(encrypted, &[]).await.unwrap().get::<_, bool>(0));
    let in_the_clear =
        refused(&Options::new(server.url("postgres").replace("sslmode=require", "sslmode=disable"))).await;
    assert!(matches!(in_the_clear, ConnectError::NotAdmitted { .. }), "{in_the_clear:?}");
    let other = Options { url: format!("{}?sslmode=require", shared()), ..options };
    let without = refused(&other).await;
    assert!(matches!(without, ConnectError::Tls { .. }), "the server speaks no TLS: {without:?}");
}

#[tokio::test]
async fn a_server_without_a_connection_to_spare_says_so() {
    let options = PostgresOptions { max_connections: 5, ..PostgresOptions::default() };
    let server = PostgresServer::start(&options).unwrap();
    let options = Options::new(server.url("postgres"));
    let mut clients = Vec::new();
    let error = loop {
        match open(&options).await {
            Ok(client) => clients.push(client),
            Err(error) => break error,
        }
        assert!(clients.len() <= 5);
    };
    assert!(matches!(error, ConnectError::TooManyConnections { .. }), "{error:?}");
    assert!(error.is_temporary());
}

#[tokio::test]
async fn a_server_that_is_away_or_hangs_is_given_up() {
    let mut server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let mut options = Options::new(server.url("postgres"));
    options.connect_timeout = Duration::from_millis(300);
    server.pause().unwrap();
    let hangs = refused(&options).await;
    server.resume();
    assert!(matches!(hangs, ConnectError::TimedOut { .. }), "{hangs:?}");
    server.kill().unwrap();
    let away = refused(&options).await;
    assert!(matches!(away, ConnectError::Unreachable { .. }), "{away:?}");
    assert!(hangs.is_temporary() && away.is_temporary());
    options.url = options.url.replace("127.0.0.1", "no-such-host.invalid") + "?sslmode=disable";
    options.connect_timeout = Duration::from_secs(20);
    let nowhere = refused(&options).await;
    assert!(matches!(nowhere, ConnectError::Unreachable { .. }), "{nowhere:?}");
}

#[tokio::test]
async fn a_standby_is_passed_over_where_a_primary_is_wanted() {
    let primary = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let standby = primary.standby("second").unwrap();
    let wanted = |url: String| Options::new(format!("{url}?target_session_attrs=read-write"));
    let error = refused(&wanted(standby.url("postgres"))).await;
    assert!(matches!(error, ConnectError::NotPrimary { .. }), "{error:?}");
    let both = primary.url("postgres");
    let (login, host) = both.rsplit_once('@').unwrap();
    let standby = standby.url("postgres");
    let second = standby.rsplit_once('@').unwrap().1.split('/').next().unwrap();
    let client = open(&wanted(format!("{login}@{second},{host}"))).await.unwrap();
    let is_standby: bool = client.query_one("SELECT pg_is_in_recovery()", &[]).await.unwrap().get(0);
    assert!(!is_standby);
}
