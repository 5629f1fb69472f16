//! The installation's secret: one random file from which the keys of addresses, of push credentials and of room tokens are
//! derived.
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use offhook_auth::PassKeys;
use offhook_push::{Sealer, derived};

/// Where it lies unless the configuration says otherwise: beside the store.
const FILE: &str = "secret";

/// The installation's secret.
pub(crate) struct Secret([u8; 32]);

impl Secret {
    /// Reads the file, or makes it at the first start, for its owner's eyes only. An empty `path` is the one beside the
    /// store in `folder`.
    ///
    /// # Errors
    /// The file cannot be read or written, or is not what this wrote.
    pub(crate) fn kept_in(folder: &Path, path: &Path) -> anyhow::Result<Self> {
        let path = if path.as_os_str().is_empty() { folder.join(FILE) } else { path.to_owned() };
        if path.exists() {
            return Self::read(&path);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).context("the operating system gives no random bytes")?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let text = URL_SAFE_NO_PAD.encode(bytes) + "\n";
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written =
            file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(bytes))
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        match bytes {
            Some(bytes) => Ok(Self(bytes)),
            None => bail!(
                "{} is no secret of Offhook: put it back from a backup, or remove it; then devices must register anew",
                path.display()
            ),
        }
    }

    /// What seals addresses and resources.
    pub(crate) fn sealer(&self) -> Sealer {
        Sealer::new(&self.0)
    }

    /// From which the key of room tokens is drawn where several nodes share it.
    pub(crate) fn rooms(&self) -> [u8; 32] {
        derived(&self.0, b"offhook room tokens")
    }

    /// What signs the credentials of pushes.
    pub(crate) fn passes(&self) -> PassKeys {
        PassKeys::new(&derived(&self.0, b"offhook push credentials"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_kept_secret_is_the_same_the_next_time_and_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = || Secret::kept_in(folder.path(), Path::new("")).expect("a secret").0;
        assert_eq!(kept(), kept());
        let mode = fs::metadata(folder.path().join(FILE)).expect("written").permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }

    #[test]
    fn a_damaged_secret_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), "short").expect("written");
        let refused = Secret::kept_in(folder.path(), Path::new("")).err().expect("refused");
        assert!(refused.to_string().contains("register anew"), "{refused}");
        assert_eq!(fs::read_to_string(folder.path().join(FILE)).expect("there"), "short");
    }
}
