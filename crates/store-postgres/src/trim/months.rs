//! The tables of ended calls, one for each month.
use offhook_types::Timestamp;
use tokio_postgres::{Error, error::SqlState};

use super::briefly;
use crate::line::Link;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// What is divided by months, and the column by which it is.
const TABLES: [&str; 2] = ["past", "part"];

/// A month of the calendar in UTC, counted from January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(u64);

impl Month {
    pub(super) fn of(time: Timestamp) -> Self {
        // Days since 1 March of the year 0; from there on, leap days come last in their years, and months have one rhythm.
        let days = time.as_millis() / DAY_MS + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let months_since_march = (5 * day_of_year + 2) / 153;
        Self((era * 400 + year_of_era) * 12 + months_since_march + 2)
    }

    fn next(self) -> Self {
        Self(self.0 + 1)
    }

    fn start(self) -> Timestamp {
        let since_march = self.0 - 2;
        let (year, month) = (since_march / 12, since_march % 12);
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5;
        Timestamp::from_millis((days - 719_468) * DAY_MS)
    }

    fn name(self, table: &str) -> String {
        format!("{table}_{:04}_{:02}", self.0 / 12, self.0 % 12 + 1)
    }

    /// Where the ids of the month's calls begin: they begin with their time (RFC 9562, section 5.7).
    fn bound(self) -> String {
        let millis = self.start().as_millis();
        format!("{:08x}-{:04x}-0000-0000-000000000000", millis >> 16, millis & 0xffff)
    }
}

/// Makes the tables of this month and of the next.
pub(super) async fn prepare(link: &Link, month: Month) -> Result<(), Error> {
    for month in [month, month.next()] {
        for table in TABLES {
            let sql = format!(
                "SELECT 1 FROM slot WHERE slot = 0 FOR UPDATE;
                 CREATE TABLE IF NOT EXISTS {} PARTITION OF {table} FOR VALUES FROM ('{}') TO ('{}')",
                month.name(table),
                month.bound(),
                month.next().bound(),
            );
            match briefly(link, link.client.batch_execute(&sql)).await {
                Err(error) if error.code() == Some(&SqlState::CHECK_VIOLATION) => {
                    tracing::info!(table, "calls of a month that had no table stay where they are");
                }
                made => made?,
            }
        }
    }
    Ok(())
}

/// Drops the tables of all months before this one.
pub(super) async fn drop_before(link: &Link, month: Month) -> Result<(), Error> {
    for table in TABLES {
        let sql = "SELECT relname::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = to_regclass($1) AND relname LIKE $1 || '\\_2%' AND relname < $2";
        for row in link.query(sql, &[&table, &month.name(table)]).await? {
            let name: &str = row.get(0);
            tracing::info!(table = name, "forgetting ended calls");
            briefly(link, link.client.batch_execute(&format!("DROP TABLE {name}"))).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_at(millis: u64) -> String {
        Month::of(Timestamp::from_millis(millis)).name("past")
    }

    #[test]
    fn a_month_begins_with_its_first_millisecond() {
        let first = 1_772_323_200_000; // 1 March 2026, 0:00 UTC
        assert_eq!((name_at(first - 1), name_at(first)), ("past_2026_02".into(), "past_2026_03".into()));
        assert_eq!(Month::of(Timestamp::from_millis(first)).start().as_millis(), first);
        let leap_day = 1_709_164_800_000; // 29 February 2024
        assert_eq!(name_at(leap_day), "past_2024_02");
        assert_eq!(name_at(leap_day + DAY_MS), "past_2024_03");
        assert_eq!(name_at(0), "past_1970_01");
    }

    #[test]
    fn months_follow_each_other_without_gap() {
        for day in 0..60_000 {
            let time = Timestamp::from_millis(day * DAY_MS);
            let month = Month::of(time);
            assert!(month.start() <= time && time < month.next().start(), "day {day}");
        }
    }

    #[test]
    fn ids_of_a_month_lie_within_its_bounds() {
        let month = Month::of(Timestamp::from_millis(1_763_700_000_000));
        assert_eq!(month.bound(), "019a3cb6-bc00-0000-0000-000000000000");
        assert!(month.bound() < month.next().bound());
    }
}
