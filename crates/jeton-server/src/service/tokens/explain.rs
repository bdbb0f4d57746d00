//! Explanations why a token is accepted or refused: every check with its outcome, and the facts in the database.

use std::time::SystemTime;

use jeton::{Explanation, Outcome, Verified};
use serde_json::{Map, Value};

use crate::{
    model::{
        id::{TokenId, UserId},
        session::{Presented, Verdict},
        time::Timestamp,
    },
    service::{
        Failure, Service,
        machinery::{
            claims::{Access, AccessClaims, AnyAccess, Refresh, ServiceAccess, all_claims},
            revoked::{RevocableClaims, RevocationStatus},
        },
    },
};

mod facts;
mod verdict;

pub use facts::{SessionFacts, TokenFacts, UserFacts, WhyOver};

/// The explanation of a token. It names ids and times, and no secret.
#[derive(Clone, Debug)]
pub struct Explained {
    pub kind: Kind,
    pub checks: Vec<CheckMade>,
    /// Facts of a token that was signed here; none of another, whose claims anybody can have written.
    pub token: Option<TokenFacts>,
    pub user: Option<UserFacts>,
    pub session: Option<SessionFacts>,
    /// Whether the token would be accepted now.
    pub good: bool,
    /// The answer in one sentence.
    pub verdict: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Access,
    Refresh,
    Playground,
    /// Not signed here, and of no type that tokens here have.
    Unknown,
}

impl Kind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Playground => "playground",
            Self::Unknown => "unknown",
        }
    }
}

/// One check of a token; they stand in the order in which they are made.
#[derive(Clone, Debug)]
pub struct CheckMade {
    pub name: &'static str,
    pub outcome: &'static str,
    pub reason: Option<String>,
    pub hint: Option<&'static str>,
}

impl Service {
    /// Explains whether a text would be accepted as a token now, and why or why not. Nothing changes: a refresh token
    /// is not exchanged.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn explain(&self, token: &str) -> Result<Explained, Failure> {
        let now = self.clock.now();
        if let Some((verified, presented)) = self.tokens().signed_refresh(token, now) {
            return self.explain_refresh(token, &verified, &presented, now).await;
        }
        if let Some(verified) = self.tokens().signed_access::<Access>(token, now) {
            return self.explain_access(token, &verified, now).await;
        }
        if let Some(verified) = self.tokens().signed_access::<ServiceAccess>(token, now) {
            return self.explain_service(token, &verified, now).await;
        }
        if let Some(explained) = self.explain_sample(token) {
            return Ok(explained);
        }
        Ok(self.explain_foreign(token, now))
    }

    /// Every claim of an access token or a sample that was signed here, whether or not it is still accepted.
    #[must_use]
    pub fn claims_of(&self, token: &str) -> Option<Map<String, Value>> {
        match self.tokens().signed_access::<AnyAccess>(token, self.clock.now()) {
            Some(verified) => Some(all_claims(&verified)),
            None => self.verify_sample(token).ok().flatten(),
        }
    }

    async fn explain_access(
        &self,
        token: &str,
        verified: &Verified<Access>,
        now: SystemTime,
    ) -> Result<Explained, Failure> {
        let version = Some(verified.claims().version());
        let user = match user_of(verified) {
            Some(id) => Some(self.user_facts(id, version).await?),
            None => None,
        };
        let session = self.session_facts(verified.claims().sid, None).await?;
        Ok(self.explained(token, verified, user, Some(session), now))
    }

    async fn explain_service(
        &self,
        token: &str,
        verified: &Verified<ServiceAccess>,
        now: SystemTime,
    ) -> Result<Explained, Failure> {
        let version = verified.claims().version();
        let client = match user_of(verified) {
            Some(id) => Some(self.client_facts(id, version).await?),
            None => None,
        };
        Ok(self.explained(token, verified, client, None, now))
    }

    fn explained<C: AccessClaims>(
        &self,
        token: &str,
        verified: &Verified<C>,
        user: Option<UserFacts>,
        session: Option<SessionFacts>,
        now: SystemTime,
    ) -> Explained {
        let explanation = self.tokens().access_verifier().explain::<C>(token, now);
        let id: Option<TokenId> = verified.id().and_then(|id| id.parse().ok());
        let facts = TokenFacts {
            id: verified.id().map(str::to_owned),
            revoked: id.is_some_and(|id| self.revocations.set().names_token(&id)),
            from_before: self
                .revocations
                .set()
                .is_from_before(verified.issued_at().map(Timestamp::from)),
            ..TokenFacts::of(verified)
        };
        let status = user.as_ref().map_or(RevocationStatus::Revoked, |user| {
            self.token_status(&RevocableClaims {
                id: verified.id(),
                issued_at: verified.issued_at().map(Timestamp::from),
                session: verified.claims().session().copied(),
                user: user.id,
                version: verified.claims().version(),
            })
        });
        let verdict = verdict::of_access(&explanation, status, &facts, user.as_ref(), session.as_ref());
        Explained {
            kind: Kind::Access,
            checks: made(&explanation),
            good: explanation.error().is_none() && status == RevocationStatus::Live,
            token: Some(facts),
            user,
            session,
            verdict,
        }
    }

    async fn explain_refresh(
        &self,
        token: &str,
        verified: &Verified<Refresh>,
        presented: &Presented,
        now: SystemTime,
    ) -> Result<Explained, Failure> {
        let explanation = self.tokens().explain_refresh(token, now);
        let user = match user_of(verified) {
            Some(id) => Some(self.user_facts(id, None).await?),
            None => None,
        };
        let session = self
            .session_facts(presented.session(), Some(presented.generation().0))
            .await?;
        let of_row = session
            .row
            .as_ref()
            .map(|row| row.verdict(presented, now.into(), self.rules.refresh_grace));
        let may_refresh = user.as_ref().is_some_and(|user| user.exists && !user.disabled);
        let good = explanation.error().is_none()
            && may_refresh
            && matches!(of_row, Some(Verdict::Current | Verdict::Replay));
        Ok(Explained {
            kind: Kind::Refresh,
            checks: made(&explanation),
            verdict: verdict::of_refresh(&explanation, of_row, user.as_ref(), &session),
            token: Some(TokenFacts::of(verified)),
            user,
            session: Some(session),
            good,
        })
    }

    fn explain_sample(&self, token: &str) -> Option<Explained> {
        let outcome = self.verify_sample(token).transpose()?;
        let (good, verdict) = match outcome {
            Ok(_) => (
                true,
                "It is a sample of the playground: /verify-token accepts it, and it opens nothing."
                    .to_owned(),
            ),
            Err(error) => (
                false,
                format!("It is a sample of the playground, and refused: {error}."),
            ),
        };
        Some(Explained {
            kind: Kind::Playground,
            checks: vec![CheckMade {
                name: "signature",
                outcome: PASSED,
                reason: None,
                hint: None,
            }],
            token: None,
            user: None,
            session: None,
            good,
            verdict,
        })
    }

    /// Explains a token that was not signed here. Nothing in it can be believed, so nothing is looked up.
    fn explain_foreign(&self, token: &str, now: SystemTime) -> Explained {
        let as_access = self.tokens().access_verifier().explain::<Access>(token, now);
        let as_refresh = self.tokens().explain_refresh(token, now);
        let (kind, explanation) = if has_type(&as_access) {
            (Kind::Access, as_access)
        } else if has_type(&as_refresh) {
            (Kind::Refresh, as_refresh)
        } else {
            (Kind::Unknown, as_access)
        };
        Explained {
            kind,
            checks: made(&explanation),
            token: None,
            user: None,
            session: None,
            good: false,
            verdict: verdict::of_foreign(&explanation),
        }
    }
}

const PASSED: &str = "passed";

fn made(explanation: &Explanation) -> Vec<CheckMade> {
    let checks = explanation.checks().iter();
    checks
        .map(|check| CheckMade {
            name: check.name,
            outcome: match check.outcome {
                Outcome::Passed => PASSED,
                Outcome::Failed(_) => "failed",
                Outcome::Skipped => "skipped",
            },
            reason: match &check.outcome {
                Outcome::Failed(error) => Some(error.to_string()),
                Outcome::Passed | Outcome::Skipped => None,
            },
            hint: check.outcome.hint(),
        })
        .collect()
}

fn has_type(explanation: &Explanation) -> bool {
    let mut checks = explanation.checks().iter();
    checks.any(|check| check.name == "typ" && matches!(check.outcome, Outcome::Passed))
}

fn user_of<C>(verified: &Verified<C>) -> Option<UserId> {
    verified.subject()?.parse().ok()
}
