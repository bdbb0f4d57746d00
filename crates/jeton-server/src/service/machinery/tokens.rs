//! The tokens of a session: how they are signed and verified.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use jeton::{
    Claims, Draft, Explanation, IssueError, Issuer, KeyError, KeySet, Verified, Verifier, VerifyError,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    claims::{Access, AnyAccess, GrantAccess, Refresh, ServiceAccess},
    keys::{Keys, KeysByPurpose},
};
use crate::{
    model::{
        acceptance::LEEWAY,
        claims::CustomClaims,
        client::Client,
        id::{SessionId, TokenId, UserId},
        scope,
        session::{Generation, Presented, RefreshProof, Session},
        time::Timestamp,
        user::User,
    },
    service::machinery::rules::Rules,
};

/// Why a session's tokens could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    #[error("a token could not be signed: {0}")]
    Issue(#[from] IssueError),
    #[error("the key that signs this session's refresh tokens is no longer there")]
    KeyGone,
}

/// A session's tokens, as they are handed out.
pub struct Pair {
    pub access: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    pub refresh: Option<String>,
    /// Seconds until the refresh token expires; none without one.
    pub refresh_expires_in: Option<u64>,
    pub session: SessionId,
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pair")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Signs and verifies the tokens of sessions.
#[derive(Debug)]
pub struct Tokens {
    access: Issuer<Access>,
    extended: Issuer<AnyAccess>,
    service: Issuer<ServiceAccess>,
    granted: Issuer<GrantAccess>,
    access_verifier: Verifier,
    /// Takes the access tokens of grants that are for this service's userinfo endpoint.
    userinfo_verifier: Verifier,
    /// Takes the access tokens of this service, whichever resource server they are for.
    issued_verifier: Verifier,
    /// Issuers of refresh tokens by the name of their key, the current one first.
    refresh: Vec<(Arc<str>, Issuer<Refresh>)>,
    refresh_verifier: Verifier,
    /// Verifiers with the same keys and no rules: a token that was signed here names its session and user, whatever its
    /// times are.
    signed_access: Verifier,
    signed_refresh: Verifier,
    issuer: String,
    audience: String,
    access_lifetime: Duration,
}

impl Tokens {
    pub(in crate::service) fn new(keys: &KeysByPurpose, rules: &Rules) -> Result<Self, KeyError> {
        let access_keys = keys.access.verifying()?;
        let refresh_keys = keys.refresh.verifying()?;
        let signed_access = signature_alone(access_keys.clone());
        let signed_refresh = signature_alone(refresh_keys.clone());
        let refresh_verifier = Verifier::builder(refresh_keys)
            .issuer(&rules.issuer)
            .audience(&rules.issuer)
            .leeway(LEEWAY)
            .build();
        Ok(Self {
            access: Issuer::new(keys.access.current.clone(), &rules.issuer, rules.access_lifetime),
            extended: Issuer::new(keys.access.current.clone(), &rules.issuer, rules.access_lifetime),
            service: Issuer::new(keys.access.current.clone(), &rules.issuer, rules.access_lifetime),
            granted: Issuer::new(keys.access.current.clone(), &rules.issuer, rules.access_lifetime),
            userinfo_verifier: Verifier::builder(access_keys.clone())
                .issuer(&rules.issuer)
                .audiences([rules.audience.clone(), userinfo_url(&rules.issuer)])
                .leeway(LEEWAY)
                .build(),
            issued_verifier: Verifier::builder(access_keys.clone())
                .issuer(&rules.issuer)
                .any_audience()
                .leeway(LEEWAY)
                .build(),
            access_verifier: Verifier::builder(access_keys)
                .issuer(&rules.issuer)
                .audience(&rules.audience)
                .leeway(LEEWAY)
                .build(),
            refresh: refresh_issuers(&keys.refresh, rules),
            refresh_verifier,
            signed_access,
            signed_refresh,
            issuer: rules.issuer.clone(),
            audience: rules.audience.clone(),
            access_lifetime: rules.access_lifetime,
        })
    }

    /// The verifier of access tokens.
    #[must_use]
    pub const fn access_verifier(&self) -> &Verifier {
        &self.access_verifier
    }

    /// The name of the key that signs refresh tokens of new sessions, and of those that move on.
    pub(in crate::service) fn refresh_key(&self) -> Arc<str> {
        self.refresh
            .first()
            .map_or_else(Arc::default, |(kid, _)| Arc::clone(kid))
    }

    /// Whether a session's refresh token can be signed: this node has its key.
    pub(in crate::service) fn signs_for(&self, session: &Session) -> bool {
        self.refresh_issuer(session).is_some()
    }

    fn refresh_issuer(&self, session: &Session) -> Option<&Issuer<Refresh>> {
        let named = self.refresh.iter().find(|(kid, _)| **kid == *session.refresh_key);
        named.map(|(_, issuer)| issuer)
    }

    /// The tokens of a session's current generation.
    pub(in crate::service) fn pair(
        &self,
        session: &Session,
        user: &User,
        id: TokenId,
        now: SystemTime,
    ) -> Result<Pair, SignError> {
        let access = self.access_alone(session, user, &user.claims, id, now)?;
        Ok(Pair {
            refresh: Some(self.refresh_token(session)?),
            refresh_expires_in: Some(session.expires_at.since(now.into()).as_secs()),
            ..access
        })
    }

    /// An access token alone, with custom claims. None is signed without a session's row, which says how long it may be
    /// accepted.
    pub(in crate::service) fn access_alone(
        &self,
        session: &Session,
        user: &User,
        custom: &CustomClaims,
        id: TokenId,
        now: SystemTime,
    ) -> Result<Pair, SignError> {
        let expires = session.access_expiry(now.into(), self.access_lifetime);
        let signed = Signed {
            subject: session.user_id,
            id,
            expires,
            now,
        };
        let access = Access::of(session, user);
        let token = if custom.is_empty() {
            self.sign(self.access.draft(&access), &signed)?
        } else {
            let claims = AnyAccess {
                access,
                custom: custom.members().clone().into(),
            };
            self.sign(self.extended.draft(&claims), &signed)?
        };
        Ok(Pair {
            access: token,
            expires_in: expires.since(now.into()).as_secs(),
            refresh: None,
            refresh_expires_in: None,
            session: session.id,
        })
    }

    /// An access token for a program, within the time that its row allows, and the seconds until it expires.
    pub(in crate::service) fn for_service(
        &self,
        client: &Client,
        scope: &str,
        id: TokenId,
        now: SystemTime,
    ) -> Result<(String, u64), SignError> {
        let claims = ServiceAccess {
            client_id: client.id.to_string(),
            uv: client.version.0,
            scope: scope.to_owned(),
        };
        let expires = client.access_expiry(now.into(), self.access_lifetime);
        let signed = Signed {
            subject: client.id.subject(),
            id,
            expires,
            now,
        };
        let token = self.sign(self.service.draft(&claims), &signed)?;
        Ok((token, expires.since(now.into()).as_secs()))
    }

    /// An access token for a client, within the time that its grant's row allows, and the seconds until it expires. It is
    /// for the resources named, or for the service's usual audience.
    pub(in crate::service) fn for_grant(
        &self,
        session: &Session,
        claims: &GrantAccess,
        resources: &[String],
        id: TokenId,
        now: SystemTime,
    ) -> Result<(String, u64), SignError> {
        let expires = session.access_expiry(now.into(), self.access_lifetime);
        let (subject, jti) = (session.user_id.to_string(), id.to_string());
        let userinfo = userinfo_url(&self.issuer);
        let mut draft = self.granted.draft(claims).subject(&subject).id(&jti);
        for resource in resources {
            draft = draft.audience(resource);
        }
        if resources.is_empty() {
            draft = draft.audience(&self.audience);
        } else if claims.has_scope(scope::OPENID) {
            draft = draft.audience(&userinfo);
        }
        let token = draft.not_before(now).expires_at(expires.into()).issue_at(now)?;
        Ok((token, expires.since(now.into()).as_secs()))
    }

    /// The claims of a grant's access token that is good for the userinfo endpoint.
    pub(in crate::service) fn read_for_userinfo(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Verified<GrantAccess>, VerifyError> {
        self.userinfo_verifier.verify_at(token, now)
    }

    /// The claims of an access token of this service, whichever resource server it is for.
    pub(in crate::service) fn read_issued<C: Claims + DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Verified<C>, VerifyError> {
        self.issued_verifier.verify_at(token, now)
    }

    fn sign<C: Claims + Serialize>(
        &self,
        draft: Draft<'_, C>,
        signed: &Signed,
    ) -> Result<String, IssueError> {
        draft
            .subject(&signed.subject.to_string())
            .audience(&self.audience)
            .id(&signed.id.to_string())
            .not_before(signed.now)
            .expires_at(signed.expires.into())
            .issue_at(signed.now)
    }

    /// The refresh token of a session's current generation: the same row, the same bytes.
    pub(in crate::service) fn refresh_token(&self, session: &Session) -> Result<String, SignError> {
        let issuer = self.refresh_issuer(session).ok_or(SignError::KeyGone)?;
        let claims = Refresh {
            sid: session.id,
            generation: session.generation.0,
        };
        let proof =
            base64_simd::URL_SAFE_NO_PAD.encode_to_string(session.proof(session.generation).as_bytes());
        let token = issuer
            .draft(&claims)
            .subject(&session.user_id.to_string())
            .audience(&self.issuer)
            .id(&proof)
            .expires_at(session.expires_at.into())
            .issue_at(session.rotated_at.into())?;
        Ok(token)
    }

    /// Verifies a refresh token's signature and times, and reads what it presents.
    pub(in crate::service) fn read_refresh(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<Presented, VerifyError> {
        presented(&self.refresh_verifier.verify_at(token, now)?)
    }

    /// The explanation, check by check, why a refresh token is accepted or refused.
    pub(in crate::service) fn explain_refresh(&self, token: &str, now: SystemTime) -> Explanation {
        self.refresh_verifier.explain::<Refresh>(token, now)
    }

    /// The claims of an access token that was signed here, whatever its times are.
    pub(in crate::service) fn signed_access<C: Claims + DeserializeOwned>(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Option<Verified<C>> {
        self.signed_access.verify_at(token, now).ok()
    }

    /// The claims and the proof of a refresh token that was signed here, whatever its times are.
    pub(in crate::service) fn signed_refresh(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Option<(Verified<Refresh>, Presented)> {
        let verified: Verified<Refresh> = self.signed_refresh.verify_at(token, now).ok()?;
        let presented = presented(&verified).ok()?;
        Some((verified, presented))
    }
}

/// The address of the userinfo endpoint: the audience of tokens that open it beside their resources.
fn userinfo_url(issuer: &str) -> String {
    format!("{}/oauth/userinfo", issuer.trim_end_matches('/'))
}

/// The registered claims of an access token.
struct Signed {
    subject: UserId,
    id: TokenId,
    expires: Timestamp,
    now: SystemTime,
}

/// A leeway under which times never matter.
pub(super) const AN_AGE: Duration = Duration::from_hours(24 * 365 * 1000);

/// A verifier of form, type and signature alone.
fn signature_alone(keys: KeySet) -> Verifier {
    Verifier::builder(keys)
        .any_issuer()
        .any_audience()
        .leeway(AN_AGE)
        .build()
}

fn presented(verified: &Verified<Refresh>) -> Result<Presented, VerifyError> {
    let proof = verified
        .id()
        .and_then(|id| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(id).ok());
    let proof = proof
        .and_then(|bytes| bytes.try_into().ok())
        .map(RefreshProof::from_bytes);
    let proof = proof.ok_or(VerifyError::InvalidClaim("jti"))?;
    let Refresh { sid, generation } = *verified.claims();
    Ok(Presented::new(sid, Generation(generation), proof))
}

fn refresh_issuers(keys: &Keys, rules: &Rules) -> Vec<(Arc<str>, Issuer<Refresh>)> {
    let named = |key: &jeton::SigningKey| {
        let kid = Arc::from(key.kid().unwrap_or_default());
        (
            kid,
            Issuer::new(key.clone(), &rules.issuer, rules.refresh_lifetime),
        )
    };
    keys.iter().map(named).collect()
}
