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

/// Programs that call on their own behalf.
#[async_trait]
pub trait ServiceAccounts: Send + Sync + std::fmt::Debug {
    /// Says whether it was made: a name is given once.
    async fn create_service_account(
        &self,
        account: &ServiceAccount,
        secret: &SecretDigest,
        event: &Event,
    ) -> Result<bool, StoreError>;

    async fn service_account(&self, id: UserId) -> Result<Option<ServiceAccount>, StoreError>;

    /// The same, with what proves it.
    async fn service_account_secret(
        &self,
        id: UserId,
    ) -> Result<Option<(ServiceAccount, SecretDigest)>, StoreError>;

    /// All of them, in the order in which they were made.
    async fn service_accounts(&self) -> Result<Vec<ServiceAccount>, StoreError>;

    /// Notes that a token is issued to one, if it is still what its proof was checked against. What it answers with is
    /// what the token may say.
    async fn issue_to_service_account(
        &self,
        issue: &IssueToAccount,
    ) -> Result<Option<ServiceAccount>, StoreError>;

    /// Changes one, and calls its tokens back where it can do less than before. `None` when there is no such account.
    async fn change_service_account(
        &self,
        id: UserId,
        change: &AccountChange,
    ) -> Result<Option<(ServiceAccount, Vec<Revocation>)>, StoreError>;

    /// Removes one and calls its tokens back. `None` when there is no such account.
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
    /// Until when it may be accepted.
    pub accepted_until: Timestamp,
    pub event: Event,
}

/// What is to be different about a service account, and what that takes.
#[derive(Clone, Debug)]
pub struct AccountChange {
    pub scopes: Option<Vec<Scope>>,
    pub disabled: Option<bool>,
    pub secret: Option<SecretDigest>,
    pub by: Actor,
    pub now: Timestamp,
}

impl AccountChange {
    /// Changes an account; what is to be recorded, and called back where it can do less than before.
    pub(super) fn apply(&self, account: &mut ServiceAccount) -> (Event, Option<Revocation>) {
        let scopes = self.scopes.clone().unwrap_or_else(|| account.scopes.clone());
        let disabled = self.disabled.unwrap_or(account.disabled);
        let loses = account.scopes.iter().any(|scope| !scopes.contains(scope));
        let calls_back = loses || (disabled && !account.disabled) || self.secret.is_some();
        (account.scopes, account.disabled) = (scopes, disabled);
        let event = Event::new(Action::ServiceAccountChanged, self.now)
            .user(account.id)
            .by(Some(self.by))
            .detail("scopes", joined(&account.scopes))
            .detail("disabled", account.disabled)
            .detail("secret", self.secret.is_some());
        if !calls_back {
            return (event, None);
        }
        account.version = UserVersion(account.version.0 + 1);
        let event = event.detail("version", account.version.0);
        (event, Some(self.calls_back(account, account.version)))
    }

    /// The same for an account that goes.
    pub(super) fn removal(&self, account: &ServiceAccount) -> (Event, Revocation) {
        let event = Event::new(Action::ServiceAccountDeleted, self.now)
            .user(account.id)
            .by(Some(self.by));
        let beyond = UserVersion(account.version.0 + 1);
        (event, self.calls_back(account, beyond))
    }

    /// Calls back what was issued under every version before this one. A node of the release before notes in no row
    /// until when its tokens are accepted.
    fn calls_back(&self, account: &ServiceAccount, below: UserVersion) -> Revocation {
        let id = account.id;
        Revocation {
            target: Target::User { id, below },
            until: account.accepted_until.max(all_refused_after(self.now)),
        }
    }
}
