//! Acts of administrators on clients.

use crate::{
    model::{
        audit::{Action, Actor, Event},
        client::{
            Client, ClientSecret,
            change::{ClientEdit, NewClient, differences},
            registration::{ClientAuthentication, Registration},
            rules::RegistrationError,
        },
        digest::SecretDigest,
        id::ClientId,
        scope::joined,
    },
    service::{Failure, Service, accounts::admin::Administrator, context::Context},
    store::{ClientChange, ClientChanged},
};

/// Acts on clients, by one actor.
#[derive(Clone, Copy, Debug)]
pub struct Clients<'a> {
    pub context: Context<'a>,
    pub by: Actor,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientActError {
    #[error("there is no such client")]
    NotFound,
    #[error("the name belongs to another client")]
    NameTaken,
    #[error(transparent)]
    Refused(#[from] RegistrationError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// A client just made, with its secret.
#[derive(Debug)]
pub struct MadeClient {
    pub client: Client,
    /// None for one that proves itself otherwise, or not at all.
    pub secret: Option<ClientSecret>,
}

impl Service {
    /// The acts on clients open to an administrator.
    #[must_use]
    pub fn clients(&self, admin: &Administrator) -> Clients<'_> {
        Clients {
            context: self.context(),
            by: admin.actor(),
        }
    }
}

impl Clients<'_> {
    /// All clients, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn list(&self) -> Result<Vec<Client>, Failure> {
        Ok(self.context.store.clients().await?)
    }

    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client.
    pub async fn find(&self, id: ClientId) -> Result<Client, ClientActError> {
        let found = self.context.store.client(id).await.map_err(Failure::from)?;
        found.ok_or(ClientActError::NotFound)
    }

    /// Makes a client. Its secret, if it has one, is given out here and never again.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NameTaken`] when another has this name, [`ClientActError::Refused`] when it breaks a rule.
    pub async fn create(&self, new: NewClient) -> Result<MadeClient, ClientActError> {
        let now = self.context.clock.now();
        let id = ClientId::new(now, self.context.random.bytes().map_err(Failure::from)?);
        let client = new.make(id, now.into())?;
        let secret = match client.registration.authentication {
            ClientAuthentication::Secret => Some(self.secret()?),
            ClientAuthentication::None | ClientAuthentication::PrivateKeyJwt => None,
        };
        let digest = secret
            .as_ref()
            .map_or(SecretDigest::NONE, |secret| secret.digest());
        let event = Event::new(Action::ClientCreated, client.created_at)
            .user(client.id.subject())
            .by(Some(self.by))
            .detail("name", client.name.as_str())
            .detail("scopes", joined(&client.scopes))
            .detail(
                "registration",
                differences(&Registration::default(), &client.registration),
            );
        let made = self
            .context
            .store
            .create_client(&client, &digest, &event)
            .await
            .map_err(Failure::from)?;
        if made {
            Ok(MadeClient { client, secret })
        } else {
            Err(ClientActError::NameTaken)
        }
    }

    /// Changes a client. Where it may do less than before, its tokens are revoked.
    ///
    /// # Errors
    ///
    /// [`ClientActError`] when there is no such client, its new name is another's, or it would break a rule.
    pub async fn change(&self, id: ClientId, edit: ClientEdit) -> Result<Client, ClientActError> {
        let change = ClientChange {
            edit,
            ..self.nothing()
        };
        self.apply(id, &change).await
    }

    /// Gives a client a new secret. The old one, and tokens issued for it, are refused from then on.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client, [`ClientActError::Refused`] when it proves itself
    /// in another way.
    pub async fn rotate(&self, id: ClientId) -> Result<(Client, ClientSecret), ClientActError> {
        let secret = self.secret()?;
        let change = ClientChange {
            secret: Some(secret.digest()),
            ..self.nothing()
        };
        Ok((self.apply(id, &change).await?, secret))
    }

    /// Deletes a client and revokes its tokens.
    ///
    /// # Errors
    ///
    /// [`ClientActError::NotFound`] when there is no such client.
    pub async fn delete(&self, id: ClientId) -> Result<(), ClientActError> {
        let deleted = self
            .context
            .store
            .delete_client(id, &self.nothing())
            .await
            .map_err(Failure::from)?;
        self.context.heed(deleted.as_deref().unwrap_or_default()).await?;
        match deleted {
            Some(_) => Ok(()),
            None => Err(ClientActError::NotFound),
        }
    }

    async fn apply(&self, id: ClientId, change: &ClientChange) -> Result<Client, ClientActError> {
        let changed = self
            .context
            .store
            .change_client(id, change)
            .await
            .map_err(Failure::from)?;
        match changed {
            ClientChanged::Done(client, revocations) => {
                self.context.heed(&revocations).await?;
                Ok(*client)
            }
            ClientChanged::NotFound => Err(ClientActError::NotFound),
            ClientChanged::NameTaken => Err(ClientActError::NameTaken),
            ClientChanged::Refused(error) => Err(error.into()),
        }
    }

    fn nothing(&self) -> ClientChange {
        ClientChange {
            edit: ClientEdit::default(),
            secret: None,
            by: self.by,
            now: self.context.now(),
        }
    }

    fn secret(&self) -> Result<ClientSecret, Failure> {
        Ok(ClientSecret::new(self.context.random.bytes()?))
    }
}
