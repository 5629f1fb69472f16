//! An outbox whose process is killed: it holds what had been kept, and nothing that is half. A program of its own, which
//! starts itself once more to be killed.
use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use offhook_client::{
    DeviceId, Opaque, Platform,
    wake::{Outbox, PendingKind, Wake, WakeConfig},
};

const NAME: &str = "what_was_kept_survives_the_end_of_the_process";
/// So often it is killed, each time after so many more deeds: at other places of its work.
const ROUNDS: usize = 8;
/// Of so many calls in turn.
const CALLS: usize = 5;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let asks = |option: &str| arguments.iter().any(|argument| argument == option);
    match arguments.as_slice() {
        [_, word, folder] if word == "keep" => keep(Path::new(folder)),
        // Whoever runs all tests asks for their names first, and then for those that are left out.
        _ if asks("--list") && asks("--ignored") => {}
        _ if asks("--list") => println!("{NAME}: test"),
        _ => what_was_kept_survives_the_end_of_the_process(),
    }
}

fn what_was_kept_survives_the_end_of_the_process() {
    let place = tempfile::tempdir().expect("a folder");
    for round in 0..ROUNDS {
        let folder = place.path().join(round.to_string());
        let program = env::current_exe().expect("this program has a path");
        let mut child = Command::new(program).arg("keep").arg(&folder).stdout(Stdio::piped()).spawn();
        let child = child.as_mut().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let told = lines.take(1 + 3 * round).last().expect("it tells").expect("text");
        child.kill().expect("it runs");
        child.wait().expect("it ends");

        let done: usize = told.parse().expect("a number");
        let pending = Outbox::open(&folder).expect("usable").pending().expect("readable");
        let calls: Vec<_> = pending.iter().map(|pending| pending.invitation.call).collect();
        for number in 0..done.min(CALLS) {
            let call = call(number).parse().expect("valid");
            assert!(calls.contains(&call), "call {number} of {done} was kept, and is gone: {calls:?}");
        }
        assert!(pending.iter().all(|pending| pending.kind == PendingKind::Accept));
        let files = folder.read_dir().expect("readable").filter_map(Result::ok);
        let whole = files.filter(|file| file.path().extension().is_some_and(|name| name == "json")).count();
        assert_eq!(whole, pending.len(), "every file that is in its place can be read");
    }
    println!("test {NAME} ... ok ({ROUNDS} ends)");
}

/// Accepts calls for ever, by a server that nobody runs, and says after each how many it has kept.
fn keep(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outbox = Outbox::open(folder).expect("usable");
    for number in 0_usize.. {
        let wake = wake(number % CALLS);
        let failed = runtime.block_on(outbox.accept(&wake, Opaque::new("x".repeat(2_000))));
        assert!(failed.is_err(), "nobody runs that server");
        writeln!(std::io::stdout(), "{}", number + 1).expect("somebody reads");
    }
}

fn call(number: usize) -> String {
    format!("019aa2f4-7c00-7a3b-9c4d-{number:012}")
}

/// A ring that is over at once, so that the server is asked once.
fn wake(number: usize) -> Wake {
    let push = format!(
        r#"{{"offhook":{{"v":1,"kind":"ring","call":"{}","to":"bob","caller":"alice","seq":1,"credential":"c"}}}}"#,
        call(number)
    );
    let device = DeviceId::new("phone-1").expect("valid");
    let config = WakeConfig::new("http://127.0.0.1:1", device, Platform::Android);
    Wake::from_push(&push, &config).expect("a push")
}
