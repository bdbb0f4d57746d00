use std::{sync::Arc, time::SystemTime};

use jeton::{Algorithm, KeyError, SigningKey, Verified, VerifyError};
use serde_json::{Map, Value};

use super::{KeyActError, KeyAdministration};
use crate::{
    model::{
        audit::Actor,
        client::registration::{GrantType, IdTokenAlg},
        key::{AT_ONCE, KeyAct, Purpose, SealedKey, has_id_key},
    },
    service::{
        Failure, Service,
        machinery::{
            id_tokens::{IdTokenClaims, IdTokenHint, IdTokenSigner, NotSigning, Statement, algorithm_of},
            keys::{KeyManagerError, KeySealer, Label, lifetime},
            tokens::SignError,
        },
    },
};

/// Why nothing was signed for a client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    #[error(
        "with JWT_SECRET there are no ID tokens: nobody could verify them with a published key. Leave it out, and the \
         service makes and publishes keys"
    )]
    ProviderOff,
    #[error(transparent)]
    NotSigning(#[from] NotSigning),
    #[error(transparent)]
    Sign(#[from] SignError),
    #[error("the key could not be made: {0}")]
    Key(#[from] KeyActError),
}

impl Service {
    /// Sees to it that there is a key for ID tokens of an algorithm. One that is made now is published from the answer on,
    /// and signs when everybody has it.
    ///
    /// # Errors
    ///
    /// [`KeyActError::NoIdTokens`] under `JWT_SECRET`.
    pub async fn need_id_key(&self, alg: IdTokenAlg) -> Result<(), KeyActError> {
        // Made by nobody: the first key of a purpose is the service's own doing.
        let keys = self.key_administration(Actor::CommandLine);
        if keys.need_id_key(self.sealer(), alg).await? {
            self.catch_up_with_keys().await;
        }
        Ok(())
    }

    /// The signer for clients of an algorithm. Where their key is missing, as after a new one that was given up, it is
    /// made.
    ///
    /// # Errors
    ///
    /// [`IdTokenError::NotSigning`] while the key is not published for long enough; the error says until when.
    pub async fn id_token_signer(&self, alg: IdTokenAlg) -> Result<Arc<IdTokenSigner>, IdTokenError> {
        if self.provides().is_err() {
            return Err(IdTokenError::ProviderOff);
        }
        match self.keys.active().id_tokens.signer(alg) {
            Err(NotSigning::NoKey { .. }) => {
                self.need_id_key(alg).await?;
                Ok(self.keys.active().id_tokens.signer(alg)?)
            }
            signer => Ok(signer?),
        }
    }

    /// An ID token for a client of this algorithm.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`] when there is no signer, or the claims do not fit into a token.
    pub async fn id_token(
        &self,
        alg: IdTokenAlg,
        claims: &IdTokenClaims<'_>,
        now: SystemTime,
    ) -> Result<String, IdTokenError> {
        Ok(self.id_token_signer(alg).await?.id_token(claims, now)?)
    }

    /// A text about something, signed for a client of this algorithm.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`] when there is no signer, or the claims do not fit into a token.
    pub async fn sign_statement(
        &self,
        alg: IdTokenAlg,
        statement: Statement,
        client_id: &str,
        claims: Map<String, Value>,
        now: SystemTime,
    ) -> Result<String, IdTokenError> {
        let signer = self.id_token_signer(alg).await?;
        Ok(signer.statement(statement, client_id, claims, now)?)
    }

    /// Reads an ID token that came back as `id_token_hint`, whatever its times are: it was signed here, for whom its
    /// audience says.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] when it was not signed here, with a key that is still accepted, or is no ID token.
    pub fn read_id_token_hint(&self, token: &str) -> Result<Verified<IdTokenHint>, VerifyError> {
        self.keys.active().id_tokens.read_hint(token, self.clock.now())
    }
}

impl KeyAdministration<'_> {
    /// Makes the key for ID tokens of an algorithm, unless there is one. Returns whether it did.
    ///
    /// # Errors
    ///
    /// [`KeyActError::NoIdTokens`] where a secret signs access tokens.
    pub async fn need_id_key(&self, sealer: &KeySealer, alg: IdTokenAlg) -> Result<bool, KeyActError> {
        self.require_keys_of(Purpose::IdToken(alg))?;
        let keys = self.context.store.keys().await.map_err(Failure::from)?;
        if has_id_key(&keys, alg, self.context.now()) {
            return Ok(false);
        }
        self.make_id_key(sealer, &keys, alg, false).await
    }

    /// Makes a key of their own for ID tokens of ES256 where a key of another algorithm is about to take the place of
    /// the one that signs them, and clients have such tokens.
    pub(super) async fn part_with_id_tokens(
        &self,
        sealer: &KeySealer,
        keys: &[SealedKey],
        next: Algorithm,
        emergency: bool,
    ) -> Result<(), KeyActError> {
        let alg = IdTokenAlg::Es256;
        if next == algorithm_of(alg) {
            return Ok(());
        }
        let clients = self.context.store.clients().await.map_err(Failure::from)?;
        let signs_people_in = clients.iter().any(|client| {
            let registration = &client.registration;
            registration.allows(GrantType::AuthorizationCode) && registration.id_token_alg == alg
        });
        if signs_people_in {
            self.make_id_key(sealer, keys, alg, emergency).await?;
        }
        Ok(())
    }

    async fn make_id_key(
        &self,
        sealer: &KeySealer,
        keys: &[SealedKey],
        alg: IdTokenAlg,
        at_once: bool,
    ) -> Result<bool, KeyActError> {
        let purpose = Purpose::IdToken(alg);
        let key = generated(algorithm_of(alg)).await?;
        let label = Label {
            purpose,
            lifetime: lifetime(purpose, self.rules),
            now: self.context.now(),
        };
        let first = sealer.seal(keys, &key, &label, self.context.random)?;
        let wait = self.pace_of(purpose).wait;
        let act = KeyAct::First(SealedKey {
            signs_from: if at_once { AT_ONCE } else { label.now.plus(wait) },
            ..first
        });
        Ok(!self.change(&act).await?.is_empty())
    }
}

/// A new key, made on another thread, since making one for RSA takes its time.
pub(super) async fn generated(algorithm: Algorithm) -> Result<SigningKey, KeyManagerError> {
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
    Ok(made.unwrap_or(Err(KeyError::Crypto))?)
}
