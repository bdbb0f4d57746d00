//! Times as user tables write them.

use serde_json::Value;

use crate::model::time::Timestamp;

/// Reads seconds since 1970, or a date and time as ISO 8601 has them: `2024-05-01T12:00:00Z`, with a space for the
/// `T`, with fractions of a second, another offset or none (then it is UTC), or a date alone.
pub(super) fn parse(value: &Value) -> Option<Timestamp> {
    let seconds = match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?))?,
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) => whole(number)?,
            Err(_) => iso_8601(text)?,
        },
        _ => return None,
    };
    (seconds >= 0).then(|| Timestamp::from_seconds(seconds))
}

fn whole(seconds: f64) -> Option<i64> {
    let plausible = (0.0..1e11).contains(&seconds);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be in range; fractions do not count"
    )]
    plausible.then_some(seconds as i64)
}

fn iso_8601(text: &str) -> Option<i64> {
    let (date, time) = text
        .split_once(['T', 't', ' '])
        .map_or((text, "00:00:00Z"), |(date, time)| (date, time.trim_start()));
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], offset(&time[at..])?),
        None => (time.trim_end(), 0),
    };
    let [year, month, day] = numbers(date, '-')?;
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let [hour, minute, second] = match clock.matches(':').count() {
        1 => numbers(&format!("{clock}:00"), ':')?,
        _ => numbers(clock, ':')?,
    };
    // A leap second counts as the second after it.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second - offset)
}

/// `Z`, `+02:00`, `+0200` or `+02`, in seconds.
fn offset(text: &str) -> Option<i64> {
    let text = text.trim_end();
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        (_, digits) => (-1, digits),
    };
    let digits = digits.replace(':', "");
    if ![2, 4].contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = format!("{digits:0<4}").parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads three numbers with this character between.
fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let mut numbers = text.split(between).map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    });
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(found)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let before = usize::try_from(month - 1).ok().filter(|before| *before < 12)?;
    if !(1..=lengths[before]).contains(&day) || !(1970..=9999).contains(&year) {
        return None;
    }
    let last = year - 1;
    let leap_days = last / 4 - last / 100 + last / 400 - 477;
    Some((year - 1970) * 365 + leap_days + lengths[..before].iter().sum::<i64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_as_databases_and_frameworks_write_them() {
        for (value, seconds) in [
            (json!(0), 0),
            (json!(1_714_564_800), 1_714_564_800),
            (json!(1_714_564_800.75), 1_714_564_800),
            (json!("1714564800"), 1_714_564_800),
            (json!("1714564800.5"), 1_714_564_800),
            (json!("1970-01-01"), 0),
            (json!("2000-02-29"), 951_782_400),
            (json!("2024-05-01T12:00:00Z"), 1_714_564_800),
            (json!("2024-05-01 12:00:00.123456+00:00"), 1_714_564_800),
            (json!("2024-05-01 12:00:00"), 1_714_564_800),
            (json!("2024-05-01 12:00"), 1_714_564_800),
            (json!("2024-05-01 14:00:00+02"), 1_714_564_800),
            (json!("2024-05-01T06:30:00-0530"), 1_714_564_800),
            (json!("2100-03-01T00:00:00z"), 4_107_542_400),
        ] {
            assert_eq!(parse(&value), Some(Timestamp::from_seconds(seconds)), "{value}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [
            json!("yesterday"),
            json!(""),
            json!("2023-02-29"),
            json!("2024-13-01"),
            json!("2024-00-01"),
            json!("2024-05-01T24:00:00Z"),
            json!("2024-05-01T12:00:00+25:00"),
            json!("2024-05-01T12:00:00+é"),
            json!("2024-05"),
            json!("-1"),
            json!(-1),
            json!("nan"),
            json!(1e300),
            json!("99999999999999999999"),
            json!(true),
        ] {
            assert_eq!(parse(&value), None, "{value}");
        }
    }
}
