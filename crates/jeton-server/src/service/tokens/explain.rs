//! Explanations why a token is accepted or refused: every check with its outcome, and the facts in the database.

use std::time::SystemTime;

use jeton::{Explanation, Outcome, Verified, VerifyError};
use serde_json::{Map, Value};

use crate::{
    model::{
        id::{TokenId, UserId},
        session::Presented,
        time::Timestamp,
        user::User,
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

pub use {
    facts::{SessionFacts, TokenFacts, UserFacts, WhyOver},
    verdict::{Cause, Finding},
};

/// The explanation of a token. It names ids and times, and no secret.
#[derive(Clone, Debug)]
pub struct Explained {
    pub kind: Kind,
    pub checks: Vec<CheckMade>,
    /// Facts of a token that was signed here; none of another, whose claims anybody can have written.
    pub token: Option<TokenFacts>,
    pub user: Option<UserFacts>,
    pub session: Option<SessionFacts>,
    /// Whether the service knows more of it than is told here.
    pub is_withheld: bool,
    /// Whether the token would be accepted now.
    pub good: bool,
    pub finding: Finding,
    /// The answer in one sentence.
    pub verdict: String,
}

impl Explained {
    fn new(kind: Kind, checks: Vec<CheckMade>, finding: Finding) -> Self {
        Self {
            kind,
            checks,
            token: None,
            user: None,
            session: None,
            is_withheld: false,
            good: finding.is_good(),
            verdict: verdict::sentence(&finding, None, None),
            finding,
        }
    }

    fn with_facts(self, token: TokenFacts, user: Option<UserFacts>, session: Option<SessionFacts>) -> Self {
        Self {
            verdict: verdict::sentence(&self.finding, user.as_ref(), session.as_ref()),
            token: Some(token),
            user,
            session,
            ..self
        }
    }
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
    /// Why it failed.
    pub error: Option<VerifyError>,
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

    /// Explains a token to somebody. The service tells what it knows beyond the token's own words to administrators, and
    /// to the user it was issued to.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn explain_to(&self, reader: Option<&User>, token: &str) -> Result<Explained, Failure> {
        let may_know = |user: &&User| user.is_admin() || self.owner_of(token) == Some(user.id);
        match reader.filter(may_know) {
            Some(_) => self.explain(token).await,
            None => Ok(self.explain_itself(token)),
        }
    }

    /// Explains a token by its own words and the service's keys.
    fn explain_itself(&self, token: &str) -> Explained {
        let (now, tokens) = (self.clock.now(), self.tokens());
        let (kind, explanation) = if tokens.signed_refresh(token, now).is_some() {
            (Kind::Refresh, tokens.explain_refresh(token, now))
        } else if tokens.signed_access::<Access>(token, now).is_some() {
            (
                Kind::Access,
                tokens.access_verifier().explain::<Access>(token, now),
            )
        } else if tokens.signed_access::<ServiceAccess>(token, now).is_some() {
            let explanation = tokens.access_verifier().explain::<ServiceAccess>(token, now);
            (Kind::Access, explanation)
        } else {
            let sample = self.explain_sample(token);
            return sample.unwrap_or_else(|| self.explain_foreign(token, now));
        };
        Explained {
            is_withheld: true,
            ..Explained::new(kind, made(&explanation), verdict::of_itself(&explanation))
        }
    }

    /// The user to whom a token was issued here, whatever became of it.
    fn owner_of(&self, token: &str) -> Option<UserId> {
        let now = self.clock.now();
        match self.tokens().signed_refresh(token, now) {
            Some((verified, _)) => user_of(&verified),
            None => user_of(&self.tokens().signed_access::<Access>(token, now)?),
        }
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
        let finding = verdict::of_access(&explanation, status, &facts, user.as_ref(), session.as_ref());
        Explained::new(Kind::Access, made(&explanation), finding).with_facts(facts, user, session)
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
        let finding = verdict::of_refresh(&explanation, of_row, user.as_ref(), &session);
        let explained = Explained::new(Kind::Refresh, made(&explanation), finding);
        Ok(explained.with_facts(TokenFacts::of(verified), user, Some(session)))
    }

    fn explain_sample(&self, token: &str) -> Option<Explained> {
        let verified = self.verify_sample(token).transpose()?;
        let signature = CheckMade {
            name: "signature",
            outcome: PASSED,
            error: None,
            hint: None,
        };
        let finding = verdict::of_sample(&verified);
        Some(Explained::new(Kind::Playground, vec![signature], finding))
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
        Explained::new(kind, made(&explanation), verdict::of_foreign(&explanation))
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
            error: match &check.outcome {
                Outcome::Failed(error) => Some(error.clone()),
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
