use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    acceptance::all_refused_after,
    audit::{Action, Actor, Event},
    client::{
        Client, ProvenClient,
        change::{ClientEdit, differences, narrows},
        registration::ClientAuthentication,
        rules::RegistrationError,
    },
    digest::SecretDigest,
    id::ClientId,
    revocation::{Revocation, Target},
    scope::joined,
    time::Timestamp,
    user::UserVersion,
};

/// Clients: programs and applications that ask for tokens.
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

    /// Changes a client, and revokes its tokens where it may do less than before.
    async fn change_client(&self, id: ClientId, change: &ClientChange) -> Result<ClientChanged, StoreError>;

    /// Deletes a client and revokes its tokens. `None` when there is no such client.
    async fn delete_client(
        &self,
        id: ClientId,
        change: &ClientChange,
    ) -> Result<Option<Vec<Revocation>>, StoreError>;
}

/// A token about to be issued to a client.
#[derive(Clone, Debug)]
pub struct IssueToClient {
    pub client: ProvenClient,
    /// When the token ceases to be accepted.
    pub accepted_until: Timestamp,
    pub event: Event,
}

/// Changes asked for in a client.
#[derive(Clone, Debug)]
pub struct ClientChange {
    pub edit: ClientEdit,
    /// The digest of a new secret.
    pub secret: Option<SecretDigest>,
    pub by: Actor,
    pub now: Timestamp,
}

/// The outcome of a change of a client.
#[derive(Clone, Debug)]
pub enum ClientChanged {
    /// The client as it is now, and what refuses its tokens and those of its grants where it may do less.
    Done(Box<Client>, Vec<Revocation>),
    NotFound,
    /// Another client has the new name.
    NameTaken,
    /// The client would break a rule; nothing is changed.
    Refused(RegistrationError),
}

/// A change as it is written.
pub(super) struct AppliedChange {
    pub(super) event: Event,
    /// Where the client may do less than before.
    pub(super) revocation: Option<Revocation>,
    /// What is stored in place of the secret's digest before.
    pub(super) secret: Option<SecretDigest>,
}

impl ClientChange {
    /// Changes a client, if it keeps the rules.
    pub(super) fn apply(&self, client: &mut Client) -> Result<AppliedChange, RegistrationError> {
        let before = client.clone();
        self.edit.apply(client)?;
        let authentication = client.registration.authentication;
        if self.secret.is_some() && authentication != ClientAuthentication::Secret {
            return Err(RegistrationError::NoSecret(authentication.as_str()));
        }
        let proves_otherwise = authentication != before.registration.authentication;
        let secret = self
            .secret
            .clone()
            .or_else(|| proves_otherwise.then_some(SecretDigest::NONE));
        let mut event = Event::new(Action::ClientChanged, self.now)
            .user(client.id.subject())
            .by(Some(self.by))
            .detail("scopes", joined(&client.scopes))
            .detail("disabled", client.disabled)
            .detail("secret", self.secret.is_some());
        if client.name != before.name {
            event = event.detail("name", client.name.as_str());
        }
        let changed = differences(&before.registration, &client.registration);
        if !changed.is_empty() {
            event = event.detail("registration", changed);
        }
        let mut revocation = None;
        if self.secret.is_some() || narrows(&before, client) {
            client.version = UserVersion(client.version.0 + 1);
            event = event.detail("version", client.version.0);
            revocation = Some(self.revocation(client, client.version));
        }
        Ok(AppliedChange {
            event,
            revocation,
            secret,
        })
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
