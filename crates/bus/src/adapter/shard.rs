//! Which shard a user's hints travel in.
use offhook_types::Account;

/// The user's shard among so many: FNV-1a, 32 bits, over the app's number (4 bytes, the highest first) and the user's name, modulo the
/// shards. Part of the wire: all nodes of a cluster must come to the same one.
#[must_use]
pub fn shard_of(account: &Account, shards: u16) -> u16 {
    let app = account.app.0.to_be_bytes();
    let bytes = app.into_iter().chain(account.user.as_str().bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    u16::try_from(hash % u32::from(shards.max(1))).expect("it is less than the number of shards")
}

#[cfg(test)]
mod tests {
    use super::*;
    use offhook_types::{AppId, UserId};

    fn shard(app: u32, user: &str) -> u16 {
        shard_of(&Account::new(AppId(app), UserId::new(user).unwrap()), 4096)
    }

    #[test]
    fn a_shard_is_the_same_in_every_version() {
        assert_eq!([shard(1, "alice"), shard(1, "bob"), shard(2, "alice")], EXPECTED);
    }

    /// Computed by another implementation (Python) from the words above.
    const EXPECTED: [u16; 3] = [850, 3245, 185];

    #[test]
    fn users_spread_over_the_shards() {
        let mut counts = [0_u32; 4096];
        (0..40_960).for_each(|n| counts[usize::from(shard(1, &format!("user-{n}")))] += 1);
        assert!(counts.iter().all(|count| *count < 40), "ten each on average: {:?}", counts.iter().max());
    }
}
