//! What strangers can send to a media room.
//!
//! Each target takes any bytes and must come to an end without a panic; what it leaves behind must still work. The bytes go
//! in where a stranger's would: into a machine with a room in which two people talk. `tests/replay.rs` plays the corpus and
//! variations of it on every push, with the stable compiler; `cargo +nightly fuzz run NAME` looks for more.

mod booth;

use std::cell::RefCell;

use booth::Booth;
use offhook_sfu::{Transport, endpoint::Codec};

thread_local! {
    /// Setting up a room costs more than most inputs, so a thread keeps one for as long as it works.
    static BOOTH: RefCell<Option<Booth>> = const { RefCell::new(None) };
}

/// A session description of a participant, as an offer and as an answer.
pub fn sdp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    in_booth(|booth| {
        booth.stranger_offers(&text);
        booth.stranger_answers(&text);
    });
}

/// A packet from somewhere: the first byte says from where and how, the rest is the packet. STUN, DTLS, RTP or nothing
/// of the kind.
///
/// # Panics
/// If the answers to an unknown sender are larger than what it sent.
pub fn datagrams(bytes: &[u8]) {
    let Some((how, contents)) = bytes.split_first() else { return };
    let transport = match how & 3 {
        0 | 1 => Transport::Udp,
        2 => Transport::Tcp,
        _ => Transport::SslTcp,
    };
    in_booth(|booth| {
        if how & 4 == 0 {
            let answered = booth.answer_to_stranger(transport, contents);
            assert!(answered <= contents.len(), "{answered} bytes answer {} of a stranger", contents.len());
        } else {
            booth.in_the_name_of_the_publisher(transport, contents);
        }
    });
}

/// The payload of a media packet that a participant really sends, encrypted and signed: the first byte says in which codec.
pub fn packets(bytes: &[u8]) {
    let Some((how, payload)) = bytes.split_first() else { return };
    let codec = match how % 5 {
        0 => Codec::Vp8,
        1 => Codec::Vp9,
        2 => Codec::H264,
        3 => Codec::Av1,
        _ => Codec::Opus,
    };
    in_booth(|booth| booth.publish(codec, how & 0x80 != 0, payload));
}

/// Does something in the thread's room and demands that the two who talk there still hear each other.
fn in_booth(work: impl FnOnce(&mut Booth)) {
    BOOTH.with_borrow_mut(|kept| {
        let booth = kept.get_or_insert_with(Booth::new);
        work(booth);
        booth.check();
    });
}
