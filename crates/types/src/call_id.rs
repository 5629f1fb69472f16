//! The id of a call: a UUIDv7 (RFC 9562, section 5.7), minted by the server.
use alloc::string::String;
use core::{fmt, str::FromStr};

use crate::Timestamp;

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Names one call, everywhere and for ever. Time-ordered for the stores, 74 random bits against guessing, and the form
/// that CallKit wants. `Debug` prints the last eight digits only: whoever knows the whole id may ask to join.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u128);

/// The text is not a UUIDv7 in its hyphenated form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCallId;

impl fmt::Display for InvalidCallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call id is a UUID of version 7 in its hyphenated form")
    }
}

impl core::error::Error for InvalidCallId {}

impl CallId {
    /// Mints an id from the time of creation and 80 random bits, of which 74 are used.
    #[must_use]
    pub fn from_parts(created: Timestamp, random: [u8; 10]) -> Self {
        let mut bytes = [0_u8; 16];
        bytes[..6].copy_from_slice(&created.as_millis().to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        bytes[6] = (bytes[6] & 0x0f) | 0x70;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(u128::from_be_bytes(bytes))
    }

    /// Takes back what [`CallId::as_u128`] gave. Any other number is refused.
    #[must_use]
    pub fn from_u128(value: u128) -> Option<Self> {
        let is_v7 = (value >> 76) & 0xf == 7 && (value >> 62) & 0b11 == 0b10;
        is_v7.then_some(Self(value))
    }

    /// The id as a number, in the order of creation.
    #[must_use]
    pub fn as_u128(self) -> u128 {
        self.0
    }

    /// When the id was minted, to the millisecond.
    #[must_use]
    pub fn created(self) -> Timestamp {
        Timestamp::from_millis(u64::try_from(self.0 >> 80).expect("48 bits fit"))
    }

    /// The alias of at most 20 decimal digits that the ZIM façade shows (call-semantics section 1.1): the first 64
    /// bits of the id, so that the id is found again by its prefix, with no second index.
    #[must_use]
    pub fn alias(self) -> u64 {
        u64::try_from(self.0 >> 64).expect("64 bits fit")
    }
}

impl CallId {
    /// The text, without the cost of formatting: every event bears an id.
    fn hyphenated(self) -> [u8; 36] {
        let mut text = [b'-'; 36];
        let mut places = (0..text.len()).filter(|at| !HYPHENS.contains(at));
        for byte in self.0.to_be_bytes() {
            for digit in [byte >> 4, byte & 0xf] {
                let at = places.next().expect("32 places are no hyphens");
                text[at] = b"0123456789abcdef"[usize::from(digit)];
            }
        }
        text
    }
}

/// Digits and hyphens as text.
fn ascii(text: &[u8]) -> &str {
    core::str::from_utf8(text).expect("digits and hyphens are ASCII")
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ascii(&self.hyphenated()))
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallId(…{:08x})", self.0 & 0xffff_ffff)
    }
}

impl FromStr for CallId {
    type Err = InvalidCallId;

    fn from_str(text: &str) -> Result<Self, InvalidCallId> {
        if text.len() != 36 {
            return Err(InvalidCallId);
        }
        let mut value = 0_u128;
        for (at, byte) in text.bytes().enumerate() {
            if HYPHENS.contains(&at) {
                if byte != b'-' {
                    return Err(InvalidCallId);
                }
                continue;
            }
            let digit = char::from(byte).to_digit(16).ok_or(InvalidCallId)?;
            value = value << 4 | u128::from(digit);
        }
        Self::from_u128(value).ok_or(InvalidCallId)
    }
}

impl From<CallId> for String {
    fn from(id: CallId) -> Self {
        alloc::format!("{id}")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for CallId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(ascii(&self.hyphenated()))
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CallId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = CallId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a call id")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CallId, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn an_id_survives_its_text_and_keeps_its_time() {
        let id = CallId::from_parts(Timestamp::from_millis(1_763_700_000_123), [0xff; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().len(), 36);
        assert_eq!(id.created(), Timestamp::from_millis(1_763_700_000_123));
        assert_eq!(CallId::from_u128(id.as_u128()), Some(id));
    }

    #[test]
    fn a_text_that_is_no_uuid_of_version_7_is_refused() {
        for text in ["", "0", "019aa000-0000-4000-8000-000000000000", "019aa000x0000-7000-8000-000000000000"]
        {
            assert_eq!(text.parse::<CallId>(), Err(InvalidCallId), "{text}");
        }
    }

    #[test]
    fn an_alias_has_at_most_twenty_digits() {
        let id = CallId::from_parts(Timestamp::from_millis((1 << 48) - 1), [0xff; 10]);
        assert!(id.alias().to_string().len() <= 20);
    }
}
