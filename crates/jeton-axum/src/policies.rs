//! The policies most applications need: a recent sign-in, a role, a scope.

use std::{
    fmt,
    marker::PhantomData,
    time::{Duration, SystemTime},
};

use jeton::{Claims, DEFAULT_LEEWAY, Verified};
use serde::de::DeserializeOwned;

use crate::{policy::Policy, rejection::Denied};

/// Claims that say when the user last signed in: `auth_time` of RFC 9068 §2.2.1. [`Fresh`] has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say when its user signed in",
    label = "these claims have to implement `jeton_axum::AuthTime`",
    note = "`Fresh` reads a claim such as `auth_time`, which `AuthTime` hands to it"
)]
pub trait AuthTime {
    /// When the user signed in, not when the token was issued or renewed; `None` where nobody did.
    fn auth_time(&self) -> Option<SystemTime>;
}

/// The policy that the user signed in at most so many seconds ago: `Authorized<Fresh<Access, 300>>`.
///
/// A token that is older is answered with 401 `insufficient_user_authentication` and the age that would do
/// (RFC 9470 §3), so that a client can let the user sign in again and come back.
///
/// ```
/// # use std::time::{Duration, SystemTime};
/// # use jeton_axum::{AuthTime, Authorized, Fresh};
/// #[derive(serde::Deserialize)]
/// struct Access { auth_time: u64 }
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// impl AuthTime for Access {
///     fn auth_time(&self) -> Option<SystemTime> {
///         SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.auth_time))
///     }
/// }
///
/// async fn change_password(token: Authorized<Fresh<Access, 300>>) {}
/// ```
///
/// Zero seconds, within which nobody can have signed in, do not compile:
///
/// ```compile_fail
/// # use jeton_axum::{Auth, Authorized, Fresh, claims::Jeton};
/// # use axum::{Router, routing::get};
/// async fn nobody(token: Authorized<Fresh<Jeton, 0>>) {}
/// # let _: Router<Auth<Jeton>> = Router::new().route("/", get(nobody));
/// ```
pub struct Fresh<C, const SECONDS: u64>(PhantomData<fn() -> C>);

impl<C, const SECONDS: u64> Policy for Fresh<C, SECONDS>
where
    C: AuthTime + Claims + DeserializeOwned + Send + Sync + 'static,
{
    type Claims = C;

    fn allows(token: &Verified<C>, now: SystemTime) -> Result<(), Denied> {
        const { assert!(SECONDS > 0, "Fresh: no sign-in is zero seconds old") };
        let max_age = Duration::from_secs(SECONDS);
        let is_fresh =
            token
                .claims()
                .auth_time()
                .is_some_and(|signed_in| match now.duration_since(signed_in) {
                    Ok(age) => age <= max_age,
                    // The issuer's clock may be ahead. A sign-in beyond that has not happened.
                    Err(ahead) => ahead.duration() <= DEFAULT_LEEWAY,
                });
        if is_fresh {
            Ok(())
        } else {
            Err(Denied::Stale { max_age })
        }
    }
}

/// Claims that hold the user's roles. [`Role`] has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which roles its user has",
    label = "these claims have to implement `jeton_axum::Roles`",
    note = "a `Role` asks by `Roles::has_role` whether a claim such as `roles` holds it"
)]
pub trait Roles {
    /// Whether the user has exactly this role.
    fn has_role(&self, role: &str) -> bool;
}

/// A role, named by a type, and the roles above it.
///
/// ```
/// # use jeton_axum::{Authorized, HasRole, Role, Roles};
/// #[derive(serde::Deserialize)]
/// struct Access { roles: Vec<String> }
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// impl Roles for Access {
///     fn has_role(&self, role: &str) -> bool { self.roles.iter().any(|has| has == role) }
/// }
///
/// struct Editor;
/// impl Role for Editor {
///     type Claims = Access;
///     const NAME: &'static str = "editor";
///     const ABOVE: &'static [&'static str] = &["publisher", "admin"];
/// }
///
/// async fn edit(token: Authorized<HasRole<Editor>>) {}     // editors, publishers, administrators
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a role",
    label = "this type has to implement `jeton_axum::Role`",
    note = "write `impl jeton_axum::Role for {Self}`, with the claims it is read from and its name there"
)]
pub trait Role: 'static {
    /// The claims the role is read from.
    type Claims: Roles + Claims + DeserializeOwned + Send + Sync + 'static;
    /// The role's name in the claims.
    const NAME: &'static str;
    /// The roles that may do whatever this one may.
    const ABOVE: &'static [&'static str] = &[];
}

/// The policy that the user has a role, or one above it; others get 403 `insufficient_scope`. [`Role`] has an example.
pub struct HasRole<R>(PhantomData<fn() -> R>);

impl<R: Role> Policy for HasRole<R> {
    type Claims = R::Claims;

    fn allows(token: &Verified<R::Claims>, _now: SystemTime) -> Result<(), Denied> {
        let claims = token.claims();
        if claims.has_role(R::NAME) || R::ABOVE.iter().any(|role| claims.has_role(role)) {
            Ok(())
        } else {
            Err(Denied::Role)
        }
    }
}

/// Claims that hold what the token covers. [`Scope`] has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its token covers",
    label = "these claims have to implement `jeton_axum::Scopes`",
    note = "a `Scope` asks by `Scopes::has_scope` whether a claim such as `scope` holds it"
)]
pub trait Scopes {
    /// Whether the token covers exactly this scope. For the claim `scope` of RFC 8693 §4.2, which is a list
    /// between spaces: `self.scope.split(' ').any(|has| has == scope)`.
    fn has_scope(&self, scope: &str) -> bool;
}

/// A scope, named by a type.
///
/// ```
/// # use jeton_axum::{Authorized, HasScope, Scope, Scopes};
/// #[derive(serde::Deserialize)]
/// struct Access { scope: String }
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// impl Scopes for Access {
///     fn has_scope(&self, scope: &str) -> bool { self.scope.split(' ').any(|has| has == scope) }
/// }
///
/// struct ReadNotes;
/// impl Scope for ReadNotes {
///     type Claims = Access;
///     const NAME: &'static str = "notes:read";
/// }
///
/// async fn notes(token: Authorized<HasScope<ReadNotes>>) {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scope",
    label = "this type has to implement `jeton_axum::Scope`",
    note = "write `impl jeton_axum::Scope for {Self}`, with the claims it is read from and its name there"
)]
pub trait Scope: 'static {
    /// The claims the scope is read from.
    type Claims: Scopes + Claims + DeserializeOwned + Send + Sync + 'static;
    /// The scope's name in the claims.
    const NAME: &'static str;
}

/// The policy that the token covers a scope; others get 403 `insufficient_scope` and the scope's name in the
/// challenge (RFC 6750 §3). [`Scope`] has an example.
pub struct HasScope<S>(PhantomData<fn() -> S>);

impl<S: Scope> Policy for HasScope<S> {
    type Claims = S::Claims;

    fn allows(token: &Verified<S::Claims>, _now: SystemTime) -> Result<(), Denied> {
        if token.claims().has_scope(S::NAME) {
            Ok(())
        } else {
            Err(Denied::Scope(S::NAME))
        }
    }
}

/// Both, asked in this order: `Authorized<(HasRole<Admin>, Fresh<Access, 300>)>`.
impl<A, B> Policy for (A, B)
where
    A: Policy,
    B: Policy<Claims = A::Claims>,
{
    type Claims = A::Claims;

    fn allows(token: &Verified<A::Claims>, now: SystemTime) -> Result<(), Denied> {
        A::allows(token, now)?;
        B::allows(token, now)
    }
}

/// The policy that one of the two allows: `Authorized<Or<HasScope<ReadNotes>, HasRole<Admin>>>`.
///
/// Where neither does, the first one's answer is given: put the ordinary way before the exception.
///
/// ```
/// # use std::time::SystemTime;
/// # use jeton_axum::{Authorized, HasRole, HasScope, Or, Role, Scope, claims::Jeton};
/// struct Admin;
/// impl Role for Admin {
///     type Claims = Jeton;
///     const NAME: &'static str = "admin";
/// }
/// struct ReadNotes;
/// impl Scope for ReadNotes {
///     type Claims = Jeton;
///     const NAME: &'static str = "notes:read";
/// }
///
/// async fn notes(token: Authorized<Or<HasScope<ReadNotes>, HasRole<Admin>>>) {}
/// # let _: axum::Router<jeton_axum::Auth<Jeton>> = axum::Router::new().route("/", axum::routing::get(notes));
/// ```
pub struct Or<A, B>(PhantomData<fn() -> (A, B)>);

impl<A, B> Policy for Or<A, B>
where
    A: Policy,
    B: Policy<Claims = A::Claims>,
{
    type Claims = A::Claims;

    fn allows(token: &Verified<A::Claims>, now: SystemTime) -> Result<(), Denied> {
        A::allows(token, now).or_else(|denied| B::allows(token, now).map_err(|_| denied))
    }
}

impl<A, B> fmt::Debug for Or<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Or")
    }
}

impl<C, const SECONDS: u64> fmt::Debug for Fresh<C, SECONDS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fresh({SECONDS} s)")
    }
}

impl<R: Role> fmt::Debug for HasRole<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HasRole").field(&R::NAME).finish()
    }
}

impl<S: Scope> fmt::Debug for HasScope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HasScope").field(&S::NAME).finish()
    }
}
