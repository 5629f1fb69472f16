//! What is found after the process ended at any moment, and after files were damaged.
//!
//! A copy of the folder of an open store is what `kill -9` leaves at that moment: every write has reached the kernel.
use std::{fs, path::Path, time::Duration};

use offhook_store::{
    Devices, Outbox, Store, StoreError, Transition, UserChange,
    call::Call,
    suite::{
        block_on,
        pushes::{all_jobs, device, digest, entry, job_key, leaving, ledger_key, outcome, resource},
        world::{
            APP, accepted, account, at, commit, id, key, key_text, next, rejected, ringing, silent, telling,
        },
    },
};
use offhook_store_embedded::{Durability, EmbeddedStore, Options};
use offhook_types::{Offset, Opaque};
use tempfile::TempDir;

/// Folds only when the store is closed.
fn lazy() -> Options {
    Options { fold_interval: Duration::from_secs(3600), ..Options::default() }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn open(folder: &Path, options: Options) -> EmbeddedStore {
    EmbeddedStore::open(folder, options).unwrap_or_else(|error| panic!("the store opens: {error}"))
}

fn copy(from: &Path) -> TempDir {
    let to = folder();
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.path().join(entry.file_name())).expect("a copy");
    }
    to
}

fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut segments: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "log")).collect();
    segments.sort();
    segments
}

/// Commits `count` versions of one call, tells bob of each, leaves a job for each, and gives the length of the journal after each.
fn fill(store: &EmbeddedStore, folder: &Path, count: usize) -> Vec<usize> {
    let mut call = ringing(1, &["alice", "bob"]);
    let mut ends = vec![];
    for _ in 0..count {
        block_on(commit(store, told_with_a_job(&call)));
        ends.push(
            usize::try_from(fs::metadata(&segments(folder)[0]).expect("a segment").len()).expect("short"),
        );
        call = next(&call);
    }
    ends
}

fn told_with_a_job(call: &Call) -> Transition {
    Transition { notices: telling(call, &["bob"]).notices, ..leaving(call, &["bob"], 1) }
}

/// How many versions of the call are there, in the call, in bob's log and in the jobs alike.
fn versions(store: &EmbeddedStore) -> usize {
    let call = block_on(store.load(APP, id(1))).expect("readable").map_or(0, |call| call.seq.0);
    let page = block_on(store.events(&account("bob"), Offset(0), 99)).expect("readable");
    let jobs = block_on(all_jobs(store)).len() as u64;
    assert_eq!((page.head.0, page.events.len() as u64, jobs), (call, call, call));
    usize::try_from(call).expect("few")
}

#[test]
fn a_journal_cut_at_any_byte_opens_with_every_whole_record() {
    let live = folder();
    let store = open(live.path(), lazy());
    let ends = fill(&store, live.path(), 4);
    let dead = copy(live.path());
    let whole = fs::read(&segments(dead.path())[0]).expect("a segment");
    let cuts = (0..40).chain(ends[2] - 3..whole.len());
    for cut in cuts {
        let dead = copy(live.path());
        fs::write(&segments(dead.path())[0], &whole[..cut]).expect("a cut");
        let store = open(dead.path(), lazy());
        let expected = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(versions(&store), expected, "cut at {cut}");
        let mut call = ringing(1, &["alice", "bob"]);
        (0..expected).for_each(|_| call = next(&call));
        block_on(commit(&store, told_with_a_job(&call)));
        assert_eq!(versions(&store), expected + 1, "the repaired journal goes on");
    }
}

#[test]
fn a_flipped_byte_never_invents_anything() {
    let live = folder();
    let store = open(live.path(), lazy());
    fill(&store, live.path(), 4);
    let whole = fs::read(&segments(live.path())[0]).expect("a segment");
    for at in (0..whole.len()).step_by(13).chain(0..30) {
        let dead = copy(live.path());
        let mut flipped = whole.clone();
        flipped[at] ^= 0x41;
        fs::write(&segments(dead.path())[0], &flipped).expect("a flip");
        match EmbeddedStore::open(dead.path(), lazy()) {
            Ok(store) => assert!(versions(&store) < 4, "flipped at {at}"),
            Err(StoreError::Damaged(_) | StoreError::Newer { .. }) => {}
            Err(other) => panic!("flipped at {at}: {other}"),
        }
    }
}

#[test]
fn damage_to_what_was_synced_is_named_with_file_and_place() {
    let (live, measured) = (folder(), folder());
    let ends = fill(&open(measured.path(), lazy()), measured.path(), 3);
    let store = open(live.path(), Options { durability: Durability::Power, ..lazy() });
    fill(&store, live.path(), 3);
    let dead = copy(live.path());
    let path = &segments(dead.path())[0];
    let mut bytes = fs::read(path).expect("a segment");
    bytes[ends[0] + 50] ^= 1;
    fs::write(path, bytes).expect("a flip");
    let error = EmbeddedStore::open(dead.path(), lazy()).expect_err("damaged");
    let StoreError::Damaged(text) = error else { panic!("damage is damage: {error}") };
    assert!(text.contains("journal-00000001.log") && text.contains(&ends[0].to_string()), "{text}");
    assert!(text.contains("backup"), "{text}");
}

#[test]
fn room_reserved_ahead_is_no_damage_and_is_written_over() {
    let live = folder();
    let power = Options { durability: Durability::Power, segment_bytes: 1000, ..lazy() };
    let store = open(live.path(), power.clone());
    fill(&store, live.path(), 5);
    let dead = copy(live.path());
    assert!(segments(dead.path()).len() > 1);
    let last = segments(dead.path()).pop().expect("a segment");
    assert!(fs::read(last).expect("a segment").ends_with(&[0; 1000]));
    for options in [power, lazy()] {
        let store = open(dead.path(), options);
        let call = block_on(store.load(APP, id(1))).expect("readable").expect("there");
        block_on(commit(&store, told_with_a_job(&next(&call))));
        versions(&store);
    }
}

#[test]
fn damage_before_the_folded_point_is_not_taken_for_an_unfinished_record() {
    let folder = folder();
    let ends = fill(&open(folder.path(), lazy()), folder.path(), 3);
    let path = &segments(folder.path())[0];
    let bytes = fs::read(path).expect("a segment");
    fs::write(path, &bytes[..ends[1] + 5]).expect("a cut");
    assert!(matches!(EmbeddedStore::open(folder.path(), lazy()), Err(StoreError::Damaged(_))));
}

#[test]
fn a_missing_segment_is_named() {
    let folder = folder();
    let small = Options { segment_bytes: 100, ..lazy() };
    fill(&open(folder.path(), small.clone()), folder.path(), 4);
    let gone = segments(folder.path())[1].clone();
    fs::remove_file(&gone).expect("a segment");
    let error = EmbeddedStore::open(folder.path(), small).expect_err("a gap");
    let name = gone.file_name().and_then(|name| name.to_str()).expect("a name");
    assert!(matches!(&error, StoreError::Damaged(text) if text.contains(name)), "{error}");
}

#[test]
fn a_newer_format_is_refused() {
    let folder = folder();
    drop(open(folder.path(), lazy()));
    let path = segments(folder.path())[0].clone();
    let original = fs::read(&path).expect("a segment");
    let mut newer = original.clone();
    newer[8] = 2;
    fs::write(&path, newer).expect("a segment");
    let refused = EmbeddedStore::open(folder.path(), lazy()).expect_err("newer");
    assert_eq!(refused, StoreError::Newer { found: 2, known: 1 });
    fs::write(&path, original).expect("a segment");
    let database = rusqlite::Connection::open(folder.path().join("history.sqlite3")).expect("a database");
    database.pragma_update(None, "user_version", 7).expect("a version");
    let refused = EmbeddedStore::open(folder.path(), lazy()).expect_err("newer");
    assert_eq!(refused, StoreError::Newer { found: 7, known: 2 });
}

#[test]
fn a_folder_is_open_once_and_the_refusal_names_it() {
    let folder = folder();
    let store = open(folder.path(), lazy());
    let refused = EmbeddedStore::open(folder.path(), lazy()).expect_err("locked");
    let name = folder.path().display().to_string();
    assert!(matches!(&refused, StoreError::Locked(text) if text.contains(&name)), "{refused}");
    drop(store);
    open(folder.path(), lazy());
}

/// Everything a party can ask for.
fn picture(store: &EmbeddedStore) -> String {
    block_on(async {
        let mut picture = String::new();
        for name in ["alice", "bob"] {
            let account = account(name);
            let events = store.events(&account, Offset(0), 99).await.expect("readable");
            let live = store.live(&account).await.expect("readable").calls;
            let calls = store.calls(&account, None, 99).await.expect("readable");
            let grave = store.remembered(&account, &key_text("grave")).await.expect("readable");
            let devices = store.devices(&account).await.expect("readable");
            let users = store.users(&[account]).await.expect("readable");
            picture += &format!(
                "{:?} {:?} {live:?} {calls:?} {grave:?} {users:?} {devices:?}",
                events.head,
                events.events.last()
            );
        }
        for n in (10..40).map(id) {
            picture += &format!("{:?}", store.ledger(APP, n).await.expect("readable"));
        }
        picture += &format!("{:?} {:?}", all_jobs(store).await, store.resources().await.expect("readable"));
        picture + &format!("{:?} {:?}", store.due(at(9999), 99).await, store.next_deadline().await)
    })
}

/// Some of everything; `round` tells one from another.
fn live_a_little(store: &EmbeddedStore, round: u64) {
    block_on(async {
        let alice = account("alice");
        for n in 1..=3 {
            let call: Call = ringing(round * 10 + n, &["alice", "bob"]);
            let keyed = Some(key(&alice, &format!("{round}-{n}")));
            let created = telling(&call, &["bob"]);
            commit(store, Transition { key: keyed, ..created }).await;
            let call = accepted(&call, "bob", 100);
            commit(store, telling(&call, &["alice", "bob"])).await;
            if n < 3 {
                commit(store, silent(&rejected(&call, 200))).await;
            }
        }
        store.bury(&alice, &key_text("grave"), at(round)).await.expect("buried");
        let change =
            UserChange { name: Some(Opaque::new(format!("Alice {round}"))), ..UserChange::default() };
        store.put_user(&alice, change, at(round)).await.expect("put");
        push_a_little(store, round).await;
    });
}

/// Some of everything that has to do with devices.
async fn push_a_little(store: &EmbeddedStore, round: u64) {
    let n = u8::try_from(round).expect("few rounds");
    let bob = account("bob");
    store.put_device(&bob, device("phone", &[n, 99], round)).await.expect("put");
    store.put_device(&bob, device("tablet", &[50 + n], round)).await.expect("put");
    store.put_device(&account("alice"), device("phone", &[50 + n], round)).await.expect("moved");
    assert!(store.remove_address(&bob, digest(99), at(round)).await.expect("removed"));
    store.put_resource(resource("ring", &[n])).await.expect("put");
    store.put_resource(resource("plain", &[n][..usize::from(n % 2)])).await.expect("put");
    let mut call = ringing(round * 10 + 4, &["alice", "bob"]);
    for _ in 0..3 {
        commit(store, leaving(&call, &["alice", "bob"], round)).await;
        call = next(&call);
    }
    for (name, phone) in [("alice", "phone"), ("bob", "phone"), ("bob", "tablet")] {
        let claimed = entry(ledger_key(&call, name, phone), round);
        let job = job_key(&ringing(round * 10 + 4, &["alice", "bob"]), name);
        store.claim(vec![claimed], Some(&job)).await.expect("claimed");
    }
    store.settle(&ledger_key(&call, "bob", "phone"), outcome(round + 1)).await.expect("settled");
}

#[test]
fn a_crash_at_each_stage_of_a_fold_loses_nothing() {
    let small = Options { segment_bytes: 600, event_bytes: 1500, ..lazy() };
    let folder = folder();
    for round in 1..=3 {
        let store = open(folder.path(), small.clone());
        live_a_little(&store, round);
        let expected = picture(&store);
        let before_the_fold = copy(folder.path());
        drop(store);
        let after_the_fold = copy(folder.path());
        let kept = segments(after_the_fold.path()).len();
        let before_the_removal = copy(folder.path());
        for segment in segments(before_the_fold.path()) {
            let name = segment.file_name().expect("a name");
            fs::copy(&segment, before_the_removal.path().join(name)).expect("a copy");
        }
        assert!(kept < segments(before_the_removal.path()).len(), "segments that nobody needs are removed");
        for crashed in [before_the_fold, before_the_removal, after_the_fold] {
            let store = open(crashed.path(), small.clone());
            assert_eq!(picture(&store), expected, "round {round}");
            let live = block_on(store.load(APP, id(round * 10 + 3))).expect("readable").expect("live");
            block_on(commit(&store, silent(&next(&live))));
        }
    }
}
