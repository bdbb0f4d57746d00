use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::Event,
    id::UserId,
    user::{Account, User},
    username::UsernameKey,
};

/// Who may sign in.
#[async_trait]
pub trait Users: Send + Sync + std::fmt::Debug {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError>;

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError>;

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created,
    /// The name, or one that looks like it, belongs to somebody.
    NameTaken,
}
