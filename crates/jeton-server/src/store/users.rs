use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    audit::Event,
    id::UserId,
    user::{Account, PasswordHash, User},
    username::UsernameKey,
};

/// Who may sign in.
#[async_trait]
pub trait Users: Send + Sync + std::fmt::Debug {
    async fn create_user(&self, account: &Account, event: &Event) -> Result<CreateUser, StoreError>;

    /// Writes accounts from elsewhere, and says of each in turn what became of it. The same again changes nothing.
    async fn import_accounts(&self, accounts: Vec<(Account, Event)>) -> Result<Vec<Import>, StoreError>;

    async fn account_by_name(&self, name: &UsernameKey) -> Result<Option<Account>, StoreError>;

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Replaces the hash of a password that stays the same, unless the user's hash is no longer the old one; says
    /// whether it did.
    async fn rehash(
        &self,
        user: UserId,
        old: &PasswordHash,
        new: &PasswordHash,
        scheme: &str,
        event: &Event,
    ) -> Result<bool, StoreError>;

    /// The schemes of the stored hashes, and how many are of each.
    async fn password_schemes(&self) -> Result<Vec<(String, u64)>, StoreError>;
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateUser {
    Created,
    /// The name, or one that looks like it, belongs to somebody.
    NameTaken,
}

/// What became of an account from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    Created,
    /// An account of this name with this very hash is there.
    AlreadyThere,
    /// The name, or one that looks like it, belongs to somebody else.
    NameTaken,
    /// The id belongs to somebody else.
    IdTaken,
}
