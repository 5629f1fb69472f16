//! The real binary and stand-ins that are as strict as vendors: from an invitation over REST to what a vendor receives, and
//! what the doctor says of credentials.
#[allow(dead_code, reason = "shared with other tests")]
#[path = "../bad_input/server.rs"]
mod server;
mod vendors;

use std::{fs, thread, time::Duration};

use offhook_testing_vendors::{Apns, Device, Received, Reply};
use serde_json::{Value, json};

use server::{APP, Place, Serving, offhook, serve};
use vendors::Vendors;

/// A time after every registration, in milliseconds since 1970.
const FAR_AHEAD: u64 = 4_000_000_000_000;

/// A server whose app sends pushes to these vendors.
fn place(vendors: &Vendors) -> Place {
    let place = Place::new();
    let (push, resource) = vendors.configuration(&place.folder);
    let usual = place.usual();
    let text = fs::read_to_string(&usual).expect("just written");
    let _ = place.write(&format!("{push}\n{text}\n{resource}"));
    place
}

fn config(place: &Place) -> std::path::PathBuf {
    place.folder.join("offhook.toml")
}

fn register(serving: &Serving, user: &str, device: &str, addresses: &Value) {
    let path = format!("/v1/users/{user}/devices/{device}");
    let (status, answer) = serving.ask("PUT", &path, &json!({ "addresses": addresses }));
    assert_eq!(status, 200, "{answer}");
}

fn call_bob(serving: &Serving) -> String {
    let (status, answer) = serving.place(0);
    assert_eq!(status, 201, "{answer}");
    answer["call"]["call"].as_str().expect("an id").to_owned()
}

/// Waits until this is so.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = ask() {
            return found;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("not within 12 s: {what}");
}

fn nth(what: &str, received: impl Fn() -> Vec<Received>, number: usize) -> Received {
    until(what, || received().into_iter().nth(number))
}

fn body(received: &Received) -> Value {
    serde_json::from_slice(&received.body).expect("JSON")
}

fn ledger(serving: &Serving, call: &str) -> Vec<String> {
    let (_, answer) = serving.ask("GET", &format!("/v1/calls/{call}/pushes?user=bob"), &Value::Null);
    let line = |push: &Value| {
        let word = |name: &str| push[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", word("device"), word("kind"), word("verdict"))
    };
    answer["pushes"].as_array().expect("a ledger").iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_reaches_every_kind_of_device_through_its_vendor_and_so_does_its_end() {
    let vendors = Vendors::start().await;
    let place = place(&vendors);
    let serving = serve(&config(&place));
    serving.register();
    register(
        &serving,
        "bob",
        "iphone",
        &json!([{ "provider": "apns_voip", "token": "00ff" }, { "provider": "apns_alert", "token": "00aa" }]),
    );
    register(&serving, "bob", "pixel", &json!([{ "provider": "fcm", "token": "registration" }]));
    let browser = vendors.web.subscribe(Some(&vendors.web_key)).expect("a subscription");
    register(
        &serving,
        "bob",
        "laptop",
        &json!([{
            "provider": "web", "endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth,
        }]),
    );
    let call = call_bob(&serving);
    let ring = nth("a ring at Apple's", || vendors.apns.received(), 0);
    assert_eq!(
        (ring.uri.path(), &ring.headers["apns-push-type"]),
        ("/3/device/00ff", &"voip".parse().expect("a value"))
    );
    assert_eq!(
        (&body(&ring)["offhook"]["call"], &body(&ring)["aps"]["alert"]["title"]),
        (&json!(call), &json!("alice"))
    );
    let sends = || -> Vec<Received> {
        let all = vendors.fcm.received();
        all.into_iter().filter(|received| received.uri.path().ends_with("messages:send")).collect()
    };
    let message = body(&nth("a ring at Google's", sends, 0));
    assert_eq!(message["message"]["android"]["priority"], "HIGH");
    let shown = until("a ring in the browser", || {
        vendors.web.stored(&browser).pop().and_then(|message| message.plain)
    });
    let shown: Value = serde_json::from_slice(&shown).expect("JSON");
    assert_eq!((&shown["offhook"]["kind"], &shown["offhook"]["to"]), (&json!("ring"), &json!("bob")));
    let rings = ["iphone ring accepted", "laptop ring accepted", "pixel ring accepted"];
    until("the ledger knows", || (ledger(&serving, &call) == rings).then_some(()));

    let (status, answer) =
        serving.ask("POST", &format!("/v1/calls/{call}/cancel"), &json!({ "user": "alice" }));
    assert_eq!(status, 200, "{answer}");
    let stop = body(&nth("the end at Google's", sends, 1));
    let own: Value =
        serde_json::from_str(stop["message"]["data"]["offhook"].as_str().expect("text")).expect("JSON");
    assert_eq!((&own["kind"], &own["reason"]), (&json!("stop"), &json!("canceled")));
    let end = nth("the end at Apple's", || vendors.apns.received(), 1);
    assert_eq!(
        (end.uri.path(), &end.headers["apns-push-type"]),
        ("/3/device/00aa", &"background".parse().expect("a value"))
    );
    // The service still held the ring: the end has taken its place.
    until("the end in the browser", || {
        let stored = vendors.web.stored(&browser);
        let last = stored.last().and_then(|message| message.plain.clone())?;
        (stored.len() == 1 && String::from_utf8_lossy(&last).contains("\"stop\"")).then_some(())
    });
    assert_eq!(vendors.violations(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_registered_outlives_a_crash_and_a_dead_address_does_not_outlive_its_vendors_word() {
    let vendors = Vendors::start().await;
    let place = place(&vendors);
    let mut serving = serve(&config(&place));
    serving.register();
    register(&serving, "bob", "iphone", &json!([{ "provider": "apns_voip", "token": "00ff" }]));
    serving.kill();
    let serving = serve(&config(&place));
    let call = call_bob(&serving);
    nth("a ring after the crash", || vendors.apns.received(), 0);
    until("it was accepted", || (ledger(&serving, &call) == ["iphone ring accepted"]).then_some(()));
    vendors.apns.device("00ff", Device::Gone(FAR_AHEAD));
    let second = call_bob(&serving);
    until("Apple says that it is gone", || {
        (ledger(&serving, &second) == ["iphone ring address_dead"]).then_some(())
    });
    let third = call_bob(&serving);
    let (status, answer) =
        serving.ask("POST", &format!("/v1/calls/{third}/cancel"), &json!({ "user": "alice" }));
    assert_eq!((status, ledger(&serving, &third)), (200, vec![]), "{answer}");
    for path in fs::read_dir(place.store()).expect("a folder") {
        let bytes = fs::read(path.expect("a file").path()).unwrap_or_default();
        assert!(
            !bytes.windows(21).any(|window| window == b"\"apns\",\"channel\":\"voip"),
            "an address lies open"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_each_vendor_thinks_of_a_credential() {
    let vendors = Vendors::start().await;
    let place = place(&vendors);
    let consult = || {
        let output =
            offhook(&["doctor", "push", "--app", &APP.to_string(), "--config"]).arg(config(&place)).output();
        let output = output.expect("the binary starts");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    };
    let (is_well, said) = consult();
    assert!(is_well, "{said}");
    assert_eq!(said.matches("  ok  ").count(), 4, "{said}");
    let refusal = || Reply::Answer(Apns::refusal(403, "InvalidProviderToken"));
    vendors.apns.answer_next(refusal());
    let (is_well, said) = consult();
    assert!(!is_well, "{said}");
    assert!(said.contains("key_id, team_id and key_file do not belong together"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_that_a_back_end_puts_works_at_once_and_after_a_restart_and_shows_no_secret() {
    let vendors = Vendors::start().await;
    let place = place(&vendors);
    let mut serving = serve(&config(&place));
    let (private, public) = offhook_push::Signer::generate_halves().expect("a pair");
    let form =
        json!({ "web": { "private_key": private, "public_key": public, "subject": "mailto:a@app.example" } });
    assert_eq!(serving.ask("PUT", "/v1/push-resources/web-only", &form).0, 200);
    let names = |serving: &Serving| -> Vec<String> {
        let (_, answer) = serving.ask("GET", "/v1/push-resources", &Value::Null);
        assert!(!answer.to_string().contains(&private), "{answer}");
        let resources = answer["resources"].as_array().expect("a list").clone();
        resources.iter().map(|resource| resource["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&serving), ["default", "web-only"]);
    serving.kill();
    let serving = serve(&config(&place));
    assert_eq!(names(&serving), ["default", "web-only"]);
    let refused = [
        ("PUT", "/v1/push-resources/default", form.clone()),
        ("DELETE", "/v1/push-resources/default", Value::Null),
        ("PUT", "/v1/push-resources/no%20name", form),
        ("PUT", "/v1/push-resources/empty", json!({})),
        (
            "PUT",
            "/v1/push-resources/bad",
            json!({ "web": { "private_key": "x", "public_key": "y", "subject": "mailto:a@b.example" } }),
        ),
    ];
    for (method, path, form) in refused {
        let (status, answer) = serving.ask(method, path, &form);
        assert_eq!(status, 422, "{method} {path}: {answer}");
    }
    assert_eq!(serving.ask("DELETE", "/v1/push-resources/web-only", &Value::Null).0, 200);
    assert_eq!(serving.ask("DELETE", "/v1/push-resources/web-only", &Value::Null).0, 404);
}
