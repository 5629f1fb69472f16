//! Reading one segment.
use std::{fs, path::Path};

use offhook_store::StoreError;

use super::frame::{self, FORMAT, SEGMENT_HEADER};
use crate::error::at_path;

/// What stands in a segment's file.
pub(crate) struct Segment<'a> {
    path: &'a Path,
    bytes: Vec<u8>,
}

/// What may stand at the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Everything up to this place was synced: a record before it that cannot be read is damage.
    SyncedTo(usize),
    /// Everything was: the segment is not the last one.
    Whole,
}

impl<'a> Segment<'a> {
    pub(crate) fn read(path: &'a Path) -> Result<Self, StoreError> {
        let bytes = fs::read(path).map_err(|error| at_path(path, &error))?;
        let segment = Self { path, bytes };
        match frame::segment_format(&segment.bytes) {
            Some(found) if found > FORMAT => Err(StoreError::Newer { found, known: FORMAT }),
            Some(_) => Ok(segment),
            None if segment.has_no_header() => Ok(segment),
            None => Err(segment.damaged(0)),
        }
    }

    /// Whether the process ended while the segment was being created.
    pub(crate) fn has_no_header(&self) -> bool {
        self.bytes.len() < SEGMENT_HEADER || self.bytes[..SEGMENT_HEADER] == [0; SEGMENT_HEADER]
    }

    /// Hands every record with the place of its frame to `take`, in order; gives the place after the last one and how
    /// many bytes stand behind it that are no record and no reserved room (zeros).
    pub(crate) fn replay(
        &self,
        tail: Tail,
        mut take: impl FnMut(u64, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(u64, u64), StoreError> {
        let mut at = SEGMENT_HEADER;
        while let Some(found) = frame::find(&self.bytes, at) {
            take(at as u64, &self.bytes[found.payload.clone()]).map_err(|error| self.place(error, at))?;
            at = found.payload.end;
        }
        let rest = if self.bytes[at..].iter().all(|byte| *byte == 0) { 0 } else { self.bytes.len() - at };
        let is_damage = match tail {
            Tail::SyncedTo(synced) => at < synced || (rest > 0 && frame::proves_damage(&self.bytes, at)),
            Tail::Whole => rest > 0,
        };
        if is_damage { Err(self.damaged(at)) } else { Ok((at as u64, rest as u64)) }
    }

    fn place(&self, error: StoreError, at: usize) -> StoreError {
        match error {
            StoreError::Damaged(what) => {
                StoreError::Damaged(format!("{what} at byte {at} of {}: {ADVICE}", self.path.display()))
            }
            other @ (StoreError::Full
            | StoreError::Locked(_)
            | StoreError::Newer { .. }
            | StoreError::Unavailable(_)) => other,
        }
    }

    fn damaged(&self, at: usize) -> StoreError {
        StoreError::Damaged(format!(
            "the record at byte {at} of {} cannot be read: {ADVICE}",
            self.path.display()
        ))
    }
}

const ADVICE: &str = "check the disk, then restore the whole folder from a backup";
