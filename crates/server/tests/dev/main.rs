//! What `offhook dev` serves beside `/v1`: the real binary, asked over a plain socket.
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// How often a test looks again for what must come, and how many times. Only a failure takes all of them.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: u32 = 400;

/// A program of the real binary; killed when dropped.
struct Program(Child);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offhook"));
        Self(
            command
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .expect("the binary starts"),
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill(); // It may be over already.
        let _ = self.0.wait();
    }
}

/// A `dev` server and its address.
fn dev() -> (Program, String) {
    let mut server = Program::start(&["dev", "--listen", "127.0.0.1:0", "--media-ip", "127.0.0.1"]);
    let mut lines = BufReader::new(server.0.stdout.take().expect("piped")).lines();
    let link = lines.find_map(|line| line.ok()?.split_once("http://").map(|(_, rest)| rest.to_owned()));
    let (address, _) = link
        .expect("a link is printed")
        .split_once('/')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a path");
    // What is printed later goes nowhere, and must not stop the server.
    thread::spawn(move || lines.for_each(drop));
    (server, address)
}

/// The answer's head and body.
fn get(address: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

fn people(address: &str, also: &str) -> Value {
    serde_json::from_str(&get(address, &format!("/dev/people?also={also}")).1).expect("JSON")
}

/// Asks again and again, until the people are as wanted.
#[track_caller]
fn until_people(address: &str, wanted: &Value) {
    let mut seen = Value::Null;
    for _ in 0..LOOKS {
        seen = people(address, "");
        if seen == *wanted {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
    panic!("they stayed {seen}");
}

fn person(user: &str, online: bool, in_call: bool) -> Value {
    json!({ "in_call": in_call, "name": user, "online": online, "user": user })
}

#[test]
fn presence_follows_connections_and_calls() {
    let (_server, address) = dev();
    let url = format!("http://{address}");
    assert_eq!(
        people(&address, "alice,zoe,no%20id"),
        json!([
            person("alice", false, false),
            person("bob", false, false),
            person("carol", false, false),
            { "in_call": false, "name": "", "online": false, "user": "zoe" }
        ])
    );
    let bob = Program::start(&["listen", "--user", "bob", "--server", &url]);
    until_people(
        &address,
        &json!([person("alice", false, false), person("bob", true, false), person("carol", false, false)]),
    );
    let alice =
        Program::start(&["call", "--user", "alice", "--to", "bob", "--mode", "advanced", "--server", &url]);
    until_people(
        &address,
        &json!([person("alice", true, true), person("bob", true, false), person("carol", false, false)]),
    );
    drop((alice, bob));
    // The call rings on until the caller's lease is over; who is connected is known at once.
    let mut still_here = true;
    for _ in 0..LOOKS {
        still_here =
            people(&address, "").as_array().expect("a list").iter().any(|person| person["online"] == true);
        if !still_here {
            break;
        }
        thread::sleep(LOOK_EVERY);
    }
    assert!(!still_here);
}

#[test]
fn pages_are_held_by_a_strict_policy_and_strangers_by_their_ids() {
    let (_server, address) = dev();
    let (head, body) = get(&address, "/room");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "require-trusted-types-for 'script'",
    ] {
        assert!(head.contains(part), "{part} is not in {head}");
    }
    assert!(
        body.contains("/demo/room/page.js")
            && get(&address, "/demo/room/page.js").0.contains("text/javascript")
    );
    assert!(get(&address, "/u/no%20id").0.starts_with("HTTP/1.1 404"));
    assert!(get(&address, "/demo/room/room.test.js").0.starts_with("HTTP/1.1 404"), "tests are not served");
    // Built into the binary or not: the page is there, or says what is missing.
    let (head, body) = get(&address, "/u/alice/settings");
    assert!(head.starts_with("HTTP/1.1 200") || body.contains("cargo xtask web"), "{head}\n{body}");
}
