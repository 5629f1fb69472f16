//! The login policies across nodes: what the sessions of one node have to do with a newcomer on another.
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
};

use offhook_types::{Account, AppId, DeviceId, Timestamp};

use crate::{
    AppPolicy, Hub, LoginPolicy, Metrics,
    hub::{MULTI_LIMIT, Member},
    seat::Order,
};

/// A session that has begun on another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Whose.
    pub account: Account,
    /// Whether the device is a browser: [`LoginPolicy::Dual`] and [`LoginPolicy::Multi`] tell two kinds apart.
    pub browser: bool,
    /// On which device.
    pub device: DeviceId,
    /// When the device said hello, by its node's clock. Of two sessions the one that said it later stays; of two that said it in the
    /// same millisecond, neither goes.
    pub since: Timestamp,
}

/// Why a session has to go for one on another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dismissal {
    /// The login policy has no place for both.
    Kicked,
    /// The device is connected there.
    Replaced,
}

/// Who has to go when sessions begin on several nodes.
#[derive(Debug)]
pub struct Doorkeeper {
    apps: BTreeMap<AppId, AppPolicy>,
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
}

impl Doorkeeper {
    pub(crate) fn new(apps: BTreeMap<AppId, AppPolicy>, hub: Arc<Hub>, metrics: Arc<Metrics>) -> Self {
        Self { apps, hub, metrics }
    }

    /// Has the sessions of this node go that may not be beside the newcomer. Returns why the newcomer itself has to go: a
    /// session here is newer. Doing it twice does no more than doing it once.
    pub fn newcomer(&self, newcomer: &Newcomer) -> Option<Dismissal> {
        let policy = self.apps.get(&newcomer.account.app).map(|app| app.login).unwrap_or_default();
        let (kicked, verdict) = self.hub.newcomer(newcomer, policy);
        self.metrics.kicked.fetch_add(kicked as u64, Ordering::Relaxed);
        verdict
    }

    /// Has the session go that another node has dismissed, if it is still here.
    pub fn dismiss(&self, session: &Newcomer, why: Dismissal) {
        if self.hub.dismiss(session, why) && why == Dismissal::Kicked {
            self.metrics.kicked.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Hub {
    /// How many were kicked, and whether the newcomer has to go.
    fn newcomer(&self, newcomer: &Newcomer, policy: LoginPolicy) -> (usize, Option<Dismissal>) {
        let shard = self.shard(&newcomer.account);
        let members = shard.get(&newcomer.account).map_or(&[][..], Vec::as_slice);
        // Also those who are not admitted yet: whoever said hello earlier does not come in over one who is in.
        let staying = |member: &&Member| !member.leaving && member.seat.ordered().is_none();
        let (same, rivals): (Vec<&Member>, Vec<&Member>) =
            members.iter().filter(staying).partition(|member| member.device == newcomer.device);
        if same.iter().any(|member| member.admitted && member.since > newcomer.since) {
            return (0, Some(Dismissal::Replaced));
        }
        let older = |member: &&&Member| member.since < newcomer.since;
        same.iter().filter(older).for_each(|member| member.seat.order(Order::Replaced));
        let of_kind = |member: &&&Member| policy == LoginPolicy::Single || member.browser == newcomer.browser;
        let rivals: Vec<&&Member> = rivals.iter().filter(of_kind).collect();
        match policy {
            LoginPolicy::Dual | LoginPolicy::Single => alone(&rivals, newcomer),
            LoginPolicy::Multi => (surplus(rivals), None),
        }
    }

    fn dismiss(&self, session: &Newcomer, why: Dismissal) -> bool {
        let shard = self.shard(&session.account);
        let mut members = shard.get(&session.account).into_iter().flatten();
        let found = members.find(|member| member.device == session.device && member.since == session.since);
        let order = match why {
            Dismissal::Kicked => Order::Kicked,
            Dismissal::Replaced => Order::Replaced,
        };
        found.inspect(|member| member.seat.order(order)).is_some()
    }
}

/// There is room for the newest alone.
fn alone(rivals: &[&&Member], newcomer: &Newcomer) -> (usize, Option<Dismissal>) {
    if rivals.iter().any(|member| member.admitted && member.since > newcomer.since) {
        return (0, Some(Dismissal::Kicked));
    }
    let older: Vec<_> = rivals.iter().filter(|member| member.since < newcomer.since).collect();
    older.iter().for_each(|member| member.seat.order(Order::Kicked));
    (older.len(), None)
}

/// The oldest of those here go if they are as many as permitted. What other nodes have besides is not counted.
fn surplus(mut rivals: Vec<&&Member>) -> usize {
    rivals.sort_by_key(|member| member.seat.id);
    let surplus = rivals.len().saturating_sub(MULTI_LIMIT - 1);
    rivals.iter().take(surplus).for_each(|member| member.seat.order(Order::Kicked));
    surplus
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use offhook_types::{AppId, UserId};

    use super::*;
    use crate::{hub::Candidate, seat::Seat};

    fn bob() -> Account {
        Account::new(AppId(1), UserId::new("bob").unwrap())
    }

    fn newcomer(device: &str, since: u64) -> Newcomer {
        let device = DeviceId::new(device).unwrap();
        Newcomer { account: bob(), browser: false, device, since: Timestamp::from_millis(since) }
    }

    async fn here(hub: &Hub, device: &str, since: u64) -> Arc<Seat> {
        let Newcomer { account, browser, device, since } = newcomer(device, since);
        let candidate = Candidate { account, browser, device, seat: hub.enter(), since };
        hub.register(&candidate).await;
        hub.admit(&candidate, LoginPolicy::Multi);
        candidate.seat
    }

    #[tokio::test]
    async fn the_session_that_said_hello_later_stays_on_whichever_node_it_is() {
        let hub = Hub::new(Duration::ZERO);
        let phone = here(&hub, "phone", 10).await;
        assert_eq!(hub.newcomer(&newcomer("phone", 9), LoginPolicy::Multi), (0, Some(Dismissal::Replaced)));
        assert_eq!(phone.ordered(), None);
        assert_eq!(hub.newcomer(&newcomer("phone", 11), LoginPolicy::Multi), (0, None));
        assert_eq!(phone.ordered(), Some(Order::Replaced));
    }

    #[tokio::test]
    async fn a_device_alone_goes_for_a_newer_one_and_keeps_out_an_older_one() {
        for policy in [LoginPolicy::Single, LoginPolicy::Dual] {
            let hub = Hub::new(Duration::ZERO);
            let phone = here(&hub, "phone", 10).await;
            assert_eq!(hub.newcomer(&newcomer("tablet", 9), policy), (0, Some(Dismissal::Kicked)));
            assert_eq!(phone.ordered(), None);
            assert_eq!(hub.newcomer(&newcomer("tablet", 11), policy), (1, None));
            assert_eq!(phone.ordered(), Some(Order::Kicked));
            assert_eq!(hub.newcomer(&newcomer("tablet", 11), policy), (0, None), "once is enough");
        }
    }

    #[tokio::test]
    async fn a_browser_and_a_phone_do_not_meet_under_dual() {
        let hub = Hub::new(Duration::ZERO);
        let phone = here(&hub, "phone", 10).await;
        let browser = Newcomer { browser: true, ..newcomer("tab", 11) };
        assert_eq!(hub.newcomer(&browser, LoginPolicy::Dual), (0, None));
        assert_eq!(phone.ordered(), None);
        assert_eq!(hub.newcomer(&browser, LoginPolicy::Single), (1, None));
        assert_eq!(phone.ordered(), Some(Order::Kicked));
    }

    #[tokio::test]
    async fn of_as_many_as_permitted_the_oldest_makes_room() {
        let hub = Hub::new(Duration::ZERO);
        let mut seats = Vec::new();
        for number in 0..MULTI_LIMIT as u64 {
            seats.push(here(&hub, &format!("phone-{number}"), number).await);
        }
        assert_eq!(hub.newcomer(&newcomer("tablet", 20), LoginPolicy::Multi), (1, None));
        let ordered: Vec<bool> = seats.iter().map(|seat| seat.ordered().is_some()).collect();
        assert_eq!(ordered.iter().position(|ordered| *ordered), Some(0));
        assert_eq!(ordered.iter().filter(|ordered| **ordered).count(), 1);
    }

    #[tokio::test]
    async fn who_is_dismissed_goes_and_their_next_session_stays() {
        let hub = Hub::new(Duration::ZERO);
        let first = here(&hub, "phone", 10).await;
        let second = here(&hub, "phone", 12).await;
        assert!(hub.dismiss(&newcomer("phone", 12), Dismissal::Kicked));
        assert!(!hub.dismiss(&newcomer("phone", 13), Dismissal::Kicked), "there is no such session");
        assert_eq!((first.ordered(), second.ordered()), (Some(Order::Replaced), Some(Order::Kicked)));
    }
}
