use std::borrow::Cow;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::VerifyError;
use crate::claims::{Lookup, Registered, lookup};
use crate::encoding::seconds;
use crate::jws::same_type;

/// The rules of a verifier about a token, beyond its signature.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) profile: Option<Profile>,
    /// `None` accepts any.
    pub(super) issuers: Option<Vec<Box<str>>>,
    /// `None` accepts any.
    pub(super) audiences: Option<Vec<Box<str>>>,
    pub(super) leeway: Duration,
    pub(super) max_age: Option<Duration>,
    pub(super) max_size: usize,
    /// Required claims: different names that are not registered ones.
    pub(super) required: Vec<Box<str>>,
    pub(super) required_registered: Vec<&'static str>,
    pub(super) subject: Option<Box<str>>,
    pub(super) id: Option<Box<str>>,
    /// Claims that are not registered ones, and the text each must be.
    pub(super) expected: Vec<(Box<str>, Box<str>)>,
    pub(super) hooks: Vec<Hook>,
    pub(super) not_before: Option<Cutoff>,
}

/// The rules of a kind of token by its own standard.
///
/// ```
/// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
/// // Tokens of PyJWT and others that need not say which kind they are.
/// let verifier = builder.profile(jeton::Profile::Jwt).build();
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A plain JWT (RFC 7519): `typ` may be absent; if it is there it is that of the claims type.
    Jwt,
    /// An access token (RFC 9068 §2.2): `typ` is `at+jwt`, and `iss`, `exp`, `aud`, `sub`, `client_id`, `iat`
    /// and `jti` are required.
    AccessToken,
    /// An ID token (OIDC Core 1.0 §2, §3.1.3.7): `typ` may be absent or `JWT`; `iss`, `sub`, `aud` and
    /// `iat` are required; with several audiences `azp` is too, and where it stands it is one of those the
    /// verifier accepts.
    IdToken,
}

/// A check of the application's own.
#[derive(Clone)]
pub(super) struct Hook(pub(super) Arc<HookFn>);
type HookFn = dyn Fn(&Registered<'_>) -> Result<(), Cow<'static, str>> + Send + Sync;

/// The function that says since when a subject's tokens are accepted.
#[derive(Clone)]
pub(super) struct Cutoff(pub(super) Arc<CutoffFn>);
type CutoffFn = dyn Fn(&str) -> Option<SystemTime> + Send + Sync;

// A verifier calls them and keeps nothing of them, so no panic leaves it half-changed.
impl UnwindSafe for Hook {}
impl RefUnwindSafe for Hook {}
impl UnwindSafe for Cutoff {}
impl RefUnwindSafe for Cutoff {}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

impl fmt::Debug for Cutoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cutoff")
    }
}

/// The claims a check looks at.
#[derive(Clone, Copy)]
pub(super) struct Facts<'c> {
    pub(super) json: &'c str,
    pub(super) claims: &'c Registered<'c>,
    /// How many of [`Rules::required`] there were.
    pub(super) present: usize,
    pub(super) now: f64,
}

type Check = fn(&Rules, Facts<'_>) -> Result<(), VerifyError>;

/// The checks of the claims in their order, by the names an explanation gives them.
pub(super) const CHECKS: [(&str, Check); 11] = [
    ("required claims", Rules::check_required),
    ("exp", Rules::check_expiry),
    ("nbf", Rules::check_not_before),
    ("iat", Rules::check_issued),
    ("age", Rules::check_age),
    ("iss", Rules::check_issuer),
    ("aud", Rules::check_audience),
    ("sub and jti", Rules::check_subject_and_id),
    ("accepted since", Rules::check_cutoff),
    ("expected claims", Rules::check_expected),
    ("own checks", Rules::check_hooks),
];

impl<'c> Facts<'c> {
    pub(super) fn new(json: &'c str, claims: &'c Registered<'c>, present: usize, now: SystemTime) -> Self {
        Self {
            json,
            claims,
            present,
            now: seconds(now),
        }
    }

    /// The registered claims alone, for checks that look at no others.
    pub(super) fn of(claims: &'c Registered<'c>, now: SystemTime) -> Self {
        Self::new("", claims, 0, now)
    }
}

impl Rules {
    pub(super) fn check(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        CHECKS.iter().try_for_each(|(_, check)| check(self, facts))
    }

    /// The checks whose outcome may differ when the same token is seen again.
    pub(super) fn recheck(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        self.check_expiry(facts)?;
        self.check_not_before(facts)?;
        self.check_issued(facts)?;
        self.check_age(facts)?;
        self.check_cutoff(facts)?;
        self.check_hooks(facts)
    }

    /// Checks the type: `named` is the header's `typ`, `own` that of the claims type.
    pub(super) fn check_type(&self, named: Option<&str>, own: &'static str) -> Result<(), VerifyError> {
        if self.profile.is_none() && named == Some(own) {
            return Ok(());
        }
        let expected = match self.profile {
            Some(Profile::AccessToken) => "at+jwt",
            Some(Profile::IdToken) => "JWT",
            Some(Profile::Jwt) | None => own,
        };
        let optional = matches!(self.profile, Some(Profile::Jwt | Profile::IdToken));
        match named {
            Some(named) if same_type(named, expected) && same_type(own, expected) => Ok(()),
            Some(_) => Err(VerifyError::WrongType { expected }),
            None if optional => Ok(()),
            None => Err(VerifyError::MissingType { expected }),
        }
    }

    fn check_required(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let claims = facts.claims;
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
        // No name stands twice, so all are there when as many are there as are required.
        if facts.present == self.required.len() {
            return Ok(());
        }
        let absent = self
            .required
            .iter()
            .find(|name| lookup(facts.json, name) == Lookup::Absent);
        Err(missing(absent.map_or("", |name| name)))
    }

    fn check_expiry(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let expires = facts.claims.exp.ok_or_else(|| missing("exp"))?;
        if facts.now < expires + self.leeway.as_secs_f64() {
            return Ok(());
        }
        let ago = Duration::try_from_secs_f64(facts.now - expires).unwrap_or(Duration::MAX);
        Err(VerifyError::Expired { ago })
    }

    fn check_not_before(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let latest = facts.now + self.leeway.as_secs_f64();
        let early = facts.claims.nbf.is_some_and(|not_before| latest < not_before);
        if early {
            Err(VerifyError::NotYetValid)
        } else {
            Ok(())
        }
    }

    fn check_issued(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let latest = facts.now + self.leeway.as_secs_f64();
        let ahead = facts.claims.iat.is_some_and(|issued| latest < issued);
        if ahead {
            Err(VerifyError::IssuedInFuture)
        } else {
            Ok(())
        }
    }

    fn check_age(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let issued = facts.claims.iat.ok_or_else(|| missing("iat"))?;
        let end = issued + max_age.as_secs_f64() + self.leeway.as_secs_f64();
        if facts.now < end {
            Ok(())
        } else {
            Err(VerifyError::TooOld)
        }
    }

    fn check_issuer(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let Some(issuers) = &self.issuers else {
            return Ok(());
        };
        let issuer = facts.claims.iss.as_deref().ok_or_else(|| missing("iss"))?;
        if holds(issuers, issuer) {
            Ok(())
        } else {
            Err(VerifyError::WrongIssuer)
        }
    }

    fn check_audience(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let named = facts.claims.audiences();
        if self.profile == Some(Profile::IdToken) {
            self.check_authorized_party(facts.json, named.len())?;
        }
        let Some(audiences) = &self.audiences else {
            return Ok(());
        };
        if named.is_empty() {
            return Err(missing("aud"));
        }
        let ours = named.iter().any(|one| holds(audiences, one));
        if ours {
            Ok(())
        } else {
            Err(VerifyError::WrongAudience)
        }
    }

    fn check_authorized_party(&self, json: &str, audiences: usize) -> Result<(), VerifyError> {
        match lookup(json, "azp") {
            Lookup::Absent if audiences > 1 => Err(missing("azp")),
            Lookup::Absent => Ok(()),
            Lookup::Other => Err(VerifyError::InvalidClaim("azp")),
            Lookup::Text(party) => match &self.audiences {
                Some(ours) if !holds(ours, &party) => Err(VerifyError::WrongClaim("azp".to_owned())),
                _ => Ok(()),
            },
        }
    }

    fn check_subject_and_id(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        if let Some(subject) = &self.subject {
            let named = facts.claims.sub.as_deref().ok_or_else(|| missing("sub"))?;
            if *named != **subject {
                return Err(VerifyError::WrongSubject);
            }
        }
        if let Some(id) = &self.id {
            let named = facts.claims.jti.as_deref().ok_or_else(|| missing("jti"))?;
            if *named != **id {
                return Err(VerifyError::WrongId);
            }
        }
        Ok(())
    }

    fn check_cutoff(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        let Some(Cutoff(cutoff)) = &self.not_before else {
            return Ok(());
        };
        let subject = facts.claims.sub.as_deref().ok_or_else(|| missing("sub"))?;
        let Some(since) = cutoff(subject) else {
            return Ok(());
        };
        let issued = facts.claims.iat.ok_or_else(|| missing("iat"))?;
        if issued < seconds(since) {
            Err(VerifyError::Superseded)
        } else {
            Ok(())
        }
    }

    fn check_expected(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        for (name, expected) in &self.expected {
            match lookup(facts.json, name) {
                Lookup::Absent => return Err(missing(name)),
                Lookup::Text(text) if *text == **expected => {}
                _ => return Err(VerifyError::WrongClaim(name.to_string())),
            }
        }
        Ok(())
    }

    fn check_hooks(&self, facts: Facts<'_>) -> Result<(), VerifyError> {
        self.hooks
            .iter()
            .try_for_each(|Hook(hook)| hook(facts.claims))
            .map_err(VerifyError::Refused)
    }
}

fn holds(known: &[Box<str>], text: &str) -> bool {
    known.iter().any(|one| **one == *text)
}

fn missing(name: &str) -> VerifyError {
    VerifyError::MissingClaim(name.to_owned())
}
