//! Random numbers of the operating system.
use std::fmt::Write;

use offhook_types::IdempotencyKey;

/// Draws pauses; not for secrets.
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Seeds the generator.
    pub(crate) fn new() -> Self {
        Self(draw())
    }

    /// The next number (SplitMix64, upper half).
    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).expect("32 bits fit")
    }
}

/// Mints the key of an invite: 128 random bits.
pub(crate) fn key() -> IdempotencyKey {
    IdempotencyKey::new(name()).expect("hexadecimal digits are printable")
}

/// 128 random bits as 32 hexadecimal digits.
pub(crate) fn name() -> String {
    let mut text = String::with_capacity(32);
    for number in [draw(), draw()] {
        write!(text, "{number:016x}").expect("a string takes every text");
    }
    text
}

fn draw() -> u64 {
    getrandom::u64().expect("the operating system has random numbers")
}
