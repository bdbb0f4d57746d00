use std::time::{Duration, SystemTime};

use crate::VerifyError;
use crate::claims::Registered;
use crate::encoding::seconds;

/// What a verifier asks of the claims.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// `None` accepts any.
    pub(super) issuers: Option<Vec<Box<str>>>,
    /// `None` accepts any.
    pub(super) audiences: Option<Vec<Box<str>>>,
    pub(super) leeway: Duration,
    pub(super) max_age: Option<Duration>,
    pub(super) max_size: usize,
    /// Names that are not registered ones.
    pub(super) required: Vec<Box<str>>,
    pub(super) required_registered: Vec<&'static str>,
}

impl Rules {
    /// `present` has a bit for each of `required` that the claims held.
    pub(super) fn check(
        &self,
        claims: &Registered<'_>,
        present: u64,
        now: SystemTime,
    ) -> Result<(), VerifyError> {
        self.check_required(claims, present)?;
        self.check_times(claims, seconds(now))?;
        self.check_issuer(claims)?;
        self.check_audience(claims)
    }

    fn check_required(&self, claims: &Registered<'_>, present: u64) -> Result<(), VerifyError> {
        for name in &self.required_registered {
            let absent = match *name {
                "sub" => claims.sub.is_none(),
                "jti" => claims.jti.is_none(),
                "iss" => claims.iss.is_none(),
                "aud" => claims.audiences().is_empty(),
                "nbf" => claims.nbf.is_none(),
                "iat" => claims.iat.is_none(),
                _ => claims.exp.is_none(),
            };
            if absent {
                return Err(missing(name));
            }
        }
        match self
            .required
            .iter()
            .enumerate()
            .find(|(bit, _)| present & (1 << bit) == 0)
        {
            Some((_, name)) => Err(missing(name)),
            None => Ok(()),
        }
    }

    fn check_times(&self, claims: &Registered<'_>, now: f64) -> Result<(), VerifyError> {
        let leeway = self.leeway.as_secs_f64();
        let expires = claims.exp.ok_or_else(|| missing("exp"))?;
        if now >= expires + leeway {
            let ago = Duration::try_from_secs_f64(now - expires).unwrap_or(Duration::MAX);
            return Err(VerifyError::Expired { ago });
        }
        if claims.nbf.is_some_and(|not_before| now + leeway < not_before) {
            return Err(VerifyError::NotYetValid);
        }
        if claims.iat.is_some_and(|issued| now + leeway < issued) {
            return Err(VerifyError::IssuedInFuture);
        }
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let issued = claims.iat.ok_or_else(|| missing("iat"))?;
        if now >= issued + max_age.as_secs_f64() + leeway {
            Err(VerifyError::TooOld)
        } else {
            Ok(())
        }
    }

    fn check_issuer(&self, claims: &Registered<'_>) -> Result<(), VerifyError> {
        let Some(issuers) = &self.issuers else {
            return Ok(());
        };
        let issuer = claims.iss.as_deref().ok_or_else(|| missing("iss"))?;
        if issuers.iter().any(|known| **known == *issuer) {
            Ok(())
        } else {
            Err(VerifyError::WrongIssuer)
        }
    }

    fn check_audience(&self, claims: &Registered<'_>) -> Result<(), VerifyError> {
        let Some(audiences) = &self.audiences else {
            return Ok(());
        };
        let named = claims.audiences();
        if named.is_empty() {
            return Err(missing("aud"));
        }
        let ours = |one: &str| audiences.iter().any(|known| **known == *one);
        if named.iter().any(|one| ours(one)) {
            Ok(())
        } else {
            Err(VerifyError::WrongAudience)
        }
    }
}

fn missing(name: &str) -> VerifyError {
    VerifyError::MissingClaim(name.to_owned())
}
