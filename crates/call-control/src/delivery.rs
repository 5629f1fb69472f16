//! From the event log to what one device hears.
use std::sync::Arc;

use offhook_bus::Bus;
use offhook_call::{Audience, Call, Event as CallEvent, Notice};
use offhook_signaling::{CallView, Event, EventBody, Happening, Problem};
use offhook_store::{LoggedEvent, Store};
use offhook_types::{Offset, Opaque, Party, Timestamp, UserId};

use crate::{CallControl, World, problem, view};

/// Events for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The log no longer reaches back to the wanted offset: only a snapshot helps.
    Behind,
    /// What was found.
    Events {
        /// Meant for this device, in order.
        events: Vec<Event>,
        /// Whether the log goes on after `through`.
        more: bool,
        /// Everything up to here has been looked at.
        through: Offset,
    },
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// The events after `after` that are meant for this device, out of the next `limit` of the log.
    ///
    /// An invitation that can no longer be answered is told with nothing left of its ring, so that no device rings for
    /// a call whose end the server knows.
    ///
    /// # Errors
    /// A [`Problem`] if the store cannot tell.
    pub async fn events(&self, party: &Party, after: Offset, limit: usize) -> Result<Delivered, Problem> {
        let page = self.store.events(&party.account, after, limit).await;
        let page = page.map_err(|error| problem::of_store(&error))?;
        if after < page.floor {
            return Ok(Delivered::Behind);
        }
        let through = page.events.last().map_or(after, |event| event.offset);
        let now = self.world.now();
        let (mut events, mut told) = (Vec::with_capacity(page.events.len()), after);
        for logged in page.events {
            if is_meant_for(&logged.notice, party) {
                let offset = logged.offset;
                let body = self.body_of(logged, party, now).await?;
                events.push(Event { after: told, body, offset });
                told = offset;
            }
        }
        Ok(Delivered::Events { events, more: through < page.head, through })
    }

    async fn body_of(
        &self,
        logged: LoggedEvent,
        party: &Party,
        now: Timestamp,
    ) -> Result<EventBody, Problem> {
        let LoggedEvent { call, notice, .. } = logged;
        let changed = &notice.changed;
        let happening = || happening(&call, party, changed);
        Ok(match notice.event {
            CallEvent::Canceled { by, data } => {
                EventBody::Canceled(Happening { by: Some(by), data, ..happening() })
            }
            CallEvent::Changed => EventBody::Changed(happening()),
            CallEvent::Created => EventBody::Created(view::of_call(&call, party, now)),
            CallEvent::Ended { by, data } => EventBody::Ended(Happening { by, data, ..happening() }),
            CallEvent::Invited => EventBody::Invited(self.invitation(call, party, now).await?),
            CallEvent::Merged => EventBody::Merged(view::of_call(&call, party, now)),
            CallEvent::Unanswered => EventBody::Unanswered(happening()),
        })
    }

    /// The call as it was when it rang, but with the ring that is left of it now.
    async fn invitation(&self, call: Arc<Call>, party: &Party, now: Timestamp) -> Result<CallView, Problem> {
        let mut view = view::of_call(&call, party, now);
        let current = self.load(call.app, call.id).await?;
        let rings = current.is_some_and(|current| view::ring_until(&current, &party.account.user).is_some());
        if !rings {
            view.remaining_ms = 0;
        }
        Ok(view)
    }
}

fn happening(call: &Call, party: &Party, changed: &[UserId]) -> Happening {
    let leg = |user: &UserId| call.legs.get_key_value(user).map(|leg| view::of_leg(call, leg, party));
    Happening {
        by: None,
        call: call.id,
        changed: changed.iter().filter_map(leg).collect(),
        data: Opaque::default(),
        end: call.end.as_ref().map(view::of_end),
        main_device: view::main_device(call, &party.account.user),
        seq: call.seq,
    }
}

fn is_meant_for(notice: &Notice, party: &Party) -> bool {
    match &notice.audience {
        Audience::AllDevices => true,
        Audience::Device(device) => party.device.as_ref() == Some(device),
    }
}
