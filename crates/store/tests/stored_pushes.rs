//! The stored forms of devices, jobs and pushes give back what they were given, and stay as they are.
use std::sync::Arc;

use offhook_store::{
    Device, JobKey, LedgerEntry, LedgerKey, LedgerOutcome, SealedAddress, StoredResource, Transition, Turn,
    stored::{
        Record, read_outcome, read_record, write_claim, write_device, write_outcome, write_resource,
        write_settled, write_transition,
    },
    suite::{
        pushes::{device, device_id, entry, job_key, leaving, ledger_key, outcome, resource},
        world::{account, at, id, ringing, user},
    },
};
use offhook_types::{AppId, CallSeq, Opaque, Timestamp};
use proptest::{option, prelude::*};

fn text(form: Vec<u8>) -> String {
    String::from_utf8(form).expect("forms are text")
}

#[test]
fn jobs_of_a_transition_look_like_this() {
    let mut call = ringing(1, &["alice", "bob"]);
    call.extended_data = Opaque::default();
    let transition = leaving(&call, &["bob", "gone"], 1);
    insta::assert_snapshot!(text(write_transition(&transition, &[])), @r#"{"t":{"at":1763700001000,"c":{"v":1,"id":"019aa4b6-48e8-7000-8000-000000000001","a":1,"q":1,"t":1763700001000,"c":0,"r":30000,"adv":true,"l":[{"u":"alice","s":1,"m":"phone"},{"u":"bob","s":0,"r":1763700031000}]},"j":[{"u":1,"b":"ring bob"},{"u":"gone","b":"ring gone"}]}}"#);
}

#[test]
fn a_device_and_a_resource_look_like_this() {
    insta::assert_snapshot!(text(write_device(&account("bob"), &device("phone", &[1, 2], 3))), @r#"{"d":{"a":1,"u":"bob","d":"phone","l":[{"g":"0dHR0dHR0dHR0dHR0dHRAQ","k":"apns_voip","t":1763700003000,"x":"AQD/Ig"},{"g":"0dHR0dHR0dHR0dHR0dHRAg","k":"fcm","t":1763700003000,"x":"AgD/Ig"}]}}"#);
    insta::assert_snapshot!(text(write_device(&account("bob"), &device("phone", &[], 3))), @r#"{"d":{"a":1,"u":"bob","d":"phone"}}"#);
    insta::assert_snapshot!(text(write_resource(&resource("ring", b"sealed"))), @r#"{"r":{"a":1,"n":"ring","x":"c2VhbGVk"}}"#);
    insta::assert_snapshot!(text(write_resource(&resource("ring", b""))), @r#"{"r":{"a":1,"n":"ring"}}"#);
}

#[test]
fn a_claim_and_what_came_of_it_look_like_this() {
    let call = ringing(1, &["alice", "bob"]);
    let key = ledger_key(&call, "bob", "phone");
    let claim = write_claim(&[entry(key.clone(), 2)], Some(&job_key(&call, "bob")));
    insta::assert_snapshot!(text(claim), @r#"{"p":{"e":[{"k":{"a":1,"c":"019aa4b6-48e8-7000-8000-000000000001","u":"bob","d":"phone","q":1,"w":"ring"},"at":1763700002000,"g":"0dHR0dHR0dHR0dHR0dHRAQ","p":"apns_voip","i":"ASNFZ4mrTe+AAAAAAAAAAg","n":"ring"}],"f":{"a":1,"c":"019aa4b6-48e8-7000-8000-000000000001","q":1,"u":"bob"}}}"#);
    insta::assert_snapshot!(text(write_claim(&[], Some(&job_key(&call, "bob")))), @r#"{"p":{"f":{"a":1,"c":"019aa4b6-48e8-7000-8000-000000000001","q":1,"u":"bob"}}}"#);
    insta::assert_snapshot!(text(write_settled(&key, &outcome(3))), @r#"{"s":{"k":{"a":1,"c":"019aa4b6-48e8-7000-8000-000000000001","u":"bob","d":"phone","q":1,"w":"ring"},"o":{"at":1763700003000,"attempts":1,"refused":false,"verdict":"accepted"}}}"#);
}

#[test]
fn a_transition_without_jobs_says_nothing_of_them() {
    let form = text(write_transition(&leaving(&ringing(1, &["alice", "bob"]), &[], 1), &[]));
    assert!(!form.contains("\"j\""), "{form}");
}

#[test]
fn what_is_sealed_is_not_found_in_what_is_said_of_damage() {
    let form = text(write_device(&account("bob"), &device("phone", &[1], 3)));
    for (from, to) in [("\"g\":\"0", "\"g\":\"*"), ("\"g\":\"", "\"g\":\"AAAA"), ("\"t\":", "\"t\":-")] {
        assert!(form.contains(from), "{from} in {form}");
        let refused = read_record(form.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(refused.contains("damaged") && !refused.contains("bob"), "{refused}");
    }
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

fn addresses() -> impl Strategy<Value = Vec<SealedAddress>> {
    let address =
        (any::<[u8; 16]>(), "[a-z_]{1,9}", time(), proptest::collection::vec(any::<u8>(), 0..40)).prop_map(
            |(digest, kind, registered_at, sealed)| SealedAddress { digest, kind, registered_at, sealed },
        );
    proptest::collection::vec(address, 0..4)
}

fn key() -> impl Strategy<Value = LedgerKey> {
    let turn = proptest::sample::select(vec![Turn::Ring, Turn::Stop, Turn::Missed]);
    (any::<u32>(), 1_u64..99, "[a-d]", "[!-~]{1,9}", any::<u64>(), turn).prop_map(
        |(app, n, name, device, ring, turn)| LedgerKey {
            app: AppId(app),
            call: id(n),
            user: user(&name),
            device: device_id(&device),
            ring: CallSeq(ring),
            turn,
        },
    )
}

fn outcomes() -> impl Strategy<Value = LedgerOutcome> {
    (time(), any::<u32>(), "\\PC{0,9}", any::<bool>(), "[a-z_]{1,9}").prop_map(
        |(at, attempts, detail, refused, verdict)| LedgerOutcome { at, attempts, detail, refused, verdict },
    )
}

fn entries() -> impl Strategy<Value = Vec<LedgerEntry>> {
    let names = ("[a-z_]{1,9}", "[A-Za-z0-9_.-]{1,9}");
    let entry = (time(), any::<[u8; 16]>(), key(), option::of(outcomes()), names, any::<u128>()).prop_map(
        |(at, digest, key, outcome, (provider, resource), push)| LedgerEntry {
            at,
            digest,
            key,
            outcome,
            provider,
            push,
            resource,
        },
    );
    proptest::collection::vec(entry, 0..4)
}

proptest! {
    #[test]
    fn every_device_comes_back_as_it_was(addresses in addresses()) {
        let written = Device { addresses, id: device_id("phone") };
        let Record::Device { account: read, device } = read_record(&write_device(&account("bob"), &written)).unwrap()
        else { panic!("a device was written") };
        prop_assert_eq!((read, device), (account("bob"), written));
    }

    #[test]
    fn every_resource_comes_back_as_it_was(name in "\\PC{0,9}", sealed in proptest::collection::vec(any::<u8>(), 0..40)) {
        let written = StoredResource { app: AppId(3), name, sealed };
        let Record::Resource(read) = read_record(&write_resource(&written)).unwrap()
        else { panic!("a resource was written") };
        prop_assert_eq!(read, written);
    }

    #[test]
    fn every_claim_comes_back_as_it_was(written in entries(), job in option::of(key())) {
        let job = job.map(|key| JobKey { app: key.app, call: key.call, seq: key.ring, user: key.user });
        let Record::Claim { entries, finished } = read_record(&write_claim(&written, job.as_ref())).unwrap()
        else { panic!("a claim was written") };
        prop_assert_eq!((entries, finished), (written, job));
    }

    #[test]
    fn every_outcome_comes_back_as_it_was(of in key(), written in outcomes()) {
        let Record::Settled { key, outcome } = read_record(&write_settled(&of, &written)).unwrap()
        else { panic!("an outcome was written") };
        prop_assert_eq!((key, &outcome), (of, &written));
        let mut bytes = vec![];
        write_outcome(&written, &mut bytes);
        prop_assert_eq!(read_outcome(&bytes).unwrap(), written);
    }

    #[test]
    fn every_job_comes_back_as_it_was(bodies in proptest::collection::vec("\\PC{0,9}", 0..4)) {
        let jobs: Vec<_> =
            bodies.iter().zip(["a", "b", "c", "gone"]).map(|(body, name)| (user(name), Opaque::new(body))).collect();
        let call = ringing(1, &["a", "b", "c"]);
        let written = Transition { jobs: jobs.clone(), ..leaving(&call, &[], 1) };
        let Record::Transition { transition, .. } = read_record(&write_transition(&written, &[])).unwrap()
        else { panic!("a transition was written") };
        prop_assert_eq!((transition.at, transition.call, transition.jobs), (at(1), Arc::new(call), jobs));
    }
}
