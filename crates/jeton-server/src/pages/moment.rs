//! Times as people read them.

use askama::filters::Safe;

use super::texts::Texts;
use crate::model::time::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A time as an element: in words that need no zone where it is near, as a date in UTC where it is far. A script puts
/// the reader's own zone in its place, and the whole time into its title.
pub(super) fn element(at: Timestamp, now: Timestamp, texts: &Texts) -> Safe<String> {
    Safe(format!(
        "<time datetime=\"{at}\">{}</time>",
        words(at, now, texts)
    ))
}

/// A time in words, with its date beside it where the words are a span.
pub(super) fn whole(at: Timestamp, now: Timestamp, texts: &Texts) -> Safe<String> {
    let (words, date) = (words(at, now, texts), date(at, texts));
    let both = if words == date {
        date
    } else {
        format!("{words}, {date}")
    };
    Safe(format!("<time datetime=\"{at}\" data-whole>{both}</time>"))
}

/// A time in words, as a script does it too.
pub(super) fn words(at: Timestamp, now: Timestamp, texts: &Texts) -> String {
    let times = &texts.times;
    let (past, future) = (now.since(at).as_secs(), at.since(now).as_secs());
    match (past, future) {
        (0..MINUTE, 0) => times.now.to_string(),
        (MINUTE..HOUR, _) => times.minutes_ago.of(past / MINUTE),
        (HOUR..DAY, _) => times.hours_ago.of(past / HOUR),
        (_, 1..MINUTE) => times.in_seconds.of(future),
        (_, MINUTE..HOUR) => times.in_minutes.of(future / MINUTE),
        (_, HOUR..DAY) => times.in_hours.of(future / HOUR),
        _ => date(at, texts),
    }
}

/// "29 November 2026, 14:44 UTC".
fn date(at: Timestamp, texts: &Texts) -> String {
    let text = at.to_string();
    let month = text.get(5..7).and_then(|month| month.parse::<usize>().ok());
    let name = month.and_then(|month| texts.times.months.get(month.wrapping_sub(1)));
    match (name, text.get(..4), text.get(8..10), text.get(11..16)) {
        (Some(month), Some(year), Some(day), Some(time)) => texts
            .times
            .date
            .with("day", day.trim_start_matches('0'))
            .with("month", month)
            .with("year", year)
            .with("time", time)
            .to_string(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::locale::Locale;

    #[test]
    fn near_times_are_spans_and_far_ones_dates() {
        let now = Timestamp::from_seconds(1_795_963_440);
        let told = |away: i64, language: Locale| {
            words(
                Timestamp::from_seconds(now.seconds() + away),
                now,
                language.texts(),
            )
        };
        for (away, expected) in [
            (0, "just now"),
            (-59, "just now"),
            (-60, "a minute ago"),
            (-179, "2 minutes ago"),
            (-7200, "2 hours ago"),
            (-86_400, "28 November 2026, 14:44 UTC"),
            (45, "in 45 seconds"),
            (60, "in a minute"),
            (7200, "in 2 hours"),
            (8 * 86_400, "7 December 2026, 14:44 UTC"),
        ] {
            assert_eq!(told(away, Locale::English), expected, "{away}");
        }
        assert_eq!(told(-180, Locale::German), "vor 3 Minuten");
        assert_eq!(told(-86_400, Locale::German), "28. November 2026, 14:44 UTC");
    }
}
