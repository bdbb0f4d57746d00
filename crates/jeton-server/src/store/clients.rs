use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    acceptance::all_refused_after,
    audit::{Action, Actor, Event},
    client::{Client, ProvenClient},
    digest::SecretDigest,
    id::ClientId,
    revocation::{Revocation, Target},
    scope::{Scope, joined},
    time::Timestamp,
    user::UserVersion,
};

/// Clients: programs that call on their own behalf.
#[async_trait]
pub trait Clients: Send + Sync + std::fmt::Debug {
    /// Writes a client unless its name is taken; returns whether it did.
    async fn create_client(
        &self,
        client: &Client,
        secret: &SecretDigest,
        event: &Event,
    ) -> Result<bool, StoreError>;

    async fn client(&self, id: ClientId) -> Result<Option<Client>, StoreError>;

    /// A client with the digest of its secret.
    async fn client_with_secret(&self, id: ClientId) -> Result<Option<(Client, SecretDigest)>, StoreError>;

    /// All clients, in the order in which they were made.
    async fn clients(&self) -> Result<Vec<Client>, StoreError>;

    /// Notes that a token is issued to a client, if the client is still what its proof was checked against. Returns
    /// the client that the token may describe.
    async fn issue_to_client(&self, issue: &IssueToClient) -> Result<Option<Client>, StoreError>;

    /// Changes a client, and revokes its tokens where it may do less than before. `None` when there is no such
    /// client.
    async fn change_client(
        &self,
        id: ClientId,
        change: &ClientChange,
    ) -> Result<Option<(Client, Vec<Revocation>)>, StoreError>;

    /// Deletes a client and revokes its tokens. `None` when there is no such client.
    async fn delete_client(
        &self,
        id: ClientId,
        change: &ClientChange,
    ) -> Result<Option<Revocation>, StoreError>;
}

/// A token about to be issued to a client.
#[derive(Clone, Debug)]
pub struct IssueToClient {
    pub client: ProvenClient,
    /// When the token ceases to be accepted.
    pub accepted_until: Timestamp,
    pub event: Event,
}

/// Changes asked for in a client; a field that is `None` stays as it is.
#[derive(Clone, Debug)]
pub struct ClientChange {
    pub scopes: Option<Vec<Scope>>,
    pub disabled: Option<bool>,
    pub secret: Option<SecretDigest>,
    pub by: Actor,
    pub now: Timestamp,
}

impl ClientChange {
    /// Changes a client. Returns the event, and the revocation where the client may do less than before.
    pub(super) fn apply(&self, client: &mut Client) -> (Event, Option<Revocation>) {
        let scopes = self.scopes.clone().unwrap_or_else(|| client.scopes.clone());
        let disabled = self.disabled.unwrap_or(client.disabled);
        let loses = client.scopes.iter().any(|scope| !scopes.contains(scope));
        let revokes = loses || (disabled && !client.disabled) || self.secret.is_some();
        (client.scopes, client.disabled) = (scopes, disabled);
        let event = Event::new(Action::ClientChanged, self.now)
            .user(client.id.subject())
            .by(Some(self.by))
            .detail("scopes", joined(&client.scopes))
            .detail("disabled", client.disabled)
            .detail("secret", self.secret.is_some());
        if !revokes {
            return (event, None);
        }
        client.version = UserVersion(client.version.0 + 1);
        let event = event.detail("version", client.version.0);
        (event, Some(self.revocation(client, client.version)))
    }

    /// The event and the revocation of a client's deletion.
    pub(super) fn removal(&self, client: &Client) -> (Event, Revocation) {
        let event = Event::new(Action::ClientDeleted, self.now)
            .user(client.id.subject())
            .by(Some(self.by));
        let beyond = UserVersion(client.version.0 + 1);
        (event, self.revocation(client, beyond))
    }

    /// Revokes tokens issued under every version before this one. A node of the previous release notes in no row until
    /// when its tokens are accepted, so the longest possible time is taken.
    fn revocation(&self, client: &Client, below: UserVersion) -> Revocation {
        let id = client.id.subject();
        Revocation {
            target: Target::User { id, below },
            until: client.accepted_until.max(all_refused_after(self.now)),
        }
    }
}
