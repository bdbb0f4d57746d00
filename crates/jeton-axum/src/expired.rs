//! Tokens that were good once.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use jeton::{Claims, Unverified, Verified, Verifier, json::Object};
use serde::de::DeserializeOwned;

/// The token of a request that came too late: what [`Rejection::Expired`](crate::Rejection::Expired) holds.
///
/// Its claims are read by whoever asks for them, to write another body, a log or a hint:
///
/// ```
/// use axum::response::IntoResponse;
/// use jeton_axum::{Auth, Rejection};
/// # #[derive(serde::Deserialize)] struct Access { username: String }
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
/// # fn example(auth: Auth<Access>) -> Auth<Access> {
/// auth.rejections(|rejection| {
///     let Rejection::Expired(expired) = rejection else { return rejection.message().into_response() };
///     match expired.token::<Access>() {
///         Some(token) => format!("Welcome back, {}: sign in again", token.claims().username).into_response(),
///         None => "Sign in again".into_response(),
///     }
/// })
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Expired {
    presented: Option<Presented>,
}

/// A token, who refused it, and a time at which it was good.
#[derive(Clone)]
struct Presented {
    text: Box<str>,
    by: Verifier,
    then: SystemTime,
}

impl Expired {
    pub(crate) fn new(text: &str, by: Verifier, expired_at: Option<SystemTime>) -> Self {
        // A second earlier it was good without any leeway.
        let then = expired_at.and_then(|time| time.checked_sub(Duration::from_secs(1)));
        let text = text.into();
        Self {
            presented: then.map(|then| Presented { text, by, then }),
        }
    }

    /// The token as it was verified for its last second: its signature, type, issuer, audience and everything else a
    /// verifier asks. Whether it was revoked is not asked.
    ///
    /// `None` where more is wrong with it than its age, and where the rejection was made from an error alone and knows
    /// no token.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton::testkit::TestIssuer;
    /// # use jeton_axum::{Auth, Rejection};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let issuer = TestIssuer::new("https://id.example")?;
    /// # let auth = Auth::<Access>::new(issuer.verifier("api"), issuer.clock().clone());
    /// # let text = issuer.token("user-1", "api", &Access {})?;
    /// issuer.clock().advance(Duration::from_hours(24));
    /// let Err(Rejection::Expired(expired)) = auth.check(&text) else { panic!() };
    /// let token = expired.token::<Access>().unwrap();
    /// assert_eq!((token.issuer(), token.subject()), (Some("https://id.example"), Some("user-1")));
    /// assert!(token.expires_at() < issuer.clock().now() && token.header().0.contains_key("alg"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn token<C: Claims + DeserializeOwned>(&self) -> Option<ExpiredToken<C>> {
        let Presented { text, by, then } = self.presented.as_ref()?;
        let token = by.verify_at(text, *then).ok()?;
        let header = Unverified::parse_within(text.len(), text).ok()?.header();
        Some(ExpiredToken { token, header })
    }
}

/// `Debug` does not show the token.
impl fmt::Debug for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expired").finish_non_exhaustive()
    }
}

/// A token that has expired, read by [`Expired::token`]: verified, and good for nothing.
///
/// This type gives out no [`Verified`], so nothing that asks for a good token takes it.
///
/// ```
/// use jeton_axum::ExpiredToken;
/// # struct Access;
/// fn line_for_the_log(token: &ExpiredToken<Access>) -> String {
///     let (subject, kid) = (token.subject().unwrap_or("nobody"), &token.header().0["kid"]);
///     format!("{subject} came with a token of {:?}, signed by {kid}", token.expires_at())
/// }
/// ```
pub struct ExpiredToken<C> {
    token: Verified<C>,
    header: Object,
}

impl<C> ExpiredToken<C> {
    /// The claims beside the registered ones.
    #[must_use]
    pub fn claims(&self) -> &C {
        self.token.claims()
    }

    /// Every claim by its name, the registered ones too.
    #[must_use]
    pub fn all_claims(&self) -> Object {
        self.token.all_claims()
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.token.issuer()
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.token.subject()
    }

    /// `jti`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.token.id()
    }

    /// `exp`, which has passed.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.token.expires_at()
    }

    /// Every member of its header.
    #[must_use]
    pub fn header(&self) -> &Object {
        &self.header
    }
}

impl<C> fmt::Debug for ExpiredToken<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExpiredToken").finish_non_exhaustive()
    }
}
