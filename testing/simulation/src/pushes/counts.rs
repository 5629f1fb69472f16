//! How much of what happened with pushes.
use std::{collections::BTreeMap, fmt, ops::AddAssign};

/// What happened with pushes, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answered by HTTPS, without a connection.
    pub(crate) answered: u64,
    /// Came to a device.
    pub(crate) delivered: u64,
    /// Came twice.
    pub(crate) doubled: u64,
    /// Were dropped because their time was over.
    pub(crate) expired: u64,
    /// Came to a device at which somebody else is logged in.
    pub(crate) foreign: u64,
    /// Came after the ring was over, or after news of its end.
    pub(crate) late: u64,
    /// Never came.
    pub(crate) lost: u64,
    /// Told of a missed call.
    pub(crate) missed: u64,
    /// Were handed to the vendor, each try.
    pub(crate) posted: u64,
    /// Began to ring at a device that was asleep.
    pub(crate) rang: u64,
    /// VoIP pushes that were reported as a call; all of them.
    pub(crate) reported: u64,
    /// Asked a device to ring.
    pub(crate) rings: u64,
    /// Showed something, of those that Android or a browser counts.
    pub(crate) shown: u64,
    /// Told a device that the ring is over.
    pub(crate) stops: u64,
    /// Rings of devices that a stop ended.
    pub(crate) stopped: u64,
    /// The vendor's answers.
    pub(crate) verdicts: BTreeMap<&'static str, u64>,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.answered += other.answered;
        self.delivered += other.delivered;
        self.doubled += other.doubled;
        self.expired += other.expired;
        self.foreign += other.foreign;
        self.late += other.late;
        self.lost += other.lost;
        self.missed += other.missed;
        self.posted += other.posted;
        self.rang += other.rang;
        self.reported += other.reported;
        self.rings += other.rings;
        self.shown += other.shown;
        self.stops += other.stops;
        self.stopped += other.stopped;
        for (verdict, count) in other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { posted, rings, stops, missed, delivered, lost, expired, late, doubled, .. } = self;
        write!(f, "pushes: {posted} posted ({rings} rings, {stops} stops, {missed} missed calls)")?;
        write!(f, "; {delivered} delivered, {lost} lost, {expired} expired, {late} late, {doubled} doubled")?;
        let Self { rang, stopped, answered, reported, shown, foreign, .. } = self;
        write!(
            f,
            "\ndevices: {rang} rang asleep, {stopped} stopped by a push, {answered} answered by HTTPS"
        )?;
        write!(f, "; {reported} VoIP pushes reported, {shown} others shown, {foreign} for somebody else")?;
        let verdicts: Vec<String> =
            self.verdicts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect();
        write!(f, "\nverdicts: {}", verdicts.join(", "))
    }
}
