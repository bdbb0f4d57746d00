use crate::{
    model::key::{Phase, Purpose},
    pages::texts::{KeyTexts, Text},
};

impl KeyTexts {
    pub(in crate::pages) const fn phase(&self, phase: Phase) -> &Text {
        match phase {
            Phase::Pending => &self.pending,
            Phase::Signing => &self.signing,
            Phase::Accepted => &self.accepted,
            Phase::Retired => &self.retired,
        }
    }

    pub(in crate::pages) const fn purpose(&self, purpose: Purpose) -> &Text {
        match purpose {
            Purpose::Refresh => &self.refresh,
            Purpose::Playground => &self.playground,
            Purpose::Access | Purpose::Root => &self.access,
        }
    }

    /// The use of a purpose's keys.
    pub(in crate::pages) const fn purpose_of(&self, purpose: Purpose) -> &Text {
        match purpose {
            Purpose::Refresh => &self.refresh_of,
            Purpose::Playground => &self.playground_of,
            Purpose::Access | Purpose::Root => &self.access_of,
        }
    }
}
