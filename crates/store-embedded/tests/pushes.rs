//! What the embedded store does with devices, jobs and the ledger beyond the laws: half-written claims, older folders,
//! and what leaves the disk.
use std::{fs, path::Path, time::Duration};

use offhook_store::{
    Devices, LEDGER_RETENTION, Outbox, Store, StoreError,
    suite::{
        block_on,
        pushes::{all_jobs, device, entry, job_key, jobs, leaving, ledger_key, outcome, resource},
        world::{APP, account, at, commit, id, rejected, ringing, silent, telling},
    },
};
use offhook_store_embedded::{EmbeddedStore, Options};
use rusqlite::Connection;
use tempfile::TempDir;

/// What the tables of format 1 were made of.
const FORMAT_1: [&str; 7] = [
    "CREATE TABLE call (id BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT",
    "CREATE TABLE head (number INTEGER PRIMARY KEY, offset INTEGER NOT NULL) STRICT",
    "CREATE TABLE key ( at INTEGER NOT NULL, user INTEGER NOT NULL, text TEXT NOT NULL, call BLOB, fingerprint INTEGER NOT NULL ) STRICT",
    "CREATE TABLE live (id BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT",
    "CREATE TABLE meta (epoch INTEGER NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL) STRICT",
    "CREATE TABLE part (user INTEGER NOT NULL, call BLOB NOT NULL, PRIMARY KEY (user, call)) STRICT, WITHOUT ROWID",
    "CREATE TABLE user ( number INTEGER PRIMARY KEY, app INTEGER NOT NULL, name TEXT NOT NULL, registered_at INTEGER, display_name TEXT, avatar_url TEXT, extended_data TEXT ) STRICT",
];

/// Folds only when the store is closed.
fn lazy() -> Options {
    Options { fold_interval: Duration::from_secs(3600), ..Options::default() }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn open(folder: &Path) -> EmbeddedStore {
    EmbeddedStore::open(folder, lazy()).unwrap_or_else(|error| panic!("the store opens: {error}"))
}

fn database(folder: &Path) -> Connection {
    Connection::open(folder.join("history.sqlite3")).expect("a database")
}

fn count(folder: &Path, table: &str) -> u32 {
    let count = database(folder).query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0));
    count.expect("a table")
}

#[test]
fn a_claim_cut_at_any_byte_is_made_with_the_end_of_its_job_or_not_at_all() {
    let live = folder();
    let store = open(live.path());
    let call = ringing(1, &["alice", "bob"]);
    block_on(commit(&store, leaving(&call, &["bob"], 1)));
    let path = live.path().join("journal-00000001.log");
    let before = fs::read(&path).expect("a segment").len();
    let claimed = ["phone", "tablet"].map(|device| entry(ledger_key(&call, "bob", device), 2));
    block_on(store.claim(claimed.to_vec(), Some(&job_key(&call, "bob")))).expect("claimed");
    let whole = fs::read(&path).expect("a segment");
    for cut in (before..=whole.len()).step_by(7).chain([whole.len() - 1, whole.len()]) {
        let dead = folder();
        fs::copy(live.path().join("history.sqlite3"), dead.path().join("history.sqlite3")).expect("a copy");
        let wal = live.path().join("history.sqlite3-wal");
        fs::copy(wal, dead.path().join("history.sqlite3-wal")).expect("a copy");
        fs::write(dead.path().join("journal-00000001.log"), &whole[..cut]).expect("a cut");
        let store = open(dead.path());
        let seen = (block_on(all_jobs(&store)), block_on(store.ledger(APP, id(1))).expect("readable"));
        let expected =
            if cut == whole.len() { (vec![], claimed.to_vec()) } else { (jobs(&call, &["bob"], 1), vec![]) };
        assert_eq!(seen, expected, "cut at {cut} of {before} to {}", whole.len());
    }
}

/// Makes of a closed folder what a version of format 1 would have left.
fn take_back_to_format_1(folder: &Path) {
    let database = database(folder);
    database
        .execute_batch(
            "DROP TABLE address; DROP TABLE resource; DROP TABLE job; DROP TABLE push; PRAGMA user_version = 1;",
        )
        .expect("the tables of format 2 are these");
    let mut query = database
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .expect("a query");
    let tables = query.query_map((), |row| row.get::<_, String>(0)).expect("rows");
    let tables: Vec<_> =
        tables.map(|sql| sql.expect("a row").split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(tables, FORMAT_1);
}

#[test]
fn a_folder_of_format_1_is_brought_up_and_keeps_what_it_has() {
    let folder = folder();
    let call = ringing(1, &["alice", "bob"]);
    let store = open(folder.path());
    let epoch = store.epoch();
    block_on(commit(&store, telling(&call, &["bob"])));
    block_on(commit(&store, silent(&rejected(&call, 3))));
    block_on(commit(&store, telling(&ringing(2, &["alice", "bob"]), &["bob"])));
    drop(store);
    take_back_to_format_1(folder.path());
    for _ in 0..2 {
        let store = open(folder.path());
        assert_eq!(store.epoch(), epoch);
        assert_eq!(block_on(store.load(APP, id(1))).expect("readable").as_deref(), Some(&rejected(&call, 3)));
        assert_eq!(block_on(store.live(&account("bob"))).expect("readable").calls[0].id, id(2));
        block_on(store.put_device(&account("bob"), device("phone", &[1], 1))).expect("put");
    }
    let store = open(folder.path());
    assert_eq!(block_on(store.devices(&account("bob"))), Ok(vec![device("phone", &[1], 1)]));
    drop(store);
    let format = database(folder.path()).query_row("PRAGMA user_version", (), |row| row.get::<_, u32>(0));
    assert_eq!(format, Ok(2));
}

#[test]
fn what_is_done_leaves_the_database() {
    let folder = folder();
    let store = open(folder.path());
    let call = ringing(1, &["alice", "bob", "carol"]);
    block_on(commit(&store, leaving(&call, &["bob", "carol"], 1)));
    block_on(store.put_device(&account("bob"), device("phone", &[1, 2], 1))).expect("put");
    block_on(store.put_resource(resource("ring", b"sealed"))).expect("put");
    drop(store);
    assert_eq!((count(folder.path(), "job"), count(folder.path(), "address")), (2, 2));
    assert_eq!(count(folder.path(), "resource"), 1);
    let store = open(folder.path());
    block_on(store.claim(vec![], Some(&job_key(&call, "bob")))).expect("finished");
    block_on(store.put_device(&account("carol"), device("phone", &[1, 2], 1))).expect("put");
    block_on(store.remove_device(&account("carol"), &device("phone", &[], 1).id)).expect("removed");
    block_on(store.put_resource(resource("ring", b""))).expect("put");
    drop(store);
    assert_eq!((count(folder.path(), "job"), count(folder.path(), "address")), (1, 0));
    assert_eq!(count(folder.path(), "resource"), 0);
    let store = open(folder.path());
    block_on(store.trim(at(1) + LEDGER_RETENTION)).expect("trimmed");
    drop(store);
    assert_eq!(count(folder.path(), "job"), 0, "what nobody finished leaves with its retention");
}

#[test]
fn a_job_that_is_done_before_a_fold_never_reaches_the_database() {
    let folder = folder();
    let store = open(folder.path());
    let call = ringing(1, &["alice", "bob"]);
    block_on(commit(&store, leaving(&call, &["bob"], 1)));
    block_on(store.claim(vec![], Some(&job_key(&call, "bob")))).expect("finished");
    drop(store);
    assert_eq!(count(folder.path(), "job"), 0);
    assert_eq!(block_on(all_jobs(&open(folder.path()))), []);
}

#[test]
fn entries_leave_the_database_with_their_retention() {
    let folder = folder();
    let call = ringing(1, &["alice", "bob"]);
    let [old, young] =
        [("old", 1), ("young", 4000)].map(|(name, s)| entry(ledger_key(&call, "bob", name), s));
    let store = open(folder.path());
    block_on(store.claim(vec![old.clone(), young.clone()], None)).expect("claimed");
    block_on(store.settle(&old.key, outcome(2))).expect("settled");
    drop(store);
    let store = open(folder.path());
    // Far enough beyond for the database to care, and the same name is free again.
    block_on(store.trim(at(100) + LEDGER_RETENTION)).expect("trimmed");
    assert_eq!(block_on(store.ledger(APP, id(1))), Ok(vec![young.clone()]));
    drop(store);
    assert_eq!(count(folder.path(), "push"), 1);
    let store = open(folder.path());
    assert_eq!(block_on(store.ledger(APP, id(1))), Ok(vec![young]));
    assert_eq!(block_on(store.claim(vec![old], None)), Ok(vec![true]));
}

#[test]
fn a_row_that_makes_no_sense_is_damage() {
    for broken in [
        "UPDATE address SET user = 99",
        "UPDATE address SET digest = x'00'",
        "UPDATE job SET call = x'00000000000000000000000000000000'",
        "UPDATE push SET turn = 9",
        "UPDATE push SET outcome = x'7b'",
    ] {
        let folder = folder();
        let store = open(folder.path());
        let call = ringing(1, &["alice", "bob"]);
        block_on(commit(&store, leaving(&call, &["bob"], 1)));
        block_on(store.put_device(&account("bob"), device("phone", &[1], 1))).expect("put");
        block_on(store.claim(vec![entry(ledger_key(&call, "bob", "phone"), 1)], None)).expect("claimed");
        drop(store);
        assert!(database(folder.path()).execute(broken, ()).expect("a change") > 0);
        let refused = EmbeddedStore::open(folder.path(), lazy()).expect_err(broken);
        assert!(
            matches!(refused, StoreError::Damaged(_) | StoreError::Unavailable(_)),
            "{broken}: {refused}"
        );
    }
}
