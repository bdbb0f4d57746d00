use super::{
    fingerprints::Fingerprints,
    seal::{MasterKey, SealError, StateSealer},
};

/// The tools whose keys derive from the root, beside those of the audit trail and of browsers.
#[derive(Debug)]
pub struct Derived {
    pub fingerprints: Fingerprints,
    pub states: StateSealer,
}

impl Derived {
    /// # Errors
    ///
    /// [`SealError::Derive`] when a primitive fails.
    pub fn new(root: &MasterKey) -> Result<Self, SealError> {
        Ok(Self {
            fingerprints: Fingerprints::new(root)?,
            states: StateSealer::new(root)?,
        })
    }
}
