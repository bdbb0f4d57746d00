//! Bearer tokens for axum: a route says what it asks of a token in its signature, and this crate answers
//! everyone who does not bring it, as RFC 6750 says.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use axum::{Router, routing::get};
//! use jeton::{Algorithm, Claims, Issuer, SigningKey, Verified, Verifier};
//! use jeton_axum::{Auth, Authorized, Bearer, Denied, Policy, SystemClock};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Access { roles: Vec<String> }
//! impl Claims for Access { const TYP: &'static str = "at+jwt"; }
//!
//! struct Admin;
//! impl Policy for Admin {
//!     type Claims = Access;
//!     fn allows(token: &Verified<Access>, _now: SystemTime) -> Result<(), Denied> {
//!         if token.claims().roles.iter().any(|role| role == "admin") { Ok(()) } else { Err(Denied::Role) }
//!     }
//! }
//!
//! async fn me(Bearer(token): Bearer<Access>) -> String {           // absent or bad: 401
//!     token.subject().unwrap_or_default().to_owned()
//! }
//! async fn feed(token: Option<Bearer<Access>>) -> &'static str {   // absent: None; bad: still 401
//!     if token.is_some() { "your feed" } else { "everybody's feed" }
//! }
//! async fn purge(_: Authorized<Admin>) {}                          // not an admin: 403
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate(Algorithm::Hs256)?;                // or hs256(secret), from_pem(..)
//! let verifier = Verifier::builder(key.verifying_key()).issuer("https://id.example").audience("api").build();
//! let auth = Auth::<Access>::new(verifier, SystemClock);
//!
//! let admin = Router::new().route("/stats", get(async || "all is well")).route_layer(auth.require::<Admin>());
//! let app: Router = Router::new()
//!     .route("/me", get(me))
//!     .route("/feed", get(feed))
//!     .route("/purge", get(purge))
//!     .merge(admin)
//!     .with_state(auth);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to read on
//!
//! - [`Auth`] is the set-up: keys, token locations, revocations, CSRF, renewal, bodies of refusals.
//! - [`Bearer`], [`Authorized`], [`CurrentUser`] are what handlers take; [`Auth::require`] and [`Auth::guard`]
//!   go over many routes. [`Fresh`], [`HasRole`], [`HasScope`] and [`SignedIn`] are policies; write your own.
//!   [`Permit`] is for rules that look at the request or into a database.
//! - [`TokenLocation`]: headers, cookies, query, JSON body, WebSocket subprotocols. [`cookies`] and [`csrf`]
//!   write and check what browsers need.
//! - [`Tokens`] issues an application's own access and refresh tokens, [`Cookies::signed_in`](cookies::Cookies::signed_in)
//!   puts them on an answer.
#![cfg_attr(
    feature = "remote",
    doc = "- [`RemoteKeys`] fetches the keys of an issuer elsewhere, [`RevocationFeed`] follows what a Jeton service\n  has revoked. [`Issuers`] serves several issuers at once."
)]
#![cfg_attr(
    not(feature = "remote"),
    doc = "- [`Issuers`] serves several issuers at once; with the feature `remote`, their keys are fetched."
)]
//! - The examples each show one whole application; `docs/flask-jwt-extended.md` is for who comes from there.
//!
//! # What it promises
//!
//! - A handler that takes a [`Bearer`] or an [`Authorized`] runs only for a token that was verified, is not
//!   revoked and, for the latter, was allowed by the [`Policy`] its type names.
//! - A router whose state holds no [`Auth`] does not compile. There is no layer one can forget.
//! - A request's token is verified once, however many layers and extractors ask for it; with
//!   [`Auth::cached`], once for many requests.
//! - Every refusal carries its status, its challenge and `Cache-Control: no-store`, whatever body an
//!   application gives it ([`Auth::rejections`]), and repeats nothing that the client sent. Browsers alone may be sent
//!   to a page of the application to sign in ([`Auth::sign_in_page`]).
//! - A token from a cookie changes nothing without a CSRF token bound to its session ([`csrf`]).
//! - Revocations ([`Revocations`]) are looked up in memory and keys are replaced
//!   ([`Auth::replace_verifier`]) without stopping anyone. What has to be waited for, a [`Blocklist`]
//!   elsewhere or keys that are not there yet, is asked for by name; what cannot be known is 503, never a
//!   guess.
//!
//! # The answers
//!
//! | [`Rejection`] | status | `error` of the body | `error` of the challenge |
//! |---|---|---|---|
//! | `Missing` | 401 | `token_missing` | none, as RFC 6750 §3 asks |
//! | `Malformed` | 400, 413 | `invalid_request` | `invalid_request` |
//! | `Invalid` | 401 | `invalid_token` | `invalid_token` |
//! | [`Expired`] | 401 | `token_expired` | `invalid_token` |
//! | `Revoked` | 401 | `token_revoked` | `invalid_token` |
//! | `UserUnknown` | 401 | `user_unknown` | `invalid_token` |
//! | `Denied`, role or scope | 403 | `insufficient_scope` | `insufficient_scope` |
//! | `Denied`, sign-in too old | 401 | `insufficient_user_authentication` | the same, with `max_age` (RFC 9470) |
//! | `Csrf` | 403 | `csrf_failed` | no challenge |
//! | `Unavailable` | 503 | `revocation_stale` | no challenge |
//! | `KeysUnavailable` | 503 | `keys_unavailable` | no challenge |
//! | `GuardMissing`, `NotLookedFor` | 500 | `guard_missing` | no challenge |
//!
//! # What it does not do
//!
//! - It does not log people in and knows no passwords: that is an application's or the service's work.
//! - It does not read several schemes out of one `Authorization` header. RFC 9110 §11.6.2 makes it one set
//!   of credentials, and two readings of one header are how a proxy and an application come to disagree.
//! - It compares no `Origin` and answers no preflight: put `tower_http::cors` outside of it.
//! - It keeps no sessions, and asks nobody over the network but for the keys and the feed it is told to, and whom an
//!   application has told something by it.
//! - It logs nothing. [`Refused::rejection`] and its sources say why a request was turned away.

#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod bearer;
mod blocklist;
mod body;
mod cache;
mod challenge;
pub mod claims;
mod clock;
pub mod cookies;
pub mod csrf;
mod expired;
#[cfg(feature = "remote")]
mod feed;
mod fields;
mod guard;
mod location;
mod multipart;
#[cfg(feature = "remote")]
mod outbound;
mod permitted;
mod policies;
mod policy;
mod random;
mod refused;
mod rejection;
#[cfg(feature = "remote")]
mod remote;
mod require;
mod revocation;
mod sign_in;
mod tokens;
mod user;
mod verifiers;

pub use auth::{Auth, HoldsAuth};
pub use bearer::Bearer;
pub use blocklist::{MemoryBlocklist, NoId};
pub use clock::{Clock, SystemClock};
pub use expired::{Expired, ExpiredToken};
#[cfg(feature = "remote")]
pub use feed::{FeedError, FeedEvent, FeedSetUpError, Revocable, RevocationFeed, RevocationFeedBuilder};
pub use guard::{EXPIRES_IN, Guard, Guarded};
pub use location::{FoundIn, TokenLocation};
#[cfg(feature = "remote")]
pub use outbound::{Outbound, OutboundError};
pub use permitted::{NotPermitted, Permit, PermitRefused, Permitted};
pub use policies::{AuthTime, Fresh, HasRole, HasScope, Or, Role, Roles, Scope, Scopes};
pub use policy::{Authorized, Policy, SignedIn};
pub use refused::Refused;
pub use rejection::{Denied, Malformed, Rejection};
#[cfg(feature = "remote")]
pub use remote::{Event, FetchError, RemoteKeys, RemoteKeysBuilder, RemoteKeysError};
pub use require::{Answer, Require, Required};
pub use revocation::{Blocklist, Revocations, TokenStatus};
pub use sign_in::ReturnTo;
pub use tokens::{Identity, Issued, NewToken, NotIssued, Refresh, SetCookies, Tokens};
pub use user::{CurrentUser, LoadUser, UserRefused};
pub use verifiers::{Issuers, Verifiers};

/// The page's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../docs/flask-jwt-extended.md")]
struct ComingFromFlask;

/// Its Rust compiles.
#[cfg(all(doctest, feature = "remote"))]
#[doc = include_str!("../docs/verify-in-your-app.md")]
struct VerifyInYourApp;
