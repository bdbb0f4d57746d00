use std::time::Duration;

use jeton::{Algorithm, SigningKey};

use super::{end_compromised_sessions, id_tokens::generated};
use crate::{
    model::{
        acceptance::LEEWAY,
        audit::Actor,
        key::{AT_ONCE, Changes, KeyAct, NewKey, Pace, Phase, Purpose, Refusal, SealedKey, signer},
        time::Timestamp,
    },
    service::{
        Failure, Rules, Service,
        accounts::admin::RecentAdministrator,
        context::Context,
        machinery::{
            id_tokens::algorithm_of,
            keys::{KeyManagerError, KeySealer, Label, lifetime},
        },
    },
    store::StoreError,
};

/// Acts on keys, by one actor.
#[derive(Clone, Copy, Debug)]
pub struct KeyAdministration<'a> {
    pub context: Context<'a>,
    pub rules: &'a Rules,
    /// Whether a secret from the settings signs access tokens.
    pub has_secret: bool,
    pub by: Actor,
}

/// The times of a rotation.
#[derive(Clone, Debug)]
pub struct Plan {
    pub purpose: Purpose,
    /// The name of the new key; none where nothing was made.
    pub kid: Option<String>,
    pub published_at: Timestamp,
    pub signs_from: Timestamp,
    /// The keys it succeeds, and until when their tokens are accepted.
    pub replaced: Vec<(String, Timestamp)>,
    /// How many sessions ended with their key.
    pub sessions_ended: usize,
}

/// Why an act on keys was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyActError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(
        "access tokens are signed with JWT_SECRET: put a new secret there, and the one before into JWT_SECRET_PREVIOUS"
    )]
    Secret,
    #[error(
        "{algorithm} cannot sign refresh tokens: the same session must always give the same token, and they are for \
         this service alone; HS256, HS384 and HS512 can"
    )]
    NotForRefresh { algorithm: Algorithm },
    #[error(
        "{algorithm} cannot be the algorithm of {purpose}: the clients these keys sign for registered another"
    )]
    NotForIdTokens { purpose: Purpose, algorithm: Algorithm },
    #[error(
        "access tokens are signed with JWT_SECRET, beside which there are no ID tokens and no keys for them"
    )]
    NoIdTokens,
    #[error(
        "the key's name is not 1 to 128 characters of visible ASCII: change its `kid`, or leave that out"
    )]
    Name,
    #[error(transparent)]
    Keys(#[from] KeyManagerError),
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Service {
    /// The acts on keys open to an administrator.
    #[must_use]
    pub fn key_administration(&self, by: Actor) -> KeyAdministration<'_> {
        KeyAdministration {
            context: self.context(),
            rules: &self.rules,
            has_secret: self.keys.has_secret(),
            by,
        }
    }

    /// Puts a new key in the place of the one that signs, of the same algorithm unless another is named. This node has it
    /// from the answer on; the others read of it within half a second.
    ///
    /// # Errors
    ///
    /// [`KeyActError`] when it cannot be, or not now.
    pub async fn rotate_key(
        &self,
        admin: &RecentAdministrator,
        purpose: Purpose,
        algorithm: Option<Algorithm>,
        emergency: bool,
    ) -> Result<Plan, KeyActError> {
        let keys = self.key_administration(admin.actor());
        let plan = keys.rotate(self.sealer(), purpose, algorithm, emergency).await?;
        self.catch_up_with_keys().await;
        Ok(plan)
    }

    /// Takes in a key that was made. It is there whatever becomes of this.
    pub(super) async fn catch_up_with_keys(&self) {
        if let Err(error) = self.catch_up(self.clock.instant()).await {
            tracing::error!(%error, "the keys and revocations could not be read");
        }
    }
}

impl KeyAdministration<'_> {
    /// Every key that signs, signed or will, with its phase now; the newest first.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn list(&self) -> Result<Vec<(SealedKey, Phase)>, Failure> {
        let keys = self.context.store.keys().await?;
        let now = self.context.now();
        let listed = keys.iter().filter(|key| key.purpose != Purpose::Root);
        Ok(listed.map(|key| (key.clone(), key.phase(&keys, now))).collect())
    }

    /// The plan that a rotation would have now. Nothing is done.
    ///
    /// # Errors
    ///
    /// [`KeyActError`] when a rotation would be refused.
    pub async fn plan(&self, purpose: Purpose, emergency: bool) -> Result<Plan, KeyActError> {
        self.require_keys_of(purpose)?;
        let nobody = SealedKey {
            kid: String::new(),
            purpose,
            algorithm: String::new(),
            sealed: Vec::new(),
            created_at: self.context.now(),
            signs_from: AT_ONCE,
            accepted_until: None,
            lifetime: lifetime(purpose, self.rules),
        };
        let act = KeyAct::Rotate(self.new_key(nobody, emergency, false));
        let changes = act.decide(&self.context.store.keys().await.map_err(Failure::from)?)?;
        let plan = Plan::of(&changes, purpose, self.context.now());
        Ok(Plan { kid: None, ..plan })
    }

    /// Makes a key that succeeds the signing one, of the same algorithm unless another is named.
    ///
    /// # Errors
    ///
    /// [`KeyActError`] when it cannot be, or not now.
    pub async fn rotate(
        &self,
        sealer: &KeySealer,
        purpose: Purpose,
        algorithm: Option<Algorithm>,
        emergency: bool,
    ) -> Result<Plan, KeyActError> {
        self.require_keys_of(purpose)?;
        let keys = self.context.store.keys().await.map_err(Failure::from)?;
        let algorithm = match algorithm {
            Some(algorithm) => algorithm,
            None => algorithm_in_use(&keys, purpose, self.context.now())?,
        };
        require_fit(purpose, algorithm)?;
        let key = generated(algorithm).await?;
        self.put(sealer, &keys, purpose, &key, emergency, false).await
    }

    /// Rotates to a key that was made elsewhere.
    ///
    /// # Errors
    ///
    /// [`KeyActError`] when it cannot be, or not now.
    pub async fn import(
        &self,
        sealer: &KeySealer,
        purpose: Purpose,
        key: &SigningKey,
        emergency: bool,
    ) -> Result<Plan, KeyActError> {
        self.require_keys_of(purpose)?;
        require_fit(purpose, key.algorithm())?;
        if key.kid().is_some_and(|kid| !is_name(kid)) {
            return Err(KeyActError::Name);
        }
        let keys = self.context.store.keys().await.map_err(Failure::from)?;
        self.put(sealer, &keys, purpose, key, emergency, true).await
    }

    /// Retires a key that does not sign, and ends the sessions whose refresh tokens it signed; gives up one that does
    /// not sign yet. Returns how many sessions ended.
    ///
    /// # Errors
    ///
    /// [`KeyActError`] when there is no such key, or it signs.
    pub async fn retire(&self, kid: &str) -> Result<usize, KeyActError> {
        let act = KeyAct::Retire {
            kid: kid.to_owned(),
            by: self.by,
            now: self.context.now(),
        };
        let changes = self.change(&act).await?;
        self.end_sessions(&changes).await
    }

    /// Seals every key under the current master key, in one transaction, and returns how many were not.
    ///
    /// # Errors
    ///
    /// [`KeyActError`] when one of them opens with neither master key.
    pub async fn reseal(&self, sealer: &KeySealer) -> Result<usize, KeyActError> {
        loop {
            let keys = self.context.store.keys().await.map_err(Failure::from)?;
            let act = KeyAct::Reseal {
                resealed: sealer.reseal(&keys, self.context.now(), self.context.random)?,
                by: self.by,
                now: self.context.now(),
            };
            match self.change(&act).await {
                Err(KeyActError::Refused(Refusal::Changed)) => {}
                outcome => return outcome.map(|changes| changes.changed.len()),
            }
        }
    }

    async fn put(
        &self,
        sealer: &KeySealer,
        keys: &[SealedKey],
        purpose: Purpose,
        key: &SigningKey,
        emergency: bool,
        imported: bool,
    ) -> Result<Plan, KeyActError> {
        let label = Label {
            purpose,
            lifetime: lifetime(purpose, self.rules),
            now: self.context.now(),
        };
        let new = sealer.seal(keys, key, &label, self.context.random)?;
        let act = KeyAct::Rotate(self.new_key(new, emergency, imported));
        if purpose == Purpose::Access {
            act.decide(keys)?;
            self.part_with_id_tokens(sealer, keys, key.algorithm(), emergency)
                .await?;
        }
        let changes = self.change(&act).await?;
        let plan = Plan::of(&changes, purpose, label.now);
        Ok(Plan {
            sessions_ended: self.end_sessions(&changes).await?,
            ..plan
        })
    }

    pub(super) async fn change(&self, act: &KeyAct) -> Result<Changes, KeyActError> {
        let changed = self.context.store.change_keys(act).await.map_err(Failure::from)?;
        Ok(changed?)
    }

    /// Ends the sessions of keys that are accepted no longer. If this is cut off, the servers end the rest.
    async fn end_sessions(&self, changes: &Changes) -> Result<usize, KeyActError> {
        let now = self.context.now();
        let mut ended = 0;
        let lost = changes.changed.iter().filter(|key| key.is_retired(now));
        for key in lost.filter(|key| key.purpose == Purpose::Refresh) {
            let by = Some(self.by);
            let outcome =
                end_compromised_sessions(self.context.store, self.context.revocations, &key.kid, by, now)
                    .await;
            ended += outcome.map_err(Failure::from)?;
        }
        Ok(ended)
    }

    fn new_key(&self, key: SealedKey, emergency: bool, imported: bool) -> NewKey {
        NewKey {
            pace: (!emergency).then(|| self.pace_of(key.purpose)),
            key,
            imported,
            by: self.by,
        }
    }

    pub(super) fn require_keys_of(&self, purpose: Purpose) -> Result<(), KeyActError> {
        match purpose {
            Purpose::Access if self.has_secret => Err(KeyActError::Secret),
            Purpose::IdToken(_) if self.has_secret => Err(KeyActError::NoIdTokens),
            _ => Ok(()),
        }
    }

    /// The pace of a purpose's keys: every cache of the key set, and every node that is not stale, has a new key before
    /// it signs.
    pub(super) fn pace_of(&self, purpose: Purpose) -> Pace {
        let heard = self.rules.revocation_max_lag + LEEWAY;
        let cached = if purpose.is_published() {
            self.rules.jwks_max_age
        } else {
            Duration::ZERO
        };
        Pace {
            wait: cached + heard,
            settle: heard + LEEWAY,
        }
    }
}

impl Plan {
    fn of(changes: &Changes, purpose: Purpose, now: Timestamp) -> Self {
        let added = changes.added.first();
        let replaced = changes.changed.iter();
        Self {
            purpose,
            kid: added.map(|key| key.kid.clone()),
            published_at: added.map_or(now, |key| key.created_at),
            signs_from: added.map_or(now, SealedKey::begins),
            replaced: replaced
                .filter_map(|key| Some((key.kid.clone(), key.accepted_until?)))
                .collect(),
            sessions_ended: 0,
        }
    }
}

fn algorithm_in_use(keys: &[SealedKey], purpose: Purpose, now: Timestamp) -> Result<Algorithm, KeyActError> {
    if let Purpose::IdToken(alg) = purpose {
        return Ok(algorithm_of(alg));
    }
    let signer = signer(keys, purpose, now).ok_or(Refusal::NoKeys)?;
    let algorithm = signer.algorithm.parse().map_err(|_| KeyManagerError::Algorithm {
        kid: signer.kid.clone(),
        algorithm: signer.algorithm.clone(),
    })?;
    Ok(algorithm)
}

fn require_fit(purpose: Purpose, algorithm: Algorithm) -> Result<(), KeyActError> {
    match purpose {
        Purpose::Refresh if !algorithm.is_symmetric() => Err(KeyActError::NotForRefresh { algorithm }),
        Purpose::IdToken(alg) if algorithm != algorithm_of(alg) => {
            Err(KeyActError::NotForIdTokens { purpose, algorithm })
        }
        _ => Ok(()),
    }
}

/// Whether a text can name a key: names are typed on command lines and stand in every token.
fn is_name(kid: &str) -> bool {
    (1..=128).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic())
}

impl From<StoreError> for KeyActError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
