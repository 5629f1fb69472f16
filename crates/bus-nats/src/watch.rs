//! How the connection is, and what to say of it.
use std::{sync::Arc, sync::atomic::Ordering::Relaxed, time::Duration};

use async_nats::{ConnectOptions, Event, ServerError, connection::State};
use offhook_bus::{Trouble, TroubleKind, adapter::Core};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use crate::carrier::NatsCarrier;

/// How often the server is asked whether it lives; it is given up after two questions without an answer, before the leases of nodes
/// that cannot be heard run out.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(1);
/// How often the connection is looked at, also if nothing is reported.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What the client reports.
pub(crate) enum Report {
    Event(Event),
    /// Why attempts to connect have failed.
    Failed(Vec<String>),
}

/// Has the client report. What does not fit is lost; the state of the connection is looked at, not gathered from reports.
pub(crate) fn report_to(settings: ConnectOptions, reports: mpsc::Sender<Report>) -> ConnectOptions {
    let failures = reports.clone();
    settings
        .event_callback(move |event| {
            let _ = reports.try_send(Report::Event(event)); // As above.
            async {}
        })
        // Asked for before each round of attempts, with what came of the last; `None` leaves the choice to the client.
        .reconnect_to_server_callback(move |servers, _| {
            let failed: Vec<String> = servers.into_iter().filter_map(|server| server.last_error).collect();
            if !failed.is_empty() {
                let _ = failures.try_send(Report::Failed(failed)); // As above.
            }
            async { None }
        })
}

/// Tells the core how the connection is, for as long as it is polled.
pub(crate) async fn watch(core: Arc<Core<NatsCarrier>>, mut reports: mpsc::Receiver<Report>) {
    let mut watch = Watch { core, connects: 0, complaint: String::new(), trouble: None };
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(report) = reports.recv() => watch.hear(report),
            _ = looks.tick() => {}
        }
        watch.look();
    }
}

struct Watch {
    core: Arc<Core<NatsCarrier>>,
    /// How many connections were made, as far as it is known here.
    connects: u64,
    /// What the server last complained of.
    complaint: String,
    trouble: Option<Trouble>,
}

impl Watch {
    fn hear(&mut self, report: Report) {
        match report {
            Report::Event(Event::SlowConsumer(_)) => {
                self.core.tally().overrun(1);
                self.core.fell_behind();
            }
            Report::Event(Event::ServerError(error)) => self.complain(&error),
            Report::Event(
                Event::Connected
                | Event::Disconnected
                | Event::LameDuckMode
                | Event::Draining
                | Event::Closed
                | Event::ClientError(_),
            ) => {}
            Report::Failed(reasons) => self.trouble = Some(trouble(&reasons)),
        }
    }

    /// Says once what a server complains of on a connection that stands.
    fn complain(&mut self, error: &ServerError) {
        let complaint = error.to_string();
        if complaint != self.complaint {
            tracing::warn!(
                "the NATS server complains: {complaint}; the user of this node needs leave to publish and subscribe to offhook.<cluster>.>"
            );
            self.complaint = complaint;
        }
    }

    fn look(&mut self) {
        let client = self.core.carrier().client();
        let connects = client.statistics().connects.load(Relaxed);
        match client.connection_state() {
            State::Connected if connects != self.connects => {
                if self.connects > 0 {
                    self.core.away(lost()); // The break was shorter than a look.
                }
                self.connects = connects;
                self.trouble = None;
                self.core.connected();
            }
            State::Connected => {}
            State::Disconnected | State::Pending => {
                let otherwise = if self.connects > 0 { lost() } else { unreached() };
                self.core.away(self.trouble.clone().unwrap_or(otherwise));
            }
        }
    }
}

/// What failed attempts mean, in a sentence that says what to do. The client's words hold no secrets: what the URLs had was taken out.
fn trouble(reasons: &[String]) -> Trouble {
    let has = |what: &str| reasons.iter().any(|reason| reason.to_lowercase().contains(what));
    let said = reasons.join("; ");
    let (kind, advice) = if has("authorization violation") || has("authentication") || has("nonce") {
        (
            TroubleKind::Refused,
            "the NATS server refuses this node's credentials: correct them in the configuration",
        )
    } else if has("invalid peer certificate") || has("unknownissuer") {
        (
            TroubleKind::Refused,
            "the NATS server's certificate is not trusted: give its authority's certificate, and use the name that it is for",
        )
    } else if has("certificate") || has("tls") {
        (TroubleKind::Refused, "no TLS with the NATS server: see whether both sides want it")
    } else {
        (
            TroubleKind::Unreached,
            "the NATS server is not reached: see whether it runs there and the way is open",
        )
    };
    Trouble { kind, advice: format!("{advice} ({said})") }
}

fn lost() -> Trouble {
    let advice = "the connection to the NATS server was lost; it is being made anew";
    Trouble { kind: TroubleKind::Lost, advice: advice.to_owned() }
}

pub(crate) fn unreached() -> Trouble {
    let advice = "no NATS server has been reached yet";
    Trouble { kind: TroubleKind::Unreached, advice: advice.to_owned() }
}

pub(crate) fn closed() -> Trouble {
    Trouble { kind: TroubleKind::Closed, advice: "the bus is closed".to_owned() }
}
