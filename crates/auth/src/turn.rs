//! What a TURN server asks for: names and passwords that end by themselves, as coturn's `use-auth-secret` checks them (the
//! expired draft draft-uberti-behave-turn-rest-00, which all TURN servers follow).
use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use offhook_types::{Timestamp, UserId};
use sha1::Sha1;

/// A name and a password for a TURN server. `Debug` keeps both to itself: the name bears the user's.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnCredentials {
    /// The password.
    pub credential: String,
    /// The time at which both end, in seconds since the epoch, a colon, and the user.
    pub username: String,
}

impl fmt::Debug for TurnCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnCredentials(..)")
    }
}

/// Makes what lets the user use a TURN server that shares `secret`, until `expires` (cut to the second). An allocation that
/// exists by then goes on.
#[must_use]
pub fn turn_credentials(secret: &[u8], user: &UserId, expires: Timestamp) -> TurnCredentials {
    let username = format!("{}:{}", expires.as_millis() / 1000, user.as_str());
    TurnCredentials { credential: STANDARD.encode(hmac_sha1(secret, username.as_bytes())), username }
}

/// SHA-1 is what the servers compute; as a MAC it is not broken.
fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let state = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    state.chain_update(message).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202, section 3, cases 1, 2 and 6.
    #[test]
    fn the_mac_is_that_of_the_rfc() {
        let hex = |bytes: [u8; 20]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(hmac_sha1(&[0x0b; 20], b"Hi There")), "b617318655057264e28bc0b6fb378c8ef146be00");
        assert_eq!(
            hex(hmac_sha1(b"Jefe", b"what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert_eq!(
            hex(hmac_sha1(&[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        );
    }
}
