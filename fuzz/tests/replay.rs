//! The corpus of every target, and variations of it, on every push.
use std::{fs, path::Path};

/// How often each file of the corpus is varied. More finds more and takes longer; cargo-fuzz is for finding.
const VARIATIONS: usize = 60;

#[test]
fn descriptions_of_strangers_do_no_harm() {
    replay("sdp", offhook_fuzz::sdp);
}

#[test]
fn packets_from_nowhere_do_no_harm() {
    replay("datagrams", offhook_fuzz::datagrams);
}

#[test]
fn payloads_of_participants_do_no_harm() {
    replay("packets", offhook_fuzz::packets);
}

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 8, "the corpus of {target} is thin");
    let mut dice = Dice(0x6f66_6668_6f6f_6b00);
    for file in files {
        let bytes = fs::read(&file).expect("a file of the corpus");
        run(&bytes);
        for _ in 0..VARIATIONS {
            run(&vary(&bytes, &mut dice));
        }
    }
}

/// A few random changes: bytes altered, cut out, doubled, or the end cut off.
fn vary(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = dice.below(bytes.len());
        let end = (at + 1 + dice.below(16)).min(bytes.len());
        match dice.below(5) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = [0, 0xff, 0x7f, 0x80, b'9', b'\n', b'='][dice.below(7)],
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// SplitMix64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below a usize")
    }
}
