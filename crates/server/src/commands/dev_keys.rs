//! The keys of `offhook dev`: random, and kept beside the calls if those are kept.
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use offhook_auth::random_secret;

use crate::config::{Key, KeyAlgorithm, KeyPurpose};

const FILE: &str = "dev-keys.toml";

#[derive(serde::Deserialize, serde::Serialize)]
struct Keys {
    keys: Vec<Key>,
}

/// Fresh keys, for a server whose calls die with it.
///
/// # Errors
/// The operating system gives no random bytes.
pub(super) fn fresh() -> anyhow::Result<Vec<Key>> {
    Ok(vec![random("dev-user", KeyPurpose::User)?, random("dev-back-end", KeyPurpose::Server)?])
}

/// The keys that lie in the folder; made at the first time, so that tokens outlive the server as the calls do.
///
/// # Errors
/// The file cannot be read or written, or is not what this wrote.
pub(super) fn kept_in(folder: &Path) -> anyhow::Result<Vec<Key>> {
    let path = folder.join(FILE);
    if path.exists() {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let kept: Keys = toml::from_str(&text)
            .map_err(|_| anyhow::anyhow!("{} is damaged: remove it to get new keys", path.display()))?;
        return Ok(kept.keys);
    }
    let kept = Keys { keys: fresh()? };
    let text = toml::to_string(&kept).context("keys cannot be written as TOML")?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(kept.keys)
}

fn random(id: &str, purpose: KeyPurpose) -> anyhow::Result<Key> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).context("the operating system gives no random bytes")?;
    Ok(Key {
        id: id.into(),
        purpose,
        algorithm: KeyAlgorithm::Hs256,
        secret: random_secret(&random),
        public_key: String::new(),
        enabled: true,
        not_before: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_keys_are_the_same_the_next_time_and_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let first = kept_in(folder.path()).expect("made");
        let second = kept_in(folder.path()).expect("read");
        let secrets = |keys: &[Key]| keys.iter().map(|key| key.secret.clone()).collect::<Vec<_>>();
        assert_eq!(secrets(&first), secrets(&second));
        let mode = fs::metadata(folder.path().join(FILE)).expect("written").permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
