//! Issuing tokens inside an application.

mod answer;
mod claims;
mod issued;

use std::{
    borrow::Cow,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64_simd::URL_SAFE_NO_PAD as BASE64URL;
use jeton::{Claims, Decided, Draft, IssueError, Issuer, SigningKey, Verifier, VerifierBuilder, jws};
use serde::Serialize;
use serde_json::{Map, Value};

use self::claims::Merged;
pub use self::{
    answer::SetCookies,
    claims::Refresh,
    issued::{Issued, NotIssued},
};
use crate::{clock::Clock, random::random};

/// How long access tokens live unless it is set.
const ACCESS: Duration = Duration::from_mins(15);
/// How long refresh tokens live unless it is set.
const REFRESH: Duration = Duration::from_hours(7 * 24);

/// A user of the application, as the issuer of its tokens sees them. [`Tokens`] has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its tokens with the claims `{C}` hold",
    label = "this type has to implement `jeton_axum::Identity<{C}>`",
    note = "`Identity` hands out `sub`, the id that stays, and the claims of the user's access tokens"
)]
pub trait Identity<C> {
    /// `sub`: an id that stays, rather than a name that changes.
    fn subject(&self) -> Cow<'_, str>;

    /// The claims of this user's access tokens.
    fn claims(&self) -> C;

    /// Header members of this user's tokens, access and refresh, beside `typ`, `alg` and `kid`; none unless
    /// this is written.
    fn header(&self) -> Map<String, Value> {
        Map::new()
    }
}

/// Issues an application's own access and refresh tokens.
///
/// Both are signed with one key and told apart by their `typ`: an access token has that of `C`, a refresh
/// token `rt+jwt`, and neither passes for the other. Each has a random `jti`, so it can be revoked alone.
///
/// Nothing is stored: a refresh token is good for as often as it is used, until it expires or is revoked.
/// Rotation, and noticing a stolen one that is used again, need a session in a database; the service has them.
///
/// ```
/// use std::borrow::Cow;
/// use jeton::{Algorithm, SigningKey};
/// use jeton_axum::{Auth, Identity, Refresh, SystemClock, Tokens};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Access { roles: Vec<String> }
/// impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// struct User { id: u64, admin: bool }
/// impl Identity<Access> for User {
///     fn subject(&self) -> Cow<'_, str> { self.id.to_string().into() }
///     fn claims(&self) -> Access {
///         Access { roles: if self.admin { vec!["admin".into()] } else { vec![] } }
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = SigningKey::generate(Algorithm::Es256)?;
/// let tokens = Tokens::<Access>::new(key, "https://app.example", "app", SystemClock);
/// let auth = Auth::<Access>::new(tokens.verifier(), SystemClock);        // for most routes
/// let refresh = Auth::<Refresh>::new(tokens.verifier(), SystemClock);    // for the one that refreshes
///
/// let ada = User { id: 7, admin: true };
/// let token = auth.check(&tokens.create_access_token(&ada)?)?;
/// assert_eq!((token.subject(), &*token.claims().roles[0]), (Some("7"), "admin"));
/// assert!(auth.check(&tokens.create_refresh_token(&ada)?).is_err());
/// # Ok(())
/// # }
/// ```
pub struct Tokens<C> {
    key: SigningKey,
    access: Issuer<Merged<C>>,
    refresh: Issuer<Refresh>,
    issuer: Arc<str>,
    audience: Arc<str>,
    clock: Arc<dyn Clock>,
    access_lifetime: Duration,
    refresh_lifetime: Duration,
    ids: Arc<Ids>,
}

type Ids = dyn Fn() -> Result<String, IssueError> + Send + Sync;

impl<C: Claims + Serialize> Tokens<C> {
    /// Issues tokens in the name of `issuer`, for `audience`, which for an application that reads its own
    /// tokens is itself.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// # use jeton_axum::{SystemClock, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// let key = SigningKey::generate(Algorithm::Es256)?;
    /// let tokens = Tokens::<Access>::new(key, "https://app.example", "app", SystemClock);
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn new(
        key: SigningKey,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        clock: impl Clock,
    ) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        Self {
            access: Issuer::new(key.clone(), &issuer, ACCESS),
            refresh: Issuer::new(key.clone(), &issuer, REFRESH),
            key,
            issuer: issuer.into(),
            audience: audience.into(),
            clock: Arc::new(clock),
            access_lifetime: ACCESS,
            refresh_lifetime: REFRESH,
            ids: Arc::new(random_id),
        }
    }

    /// How long access tokens live, in whole seconds; 15 minutes unless set.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton::Claims;
    /// # use jeton_axum::Tokens;
    /// fn short<C: Claims + serde::Serialize>(tokens: Tokens<C>) -> Tokens<C> {
    ///     tokens.access_lifetime(Duration::from_mins(5))
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, below one second: such tokens would expire as they are issued.
    #[must_use]
    pub fn access_lifetime(mut self, lifetime: Duration) -> Self {
        assert!(
            lifetime.as_secs() > 0,
            "Tokens::access_lifetime: at least one second"
        );
        self.access_lifetime = lifetime;
        self
    }

    /// How long refresh tokens live, in whole seconds; 7 days unless set.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton::Claims;
    /// # use jeton_axum::Tokens;
    /// fn long<C: Claims + serde::Serialize>(tokens: Tokens<C>) -> Tokens<C> {
    ///     tokens.refresh_lifetime(Duration::from_hours(30 * 24))
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, below one second: such tokens would expire as they are issued.
    #[must_use]
    pub fn refresh_lifetime(mut self, lifetime: Duration) -> Self {
        assert!(
            lifetime.as_secs() > 0,
            "Tokens::refresh_lifetime: at least one second"
        );
        self.refresh_lifetime = lifetime;
        self
    }

    /// Takes every `jti` from here instead of from the machine's random numbers. No two may be the same.
    ///
    /// ```
    /// # use std::sync::atomic::{AtomicU64, Ordering};
    /// # use jeton::Claims;
    /// # use jeton_axum::Tokens;
    /// fn numbered<C: Claims + serde::Serialize>(tokens: Tokens<C>) -> Tokens<C> {
    ///     let next = AtomicU64::new(0);
    ///     tokens.ids(move || next.fetch_add(1, Ordering::Relaxed).to_string())
    /// }
    /// ```
    #[must_use]
    pub fn ids(mut self, ids: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.ids = Arc::new(move || Ok(ids()));
        self
    }

    /// The verifier of these tokens, access and refresh alike.
    ///
    /// ```
    /// # use jeton_axum::{Auth, Refresh, SystemClock, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn guards(tokens: &Tokens<Access>) -> (Auth<Access>, Auth<Refresh>) {
    ///     (Auth::new(tokens.verifier(), SystemClock), Auth::new(tokens.verifier(), SystemClock))
    /// }
    /// ```
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.verifier_builder().build()
    }

    /// The verifier of these tokens before it is built, to be made stricter: an id, an age, less leeway.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::{Auth, SystemClock, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(tokens: &Tokens<Access>) -> Auth<Access> {
    /// let verifier = tokens.verifier_builder().require("jti").leeway(Duration::ZERO).build();
    /// Auth::<Access>::new(verifier, SystemClock)
    /// # }
    /// ```
    pub fn verifier_builder(&self) -> VerifierBuilder<Decided, Decided> {
        Verifier::builder(self.key.verifying_key())
            .issuer(&*self.issuer)
            .audience(&*self.audience)
    }

    /// An access token for this user.
    ///
    /// ```
    /// # use axum::Json;
    /// # use jeton_axum::{Identity, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn sign_in(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<Json<serde_json::Value>, NotIssued> {
    ///     Ok(Json(serde_json::json!({ "access_token": tokens.create_access_token(user)? })))
    /// }
    /// ```
    pub fn create_access_token(&self, user: &impl Identity<C>) -> Result<String, NotIssued> {
        Ok(self.access_token(user).create()?.text)
    }

    /// A refresh token for this user: it says who they are and no more. It outlives their roles and names, so whoever
    /// refreshes asks [`Identity::claims`] anew.
    ///
    /// ```
    /// # use jeton_axum::{Identity, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn pair(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<[String; 2], NotIssued> {
    ///     Ok([tokens.create_access_token(user)?, tokens.create_refresh_token(user)?])
    /// }
    /// ```
    pub fn create_refresh_token(&self, user: &impl Identity<C>) -> Result<String, NotIssued> {
        Ok(self.refresh_token(user).create()?.text)
    }

    /// An access token with claims or a lifetime of its own, or whose id and end are wanted beside it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::{Identity, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<(), NotIssued> {
    /// let token = tokens.access_token(user).claim("tenant", 7).lifetime(Duration::from_mins(1)).create()?;
    /// println!("{} ends at {:?}", token.id, token.expires_at);
    /// # Ok(())
    /// # }
    /// ```
    pub fn access_token<'a, U: Identity<C>>(&'a self, user: &'a U) -> NewToken<'a, C> {
        NewToken {
            tokens: self,
            subject: user.subject(),
            kind: Kind::Access(user.claims()),
            header: user.header(),
            additional: Map::new(),
            lifetime: self.access_lifetime,
        }
    }

    /// A refresh token with claims or a lifetime of its own.
    ///
    /// ```
    /// # use jeton_axum::{Identity, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<(), NotIssued> {
    /// let token = tokens.refresh_token(user).claim("device", "phone").create()?;
    /// println!("revoked by {}", token.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh_token<'a, U: Identity<C>>(&'a self, user: &'a U) -> NewToken<'a, C> {
        NewToken {
            tokens: self,
            subject: user.subject(),
            kind: Kind::Refresh,
            header: user.header(),
            additional: Map::new(),
            lifetime: self.refresh_lifetime,
        }
    }
}

/// A token about to be issued. [`Tokens::access_token`] has an example.
#[must_use = "a new token is issued by `create`"]
pub struct NewToken<'a, C> {
    tokens: &'a Tokens<C>,
    subject: Cow<'a, str>,
    kind: Kind<C>,
    header: Map<String, Value>,
    additional: Map<String, Value>,
    lifetime: Duration,
}

enum Kind<C> {
    Access(C),
    Refresh,
}

impl<C: Claims + Serialize> NewToken<'_, C> {
    /// Adds a claim to this token alone. It takes the place of one of that name in the user's claims; the
    /// registered ones (RFC 7519 §4.1) cannot be replaced.
    ///
    /// ```
    /// # use jeton_axum::{Identity, Issued, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn just_signed_in(tokens: &Tokens<Access>, user: &impl Identity<Access>, now: u64) -> Result<Issued, NotIssued> {
    ///     tokens.access_token(user).claim("auth_time", now).create()
    /// }
    /// ```
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.additional.insert(name.into(), value.into());
        self
    }

    /// Adds a member to this token's header, in the place of the user's of that name. The library's own,
    /// `typ alg kid crit b64`, cannot be set.
    ///
    /// Verifiers see it by [`jeton::jws`] alone: put what a handler needs into a claim.
    ///
    /// ```
    /// # use jeton_axum::{Identity, Issued, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn routed(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<Issued, NotIssued> {
    ///     tokens.access_token(user).header("region", "eu").create()
    /// }
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// How long this token lives, in whole seconds; below one, [`create`](Self::create) refuses.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton_axum::{Identity, Issued, NotIssued, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn for_a_link(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<Issued, NotIssued> {
    ///     tokens.access_token(user).lifetime(Duration::from_secs(30)).create()
    /// }
    /// ```
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Signs the token.
    ///
    /// ```
    /// # use jeton::{Algorithm, SigningKey};
    /// # use jeton_axum::{Auth, Identity, SystemClock, Tokens};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # struct Ada;
    /// # impl Identity<Access> for Ada {
    /// #     fn subject(&self) -> std::borrow::Cow<'_, str> { "ada".into() }
    /// #     fn claims(&self) -> Access { Access {} }
    /// # }
    /// # let tokens = Tokens::<Access>::new(SigningKey::generate(Algorithm::Hs256)?, "https://app.example", "app", SystemClock);
    /// # let auth = Auth::<Access>::new(tokens.verifier(), SystemClock);
    /// let token = tokens.access_token(&Ada).create()?;
    /// let read = auth.check(&token.text)?;
    /// assert_eq!((read.id(), read.expires_at()), (Some(&*token.id), token.expires_at));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create(self) -> Result<Issued, NotIssued> {
        let Self {
            tokens,
            subject,
            kind,
            header,
            additional,
            lifetime,
        } = self;
        let id = (tokens.ids)()?;
        let now = tokens.clock.now();
        let (typ, token) = match kind {
            Kind::Access(claims) => {
                let claims = Merged::new(claims, additional)?;
                let draft = tokens
                    .access
                    .draft(&claims)
                    .subject(&subject)
                    .id(&id)
                    .lifetime(lifetime);
                (C::TYP, tokens.issue(draft, now)?)
            }
            Kind::Refresh => {
                let claims = Refresh::from(additional);
                let draft = tokens
                    .refresh
                    .draft(&claims)
                    .subject(&subject)
                    .id(&id)
                    .lifetime(lifetime);
                (Refresh::TYP, tokens.issue(draft, now)?)
            }
        };
        let text = if header.is_empty() {
            token
        } else {
            tokens.sign_under(&header, typ, &token)?
        };
        Ok(Issued::new(text, id, now, lifetime))
    }
}

impl<C> Tokens<C> {
    fn issue<D: Serialize>(&self, draft: Draft<'_, D>, now: SystemTime) -> Result<String, IssueError> {
        draft.audience(&self.audience).not_before(now).issue_at(now)
    }

    /// Signs a token's claims again under a header of more members.
    fn sign_under(&self, header: &Map<String, Value>, typ: &str, token: &str) -> Result<String, IssueError> {
        if header.contains_key("typ") {
            return Err(IssueError::HeaderMember("typ".to_owned()));
        }
        let payload = token.split('.').nth(1).unwrap_or_default();
        let claims = BASE64URL
            .decode_to_vec(payload)
            .map_err(|_| IssueError::NotAnObject)?;
        let signer = jws::Signer::new(self.key.clone()).member("typ", typ);
        let add = |signer: jws::Signer, (name, value): (&String, &Value)| signer.member(name, value.clone());
        header.iter().fold(signer, add).sign(&claims)
    }
}

/// 128 random bits, in base64url.
fn random_id() -> Result<String, IssueError> {
    let id: [u8; 16] = random().map_err(|_| IssueError::Crypto)?;
    Ok(BASE64URL.encode_to_string(id))
}

// Written by hand because a derived one would ask for `C: Clone`.
impl<C> Clone for Tokens<C> {
    fn clone(&self) -> Self {
        Self {
            key: self.key.clone(),
            access: self.access.clone(),
            refresh: self.refresh.clone(),
            issuer: Arc::clone(&self.issuer),
            audience: Arc::clone(&self.audience),
            clock: Arc::clone(&self.clock),
            access_lifetime: self.access_lifetime,
            refresh_lifetime: self.refresh_lifetime,
            ids: Arc::clone(&self.ids),
        }
    }
}

impl<C> fmt::Debug for Tokens<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("audience", &self.audience)
            .field("access_lifetime", &self.access_lifetime)
            .field("refresh_lifetime", &self.refresh_lifetime)
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for NewToken<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").finish_non_exhaustive()
    }
}
