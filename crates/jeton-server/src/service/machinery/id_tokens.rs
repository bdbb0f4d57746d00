//! ID tokens (OpenID Connect Core §2) and what else is signed for a client: how they are signed, and how an ID token
//! that comes back is read.
//!
//! None of them opens anything here: their `typ` is not that of an access token, and the keys that access tokens verify
//! with are others, but for ES256.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_lc_rs::digest::{Algorithm as Hash, SHA256, SHA512, digest};
use jeton::{
    Algorithm, Claims, Issuer, KeyError, KeySet, SigningKey, Verified, Verifier, VerifyError, json::Object,
    jws,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    keys::{IdTokenKeys, KeysByPurpose},
    tokens::{AN_AGE, SignError},
};
use crate::model::{
    client::registration::IdTokenAlg,
    id::{SessionId, UserId},
    time::Timestamp,
};

#[cfg(test)]
mod tests;

/// What an ID token says beside `iss`, `iat` and `exp`.
pub struct IdTokenClaims<'a> {
    pub subject: UserId,
    /// The client, the token's only audience.
    pub client_id: &'a str,
    pub session: SessionId,
    /// When the user last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// The client's, unchanged.
    pub nonce: Option<&'a str>,
    pub acr: Option<&'a str>,
    /// How the user proved who they are (RFC 8176).
    pub amr: &'a [&'a str],
    /// The access token handed out beside it, which `at_hash` binds to it.
    pub access_token: Option<&'a str>,
    /// Claims about the user, such as `name` and `email`. The token's own claims win over those of the same name.
    pub about_user: Map<String, Value>,
}

impl fmt::Debug for IdTokenClaims<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenClaims")
            .field("client_id", &self.client_id)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// A text signed for a client that is no ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A signed answer of the userinfo endpoint (OpenID Connect Core §5.3.2).
    Userinfo,
    /// A logout token (OpenID Connect Back-Channel Logout §2.4).
    LogoutToken,
    /// A signed answer of the introspection endpoint (RFC 9701 §5).
    Introspection,
}

impl Statement {
    /// The `typ` of its header.
    #[must_use]
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Userinfo => "JWT",
            Self::LogoutToken => "logout+jwt",
            Self::Introspection => "token-introspection+jwt",
        }
    }
}

/// An ID token that came back, as `id_token_hint`. An ID token has a session and an end; no other text signed here has
/// its `typ` and both.
#[derive(Clone, Debug, Deserialize)]
pub struct IdTokenHint {
    pub sid: SessionId,
    pub auth_time: Option<i64>,
}

impl Claims for IdTokenHint {
    const TYP: &'static str = IdToken::TYP;
}

/// The claims of an ID token beside the registered ones.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct IdToken(Object);

impl Claims for IdToken {
    const TYP: &'static str = "JWT";
}

/// Claims that every token here sets itself.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Signs for clients of one algorithm, with the key that signs now.
#[derive(Debug)]
pub struct IdTokenSigner {
    alg: IdTokenAlg,
    key: SigningKey,
    issuer: Issuer<IdToken>,
    /// The service's, as `iss` has it.
    name: String,
}

impl IdTokenSigner {
    fn new(alg: IdTokenAlg, key: SigningKey, name: &str, lifetime: Duration) -> Self {
        Self {
            alg,
            issuer: Issuer::new(key.clone(), name, lifetime),
            key,
            name: name.to_owned(),
        }
    }

    /// An ID token. It expires when an access token of the same moment does.
    ///
    /// # Errors
    ///
    /// [`SignError`] when the claims are more than a token may hold, or a primitive fails.
    pub fn id_token(&self, claims: &IdTokenClaims<'_>, now: SystemTime) -> Result<String, SignError> {
        let own = IdToken(self.own_claims(claims).into());
        let token = self
            .issuer
            .draft(&own)
            .subject(&claims.subject.to_string())
            .audience(claims.client_id)
            .issue_at(now)?;
        Ok(token)
    }

    fn own_claims(&self, claims: &IdTokenClaims<'_>) -> Map<String, Value> {
        let mut own = claims.about_user.clone();
        own.retain(|name, _| !REGISTERED.contains(&name.as_str()));
        let hash = claims.access_token.map(|token| self.half_hash(token));
        let amr = (!claims.amr.is_empty()).then_some(claims.amr);
        for (name, value) in [
            ("sid", Some(json!(claims.session))),
            ("auth_time", claims.auth_time.map(|time| json!(time.seconds()))),
            ("nonce", claims.nonce.map(Value::from)),
            ("acr", claims.acr.map(Value::from)),
            ("amr", amr.map(|methods| json!(methods))),
            ("at_hash", hash.map(Value::from)),
        ] {
            match value {
                Some(value) => own.insert(name.to_owned(), value),
                None => own.remove(name),
            };
        }
        own
    }

    /// The left half of a token's hash, by the hash of the signature (OpenID Connect Core §3.1.3.6).
    fn half_hash(&self, token: &str) -> String {
        let hash: &'static Hash = match self.alg {
            IdTokenAlg::Es256 | IdTokenAlg::Rs256 => &SHA256,
            // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
            IdTokenAlg::EdDsa => &SHA512,
        };
        let hash = digest(hash, token.as_bytes());
        let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(left)
    }

    /// A text about something for one client: `claims`, and this service as `iss`, the client as `aud`, and `iat`.
    ///
    /// # Errors
    ///
    /// [`SignError`] when the claims are more than a token may hold, or a primitive fails.
    pub fn statement(
        &self,
        statement: Statement,
        client_id: &str,
        claims: Map<String, Value>,
        now: SystemTime,
    ) -> Result<String, SignError> {
        let mut claims = claims;
        for (name, value) in [
            ("iss", json!(self.name)),
            ("aud", json!(client_id)),
            ("iat", json!(Timestamp::from(now).seconds())),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let signer = jws::Signer::new(self.key.clone()).member("typ", statement.typ());
        Ok(signer.sign(Value::Object(claims).to_string().as_bytes())?)
    }
}

/// Why nothing is signed for clients of an algorithm at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotSigning {
    #[error("the key for {} ID tokens is new and signs from {until} on, when everybody has it", alg.as_str())]
    NotYet { alg: IdTokenAlg, until: Timestamp },
    #[error("there is no key for {} ID tokens", alg.as_str())]
    NoKey { alg: IdTokenAlg },
}

/// Signs and reads ID tokens with the keys of one moment.
#[derive(Debug)]
pub(in crate::service) struct IdTokens {
    /// In the order of [`IdTokenAlg::ALL`].
    signers: [Result<Arc<IdTokenSigner>, NotSigning>; IdTokenAlg::ALL.len()],
    hints: Verifier,
}

impl IdTokens {
    pub(super) fn new(keys: &KeysByPurpose, issuer: &str, lifetime: Duration) -> Result<Self, KeyError> {
        let access = || keys.access.iter().filter(|key| is_of(key, IdTokenAlg::Es256));
        let own = keys.id_tokens.iter().flat_map(IdTokenKeys::iter);
        let verifying = KeySet::new(access().chain(own).map(SigningKey::verifying_key))?;
        let current = &keys.access.current;
        let signer = |alg: IdTokenAlg| {
            let of_access = Some(current).filter(|key| alg == IdTokenAlg::Es256 && is_of(key, alg));
            let own = keys.id_tokens.iter().find(|keys| keys.alg == alg);
            let key = of_access.or_else(|| own?.current.as_ref());
            match (key, own.and_then(|own| own.next)) {
                (Some(key), _) => Ok(Arc::new(IdTokenSigner::new(alg, key.clone(), issuer, lifetime))),
                (None, Some(until)) => Err(NotSigning::NotYet { alg, until }),
                (None, None) => Err(NotSigning::NoKey { alg }),
            }
        };
        Ok(Self {
            signers: IdTokenAlg::ALL.map(signer),
            hints: Verifier::builder(verifying)
                .issuer(issuer)
                .any_audience()
                .leeway(AN_AGE)
                .build(),
        })
    }

    /// The signer for clients of this algorithm.
    pub(in crate::service) fn signer(&self, alg: IdTokenAlg) -> Result<Arc<IdTokenSigner>, NotSigning> {
        let place = IdTokenAlg::ALL.iter().position(|known| *known == alg);
        let found = place.and_then(|place| self.signers.get(place)).cloned();
        found.unwrap_or(Err(NotSigning::NoKey { alg }))
    }

    /// Reads an ID token that was signed here, whatever its times are.
    pub(in crate::service) fn read_hint(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Verified<IdTokenHint>, VerifyError> {
        self.hints.verify_at(token, now)
    }
}

/// The algorithm of an ID token's key.
#[must_use]
pub const fn algorithm_of(alg: IdTokenAlg) -> Algorithm {
    match alg {
        IdTokenAlg::Es256 => Algorithm::Es256,
        IdTokenAlg::Rs256 => Algorithm::Rs256,
        IdTokenAlg::EdDsa => Algorithm::EdDsa,
    }
}

fn is_of(key: &SigningKey, alg: IdTokenAlg) -> bool {
    key.algorithm() == algorithm_of(alg)
}
