use std::fs;

use offhook_signaling::Platform;
use serde_json::json;

use super::*;
use crate::wake::{
    WakeConfig,
    testing::{CALL, NOW, document},
};

/// A push whose ring goes on at this moment, of a server that nobody runs.
fn wake() -> Wake {
    let mut document = document("ring", 1);
    document["offhook"]["ring_until_ms"] = json!(u64::MAX);
    document["offhook"]["remaining_ms"] = json!(0);
    let device = DeviceId::new("phone-1").expect("valid");
    // Port 1 of loopback refuses; the ring is over at once, so that it is asked once.
    let config = WakeConfig::new("http://127.0.0.1:1", device, Platform::Android);
    Wake::from_push(&document.to_string(), &config).expect("ours")
}

fn outbox() -> (tempfile::TempDir, Outbox) {
    let place = tempfile::tempdir().expect("a folder");
    let outbox = Outbox::open(place.path().join("outbox")).expect("usable");
    (place, outbox)
}

fn bob() -> UserId {
    UserId::new("bob").expect("valid")
}

#[tokio::test]
async fn what_could_not_be_sent_is_kept_and_the_latest_deed_counts() {
    let (place, outbox) = outbox();
    let failed = outbox.accept(&wake(), Opaque::new("words")).await;
    assert!(matches!(failed, Err(OutboxError::Answer(AnswerError::Unreachable))), "{failed:?}");
    let again = Outbox::open(place.path().join("outbox")).expect("usable");
    let pending = again.pending().expect("readable");
    assert_eq!(pending.iter().map(|pending| pending.kind).collect::<Vec<_>>(), [PendingKind::Accept]);
    assert_eq!(pending[0].invitation.call.to_string(), CALL);

    assert!(outbox.reject(&wake(), RejectCause::Busy).await.is_err());
    let pending = again.pending().expect("readable");
    assert_eq!(pending.iter().map(|pending| pending.kind).collect::<Vec<_>>(), [PendingKind::Reject]);
    assert_eq!(outbox.take_answered(None).expect("readable"), None, "nothing was accepted");

    let flushed = outbox.flush().await.expect("readable");
    assert!(matches!(flushed[0].outcome, Outcome::Kept), "{flushed:?}");
    assert_eq!(outbox.pending().expect("readable").len(), 1);
}

#[tokio::test]
async fn what_is_too_old_is_dropped_and_said_to_be() {
    let (_place, outbox) = outbox();
    let mut entry =
        Entry::new(&wake(), Deed::Reject { data: Opaque::default(), reason: RejectCause::Busy }, NOW);
    entry.until = NOW;
    outbox.folder.put(&entry).expect("written");
    let flushed = outbox.flush().await.expect("readable");
    assert!(matches!(flushed[0].outcome, Outcome::Dropped(Dropped::Expired)), "{flushed:?}");
    assert_eq!(outbox.pending().expect("readable"), []);
}

#[tokio::test]
async fn what_was_tapped_is_read_once_by_the_user_whom_it_is_for() {
    let (_place, outbox) = outbox();
    outbox.tapped(&wake()).await.expect("kept");
    let carol = UserId::new("carol").expect("valid");
    assert_eq!(outbox.take_answered(Some(&carol)).expect("readable"), None);
    let answered = outbox.take_answered(Some(&bob())).expect("readable").expect("there");
    assert_eq!((answered.kind, answered.device.as_str()), (AnsweredKind::Tapped, "phone-1"));
    assert_eq!(answered.invitation.payload, r#"{"room":1}"#);
    assert_eq!(outbox.take_answered(Some(&bob())).expect("readable"), None);
}

#[test]
fn what_the_app_has_not_read_for_ten_minutes_is_forgotten() {
    let (_place, outbox) = outbox();
    let now = time_of_day();
    let ago = |age: Duration| Timestamp::from_millis(now.as_millis()).as_millis() - age.as_millis() as u64;
    for (age, is_there) in [(FRESH - Duration::from_secs(60), true), (FRESH + Duration::from_secs(1), false)]
    {
        let at = Timestamp::from_millis(ago(age));
        outbox.folder.put(&Entry::new(&wake(), Deed::Tapped, at)).expect("written");
        assert_eq!(outbox.take_answered(None).expect("readable").is_some(), is_there, "{age:?}");
        assert_eq!(outbox.folder.entries().expect("readable"), [], "{age:?}");
    }
}

#[test]
fn what_was_answered_before_a_later_deed_does_not_settle_it() {
    let (_place, outbox) = outbox();
    let accept = Entry::new(&wake(), Deed::Accept { data: Opaque::default() }, NOW);
    let later = Entry::new(&wake(), Deed::Tapped, NOW);
    outbox.folder.put(&accept).expect("written");
    outbox.folder.put(&later).expect("written");
    assert!(!outbox.folder.replace(&accept, None).expect("readable"));
    assert_eq!(outbox.folder.entries().expect("readable"), [later]);
}

#[test]
fn what_cannot_be_read_is_passed_over_and_what_was_not_finished_is_cleared() {
    let (place, outbox) = outbox();
    let folder = place.path().join("outbox");
    fs::write(folder.join("a.json"), "{").expect("written");
    fs::write(folder.join("b.part"), "{").expect("written");
    assert_eq!(outbox.pending().expect("readable"), []);
    let later = time_of_day() + ABANDONED_AND_MORE;
    Folder::open(folder.clone(), later).expect("usable");
    assert!(!folder.join("b.part").exists());
    assert!(folder.join("a.json").exists());
}

const ABANDONED_AND_MORE: Duration = Duration::from_secs(61);

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let (place, outbox) = outbox();
    outbox.folder.put(&Entry::new(&wake(), Deed::Tapped, NOW)).expect("written");
    let folder = place.path().join("outbox");
    let file = fs::read_dir(&folder).expect("readable").next().expect("one").expect("readable").path();
    for (path, mode) in [(folder, 0o700), (file, 0o600)] {
        let about = fs::metadata(path).expect("readable");
        assert_eq!(about.permissions().mode() & 0o777, mode);
    }
}

#[test]
fn a_pass_into_the_room_ages_while_the_app_does_not_run() {
    let room = |expires_in_ms| RoomToken { expires_in_ms, token: offhook_signaling::Hidden("t".into()) };
    let aged = |after| super::entry::aged(room(1_000), Duration::from_millis(after));
    assert_eq!(aged(400), Some(room(600)));
    assert_eq!(aged(1_000), None);
}
