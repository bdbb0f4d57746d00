use std::{collections::HashMap, sync::Arc};

use jeton::{JwkSet, KeyError, KeySet, SigningKey};

use super::{IdTokenKeys, KeyManagerError, KeySealer, Keys, KeysByPurpose, Secrets};
use crate::{
    model::{
        client::registration::IdTokenAlg,
        key::{Phase, Purpose, SealedKey, signer, signs_next},
        time::Timestamp,
    },
    service::machinery::{id_tokens::IdTokens, playground::Playground, rules::Rules, tokens::Tokens},
};

/// The keys that a node signs and verifies with, until something about them changes.
#[derive(Debug)]
pub(in crate::service) struct ActiveKeys {
    pub(in crate::service) tokens: Arc<Tokens>,
    pub(in crate::service) playground: Arc<Playground>,
    pub(in crate::service) id_tokens: Arc<IdTokens>,
    /// The public keys, by which others verify access and ID tokens.
    pub(in crate::service) published: JwkSet,
    /// All keys in the database, as they were read.
    pub(in crate::service) keys: Vec<SealedKey>,
    /// Keys that would sign or verify and cannot be opened, with the reason; or purposes that no key signs for.
    pub(in crate::service) lacking: Vec<(String, String)>,
    opened: HashMap<String, SigningKey>,
    by_purpose: KeysByPurpose,
    moment: Moment,
}

/// State that follows from the time.
#[derive(Debug, PartialEq, Eq)]
struct Moment {
    phases: Vec<Phase>,
    accepts_previous_secret: bool,
}

/// The means to open and use keys, beside the database.
pub(super) struct Means<'a> {
    pub(super) sealer: &'a KeySealer,
    pub(super) secrets: &'a Secrets,
    pub(super) rules: &'a Rules,
}

impl ActiveKeys {
    /// Opens the keys as they were read.
    ///
    /// # Errors
    ///
    /// [`KeyManagerError`] when a key that would sign or verify cannot be had.
    pub(super) fn first(
        keys: Vec<SealedKey>,
        means: &Means<'_>,
        now: Timestamp,
    ) -> Result<Self, KeyManagerError> {
        let mut opened = HashMap::new();
        for key in needed(&keys, means, now) {
            opened.insert(key.kid.clone(), means.sealer.open(key)?);
        }
        let of =
            |purpose| of_database(&keys, &opened, purpose, now).ok_or(KeyManagerError::NoSigner { purpose });
        let access = match of_secret(means.secrets)? {
            Some(secret) => secret,
            None => of(Purpose::Access)?,
        };
        let by_purpose = KeysByPurpose {
            access,
            refresh: of(Purpose::Refresh)?,
            playground: of(Purpose::Playground)?,
            id_tokens: of_id_tokens(&keys, &opened, now),
        };
        Self::new(keys, opened, Vec::new(), by_purpose, means, now)
    }

    /// Opens the keys of a node that has some already. A key that cannot be opened is noted as lacking; those in use
    /// stay as far as they may. None where nothing has changed.
    pub(super) fn next(
        &self,
        keys: Vec<SealedKey>,
        means: &Means<'_>,
        now: Timestamp,
    ) -> Result<Option<Self>, KeyManagerError> {
        let is_as_before = self.keys == keys && self.moment == Moment::of(&keys, means.secrets, now);
        if is_as_before && self.lacking.is_empty() {
            return Ok(None);
        }
        let (mut opened, mut lacking) = (HashMap::new(), Vec::new());
        for key in needed(&keys, means, now) {
            let known = self.opened.get(&key.kid).cloned().map(Ok);
            match known.unwrap_or_else(|| means.sealer.open(key)) {
                Ok(signing) => drop(opened.insert(key.kid.clone(), signing)),
                Err(error) => lacking.push((key.kid.clone(), error.to_string())),
            }
        }
        // Without a signer the keys of before stay in use, and the node reports that it is not ready.
        let mut of = |purpose: Purpose, before: &Keys| {
            of_database(&keys, &opened, purpose, now).unwrap_or_else(|| {
                lacking.push((
                    purpose.as_str().to_owned(),
                    KeyManagerError::NoSigner { purpose }.to_string(),
                ));
                before.clone()
            })
        };
        let access = match of_secret(means.secrets)? {
            Some(secret) => secret,
            None => of(Purpose::Access, &self.by_purpose.access),
        };
        let by_purpose = KeysByPurpose {
            access,
            refresh: of(Purpose::Refresh, &self.by_purpose.refresh),
            playground: of(Purpose::Playground, &self.by_purpose.playground),
            id_tokens: of_id_tokens(&keys, &opened, now),
        };
        // Lacking keys are tried again at each reading; as long as the same ones are lacking, nothing has changed.
        if is_as_before && lacking == self.lacking {
            return Ok(None);
        }
        Self::new(keys, opened, lacking, by_purpose, means, now).map(Some)
    }

    /// The names of the keys that sign.
    pub(super) fn signing(&self) -> Vec<(Purpose, String)> {
        let KeysByPurpose {
            access,
            refresh,
            playground,
            id_tokens,
        } = &self.by_purpose;
        let always = [
            (Purpose::Access, access),
            (Purpose::Refresh, refresh),
            (Purpose::Playground, playground),
        ];
        let always = always.map(|(purpose, keys)| (purpose, &keys.current));
        let id_tokens = id_tokens
            .iter()
            .filter_map(|keys| Some((Purpose::IdToken(keys.alg), keys.current.as_ref()?)));
        always
            .into_iter()
            .chain(id_tokens)
            .map(|(purpose, key)| (purpose, key.kid().unwrap_or_default().to_owned()))
            .collect()
    }

    fn new(
        keys: Vec<SealedKey>,
        opened: HashMap<String, SigningKey>,
        lacking: Vec<(String, String)>,
        by_purpose: KeysByPurpose,
        means: &Means<'_>,
        now: Timestamp,
    ) -> Result<Self, KeyManagerError> {
        let moment = Moment::of(&keys, means.secrets, now);
        // In the copy only: the previous secret verifies until its time is over, and is no part of the keys.
        let mut verified_with = by_purpose.clone();
        if let Some(previous) = &means.secrets.previous
            && moment.accepts_previous_secret
        {
            verified_with.access.others.push(previous.secret.signing_key()?);
        }
        Ok(Self {
            tokens: Arc::new(Tokens::new(&verified_with, means.rules)?),
            playground: Arc::new(Playground::new(&by_purpose.playground)?),
            id_tokens: Arc::new(IdTokens::new(
                &by_purpose,
                &means.rules.issuer,
                means.rules.access_lifetime,
            )?),
            published: published(&by_purpose)?,
            keys,
            lacking,
            opened,
            by_purpose,
            moment,
        })
    }
}

impl Moment {
    fn of(keys: &[SealedKey], secrets: &Secrets, now: Timestamp) -> Self {
        let previous = secrets.previous.as_ref();
        Self {
            phases: keys.iter().map(|key| key.phase(keys, now)).collect(),
            accepts_previous_secret: previous.is_some_and(|previous| now < previous.until),
        }
    }
}

/// The keys in the database that sign or verify now or will.
fn needed<'k>(
    keys: &'k [SealedKey],
    means: &Means<'_>,
    now: Timestamp,
) -> impl Iterator<Item = &'k SealedKey> {
    let has_secret = means.secrets.current.is_some();
    keys.iter().filter(move |key| {
        !key.is_retired(now)
            && match key.purpose {
                // A shared secret is nobody's to verify with, so there are no ID tokens beside it.
                Purpose::Access | Purpose::IdToken(_) => !has_secret,
                Purpose::Refresh | Purpose::Playground => true,
                Purpose::Root => false,
            }
    })
}

fn of_secret(secrets: &Secrets) -> Result<Option<Keys>, KeyManagerError> {
    let Some(secret) = &secrets.current else {
        return Ok(None);
    };
    Ok(Some(Keys {
        current: secret.signing_key()?,
        others: Vec::new(),
    }))
}

/// The keys of a purpose that were opened; none when none of them signs.
fn of_database(
    keys: &[SealedKey],
    opened: &HashMap<String, SigningKey>,
    purpose: Purpose,
    now: Timestamp,
) -> Option<Keys> {
    let usable = || {
        keys.iter()
            .filter(|key| key.purpose == purpose && opened.contains_key(&key.kid))
    };
    let signer = signer(usable(), purpose, now)?;
    let others = usable().filter(|key| key.kid != signer.kid);
    Some(Keys {
        current: opened.get(&signer.kid)?.clone(),
        others: others.filter_map(|key| opened.get(&key.kid).cloned()).collect(),
    })
}

/// The keys of ID tokens that were opened.
fn of_id_tokens(
    keys: &[SealedKey],
    opened: &HashMap<String, SigningKey>,
    now: Timestamp,
) -> Vec<IdTokenKeys> {
    let of = |alg| {
        let purpose = Purpose::IdToken(alg);
        let usable = || {
            keys.iter()
                .filter(|key| key.purpose == purpose && opened.contains_key(&key.kid))
        };
        let signer = signer(usable(), purpose, now);
        let others = usable().filter(|key| signer.is_none_or(|signer| signer.kid != key.kid));
        IdTokenKeys {
            alg,
            current: signer.and_then(|key| opened.get(&key.kid)).cloned(),
            others: others.filter_map(|key| opened.get(&key.kid).cloned()).collect(),
            next: signs_next(usable(), purpose, now),
        }
    };
    IdTokenAlg::ALL.into_iter().map(of).collect()
}

/// The public halves of the keys whose tokens others verify, those included that are yet to sign.
fn published(keys: &KeysByPurpose) -> Result<JwkSet, KeyError> {
    let id_tokens = keys.id_tokens.iter().flat_map(IdTokenKeys::iter);
    let all = keys.access.iter().chain(id_tokens);
    Ok(KeySet::new(all.map(SigningKey::verifying_key))?.to_jwks())
}
