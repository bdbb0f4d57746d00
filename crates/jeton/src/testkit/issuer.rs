use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::Clock;
use crate::{Algorithm, Claims, IssueError, Issuer, JwkSet, KeyError, KeySet, SigningKey, Verifier};

/// An issuer in the same process, with a clock and keys of its own. Clones are the same issuer.
///
/// ```
/// # use jeton::{Claims, testkit::TestIssuer};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
/// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
/// let issuer = TestIssuer::new("https://id.example")?;
/// let text = issuer.token("user-1", "api", &Access { roles: vec![] })?;
/// let verifier = issuer.verifier("api");
/// assert!(verifier.verify_at::<Access>(&text, issuer.clock().now()).is_ok());
/// issuer.clock().advance(std::time::Duration::from_hours(1));
/// assert!(verifier.verify_at::<Access>(&text, issuer.clock().now()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestIssuer {
    issuer: Arc<str>,
    clock: Clock,
    /// The keys so far; the last one signs.
    keys: Arc<Mutex<Vec<SigningKey>>>,
}

impl TestIssuer {
    /// An issuer of this name with an ES256 key named `key-1`.
    ///
    /// ```
    /// # use jeton::{Claims, testkit::TestIssuer};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let issuer = TestIssuer::new("https://id.example")?;
    /// assert_eq!(issuer.key()?.kid(), Some("key-1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(issuer: &str) -> Result<Self, KeyError> {
        let issuer = Self {
            issuer: issuer.into(),
            clock: Clock::default(),
            keys: Arc::default(),
        };
        issuer.rotate()?;
        Ok(issuer)
    }

    /// The clock by which the issuer issues.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Signs with a new key from now on, `key-2` and so on; the old ones stay in the set.
    pub fn rotate(&self) -> Result<(), KeyError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let kid = format!("key-{}", keys.len() + 1);
        keys.push(SigningKey::generate(Algorithm::Es256)?.with_kid(kid));
        Ok(())
    }

    /// The key that signs now, for tokens that need more than [`token`](Self::token) says.
    pub fn key(&self) -> Result<SigningKey, KeyError> {
        self.keys().last().cloned().ok_or(KeyError::Crypto)
    }

    /// A token that lives for 15 minutes.
    ///
    /// ```
    /// # use jeton::{Claims, testkit::TestIssuer};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let issuer = TestIssuer::new("https://id.example")?;
    /// let text = issuer.token("user-1", "api", &Access { roles: vec!["editor".into()] })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn token<C: Claims + Serialize>(
        &self,
        subject: &str,
        audience: &str,
        claims: &C,
    ) -> Result<String, IssueError> {
        let key = self.key().map_err(|_| IssueError::Crypto)?;
        let issuer = Issuer::<C>::new(key, &*self.issuer, Duration::from_mins(15));
        issuer
            .draft(claims)
            .subject(subject)
            .audience(audience)
            .issue_at(self.clock.now())
    }

    /// The issuer's public keys.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        KeySet::new(self.keys().iter().map(SigningKey::verifying_key)).unwrap_or_default()
    }

    /// The issuer's public keys as it would publish them.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        self.key_set().to_jwks()
    }

    /// A verifier of its tokens for one audience, with the keys there are now.
    ///
    /// ```
    /// # use jeton::{Claims, testkit::TestIssuer};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access { roles: Vec<String> }
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let issuer = TestIssuer::new("https://id.example")?;
    /// let verifier = issuer.verifier("api");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn verifier(&self, audience: &str) -> Verifier {
        Verifier::builder(self.key_set())
            .issuer(&*self.issuer)
            .audience(audience)
            .build()
    }

    fn keys(&self) -> Vec<SigningKey> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
