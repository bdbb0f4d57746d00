use async_trait::async_trait;

use super::StoreError;
use crate::model::{ceremony::Ceremony, digest::SecretDigest, id::CeremonyId, time::Timestamp};

/// Ceremonies, from their beginning to their one use. Used and expired ones are kept for a while, so that whoever comes
/// late can be told which it was.
#[async_trait]
pub trait Ceremonies: Send + Sync + std::fmt::Debug {
    async fn begin_ceremony(&self, ceremony: &Ceremony) -> Result<(), StoreError>;

    /// Begins one that makes a first administrator. Those before are gone with it.
    async fn begin_setup(&self, ceremony: &Ceremony) -> Result<(), StoreError>;

    /// The ceremony of a secret, whether or not it can go on.
    async fn ceremony(&self, secret: &SecretDigest) -> Result<Option<Ceremony>, StoreError>;

    /// Uses a ceremony up, if it is open at this time; returns whether it did. Of many who do so at once, one does.
    async fn finish_ceremony(&self, id: CeremonyId, now: Timestamp) -> Result<bool, StoreError>;
}
