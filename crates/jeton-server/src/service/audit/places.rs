use std::collections::HashMap;

use crate::model::audit::Proof;

/// The places that events took among those of their writers, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct Places {
    last: HashMap<i64, i64>,
    /// Whether writers may have written before the first event seen here.
    from_the_middle: bool,
}

impl Places {
    pub(super) fn from_the_middle() -> Self {
        Self {
            from_the_middle: true,
            ..Self::default()
        }
    }

    /// Forgets all places and goes on in the middle of the trail.
    pub(super) fn lose(&mut self) {
        *self = Self::from_the_middle();
    }

    /// Whether an event takes the place after its writer's last.
    pub(super) fn take(&mut self, proof: &Proof) -> bool {
        match self.last.insert(proof.writer, proof.place) {
            Some(last) => proof.place == last + 1,
            None => proof.place == 1 || self.from_the_middle,
        }
    }
}
