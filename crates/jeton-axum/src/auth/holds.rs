//! States that hold a guard.

use axum::extract::FromRef;

use super::Auth;

/// A router's state from which the guard of its routes can be had: the [`Auth`] itself, or a struct with one in it.
///
/// Every state of which axum's `FromRef` makes an `Auth<C>` has this trait; nobody else implements it. The extractors
/// ask for it, so that a router without a guard does not compile, and says so.
///
/// ```
/// use axum::extract::FromRef;
/// use jeton_axum::{Auth, HoldsAuth};
/// # #[derive(serde::Deserialize)] struct Access {}
/// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
///
/// #[derive(Clone, FromRef)]
/// struct App { auth: Auth<Access>, name: String }
///
/// fn time_of_the_guard(app: &App) -> std::time::SystemTime {
///     app.auth().now()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the router's state `{Self}` holds no `Auth<{C}>` to check tokens with",
    label = "there is no guard in the state `{Self}`",
    note = "give the router `.with_state(auth)`, or derive `axum::extract::FromRef` for a state with a field of the type \
            `Auth<{C}>`"
)]
pub trait HoldsAuth<C> {
    /// The guard.
    fn auth(&self) -> Auth<C>;
}

// Without this the compiler would name `FromRef`, and nobody would know of what.
#[diagnostic::do_not_recommend]
impl<S, C> HoldsAuth<C> for S
where
    Auth<C>: FromRef<S>,
{
    fn auth(&self) -> Auth<C> {
        Auth::from_ref(self)
    }
}
