//! What stood against a transition that did not become true.
use std::sync::Arc;

use offhook_store::{CommitError, Key, Remembered, StoreError, call::Call, may_follow, stored};

use super::queue::{Kind, Queue, Work};
use crate::{
    convert::{self, Big as _, Uuid},
    line::Line,
    read,
};

/// How often a transition is tried that nothing stands against any more whenever somebody looks.
const TRIES: u32 = 16;

/// What is to become of it.
enum Verdict {
    /// Nothing stands against it now.
    Again(Kind),
    Refused(CommitError),
}

/// Tells whoever waits why, or puts the transition in line again.
pub(super) async fn pronounce(line: &Line, queue: &Queue, mut work: Work) {
    match find(line, &work).await {
        Err(error) => work.done(Err(error.into())),
        Ok(Verdict::Refused(error)) => work.done(Err(error)),
        Ok(Verdict::Again(_)) if work.attempts >= TRIES => {
            let error =
                StoreError::Unavailable("others have kept a commit from being made for too long".into());
            work.done(Err(error.into()));
        }
        Ok(Verdict::Again(kind)) => {
            work.attempts += 1;
            work.kind = kind;
            queue.put_again(work);
        }
    }
}

/// In the order that the port promises: the key, the version, the guards.
async fn find(line: &Line, work: &Work) -> Result<Verdict, StoreError> {
    let transition = &work.transition;
    if let Some(key) = &transition.key
        && let Some(taken) = taken(line, key).await?
    {
        return Ok(Verdict::Refused(CommitError::KeyTaken(taken)));
    }
    let kind = match stored_call(line, &transition.call).await? {
        Stored::None if transition.call.seq.0 == 1 => kind(work, [Kind::Create, Kind::CreateGuarded]),
        Stored::None => return Ok(Verdict::Refused(CommitError::Conflict(None))),
        Stored::Live(stored) if may_follow(&transition.call, &stored) => {
            kind(work, [Kind::Step, Kind::Alone])
        }
        Stored::Ended(stored) if may_follow(&transition.call, &stored) => Kind::Usage,
        Stored::Live(stored) | Stored::Ended(stored) => {
            let visible = (stored.app == transition.call.app).then(|| Arc::new(stored));
            return Ok(Verdict::Refused(CommitError::Conflict(visible)));
        }
    };
    for guard in &transition.guards {
        if read::revision(line, &guard.account).await? != guard.revision {
            return Ok(Verdict::Refused(CommitError::GuardFailed));
        }
    }
    Ok(Verdict::Again(kind))
}

fn kind(work: &Work, [free, guarded]: [Kind; 2]) -> Kind {
    if work.transition.guards.is_empty() { free } else { guarded }
}

async fn taken(line: &Line, key: &Key) -> Result<Option<Remembered>, StoreError> {
    read::remembered(line, &key.account, &key.key).await
}

enum Stored {
    None,
    Live(Call),
    Ended(Call),
}

/// The call, whoever's it is.
async fn stored_call(line: &Line, call: &Call) -> Result<Stored, StoreError> {
    let sql = "SELECT body, app, false FROM call WHERE id = $1
               UNION ALL SELECT body, app, true FROM past WHERE id = $1 LIMIT 1";
    let Some(row) = line.query_opt(sql, &[&Uuid::from(call.id)]).await? else { return Ok(Stored::None) };
    let stored = stored::read_call(row.get(0))?;
    if stored.app.big() != row.get::<_, i64>(1) {
        return Err(convert::damaged("a call's app"));
    }
    Ok(if row.get(2) { Stored::Ended(stored) } else { Stored::Live(stored) })
}
