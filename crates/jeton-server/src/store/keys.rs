use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    id::{SessionId, UserId},
    key::{Changes, KeyAct, Refusal, SealedKey},
    time::Timestamp,
};

/// The sealed keys.
#[async_trait]
pub trait Keys: Send + Sync + std::fmt::Debug {
    /// All keys, the newest first.
    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError>;

    /// Carries out a change to the keys, decided on the rows as they are at that moment, and returns its outcome. Of
    /// two that come at once, the second decides on what the first has left.
    async fn change_keys(&self, act: &KeyAct) -> Result<Result<Changes, Refusal>, StoreError>;

    /// Live sessions whose refresh tokens this key signs, from behind `after` on in the order of their ids.
    async fn live_sessions_under(
        &self,
        kid: &str,
        after: Option<SessionId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<(SessionId, UserId)>, StoreError>;
}
