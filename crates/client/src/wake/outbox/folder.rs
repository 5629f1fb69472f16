//! The folder of an outbox. A file is written beside, synced, and renamed into its place; the folder is synced after each
//! change. So a file is whole or not there, whatever ends the process, and what was put is there after a loss of power.
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use offhook_types::Timestamp;

use super::Entry;
use crate::random;

const WHOLE: &str = "json";
const UNFINISHED: &str = "part";

/// After this time nobody goes on writing a file.
const ABANDONED: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: Arc<Path>,
}

impl Folder {
    pub(super) fn open(path: PathBuf, now: Timestamp) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        let folder = Self { path: path.into() };
        folder.clear(now)?;
        Ok(folder)
    }

    /// Everything that is there, oldest first. What cannot be read is left where it is: a later version may.
    pub(super) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for path in self.files(WHOLE)? {
            match fs::read(&path) {
                Ok(text) => match Entry::read(&text) {
                    Some(entry) => entries.push(entry),
                    None => tracing::warn!("a file of the outbox cannot be read, and is passed over"),
                },
                // Another process has taken it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        entries.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(entries)
    }

    /// Puts a deed into the place of whatever was done with its call.
    pub(super) fn put(&self, entry: &Entry) -> io::Result<()> {
        let unfinished = self.path.join(random::name()).with_extension(UNFINISHED);
        let written = write(&unfinished, &entry.to_text());
        let put = written.and_then(|()| fs::rename(&unfinished, self.place(entry)));
        if put.is_err() {
            // What is left of it is cleared the next time that the folder is opened.
            let _ = fs::remove_file(&unfinished);
        }
        put?;
        self.sync()
    }

    /// Puts `left` into the place of a deed, or nothing, unless it is there no longer. Returns whether it was.
    pub(super) fn replace(&self, entry: &Entry, left: Option<&Entry>) -> io::Result<bool> {
        let place = self.place(entry);
        let present = match fs::read(&place) {
            Ok(text) => Entry::read(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if present.is_none_or(|present| present.id != entry.id) {
            return Ok(false);
        }
        if let Some(left) = left {
            return self.put(left).map(|()| true);
        }
        match fs::remove_file(&place) {
            Ok(()) => self.sync().map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn place(&self, entry: &Entry) -> PathBuf {
        self.path.join(entry.invitation.call.to_string()).with_extension(WHOLE)
    }

    fn files(&self, extension: &str) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for file in fs::read_dir(&self.path)? {
            let path = file?.path();
            if path.extension().is_some_and(|own| own == extension) {
                files.push(path);
            }
        }
        Ok(files)
    }

    /// Removes what a process began to write and has not finished.
    fn clear(&self, now: Timestamp) -> io::Result<()> {
        for path in self.files(UNFINISHED)? {
            let Ok(changed) = fs::metadata(&path).and_then(|about| about.modified()) else { continue };
            let changed = Timestamp::from_millis(0) + changed.duration_since(UNIX_EPOCH).unwrap_or_default();
            if now.since(changed) > ABANDONED {
                let _ = fs::remove_file(&path); // Another process may have cleared it.
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Elsewhere a folder cannot be opened to be synced; a rename is kept by the file system's own journal.
    #[cfg(not(unix))]
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}
