//! Issuing tokens inside an application.

mod claims;

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use base64_simd::URL_SAFE_NO_PAD as BASE64URL;
use jeton::{Claims, Draft, IssueError, Issuer, SigningKey, Verifier, jws};
use serde::Serialize;
use serde_json::{Map, Value};

use self::claims::Merged;
pub use self::claims::Refresh;
use crate::{clock::Clock, random::random};

/// How long access tokens live unless it is set.
const ACCESS: Duration = Duration::from_mins(15);
/// How long refresh tokens live unless it is set.
const REFRESH: Duration = Duration::from_hours(7 * 24);

/// A user of the application, as the issuer of its tokens sees them.
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
    verifier: Verifier,
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
    pub fn new(
        key: SigningKey,
        issuer: impl Into<String>,
        audience: impl Into<String>,
        clock: impl Clock,
    ) -> Self {
        let (issuer, audience) = (issuer.into(), audience.into());
        let verifier = Verifier::builder(key.verifying_key())
            .issuer(&issuer)
            .audience(&audience)
            .build();
        Self {
            access: Issuer::new(key.clone(), &issuer, ACCESS),
            refresh: Issuer::new(key.clone(), &issuer, REFRESH),
            key,
            verifier,
            audience: audience.into(),
            clock: Arc::new(clock),
            access_lifetime: ACCESS,
            refresh_lifetime: REFRESH,
            ids: Arc::new(random_id),
        }
    }

    /// How long access tokens live, in whole seconds; 15 minutes unless set.
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
    #[must_use]
    pub fn ids(mut self, ids: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.ids = Arc::new(move || Ok(ids()));
        self
    }

    /// The verifier of these tokens, access and refresh alike.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        self.verifier.clone()
    }

    /// An access token for this user.
    pub fn create_access_token(&self, user: &impl Identity<C>) -> Result<String, IssueError> {
        self.access_token(user).create()
    }

    /// A refresh token for this user: it says who they are and no more.
    pub fn create_refresh_token(&self, user: &impl Identity<C>) -> Result<String, IssueError> {
        self.refresh_token(user).create()
    }

    /// An access token with claims or a lifetime of its own.
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

/// A token about to be issued.
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
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.additional.insert(name.into(), value.into());
        self
    }

    /// Adds a member to this token's header, in the place of the user's of that name. The library's own,
    /// `typ alg kid crit b64`, cannot be set.
    ///
    /// Verifiers see it by [`jeton::jws`] alone: put what a handler needs into a claim.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// How long this token lives, in whole seconds; below one, [`create`](Self::create) refuses.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Signs the token.
    pub fn create(self) -> Result<String, IssueError> {
        let Self {
            tokens,
            subject,
            kind,
            header,
            additional,
            lifetime,
        } = self;
        let id = (tokens.ids)()?;
        let (typ, token) = match kind {
            Kind::Access(claims) => {
                let claims = Merged::new(claims, additional)?;
                let draft = tokens
                    .access
                    .draft(&claims)
                    .subject(&subject)
                    .id(&id)
                    .lifetime(lifetime);
                (C::TYP, tokens.issue(draft)?)
            }
            Kind::Refresh => {
                let claims = Refresh::from(additional);
                let draft = tokens
                    .refresh
                    .draft(&claims)
                    .subject(&subject)
                    .id(&id)
                    .lifetime(lifetime);
                (Refresh::TYP, tokens.issue(draft)?)
            }
        };
        if header.is_empty() {
            Ok(token)
        } else {
            tokens.sign_under(&header, typ, &token)
        }
    }
}

impl<C> Tokens<C> {
    fn issue<D: Serialize>(&self, draft: Draft<'_, D>) -> Result<String, IssueError> {
        let now = self.clock.now();
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
            verifier: self.verifier.clone(),
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
