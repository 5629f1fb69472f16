//! Faults of files and of SQLite in the words of the port.
use std::{io, path::Path};

use offhook_store::StoreError;
use rusqlite::ErrorCode;

pub(crate) fn from_io(error: &io::Error) -> StoreError {
    if is_full(error) { StoreError::Full } else { StoreError::Unavailable(error.to_string()) }
}

pub(crate) fn at_path(path: &Path, error: &io::Error) -> StoreError {
    if is_full(error) {
        StoreError::Full
    } else {
        StoreError::Unavailable(format!("{}: {error}", path.display()))
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    [FileTooLarge, QuotaExceeded, StorageFull].contains(&error.kind())
}

pub(crate) fn from_sqlite(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged(format!("the history database: {error}; restore the folder from a backup"))
        }
        _ => StoreError::Unavailable(format!("the history database: {error}")),
    }
}
