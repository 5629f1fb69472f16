//! What the model knows: a log of facts. Nothing else is kept; where somebody stands is read off the log.
use offhook_call::{Delivery, EndReason, RejectReason};

/// Users and devices are numbers here; user 0 is the caller. Times are seconds; texts are numbers, 0 is no text.
pub(crate) type User = u8;
pub(crate) type Device = Option<u8>;
pub(crate) type Text = u8;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// Invited by somebody; waiting or not. `busy` never rings.
    Asked {
        user: User,
        by: User,
        ring: Ring,
    },
    /// The invitation got so far.
    Carried {
        user: User,
        reached: Delivery,
    },
    /// In the call, uninvited or by answering.
    Entered {
        user: User,
        device: Device,
        text: Text,
        unasked: bool,
    },
    GaveUp {
        text: Text,
    },
    HungUp {
        user: User,
        text: Text,
    },
    Left {
        user: User,
        text: Text,
    },
    Missed {
        user: User,
    },
    Moved {
        user: User,
        device: Device,
    },
    Over {
        reason: EndReason,
        by: Option<User>,
    },
    Rang {
        user: User,
    },
    Declined {
        user: User,
        text: Text,
        no: RejectReason,
    },
    Silenced {
        user: User,
        device: u8,
    },
    /// A device rang.
    Sounded {
        user: User,
        device: u8,
    },
    TakenBack {
        user: User,
    },
    Unreached {
        user: User,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ring {
    Busy,
    Free,
    Waiting,
}

/// Where a user stands, as far as anyone can see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stand {
    BeCanceled,
    Canceled,
    Ended,
    In(Device),
    Missed,
    Quit,
    Rejected(RejectReason),
    Rings { since: u64, waiting: bool, reached: Option<bool> },
}

impl Fact {
    /// Whose state it changes. The end of the call and what happens to single devices or on the way change nobody's.
    pub(crate) fn whose(&self) -> Option<User> {
        match self {
            Self::Asked { user, .. }
            | Self::Entered { user, .. }
            | Self::HungUp { user, .. }
            | Self::Left { user, .. }
            | Self::Missed { user }
            | Self::Moved { user, .. }
            | Self::Rang { user }
            | Self::Declined { user, .. }
            | Self::TakenBack { user }
            | Self::Unreached { user } => Some(*user),
            Self::GaveUp { .. } => Some(0),
            Self::Carried { .. } | Self::Over { .. } | Self::Silenced { .. } | Self::Sounded { .. } => None,
        }
    }
}

/// One fact, when it came about, and as part of which change.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: u64,
    pub(crate) change: u64,
    pub(crate) fact: Fact,
}

/// All that has happened, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(pub(crate) Vec<Entry>);

impl Log {
    pub(crate) fn of(&self, user: User) -> impl DoubleEndedIterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.fact.whose() == Some(user))
    }

    pub(crate) fn change(&self, number: u64) -> impl DoubleEndedIterator<Item = &Fact> + Clone {
        self.0.iter().filter(move |entry| entry.change == number).map(|entry| &entry.fact)
    }

    pub(crate) fn over(&self) -> Option<(u64, EndReason, Option<User>)> {
        self.0.iter().find_map(|entry| match entry.fact {
            Fact::Over { reason, by } => Some((entry.at, reason, by)),
            _ => None,
        })
    }

    /// Where `user` stood after the change of this number; `None` for a stranger.
    pub(crate) fn stand_after(&self, user: User, change: u64) -> Option<Stand> {
        let mut stand = None;
        for entry in self.of(user).filter(|entry| entry.change <= change) {
            stand = Some(match (&entry.fact, stand) {
                (Fact::Asked { ring: Ring::Busy, .. }, _) => Stand::Rejected(RejectReason::Busy),
                (Fact::Asked { ring, .. }, _) => {
                    Stand::Rings { since: entry.at, waiting: *ring == Ring::Waiting, reached: None }
                }
                (Fact::Rang { .. }, Some(Stand::Rings { since, waiting, .. })) => {
                    Stand::Rings { since, waiting, reached: Some(true) }
                }
                (Fact::Unreached { .. }, Some(Stand::Rings { since, waiting, .. })) => {
                    Stand::Rings { since, waiting, reached: Some(false) }
                }
                (Fact::Entered { device, .. } | Fact::Moved { device, .. }, _) => Stand::In(*device),
                (Fact::GaveUp { .. }, _) => Stand::Canceled,
                (Fact::HungUp { .. }, _) => Stand::Ended,
                (Fact::Left { .. }, _) => Stand::Quit,
                (Fact::Missed { .. }, _) => Stand::Missed,
                (Fact::Declined { no, .. }, _) => Stand::Rejected(*no),
                (Fact::TakenBack { .. }, _) => Stand::BeCanceled,
                (fact, stand) => panic!("{fact:?} cannot follow {stand:?}"),
            });
        }
        stand
    }

    /// The text that `user` sent last; an invitation forgets it.
    pub(crate) fn text(&self, user: User) -> Text {
        let mut texts = self.of(user).filter_map(|entry| match entry.fact {
            Fact::Asked { .. } => Some(0),
            Fact::Entered { text, .. }
            | Fact::GaveUp { text }
            | Fact::HungUp { text, .. }
            | Fact::Left { text, .. }
            | Fact::Declined { text, .. } => Some(text),
            _ => None,
        });
        texts.next_back().unwrap_or(0)
    }

    /// Who brought `user` in last, and when.
    pub(crate) fn brought_in(&self, user: User) -> Option<(User, u64)> {
        let mut by = self.of(user).filter_map(|entry| match entry.fact {
            Fact::Asked { by, .. } => Some((by, entry.at)),
            Fact::Entered { unasked: true, .. } => Some((user, entry.at)),
            _ => None,
        });
        by.next_back()
    }

    /// When `user` first came in; for the caller, when the first other did.
    pub(crate) fn accepted_at(&self, user: User) -> Option<u64> {
        self.0.iter().find_map(|entry| match entry.fact {
            Fact::Entered { user: other, .. } if other == user && user != 0 => Some(entry.at),
            Fact::Entered { user: other, .. } if other != 0 && user == 0 => Some(entry.at),
            _ => None,
        })
    }

    /// When `user` left, if they have not come back.
    pub(crate) fn left_at(&self, user: User) -> Option<u64> {
        let mut marks = self.of(user).filter_map(|entry| match entry.fact {
            Fact::Left { .. } => Some(Some(entry.at)),
            Fact::Entered { .. } => Some(None),
            _ => None,
        });
        marks.next_back().flatten()
    }

    /// On which devices `user` silenced the present ring.
    pub(crate) fn silenced(&self, user: User) -> Vec<u8> {
        let mut devices = Vec::new();
        for entry in &self.0 {
            match entry.fact {
                Fact::Asked { user: asked, .. } if asked == user => devices.clear(),
                Fact::Silenced { user: who, device } if who == user => devices.push(device),
                _ => {}
            }
        }
        devices.sort_unstable();
        devices
    }

    /// On which devices of `user` the present ring has sounded.
    pub(crate) fn sounded(&self, user: User) -> Vec<u8> {
        let mut devices = Vec::new();
        for entry in &self.0 {
            match entry.fact {
                Fact::Asked { user: asked, .. } if asked == user => devices.clear(),
                Fact::Sounded { user: who, device } if who == user => devices.push(device),
                _ => {}
            }
        }
        devices.sort_unstable();
        devices
    }

    /// How far the present invitation of `user` has got, for a caller who wants to know.
    pub(crate) fn carried(&self, user: User) -> Option<Delivery> {
        let mut carried = None;
        for entry in &self.0 {
            match &entry.fact {
                Fact::Asked { user: who, ring, .. } if *who == user => {
                    carried = (*ring != Ring::Busy).then_some(Delivery::Queued);
                }
                Fact::Carried { user: who, reached } if *who == user => carried = Some(*reached),
                _ => {}
            }
        }
        carried
    }
}
