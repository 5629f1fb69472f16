//! Devices come and go.
use offhook_bus::Bus;
use offhook_call::{Call, Delivery, Incident};
use offhook_signaling::{Problem, Resume, Snapshot};
use offhook_store::{Store, UserChange};
use offhook_types::{CallId, Epoch, Offset, Opaque, Party};

use crate::{CallControl, World, problem, view};

/// How many ended calls a snapshot tells of, so that a client learns how those ended that it still believes alive.
const RECENT: usize = 20;

/// A device that wants in. Its token has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The user's name to show; empty keeps the last one.
    pub name: Opaque,
    /// Who.
    pub party: Party,
    /// Where the device stopped listening.
    pub resume: Option<Resume>,
}

/// How a device went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It logged out: it counts as gone at once.
    LoggedOut,
    /// Its connection ended: it counts as here until its lease runs out.
    Lost,
}

/// A device that is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The other nodes to which the user's devices are, or were until now, connected.
    pub elsewhere: Vec<u64>,
    /// The life of the event log.
    pub epoch: Epoch,
    /// Where the device begins to listen.
    pub offset: Offset,
    /// The state at `offset` or a little later; `None` if the device resumes.
    pub snapshot: Option<Snapshot>,
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Registers the user if they are new, counts the device as here, and finds out what it missed.
    ///
    /// # Errors
    /// A [`Problem`] if the store cannot tell.
    pub async fn enter(&self, entry: Entry) -> Result<Entered, Problem> {
        self.register(&entry).await?;
        let account = &entry.party.account;
        let page = self.store.events(account, Offset(u64::MAX), 0).await;
        let page = page.map_err(|error| problem::of_store(&error))?;
        let epoch = self.store.epoch();
        let resumed = entry
            .resume
            .filter(|resume| resume.epoch == epoch && (page.floor..=page.head).contains(&resume.offset));
        let (offset, snapshot) = match resumed {
            Some(resume) => (resume.offset, None),
            None => (page.head, Some(self.snapshot(&entry).await?)),
        };
        let arrived = self.presence.arrive(&entry.party).await;
        let elsewhere = arrived.map_err(|error| problem::of_store(&error))?;
        self.tell_arrival(&entry.party).await;
        Ok(Entered { elsewhere, epoch, offset, snapshot })
    }

    /// Counts a device as gone. A caller whose last device logged out takes unanswered calls back at once; one whose
    /// connection ended has a lease first.
    pub async fn leave(&self, party: &Party, departure: Departure) {
        let now = self.world.now();
        let until = match departure {
            Departure::LoggedOut => now,
            Departure::Lost => now + self.policy(party.account.app).caller_lease,
        };
        // Before anything that takes its time: who goes meanwhile goes after this one, and has the lease of its own going.
        match self.presence.depart(party, until).await {
            Ok(true) => self.world.wake_at(until),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a device that is gone could not be counted as gone"),
        }
        if departure == Departure::LoggedOut
            && let Err(error) = self.forget_device(party).await
        {
            tracing::error!(%error, "a device that logged out could not be forgotten: it may yet be woken");
        }
    }

    /// Callers who want to know hear that their invitation has reached a device.
    async fn tell_arrival(&self, party: &Party) {
        let live = match self.store.live(&party.account).await {
            Ok(live) => live,
            Err(error) => {
                tracing::warn!(%error, "callers are not told that a device has their invitation");
                return;
            }
        };
        for call in live.calls.iter().filter(|call| call.policy.tell_delivery) {
            self.woken(party, call.id).await;
        }
    }

    /// A device of an invitee has the invitation: it connected, or read it in answer to a push.
    pub async fn woken(&self, party: &Party, call: CallId) {
        let incident = Incident::Delivered { reached: Delivery::Delivered, user: party.account.user.clone() };
        let tell = |call: &mut Call, now| call.handle_incident(now, incident.clone());
        self.befall(party.account.app, call, tell).await;
    }

    async fn register(&self, entry: &Entry) -> Result<(), Problem> {
        let account = &entry.party.account;
        let known = self.store.users(std::slice::from_ref(account)).await;
        let known = known.map_err(|error| problem::of_store(&error))?.pop().flatten();
        let name = Some(&entry.name).filter(|name| !name.is_empty());
        let is_current = known.is_some_and(|user| name.is_none_or(|name| *name == user.name));
        if !is_current {
            let change = UserChange { name: name.cloned(), ..UserChange::default() };
            let stored = self.store.put_user(account, change, self.world.now()).await;
            stored.map_err(|error| problem::of_store(&error))?;
        }
        Ok(())
    }

    /// Read after the offset it stands for, so it may be newer: clients pass over events older than what they know.
    async fn snapshot(&self, entry: &Entry) -> Result<Snapshot, Problem> {
        let (party, now) = (&entry.party, self.world.now());
        let live = self.store.live(&party.account).await.map_err(|error| problem::of_store(&error))?;
        let calls = live.calls.iter().map(|call| view::of_call(call, party, now)).collect();
        let ended = match entry.resume {
            None => Vec::new(),
            Some(_) => {
                let page = self.store.calls(&party.account, None, RECENT).await;
                let page = page.map_err(|error| problem::of_store(&error))?;
                let ended = page.calls.iter().filter(|call| call.is_over());
                ended.map(|call| view::of_call(call, party, now)).collect()
            }
        };
        Ok(Snapshot { calls, ended })
    }
}
