//! Everybody who was ever registered or heard of a call, numbered for the database.
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use offhook_store::{LoggedEvent, User};
use offhook_types::{Account, AppId, CallId, Offset, UserId};

/// The number of a user in this folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserNumber(pub(crate) u32);

/// One user. Idle ones cost about 200 bytes with their names.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) account: Account,
    /// Ended calls that are not in the database yet.
    pub(crate) ended: Vec<CallId>,
    pub(crate) events: VecDeque<LoggedEvent>,
    pub(crate) head: Offset,
    /// Live calls, in the order of their ids.
    pub(crate) live: Vec<CallId>,
    pub(crate) profile: Option<Arc<User>>,
    pub(crate) revision: u64,
    /// Whether the user stands in the list of those whose head is to be folded.
    pub(crate) touched: bool,
}

#[derive(Default)]
pub(crate) struct Users {
    entries: Vec<Entry>,
    numbers: HashMap<AppId, HashMap<UserId, UserNumber>>,
}

impl Users {
    pub(crate) fn find(&self, app: AppId, user: &UserId) -> Option<UserNumber> {
        self.numbers.get(&app)?.get(user).copied()
    }

    pub(crate) fn of(&self, account: &Account) -> Option<&Entry> {
        self.find(account.app, &account.user).map(|number| &self[number])
    }

    /// The user's number; a new one for a new user.
    pub(crate) fn number(&mut self, app: AppId, user: &UserId) -> UserNumber {
        let of_app = self.numbers.entry(app).or_default();
        if let Some(number) = of_app.get(user) {
            return *number;
        }
        let number =
            UserNumber(u32::try_from(self.entries.len()).expect("memory holds fewer users than 2^32"));
        of_app.insert(user.clone(), number);
        self.entries.push(Entry {
            account: Account::new(app, user.clone()),
            ended: vec![],
            events: VecDeque::new(),
            head: Offset(0),
            live: vec![],
            profile: None,
            revision: 0,
            touched: false,
        });
        number
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The users from the one of number `first` on.
    pub(crate) fn from(&self, first: usize) -> impl Iterator<Item = (UserNumber, &Entry)> {
        let number = |at| UserNumber(u32::try_from(at).expect("every place has a number"));
        self.entries.iter().enumerate().skip(first).map(move |(at, entry)| (number(at), entry))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }
}

impl std::ops::Index<UserNumber> for Users {
    type Output = Entry;

    fn index(&self, number: UserNumber) -> &Entry {
        &self.entries[number.0 as usize]
    }
}

impl std::ops::IndexMut<UserNumber> for Users {
    fn index_mut(&mut self, number: UserNumber) -> &mut Entry {
        &mut self.entries[number.0 as usize]
    }
}

/// Adds to a list in the order of ids. Ids are minted in order, so that the place is nearly always the end.
pub(super) fn insert(calls: &mut Vec<CallId>, call: CallId) {
    if let Err(at) = calls.binary_search(&call) {
        calls.insert(at, call);
    }
}

/// Takes out of a list; an empty list costs nothing.
pub(super) fn remove(calls: &mut Vec<CallId>, call: CallId) {
    calls.retain(|other| *other != call);
    if calls.is_empty() {
        *calls = Vec::new();
    }
}
