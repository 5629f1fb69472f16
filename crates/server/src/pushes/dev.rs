//! The vendor of `offhook dev`: keeps every push for a page to show, and delivers it to phones that are drawn on pages,
//! or loses, doubles or delays it, as whoever watches wishes.
use std::{
    collections::{BTreeSet, VecDeque},
    fmt, fs,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use anyhow::Context as _;
use offhook_call_control::Parcel;
use offhook_gateway::{Clock as _, SystemClock};
use offhook_push::{Address, Order, Signer, Unsendable, Verdict, document};
use offhook_signaling::{Hidden, WebResource};
use offhook_types::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{
    sync::{broadcast, watch},
    time::sleep,
};

use crate::handler::Control;

/// So many pushes are shown.
const MOST_SHOWN: usize = 200;
/// How late a push is that shall be late.
const LATE: Duration = Duration::from_secs(8);
/// Deliveries that a page may be behind before it misses some.
const BACKLOG: usize = 64;

/// What happens to pushes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// They arrive at once.
    #[default]
    Deliver,
    /// They arrive twice.
    Double,
    /// They wait until somebody lets them go.
    Hold,
    /// They arrive after eight seconds.
    Late,
    /// They never arrive.
    Lose,
}

/// Where a push is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whereabouts {
    Delivered,
    Held,
    Lost,
    /// A real vendor has it.
    Sent,
}

/// A push as the page shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shown {
    id: String,
    at_ms: u64,
    body: String,
    call: String,
    caller: String,
    device: String,
    document: Map<String, Value>,
    kind: &'static str,
    provider: &'static str,
    resource: String,
    seq: u64,
    state: Whereabouts,
    title: String,
    user: String,
    verdict: Option<&'static str>,
}

/// A document on its way to a drawn phone.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) device: String,
    pub(crate) document: Arc<Map<String, Value>>,
    pub(crate) user: String,
}

/// The vendor of a development server.
pub(crate) struct DevOffice {
    changed: watch::Sender<u64>,
    clock: Arc<SystemClock>,
    deliveries: broadcast::Sender<Delivery>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    mode: Mode,
    shown: VecDeque<Shown>,
    sleepers: BTreeSet<UserId>,
}

impl DevOffice {
    pub(crate) fn new(clock: Arc<SystemClock>) -> Self {
        let (changed, deliveries) = (watch::Sender::new(0), broadcast::Sender::new(BACKLOG));
        Self { changed, clock, deliveries, state: Mutex::default() }
    }

    /// Whether it is the vendor of this address: a browser's has its own.
    pub(super) fn takes(&self, address: &Address) -> bool {
        match address {
            Address::Web(_) => false,
            Address::Apns(_) | Address::Fcm { .. } | Address::Webhook { .. } => true,
        }
    }

    /// Takes a push as a vendor does, and lets happen to it what is wished.
    pub(super) async fn send(self: Arc<Self>, control: Weak<Control>, parcel: Parcel) {
        let mode = self.state().mode;
        let state = match mode {
            Mode::Deliver | Mode::Double => Whereabouts::Delivered,
            Mode::Hold | Mode::Late => Whereabouts::Held,
            Mode::Lose => Whereabouts::Lost,
        };
        let verdict = Verdict::Accepted { id: None };
        let id = self.show(&parcel, (state, Some(verdict.as_str())));
        match mode {
            Mode::Deliver => self.hand_over(&id),
            Mode::Double => {
                self.hand_over(&id);
                self.hand_over(&id);
            }
            Mode::Hold | Mode::Lose => {}
            Mode::Late => {
                let office = Arc::clone(&self);
                tokio::spawn(async move {
                    sleep(LATE).await;
                    office.deliver(&id);
                });
            }
        }
        if let Some(control) = control.upgrade() {
            control.pushed(parcel, Ok(verdict)).await;
        }
    }

    /// Shows a push that goes to a real vendor.
    pub(super) fn watch(&self, parcel: &Parcel) {
        self.show(parcel, (Whereabouts::Sent, None));
    }

    /// Shows what a real vendor said.
    pub(super) fn judge(&self, parcel: &Parcel, result: &Result<Verdict, Unsendable>) {
        let id = parcel.order.push.to_string();
        let verdict = result.as_ref().map_or("unsent", Verdict::as_str);
        self.change(&id, |shown| shown.verdict = Some(verdict));
    }

    fn show(&self, parcel: &Parcel, (state, verdict): (Whereabouts, Option<&'static str>)) -> String {
        let now = self.clock.now();
        let shown = shown(now, parcel, (state, verdict));
        let id = shown.id.clone();
        {
            let mut state = self.state();
            state.shown.push_front(shown);
            state.shown.truncate(MOST_SHOWN);
        }
        self.tell();
        id
    }

    /// Lets a held push go, or a lost one after all. Returns whether there is one of this id.
    pub(crate) fn deliver(&self, id: &str) -> bool {
        let is_known = self.change(id, |shown| shown.state = Whereabouts::Delivered);
        self.hand_over(id);
        is_known
    }

    /// Loses a held push. Returns whether there is one of this id.
    pub(crate) fn lose(&self, id: &str) -> bool {
        self.change(id, |shown| shown.state = Whereabouts::Lost)
    }

    /// A phone of this user sleeps.
    pub(crate) fn fell_asleep(&self, user: UserId) {
        self.state().sleepers.insert(user);
    }

    /// Users with phones that sleep, or slept once.
    pub(crate) fn sleepers(&self) -> Vec<UserId> {
        self.state().sleepers.iter().cloned().collect()
    }

    pub(crate) fn mode(&self) -> Mode {
        self.state().mode
    }

    pub(crate) fn set_mode(&self, mode: Mode) {
        self.state().mode = mode;
        self.tell();
    }

    /// Everything shown, newest first, as JSON; and a signal for changes.
    pub(crate) fn watch_all(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Everything shown, newest first.
    pub(crate) fn snapshot(&self) -> String {
        let state = self.state();
        serde_json::to_string(&state.shown).expect("texts and numbers are always JSON")
    }

    /// What is delivered from now on.
    pub(crate) fn deliveries(&self) -> broadcast::Receiver<Delivery> {
        self.deliveries.subscribe()
    }

    fn hand_over(&self, id: &str) {
        let found = self.state().shown.iter().find(|shown| shown.id == id).cloned();
        if let Some(Shown { device, document, user, .. }) = found {
            // Nobody may be looking: then the phone does not exist.
            let _ = self.deliveries.send(Delivery { device, document: Arc::new(document), user });
        }
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Shown)) -> bool {
        let is_known = {
            let mut state = self.state();
            let found = state.shown.iter_mut().find(|shown| shown.id == id);
            found.map(change).is_some()
        };
        self.tell();
        is_known
    }

    fn tell(&self) {
        self.changed.send_modify(|number| *number += 1);
    }

    /// A thread that died while it held the lock left whole values behind.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DevOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevOffice").field("mode", &self.mode()).finish_non_exhaustive()
    }
}

fn shown(now: Timestamp, parcel: &Parcel, (state, verdict): (Whereabouts, Option<&'static str>)) -> Shown {
    let order: &Order = &parcel.order;
    let mut document = document(now, order);
    document.insert("title".into(), order.text.title.as_str().into());
    document.insert("body".into(), order.text.body.as_str().into());
    Shown {
        id: order.push.to_string(),
        at_ms: now.as_millis(),
        body: order.text.body.clone(),
        call: order.call.to_string(),
        caller: order.caller.as_str().to_owned(),
        device: order.device.as_str().to_owned(),
        document,
        kind: order.kind.as_str(),
        provider: parcel.address.provider(),
        resource: parcel.resource.name.clone(),
        seq: order.seq.0,
        state,
        title: order.text.title.clone(),
        user: order.user.as_str().to_owned(),
        verdict,
    }
}

/// The keys of browsers' pushes, kept in this folder so that subscriptions outlive the server as the calls do.
pub(super) fn vapid(folder: &Path) -> anyhow::Result<WebResource> {
    let path = folder.join("dev-vapid");
    if !path.exists() {
        let (private, public) = Signer::generate_halves().context("no key for pushes can be made")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&path, format!("{private} {public}\n"))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let kept = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (private, public) = kept.trim().split_once(' ').context("dev-vapid is damaged: remove it")?;
    Ok(WebResource {
        hosts: Vec::new(),
        private_key: Hidden(private.to_owned()),
        public_key: public.to_owned(),
        subject: "mailto:dev@offhook.example".to_owned(),
    })
}
