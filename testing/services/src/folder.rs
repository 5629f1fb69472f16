//! The folder of one server, with all that it leaves behind.
use std::{
    env, fs,
    fs::File,
    io::ErrorKind,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::{account::Account, processes, watcher::Watcher};

/// The variable that names the folder in which servers get theirs.
const VARIABLE: &str = "OFFHOOK_SERVICES_FOLDER";

/// The kinds of servers; the names of their folders begin so.
const KINDS: [&str; 3] = ["nats", "postgres", "work"];

/// A folder that a server and its processes work in. Dropped, it ends them all and is removed.
///
/// The file `lock` in it is locked by its owner. Locks end with their process, so whoever gets the lock may clear the folder away.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
    _watcher: Watcher,
}

impl Folder {
    /// Makes a fresh one for a server of that kind, which this account may enter. Clears away what owners left that are gone.
    pub(crate) fn create(kind: &str, account: Account) -> Result<Self> {
        let services = services(account)?;
        debug_assert!(KINDS.contains(&kind), "leftovers are known by their kind");
        // Under one lock for all, so that nobody finds a folder that is not locked yet.
        let everything = File::create(services.join("lock")).context("the folder of servers")?;
        everything.lock()?;
        clear_leftovers(&services)?;
        let path = fresh(&services, kind)?;
        let lock = File::create(path.join("lock"))?;
        lock.lock()?;
        account.own(&path)?;
        let watcher = Watcher::start(&path)?;
        Ok(Self { path, _lock: lock, _watcher: watcher })
    }

    /// Absolute, without links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What fails here is tried again when the next server starts.
        let _ = clear(&self.path);
    }
}

/// A folder for other processes that must not outlive their owner: those that work in it are ended when this is dropped, and when the
/// owner is gone in any other way.
#[derive(Debug)]
pub struct Workplace(Folder);

impl Workplace {
    /// Makes a fresh one, for processes of the caller's own account.
    ///
    /// # Errors
    /// If there is no place for it.
    pub fn create() -> Result<Self> {
        Folder::create("work", Account::Ours).map(Self)
    }

    /// What the processes' working directory must be. Absolute, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The folder in which servers get theirs: where the variable says, else in cargo's target folder, else in the temporary one.
fn services(account: Account) -> Result<PathBuf> {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let folder = prepare(&named.clone().unwrap_or_else(|| target().join("services")))?;
    if account.can_enter(&folder) {
        return Ok(folder);
    }
    ensure!(named.is_none(), "{VARIABLE} names a folder that the account of the servers may not enter");
    let us = rustix::process::geteuid().as_raw();
    let folder = prepare(&env::temp_dir().join(format!("offhook-services-{us}")))?;
    ensure!(fs::metadata(&folder)?.uid() == us, "{} belongs to somebody else", folder.display());
    ensure!(
        account.can_enter(&folder),
        "the account of the servers may enter neither the target folder nor the temporary one; let {VARIABLE} name one"
    );
    Ok(folder)
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    let root = workspace();
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

/// The root of the repository.
pub(crate) fn workspace() -> &'static Path {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"));
    ours.ancestors().nth(2).expect("this crate lies two folders below the repository's root")
}

fn prepare(folder: &Path) -> Result<PathBuf> {
    let prepared = || {
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?; // Whatever our umask is.
        }
        fs::canonicalize(folder)
    };
    prepared().with_context(|| format!("the folder of servers, {}", folder.display()))
}

fn fresh(services: &Path, kind: &str) -> Result<PathBuf> {
    let us = std::process::id();
    for number in 0_u32.. {
        let path = services.join(format!("{kind}-{us}-{number}"));
        match fs::create_dir(&path) {
            Ok(()) => {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context("a server's folder cannot be made"),
        }
    }
    unreachable!("there are fewer folders than numbers")
}

/// Clears every folder away whose owner is gone.
fn clear_leftovers(services: &Path) -> Result<()> {
    for entry in fs::read_dir(services)? {
        let path = entry?.path();
        if path.is_dir() && is_left(&path) {
            let _ = clear(&path); // Its watcher may be at it, too; and the next server tries again.
        }
    }
    Ok(())
}

/// Whether this is a server's folder, and its owner is gone. A folder of any other name is none of ours, nor is one without a lock.
fn is_left(folder: &Path) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    let is_ours = folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
        let mut parts = name.split('-');
        let kind = parts.next().unwrap_or_default();
        KINDS.contains(&kind) && parts.clone().count() == 2 && parts.all(is_number)
    });
    is_ours && File::open(folder.join("lock")).is_ok_and(|lock| lock.try_lock().is_ok())
}

/// Ends what works in the folder, and removes it.
fn clear(folder: &Path) -> Result<()> {
    processes::kill(folder)?;
    give_memory_back(folder);
    Ok(fs::remove_dir_all(folder)?)
}

/// Frees the shared memory of a postmaster that was killed; the kernel keeps it for ever otherwise. The seventh line of its file says
/// the key and the number.
pub(crate) fn give_memory_back(folder: &Path) {
    let Ok(file) = fs::read_to_string(folder.join("data/postmaster.pid")) else { return };
    let number = file.lines().nth(6).and_then(|line| line.split_whitespace().nth(1));
    if let Some(number) = number.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
        let _ = Command::new("ipcrm").args(["-m", number]).output(); // It may be gone.
    }
}
