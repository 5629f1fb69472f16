//! What is kept of users.
use std::sync::Arc;

use offhook_bus::Bus;
use offhook_signaling::{Code, Problem, QueryUsers, Reply, UpdateUser, UserView, Users};
use offhook_store::{Store, User, UserChange};
use offhook_types::{Account, Opaque, Party, UserId};

use crate::{CallControl, World, commands::without_repeats, problem};

const MAX_AVATAR_URL_BYTES: usize = 500;
const MAX_NAME_BYTES: usize = 256;
const MAX_QUERIED: usize = 10;

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Changes the user's own profile. A back end may register a user this way.
    pub(crate) async fn update_user(&self, party: &Party, update: UpdateUser) -> Result<Reply, Problem> {
        let max_data = self.policy(party.account.app).max_data_bytes;
        for (name, value, max) in [
            ("name", &update.name, MAX_NAME_BYTES),
            ("avatar_url", &update.avatar_url, MAX_AVATAR_URL_BYTES),
            ("extended_data", &update.extended_data, max_data),
        ] {
            if value.as_ref().is_some_and(|value| value.len() > max) {
                return Err(Problem::new(Code::TooLarge, format!("{name} has at most {max} bytes")));
            }
        }
        let UpdateUser { avatar_url, extended_data, name } = update;
        let change = UserChange { avatar_url, extended_data, name };
        let user = self.store.put_user(&party.account, change, self.world.now()).await;
        let user = user.map_err(|error| problem::of_store(&error))?;
        Ok(Reply::Users(Users { unknown: Vec::new(), users: vec![of_user(&party.account.user, &user)] }))
    }

    /// The name to show of a user; empty for one who is not registered.
    ///
    /// # Errors
    /// A [`Problem`] if the store cannot tell.
    pub async fn name_of(&self, account: &Account) -> Result<Opaque, Problem> {
        let known = self.store.users(std::slice::from_ref(account)).await;
        let known = known.map_err(|error| problem::of_store(&error))?.pop().flatten();
        Ok(known.map(|user| user.name.clone()).unwrap_or_default())
    }

    /// What is known of users of the same app.
    pub(crate) async fn query_users(&self, party: &Party, query: &QueryUsers) -> Result<Reply, Problem> {
        if query.users.is_empty() || query.users.len() > MAX_QUERIED {
            return Err(Problem::new(Code::BadRequest, "ask about 1 to 10 users at a time"));
        }
        let wanted = without_repeats(query.users.clone());
        let accounts: Vec<Account> =
            wanted.iter().map(|user| Account::new(party.account.app, user.clone())).collect();
        let found = self.store.users(&accounts).await.map_err(|error| problem::of_store(&error))?;
        let (mut unknown, mut users) = (Vec::new(), Vec::new());
        for (user, found) in wanted.into_iter().zip(found) {
            match found {
                Some(found) => users.push(of_user(&user, &found)),
                None => unknown.push(user),
            }
        }
        if users.is_empty() {
            return Err(Problem::new(Code::UserNotFound, "nobody of these names is registered"));
        }
        Ok(Reply::Users(Users { unknown, users }))
    }
}

fn of_user(user: &UserId, stored: &Arc<User>) -> UserView {
    UserView {
        avatar_url: stored.avatar_url.clone(),
        extended_data: stored.extended_data.clone(),
        name: stored.name.clone(),
        user: user.clone(),
    }
}
