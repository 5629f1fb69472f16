//! Servers that calls cannot be kept on, or not now: each with a word for it.
mod support;

use offhook_store::{
    CommitError, Store, StoreError,
    suite::world::{APP, id, next, ringing, silent},
};
use offhook_store_postgres::{CheckError, OpenError, Options, PostgresStore};
use offhook_testing_services::{Database, PostgresOptions, PostgresServer};
use support::{database, node, open, runtime, until};

/// Keeps whoever makes the tables from making the last one.
const HOLD_UP: &str = "BEGIN; CREATE TABLE offhook.away (x int); SELECT pg_sleep(60)";

/// What keeps a store from being opened.
async fn refused(url: &str) -> OpenError {
    PostgresStore::open(&Options::new(url, 1)).await.expect_err("it must not open")
}

/// Sets a setting for all sessions of the database that are yet to begin.
fn set(database: &Database, setting: &str) {
    let alter = format!("ALTER DATABASE {} SET {setting}", database.name());
    PostgresServer::for_tests().expect("a server").query("postgres", &alter).expect("set");
}

/// Ends all other sessions of the database.
fn end_sessions(database: &Database) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.query(sql).expect("ended");
}

fn is_unavailable(answer: &Result<impl Sized, CommitError>, word: &str) -> bool {
    matches!(answer, Err(CommitError::Store(StoreError::Unavailable(text))) if text.contains(word))
}

#[test]
fn tables_of_a_newer_version_are_left_alone() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        drop(node(&database.url(), 1).await);
        database.query("UPDATE offhook.meta SET version = 77").unwrap();
        let error = refused(&database.url()).await;
        assert!(matches!(error, OpenError::Newer { found: 77, .. }), "{error:?}");
        assert!(error.to_string().contains("start the newer Offhook"), "{error}");
    });
}

#[test]
fn of_nodes_that_start_together_on_an_empty_database_all_open() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let url = database.url();
        let (one, other, third) = tokio::join!(node(&url, 1), node(&url, 2), node(&url, 3));
        assert!(one.epoch() == other.epoch() && other.epoch() == third.epoch());
        one.commit(silent(&ringing(1, &["alice", "bob"]))).await.unwrap();
        assert!(third.load(APP, id(1)).await.unwrap().is_some());
    });
}

#[test]
fn an_encoding_that_cannot_hold_every_name_is_refused() {
    let (shared, runtime) = (PostgresServer::for_tests().unwrap(), runtime());
    let name = format!("{}_ascii", database().name());
    let create =
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'");
    shared.query("postgres", &create).unwrap();
    let error = runtime.block_on(refused(&shared.url(&name)));
    shared.query("postgres", &format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    let found = CheckError::Encoding { found: "SQL_ASCII".to_owned() };
    assert!(matches!(&error, OpenError::Check(check) if *check == found), "{error:?}");
    assert!(error.to_string().contains("UTF8"), "{error}");
}

#[test]
fn a_server_that_acknowledges_what_it_can_lose_is_refused() {
    let (database, runtime) = (database(), runtime());
    set(&database, "synchronous_commit = off");
    let error = runtime.block_on(refused(&database.url()));
    assert!(matches!(error, OpenError::Check(CheckError::Asynchronous)), "{error:?}");
    assert!(error.to_string().contains("synchronous_commit"), "{error}");
}

#[test]
fn a_database_that_takes_no_writes_is_refused() {
    let (database, runtime) = (database(), runtime());
    set(&database, "default_transaction_read_only = on");
    for has_tables in [false, true] {
        let error = runtime.block_on(refused(&database.url()));
        assert!(matches!(error, OpenError::Check(CheckError::ReadOnly)), "{has_tables}: {error:?}");
        assert!(error.to_string().contains("target_session_attrs=read-write"), "{error}");
        set(&database, "default_transaction_read_only = off");
        runtime.block_on(async { drop(node(&database.url(), 1).await) });
        set(&database, "default_transaction_read_only = on");
    }
}

#[test]
fn a_database_that_takes_no_writes_for_a_while_says_so_and_comes_back() {
    let (database, runtime) = (database(), runtime());
    runtime.block_on(async {
        let store = node(&database.url(), 1).await;
        let call = ringing(1, &["alice", "bob"]);
        store.commit(silent(&call)).await.unwrap();
        set(&database, "default_transaction_read_only = on");
        end_sessions(&database);
        until("health says what is wrong", async || {
            matches!(store.health(), Err(StoreError::Unavailable(text)) if text.contains("takes no writes"))
        })
        .await;
        let answer = store.commit(silent(&next(&call))).await;
        assert!(is_unavailable(&answer, "takes no writes"), "{answer:?}");
        assert_eq!(*store.load(APP, call.id).await.unwrap().unwrap(), call, "reads go on");
        set(&database, "default_transaction_read_only = off");
        until("the store is healthy", async || store.health().is_ok()).await;
        store.commit(silent(&next(&call))).await.unwrap();
    });
}

#[test]
fn sessions_that_lose_the_right_to_write_are_given_up() {
    let server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let database = server.database().unwrap();
    let set = |word: &str| {
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {word}");
        server.address().query("postgres", &set).unwrap();
        server.address().query("postgres", "SELECT pg_reload_conf()").unwrap();
    };
    runtime().block_on(async {
        let store = node(&database.url(), 1).await;
        let mut call = ringing(1, &["alice", "bob"]);
        store.commit(silent(&call)).await.unwrap();
        set("on");
        // One connection finds out at a time.
        until("commits are refused with the reason, and health says so", async || {
            let answer = store.commit(silent(&next(&call))).await;
            if answer.is_ok() {
                call = next(&call);
            }
            is_unavailable(&answer, "takes no writes") && store.health().is_err()
        })
        .await;
        set("off");
        until("the store is healthy", async || store.health().is_ok()).await;
        store.commit(silent(&next(&call))).await.unwrap();
    });
}

#[test]
fn a_standby_is_refused() {
    let primary = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let runtime = runtime();
    runtime.block_on(async { drop(node(&primary.url("postgres"), 1).await) });
    let standby = primary.standby("second").unwrap();
    let error = runtime.block_on(refused(&standby.url("postgres")));
    assert!(matches!(error, OpenError::Check(CheckError::ReadOnly)), "{error:?}");
    let to_primary = format!("{}?target_session_attrs=read-write", standby.url("postgres"));
    let error = runtime.block_on(refused(&to_primary));
    assert!(error.to_string().contains("promote a standby"), "{error}");
}

#[test]
fn a_server_without_a_connection_to_spare_says_so() {
    // Three are the superuser's, and a role that is none is kept out of them.
    let options = PostgresOptions { max_connections: 8, ..PostgresOptions::default() };
    let server = PostgresServer::start(&options).unwrap();
    let database = server.database().unwrap();
    let sql =
        format!("CREATE ROLE ann LOGIN PASSWORD 'ann'; GRANT ALL ON DATABASE {} TO ann", database.name());
    server.address().query("postgres", &sql).unwrap();
    let (_, place) =
        database.url().split_once('@').map(|(user, place)| (user.to_owned(), place.to_owned())).unwrap();
    let url = format!("postgres://ann:ann@{place}");
    runtime().block_on(async {
        let error = refused_for_room(&url).await;
        assert!(error.contains("max_connections"), "{error}");
        let small = Options { commit_connections: 1, read_connections: 1, ..Options::new(&url, 1) };
        drop(open(&small).await);
    });
}

async fn refused_for_room(url: &str) -> String {
    let one = PostgresStore::open(&Options::new(url, 1)).await;
    let other = PostgresStore::open(&Options::new(url, 2)).await;
    let error = one.err().or(other.err()).expect("five connections are not enough for two nodes");
    assert!(matches!(&error, OpenError::Connect(_)), "{error:?}");
    error.to_string()
}

#[test]
fn a_migration_that_is_cut_off_leaves_nothing_half() {
    let (database, runtime) = (database(), runtime());
    // Somebody else is about to make the last of the tables: whoever wants to make it, too, waits for them.
    database.query("CREATE SCHEMA offhook").unwrap();
    let (address, name) = (PostgresServer::for_tests().unwrap(), database.name().to_owned());
    let holder = std::thread::spawn(move || address.query(&name, HOLD_UP));
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let holding =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    runtime.block_on(async {
        until("the table is held up", async || database.query(holding).unwrap() == "1").await;
        let url = database.url();
        let cut_off = tokio::spawn(async move { refused(&url).await });
        until("the migration waits", async || database.query(waiting).unwrap() == "1").await;
        end_sessions(&database);
        let error = cut_off.await.unwrap();
        assert!(matches!(&error, OpenError::Migrate { .. }), "{error:?}");
        assert!(holder.join().unwrap().is_err(), "its session ended, too");
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'offhook'";
        assert_eq!(database.query(tables).unwrap(), "0", "nothing is there");
        let store = node(&database.url(), 1).await;
        store.commit(silent(&ringing(1, &["alice", "bob"]))).await.unwrap();
    });
}

#[test]
fn a_server_killed_during_the_migration_leaves_nothing_half() {
    let mut server = PostgresServer::start(&PostgresOptions::default()).unwrap();
    let url = server.url("postgres");
    let address = server.address().clone();
    address.query("postgres", "CREATE SCHEMA offhook").unwrap();
    let holder = std::thread::spawn(move || address.query("postgres", HOLD_UP));
    let count = |sql: &str| format!("SELECT count(*) FROM pg_stat_activity WHERE {sql}");
    let address = server.address().clone();
    let ask = |sql: String| address.query("postgres", &sql).unwrap_or_default();
    runtime().block_on(async {
        until("the table is held up", async || ask(count("wait_event = 'PgSleep'")) == "1").await;
        let opening = url.clone();
        let opening = tokio::spawn(async move { refused(&opening).await });
        until("the migration waits", async || ask(count("wait_event_type = 'Lock'")) == "1").await;
        server.kill().unwrap();
        assert!(matches!(opening.await.unwrap(), OpenError::Migrate { .. }));
        assert!(holder.join().unwrap().is_err());
        server.start_again().unwrap();
        let store = node(&url, 1).await;
        store.commit(silent(&ringing(1, &["alice", "bob"]))).await.unwrap();
        assert!(store.load(APP, id(1)).await.unwrap().is_some());
    });
}
