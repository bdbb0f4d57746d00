use super::span::Span;
use crate::model::{
    key::{Phase, Purpose, SealedKey},
    time::Timestamp,
};

/// The keys of one purpose, one below the other on one line of time.
pub(in crate::pages::console) struct Line {
    pub(in crate::pages::console) purpose: Purpose,
    pub(in crate::pages::console) lanes: Vec<Lane>,
    /// The names of those that neither sign nor verify any more.
    pub(in crate::pages::console) retired: Vec<String>,
    /// Where now is, in thousandths.
    pub(in crate::pages::console) now: u64,
}

/// A key on its line.
pub(in crate::pages::console) struct Lane {
    pub(in crate::pages::console) kid: String,
    pub(in crate::pages::console) algorithm: String,
    pub(in crate::pages::console) phase: Phase,
    pub(in crate::pages::console) begins: Timestamp,
    /// When its successor signs in its place.
    pub(in crate::pages::console) succeeded: Option<Timestamp>,
    pub(in crate::pages::console) accepted_until: Option<Timestamp>,
    pub(in crate::pages::console) published: Bar,
    pub(in crate::pages::console) signs: Bar,
    pub(in crate::pages::console) verifies: Bar,
    /// Which of the token's three colours it has, in turn.
    pub(in crate::pages::console) colour: usize,
}

/// A stretch of a line, in thousandths of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages::console) struct Bar {
    pub(in crate::pages::console) from: u64,
    pub(in crate::pages::console) length: u64,
}

impl Bar {
    const fn between(from: u64, to: u64) -> Self {
        Self {
            from,
            length: to.saturating_sub(from),
        }
    }

    pub(in crate::pages::console) const fn is_there(self) -> bool {
        self.length > 0
    }
}

impl Line {
    /// Draws the keys of a purpose; the oldest is on top.
    pub(in crate::pages::console) fn of(
        purpose: Purpose,
        keys: &[(SealedKey, Phase)],
        now: Timestamp,
    ) -> Self {
        let mut own: Vec<_> = keys.iter().filter(|(key, _)| key.purpose == purpose).collect();
        own.sort_by_key(|(key, _)| (key.begins(), key.created_at));
        let (retired, listed): (Vec<_>, Vec<_>) =
            own.into_iter().partition(|(_, phase)| *phase == Phase::Retired);
        let moments = listed.iter().flat_map(|(key, _)| {
            let known = [Some(key.created_at), Some(key.begins()), key.accepted_until];
            known.into_iter().flatten()
        });
        let span = Span::around(now, moments);
        let lanes = listed.iter().enumerate().map(|(index, (key, phase))| {
            let successor = listed.get(index + 1).map(|(next, _)| next.begins());
            Lane::new(key, *phase, successor, span, index)
        });
        Self {
            purpose,
            lanes: lanes.collect(),
            retired: retired.into_iter().map(|(key, _)| key.kid.clone()).collect(),
            now: span.place(now),
        }
    }

    /// The key that signs now.
    pub(in crate::pages::console) fn signer(&self) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.phase == Phase::Signing)
    }
}

impl Lane {
    fn new(key: &SealedKey, phase: Phase, succeeded: Option<Timestamp>, span: Span, index: usize) -> Self {
        let begins = span.place(key.begins());
        let succeeds = succeeded.map_or(1000, |at| span.place(at));
        let ends = key.accepted_until.map_or(1000, |at| span.place(at));
        Self {
            kid: key.kid.clone(),
            algorithm: key.algorithm.clone(),
            phase,
            begins: key.begins(),
            succeeded,
            accepted_until: key.accepted_until,
            published: Bar::between(span.place(key.created_at), begins),
            signs: Bar::between(begins, succeeds.min(ends)),
            verifies: Bar::between(succeeds.min(ends), ends),
            colour: index % 3,
        }
    }

    /// The class of the key's colour.
    pub(in crate::pages::console) const fn class(&self) -> &'static str {
        match self.colour {
            0 => "signature",
            1 => "payload",
            _ => "header",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::key::AT_ONCE;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_963_440);

    fn key(kid: &str, created: i64, signs_from: Option<i64>, until: Option<i64>) -> SealedKey {
        let at = |away: i64| Timestamp::from_seconds(NOW.seconds() + away);
        SealedKey {
            kid: kid.into(),
            purpose: Purpose::Access,
            algorithm: "ES256".into(),
            sealed: Vec::new(),
            created_at: at(created),
            signs_from: signs_from.map_or(AT_ONCE, at),
            accepted_until: until.map(at),
            lifetime: Duration::from_mins(15),
        }
    }

    #[test]
    fn the_old_key_verifies_on_while_the_new_one_begins_to_sign() {
        let keys = [
            (key("new", -60, Some(300), None), Phase::Pending),
            (key("old", -86_400, None, Some(1500)), Phase::Signing),
            (key("gone", -90_000, None, Some(-1000)), Phase::Retired),
        ];
        let line = Line::of(Purpose::Access, &keys, NOW);
        assert_eq!(line.retired, ["gone"]);
        assert_eq!(line.signer().map(|lane| &*lane.kid), Some("old"));
        let [old, new] = &line.lanes[..] else {
            panic!("two lanes")
        };
        assert!(old.signs.from == 0 && old.signs.length > line.now);
        assert_eq!(old.verifies.from, new.signs.from);
        assert!(old.verifies.is_there() && !new.verifies.is_there());
        assert!(new.published.is_there() && new.published.from < line.now);
        assert_eq!(new.signs.from + new.signs.length, 1000);
    }

    #[test]
    fn keys_of_other_purposes_have_lines_of_their_own() {
        let keys = [(key("one", -60, None, None), Phase::Signing)];
        assert!(Line::of(Purpose::Refresh, &keys, NOW).lanes.is_empty());
    }
}
