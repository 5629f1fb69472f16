//! Who is connected, by the rules of the gateway's hub: one session a device, any number of devices a user.
use std::collections::BTreeMap;

use offhook_types::{Account, DeviceId, Party};

use crate::queue::ConnectionId;

#[derive(Debug)]
struct Member {
    admitted: bool,
    connection: ConnectionId,
    device: Option<DeviceId>,
    replaced: bool,
}

/// The sessions of the simulated node.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    members: BTreeMap<Account, Vec<Member>>,
}

impl Hub {
    /// Lets hints reach a session that is being opened.
    pub(crate) fn register(&mut self, party: &Party, connection: ConnectionId) {
        let device = party.device.clone();
        let member = Member { admitted: false, connection, device, replaced: false };
        self.members.entry(party.account.clone()).or_default().push(member);
    }

    /// The session is open. Gives those of the same device that have to go: all but the newest.
    pub(crate) fn admit(&mut self, party: &Party, connection: ConnectionId) -> Vec<ConnectionId> {
        let members = self.members.entry(party.account.clone()).or_default();
        members.iter_mut().filter(|own| own.connection == connection).for_each(|own| own.admitted = true);
        let is_same = |member: &Member| member.device == party.device && member.admitted && !member.replaced;
        let newest = members.iter().filter(|member| is_same(member)).map(|member| member.connection).max();
        let older = members.iter_mut().filter(|member| is_same(member) && Some(member.connection) != newest);
        older
            .map(|member| {
                member.replaced = true;
                member.connection
            })
            .collect()
    }

    /// The session is over. Whether the device is gone with it.
    pub(crate) fn depart(&mut self, party: &Party, connection: ConnectionId) -> bool {
        let Some(members) = self.members.get_mut(&party.account) else { return false };
        members.retain(|member| member.connection != connection);
        !members.iter().any(|member| member.device == party.device)
    }

    /// Whether the device has a session, or one that is being opened.
    pub(crate) fn has(&self, party: &Party) -> bool {
        let members = self.members.get(&party.account);
        members.is_some_and(|members| members.iter().any(|member| member.device == party.device))
    }

    /// The sessions of a user, for hints.
    pub(crate) fn of(&self, account: &Account) -> impl Iterator<Item = ConnectionId> {
        self.members.get(account).into_iter().flatten().map(|member| member.connection)
    }
}
