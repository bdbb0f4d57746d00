use std::collections::{HashMap, HashSet};

use super::verify::Flaw;
use crate::model::{
    audit::{Action, Recorded},
    id::UserId,
};

/// Personal fields that are gone, set against the deletions that the trail records.
#[derive(Debug, Default)]
pub(super) struct Erasures {
    /// The first event whose fields are gone, by the user it is about and the one who acted.
    gone: HashMap<(Option<UserId>, Option<UserId>), i64>,
    deleted: HashSet<UserId>,
}

impl Erasures {
    pub(super) fn note_erased(&mut self, event: &Recorded) {
        let people = (event.user, event.acting_user());
        self.gone.entry(people).or_insert(event.number);
    }

    pub(super) fn note_deletion(&mut self, event: &Recorded) {
        let deletions = [Action::UserDeleted, Action::ClientDeleted];
        if deletions.iter().any(|action| action.as_str() == event.action) {
            self.deleted.extend(event.user);
        }
    }

    /// The first event whose missing fields no deletion explains.
    pub(super) fn flaw(&self) -> Option<Flaw> {
        let explained = |person: &Option<UserId>| person.is_some_and(|id| self.deleted.contains(&id));
        let unexplained = self
            .gone
            .iter()
            .filter(|((user, actor), _)| !explained(user) && !explained(actor));
        unexplained.map(|(_, number)| *number).min().map(Flaw::Erased)
    }
}
