//! The stretch of time that a time line shows, and where on it a moment lies.

use crate::model::time::Timestamp;

/// How far a line goes back where nothing has happened lately, and at most.
const FAR_BACK: u64 = 30 * 24 * 60 * 60;

/// How far a line goes on at least.
const AHEAD: u64 = 60 * 60;

/// From one moment to another, as thousandths of a line's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    from: Timestamp,
    seconds: u64,
}

impl Span {
    /// The stretch on which what happens at these moments can be told apart. What is ahead takes a good part of it: how
    /// long a key has signed is of less interest than when the next one does.
    pub(super) fn around(now: Timestamp, moments: impl Iterator<Item = Timestamp>) -> Self {
        let (mut past, mut ahead) = (0, 0);
        for at in moments {
            past = past.max(now.since(at).as_secs());
            ahead = ahead.max(at.since(now).as_secs());
        }
        let (back, on) = if ahead == 0 {
            let back = past.clamp(AHEAD, FAR_BACK);
            (back, back / 3)
        } else {
            let on = ahead.saturating_add(ahead / 3);
            (past.clamp(on / 2, on.saturating_mul(3) / 2), on)
        };
        Self {
            from: now.minus(std::time::Duration::from_secs(back)),
            seconds: back.saturating_add(on).max(1),
        }
    }

    /// Where a moment lies, in thousandths; before the beginning is at the beginning, and after the end at the end.
    pub(super) fn place(&self, at: Timestamp) -> u64 {
        let passed = at.since(self.from).as_secs().min(self.seconds);
        passed.saturating_mul(1000) / self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_963_440);

    fn at(away: i64) -> Timestamp {
        Timestamp::from_seconds(NOW.seconds() + away)
    }

    #[test]
    fn a_rotation_under_way_is_in_the_middle_however_old_the_key_before_is() {
        let year = -365 * 86_400;
        let span = Span::around(NOW, [at(year), at(-60), at(300), at(1500)].into_iter());
        assert_eq!(span.place(at(year)), 0);
        assert!((500..700).contains(&span.place(NOW)), "{span:?}");
        assert!(span.place(at(300)) > span.place(NOW) && span.place(at(1500)) < 950);
    }

    #[test]
    fn a_key_that_was_just_made_has_a_line_too() {
        let span = Span::around(NOW, [NOW].into_iter());
        assert!((500..900).contains(&span.place(NOW)));
        assert_eq!(span.place(at(1_000_000)), 1000);
    }
}
