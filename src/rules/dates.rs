//! How rules speak about dates.

use time::OffsetDateTime;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// The day of a time in Unix seconds, as `2026-11-23`.
pub(super) fn day(unix: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix).map_or_else(
        |_| "a day that no calendar has".to_owned(),
        |time| time.date().to_string(),
    )
}

/// `1 day`, `30 days`.
pub(super) fn days(seconds: i64) -> String {
    match seconds / DAY {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
