//! The account that PostgreSQL runs under. It refuses to run as root.
use std::{
    fs,
    os::unix::{fs::MetadataExt as _, fs::chown, process::CommandExt as _},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result};

/// Accounts that may do little, the better one first.
const UNPRIVILEGED: &[&str] = &["postgres", "nobody"];

/// Whose rights a server's processes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Ours: we are not root.
    Ours,
    /// An unprivileged one, because we are root.
    Unprivileged { user: u32, group: u32 },
}

impl Account {
    /// Ours, or an unprivileged one if ours is root's.
    pub(crate) fn unprivileged() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ours);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("the list of accounts cannot be read")?;
        find(&accounts)
            .context("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")
    }

    /// Has the program run under this account.
    pub(crate) fn run(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Ours => command,
            // The standard library drops root's other groups, too.
            Self::Unprivileged { user, group } => command.uid(user).gid(group),
        }
    }

    /// Gives a file or a folder to this account.
    pub(crate) fn own(self, path: &Path) -> Result<()> {
        match self {
            Self::Ours => Ok(()),
            Self::Unprivileged { user, group } => chown(path, Some(user), Some(group))
                .with_context(|| format!("{} cannot be given away", path.display())),
        }
    }

    /// Whether this account may enter the folder, as far as the folder and those above it say.
    pub(crate) fn can_enter(self, folder: &Path) -> bool {
        match self {
            Self::Ours => true,
            Self::Unprivileged { user, .. } => {
                folder.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|it| may_enter(&it, user)))
            }
        }
    }
}

fn may_enter(folder: &fs::Metadata, user: u32) -> bool {
    let right = if folder.uid() == user { 0o100 } else { 0o001 };
    folder.mode() & right != 0
}

/// The best of the unprivileged accounts in `/etc/passwd` (`name:password:user:group:…`).
fn find(accounts: &str) -> Option<Account> {
    let account = |name: &&str| {
        let mut fields = accounts.lines().map(|line| line.split(':')).find_map(|mut fields| {
            let is_it = fields.next() == Some(*name);
            is_it.then(|| fields.skip(1))
        })?;
        let user = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account::Unprivileged { user, group })
    };
    UNPRIVILEGED.iter().find_map(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_the_package_comes_before_nobody() {
        let nobody =
            "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
        assert_eq!(find(nobody), Some(Account::Unprivileged { user: 65534, group: 65533 }));
        let both = format!("{nobody}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        assert_eq!(find(&both), Some(Account::Unprivileged { user: 101, group: 104 }));
        assert_eq!(find("postgresql:x:101:104::/:/bin/sh\n"), None, "another's name");
    }
}
