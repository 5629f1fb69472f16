//! Reading numbers of any number of bits.

/// Bits, the most significant first. Everything is `None` beyond the end.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        Some(self.number(1)? == 1)
    }

    /// At most 32 bits.
    pub(super) fn number(&mut self, count: u32) -> Option<u32> {
        let mut number = 0_u32;
        for _ in 0..count.min(32) {
            let byte = *self.bytes.get(self.at / 8)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    pub(super) fn skip(&mut self, count: u32) -> Option<()> {
        for _ in 0..count {
            self.flag()?;
        }
        Some(())
    }

    /// An Exp-Golomb number (ITU-T H.264, 9.1).
    pub(super) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = u64::from(self.number(zeros)?);
        u32::try_from((1_u64 << zeros) - 1 + rest).ok()
    }

    /// A signed Exp-Golomb number, whose value nobody here needs.
    pub(super) fn skip_signed(&mut self) -> Option<()> {
        self.golomb().map(|_| ())
    }
}
