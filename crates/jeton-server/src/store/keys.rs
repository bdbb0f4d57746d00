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
    /// All of them, the newest first.
    async fn keys(&self) -> Result<Vec<SealedKey>, StoreError>;

    /// Does something to the keys as they are at that moment, and says what it came to. Of two that act at once, the
    /// second decides on what the first has left.
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
