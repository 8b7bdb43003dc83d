//! Times as Go's `time.Parse` reads them by the layouts of its YAML library. Only the tag `!!timestamp` asks for them: without it a
//! time is a text on the way to JSON.

/// Whether a text is a time by one of the layouts: `2006-1-2`, the same with a time of day behind blanks, or with `T` and a zone.
pub(super) fn is_time(text: &str) -> bool {
    let at = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, rest) = text.split_at(at);
    if !is_date(date) {
        return false;
    }
    match rest.chars().next() {
        None => true,
        Some(' ') => behind_clock(rest.trim_start_matches(' ')).is_some_and(str::is_empty),
        Some(_) => behind_clock(&rest[1..]).is_some_and(is_zone),
    }
}

fn is_date(text: &str) -> bool {
    let date = || {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let whole = |text| number(text).filter(|(_, rest)| rest.is_empty());
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let year: u32 = year.parse().ok().filter(|_| is_year)?;
        let (month, day) = (whole(month)?.0, whole(day)?.0);
        Some((1..=days_of(year, month)).contains(&day))
    };
    date().unwrap_or(false)
}

/// The days of a month; none of one that there is not.
fn days_of(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// What stands behind a time of day.
fn behind_clock(text: &str) -> Option<&str> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    let fraction = rest.strip_prefix(['.', ',']);
    let fraction = fraction.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
    let rest = fraction.map_or(rest, |digits| {
        digits.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    (hour < 24 && minute < 60 && second < 60).then_some(rest)
}

fn is_zone(text: &str) -> bool {
    let offset = || {
        let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
        let (hour, behind) = number(hours)?;
        let (minute, end) = number(minutes)?;
        let is_whole =
            hours.len() == 2 && minutes.len() == 2 && behind.is_empty() && end.is_empty();
        Some(is_whole && hour <= 24 && minute <= 60)
    };
    text == "Z" || offset().unwrap_or(false)
}

/// One or two digits, and the rest.
fn number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::is_time;

    #[test]
    fn as_go_parses_them() {
        for text in [
            "2026-1-2",
            "2024-02-29",
            "2026-01-01T1:2:3Z",
            "2026-01-01t01:02:03.5+01:00",
            "2026-01-01  01:02:03,25",
        ] {
            assert!(is_time(text), "{text}");
        }
        for text in [
            "2026-01-0",
            "2026-13-01",
            "2026-02-29",
            "26-01-01",
            "2026-01-01T",
            "2026-01-01T24:00:00Z",
            "2026-01-01 01:02:03Z",
            "2026-01-01T01:02:03+1:00",
            "2026-001-01",
        ] {
            assert!(!is_time(text), "{text}");
        }
    }
}
