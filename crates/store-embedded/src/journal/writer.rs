//! Writing the journal.
use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    sync::Arc,
};

use offhook_store::StoreError;

use super::frame::{self, SEGMENT_HEADER};
use crate::{
    error::{at_path, from_io},
    folder::Folder,
};

/// How much is reserved at a time. More costs a little space, less makes more syncs pay for a longer file.
const RESERVE: u64 = 1 << 20;

/// Whether room is reserved ahead of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserving {
    /// Room is filled with zeros ahead: a sync of a record then has no new file length to write, which halves it.
    Ahead,
    /// Files end with their last record.
    Nothing,
}

/// A place in the journal: a segment and a byte in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

impl Position {
    /// Where the journal of a new folder begins.
    pub(crate) const START: Self = Self { segment: 1, offset: SEGMENT_HEADER as u64 };
}

/// The journal of an open store. Bytes are also counted through, from the oldest retained segment on ("total").
#[derive(Debug)]
pub(crate) struct Journal {
    folder: Arc<Folder>,
    file: Arc<File>,
    position: Position,
    /// The total at the beginning of each segment that is on the disk; the last one is written to.
    segments: VecDeque<(u64, u64)>,
    /// Up to which total everything is on the disk.
    synced: u64,
    unsynced_files: Vec<Arc<File>>,
    frame: Vec<u8>,
    broken: Option<StoreError>,
    reserving: Reserving,
    /// Up to where the file is filled with zeros.
    reserved: u64,
    segment_bytes: u64,
}

/// How a journal is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing {
    pub(crate) reserving: Reserving,
    pub(crate) segment_bytes: u64,
}

/// What must be synced to have everything up to `total` on the disk.
pub(crate) struct Syncable {
    pub(crate) position: Position,
    pub(crate) total: u64,
    files: Vec<Arc<File>>,
    /// Whether segments were created since the last sync.
    folder: Option<Arc<Folder>>,
}

impl Syncable {
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.files.iter().try_for_each(|file| file.sync_data())?;
        self.folder.as_ref().map_or(Ok(()), |folder| folder.sync())
    }
}

impl Journal {
    /// Goes on at `position`, the end of the last of `segments` (number and length of each).
    pub(crate) fn resume(
        folder: Arc<Folder>,
        segments: &[(u64, u64)],
        position: Position,
        writing: Writing,
    ) -> Result<Self, StoreError> {
        let path = folder.segment(position.segment);
        let mut file = File::options().write(true).open(&path).map_err(|error| at_path(&path, &error))?;
        file.set_len(position.offset).map_err(|error| at_path(&path, &error))?;
        file.seek(SeekFrom::Start(position.offset)).map_err(|error| at_path(&path, &error))?;
        let mut total = 0;
        let starts = segments.iter().map(|(number, length)| {
            let start = total;
            total += length;
            (*number, start)
        });
        let segments = starts.collect();
        Ok(Self {
            folder,
            file: Arc::new(file),
            position,
            segments,
            synced: 0,
            unsynced_files: vec![],
            frame: vec![],
            broken: None,
            reserving: writing.reserving,
            reserved: position.offset,
            segment_bytes: writing.segment_bytes,
        })
    }

    /// Creates a segment with nothing but its header.
    pub(crate) fn create(folder: &Folder, number: u64) -> Result<File, StoreError> {
        let path = folder.segment(number);
        let created =
            File::create(&path).and_then(|mut file| file.write_all(&frame::segment_header()).map(|()| file));
        created.map_err(|error| {
            let _ = fs::remove_file(&path); // It is overwritten at the next attempt if it cannot be removed.
            at_path(&path, &error)
        })
    }

    /// The end of what was appended.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// The end of what was appended, counted through.
    pub(crate) fn total(&self) -> u64 {
        self.segments.back().map_or(0, |(_, start)| start + self.position.offset)
    }

    /// Appends a record with one write. Gives the total at its beginning. On an error nothing was appended.
    pub(crate) fn append(&mut self, payload: &[u8]) -> Result<u64, StoreError> {
        self.check()?;
        if self.position.offset >= self.segment_bytes {
            self.begin_segment()?;
        }
        let total = self.total();
        let start = total - self.position.offset;
        self.frame.clear();
        let synced = u32::try_from(self.synced.saturating_sub(start)).unwrap_or(u32::MAX);
        frame::append(payload, synced, &mut self.frame);
        if let Err(error) = self.reserve().and_then(|()| (&*self.file).write_all(&self.frame)) {
            self.cut_off();
            return Err(from_io(&error));
        }
        self.position.offset += self.frame.len() as u64;
        Ok(total)
    }

    /// Makes room for the frame, and for others after it.
    fn reserve(&mut self) -> io::Result<()> {
        let needed = self.position.offset + self.frame.len() as u64;
        if self.reserving == Reserving::Nothing || needed <= self.reserved {
            return Ok(());
        }
        let more =
            vec![0; usize::try_from(needed - self.reserved + RESERVE).expect("a record fits into memory")];
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.reserved))?;
        file.write_all(&more)?;
        file.seek(SeekFrom::Start(self.position.offset))?;
        self.reserved += more.len() as u64;
        Ok(())
    }

    /// Takes back a record that was written in part.
    fn cut_off(&mut self) {
        let end = self.position.offset;
        self.reserved = end;
        let cut = self.file.set_len(end).and_then(|()| (&*self.file).seek(SeekFrom::Start(end)));
        if let Err(error) = cut {
            self.break_down(&error);
        }
    }

    fn begin_segment(&mut self) -> Result<(), StoreError> {
        let number = self.position.segment + 1;
        let file = Self::create(&self.folder, number)?;
        let total = self.total();
        if self.reserving == Reserving::Ahead {
            self.file.set_len(self.position.offset).map_err(|error| from_io(&error))?;
        }
        self.reserved = SEGMENT_HEADER as u64;
        self.unsynced_files.push(std::mem::replace(&mut self.file, Arc::new(file)));
        self.segments.push_back((number, total));
        self.position = Position { segment: number, offset: SEGMENT_HEADER as u64 };
        Ok(())
    }

    /// Whether commits can be made durable.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// After a failed write-back nobody knows what is on the disk, and a second attempt may succeed without it: only
    /// reading everything back can tell, which is what opening does.
    pub(crate) fn break_down(&mut self, error: &io::Error) {
        let why = format!("writing back the journal failed ({error}); restart the server to read it again");
        self.broken = Some(StoreError::Unavailable(why));
    }

    /// What to sync so that everything so far is on the disk.
    pub(crate) fn syncable(&mut self) -> Syncable {
        let mut files = std::mem::take(&mut self.unsynced_files);
        let folder = (!files.is_empty()).then(|| self.folder.clone());
        files.push(self.file.clone());
        Syncable { position: self.position, total: self.total(), files, folder }
    }

    pub(crate) fn mark_synced(&mut self, total: u64) {
        self.synced = self.synced.max(total);
    }

    /// Forgets the segments that end at or before `total` and lie before `folded`; gives their numbers.
    pub(crate) fn release(&mut self, folded: Position, total: u64) -> Vec<u64> {
        let mut released = vec![];
        while let (Some(&(number, _)), Some(&(_, end))) = (self.segments.front(), self.segments.get(1))
            && number < folded.segment
            && end <= total
        {
            released.push(number);
            self.segments.pop_front();
        }
        released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failed_write_back_nothing_is_appended_any_more() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Arc::new(Folder::lock(place.path()).expect("a folder of its own"));
        Journal::create(&folder, 1).expect("a segment");
        let writing = Writing { reserving: Reserving::Nothing, segment_bytes: 1000 };
        let mut journal =
            Journal::resume(folder, &[(1, 16)], Position::START, writing).expect("a journal to go on with");
        journal.append(b"{}").expect("all is well");
        let end = journal.position();
        journal.break_down(&io::Error::other("the disk is gone"));
        let refused = journal.append(b"{}").expect_err("nobody knows what is on the disk");
        assert!(matches!(&refused, StoreError::Unavailable(text) if text.contains("restart")), "{refused}");
        assert_eq!(journal.position(), end);
    }
}
