//! A full disk refuses commits, keeps reads, and heals by itself. Needs a small file system of its own: a memory file
//! system if the test may mount one, else it says that it was left out.
use std::{fs, path::Path, process::Command, time::Duration};

use offhook_store::{
    CommitError, Store, StoreError,
    call::Call,
    suite::{
        block_on,
        world::{APP, account, commit, id, next, rejected, ringing, silent, telling},
    },
};
use offhook_store_embedded::{EmbeddedStore, Options};
use offhook_types::{Offset, Opaque};

/// A memory file system of 2 MiB, unmounted at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

fn filler(n: u64) -> Call {
    Call { extended_data: Opaque::new("x".repeat(2000)), ..ringing(n, &["alice", "bob"]) }
}

#[test]
fn a_full_disk_refuses_commits_keeps_reads_and_heals() {
    let place = tempfile::tempdir().expect("a folder");
    let Some(disk) = SmallDisk::mount(place.path()) else {
        println!("left out: a memory file system cannot be mounted here");
        return;
    };
    fs::write(disk.0.join("ballast"), vec![0; 600 << 10]).expect("room for ballast");
    let options = Options { fold_interval: Duration::from_millis(20), ..Options::default() };
    let store = EmbeddedStore::open(disk.0.join("store"), options.clone()).expect("room for a store");
    let (mut n, mut refused) = (0, None);
    while refused.is_none() {
        n += 1;
        refused = block_on(store.commit(telling(&filler(n), &["bob"]))).err();
        assert!(n < 10_000, "the disk is full at some time");
    }
    let full = refused.expect("refused");
    assert!(matches!(full, CommitError::Store(StoreError::Full)), "{full}");
    assert_eq!(block_on(store.load(APP, id(n))), Ok(None), "what was refused is not there");
    let head = block_on(store.events(&account("bob"), Offset(0), 1)).expect("reads go on").head;
    assert_eq!(head, Offset(n - 1));
    let call = block_on(store.load(APP, id(1))).expect("reads go on").expect("it is there");
    assert_eq!(*call, filler(1));

    fs::remove_file(disk.0.join("ballast")).expect("ballast");
    block_on(commit(&store, telling(&filler(n), &["bob"])));
    block_on(commit(&store, silent(&rejected(&filler(n), n + 1))));
    drop(store);
    let store = EmbeddedStore::open(disk.0.join("store"), options).expect("nothing is damaged");
    assert_eq!(block_on(store.load(APP, id(n))).expect("readable").expect("ended").seq, next(&filler(n)).seq);
    let page = block_on(store.events(&account("bob"), Offset(n - 1), 9)).expect("readable");
    assert_eq!((page.head, page.events.len()), (Offset(n), 1));
}
