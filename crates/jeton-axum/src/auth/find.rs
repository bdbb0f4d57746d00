//! Looking for a request's token without verifying it.

use std::borrow::Cow;

use http::request::Parts;

use super::Auth;
use crate::{location, rejection::Rejection};

impl<C> Auth<C> {
    /// Finds a request's token and leaves it unverified: for a route that also knows tokens of other kinds and
    /// must look before it decides who verifies this one.
    ///
    /// ```
    /// # use jeton::{Algorithm, Claims, SigningKey, Verifier};
    /// # use jeton_axum::{Auth, SystemClock};
    /// # #[derive(serde::Deserialize)] struct Access {}
    /// # impl Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # let key = SigningKey::generate(Algorithm::Hs256)?;
    /// # let verifier = Verifier::builder(key.verifying_key()).any_issuer().any_audience().build();
    /// let auth = Auth::<Access>::new(verifier, SystemClock);
    /// let request = http::Request::get("/").header("authorization", "Bearer a.b.c").body(())?;
    /// let (parts, ()) = request.into_parts();
    /// assert_eq!(auth.find(&parts)?.as_deref(), Some("a.b.c"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find<'r>(&self, parts: &'r Parts) -> Result<Option<Cow<'r, str>>, Rejection> {
        let found = location::find(&self.rules.locations, parts)?;
        Ok(found.map(|found| found.token))
    }
}
