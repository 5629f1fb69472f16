//! The joint between connections and calls: the gateway's `Handler`, answered by call-control.
use std::sync::{Arc, OnceLock};

use offhook_call_control::{CallControl, Delivered, Departure as Left, Entry};
use offhook_gateway::{
    Delivery, Departure, Handler, Login, Newcomer, Opened, PushAnswer, PushOrder, RoomOrder, is_browser,
};
use offhook_signaling::{Code, Problem, Reply, Request};
use offhook_types::{AppId, CallId, Offset, Party};

use tokio_util::sync::CancellationToken;

use crate::{
    cluster::{Attendance, ClockWatch, Logins, NodeBus, NodeStore},
    pushes::PushService,
    rooms::MediaRooms,
    world::SystemWorld,
};

/// Call-control as this binary assembles it.
pub(crate) type Control = CallControl<NodeStore, NodeBus, SystemWorld>;

/// Passes on what sessions and back ends ask for.
pub(crate) struct CallHandler {
    /// Whose hints are wanted here.
    pub(crate) attendance: Attendance,
    pub(crate) clock_watch: Arc<ClockWatch>,
    /// Canceled when the node is to stop: it is no longer ready, while those who are connected are still served.
    pub(crate) draining: CancellationToken,
    pub(crate) control: Arc<Control>,
    /// Who settles with other nodes which sessions stay; set before anybody connects.
    pub(crate) logins: Arc<OnceLock<Arc<Logins>>>,
    /// Who wakes devices.
    pub(crate) pushes: Arc<PushService>,
    /// Where media is.
    pub(crate) rooms: Option<Arc<MediaRooms>>,
}

impl Handler for CallHandler {
    async fn open(&self, login: Login) -> Result<Opened, Problem> {
        let newcomer = newcomer(&login);
        let entry = Entry { name: login.name, party: login.party, resume: login.resume };
        let party = entry.party.clone();
        // Before the log is looked at, so that no news falls in between.
        let is_new = self.attendance.arrive(&party);
        let entered = match self.control.enter(entry).await {
            Ok(entered) => entered,
            Err(problem) => {
                if is_new {
                    self.attendance.depart(&party);
                }
                return Err(problem);
            }
        };
        if let Some(rooms) = &self.rooms {
            rooms.arrived(&party);
        }
        if let (Some(logins), Some(newcomer)) = (self.logins.get(), newcomer) {
            logins.settle(newcomer, entered.elsewhere);
        }
        Ok(Opened { epoch: entered.epoch, offset: entered.offset, snapshot: entered.snapshot })
    }

    async fn closed(&self, party: &Party, departure: Departure) {
        let left = match departure {
            Departure::LoggedOut => Left::LoggedOut,
            Departure::Lost => Left::Lost,
        };
        if let Some(rooms) = &self.rooms {
            rooms.departed(party, departure).await;
        }
        self.attendance.depart(party);
        self.control.leave(party, left).await;
    }

    async fn execute(&self, party: &Party, request: Request) -> Result<Reply, Problem> {
        let Some(rooms) = &self.rooms else { return self.control.execute(party, request).await };
        match rooms.sort(request) {
            Ok(request) => rooms.execute(&self.control, party, request).await,
            Err(request) => self.control.execute(party, request).await,
        }
    }

    async fn room(&self, app: AppId, order: RoomOrder) -> Result<Reply, Problem> {
        match &self.rooms {
            Some(rooms) => rooms.order(&self.control, app, order).await,
            None => Err(Problem::new(Code::MediaUnavailable, "this server carries no media")),
        }
    }

    async fn woken(&self, party: &Party, call: CallId) {
        self.control.woken(party, call).await;
    }

    async fn push(&self, app: AppId, order: PushOrder) -> Result<PushAnswer, Problem> {
        self.pushes.order(&self.control, app, order).await
    }

    async fn events(&self, party: &Party, after: Offset, limit: usize) -> Result<Delivery, Problem> {
        Ok(match self.control.events(party, after, limit).await? {
            Delivered::Behind => Delivery::Behind,
            Delivered::Events { events, more, through } => Delivery::Events { events, more, through },
        })
    }

    fn ready(&self) -> Result<(), Problem> {
        if self.draining.is_cancelled() {
            return Err(Problem::new(Code::StoreUnavailable, "this node stops: use another one"));
        }
        self.clock_watch.check().map_err(|off| Problem::new(Code::StoreUnavailable, off.to_string()))?;
        self.control.ready()
    }
}

/// The session that begins, as other nodes are told of it.
fn newcomer(login: &Login) -> Option<Newcomer> {
    let Party { account, device } = login.party.clone();
    Some(Newcomer { account, browser: is_browser(&login.platform), device: device?, since: login.since })
}
