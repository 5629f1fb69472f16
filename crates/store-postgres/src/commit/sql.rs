//! The statements that decide a group.
//!
//! All columns come as arrays, in the order of [`super::arguments::Arguments::all`]. The count beside them is more than a number of rows: a
//! `generate_series` tells the planner to expect many, which it cannot see in a parameter, and numbers them. Rows of tables are
//! reached by `= ANY` over an index, never by a join, so that these connections can do without nested loops: what
//! the planner takes for a handful of rows may be hundreds.

/// The columns of the transitions, of their users, their events and their jobs.
macro_rules! columns {
    () => {
        "t AS MATERIALIZED (SELECT * FROM ROWS FROM (
            unnest($3::uuid[]), unnest($4::bigint[]), unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::smallint[]),
            unnest($8::bool[]), unnest($9::bigint[]), unnest($10::text[]), unnest($11::bytea[]), unnest($12::bytea[]),
            generate_series(1, $2::int)
          ) AS t(id, app, seq, at, slot, over, deadline, waiting, body, record, i)),
        u AS MATERIALIZED (SELECT * FROM ROWS FROM (
            unnest($14::int[]), unnest($15::bigint[]), unnest($16::text[]), unnest($17::int[]), unnest($18::bool[]),
            unnest($19::int[]), generate_series(1, $13::int)
          ) AS u(i, app, usr, events, party, first, k)),
        j AS MATERIALIZED (SELECT * FROM ROWS FROM (
            unnest($22::int[]), unnest($23::text[]), unnest($24::bytea[]), generate_series(1, $21::int)
          ) AS j(i, usr, body, k)),"
    };
}

/// What follows from the transitions in `won`, and who was told up to where.
macro_rules! consequences {
    () => {
        "steps AS (
            INSERT INTO step (slot, at, call, seq, body)
            SELECT slot, at, id, seq, record FROM won WHERE record IS NOT NULL
        ),
        w AS MATERIALIZED (
            SELECT u.*, won.id, won.seq, won.at, won.slot, won.over
            FROM u JOIN won USING (i) WHERE u.party OR u.events > 0 ORDER BY u.k
        ),
        heads AS (
            INSERT INTO inbox AS inbox (app, usr, head, rev, live, gone)
            SELECT app, usr, events, party::int,
                   CASE WHEN party AND NOT over THEN ARRAY[id] ELSE '{}' END, CASE WHEN party AND over THEN id END
            FROM w
            ON CONFLICT (app, usr) DO UPDATE SET
                head = inbox.head + excluded.head, rev = inbox.rev + excluded.rev, gone = NULL,
                live = CASE WHEN excluded.gone IS NOT NULL THEN array_remove(inbox.live, excluded.gone)
                            WHEN inbox.live @> excluded.live THEN inbox.live
                            ELSE inbox.live || excluded.live END
            RETURNING inbox.app, inbox.usr, inbox.head
        ),
        told AS MATERIALIZED (SELECT w.*, heads.head FROM w JOIN heads USING (app, usr) WHERE w.events > 0),
        events AS (
            INSERT INTO event (slot, app, usr, n, at, call, seq, idx)
            SELECT slot, app, usr, head - events + nth, at, id, seq, ($20::smallint[])[first + nth]
            FROM (SELECT told.*, generate_series(1, events) AS nth FROM told) AS each
        ),
        todo AS (
            INSERT INTO job (app, call, seq, usr, at, home, body)
            SELECT won.app, won.id, won.seq, j.usr, won.at, $1, j.body FROM j JOIN won USING (i) ORDER BY j.k
        ),
        ended AS (
            INSERT INTO past (id, app, seq, body) SELECT id, app, seq, body FROM won WHERE over
            ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, body = excluded.body
        ),
        took_part AS (
            INSERT INTO part (app, usr, call)
            SELECT app, usr, id FROM w WHERE over AND party ON CONFLICT DO NOTHING
        )
        SELECT i, usr, head FROM told UNION ALL SELECT i, NULL, NULL FROM won"
    };
}

/// New calls. A guard is compared under the lock of its user's row, and where there are guards all users' rows are locked first,
/// so that no row is waited for after a later one is held. Without guards, keys come before users.
pub(super) const CREATE: &str = concat!(
    "WITH ",
    columns!(),
    "k AS MATERIALIZED (SELECT * FROM ROWS FROM (
        unnest($4::bigint[]), unnest($25::text[]), unnest($26::text[]), unnest($27::bigint[]), generate_series(1, $2::int)
      ) AS k(app, usr, key, fingerprint, i)),
    g AS MATERIALIZED (SELECT * FROM ROWS FROM (
        unnest($14::int[]), unnest($15::bigint[]), unnest($16::text[]), unnest($28::bigint[]), generate_series(1, $13::int)
      ) AS g(i, app, usr, rev, k) WHERE rev IS NOT NULL),
    locked AS MATERIALIZED (
        SELECT app, usr, rev FROM inbox
        WHERE $29::bool AND app = ANY($15::bigint[]) AND usr = ANY($16::text[]) ORDER BY app, usr FOR UPDATE
    ),
    broken AS (
        SELECT g.i FROM g LEFT JOIN locked ON locked.app = g.app AND locked.usr = g.usr
        WHERE coalesce(locked.rev, 0) <> g.rev
    ),
    known AS (
        SELECT id FROM call WHERE id = ANY($3::uuid[]) UNION ALL SELECT id FROM past WHERE id = ANY($3::uuid[])
    ),
    free AS MATERIALIZED (
        SELECT * FROM t WHERE seq = 1 AND i NOT IN (SELECT i FROM broken) AND id NOT IN (SELECT id FROM known)
    ),
    keyed AS (
        INSERT INTO idem (app, usr, key, at, call, fingerprint)
        SELECT k.app, k.usr, k.key, free.at, free.id, k.fingerprint FROM k JOIN free USING (i) WHERE k.key IS NOT NULL
        ORDER BY k.app, k.usr, k.key
        ON CONFLICT DO NOTHING RETURNING call
    ),
    won AS MATERIALIZED (
        SELECT free.* FROM free JOIN k USING (i) WHERE k.key IS NULL OR free.id IN (SELECT call FROM keyed)
        ORDER BY i
    ),
    born AS (
        INSERT INTO call (id, app, seq, deadline, waiting, home, body)
        SELECT id, app, seq, deadline, waiting, $1, body FROM won WHERE NOT over
    ),",
    consequences!()
);

/// Steps of live calls, without guards.
pub(super) const STEP: &str = concat!(
    "WITH ",
    columns!(),
    "held AS MATERIALIZED (
        SELECT id, app, seq FROM call WHERE id = ANY($3::uuid[]) ORDER BY id FOR UPDATE
    ),
    won AS MATERIALIZED (
        SELECT t.* FROM t JOIN held ON held.id = t.id AND held.app = t.app AND held.seq = t.seq - 1
    ),
    moved AS (
        UPDATE call SET seq = won.seq, deadline = won.deadline, waiting = won.waiting, home = $1, body = won.body
        FROM won WHERE call.id = ANY($3::uuid[]) AND call.id = won.id AND NOT won.over
    ),
    gone AS (DELETE FROM call USING won WHERE call.id = ANY($3::uuid[]) AND call.id = won.id AND won.over),",
    consequences!()
);

/// What was used of the media of an ended call. Who asks has compared the versions.
pub(super) const USAGE: &str = concat!(
    "WITH ",
    columns!(),
    "held AS MATERIALIZED (SELECT id, app, seq FROM past WHERE id = ANY($3::uuid[]) ORDER BY id FOR UPDATE),
    won AS MATERIALIZED (
        SELECT t.* FROM t JOIN held ON held.id = t.id AND held.app = t.app AND held.seq = t.seq - 1
    ),",
    consequences!()
);

/// The call of a guarded step, before its users.
pub(super) const LOCK_CALL: &str = "SELECT seq FROM call WHERE id = $1 AND app = $2 FOR UPDATE";

/// All users of a guarded step.
pub(super) const LOCK_USERS: &str = "SELECT app, usr, rev FROM inbox
    WHERE app = ANY($1::bigint[]) AND usr = ANY($2::text[]) ORDER BY app, usr FOR UPDATE";

/// Makes rows for users without one, so that they can be locked.
pub(super) const INTRODUCE: &str = "INSERT INTO inbox (app, usr, head, rev, live)
    SELECT * FROM (SELECT unnest($1::bigint[]), unnest($2::text[]), 0, 0, '{}'::uuid[]) AS new(app, usr, head, rev, live)
    ORDER BY app, usr ON CONFLICT DO NOTHING";
