//! What a server says when it cannot do its work: each of these must be clear to the person who reads it, and none may
//! damage what is stored. The real binary, on real files and ports.
mod server;

use std::{fs, net::TcpListener, path::Path, process::Command};

use serde_json::{Value, json};

use crate::server::{Place, Refused, folder, refuse, serve};

/// That the server ended with a failure, without a panic, and said all of this in one line.
#[track_caller]
fn assert_said(refused: &Refused, parts: &[&str]) {
    assert_eq!(refused.code, Some(1), "{}", refused.said);
    let last = refused.said.lines().last().unwrap_or_default();
    for part in parts {
        assert!(last.contains(part), "{part:?} is not in {last:?}");
    }
    assert!(!refused.said.contains("panicked"), "{}", refused.said);
}

#[test]
fn a_folder_in_use_is_refused_and_its_server_goes_on() {
    let place = Place::new();
    let first = serve(&place.usual());
    first.register();
    let refused = refuse(&place.usual(), &[]);
    let store = place.store().display().to_string();
    assert_said(&refused, &["offhook: cannot open the store in", &store, "in use by another process"]);
    assert_eq!(first.place(0).0, 201, "the first server goes on");
}

#[test]
fn a_folder_is_free_again_when_its_server_was_killed() {
    let place = Place::new();
    let mut first = serve(&place.usual());
    first.register();
    first.kill();
    let second = serve(&place.usual());
    assert_eq!(second.place(0).0, 201, "users are known to the next server");
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let place = Place::new();
    serve(&place.usual()).kill();
    let journal = newest_journal(&place.store());
    let mut bytes = fs::read(&journal).unwrap();
    bytes[8..12].copy_from_slice(&99_u32.to_le_bytes()); // The format, behind eight bytes that name the kind of file.
    fs::write(&journal, &bytes).unwrap();
    assert_said(&refuse(&place.usual(), &[]), &["format 99", "use a newer Offhook"]);
    assert_eq!(fs::read(&journal).unwrap(), bytes);
}

#[test]
fn a_damaged_journal_is_refused_with_its_place_and_left_as_it_is() {
    let place = Place::new();
    let store = format!("{}\ndurability = \"power\"", folder(&place.store()));
    let config = place.configure("listen = \"127.0.0.1:0\"", &store);
    let mut server = serve(&config);
    server.register();
    for _ in 0..4 {
        assert_eq!(server.place(0).0, 201);
    }
    server.kill();
    let journal = newest_journal(&place.store());
    let mut bytes = fs::read(&journal).unwrap();
    bytes[100] ^= 0x40; // In one of the first records: others behind it were synced, so no power cut explains it.
    fs::write(&journal, &bytes).unwrap();
    let name = journal.display().to_string();
    assert_said(
        &refuse(&config, &[]),
        &["the store is damaged", &name, "restore the whole folder from a backup"],
    );
    assert_eq!(fs::read(&journal).unwrap(), bytes);
}

#[test]
fn a_folder_that_cannot_be_is_refused_by_name() {
    let place = Place::new();
    let file = place.folder.join("file");
    fs::write(&file, "not a folder").unwrap();
    let store = file.join("store");
    let config = place.configure("listen = \"127.0.0.1:0\"", &folder(&store));
    assert_said(&refuse(&config, &[]), &["cannot open the store in", &store.display().to_string()]);
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_by_name() {
    let place = Place::new();
    let Some(disk) = Mount::new(&place.folder.join("disk"), "size=1m,ro") else {
        println!("left out: without the right to mount, a folder cannot be made read-only for every user");
        return;
    };
    let store = disk.0.join("store");
    let config = place.configure("listen = \"127.0.0.1:0\"", &folder(&store));
    assert_said(&refuse(&config, &[]), &[&store.display().to_string(), "Read-only file system"]);
}

#[test]
fn a_taken_port_is_refused_by_its_address() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let config = place.configure(&format!("listen = \"{address}\""), &folder(&place.store()));
    assert_said(&refuse(&config, &[]), &["cannot listen on", &address, "in use"]);
}

#[test]
fn a_taken_port_for_metrics_is_refused_by_its_address() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let metrics = ("OFFHOOK_SERVER_METRICS_LISTEN", address.as_str());
    assert_said(&refuse(&place.usual(), &[metrics]), &["cannot listen on", &address, "in use"]);
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest_name() {
    let place = Place::new();
    let config = place.configure("lisen = \"127.0.0.1:0\"", &folder(&place.store()));
    assert_said(&refuse(&config, &[]), &["server.lisen", "did you mean server.listen?"]);
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest_name() {
    let place = Place::new();
    let refused = refuse(&place.usual(), &[("OFFHOOK_STORE_FOLDR", "/nowhere")]);
    assert_said(&refused, &["OFFHOOK_STORE_FOLDR", "did you mean OFFHOOK_STORE_FOLDER?"]);
}

#[test]
fn a_server_without_apps_is_refused_with_the_way_out() {
    let place = Place::new();
    let config = place.write("[server]\nlisten = \"127.0.0.1:0\"\n");
    assert_said(&refuse(&config, &[]), &["no app is configured", "[[apps]]", "offhook dev"]);
}

#[test]
fn a_configuration_that_is_not_there_is_refused_by_name() {
    let place = Place::new();
    let missing = place.folder.join("missing.toml");
    assert_said(&refuse(&missing, &[]), &["cannot read the configuration file", "missing.toml"]);
}

#[test]
fn a_secret_that_is_too_short_is_refused_by_its_key_and_not_shown() {
    let place = Place::new();
    let text = "[[apps]]\nid = 3\n[[apps.keys]]\nid = \"k\"\npurpose = \"user\"\nsecret = \"c2hvcnQ\"\n";
    let config = place.write(&format!("[store]\n{}\n{text}", folder(&place.store())));
    let refused = refuse(&config, &[]);
    assert_said(&refused, &["key \"k\" of app 3"]);
    assert!(!refused.said.contains("c2hvcnQ"), "{}", refused.said);
}

#[test]
fn a_full_disk_refuses_calls_serves_reads_and_heals_by_itself() {
    let place = Place::new();
    let Some(disk) = Mount::new(&place.folder.join("disk"), "size=3m") else {
        println!("left out: a small disk cannot be mounted here");
        return;
    };
    let ballast = disk.0.join("ballast");
    fs::write(&ballast, vec![0; 1 << 20]).unwrap();
    let config = place.configure("listen = \"127.0.0.1:0\"", &folder(&disk.0.join("store")));
    let server = serve(&config);
    server.register();
    let (status, first) = server.place(2_000);
    assert_eq!(status, 201, "{first}");

    let refused = (0..10_000).map(|_| server.place(2_000)).find(|(status, _)| *status != 201);
    let (status, problem) = refused.expect("the disk is full at some time");
    assert_eq!((status, &problem["code"]), (503, &json!("store_unavailable")), "{problem}");
    assert_eq!(problem["retryable"], json!(true));
    let id = first["call"]["call"].as_str().expect("a placed call has an id");
    let (status, read) = server.ask("GET", &format!("/v1/calls/{id}?user=bob"), &Value::Null);
    assert_eq!((status, &read["call"]["call"]), (200, &json!(id)), "reads go on: {read}");
    let (status, _) = server.ask("GET", "/v1/health", &Value::Null);
    assert_eq!(status, 200, "the process lives");

    fs::remove_file(&ballast).unwrap();
    let (status, placed) = server.place(2_000);
    assert_eq!(status, 201, "calls are stored again: {placed}");
    drop(server);
    let server = serve(&config);
    let id = placed["call"]["call"].as_str().expect("a placed call has an id");
    let (status, read) = server.ask("GET", &format!("/v1/calls/{id}?user=alice"), &Value::Null);
    assert_eq!(status, 200, "nothing is damaged: {read}");
}

/// The last segment of the journal.
fn newest_journal(store: &Path) -> std::path::PathBuf {
    let entries = fs::read_dir(store).expect("the store is a folder");
    let files = entries.map(|entry| entry.expect("an entry can be read").path());
    let journals = files.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    journals.max().expect("a store has a journal")
}

/// A memory file system, unmounted at the end.
struct Mount(std::path::PathBuf);

impl Mount {
    /// `None` if this user may not mount.
    fn new(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir(at).expect("a place to mount at");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status(); // A server that still runs holds it; it ends first.
    }
}
