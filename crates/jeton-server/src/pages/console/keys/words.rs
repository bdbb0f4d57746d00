use crate::{
    model::{
        client::registration::IdTokenAlg,
        key::{Phase, Purpose},
    },
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
            Purpose::IdToken(IdTokenAlg::Es256) => &self.id_es256,
            Purpose::IdToken(IdTokenAlg::Rs256) => &self.id_rs256,
            Purpose::IdToken(IdTokenAlg::EdDsa) => &self.id_eddsa,
            Purpose::Access | Purpose::Root => &self.access,
        }
    }

    /// The use of a purpose's keys.
    pub(in crate::pages) const fn purpose_of(&self, purpose: Purpose) -> &Text {
        match purpose {
            Purpose::Refresh => &self.refresh_of,
            Purpose::Playground => &self.playground_of,
            Purpose::IdToken(_) => &self.id_of,
            Purpose::Access | Purpose::Root => &self.access_of,
        }
    }
}
