use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    acceptance::all_refused_after,
    audit::{Action, Actor, Event},
    digest::SecretDigest,
    id::UserId,
    revocation::{Revocation, Target},
    scope::{Scope, joined},
    service_account::{ProvenClient, ServiceAccount},
    time::Timestamp,
    user::UserVersion,
};

/// Service accounts: programs that call on their own behalf.
#[async_trait]
pub trait ServiceAccounts: Send + Sync + std::fmt::Debug {
    /// Writes an account unless its name is taken; returns whether it did.
    async fn create_service_account(
        &self,
        account: &ServiceAccount,
        secret: &SecretDigest,
        event: &Event,
    ) -> Result<bool, StoreError>;

    async fn service_account(&self, id: UserId) -> Result<Option<ServiceAccount>, StoreError>;

    /// An account with the digest of its secret.
    async fn service_account_secret(
        &self,
        id: UserId,
    ) -> Result<Option<(ServiceAccount, SecretDigest)>, StoreError>;

    /// All accounts, in the order in which they were made.
    async fn service_accounts(&self) -> Result<Vec<ServiceAccount>, StoreError>;

    /// Notes that a token is issued to an account, if the account is still what its proof was checked against. Returns
    /// the account that the token may describe.
    async fn issue_to_service_account(
        &self,
        issue: &IssueToAccount,
    ) -> Result<Option<ServiceAccount>, StoreError>;

    /// Changes an account, and revokes its tokens where it may do less than before. `None` when there is no such
    /// account.
    async fn change_service_account(
        &self,
        id: UserId,
        change: &AccountChange,
    ) -> Result<Option<(ServiceAccount, Vec<Revocation>)>, StoreError>;

    /// Deletes an account and revokes its tokens. `None` when there is no such account.
    async fn delete_service_account(
        &self,
        id: UserId,
        change: &AccountChange,
    ) -> Result<Option<Revocation>, StoreError>;
}

/// A token about to be issued to a service account.
#[derive(Clone, Debug)]
pub struct IssueToAccount {
    pub client: ProvenClient,
    /// When the token ceases to be accepted.
    pub accepted_until: Timestamp,
    pub event: Event,
}

/// Changes asked for in a service account; a field that is `None` stays as it is.
#[derive(Clone, Debug)]
pub struct AccountChange {
    pub scopes: Option<Vec<Scope>>,
    pub disabled: Option<bool>,
    pub secret: Option<SecretDigest>,
    pub by: Actor,
    pub now: Timestamp,
}

impl AccountChange {
    /// Changes an account. Returns the event, and the revocation where the account may do less than before.
    pub(super) fn apply(&self, account: &mut ServiceAccount) -> (Event, Option<Revocation>) {
        let scopes = self.scopes.clone().unwrap_or_else(|| account.scopes.clone());
        let disabled = self.disabled.unwrap_or(account.disabled);
        let loses = account.scopes.iter().any(|scope| !scopes.contains(scope));
        let revokes = loses || (disabled && !account.disabled) || self.secret.is_some();
        (account.scopes, account.disabled) = (scopes, disabled);
        let event = Event::new(Action::ServiceAccountChanged, self.now)
            .user(account.id)
            .by(Some(self.by))
            .detail("scopes", joined(&account.scopes))
            .detail("disabled", account.disabled)
            .detail("secret", self.secret.is_some());
        if !revokes {
            return (event, None);
        }
        account.version = UserVersion(account.version.0 + 1);
        let event = event.detail("version", account.version.0);
        (event, Some(self.revocation(account, account.version)))
    }

    /// The event and the revocation of an account's deletion.
    pub(super) fn removal(&self, account: &ServiceAccount) -> (Event, Revocation) {
        let event = Event::new(Action::ServiceAccountDeleted, self.now)
            .user(account.id)
            .by(Some(self.by));
        let beyond = UserVersion(account.version.0 + 1);
        (event, self.revocation(account, beyond))
    }

    /// Revokes tokens issued under every version before this one. A node of the previous release notes in no row until
    /// when its tokens are accepted, so the longest possible time is taken.
    fn revocation(&self, account: &ServiceAccount, below: UserVersion) -> Revocation {
        let id = account.id;
        Revocation {
            target: Target::User { id, below },
            until: account.accepted_until.max(all_refused_after(self.now)),
        }
    }
}
