use std::fmt;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::rules::{CHECKS, Facts};
use super::{Verifier, check_signature};
use crate::claims::read;
use crate::jws::{Compact, Header};
use crate::token::decode_text;
use crate::{Claims, Registered, VerifyError};

/// Every check of a token with its outcome: the answer to "why was this refused?". It names claims and says
/// what to do, and shows neither the token nor any key.
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// let explanation = issuer.verifier("shop").explain::<Access>(&text, issuer.clock().now());
/// assert_eq!(explanation.error(), Some(&jeton::VerifyError::WrongAudience));
/// println!("{explanation}"); // a line for each check, with a hint below those that failed
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Explanation {
    checks: Vec<Check>,
}

/// One check and how it went.
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// let explanation = issuer.verifier("shop").explain::<Access>(&text, issuer.clock().now());
/// for jeton::Check { name, outcome } in explanation.checks() {
///     assert_eq!(matches!(outcome, jeton::Outcome::Failed(_)), *name == "aud");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Check {
    /// The subject of the check: `signature`, `exp`, `aud` and so on.
    pub name: &'static str,
    /// The outcome of the check.
    pub outcome: Outcome,
}

/// How a check went.
///
/// ```
/// # use jeton::{Claims, Verified, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
///
/// let explanation = issuer.verifier("shop").explain::<Access>(&text, issuer.clock().now());
/// let hint = explanation.checks().iter().find_map(|check| check.outcome.hint());
/// assert_eq!(hint, Some("ask the issuer for a token with this service's audience"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The check passed.
    Passed,
    /// The check failed, for this reason.
    Failed(VerifyError),
    /// The check could not be made, as one before it failed.
    Skipped,
}

impl Outcome {
    /// The way to mend a failure, where there is something to say.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Failed(error) => hint(error),
            Self::Passed | Self::Skipped => None,
        }
    }
}

impl Explanation {
    /// The checks in the order a verifier makes them.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The error that [`Verifier::verify_at`] answers: the first failure, if any.
    #[must_use]
    pub fn error(&self) -> Option<&VerifyError> {
        self.checks.iter().find_map(|check| match &check.outcome {
            Outcome::Failed(error) => Some(error),
            _ => None,
        })
    }

    /// Records a check; `None` when it failed.
    fn note<T>(&mut self, name: &'static str, result: Result<T, VerifyError>) -> Option<T> {
        let (outcome, value) = match result {
            Ok(value) => (Outcome::Passed, Some(value)),
            Err(error) => (Outcome::Failed(error), None),
        };
        self.checks.push(Check { name, outcome });
        value
    }

    fn skip(&mut self, names: impl IntoIterator<Item = &'static str>) {
        self.checks.extend(names.into_iter().map(|name| Check {
            name,
            outcome: Outcome::Skipped,
        }));
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Check { name, outcome } in &self.checks {
            match outcome {
                Outcome::Passed => writeln!(f, "ok      {name}")?,
                Outcome::Skipped => writeln!(f, "-       {name}")?,
                Outcome::Failed(error) => match outcome.hint() {
                    Some(hint) => writeln!(f, "FAILED  {name}: {error}\n        {hint}")?,
                    None => writeln!(f, "FAILED  {name}: {error}")?,
                },
            }
        }
        Ok(())
    }
}

impl Verifier {
    /// Makes every check it can, also those behind a failure, and says how each went.
    ///
    /// ```
    /// # use std::time::{Duration, SystemTime};
    /// # use jeton::{Algorithm, Claims, Issuer, SigningKey, Verifier};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let key = SigningKey::generate(Algorithm::Es256)?;
    /// # let issuer = Issuer::<Access>::new(key.clone(), "https://id.example", Duration::from_mins(15));
    /// # let now = SystemTime::now();
    /// let token = issuer.issue_at("user-1", "api", Access { roles: vec![] }, now)?;
    /// let verifier =
    ///     Verifier::builder(key.verifying_key()).issuer("https://id.example").audience("shop").build();
    /// let explanation = verifier.explain::<Access>(&token, now);
    /// assert!(explanation.to_string().contains("FAILED  aud: the token is for another audience"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn explain<C: Claims + DeserializeOwned>(&self, token: &str, now: SystemTime) -> Explanation {
        let mut explanation = Explanation { checks: Vec::new() };
        let claims = ["claims"].into_iter().chain(CHECKS.map(|(name, _)| name));
        let Some(parts) = explanation.note("form", Compact::split(token, self.rules.max_size)) else {
            explanation.skip(["header", "key", "signature", "typ"].into_iter().chain(claims));
            return explanation;
        };
        self.explain_header::<C>(&parts, &mut explanation);
        match explanation.note("claims", decode_text(parts.payload)) {
            Some(json) => self.explain_claims::<C>(&json, now, &mut explanation),
            None => explanation.skip(CHECKS.map(|(name, _)| name)),
        }
        explanation
    }

    fn explain_header<C: Claims>(&self, parts: &Compact<'_>, explanation: &mut Explanation) {
        let json = decode_text(parts.header);
        let header = json.as_ref().map_err(Clone::clone).and_then(|json| {
            let header = Header::read(json)?;
            if header.critical {
                Err(VerifyError::Critical)
            } else {
                Ok(header)
            }
        });
        let Some(header) = explanation.note("header", header) else {
            return explanation.skip(["key", "signature", "typ"]);
        };
        match explanation.note("key", self.keys.candidates(&header)) {
            Some(keys) => {
                let valid = check_signature(keys, parts.message.as_bytes(), parts.signature);
                explanation.note("signature", valid);
            }
            None => explanation.skip(["signature"]),
        }
        explanation.note("typ", self.rules.check_type(header.typ.as_deref(), C::TYP));
    }

    /// Checks the claims. The last entry so far is that they were decoded; here it becomes that they were read.
    fn explain_claims<C: Claims + DeserializeOwned>(
        &self,
        json: &str,
        now: SystemTime,
        explanation: &mut Explanation,
    ) {
        explanation.checks.pop();
        let typed = read::<C>(json, &self.rules.required, &mut Registered::default());
        let typed = explanation.note("claims", typed).map(|(claims, _)| claims);
        // Claims that do not fit their type are still claims, and may fail for a more telling reason.
        let mut registered = Registered::default();
        let Ok(((), present)) = read::<()>(json, &self.rules.required, &mut registered) else {
            return explanation.skip(CHECKS.map(|(name, _)| name));
        };
        let facts = Facts::new(json, &registered, present, now);
        for (name, check) in CHECKS {
            explanation.note(name, check(&self.rules, facts));
        }
        if let Some(Err(reason)) = typed.map(|claims| claims.check(&registered)) {
            explanation.note(
                "own check of the claims type",
                Err::<(), _>(VerifyError::Refused(reason)),
            );
        }
    }
}

const fn hint(error: &VerifyError) -> Option<&'static str> {
    Some(match error {
        VerifyError::InvalidSignature => {
            "the key is another one, or the token was changed on the way: compare issuer and key set"
        }
        VerifyError::WrongAlgorithm => "import the key for the algorithm its issuer signs with",
        VerifyError::AmbiguousKey { .. } => {
            "give every key of the set a `kid`, and let the issuer write it into its headers"
        }
        VerifyError::WrongType { .. } => "a token of another kind was sent: an ID token, or a refresh token",
        VerifyError::MissingType { .. } => {
            "let the issuer write `typ`, or take tokens without one by `.profile(Profile::Jwt)`"
        }
        VerifyError::Expired { .. } => "get a new token; if it is new, compare the clocks",
        VerifyError::WrongAudience => "ask the issuer for a token with this service's audience",
        VerifyError::WrongIssuer => "compare `iss` with the configured issuer, down to the last slash",
        VerifyError::MissingClaim(_) => "what the verifier is told to check has to be there",
        VerifyError::UnsupportedAlgorithm => "`none` never verifies; for others see `Algorithm::ALL`",
        _ => return None,
    })
}
