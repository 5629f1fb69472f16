//! The joint between connections and calls: the gateway's `Handler`, answered by call-control.
use std::sync::Arc;

use offhook_bus::InProcessBus;
use offhook_call_control::{CallControl, Delivered, Departure as Left, Entry};
use offhook_gateway::{Delivery, Departure, Handler, Login, Opened};
use offhook_signaling::{Problem, Reply, Request};
use offhook_store_embedded::EmbeddedStore;
use offhook_types::{Offset, Party};

use crate::world::SystemWorld;

/// Call-control as this binary assembles it.
pub(crate) type Control = CallControl<EmbeddedStore, InProcessBus, SystemWorld>;

/// Passes on what sessions and back ends ask for.
pub(crate) struct CallHandler {
    pub(crate) control: Arc<Control>,
}

impl Handler for CallHandler {
    async fn open(&self, login: Login) -> Result<Opened, Problem> {
        let entry = Entry { name: login.name, party: login.party, resume: login.resume };
        let entered = self.control.enter(entry).await?;
        Ok(Opened { epoch: entered.epoch, offset: entered.offset, snapshot: entered.snapshot })
    }

    async fn closed(&self, party: &Party, departure: Departure) {
        let left = match departure {
            Departure::LoggedOut => Left::LoggedOut,
            Departure::Lost => Left::Lost,
        };
        self.control.leave(party, left).await;
    }

    async fn execute(&self, party: &Party, request: Request) -> Result<Reply, Problem> {
        self.control.execute(party, request).await
    }

    async fn events(&self, party: &Party, after: Offset, limit: usize) -> Result<Delivery, Problem> {
        Ok(match self.control.events(party, after, limit).await? {
            Delivered::Behind => Delivery::Behind,
            Delivered::Events { events, more, through } => Delivery::Events { events, more, through },
        })
    }

    fn ready(&self) -> Result<(), Problem> {
        self.control.ready()
    }
}
