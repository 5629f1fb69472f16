//! The node: real `session` machines drive the real call-control, joined as the crate `gateway` joins them.
mod work;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use offhook_call_control::{CallControl, Departure, Policies};
use offhook_session::{Config, Input, Output, Session};
use offhook_signaling::{ClientFrame, ServerFrame};
use offhook_testing_kit::ready;
use offhook_types::{AppId, Offset, Party, Timestamp};

use self::work::{Done, Job};
use crate::{
    hub::Hub,
    queue::{ConnectionId, JobId, LinkId, Order, Parcel, What},
    simulation::Simulation,
    stage::{SimulatedBus, SimulatedWorld},
    store::WatchedStore,
};

type Control = CallControl<WatchedStore, SimulatedBus, SimulatedWorld>;

/// The node.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    /// `None` while the process is dead.
    control: Option<Arc<Control>>,
    hub: Hub,
    jobs: BTreeMap<JobId, Job>,
    last_id: u32,
    /// Counts the lives of the process.
    pub(crate) life: u32,
    /// When the timer task is going to look.
    timer_at: Option<Timestamp>,
    timer_runs: bool,
}

/// One connection, as the gateway's task keeps it.
pub(crate) struct Connection {
    armed_for: Option<Timestamp>,
    /// The last event that was sent, for the checks.
    pub(crate) chain: Option<Offset>,
    flushing: bool,
    hinted: Offset,
    inbox: VecDeque<Parcel>,
    /// When the work began whose result was heard last; `None` while work goes on.
    pub(crate) job_began: Timestamp,
    is_working: bool,
    pub(crate) link: LinkId,
    logged_out: bool,
    /// Who has, or asks for, a place in the hub.
    pub(crate) party: Option<Party>,
    /// Whether call-control counts the device as here.
    is_member: bool,
    session: Session,
}

impl Server {
    pub(crate) fn is_up(&self) -> bool {
        self.control.is_some()
    }

    /// Whether a session of the device is open.
    pub(crate) fn is_here(&self, party: &Party) -> bool {
        self.hub.has(party)
    }

    fn id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }
}

impl Simulation {
    /// The process starts: it takes up what the store holds, and listens.
    pub(crate) fn start_server(&mut self) {
        if self.server.is_up() {
            return;
        }
        self.trace.say(self.now, || "server starts".into());
        let mut policies = Policies::default();
        for (app, policy) in (1..).zip(&self.plan.policies) {
            policies.set(AppId(app), policy.clone());
        }
        let bus = Arc::new(SimulatedBus(Arc::clone(&self.stage)));
        let world = SimulatedWorld(Arc::clone(&self.stage));
        let control = CallControl::new(Arc::new(self.store.clone()), bus, world, policies);
        let control = match &self.office {
            Some(office) => control.with_pushes(Arc::new(office.clone())),
            None => control,
        };
        let control = Arc::new(control);
        self.server.life += 1;
        self.server.control = Some(Arc::clone(&control));
        self.begin(
            None,
            Box::pin(async move {
                control.recover().await;
                Done::Recovered
            }),
        );
    }

    /// The process dies. What was committed stays, nothing else.
    pub(crate) fn kill_server(&mut self, is_silent: bool) {
        self.trace.say(self.now, || format!("server dies{}", if is_silent { " silently" } else { "" }));
        let last_id = self.server.last_id;
        let life = self.server.life;
        let dead = std::mem::replace(&mut self.server, Server { last_id, life, ..Server::default() });
        let now = self.now;
        self.stage.take_posted();
        self.stage.ledger(|ledger| ledger.attendance.server_died(now));
        self.stage.take_hints();
        for connection in dead.connections.values() {
            self.devices[self.links[connection.link].device].last_here = now;
            if is_silent {
                self.cut(connection.link, true, true);
            } else {
                self.break_link(connection.link);
            }
        }
    }

    /// A device's socket opens.
    pub(crate) fn accept_connection(&mut self, link: LinkId) {
        let id = self.server.id();
        let connection = Connection {
            armed_for: None,
            chain: None,
            flushing: false,
            hinted: Offset::default(),
            inbox: VecDeque::new(),
            job_began: self.now,
            is_working: false,
            link,
            logged_out: false,
            party: None,
            is_member: false,
            session: Session::new(Config::default(), self.now),
        };
        self.server.connections.insert(id, connection);
        self.links[link].connection = Some(id);
        self.settle(id);
    }

    /// Something arrives from a device.
    pub(crate) fn up(&mut self, link: LinkId, parcel: Parcel) {
        let Some(id) = self.links[link].connection else { return };
        let Some(connection) = self.server.connections.get_mut(&id) else { return };
        connection.inbox.push_back(parcel);
        self.read(id);
    }

    /// The hub's word reaches a session.
    pub(crate) fn order(&mut self, id: ConnectionId, order: Order) {
        let input = match order {
            Order::Replaced => Input::Replaced,
            Order::Shutdown => Input::Shutdown(Duration::from_millis(self.random.between(0, 3_000))),
        };
        self.tell_session(id, input);
    }

    pub(crate) fn hint(&mut self, id: ConnectionId, head: Offset) {
        let Some(connection) = self.server.connections.get_mut(&id) else { return };
        // As in the gateway, hints before the session is open wait, and coalesce.
        if head > connection.hinted {
            connection.hinted = head;
            if connection.is_member {
                self.tell_session(id, Input::Hint(head));
            }
        }
    }

    pub(crate) fn flushed(&mut self, id: ConnectionId) {
        if let Some(connection) = self.server.connections.get_mut(&id) {
            connection.flushing = false;
            self.tell_session(id, Input::Written);
        }
    }

    pub(crate) fn session_timer(&mut self, id: ConnectionId) {
        let now = self.now;
        let Some(connection) = self.server.connections.get_mut(&id) else { return };
        if connection.armed_for != Some(now) {
            return;
        }
        connection.armed_for = None;
        if connection.session.poll_timeout().is_some_and(|at| at <= now) {
            self.tell_session(id, Input::Timeout);
        } else {
            self.settle(id);
        }
    }

    /// Feeds a session, and lets it read what waits.
    fn tell_session(&mut self, id: ConnectionId, input: Input) {
        self.feed(id, input);
        self.read(id);
    }

    fn read(&mut self, id: ConnectionId) {
        while let Some(connection) = self.server.connections.get_mut(&id) {
            if !connection.session.is_reading() {
                break;
            }
            let Some(parcel) = connection.inbox.pop_front() else { break };
            let input = match parcel {
                Parcel::Closed(_) => Input::Disconnected,
                Parcel::Ping | Parcel::Pong => Input::Pinged,
                Parcel::Text(text) => Input::Frame(ClientFrame::parse(&text)),
            };
            self.feed(id, input);
        }
        self.settle(id);
    }

    fn feed(&mut self, id: ConnectionId, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let Some(connection) = self.server.connections.get_mut(&id) else { return };
            let link = connection.link;
            for output in connection.session.handle(self.now, input) {
                match output {
                    Output::Close(code) => self.send_down(link, Parcel::Closed(Some(code.number()))),
                    Output::Execute(request) => self.execute(id, request),
                    Output::Fetch { after } => self.fetch(id, after),
                    Output::LogOut => self.log_out(id),
                    Output::Open(hello) => self.open(id, *hello),
                    Output::Ping => self.send_down(link, Parcel::Ping),
                    Output::Renew(text) => next = Some(Input::Renewed(self.renew(id, &text.token))),
                    Output::Send(frame) => self.write(id, link, &frame),
                }
            }
        }
    }

    fn write(&mut self, id: ConnectionId, link: LinkId, frame: &ServerFrame) {
        self.inspect(id, frame);
        let text = frame.to_text();
        self.trace.count(self.now, text.as_bytes());
        let device = self.links[link].device;
        self.trace.say(self.now, || format!("gateway → device {device} (link {link}): {text}"));
        self.send_down(link, Parcel::Text(text));
        if let Some(connection) = self.server.connections.get_mut(&id)
            && !connection.flushing
        {
            connection.flushing = true;
            // A reader that sleeps fills its socket, and then nothing leaves.
            let at = if self.plan.faults.slow_reader { self.links[link].stalled_until } else { self.now };
            self.queue.plan(at.max(self.now), What::Flushed(id));
        }
    }

    /// Sets the timer of a session, or ends the session.
    fn settle(&mut self, id: ConnectionId) {
        let now = self.now;
        let Some(connection) = self.server.connections.get_mut(&id) else { return };
        if connection.session.is_closed() {
            if !connection.is_working {
                self.end_connection(id);
            }
            return;
        }
        let Some(at) = connection.session.poll_timeout().map(|at| at.max(now)) else { return };
        if connection.armed_for.is_none_or(|armed| at < armed) {
            connection.armed_for = Some(at);
            self.queue.plan(at, What::SessionTimer(id));
        }
    }

    fn end_connection(&mut self, id: ConnectionId) {
        let Some(connection) = self.server.connections.remove(&id) else { return };
        self.devices[self.links[connection.link].device].last_here = self.now;
        let Some(party) = connection.party else { return };
        if self.server.hub.depart(&party, id) && !connection.logged_out {
            self.depart(&party, Departure::Lost);
        }
    }

    fn depart(&mut self, party: &Party, departure: Departure) {
        let Some(control) = self.server.control.clone() else { return };
        ready(control.leave(party, departure));
        let lease = match departure {
            Departure::LoggedOut => Duration::ZERO,
            Departure::Lost => self.policy_of(party).caller_lease,
        };
        let now = self.now;
        self.stage.ledger(|ledger| ledger.attendance.left(party, now, lease));
        self.carry_on();
    }
}
