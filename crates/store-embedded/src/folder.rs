//! The folder: which files it holds, and that it belongs to one process.
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use offhook_store::StoreError;

use crate::error::at_path;

/// The folder of a store, locked for this process as long as the value lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Creates the folder if it is not there, and locks it.
    pub(crate) fn lock(path: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(path).map_err(|error| at_path(path, &error))?;
        let name = path.join("lock");
        let mut options = File::options();
        let lock = options.create(true).truncate(false).write(true).open(&name);
        let lock = lock.map_err(|error| at_path(&name, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(format!("{}", path.display()))),
            Err(TryLockError::Error(error)) => Err(at_path(&name, &error)),
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("history.sqlite3")
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.path.join(format!("journal-{number:08}.log"))
    }

    /// The numbers of the segments that are there, in order.
    pub(crate) fn segments(&self) -> Result<Vec<u64>, StoreError> {
        let failed = |error| at_path(&self.path, &error);
        let mut numbers = vec![];
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("journal-")?.strip_suffix(".log"));
            numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Makes the creation and removal of files themselves survive a loss of power.
    pub(crate) fn sync(&self) -> io::Result<()> {
        #[cfg(unix)]
        File::open(&self.path)?.sync_all()?;
        Ok(())
    }
}
