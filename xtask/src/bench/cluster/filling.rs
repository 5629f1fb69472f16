//! Fills the nodes' tables with what an installation holds that has been at work for long: live calls, and ended ones.
//!
//! The first calls are placed over the wire. The others are copies of their rows, made by PostgreSQL: each has an id, users and
//! times of its own, in the row and in the stored form in it, so that the nodes read a copy like any call. Copies have no events:
//! those of older calls have left the logs.
use anyhow::{Result, ensure};

use super::stage::{DATABASE, Stage};

/// How many live calls are placed over the wire, as models of the others.
const LIVE_MODELS: u32 = 100;

/// How many ended calls are models of the others.
const ENDED_MODELS: u32 = 1000;

/// How many calls one statement writes. A statement may take a minute.
const CHUNK: u32 = 100_000;

/// After how many chunks a checkpoint is made, so that none has more to write than a minute takes.
const CHUNKS_PER_CHECKPOINT: u32 = 10;

/// How often the parties of ended calls were in one, on average.
const CALLS_PER_USER: u32 = 20;

/// Live calls began within the last half hour, ended ones within the last year; in milliseconds.
const LIVE_FOR: u64 = 30 * 60 * 1000;
const ENDED_FOR: u64 = 365 * 24 * 60 * 60 * 1000;

/// The copy's stored form, in the columns of [`models`], `new`, `at`, `first` and `second`.
const BODY: &str = r#"convert_to(replace(replace(replace(replace(replace(replace(text, id, new::text),
    '"' || u || '"', '"' || first || '"'), '"' || v || '"', '"' || second || '"'),
    coalesce(ended, 'no end'), (at + coalesce(ended, began)::bigint - began::bigint)::text),
    accepted, (at + accepted::bigint - began::bigint)::text), began, at::text), 'UTF8')"#;

/// The tables of the months before this one, as a node would have made them then.
const MONTHS: &str = "DO $$
DECLARE
    this timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month timestamp;
    kind text;
    bounds text[];
BEGIN
    FOR month IN SELECT generate_series(this - interval '12 months', this - interval '1 month', interval '1 month') LOOP
        SELECT array_agg((lpad(to_hex((extract(epoch FROM start) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid)
        INTO bounds FROM unnest(ARRAY[month, month + interval '1 month']) AS start;
        FOREACH kind IN ARRAY ARRAY['past', 'part'] LOOP
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                kind || to_char(month, '_YYYY_MM'), kind, bounds[1], bounds[2]);
        END LOOP;
    END LOOP;
END $$";

impl Stage {
    /// Brings the number of live calls up to this, accepted and with nobody connected.
    pub(super) fn hold_calls(&self, calls: u32) -> Result<()> {
        let mut there = self.count("call")?;
        if there == 0 {
            self.place_calls(calls.min(LIVE_MODELS))?;
            self.query(&models("call", "deadline, home", "waiting IS NULL", LIVE_MODELS))?;
            there = self.count("call")?;
        }
        ensure!(there <= calls, "{there} calls live already, more than {calls}");
        for (from, to) in chunks(there, calls) {
            self.query(&live_calls(from, to, calls))?;
        }
        self.settle()?;
        self.check_live_calls(calls)
    }

    /// That no node took any of them for lost.
    pub(super) fn check_live_calls(&self, calls: u32) -> Result<()> {
        let there = self.count("call")?;
        ensure!(there == calls, "{there} calls live, not {calls}");
        Ok(())
    }

    /// Brings the number of ended calls up to this, or leaves it if there are as many.
    pub(super) fn write_history(&self, calls: u32) -> Result<()> {
        let mut there = self.count("past")?;
        if there == 0 {
            self.load(&["closed", "--pairs", "64", "--secs", "3"])?;
            let both_were_in = "convert_from(body, 'UTF8')::jsonb->'l'->1 ? 'a'";
            self.query(&models("past", "0 AS deadline, 0 AS home", both_were_in, ENDED_MODELS))?;
            self.query(MONTHS)?;
            there = self.count("past")?;
        }
        println!("from {there} to {calls} ended calls");
        for (chunk, number) in chunks(there, calls).zip(1..) {
            self.query(&ended_calls(chunk, (there, calls)))?;
            if number % CHUNKS_PER_CHECKPOINT == 0 {
                println!("  {}", chunk.1);
                self.postgres.address().query(DATABASE, "CHECKPOINT")?;
            }
        }
        self.settle()
    }

    /// Does now what PostgreSQL would otherwise do while it is measured.
    fn settle(&self) -> Result<()> {
        let tables = "SELECT relname FROM pg_class WHERE relnamespace = 'offhook'::regnamespace AND relkind = 'r' ORDER BY 1";
        for table in self.query(tables)?.lines() {
            self.postgres.address().query(DATABASE, &format!("VACUUM (ANALYZE) offhook.{table}"))?;
        }
        self.postgres.address().query(DATABASE, "CHECKPOINT")?;
        Ok(())
    }
}

/// Makes the table of models: their rows, and what of the stored form is a copy's own.
fn models(table: &str, columns: &str, condition: &str, count: u32) -> String {
    format!(
        "CREATE TABLE public.model AS
         SELECT row_number() OVER (ORDER BY id) - 1 AS n, app, seq, deadline, home, id::text, text, form->>'t' AS began,
                form->'e'->>'t' AS ended, form->'l'->0->>'a' AS accepted, form->'l'->0->>'u' AS u, form->'l'->1->>'u' AS v
         FROM (SELECT id, app, seq, {columns}, convert_from(body, 'UTF8') AS text, convert_from(body, 'UTF8')::jsonb AS form
               FROM {table} WHERE {condition} ORDER BY id DESC LIMIT {count}) AS rows"
    )
}

/// `copy`: so many models with the id and the time of a call; the numbers are those from `from` on, before `to`.
fn copies((from, to): (u32, u32), at: &str, users: (&str, &str)) -> String {
    let (first, second) = users;
    format!(
        "numbers AS (SELECT n AS number, md5('call' || n) AS hash FROM generate_series({from}::bigint, {to}::bigint - 1) AS n),
         timed AS (SELECT numbers.*, {at} AS at FROM numbers),
         copy AS MATERIALIZED (
             SELECT model.*, at, {first} AS first, {second} AS second,
                    (lpad(to_hex(at), 12, '0') || '7' || left(hash, 3) || '8' || substr(hash, 4, 15))::uuid AS new
             FROM timed JOIN public.model ON model.n = number % (SELECT count(*) FROM public.model)
         )"
    )
}

/// Live calls, each of two users of its own.
fn live_calls(from: u32, to: u32, calls: u32) -> String {
    let at =
        format!("(SELECT min(began)::bigint FROM public.model) - {LIVE_FOR} + number * {LIVE_FOR} / {calls}");
    let user = |number: &str| format!("'live-' || lpad(({number})::text, 12, '0')");
    let copies = copies((from, to), &at, (&user("2 * number"), &user("2 * number + 1")));
    format!(
        "WITH {copies}, calls AS (
             INSERT INTO call (id, app, seq, deadline, home, body)
             SELECT new, app, seq, deadline + at - began::bigint, home, {BODY} FROM copy ORDER BY new
         )
         INSERT INTO inbox (app, usr, head, rev, live)
         SELECT app, usr, 2, 2, ARRAY[new]
         FROM (SELECT app, first AS usr, new FROM copy UNION ALL SELECT app, second, new FROM copy) AS each ORDER BY app, usr"
    )
}

/// Ended calls, numbers `chunk` of all of `range`, each of two of many users.
fn ended_calls(chunk: (u32, u32), (first, last): (u32, u32)) -> String {
    let at = format!(
        "(SELECT min(began)::bigint FROM public.model) - {ENDED_FOR} + (number - {first}) * {ENDED_FOR} / {}",
        last - first
    );
    let users = (last / CALLS_PER_USER * 2).max(2);
    // Two different ones, the first of them before the second, as in the stored form.
    let one = format!("('x' || substr(hash, 19, 7))::bit(28)::int % {users}");
    let other = format!("({one} + 1 + ('x' || substr(hash, 26, 7))::bit(28)::int % ({users} - 1)) % {users}");
    let user = |which: &str| format!("'past-' || lpad({which}({one}, {other})::text, 12, '0')");
    let copies = copies(chunk, &at, (&user("least"), &user("greatest")));
    let heard = CALLS_PER_USER * 3;
    format!(
        "WITH {copies}, calls AS (
             INSERT INTO past (id, app, seq, body) SELECT new, app, seq, {BODY} FROM copy ORDER BY new
         ),
         parts AS (
             INSERT INTO part (app, usr, call) SELECT app, usr, new FROM (
                 SELECT app, first AS usr, new FROM copy UNION ALL SELECT app, second, new FROM copy
             ) AS each ORDER BY app, usr, new
         )
         INSERT INTO inbox (app, usr, head, rev, live)
         SELECT app, usr, {heard}, {heard}, '{{}}'
         FROM (SELECT app, first AS usr FROM copy UNION SELECT app, second FROM copy) AS each ORDER BY app, usr
         ON CONFLICT DO NOTHING"
    )
}

/// The numbers from `from` on, before `to`, in pieces.
fn chunks(from: u32, to: u32) -> impl Iterator<Item = (u32, u32)> {
    (from..to).step_by(CHUNK as usize).map(move |start| (start, to.min(start.saturating_add(CHUNK))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_every_number_once() {
        let all: Vec<_> = chunks(100, 250_000).collect();
        assert_eq!(all, [(100, 100_100), (100_100, 200_100), (200_100, 250_000)]);
        assert_eq!(chunks(7, 7).count(), 0);
        assert_eq!(chunks(9, 7).count(), 0, "there are more already");
    }
}
