//! The two times of a certificate, as Go reads them.

use time::{Date, Month, PrimitiveDateTime, Time};

use super::der::DerReader;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Reads a time, in Unix seconds; `None` if Go refuses it.
pub(super) fn read(reader: &mut DerReader<'_>) -> Option<i64> {
    let element = reader.any()?;
    let text = str::from_utf8(element.content).ok()?;
    match element.tag {
        UTC_TIME => {
            let (two, rest) = text.split_at_checked(2)?;
            let year = number(two)?;
            let century = if year < 50 { 2000 } else { 1900 };
            // Go takes a UTCTime without seconds, too.
            read_rest(century + year, rest, 8).or_else(|| read_rest(century + year, rest, 10))
        }
        GENERALIZED_TIME => {
            let (four, rest) = text.split_at_checked(4)?;
            read_rest(number(four)?, rest, 10)
        }
        _ => None,
    }
}

/// What stands behind the year: `MMDDhhmm`, or with seconds 10 digits, and a zone.
fn read_rest(year: i32, text: &str, digits: usize) -> Option<i64> {
    let (digits, zone) = text.split_at_checked(digits)?;
    let part = |index: usize| {
        let pair = digits.get(2 * index..2 * index + 2)?;
        u8::try_from(number(pair)?).ok()
    };
    let month = Month::try_from(part(0)?).ok()?;
    let date = Date::from_calendar_date(year, month, part(1)?).ok()?;
    let second = if digits.len() == 10 { part(4)? } else { 0 };
    let time = Time::from_hms(part(2)?, part(3)?, second).ok()?;
    let there = PrimitiveDateTime::new(date, time).assume_utc();
    Some(there.unix_timestamp() - read_zone(zone)?)
}

/// Seconds east of Greenwich. Zero must be written `Z`.
fn read_zone(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, digits) = zone.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| digits.len() == 4)?;
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 24 || minutes > 59 || hours + minutes == 0 {
        return None;
    }
    let seconds = i64::from(hours * 3600 + minutes * 60);
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

fn number(text: &str) -> Option<i32> {
    let all = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}
