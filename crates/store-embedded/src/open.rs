//! Opening a folder: the database, then the journal after the folded point.
use std::sync::Arc;

use offhook_store::{Remembered, StoreError, call::Call, stored, stored::Record};
use tracing::warn;

use crate::{
    folder::Folder,
    history::{History, Reading},
    journal::{Journal, Position, Reserving, Segment, Tail, Writing},
    memory::{KeyOf, Limits, Memory, Past},
    options::{Durability, Options},
    shared::Core,
};

/// What a folder holds.
pub(crate) struct Opened {
    pub(crate) core: Core,
    pub(crate) history: History,
}

pub(crate) fn open(folder: &Arc<Folder>, options: &Options) -> Result<Opened, StoreError> {
    let history = History::open(&folder.database())?;
    let folded = history.position()?;
    let mut memory = Memory::new(Limits {
        age: options.event_retention,
        bytes: options.event_bytes,
        per_user: options.events_per_user,
    });
    history.load(&mut memory)?;
    let numbers = segments(folder, folded)?;
    let reading = Reading::open(&folder.database())?;
    let mut replay = Replay { folded, history: reading, lengths: vec![], memory, total: 0 };
    let (&last, earlier) = numbers.split_last().expect("a folder has a segment");
    for &number in earlier {
        replay.segment(folder, number, Tail::Whole)?;
    }
    let synced = if last == folded.segment { folded.offset } else { 0 };
    let end = replay.segment(folder, last, Tail::SyncedTo(usize::try_from(synced).unwrap_or(usize::MAX)))?;
    if end < folded {
        return Err(lost(folder, folded.segment));
    }
    replay.memory.check_logs()?;
    let journal = Journal::resume(folder.clone(), &replay.lengths, end, writing(options))?;
    Ok(Opened { core: Core { journal, memory: replay.memory, fold_asked: false }, history })
}

fn writing(options: &Options) -> Writing {
    let reserving = match options.durability {
        Durability::Power => Reserving::Ahead,
        Durability::Process => Reserving::Nothing,
    };
    Writing { reserving, segment_bytes: options.segment_bytes }
}

/// The segments that are there: a gapless row that holds the folded point.
fn segments(folder: &Folder, folded: Position) -> Result<Vec<u64>, StoreError> {
    let mut numbers = folder.segments()?;
    if numbers.is_empty() && folded == Position::START {
        Journal::create(folder, folded.segment)?;
        folder.sync().map_err(|error| crate::error::from_io(&error))?;
        numbers.push(folded.segment);
    }
    let gap = numbers.windows(2).find(|pair| pair[0] + 1 != pair[1]).map(|pair| pair[0] + 1);
    let missing = gap.or((!numbers.contains(&folded.segment)).then_some(folded.segment));
    missing.map_or(Ok(numbers), |number| Err(lost(folder, number)))
}

fn lost(folder: &Folder, number: u64) -> StoreError {
    let path = folder.segment(number);
    StoreError::Damaged(format!(
        "{} is missing or too short: put it back, or restore the whole folder from a backup",
        path.display()
    ))
}

struct Replay {
    folded: Position,
    history: Reading,
    /// Number and length of each segment so far.
    lengths: Vec<(u64, u64)>,
    memory: Memory,
    /// The total at the beginning of the segment.
    total: u64,
}

impl Replay {
    /// Replays one segment and gives its end.
    fn segment(&mut self, folder: &Folder, number: u64, tail: Tail) -> Result<Position, StoreError> {
        let path = folder.segment(number);
        let segment = Segment::read(&path)?;
        if segment.has_no_header() && tail != Tail::Whole {
            Journal::create(folder, number)?;
            return self.segment(folder, number, tail);
        }
        let (end, rest) = segment.replay(tail, |offset, payload| {
            let record = stored::read_record(payload)?;
            self.take(Position { segment: number, offset }, record, payload.len() as u64)
        })?;
        if rest > 0 {
            warn!(segment = number, "repaired: dropped {rest} bytes of an unfinished record");
        }
        self.lengths.push((number, end));
        self.total += end;
        Ok(Position { segment: number, offset: end })
    }

    fn take(&mut self, position: Position, record: Record, length: u64) -> Result<(), StoreError> {
        let total = self.total + position.offset;
        let is_folded = position < self.folded;
        if !is_folded {
            self.memory.unfolded.bytes += length;
        }
        match record {
            Record::Transition { transition, offsets } if is_folded => {
                self.memory.restore_events(transition, &offsets, total);
            }
            Record::Transition { transition, offsets } => {
                // Not its key: one that was forgotten when this was committed may be known again by now.
                let follows = self.follows(&transition.call)? && self.memory.offsets(&transition) == offsets;
                if !follows {
                    return Err(StoreError::Damaged(
                        "a transition that does not follow from the one before".into(),
                    ));
                }
                self.memory.apply(transition, &offsets, total);
            }
            Record::Buried { .. }
            | Record::Claim { .. }
            | Record::Device { .. }
            | Record::Resource(_)
            | Record::Settled { .. }
            | Record::User { .. }
                if is_folded => {}
            Record::Buried { account, at, key } => {
                let key = KeyOf { account: &account, key: &key };
                self.memory.remember(at, key, Remembered::Canceled);
            }
            Record::Claim { entries, finished } => self.memory.claim(entries, finished.as_ref()),
            Record::Device { account, device } => self.memory.put_device(&account, device),
            Record::Resource(resource) => self.memory.devices.put_resource(resource),
            Record::Settled { key, outcome } => self.memory.outbox.settle(&key, outcome),
            Record::User { account, user } => self.memory.put_user(&account, user),
        }
        Ok(())
    }

    /// Whether the call follows on what was known of it before.
    fn follows(&self, call: &Call) -> Result<bool, StoreError> {
        let is_new = call.seq.0 == 1 || self.memory.calls.contains_key(&call.id);
        let past = if is_new { None } else { self.history.any_call(call.id)? };
        Ok(self.memory.check_version(call, Past::Read(past.as_ref())).is_ok())
    }
}
