//! What is read of calls, logs, keys and users.
use std::sync::Arc;

use offhook_store::{
    CallPage, Due, EventPage, LiveCalls, LoggedEvent, Remembered, StoreError, User,
    call::Call,
    stored::{self, Record},
};
use offhook_types::{Account, AppId, CallId, IdempotencyKey, Offset, Timestamp};
use tokio_postgres::Row;

use crate::{
    convert::{self, Big as _, Uuid},
    line::Line,
};

fn limit(wanted: usize) -> i64 {
    i64::try_from(wanted).unwrap_or(i64::MAX)
}

fn call_of(row: &Row, column: usize) -> Result<Arc<Call>, StoreError> {
    stored::read_call(row.get(column)).map(Arc::new)
}

pub(crate) async fn load(line: &Line, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, StoreError> {
    let sql = "SELECT body FROM call WHERE id = $1 AND app = $2
               UNION ALL SELECT body FROM past WHERE id = $1 AND app = $2 LIMIT 1";
    let row = line.query_opt(sql, &[&Uuid::from(call), &app.big()]).await?;
    row.map(|row| call_of(&row, 0)).transpose()
}

pub(crate) async fn live(line: &Line, account: &Account) -> Result<LiveCalls, StoreError> {
    let sql = "SELECT inbox.rev, call.body FROM inbox
               LEFT JOIN LATERAL unnest(inbox.live) AS live(id) ON true LEFT JOIN call ON call.id = live.id
               WHERE inbox.app = $1 AND inbox.usr = $2 ORDER BY live.id";
    let rows = line.query(sql, &[&account.app.big(), &account.user.as_str()]).await?;
    let mut live = LiveCalls::default();
    for row in &rows {
        live.revision = row.get::<_, i64>(0).cast_unsigned();
        if row.get::<_, Option<&[u8]>>(1).is_some() {
            live.calls.push(call_of(row, 1)?);
        }
    }
    Ok(live)
}

pub(crate) async fn revision(line: &Line, account: &Account) -> Result<u64, StoreError> {
    let sql = "SELECT rev FROM inbox WHERE app = $1 AND usr = $2";
    let row = line.query_opt(sql, &[&account.app.big(), &account.user.as_str()]).await?;
    Ok(row.map_or(0, |row| row.get::<_, i64>(0).cast_unsigned()))
}

pub(crate) async fn calls(
    line: &Line,
    account: &Account,
    (before, wanted): (Option<CallId>, usize),
) -> Result<CallPage, StoreError> {
    let sql = "SELECT body FROM (
                 (SELECT call.id, call.body FROM inbox CROSS JOIN LATERAL unnest(inbox.live) AS live(id)
                  JOIN call ON call.id = live.id WHERE inbox.app = $1 AND inbox.usr = $2 AND call.id < $3)
                 UNION ALL
                 (SELECT past.id, past.body FROM (
                    SELECT call FROM part WHERE app = $1 AND usr = $2 AND call < $3 ORDER BY call DESC LIMIT $4
                  ) AS part CROSS JOIN LATERAL (SELECT id, body FROM past WHERE past.id = part.call) AS past)
               ) AS calls ORDER BY id DESC LIMIT $4";
    let before = Uuid(before.map_or(u128::MAX, CallId::as_u128));
    let one_more = limit(wanted).saturating_add(1);
    let rows = line.query(sql, &[&account.app.big(), &account.user.as_str(), &before, &one_more]).await?;
    let more = rows.len() > wanted;
    let calls = rows.iter().take(wanted).map(|row| call_of(row, 0)).collect::<Result<_, _>>()?;
    Ok(CallPage { calls, more })
}

/// `others` is the time up to which deadlines of other nodes are due.
pub(crate) async fn due(
    line: &Line,
    (now, others): (Timestamp, Timestamp),
    (home, wanted): (i64, usize),
) -> Result<Vec<Due>, StoreError> {
    let sql = "SELECT deadline, app, id FROM call WHERE deadline <= $1 AND (home = $2 OR deadline <= $3)
               ORDER BY deadline, app, id LIMIT $4";
    let rows = line.query(sql, &[&now.big(), &home, &others.big(), &limit(wanted)]).await?;
    let due = |row: &Row| {
        Ok(Due {
            at: convert::time(row.get(0)),
            app: convert::app(row.get(1))?,
            call: convert::call(row.get(2))?,
        })
    };
    rows.iter().map(due).collect()
}

/// Of the deadlines that come first.
pub(crate) async fn next_deadline(
    line: &Line,
    (home, grace): (i64, i64),
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT min(CASE WHEN home = $1 THEN deadline ELSE deadline + $2 END) FROM (
                 SELECT home, deadline FROM call WHERE deadline IS NOT NULL ORDER BY deadline LIMIT 64
               ) AS first";
    let row = line.query_opt(sql, &[&home, &grace]).await?;
    Ok(row.and_then(|row| row.get::<_, Option<i64>>(0)).map(convert::time))
}

pub(crate) async fn waiting_callers(line: &Line) -> Result<Vec<Account>, StoreError> {
    let sql = "SELECT DISTINCT app, waiting FROM call WHERE waiting IS NOT NULL ORDER BY app, waiting";
    let rows = line.query(sql, &[]).await?;
    let account = |row: &Row| Ok(Account::new(convert::app(row.get(0))?, convert::user(row.get(1))?));
    rows.iter().map(account).collect()
}

/// One row at least for a user with a log: where it begins and ends.
pub(crate) async fn events(
    line: &Line,
    account: &Account,
    (after, wanted): (Offset, usize),
) -> Result<EventPage, StoreError> {
    let sql = "SELECT inbox.head, floor.n, log.n, log.idx, step.body FROM inbox
               CROSS JOIN LATERAL (SELECT min(n) AS n FROM event WHERE app = $1 AND usr = $2) AS floor
               LEFT JOIN LATERAL (
                 SELECT n, idx, call, seq, slot FROM event WHERE app = $1 AND usr = $2 AND n > $3 ORDER BY n LIMIT $4
               ) AS log ON true
               LEFT JOIN LATERAL (
                 SELECT body FROM step WHERE step.call = log.call AND step.seq = log.seq AND step.slot = log.slot
               ) AS step ON true
               WHERE inbox.app = $1 AND inbox.usr = $2 ORDER BY log.n";
    let (app, user) = (account.app.big(), account.user.as_str());
    let rows = line.query(sql, &[&app, &user, &after.big(), &limit(wanted)]).await?;
    let Some(first) = rows.first() else { return Ok(EventPage::default()) };
    let head = convert::offset(first.get(0));
    let oldest = first.get::<_, Option<i64>>(1).map(|n| Offset(n.cast_unsigned() - 1));
    let mut page = EventPage { events: Vec::with_capacity(rows.len()), floor: oldest.unwrap_or(head), head };
    for row in &rows {
        let Some(offset) = row.get::<_, Option<i64>>(2).map(convert::offset) else { continue };
        let expected =
            page.events.last().map_or(after.0.max(page.floor.0), |event: &LoggedEvent| event.offset.0) + 1;
        if offset.0 != expected {
            // What is missing was forgotten: a slot was emptied that held later events than one that is kept.
            page.events.clear();
            page.floor = Offset(offset.0 - 1);
        }
        page.events.push(event(row, offset)?);
    }
    let reached = page.events.last().map_or(after.max(page.floor), |event| event.offset);
    if page.events.len() < wanted && reached < head {
        (page.events, page.floor) = (Vec::new(), head); // The same, at the end of the log.
    }
    Ok(page)
}

pub(crate) async fn heads(line: &Line, accounts: &[Account]) -> Result<Vec<Offset>, StoreError> {
    let (apps, users): (Vec<i64>, Vec<&str>) =
        accounts.iter().map(|account| (account.app.big(), account.user.as_str())).unzip();
    let sql = "SELECT coalesce(inbox.head, 0) FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS asked(app, usr, place)
               LEFT JOIN inbox ON inbox.app = asked.app AND inbox.usr = asked.usr ORDER BY place";
    let rows = line.query(sql, &[&apps, &users]).await?;
    Ok(rows.iter().map(|row| convert::offset(row.get(0))).collect())
}

fn event(row: &Row, offset: Offset) -> Result<LoggedEvent, StoreError> {
    let missing = || convert::damaged("an event without its step");
    let body: &[u8] = row.get::<_, Option<&[u8]>>(4).ok_or_else(missing)?;
    let Record::Transition { transition, .. } = stored::read_record(body)? else { return Err(missing()) };
    let index = usize::try_from(row.get::<_, i16>(3)).map_err(|_| missing())?;
    let notice = transition.notices.into_iter().nth(index).ok_or_else(missing)?;
    Ok(LoggedEvent { at: transition.at, call: transition.call, notice, offset })
}

pub(crate) async fn remembered(
    line: &Line,
    account: &Account,
    key: &IdempotencyKey,
) -> Result<Option<Remembered>, StoreError> {
    let sql = "SELECT call, fingerprint FROM idem WHERE app = $1 AND usr = $2 AND key = $3";
    let row = line.query_opt(sql, &[&account.app.big(), &account.user.as_str(), &key.as_str()]).await?;
    row.map(|row| {
        Ok(match row.get::<_, Option<Uuid>>(0) {
            Some(call) => Remembered::Call {
                call: convert::call(call)?,
                fingerprint: row.get::<_, i64>(1).cast_unsigned(),
            },
            None => Remembered::Canceled,
        })
    })
    .transpose()
}

pub(crate) async fn users(line: &Line, accounts: &[Account]) -> Result<Vec<Option<Arc<User>>>, StoreError> {
    let (apps, names): (Vec<i64>, Vec<&str>) =
        accounts.iter().map(|account| (account.app.big(), account.user.as_str())).unzip();
    let sql = "SELECT app, usr, body FROM person WHERE app = ANY($1::bigint[]) AND usr = ANY($2::text[])";
    let rows = line.query(sql, &[&apps, &names]).await?;
    let mut known = std::collections::HashMap::with_capacity(rows.len());
    for row in &rows {
        known.insert((row.get::<_, i64>(0), row.get::<_, &str>(1)), user(row.get(2))?);
    }
    let wanted = apps.iter().zip(&names);
    Ok(wanted.map(|(app, name)| known.get(&(*app, *name)).cloned()).collect())
}

pub(crate) fn user(body: &[u8]) -> Result<Arc<User>, StoreError> {
    match stored::read_record(body)? {
        Record::User { user, .. } => Ok(user),
        Record::Buried { .. }
        | Record::Claim { .. }
        | Record::Device { .. }
        | Record::Resource(_)
        | Record::Settled { .. }
        | Record::Transition { .. } => Err(convert::damaged("a user")),
    }
}
