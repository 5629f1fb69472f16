//! Users as they are registered, and keys that are used up before their requests come.
use std::sync::Arc;

use offhook_store::{Remembered, StoreError, User, UserChange, stored};
use offhook_types::{Account, IdempotencyKey, Timestamp};

use crate::{convert::Big as _, line::Line, read};

/// How often a change is made anew because another came first.
const TRIES: u32 = 16;

/// Changes what stands as it was read, or reads again.
pub(crate) async fn put(
    line: &Line,
    account: &Account,
    (change, at): (UserChange, Timestamp),
) -> Result<Arc<User>, StoreError> {
    let (app, name) = (account.app.big(), account.user.as_str());
    for _ in 0..TRIES {
        let known =
            line.query_opt("SELECT body FROM person WHERE app = $1 AND usr = $2", &[&app, &name]).await?;
        let known: Option<Vec<u8>> = known.map(|row| row.get(0));
        let before = known.as_deref().map(read::user).transpose()?;
        let fresh = || User { registered_at: at, ..User::default() };
        let user = before.as_deref().cloned().unwrap_or_else(fresh).changed(change.clone());
        if let Some(same) = before.filter(|before| **before == user) {
            return Ok(same);
        }
        let body = stored::write_user(account, &user);
        let changed = match &known {
            None => {
                let sql = "INSERT INTO person (app, usr, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1";
                line.query(sql, &[&app, &name, &body]).await?
            }
            Some(known) => {
                let sql = "UPDATE person SET body = $3 WHERE app = $1 AND usr = $2 AND body = $4 RETURNING 1";
                line.query(sql, &[&app, &name, &body, known]).await?
            }
        };
        if !changed.is_empty() {
            return Ok(Arc::new(user));
        }
    }
    Err(StoreError::Unavailable("others have kept a user from being changed for too long".into()))
}

/// Uses up a key, unless it stands for something already.
pub(crate) async fn bury(
    line: &Line,
    account: &Account,
    (key, at): (&IdempotencyKey, Timestamp),
) -> Result<Option<Remembered>, StoreError> {
    let sql = "INSERT INTO idem (app, usr, key, at, call, fingerprint) VALUES ($1, $2, $3, $4, NULL, 0)
               ON CONFLICT DO NOTHING RETURNING 1";
    let (app, user) = (account.app.big(), account.user.as_str());
    if !line.query(sql, &[&app, &user, &key.as_str(), &at.big()]).await?.is_empty() {
        return Ok(None);
    }
    read::remembered(line, account, key).await
}
