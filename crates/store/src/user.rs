//! What is kept of a user.
use offhook_types::{Opaque, Timestamp};

/// What is kept of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Where their picture is.
    pub avatar_url: Opaque,
    /// Whatever the app keeps with the user.
    pub extended_data: Opaque,
    /// The name to show.
    pub name: Opaque,
    /// When they were registered: by their first login or by the app's back end.
    pub registered_at: Timestamp,
}

/// A change of what is kept of a user; `None` keeps what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// Where their picture is.
    pub avatar_url: Option<Opaque>,
    /// Whatever the app keeps with the user.
    pub extended_data: Option<Opaque>,
    /// The name to show.
    pub name: Option<Opaque>,
}

impl User {
    /// The user after the change.
    #[must_use]
    pub fn changed(self, change: UserChange) -> Self {
        Self {
            avatar_url: change.avatar_url.unwrap_or(self.avatar_url),
            extended_data: change.extended_data.unwrap_or(self.extended_data),
            name: change.name.unwrap_or(self.name),
            registered_at: self.registered_at,
        }
    }
}
