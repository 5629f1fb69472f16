//! What the user has done, kept on disk until the server knows it, or the app has read it: a process that a push has started may
//! be killed at any moment.
//!
//! One file per call in a folder that the app names; a later deed on a call takes the place of the earlier. A file is
//! whole or not there: it is written beside, synced and renamed. Several processes may use the folder at once. The files hold
//! credentials, so nobody but the user of the system may read them.

mod entry;
mod folder;

use std::{io, path::PathBuf, time::Duration};

use offhook_signaling::{CallView, RejectCause, RoomToken};
use offhook_types::{DeviceId, Opaque, Timestamp, UserId};
use tokio::time::Instant;

use super::{Accepted, AnswerError, Invitation, Wake, answer::Verb};
use crate::clock::time_of_day;
use entry::{Deed, Entry};
use folder::Folder;

/// How long after its ring an answer is still sent: for so long the server takes its credential, and says what became of an
/// answer whose reply was lost.
const CREDENTIAL_GRACE: Duration = Duration::from_secs(120);

/// What the app has not read within this time is past: who opens the app tomorrow does not want to join yesterday's call.
const FRESH: Duration = Duration::from_secs(600);

/// What the user has done, kept in a folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: Folder,
}

/// Why something could not be kept, or did not count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// The server did not take it. If [`AnswerError::is_final`] does not hold, it is kept and sent by [`Outbox::flush`].
    #[error("the answer did not count")]
    Answer(#[from] AnswerError),
    /// The folder cannot be used. To do: name one in which the app may write; until then answer by the
    /// [`Wake`] itself.
    #[error("the outbox's folder cannot be used")]
    Folder(#[from] io::Error),
}

/// Something that the server does not know yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pending {
    /// When it was done, on this device's clock.
    pub at: Timestamp,
    /// The call.
    pub invitation: Invitation,
    /// What was done.
    pub kind: PendingKind,
}

/// What the server does not know yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingKind {
    /// The user accepted.
    Accept,
    /// The user rejected.
    Reject,
}

/// A call that the user has accepted or tapped while the app did not run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answered {
    /// When, on this device's clock.
    pub at: Timestamp,
    /// On which device: the main device of a call that was accepted.
    pub device: DeviceId,
    /// The call.
    pub invitation: Invitation,
    /// What was done.
    pub kind: AnsweredKind,
}

/// What the user has done with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnsweredKind {
    /// Accepted, and the server knows it. To do: join the call's room.
    Accepted {
        /// The call as it then was.
        call: Box<CallView>,
        /// The way into its room; absent where the server carries no media, or if it has run out meanwhile: the session gives
        /// another one.
        room: Option<RoomToken>,
    },
    /// Tapped, and not answered. To do: log in; the session rings if the call still does.
    Tapped,
}

/// What became of something that was pending.
#[derive(Debug)]
#[non_exhaustive]
pub struct Flushed {
    /// What was pending.
    pub pending: Pending,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of something that was pending.
#[derive(Debug)]
pub enum Outcome {
    /// It will never be sent.
    Dropped(Dropped),
    /// The server could not be reached; it stays.
    Kept,
    /// The server knows it. What was accepted is there for [`Outbox::take_answered`].
    Sent,
}

/// Why something will never be sent.
#[derive(Debug)]
pub enum Dropped {
    /// The ring was over for too long.
    Expired,
    /// The server said no.
    Refused(AnswerError),
}

impl Outbox {
    /// Opens a folder, and makes it if it is not there. It must be of this app alone, and on a disk of this machine.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        Ok(Self { folder: Folder::open(folder.into(), time_of_day())? })
    }

    /// Accepts as [`Wake::accept`] does, kept on disk before the server is asked, and until [`Outbox::take_answered`].
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn accept(&self, wake: &Wake, data: Opaque) -> Result<Accepted, OutboxError> {
        let entry = Entry::new(wake, Deed::Accept { data }, time_of_day());
        self.keep(entry.clone()).await?;
        let said = entry.ask().send(wake.deadline).await;
        let accepted = said.and_then(super::answer::Said::into_accepted);
        match accepted {
            Ok(accepted) => {
                self.settle(entry.clone(), Some(entry.accepted(accepted.clone(), time_of_day()))).await?;
                Ok(accepted)
            }
            Err(error) => Err(self.failed(entry, error).await),
        }
    }

    /// Rejects as [`Wake::reject`] does, kept on disk before the server is asked, and until it knows.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn reject(&self, wake: &Wake, reason: RejectCause) -> Result<CallView, OutboxError> {
        let deed = Deed::Reject { data: Opaque::default(), reason };
        let entry = Entry::new(wake, deed, time_of_day());
        self.keep(entry.clone()).await?;
        match entry.ask().send(wake.deadline).await.and_then(super::answer::Said::into_call) {
            Ok(call) => {
                self.settle(entry, None).await?;
                Ok(call)
            }
            Err(error) => Err(self.failed(entry, error).await),
        }
    }

    /// Keeps for the app that the user has tapped the ring without answering it.
    ///
    /// # Errors
    /// [`OutboxError::Folder`].
    pub async fn tapped(&self, wake: &Wake) -> Result<(), OutboxError> {
        Ok(self.keep(Entry::new(wake, Deed::Tapped, time_of_day())).await?)
    }

    /// What the server does not know yet, oldest first.
    ///
    /// # Errors
    /// What the file system says.
    pub fn pending(&self) -> io::Result<Vec<Pending>> {
        Ok(self.folder.entries()?.iter().filter_map(Entry::pending).collect())
    }

    /// Sends what is pending, oldest first, each once: at the app's start, and when the network is back. What is too old is dropped.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn flush(&self) -> io::Result<Vec<Flushed>> {
        let mut flushed = Vec::new();
        let folder = self.folder.clone();
        for entry in on_disk(move || folder.entries()).await? {
            let Some(pending) = entry.pending() else { continue };
            let outcome = if time_of_day() > entry.until + CREDENTIAL_GRACE {
                self.settle(entry, None).await?;
                Outcome::Dropped(Dropped::Expired)
            } else {
                self.send_again(entry, pending.kind).await?
            };
            flushed.push(Flushed { pending, outcome });
        }
        Ok(flushed)
    }

    /// Takes the call that was accepted or tapped last by this user, once: whoever takes it has it, and older ones are past. Of
    /// somebody else's nothing is told; `None` stands for whoever it was. What is ten minutes old is forgotten.
    ///
    /// # Errors
    /// What the file system says.
    pub fn take_answered(&self, user: Option<&UserId>) -> io::Result<Option<Answered>> {
        let now = time_of_day();
        let mut latest = None;
        for entry in self.folder.entries()? {
            let is_others = user.is_some_and(|user| *user != entry.invitation.to);
            let Some(answered) = entry.answered(now) else { continue };
            let is_fresh = now.since(answered.at) <= FRESH;
            if is_fresh && is_others {
                continue;
            }
            // Who removes it has it; another process may have been faster.
            if self.folder.replace(&entry, None)? && is_fresh {
                latest = Some(answered);
            }
        }
        Ok(latest)
    }

    async fn send_again(&self, entry: Entry, kind: PendingKind) -> io::Result<Outcome> {
        let said = match entry.ask().send(Instant::now()).await {
            Ok(said) => said,
            Err(error) if error.is_final() => {
                self.settle(entry, None).await?;
                return Ok(Outcome::Dropped(Dropped::Refused(error)));
            }
            Err(_) => return Ok(Outcome::Kept),
        };
        let left = match (kind, said.into_accepted()) {
            (PendingKind::Accept, Ok(accepted)) => Some(entry.accepted(accepted, time_of_day())),
            (PendingKind::Accept, Err(_)) => return Ok(Outcome::Kept),
            (PendingKind::Reject, _) => None,
        };
        self.settle(entry, left).await?;
        Ok(Outcome::Sent)
    }

    async fn keep(&self, entry: Entry) -> io::Result<()> {
        let folder = self.folder.clone();
        on_disk(move || folder.put(&entry)).await
    }

    /// Puts what is left of a deed into its place, unless the user has done something else since.
    async fn settle(&self, entry: Entry, left: Option<Entry>) -> io::Result<()> {
        let folder = self.folder.clone();
        on_disk(move || folder.replace(&entry, left.as_ref())).await.map(drop)
    }

    async fn failed(&self, entry: Entry, error: AnswerError) -> OutboxError {
        if error.is_final()
            && let Err(error) = self.settle(entry, None).await
        {
            return error.into();
        }
        error.into()
    }
}

impl Entry {
    fn ask(&self) -> super::answer::Ask {
        let verb = match &self.deed {
            Deed::Accept { data } => Verb::Accept { data: data.clone() },
            Deed::Reject { data, reason } => Verb::Reject { data: data.clone(), reason: reason.clone() },
            Deed::Accepted { .. } | Deed::Tapped => Verb::Read,
        };
        super::answer::Ask {
            allow_plaintext: self.allow_plaintext,
            call: self.invitation.call,
            credential: self.credential.clone(),
            server: self.server.clone(),
            verb,
        }
    }
}

/// A disk may take its time; the runtime's threads have other things to do.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests;
